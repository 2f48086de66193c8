"""The publishers' own rules, run by Saxon in a process apart.

The engine that the others are compared with, and the one to choose where the law or a contract asks for the
official rules to the letter. It needs the extra `official` and a store that an administrator has filled.
"""

import json
import struct
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import TracebackType

from lxml import etree

from nattbok.base.apart import Apart
from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking import schema, texts
from nattbok.formats.invoice.checking.store import RuleSet
from nattbok.formats.xml import Element

PATIENCE = 20.0  # seconds for one document
START = 60.0  # seconds for the style sheets to be compiled
RECYCLED = 500  # documents, after which the process is made anew: its memory only grows

_TROUBLE = _("The official rules could not be asked of the document: {detail}")


class NoEngine(Unreachable):
    """The package that runs the rules is not installed."""

    message = _("The official rules need the extra package “official” (saxonche).")


def is_installed() -> bool:
    """Whether the engine itself is there."""
    return find_spec("saxonche") is not None


@dataclass
class Official:
    """A process that holds documents to one version of the rules. Use with `with`; one thread at a time."""

    rules: RuleSet
    patience: float = PATIENCE
    process: Apart = field(init=False)

    def __post_init__(self) -> None:
        sheets = tuple(map(str, self.rules.sheets))
        self.process = Apart(f"{__package__}.worker", sheets, start=START, recycled=RECYCLED)

    def __enter__(self) -> "Official":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self, root: Element) -> list[Finding]:
        """What the schema and the rules say of the document whose root is `root`.

        It was parsed by us, without document type or entities; what is sent on is written anew from that. A
        document that the engine stumbles on, or that takes longer than `patience`, is held with the reason.
        """
        found = schema.findings(root)
        # The rules presuppose the schema, and may stumble where it is not met.
        return [*found, *(_finding(one) for one in self.failed(root) if one["id"] or not found)]

    def failed(self, root: Element) -> list[dict[str, str]]:
        """The failed assertions (id, flag, where, text), without the schema."""
        try:
            told = self._ask(etree.tostring(root, encoding="UTF-8"))
        except Unreachable as trouble:
            self.close()
            return [{"id": "", "flag": "fatal", "where": "", "text": str(trouble.words)}]
        return told["failed"]

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()

    def _ask(self, document: bytes) -> dict:
        if not is_installed():
            raise NoEngine
        return json.loads(self.process.ask(struct.pack(">I", len(document)) + document, self.patience))


def _finding(failed: dict[str, str]) -> Finding:
    code, said = failed["id"], failed["text"]
    if not code:
        return Finding(Severity.HOLD, "rules_not_asked", "", _TROUBLE, {"detail": said[:300]})
    sentence, values = texts.of(code)
    severity = Severity.NOTE if failed["flag"] == "warning" else Severity.HOLD
    return Finding(
        severity, code, failed["where"], sentence,
        {"code": code, "where": failed["where"], "detail": said[:500]} | values,
    )  # fmt: skip

"""The elements of one camt version by their short names, and the values they hold."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import _
from nattbok.formats import xml

_PLAIN = re.compile(r"[0-9]{1,18}\.[0-9]{2}", re.ASCII)
_DECIMALS_BEYOND_ORE = 5  # ISO's most; only of amounts that are information


class Names(dict[str, str]):
    """From "{namespace}Name" to "Name"; names of other namespaces give ""."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self._prefix = f"{{{namespace}}}"

    def __missing__(self, tag: str) -> str:
        name = tag.removeprefix(self._prefix) if tag.startswith(self._prefix) else ""
        self[tag] = name
        return name

    def tag(self, name: str) -> str:
        """The qualified name of `name`."""
        return self._prefix + name

    def parts(self, node: xml.Element) -> dict[str, xml.Element]:
        """The children of `node` by name; of several with one name the last."""
        return {self[child.tag]: child for child in node}

    def texts(self, node: xml.Element) -> dict[str, str]:
        """The texts of the children of `node` by name, without blanks around them."""
        return {self[child.tag]: (child.text or "").strip() for child in node}

    def down(self, node: xml.Element | None, *path: str) -> xml.Element | None:
        """The first element at `path` below `node`."""
        for step in path:
            if node is None:
                return None
            tag = self._prefix + step
            node = next((child for child in node if child.tag == tag), None)
        return node

    def text(self, node: xml.Element | None, *path: str) -> str:
        """The text at `path` below `node`; "" when there is none."""
        found = self.down(node, *path)
        return "" if found is None else (found.text or "").strip()

    def day(self, node: xml.Element | None) -> date | None:
        """The date in a Dt or DtTm below `node`."""
        if node is None or not len(node):
            return None
        written = node[0].text
        return None if written is None else _day(written.strip(), node[0])


def money(node: xml.Element | None, *, is_information: bool = False) -> tuple[Decimal, str] | None:
    """The amount and currency of an Amt. More than two decimals only when `is_information`."""
    if node is None:
        return None
    written = (node.text or "").strip()
    if _PLAIN.fullmatch(written) is not None and not len(node):
        return Decimal(written), node.get("Ccy") or ""
    decimals = _DECIMALS_BEYOND_ORE if is_information else 2
    amount = xml.decimal("" if len(node) else written, decimals=decimals, where=xml.place(node))
    return amount if is_information else rounded(amount), node.get("Ccy") or ""


def direction(node: xml.Element | None, beside: xml.Element) -> int:
    """1 for CRDT, money in; -1 for DBIT, money out."""
    written = "" if node is None else (node.text or "").strip()
    if written == "CRDT":
        return 1
    if written == "DBIT":
        return -1
    raise Unreadable(
        _("“{written}” is not a direction (CRDT or DBIT)."),
        where=xml.place(beside),
        code="camt_direction",
        written=written[:20],
    )


def account(names: Names, node: xml.Element | None) -> str:
    """The account number below an Id: IBAN, or Othr/Id; letters and digits only."""
    number = names.text(node, "Id", "IBAN") or names.text(node, "Id", "Othr", "Id")
    return "".join(letter for letter in number if letter.isalnum()).upper()


def bank_code(names: Names, node: xml.Element | None) -> str:
    """BkTxCd as "PMNT-RCDT-VCOM", or the bank's own code."""
    domain = names.down(node, "Domn")
    if domain is None:
        return names.text(node, "Prtry", "Cd")
    parts = names.parts(domain)
    words = [(parts["Cd"].text or "").strip()] if "Cd" in parts else []
    if "Fmly" in parts:
        family = names.texts(parts["Fmly"])
        words += [family.get("Cd", ""), family.get("SubFmlyCd", "")]
    return "-".join(words)


def charges(names: Names, node: xml.Element | None, currency: str) -> Decimal | None:
    """What a Chrgs says was taken, in `currency`; negative when given back, None when it does not say."""
    if node is None:
        return None
    total, found = ZERO, False
    records = [child for child in node if names[child.tag] == "Rcrd"] or [node]
    for record in records:
        parts = names.parts(record)
        given = money(parts.get("Amt", parts.get("TtlChrgsAndTaxAmt")), is_information=True)
        if given is not None and given[1] == currency:
            way = parts.get("CdtDbtInd")
            back = way is not None and direction(way, record) > 0
            total, found = total + (-given[0] if back else given[0]), True
    return total if found else None


def _day(written: str, node: xml.Element) -> date:
    try:
        return _known_day(written)
    except Unreadable:
        return xml.day(written, where=xml.place(node))


@lru_cache(maxsize=1024)
def _known_day(written: str) -> date:
    return xml.day(written)

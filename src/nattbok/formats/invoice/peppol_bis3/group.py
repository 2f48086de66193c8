"""One element of a UBL document with its children sorted by name, and the values they hold.

Text is that of the whole element, without blanks around it; an element that is empty is as if it were not
there. Amounts and dates are read strictly: what cannot be read raises Unreadable, it is never zero.
"""

import re
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.peppol_bis3.names import CAC, CBC, short
from nattbok.formats.xml import Element

# xs:decimal, and no longer than an amount, price or quantity can sensibly be.
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Group:
    """The children of `node` by name. `findings` is shared by all groups of a document."""

    __slots__ = ("_found", "currency", "findings", "path")

    def __init__(self, node: Element, path: str, findings: list[Finding], currency: str = "") -> None:
        self.path = path
        self.findings = findings
        self.currency = currency  # what amounts here must be in; "" before it is known
        self._found: dict[str, list[Element]] = {}
        found = self._found
        for child in node:
            tag = child.tag
            if tag in found:
                found[tag].append(child)
            else:
                found[tag] = [child]

    def __contains__(self, tag: str) -> bool:
        return tag in self._found

    def where(self, tag: str) -> str:
        """The path of the child `tag`."""
        return f"{self.path}/{short(tag)}"

    def one(self, tag: str) -> Element | None:
        """The child that there may be one of; a second is found fault with, since either could be meant."""
        nodes = self._found.get(tag)
        if nodes is None:
            return None
        if len(nodes) > 1:
            self.fault(
                "repeated_element",
                tag,
                _("{element} occurs {times} times; once is allowed."),
                element=short(tag),
                times=len(nodes),
            )
        return nodes[0]

    def group(self, tag: str) -> "Group | None":
        """The child `tag` as a group."""
        node = self.one(tag)
        return (
            None if node is None else Group(node, f"{self.path}/{short(tag)}", self.findings, self.currency)
        )

    def groups(self, tag: str) -> "list[Group]":
        """All children `tag`, each with its number in its path."""
        nodes = self._found.get(tag)
        if nodes is None:
            return []
        path = f"{self.path}/{short(tag)}"
        return [
            Group(node, f"{path}[{number}]", self.findings, self.currency)
            for number, node in enumerate(nodes, 1)
        ]

    def text(self, tag: str) -> str | None:
        """The text of the child `tag`, or None when there is none."""
        nodes = self._found.get(tag)
        if nodes is None:
            return None
        node = nodes[0] if len(nodes) == 1 else self.one(tag)
        return text(node)

    def texts(self, tag: str) -> str:
        """The texts of all children `tag`, one a line."""
        nodes = self._found.get(tag)
        return "" if nodes is None else "\n".join(filter(None, map(text, nodes)))

    def attribute(self, tag: str, name: str) -> str | None:
        """An attribute of the child `tag`."""
        nodes = self._found.get(tag)
        written = None if nodes is None else nodes[0].get(name)
        return written.strip() or None if written else None

    def number(self, tag: str) -> Decimal | None:
        """A quantity, price or percentage."""
        written = self.text(tag)
        return None if written is None else self._decimal(written, tag)

    def amount(self, tag: str, rule: str) -> Decimal | None:
        """An amount in the document's currency; `rule` is the one that allows it two decimals."""
        nodes = self._found.get(tag)
        if nodes is None:
            return None
        node = nodes[0] if len(nodes) == 1 else self.one(tag)
        written = text(node)
        if written is None:
            return None
        amount = self._decimal(written, tag)
        point = written.find(".")
        if point >= 0 and len(written) - point > 3:
            self.fault(
                rule,
                tag,
                _("{amount} has more than the two decimals of an amount."),
                amount=written,
            )
        if self.currency and node.get("currencyID", "").strip() != self.currency:
            self.fault(
                "PEPPOL-EN16931-R051",
                tag,
                _("The amount is in “{stated}”, but the document is in {currency}."),
                stated=node.get("currencyID", "")[:10],
                currency=self.currency,
            )
        return amount

    def needed(self, tag: str, decimals_rule: str, rule: str) -> Decimal:
        """An amount without which the document cannot be read; `rule` is the one that asks for it."""
        amount = self.amount(tag, decimals_rule)
        if amount is None:
            raise Unreadable(
                _("{element} is missing, so the document cannot be read."),
                where=self.where(tag),
                code=rule,
                element=short(tag),
            )
        return amount

    def day(self, tag: str) -> date | None:
        """A date. With a time zone it is that day all the same, but the rules forbid it."""
        written = self.text(tag)
        if written is None:
            return None
        if _DAY.fullmatch(written) is None:
            read = xml.day(written, where=self.where(tag))
            self.fault(
                "PEPPOL-EN16931-F001",
                tag,
                _("The date “{stated}” is not written as YYYY-MM-DD; it was read as {computed}."),
                stated=written[:40],
                computed=read.isoformat(),
            )
            return read
        return xml.day(written, where=self.where(tag))

    def fault(self, code: str, tag: str, sentence: str, **values: str | int | None) -> None:
        """Something that holds the document, found at the child `tag`."""
        self.findings.append(Finding(Severity.HOLD, code, self.where(tag), sentence, values))

    def _decimal(self, written: str, tag: str) -> Decimal:
        if _DECIMAL.fullmatch(written) is None:
            raise Unreadable(
                _("“{amount}” is not an amount."),
                where=self.where(tag),
                code="not_an_amount",
                amount=written[:40],
            )
        return Decimal(written)


def text(node: Element) -> str | None:
    """The text of `node` without blanks around it; None when nothing is left."""
    written = "".join(node.itertext()) if len(node) else node.text
    return written.strip() or None if written else None


def cbc(name: str) -> str:
    """The tag of a value."""
    return CBC + name


def cac(name: str) -> str:
    """The tag of a group of values."""
    return CAC + name

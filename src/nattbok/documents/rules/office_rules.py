"""Office rules: how an office codes what is bought, for all or some of its clients, whoever's bill it is.

A rule holds when all that it asks for is so. The first that holds, by their order, is used; what is set for
the supplier at the client outranks them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.known import codes
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.identity import org_key
from nattbok.documents.rules.parts import Part, text_key
from nattbok.documents.rules.shares import Share


class EmptyRule(Refused):
    """A rule that asks for nothing would code everything."""

    message = _("Say at least one thing that the bill must have: a seller, a text, or a class of goods.")


class RuleWithoutCoding(Refused):
    """A rule says where the cost goes."""

    message = _("Say the account, the split key or the template that the rule codes with.")


class BadRange(Refused):
    """Amounts in a rule are amounts, the smaller first."""

    message = _("“{written}” is not an amount, or the range is turned round.")


class NoSuchCountry(Refused):
    """Accounts and VAT codes are a country's."""

    message = _("“{written}” is not a country that books are kept in.")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a bill, and the part of it, must have; what is blank is not asked for."""

    org_numbers: tuple[str, ...] = ()  # any of them
    texts: tuple[str, ...] = ()  # any of them, in the part's text
    commodities: tuple[str, ...] = ()  # any of them; the class of goods begins so
    least: Decimal | None = None  # of the whole bill, whichever way it goes
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Coding:
    """Where it goes: an account, or a split key, or a template."""

    account: str = ""
    vat_code: str = ""
    shares: tuple[Share, ...] = ()
    template: str = ""
    months: int = 0


@dataclass(frozen=True, slots=True)
class OfficeRule:
    """A rule as it is in force at one client."""

    number: int
    version: int
    name: str
    country: str
    conditions: Conditions = field(default_factory=Conditions)
    coding: Coding = field(default_factory=Coding)
    author: str = ""  # who wrote this version

    @property
    def reason(self) -> Words:
        """Who decided."""
        return Words(
            _("office rule {number}, version {version}: {name}"),
            {"number": self.number, "version": self.version, "name": self.name},
        )


def match(part: Part, bill: Bill, rules: Sequence[OfficeRule], *, country: str) -> OfficeRule | None:
    """The first rule of `country` that holds for the part; `rules` are in their order."""
    return next((rule for rule in rules if rule.country == country and holds(rule, part, bill)), None)


def holds(rule: OfficeRule, part: Part, bill: Bill) -> bool:
    """Whether all that the rule asks for is so."""
    asked = rule.conditions
    if asked.org_numbers:
        own = {
            org_key(number, bill.seller_country)
            for number in (bill.seller_org_number, bill.seller_vat_number)
            if number
        }
        if own.isdisjoint(org_key(number, bill.seller_country) for number in asked.org_numbers):
            return False
    if asked.texts and not any(_in_text(text, part) for text in asked.texts):
        return False
    if asked.commodities and not any(
        part.commodity and part.commodity.startswith(each) for each in asked.commodities
    ):
        return False
    owed = abs(bill.owed or Decimal(0))
    return (asked.least is None or owed >= asked.least) and (asked.most is None or owed <= asked.most)


def _in_text(text: str, part: Part) -> bool:
    """Whether the words of `text` stand in the part's text, one after the other."""
    wanted = text_key(text)
    return bool(wanted) and f" {wanted} " in f" {part.key} "


def read_conditions(kept: Mapping) -> Conditions:
    """Conditions as they are kept or typed. Raises EmptyRule and BadRange."""
    least, most = _amount(kept.get("least")), _amount(kept.get("most"))
    if least is not None and most is not None and least > most:
        raise BadRange(written=f"{least} – {most}")
    found = Conditions(
        _several(kept.get("org_numbers")),
        _several(kept.get("texts")),
        _several(kept.get("commodities")),
        least,
        most,
    )
    if not (found.org_numbers or found.commodities or any(text_key(text) for text in found.texts)):
        raise EmptyRule()
    return found


def read_coding(kept: Mapping) -> Coding:
    """Coding as it is kept or typed. Raises RuleWithoutCoding and what the split key raises."""
    account, template = str(kept.get("account") or "").strip(), str(kept.get("template") or "").strip()
    keys = split_keys.read(kept.get("shares") or (), account=account)
    if not (account or keys or template):
        raise RuleWithoutCoding()
    return Coding(
        account, str(kept.get("vat_code") or "").strip(), keys, template, int(kept.get("months") or 0)
    )


def check_country(written: str) -> str:
    """The country's code; NoSuchCountry when no books are kept there."""
    if written not in codes():
        raise NoSuchCountry(written=written[:10])
    return written


def written_conditions(conditions: Conditions) -> dict:
    """Conditions as JSON can hold them."""
    return {
        "org_numbers": list(conditions.org_numbers),
        "texts": list(conditions.texts),
        "commodities": list(conditions.commodities),
        "least": None if conditions.least is None else str(conditions.least),
        "most": None if conditions.most is None else str(conditions.most),
    }


def written_coding(coding: Coding) -> dict:
    """Coding as JSON can hold it."""
    return {
        "account": coding.account,
        "vat_code": coding.vat_code,
        "shares": split_keys.written(coding.shares),
        "template": coding.template,
        "months": coding.months,
    }


def _several(kept: object) -> tuple[str, ...]:
    parts = kept.split(";") if isinstance(kept, str) else kept or ()
    return tuple(dict.fromkeys(found for each in parts if (found := str(each).strip()[:100])))[:50]


def _amount(kept: object) -> Decimal | None:
    if kept in (None, ""):
        return None
    written = str(kept).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        found = Decimal(written)
    except InvalidOperation:
        raise BadRange(written=str(kept)[:40]) from None
    if not found.is_finite() or found < 0 or found >= Decimal(10) ** 14:
        raise BadRange(written=str(kept)[:40])
    return found.quantize(Decimal("0.01"))

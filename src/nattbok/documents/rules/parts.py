"""The parts of a bill that are coded one by one: its lines, gathered under the VAT groups they are of.

VAT is stated for a group and not for a line, so the parts have the net only; their sum is the group's.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.base.money import ZERO, rounded, split
from nattbok.documents.rules.bill import Bill, Group
from nattbok.documents.rules.identity import org_key

MOST_WORDS = 24  # of one part; a longer text is told by its beginning
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
# So common on bills that they tell nothing of what is bought.
_EMPTY = frozenset(
    {
        "av", "for", "för", "fra", "iht", "inkl", "ink", "eks", "exkl", "pr", "per", "på", "til", "till",
        "med", "og", "och", "the", "of", "and", "stk", "st", "pcs", "nr", "no", "dato", "datum", "faktura",
        "invoice", "mva", "moms", "kr", "nok", "sek", "sum", "periode", "period", "mnd", "mån",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """What is coded by itself: a line of the bill, or a whole VAT group where its lines do not tell."""

    group: Group
    net: Decimal  # signed as owed
    text: str = ""
    item: str = ""  # the seller's number of it
    commodity: str = ""  # the class of goods that the seller states
    places: tuple[int, ...] = ()  # of the bill's lines, from 0
    follows: bool = False  # a discount or charge on the whole bill: goes where the others of its group go

    @property
    def key(self) -> str:
        """The text by which the same part is known again on the next bill: without numbers and case."""
        return text_key(self.text)


def text_key(text: str) -> str:
    """A text without what differs from bill to bill: numbers, the names of months, signs and case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = [word for word in _WORD.findall(_DIGITS.sub(" ", plain)) if word not in MONTHS]
    return " ".join(kept)[:120]


MONTHS = frozenset(
    {
        "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
        "november", "desember", "januari", "februari", "maj", "augusti", "december", "january", "february",
        "march", "may", "june", "july", "october", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
        "okt", "oct", "nov", "des", "dec",
    }
)  # fmt: skip


def words(part: Part, bill: Bill) -> tuple[str, ...]:
    """What a part is told by among all bills: its words, and whose bill it is (`@` and the seller's number).

    Each once, in order; never more than MOST_WORDS of the text.
    """
    found = [word for word in _WORD.findall(part.key) if word not in _EMPTY][:MOST_WORDS]
    if part.commodity:
        found.append(f"#{_SPACES.sub('', part.commodity)[:20]}")
    if seller := org_key(bill.seller_org_number or bill.seller_vat_number, bill.seller_country):
        found.append(f"@{seller}")
    return tuple(dict.fromkeys(found))


def parts(bill: Bill, terms: Mapping) -> tuple[Part, ...]:
    """The parts of `bill`, whose reading is `terms`. What is stated for a group is always in its parts."""
    sign = -1 if bill.kind == "credit_note" or terms.get("document_type") == "CreditNote" else 1
    lines = list(terms.get("lines") or ())
    is_whole = len(lines) == terms.get("line_count", len(lines))
    found: list[Part] = []
    for group in bill.groups:
        if not group.net and not group.vat:
            continue
        of = _lines(group, lines, sign) if is_whole else []
        more = _allowances(group, terms.get("allowances_charges") or (), sign) if of else []
        if of and sum((part.net for part in (*of, *more)), ZERO) == group.net:
            found += [*of, *more]
        else:
            found.append(_whole(group, of))
    return tuple(found)


def _whole(group: Group, of: Sequence[Part]) -> Part:
    """The group as one part; where all its lines say the same, that is what it says."""
    texts = dict.fromkeys(part.text for part in of)
    items = {part.item for part in of}
    return Part(
        group,
        group.net,
        next(iter(texts)) if len({part.key for part in of}) == 1 else " ".join(texts)[:300],
        items.pop() if len(items) == 1 else "",
        places=tuple(place for part in of for place in part.places),
    )


def _rate(written: object) -> Decimal | None:
    try:
        return None if written in (None, "") else Decimal(str(written))
    except ArithmeticError:
        return None


def _is_of(group: Group, category: object, rate: object) -> bool:
    return category == group.category and (_rate(rate) or ZERO) == (group.rate or ZERO)


def _lines(group: Group, lines: Sequence[Mapping], sign: int) -> list[Part]:
    found = []
    for place, line in enumerate(lines):
        if not _is_of(group, line.get("vat_category"), line.get("vat_rate")):
            continue
        net = _rate(line.get("net"))
        if net is None or not net.is_finite():
            return []
        text = " ".join(str(line.get(name) or "") for name in ("name", "description")).strip()
        found.append(
            Part(
                group,
                rounded(sign * net),
                text[:300],
                str(line.get("sellers_item") or "")[:60],
                str(line.get("commodity") or "")[:40],
                (place,),
            )
        )
    return found


def _allowances(group: Group, stated: Sequence[Mapping], sign: int) -> list[Part]:
    found = []
    for each in stated:
        amount = _rate(each.get("amount"))
        if amount is None or not _is_of(group, each.get("vat_category"), each.get("vat_rate")):
            continue
        way = 1 if each.get("is_charge") else -1
        found.append(Part(group, rounded(sign * way * amount), str(each.get("reason") or "")[:300],
                          follows=True))  # fmt: skip
    return found


def shared_vat(vat: Decimal, nets: Sequence[Decimal]) -> list[Decimal]:
    """A group's VAT shared by the nets of its parts, in whole øre; the parts always sum to `vat`.

    What rounding leaves goes to those with the largest remainders. Where the nets have both signs, each has
    its own rounded share and the largest takes the rest; where they come to nothing, the first takes all.
    """
    if not nets:
        return []
    if all(net >= 0 for net in nets) or all(net <= 0 for net in nets):
        if any(nets):
            return split(vat, [abs(net) for net in nets])
        return [vat, *[ZERO] * (len(nets) - 1)]
    total = sum(nets, ZERO)
    if not total:
        return [vat, *[ZERO] * (len(nets) - 1)]
    found = [rounded(vat * net / total) for net in nets]
    largest = max(range(len(nets)), key=lambda place: abs(nets[place]))
    found[largest] += vat - sum(found, ZERO)
    return found


def without_lines(bill: Bill) -> tuple[Part, ...]:
    """The parts of a bill of which only the VAT groups are known."""
    return tuple(Part(group, group.net) for group in bill.groups if group.net or group.vat)


def merged(found: Sequence[Part]) -> list[Part]:
    """Parts of one group with the same text as one, so that a bill of a thousand rows is a few."""
    by_key: dict[tuple, Part] = {}
    for part in found:
        key = (part.group.source, part.key, part.item, part.commodity, part.follows)
        seen = by_key.get(key)
        by_key[key] = part if seen is None else replace(
            seen, net=seen.net + part.net, places=(*seen.places, *part.places)
        )  # fmt: skip
    return list(by_key.values())


@dataclass(frozen=True, slots=True)
class Terms:
    """What deciding asks of a bill's reading, beside the bill itself."""

    parts: tuple[Part, ...] = ()
    preceding: tuple[str, ...] = ()  # the numbers of the invoices that a credit note takes back
    from_month: Month | None = None  # the first month that the bill is for, where it says


def terms(bill: Bill, reading: Mapping) -> Terms:
    """What a document's reading says of these; nothing in it is trusted to be there."""
    return Terms(parts(bill, reading), preceding(reading), _month(reading.get("starts_on")))


def preceding(reading: Mapping) -> tuple[str, ...]:
    """The numbers of the invoices that a credit note takes back, as it states them."""
    stated = reading.get("preceding_invoices") or _of_paper(reading)
    return tuple(str(each) for each in stated if each)[:50] if isinstance(stated, list) else ()


def _of_paper(reading: Mapping) -> list[str]:
    """The number that was read from a paper's pages, if one was."""
    field = (reading.get("fields") or {}).get("credited_number") or {}
    return [field["value"]] if field.get("value") else []


def _month(written: object) -> Month | None:
    try:
        return Month.of(date.fromisoformat(str(written))) if written else None
    except ValueError:
        return None

"""The days of a bill: when it was issued, and when it is due."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from nattbok.reading import candidates, dates
from nattbok.reading.candidates import Day
from nattbok.reading.decided import Decided, by_label
from nattbok.reading.labels import Label
from nattbok.reading.print import AMOUNT, Print
from nattbok.reading.shape import Kind, Proof

LONGEST_TERMS = 120  # days from issue to due
DATELINE = 0.9
PLAIN_DATE = 0.93  # how much a label counts that says no more than "date"
LEAST_LABEL, LEAD = 0.6, 0.05  # how strong a label must be, and how much stronger than the next
_ANY_DATE = ("dato", "datum", "date", "dag", "den")
_DATELINE = re.compile(r"^(?:\d{3,4} ?(?:\d\d )?)?[A-ZÆØÅÄÖ][^\d:]{1,30}?[,]\s?(?:den\s|dato\s)?$")
_TERMS = re.compile(r"\b(\d{1,3}) ?(?:dager|dagar|dagars|dagers|days|dgr|d netto)\b")
MONTHS = 12
_DOLLARS = re.compile(r"(?<![A-Za-z])USD(?![A-Za-z])|\$\s?\d")
_HOUR = re.compile(r"\W*(?:kl\.?|klokken|tid)?\W*\d\d[:.]\d\d", re.IGNORECASE)

Ranked = tuple[Day, float]  # a day with the strength of its label


def _issued(document: Print, one: Day) -> float:
    """How strongly it is said to be the day of the bill; a heading over items says nothing of it."""
    strength = one.hit.strength(Label.ISSUED)
    if not strength:
        return DATELINE if _is_dateline(one) else 0.0
    spotted = one.hit.left if one.hit.left is not None else one.hit.above
    if spotted is None or spotted.phrase not in _ANY_DATE:
        return strength
    is_under_heading = one.hit.left is None
    if is_under_heading and any(AMOUNT.search(cell.text) for cell in document.rows[one.hit.cell.row]):
        return 0.0
    return strength * PLAIN_DATE  # "Fakturadato" says more than "Dato"


def _ranked(document: Print, found: Sequence[Day], label: Label) -> list[Ranked]:
    best: dict[date, Ranked] = {}
    for one in found:
        strength = _issued(document, one) if label is Label.ISSUED else one.hit.strength(label)
        if strength and (one.day not in best or strength > best[one.day][1]):
            best[one.day] = (one, strength)
    return sorted(best.values(), key=lambda pair: (-pair[1], pair[0].hit.order))


def of_bill(document: Print, kind: Kind, on: date) -> dict[str, Decided]:
    """The days of issue and due of a paper that came on the day `on`, as far as they are printed.

    What a receipt is for is paid, so nothing of it is due: a day of payment there is no day to pay by.
    """
    found = candidates.days(document)
    issued = _ranked(document, found, Label.ISSUED)
    due = _ranked(document, found, Label.DUE) if kind is not Kind.RECEIPT else []
    is_labelled = bool(issued)
    if not issued:
        issued = _placed(found, due, on)
    chosen = issued[0][0] if issued else None
    ahead = [pair for pair in due if chosen is None or _is_term(chosen.day, pair[0].day)]
    terms = {int(count) for count in _TERMS.findall(document.folded)}
    is_fixed = chosen is not None and bool(ahead) and (ahead[0][0].day - chosen.day).days in terms
    is_turned = _may_be_turned(document, found)
    decided = {}
    if chosen is not None:
        sure = _is_clear(issued) if is_labelled else _is_only(found, issued, due)
        is_twice = sum(one.day == chosen.day and _issued(document, one) > 0 for one in found) > 1
        is_stamped = kind is Kind.RECEIPT and _is_stamped(document, found, chosen)
        proof = Proof.LABELLED if is_labelled else Proof.PLACED
        if (sure and (is_fixed or is_twice)) or is_stamped:
            proof = Proof.CONFIRMED
        decided["issue_date"] = _decided(issued, proof, sure, is_turned)
    if ahead:
        sure = _is_clear(ahead)
        is_twice = sum(one.day == ahead[0][0].day for one in found) > 1
        proof = Proof.CONFIRMED if sure and (is_fixed or is_twice) else Proof.LABELLED
        decided["due_date"] = _decided(ahead, proof, sure, is_turned)
    return decided


def _decided(ranked: Sequence[Ranked], proof: Proof, sure: bool, is_turned: bool) -> Decided:
    hit = ranked[0][0].hit
    if is_turned and "/" in hit.text:
        proof, sure = Proof.PLACED, False
    second = next((one.day.isoformat() for one, _strength in ranked[1:]), None)
    return Decided(ranked[0][0].day.isoformat(), by_label(hit, proof), hit, second, sure)


def _may_be_turned(document: Print, found: Sequence[Day]) -> bool:
    """Whether 03/04/2026 may be the fourth of March: another day says so, or the paper is in dollars."""
    if dates.is_month_first(cell.text for cell in document.cells):
        return True
    is_plain = any(one.day.day > MONTHS and "/" in one.hit.text for one in found)
    return not is_plain and bool(_DOLLARS.search(" ".join(cell.text for cell in document.cells)))


def _placed(found: Sequence[Day], due: Sequence[Ranked], on: date) -> list[Ranked]:
    """Days that no label speaks for, and that may be the day of the bill."""
    others = (Label.OTHER_DATE, Label.DUE, Label.BALANCE, Label.BUYER)
    free = [one for one in found if one.is_plain and not one.hit.strength(*others)]
    free = [one for one in free if one.day <= on + timedelta(days=31)]
    if due:
        free = [one for one in free if _is_term(one.day, due[0][0].day)]
    return [(one, 0.5) for one in sorted(free, key=lambda one: one.hit.order)]


def _is_only(found: Sequence[Day], issued: Sequence[Ranked], due: Sequence[Ranked]) -> bool:
    """Whether no other day is printed than this one and those that are due."""
    printed = {one.day for one in found if one.is_plain} - {one.day for one, _strength in due}
    return len({one.day for one, _strength in issued}) == 1 == len(printed)


def _is_stamped(document: Print, found: Sequence[Day], chosen: Day) -> bool:
    """Whether it is the only day on the paper, with the hour beside it, as tills print it."""
    if any(one.day != chosen.day for one in found if one.is_plain):
        return False
    hit = chosen.hit
    after = document.rows[hit.cell.row][hit.cell.column + 1 :]
    rest = " ".join((hit.cell.text[hit.end :], *(cell.text for cell in after[:1])))
    return bool(_HOUR.match(rest))


def _is_dateline(one: Day) -> bool:
    """Whether a letter begins so: a place, and the day."""
    cell = one.hit.cell
    return bool(_DATELINE.match(cell.text[: one.hit.start])) and not cell.text[one.hit.end :].strip(" .")


def _is_term(issued: date, due: date) -> bool:
    return timedelta(0) <= due - issued <= timedelta(days=LONGEST_TERMS)


def _is_clear(ranked: Sequence[Ranked]) -> bool:
    """Whether the first has a label, and none of the others one as strong."""
    if ranked[0][1] < LEAST_LABEL:
        return False
    return len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= LEAD

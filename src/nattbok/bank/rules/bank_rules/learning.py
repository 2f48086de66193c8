"""Rules that what people do would make: only ever proposed, with what speaks for and against each."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from nattbok.base.money import ZERO, rounded

LEAST = 3  # times that people did the same
MOST_AGAINST = 10  # percent that may have been booked otherwise
SHOWN = 20  # movements in the evidence
MONTHLY = (26, 35)  # days from one month's to the next
LEAST_MONTHS = 3
SPREAD = Decimal("0.25")  # how much a recurring amount may vary around its mean
LATE = timedelta(days=7)
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Booked:
    """A movement and what stands in the books for it: the account and VAT code where that is one of each."""

    movement: int
    booked_on: date
    amount: Decimal
    payer: str
    payer_account: str
    text: str
    bank_code: str
    account: str  # "" when it was split, or paid an item
    vat_code: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that might be wanted."""

    key: str
    name: str
    conditions: dict
    posting: dict
    evidence: dict


@dataclass(frozen=True, slots=True)
class Recurring:
    """What is expected of a line that comes every month."""

    last_on: date
    least: Decimal
    most: Decimal

    @property
    def expected_by(self) -> date:
        """The day by which the next one should have come."""
        return self.last_on + timedelta(days=MONTHLY[1]) + LATE


def skeleton(one: Booked) -> tuple[str, str]:
    """What is alike in lines of one kind: the payer's account or name, else the words of the text."""
    direction = "in" if one.amount > 0 else "out"
    if one.payer_account:
        return direction, f"account:{one.payer_account}"
    if one.payer:
        return direction, f"payer:{' '.join(one.payer.casefold().split())}"
    return direction, "text:" + " ".join(sorted({word.casefold() for word in _WORD.findall(one.text)})[:6])


def proposals(booked: Sequence[Booked]) -> list[Proposal]:
    """The rules that what people booked would make, the best founded first.

    At least three times the same account, and at most every tenth otherwise. What pays open items is no
    habit: it is decided by what is owed.
    """
    groups: dict[tuple[str, str], list[Booked]] = defaultdict(list)
    for one in booked:
        kind = skeleton(one)
        if kind[1] not in ("text:", "payer:"):
            groups[kind].append(one)
    found = [made for kind, alike in groups.items() if (made := _proposal(kind, alike)) is not None]
    return sorted(found, key=lambda one: (-one.evidence["for"], one.key))


def _proposal(kind: tuple[str, str], alike: Sequence[Booked]) -> Proposal | None:
    choices: dict[tuple[str, str], list[Booked]] = defaultdict(list)
    for one in alike:
        choices[one.account, one.vat_code].append(one)
    (account, vat_code), same = max(choices.items(), key=lambda choice: (len(choice[1]), choice[0]))
    against = [one for one in alike if (one.account, one.vat_code) != (account, vat_code)]
    if not account or len(same) < LEAST or len(against) * 100 > len(alike) * MOST_AGAINST:
        return None
    if not any(one.by_person for one in same):
        return None
    conditions = _conditions(kind, same)
    if conditions is None:
        return None
    part = {"account": account} | ({"vat_code": vat_code} if vat_code else {})
    evidence = {
        "for": len(same),
        "against": len(against),
        "movements": [one.movement for one in same[-SHOWN:]],
        "movements_against": [one.movement for one in against[-SHOWN:]],
        "sum": str(sum((one.amount for one in same), ZERO)),
    }
    monthly = recurring(same)
    if monthly is not None:
        evidence["monthly"] = {
            "last_on": str(monthly.last_on), "least": str(monthly.least), "most": str(monthly.most)
        }  # fmt: skip
        conditions |= {"least": str(monthly.least), "most": str(monthly.most)}
    name = (same[-1].payer or " ".join(same[-1].text.split()) or account)[:100]
    return Proposal(key(kind, account), name, conditions, {"parts": [part]}, evidence)


def key(kind: tuple[str, str], account: str) -> str:
    """What tells a proposal from others: a rejected one is known by it again, whatever the amounts."""
    return hashlib.sha256(json.dumps([*kind, account]).encode()).hexdigest()


def _conditions(kind: tuple[str, str], same: Sequence[Booked]) -> dict | None:
    direction, who = kind
    how, _colon, what = who.partition(":")
    if how == "account":
        return {"direction": direction, "payer_account": what}
    if how == "payer":
        return {"direction": direction, "payer": " ".join(same[-1].payer.split())} if len(what) >= 3 else None
    words = [word for word in what.split() if len(word) >= 3]
    return {"direction": direction, "words": words[:3]} if words else None


def recurring(same: Sequence[Booked]) -> Recurring | None:
    """Whether lines come once a month with about the same amount; and within what the next is expected."""
    days = sorted(one.booked_on for one in same)
    if len(days) < LEAST_MONTHS:
        return None
    gaps = [(after - before).days for before, after in pairwise(days)]
    if not all(MONTHLY[0] <= gap <= MONTHLY[1] for gap in gaps):
        return None
    sizes = [abs(one.amount) for one in same]
    mean = sum(sizes, ZERO) / len(sizes)
    if any(abs(size - mean) > mean * SPREAD for size in sizes):
        return None
    slack = rounded(mean * SPREAD)
    return Recurring(days[-1], rounded(min(sizes) - slack / 2), rounded(max(sizes) + slack / 2))


def is_over_budget(posted: int, undone: int, percent: Decimal, *, at_least: int = 50) -> bool:
    """Whether a rule errs more often than it may. Few bookings count as `at_least`: one slip is none."""
    return undone * 100 > percent * max(posted, at_least)

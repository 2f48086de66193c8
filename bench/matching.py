"""Matching payments with open items: how fast, how much memory, and how many wrong, beside a naive matcher.

A random client with `--items` open items gets `--payments` payments whose right answer is known: with exact,
partial, wrong, unknown and old references, with invoice numbers in free text among years, telephone numbers
and longer numbers, lists, and payments that say nothing. The ladder decides them; with `--post` they are
also posted in a database of its own. The naive matcher does what is commonly done: the first open invoice
whose number is found anywhere in the text or reference, else the first with the amount.

    python -m bench.matching [--payments 20000] [--items 40000] [--without-posting] [--profile] [--json]
"""

import argparse
import cProfile
import gc
import json
import pstats
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from bench import scratch
from nattbok.bank.rules import Found, Payment, match
from nattbok.bank.rules.shape import Remitted
from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.ledger.rules import OpenItem, PartyKind

DAY = date(2026, 3, 12)
FIRST_NUMBER = 300_001
ITEMS_EACH = 10  # of one customer
WANTED = {"decide_seconds": 5.0, "post_seconds": 70.0, "megabytes": 700}  # of 100 000 payments
LAW = country("NO")
# What a payment does, and in how many of a hundred.
WAYS = {
    "exact": 62, "partial": 3, "over": 2, "unknown": 3, "invalid": 3, "number": 9, "list": 4,
    "number_otherwise": 4, "trap": 4, "nothing": 6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """What a payment pays, by item; None when nobody can know, and it must be left."""

    way: str
    pays: dict[int, Decimal] | None


def world(payments: int, items: int, random: Random) -> tuple[list[OpenItem], list[Payment], list[Truth]]:
    """Open items of one client, payments, and the truth of each."""
    owed = [_item(number, random) for number in range(1, items + 1)]
    order = random.sample(owed, items)
    taken: set[int] = set()
    unpaid = (item for item in order if item.id not in taken)
    ways = random.choices(list(WAYS), list(WAYS.values()), k=payments)
    made = [_payment(number, way, unpaid, taken, owed, random) for number, way in enumerate(ways, 1)]
    return owed, [payment for payment, _truth in made], [truth for _payment, truth in made]


def _item(number: int, random: Random) -> OpenItem:
    amount = _amount(random)
    customer = (number - 1) // ITEMS_EACH + 1
    name = str(FIRST_NUMBER + number)
    return OpenItem(
        id=number, party=customer, party_kind=PartyKind.CUSTOMER, party_number=str(customer),
        party_name=f"Kunde {customer}", account=LAW.accounts.customers, date=DAY, due_on=DAY, number=name,
        reference=LAW.references.make(name, length=13), currency="NOK", currency_amount=amount, amount=amount,
        left=amount,
    )  # fmt: skip


def _amount(random: Random) -> Decimal:
    """As invoices are: many of the same round sums."""
    if random.random() < 0.4:
        return Decimal(random.choice((250, 499, 500, 750, 1000, 1250, 2500, 5000, 10000))).quantize(
            Decimal("0.01")
        )
    return Decimal(random.randint(10_000, 3_000_000)) / 100


def _payment(number, way, unpaid, taken, owed, random) -> tuple[Payment, Truth]:
    item = next(unpaid)
    taken.add(item.id)
    said: dict = {}
    amount, pays = item.left, {item.id: item.left}
    stranger = FIRST_NUMBER + len(owed) + number
    match way:
        case "exact":
            said["reference"] = item.reference
        case "partial":
            amount = (item.left / 2).quantize(Decimal("0.01"))
            said["reference"], pays = item.reference, {item.id: amount}
        case "over":
            said["reference"], amount = item.reference, item.left + 100
        case "unknown":
            said["reference"], pays = LAW.references.make(str(stranger), length=13), None
        case "invalid":
            right = item.reference
            said["reference"], pays = right[:-1] + str((int(right[-1]) + 1) % 10), None
        case "number":
            said["text"] = f"Betaling faktura {item.number} fra {DAY:%d.%m.%Y}, tlf 91{number:06}"
        case "list":
            first = item.id - (item.id - 1) % ITEMS_EACH
            others = [one for one in owed[first - 1 : first - 1 + ITEMS_EACH] if one.id not in taken][:2]
            chosen = [item, *others]
            said["remittances"] = tuple(Remitted(one.reference, "", one.left) for one in chosen)
            if not others:
                said = {"reference": item.reference}
            pays = {one.id: one.left for one in chosen}
            taken.update(pays)
            amount = sum(pays.values(), ZERO)
        case "number_otherwise":
            said["text"], amount, pays = f"faktura {item.number}", item.left + 7, None
        case "trap":
            # The invoice's number stands inside another one, and the amount is some invoice's.
            said["text"], pays = f"ordre 9{item.number}1 avtale {item.number}22 aar 2026", None
            amount = random.choice(owed).left
        case _:
            said["text"], pays = random.choice(("takk for sist", "leie mars", "")), None
    payment = Payment(
        id=number, amount=amount, booked_on=DAY + timedelta(days=number % 20), bank_reference=f"B{number}",
        payer_name=item.party_name, account=LAW.accounts.bank, currency="NOK", **said,
    )  # fmt: skip
    return payment, Truth(way, pays)


def decide(payments: list[Payment], items: list[OpenItem]) -> Found:
    """What the ladder says."""
    return match(payments, items, references=LAW.references, is_org_number=LAW.is_org_number, payers={})


def naive(payments: list[Payment], items: list[OpenItem]) -> dict[int, int]:
    """Payment → item: the first whose number is anywhere in what is said, else the first by amount."""
    by_number = {item.number: item for item in items}
    by_amount: dict[Decimal, list[OpenItem]] = {}
    for item in reversed(items):
        by_amount.setdefault(item.left, []).append(item)
    width, used, found = len(str(FIRST_NUMBER)), set(), {}
    for payment in payments:
        said = " ".join((payment.reference, *(one.reference for one in payment.remittances), payment.text))
        parts = (said[at : at + width] for at in range(len(said) - width + 1))
        item = next((by_number[part] for part in parts if part in by_number), None)
        if item is None or item.id in used:
            alike = by_amount.get(payment.amount, [])
            while alike and alike[-1].id in used:
                alike.pop()
            item = alike[-1] if alike else None
        if item is not None:
            used.add(item.id)
            found[payment.id] = item.id
    return found


def wrong(posted: dict[int, dict[int, Decimal]], truths: list[Truth]) -> Counter:
    """Postings that are not as the truth is, by what the payment does."""
    return Counter(
        truth.way
        for number, truth in enumerate(truths, 1)
        if number in posted and posted[number] != truth.pays
    )


def measure(payments: int, items: int, seed: int, *, is_posted: bool, is_profiled: bool) -> dict:
    """All figures, and whether none is wrong."""
    owed, paid, truths = world(payments, items, Random(seed))
    gc.collect()
    started = time.perf_counter()
    found = decide(paid, owed)
    seconds = time.perf_counter() - started
    ours = {one.payment.id: {each.item.id: each.amount for each in one.allocations} for one in found.certain}
    should = sum(truth.pays is not None for truth in truths)
    blind = naive(paid, owed)
    lefts = {item.id: item for item in owed}
    naively = {
        number: {item: min(paid[number - 1].amount, lefts[item].left)} for number, item in blind.items()
    }
    result = {
        "payments": payments,
        "items": items,
        "decide_seconds": round(seconds, 2),
        "decide_per_second": round(payments / seconds),
        "certain": len(ours),
        "unclear": len(found.unclear),
        "wrong": dict(wrong(ours, truths)),
        "missed": should - sum(truth.pays is not None and n in ours for n, truth in enumerate(truths, 1)),
        "naive_posted": len(naively),
        "naive_wrong": sum(wrong(naively, truths).values()),
        "naive_wrong_percent": round(100 * sum(wrong(naively, truths).values()) / len(naively), 1),
    }
    del found, ours, naively, blind, lefts, truths
    gc.collect()
    if is_posted:
        result |= post(owed, paid, lambda: world(payments, items, Random(seed))[2], is_profiled)
    else:
        result["megabytes"] = megabytes()
    share = max(payments / 100_000, 0.05)
    result["passed"] = (
        not result["wrong"]
        and not result.get("posted_wrong")
        and result["decide_seconds"] <= WANTED["decide_seconds"] * share
        and result.get("post_seconds", 0) <= WANTED["post_seconds"] * share
        and result["megabytes"] <= WANTED["megabytes"]
    )
    return result


def megabytes() -> int:
    """The most memory that this process has had."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def post(
    owed: list[OpenItem], paid: list[Payment], truths: Callable[[], list[Truth]], is_profiled: bool
) -> dict:
    """The same world in a database: the invoices in the ledger, the payments as movements, one match.

    The world is let go of when it is loaded, and its `truths` are made anew to judge by, so that the memory
    is the matching's.
    """
    with scratch.home():
        from nattbok.bank import actions as bank
        from nattbok.db.scope import scope
        from nattbok.ledger.queries.proof import prove

        client = scratch.client(scratch.office(), 1)
        with scope([client.pk]):
            movements = load(client, owed, paid)
            owed.clear()
            paid.clear()
            gc.collect()
            profile = cProfile.Profile()
            if is_profiled:
                profile.enable()
            started = time.perf_counter()
            matched = bank.match(client, by="bench")
            seconds = time.perf_counter() - started
            profile.disable()
            if is_profiled:
                pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(35)
            started = time.perf_counter()
            again = bank.match(client, by="bench")
            second = time.perf_counter() - started
            most = megabytes()
            fault = prove(client).fault
            return {
                "posted": matched.posted,
                "left": matched.left,
                "post_seconds": round(seconds, 1),
                "second_run_seconds": round(second, 1),
                "posted_by_second_run": again.posted,
                "posted_wrong": dict(wrong(posted(client, movements), truths())),
                "megabytes": most,
                "fault": fault and str(fault.words),
            }


def load(client, owed: list[OpenItem], paid: list[Payment]) -> dict[str, int]:
    """The invoices and the movements; origin of the movement's entry → payment."""
    from nattbok.bank import actions as bank
    from nattbok.ledger import actions as ledger
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import EntryDraft, LineDraft
    from nattbok.trail.actions import record
    from nattbok.trail.rules import ActDraft

    account = bank.open_account(client, "99990000006")
    count = max(item.party for item in owed)
    drafts = [PartyDraft(PartyKind.CUSTOMER, f"{n}", f"Kunde {n}") for n in range(1, count + 1)]
    parties = ledger.add_parties(client, drafts)
    for at in range(0, len(owed), 20_000):
        page = [
            EntryDraft(
                item.date, "S", f"invoice:{item.number}", "",
                (
                    LineDraft(item.account, item.amount, party=parties[item.party - 1], number=item.number,
                              reference=item.reference, due_on=item.due_on),
                    LineDraft(LAW.accounts.sales, -item.amount),
                ),
            )
            for item in owed[at : at + 20_000]
        ]  # fmt: skip
        ledger.post(client, page, acts=record(client, [ActDraft("bench.invoiced", "bench", {})] * len(page)))
    ids: list[int] = []
    for at in range(0, len(paid), 20_000):
        ids += _movements(client, account, paid[at : at + 20_000])
    return {f"movement:{pk}": one.id for pk, one in zip(ids, paid, strict=True)}


def _movements(client, account, paid: list[Payment]) -> list[int]:
    from django.utils import timezone

    from nattbok.bank.models import Movement
    from nattbok.db import bulk

    ids = bulk.ids(Movement, len(paid))
    size, blank = len(paid), [""] * len(paid)
    bulk.insert(
        Movement,
        {
            "id": ids, "client_id": [client.pk] * size, "account_id": [account.pk] * size,
            "key": [one.bank_reference for one in paid], "amount": [one.amount for one in paid],
            "booked_on": [one.booked_on for one in paid],
            "bank_reference": [one.bank_reference for one in paid], "batch_reference": blank,
            "end_to_end_id": blank, "payment_info_id": blank, "reference": [one.reference for one in paid],
            "remittances": [
                [
                    {"reference": each.reference, "amount": str(each.amount)}
                    for each in one.remittances
                ]
                for one in paid
            ],
            "text": [one.text for one in paid], "payer_name": [one.payer_name for one in paid],
            "payer_account": blank, "payer_org_number": blank, "bank_code": blank,
            "is_reversal": [False] * size, "return_reason": blank, "instructed_currency": blank,
            "sums_up": [0] * size, "waits_for": blank, "first_reported_at": [timezone.now()] * size,
        },
    )  # fmt: skip
    return ids


def posted(client, movements: dict[str, int]) -> dict[int, dict[int, Decimal]]:
    """Payment → what its entry settled, by item, as the world calls them."""
    from nattbok.ledger.models import Entry, Settlement

    of_act = {}
    for origin, act in Entry.objects.filter(client=client, series__code="B").values_list("origin", "act_id"):
        of_act[act] = movements[origin]
    found: dict[int, dict[int, Decimal]] = {number: {} for number in of_act.values()}
    rows = Settlement.objects.filter(client=client, act_id__in=Entry.objects.filter(
        client=client, series__code="B").values("act_id"))  # fmt: skip
    for act, number, amount in rows.values_list("act_id", "debit__number", "amount"):
        found[of_act[act]][int(number) - FIRST_NUMBER] = amount
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--items", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--without-posting", action="store_true")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.items < given.payments:
        parser.error("every payment needs an item of its own to be about")
    found = measure(
        given.payments,
        given.items,
        given.seed,
        is_posted=not given.without_posting,
        is_profiled=given.profile,
    )
    if given.json:
        print(json.dumps(found))
    else:
        for name, figure in found.items():
            print(f"  {name:<22} {figure}")
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())

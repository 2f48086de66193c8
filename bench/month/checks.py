"""What must hold when a month with a misbehaving bank is over: nothing paid twice, lost or posted wrong."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import accumulate

from bench import worlds
from bench.month.days import Month
from bench.month.notices import is_told
from bench.month.world import FUNDS, Played
from nattbok.sandbox.bank.shape import OrderState

ZERO = Decimal("0.00")
# Questions that say that something of the bank's is not here, or not to be trusted.
TOLD = {
    "bank.file_refused", "bank.statement_held", "bank.statement_late", "bank.statement_gap",
    "bank.feed_stale", "bank.connection_silent", "bank.host_key_changed", "bank.file_not_taken",
    "bank.details_missing", "bank.not_our_account",
}  # fmt: skip
AT_BANK = ("sent", "received", "accepted")


def check(month: Month, played: Played) -> list[str]:
    """All that does not hold for a client, inside its scope; [] when all does."""
    found = [*_orders(month, played), *_lost(month, played), *_balances(month, played), *_wrong(played)]
    struck = sorted(month.struck(played))
    return [
        *found,
        *_proofs(played),
        *played.trouble,
        *(f"{one} struck, and nothing told of it" for one in struck if not is_told(played, one)),
    ]


def _told_now(played: Played) -> set[str]:
    from nattbok.desk.queries import waiting

    return {one.kind for one in waiting([played.client])}


# Payments out


def _orders(month: Month, played: Played) -> Iterator[str]:
    """Each payment once at the bank, each bill paid once, and the books as the bank has it."""
    from nattbok.bank.models import Payment, PaymentItem
    from nattbok.bank.queries.payments.deciding import settled

    client = played.client
    at_bank = defaultdict(list)
    for order in month.bank.orders(played.customer):
        for one in order.payments:
            at_bank[one.end_to_end_id].append(one)
    rows = list(Payment.objects.filter(client=client).order_by("pk"))
    done = settled(client, [row.pk for row in rows])
    pays = defaultdict(dict)
    for payment, item, amount in PaymentItem.objects.filter(client=client).values_list(
        "payment_id", "item_id", "amount"
    ):
        pays[payment][item] = amount
    paid: dict[int, Decimal] = defaultdict(lambda: ZERO)
    told = _told_now(played)
    debits = _ours(played)
    for row in rows:
        there = at_bank.pop(row.end_to_end_id, [])
        executed = [one for one in there if one.state in (OrderState.SETTLED, OrderState.RETURNED)]
        if len(executed) > 1:
            yield f"{row.end_to_end_id} was executed {len(executed)} times"
        if any(one.amount != row.amount for one in there):
            yield f"{row.end_to_end_id} is of another amount at the bank"
        for one in executed:
            for item, amount in pays[row.pk].items():
                paid[item] += amount if one.state is OrderState.SETTLED else ZERO
        is_known = (row.end_to_end_id in debits) or bool(told & TOLD)
        if executed and row.pk not in done and (row.end_to_end_id in debits or not told & TOLD):
            yield f"{row.end_to_end_id} was executed on {executed[0].booked_on}, and is not so in the books"
        if row.pk in done and not executed:
            yield f"{row.end_to_end_id} is settled in the books, and was never executed"
        if row.state in AT_BANK and not there and is_known:
            yield f"{row.end_to_end_id} is {row.state} in the books, and the bank never got it"
        if row.state == "approved" and not {"bank.file_not_sent", *TOLD} & told and not _is_new(month, row):
            yield f"{row.end_to_end_id} was approved, did not reach the bank, and nothing tells"
        if there and all(one.state is OrderState.REJECTED for one in there) and row.state not in (
            "rejected", "cancelled",
        ) and "bank.receipt_late" not in told:  # fmt: skip
            yield f"{row.end_to_end_id} was rejected, and is {row.state} in the books"
    for end, there in at_bank.items():
        yield f"{end} is at the bank {len(there)} times, and not in the books"
    for item, amount in paid.items():
        if amount > played.bills[item]:
            yield f"bill {item} is {played.bills[item]}, and {amount} was paid of it"


def _is_new(month: Month, row) -> bool:
    """Whether it was approved this very day."""
    return row.batch.made_on is not None and row.batch.made_on >= month.bank.today


def _ours(played: Played) -> set[str]:
    from nattbok.bank.models import Movement

    rows = Movement.objects.filter(client=played.client, amount__lt=0, sums_up=0)
    return set(rows.values_list("end_to_end_id", flat=True))


# What the bank booked


def _lost(month: Month, played: Played) -> Iterator[str]:
    """Every payment on the account is in the mirror once, or something tells that it is missing."""
    from nattbok.bank.models import Movement
    from nattbok.bank.rules.identity import base

    ours: dict[tuple[str, Decimal], list[tuple[date, Decimal, str]]] = defaultdict(list)
    sums = set()
    for bank_reference, amount, sums_up, on, reference in Movement.objects.filter(
        client=played.client
    ).values_list("bank_reference", "amount", "sums_up", "booked_on", "reference"):
        if sums_up:
            sums.add(base(bank_reference))
        else:
            ours[base(bank_reference), amount].append((on, amount, reference))
    missing: dict[tuple[date, Decimal, str], list[str]] = defaultdict(list)
    for line in month.bank.lines(played.number):
        if line.on >= month.bank.today:
            continue
        for one in line.details:
            times = len(ours.pop((one.bank_reference, one.amount), ()))
            told = f"{one.bank_reference} of {one.amount} on {line.on}"
            if times > 1:
                yield f"{told} is {times} times in the mirror"
            if not times:
                where = "only in a sum" if line.reference in sums else "lost"
                missing[line.on, one.amount, one.reference].append(f"{told} is {where}, and nothing tells")
    for (bank_reference, amount), rows in ours.items():
        for row in rows:
            # A giro file has references of its own; until a notice names the bank's, the payer's has to do.
            if row[2] and missing[row]:
                missing[row].pop()
            else:
                yield f"{bank_reference} of {amount} is in the mirror, and never was at the bank"
    if not _told_now(played) & TOLD:
        for words in missing.values():
            yield from words


def _balances(month: Month, played: Played) -> Iterator[str]:
    """The mirrored balance is the bank's on each day that a good statement told of; else something tells."""
    from nattbok.bank.queries.reconciliation import account_days

    moved: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for line in month.bank.lines(played.number):
        moved[line.on] += line.amount
    days = sorted(moved)
    balances = dict(zip(days, list(accumulate((moved[day] for day in days), initial=FUNDS))[1:], strict=True))
    mirrored = account_days(played.account)
    told = _told_now(played)
    for day in mirrored:
        known = [balances[one] for one in days if one <= day.day]
        there = known[-1] if known else FUNDS
        if day.bank is not None and not day.trouble and day.bank != there:
            yield f"on {day.day} the mirror has {day.bank} and the bank {there}"
        if (day.bank is None or day.trouble) and not told & {*TOLD, "bank.not_reconciled"}:
            yield f"the balance of {day.day} is not known ({day.trouble}), and nothing tells"
    last = max((one.day for one in mirrored), default=None)
    if last is None or (
        days and last < max(one for one in days if one < month.bank.today) and not told & TOLD
    ):
        yield f"the mirror ends on {last}, and nothing tells"


def _wrong(played: Played) -> Iterator[str]:
    """Nothing is posted otherwise than it should be."""
    for row in _judged(played):
        if row["wrong"]:
            yield f"{row['tx']} of {row['amount']} ({row['expected_step']}, {row['step']}): {row['wrong']}"


def _judged(played: Played) -> list[dict]:
    """What became of each payment in; our own payments and their returns are looked at by themselves."""
    from nattbok.bank.models import Movement

    books = worlds.Books(played.client, {"open_items": ()}, items=played.items)
    named = Movement.objects.filter(client=played.client).exclude(end_to_end_id="")
    own = set(named.values_list("pk", flat=True))
    found = [one for one in worlds.became(books) if one.movement not in own]
    return worlds.judge(books, {"expected": played.expected}, found)


def missed(played: Played) -> int:
    """How many payments that should be posted were not: a figure, and no fault while something tells."""
    return sum(row["missed"] for row in _judged(played))


def _proofs(played: Played) -> Iterator[str]:
    from nattbok.site.verify import prove

    for promise, words in prove(played.client).faults:
        yield f"{promise}: {words}"

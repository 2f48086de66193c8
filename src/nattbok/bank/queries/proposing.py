"""What a person is offered for a bank line: the night's suggestions, and what fits it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from nattbok.bank import models
from nattbok.bank.queries.waiting import every_account, payers, unsettled
from nattbok.bank.rules.proposals import Proposal, Sign, Signal, signals
from nattbok.bank.rules.shape import Payment
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.ledger.models import Entry, Line, PartyAccount
from nattbok.ledger.models import OpenItem as Kept
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import OpenItem

MOST = 9  # proposals: each has a key
LISTED = 60  # items or lines to choose among
SOUGHT = 500  # the newest lines in the books, among which they are sought
NEAR_DAYS = 10

PAIR = _("It is in the books already: {number} of {date}, {text}")
MOVE = _("Moved to or from {account}: its line of {date}")
PAYS = _("It pays {number} of {party}, of which {left} is left")


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line on the bank account's ledger account that nothing of the bank's answers yet."""

    id: int
    day: date
    amount: Decimal
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered for a bank line: why it waits, and the likely answers, the likeliest first."""

    payment: Payment
    kind: str
    reason: Words | None
    proposals: tuple[Proposal, ...]
    near: tuple[int, ...] = ()  # open items with its amount, or of the payer
    other_ends: tuple[tuple[Payment, str], ...] = ()  # lines of other own accounts that it may meet
    book_lines: tuple[BookLine, ...] = ()  # to pair it with by hand, those near in time first


def offered(
    client: Client, movement: int, *, accounts: Mapping[int, models.BankAccount] | None = None
) -> Offered | None:
    """What is offered for a bank line; None when it does not wait. `accounts` as `unsettled` takes them."""
    accounts = accounts or every_account(client)
    found = unsettled(client, [movement], accounts=accounts)
    if not found:
        return None
    (payment,) = found
    question = (
        Question.objects.filter(client=client, subject=f"movement:{movement}", closed_at__isnull=True)
        .order_by("pk")
        .first()
    )
    given = question.candidates if question else []
    named = [int(one["answer"]["item"]) for one in given if isinstance(one["answer"].get("item"), int)]
    all_near = _near_items(client, payment)
    near = [pk for pk in all_near if pk not in named]
    items = {item.id: item for item in open_items(client, ids=[*named, *near])}
    owners = payers(client) if payment.payer_account else {}
    proposals = [
        Proposal(
            f"accept:{place}",
            Words(one["label"]["text"], one["label"]["values"]),
            Words(one["why"]["text"], one["why"]["values"]) if one["why"] else None,
            signals(payment, items[one["answer"]["item"]], owners)
            if one["answer"].get("item") in items
            else (),
        )
        for place, one in enumerate(given)
    ]
    booked = book_lines(client, payment, accounts[payment.bank_account])
    proposals += [_pairing(line) for line in booked if line.amount == payment.amount][:3]
    ends = other_ends(client, payment, accounts)
    proposals += _transfers(payment, ends)
    live = [
        Proposal(
            f"pay:{pk}",
            Words(PAYS, {"number": items[pk].number or items[pk].reference or "–",
                         "party": items[pk].party_name, "left": str(items[pk].left)}),
            None,
            signals(payment, items[pk], owners),
        )
        for pk in near
        if pk in items and abs(payment.amount) <= abs(items[pk].left)
    ]  # fmt: skip
    proposals += sorted(live, key=_against)
    return Offered(
        payment,
        question.kind if question else "",
        Words(question.reason, question.values) if question else None,
        tuple(proposals[:MOST]),
        tuple(all_near),
        tuple(ends),
        tuple(booked[:LISTED]),
    )


def _against(proposal: Proposal) -> tuple[bool, int]:
    return proposal.is_vetoed, -sum(signal.sign is Sign.FOR for signal in proposal.signals)


def _near_items(client: Client, payment: Payment) -> list[int]:
    """Open items with just this much left, or of the payer's, that money can go to this way."""
    wanted = Q(left=payment.amount)
    if payment.payer_account:
        parties = PartyAccount.objects.filter(
            client=client, number=payment.payer_account, confirmed__gt=0
        ).values_list("party_id", flat=True)
        wanted |= Q(party__in=list(parties))
    side = Q(left__gt=0) if payment.amount > 0 else Q(left__lt=0)
    return list(
        Kept.objects.filter(wanted & side, client=client)
        .order_by("date", "pk")
        .values_list("pk", flat=True)[: 2 * MOST]
    )


def book_lines(client: Client, payment: Payment, account: models.BankAccount) -> list[BookLine]:
    """Lines on the account's ledger account that stand and that nothing answers, those near in time first.

    They are sought among the newest, and among all that have the payment's amount.
    """
    reversals = Entry.objects.filter(client=client, reverses__isnull=False)
    found = (
        Line.objects.filter(client=client, account=account.account_id, entry__reverses__isnull=True)
        .exclude(entry__in=reversals.values("reverses_id"))
        .exclude(entry__origin__startswith="opening:")
        .exclude(pk__in=models.PairedLine.objects.filter(client=client, is_live=True).values("line_id"))
        .order_by("-date", "-pk")
        .values_list(
            "pk", "date", "amount", "entry__series__code", "entry__number", "entry__text", "text",
            "entry__origin",
        )
    )  # fmt: skip
    alike = found.filter(amount=payment.amount)[:LISTED]
    rows = list(found[:SOUGHT].union(alike))
    # What was posted from a line of this same account answers that one; from another account's it is an end
    # of a transfer that is still to be met.
    made_from = [int(row[7][9:]) for row in rows if row[7].startswith("movement:") and row[7][9:].isdigit()]
    own = set(
        models.Movement.objects.filter(
            client=client, pk__in=made_from, account__account_id=account.account_id
        ).values_list("pk", flat=True)
        if made_from
        else ()
    )
    lines = [
        BookLine(pk, day, moved, f"{series} {number}", text or words)
        for pk, day, moved, series, number, words, text, origin in rows
        if not (origin.startswith("movement:") and origin[9:].isdigit() and int(origin[9:]) in own)
    ]
    return sorted(lines, key=lambda one: (abs((one.day - payment.booked_on).days), -one.id))


def _pairing(line: BookLine) -> Proposal:
    return Proposal(
        f"pair:{line.id}",
        Words(PAIR, {"number": line.number, "date": str(line.day), "text": line.text}),
        None,
        (Signal(Sign.FOR, Words(_("amount"))),),
    )


def _transfers(payment: Payment, ends: Sequence[tuple[Payment, str]]) -> list[Proposal]:
    return [
        Proposal(
            f"transfer:{one.id}",
            Words(MOVE, {"account": title, "date": str(one.booked_on)}),
            None,
            (
                Signal(Sign.FOR, Words(_("amount"))),
                Signal(Sign.FOR if one.booked_on == payment.booked_on else Sign.PARTLY, Words(_("day"))),
            ),
        )
        for one, title in ends
    ]


def other_ends(
    client: Client, payment: Payment, accounts: Mapping[int, models.BankAccount]
) -> list[tuple[Payment, str]]:
    """Lines that wait on other own accounts with the same amount the other way, with the account's title."""
    titles = {
        pk: account.title
        for pk, account in accounts.items()
        if account.is_active and pk != payment.bank_account
    }
    if not titles:
        return []
    near = models.Movement.objects.filter(
        client=client, account__in=list(titles), amount=-payment.amount, sums_up=0
    ).values_list("pk", "booked_on")
    ids = [pk for pk, day in near if abs((day - payment.booked_on).days) <= NEAR_DAYS]
    found = unsettled(client, ids, accounts=accounts) if ids else []
    return [(one, titles[one.bank_account]) for one in found]


def choosable(client: Client, offer: Offered, q: str = "") -> list[OpenItem]:
    """Open items to match a bank line with by hand: found by words, else those nearest in amount."""
    payment = offer.payment
    found = Kept.objects.filter(client=client).exclude(left=0)
    q = q.replace("\0", "").strip()
    if q:
        words = Q()
        for word in q.split()[:5]:
            words &= Q(number__icontains=word) | Q(reference__icontains=word) | Q(party__name__icontains=word)
        ids = list(found.filter(words).order_by("date", "pk").values_list("pk", flat=True)[:LISTED])
    else:
        side = found.filter(left__gt=0) if payment.amount > 0 else found.filter(left__lt=0)
        ids = list(side.order_by("date", "pk").values_list("pk", flat=True)[:LISTED])
        ids = list(dict.fromkeys([*offer.near, *ids]))[:LISTED]
    return open_items(client, ids=ids)

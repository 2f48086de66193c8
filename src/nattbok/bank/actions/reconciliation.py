"""Sealing the days on which an account agrees with its bank, and telling of those on which it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from nattbok.bank.actions.pairing import pair_proven
from nattbok.bank.models import BankAccount, BankDay
from nattbok.bank.queries import reconciliation as queries
from nattbok.bank.queries.loose import loose
from nattbok.bank.rules.reconciliation import (
    REASONS,
    TROUBLES,
    Day,
    Explained,
    Seal,
    broken,
    explain,
    proven_pairs,
)
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.ledger.models import Books
from nattbok.trail.actions import act
from nattbok.trail.rules import means

SEALED = means("bank.sealed", _("{account}: {count} days from {first} to {last} agree with the bank"))
BROKEN = means("bank.seal_broken", _("{account}: {count} sealed days from {first} were changed afterwards"))
DIFFERS = asks("bank.not_reconciled", _("Bank accounts that do not agree with the books"))

DIFFERENCE = _(
    "On {date} the bank had {bank} and the books {books}, {difference} apart; the difference arose {arose}."
)
UNEXPLAINED = _(
    "On {date} the bank had {bank} and the books {books}, {difference} apart since {arose},"
    " and {rest} of it is explained by no line."
)
BALANCE_TROUBLE = _("On {date}: {trouble}")
WAITING_AT_ZERO = _(
    "On {date} bank and books both have {bank}, but {count} lines wait, the first of them from {arose}."
)
LINE = _("{date} {amount} {text}")
SHOWN = 5  # how many lines of an explanation a question shows


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a run came to for one account. `notice` is the sentence about what does not agree."""

    account: int
    title: str
    sealed: int
    broken: int
    through: date | None  # every day up to it is sealed
    last: Day | None = None  # the last day that the bank has told of
    explained: Explained | None = None
    notice: Words | None = None


@transaction.atomic
def reconcile(
    client: Client, *, by: str, night: int | None = None, accounts: Sequence[int] | None = None
) -> list[Reconciled]:
    """Look at every day of the client's bank accounts: seal those at zero, break the seals that no longer
    hold, and ask about what differs. Safe to repeat; nothing is said twice.
    """
    Books.objects.select_for_update().get(client=client)  # nobody posts meanwhile
    found = BankAccount.objects.filter(client=client, is_active=True).select_related("client", "account")
    if accounts is not None:
        found = found.filter(pk__in=list(accounts))
    return [_reconcile(client, account, by, night) for account in found.order_by("pk")]


def _reconcile(client: Client, account: BankAccount, by: str, night: int | None) -> Reconciled:
    days = queries.account_days(account)
    if _pair_proven(client, account, days, by, night):
        days = queries.account_days(account)
    now = {day.day: day for day in days}
    before = queries.seals(account)
    fallen = broken(before, now)
    breaking = _break(client, account, fallen, by, night)
    standing = {seal.day for seal in before} - {seal.day for seal, _day in fallen}
    fresh = [day for day in days if day.is_reconciled and day.day not in standing]
    sealing = None
    if fresh:
        sealing = act(
            client, SEALED, by, night=night, account=account.number, count=len(fresh),
            first=str(fresh[0].day), last=str(fresh[-1].day),
            days=[{"day": str(day.day), "balance": str(day.bank), "print": day.print} for day in fresh],
        )  # fmt: skip
    _keep(
        client, account, days, {day.day for day in fresh}, sealing, {seal.day for seal, _ in fallen}, breaking
    )
    through = None
    for day in days:
        if not day.is_reconciled:
            break
        through = day.day
    last = days[-1] if days else None
    notice, explained = _notice(account, days)
    subject = f"account:{account.pk}"
    if notice is None:
        close(client, [subject], by=by, night=night)
    else:
        ask(client, [_question(client, account, last, notice, explained)], by=by, night=night)
    return Reconciled(account.pk, account.title, len(fresh), len(fallen), through, last, explained, notice)


def _pair_proven(
    client: Client, account: BankAccount, days: Sequence[Day], by: str, night: int | None
) -> int:
    """Pair what a person has posted by a voucher of its own with the bank's line, where the day proves it."""
    at_zero = {day.day for day in days if day.difference == 0 and day.waiting and not day.trouble}
    if not at_zero:
        return 0
    return pair_proven(client, proven_pairs(loose(account, max(at_zero)), at_zero), by=by, night=night)


def _break(
    client: Client,
    account: BankAccount,
    fallen: Sequence[tuple[Seal, Day | None]],
    by: str,
    night: int | None,
) -> int | None:
    """An act that says which days were changed after they were sealed, from what to what."""
    if not fallen:
        return None
    return act(
        client, BROKEN, by, night=night, account=account.number, count=len(fallen),
        first=str(fallen[0][0].day),
        days=[
            {
                "day": str(seal.day),
                "bank": str(seal.bank),
                "books": str(seal.books),
                "bank_now": None if day is None or day.bank is None else str(day.bank),
                "books_now": None if day is None else str(day.books),
                "lines_changed": day is None or day.print != seal.print,
            }
            for seal, day in fallen
        ],
    )  # fmt: skip


def _keep(
    client: Client,
    account: BankAccount,
    days: Sequence[Day],
    fresh: set[date],
    sealing: int | None,
    fallen: set[date],
    breaking: int | None,
) -> None:
    """Each day as it is now, in one statement; a seal that stands is left as it was made."""
    moment = timezone.now()
    gone = fallen - {day.day for day in days}
    if gone:
        BankDay.objects.filter(client=client, account=account, day__in=gone).update(
            sealed_at=None, sealed_by=None, bank_balance=None, broken_at=moment, broken_by=breaking
        )
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO bank_bankday AS kept (client_id, account_id, day, bank_balance, book_balance, print,
                waiting, trouble, sealed_at, sealed_by_id, broken_at, broken_by_id)
            SELECT %(client)s, %(account)s, day, bank, books, print, waiting, trouble,
                CASE WHEN is_fresh THEN %(moment)s::timestamptz END,
                CASE WHEN is_fresh THEN %(sealing)s::bigint END, NULL, NULL
            FROM unnest(%(days)s::date[], %(bank)s::numeric[], %(books)s::numeric[], %(prints)s::varchar[],
                %(waiting)s::int[], %(troubles)s::varchar[], %(fresh)s::boolean[])
                AS given (day, bank, books, print, waiting, trouble, is_fresh)
            ON CONFLICT (client_id, account_id, day) DO UPDATE SET
                bank_balance = excluded.bank_balance, book_balance = excluded.book_balance,
                print = excluded.print, waiting = excluded.waiting, trouble = excluded.trouble,
                sealed_at = CASE WHEN kept.day = ANY(%(fell)s::date[]) OR kept.sealed_at IS NULL
                    THEN excluded.sealed_at ELSE kept.sealed_at END,
                sealed_by_id = CASE WHEN kept.day = ANY(%(fell)s::date[]) OR kept.sealed_at IS NULL
                    THEN excluded.sealed_by_id ELSE kept.sealed_by_id END,
                broken_at = CASE WHEN kept.day = ANY(%(fell)s::date[])
                    THEN %(moment)s::timestamptz ELSE kept.broken_at END,
                broken_by_id = CASE WHEN kept.day = ANY(%(fell)s::date[])
                    THEN %(breaking)s::bigint ELSE kept.broken_by_id END
            """,
            {
                "client": client.pk,
                "account": account.pk,
                "moment": moment,
                "sealing": sealing,
                "breaking": breaking,
                "fell": sorted(fallen),
                "days": [day.day for day in days],
                "bank": [day.bank for day in days],
                "books": [day.books for day in days],
                "prints": [day.print for day in days],
                "waiting": [day.waiting for day in days],
                "troubles": [day.trouble.value for day in days],
                "fresh": [day.day in fresh for day in days],
            },
        )


def _notice(account: BankAccount, days: Sequence[Day]) -> tuple[Words | None, Explained | None]:
    """The sentence about the last day that the bank has told of, and what its difference is made of."""
    last = next((day for day in reversed(days) if day.bank is not None), None)
    troubled = next((day for day in days if day.trouble), None)
    if last is None or (last.is_reconciled and troubled is None):
        return None, None
    explained = explain(last.difference, loose(account, last.day), last.day)
    values = {
        "date": str(last.day),
        "bank": str(last.bank),
        "books": str(last.books),
        "difference": str(last.difference),
        "arose": str(last.arose_on or last.day),
        "rest": str(explained.rest),
        "count": last.waiting,
    }
    if troubled is not None:
        words = Words(BALANCE_TROUBLE, {"date": str(troubled.day), "trouble": TROUBLES[troubled.trouble]})
    elif explained.rest:
        words = Words(UNEXPLAINED, values)
    elif last.difference:
        words = Words(DIFFERENCE, values)
    else:
        words = Words(WAITING_AT_ZERO, values)
    return words, explained


def _question(
    client: Client, account: BankAccount, last: Day | None, notice: Words, explained: Explained | None
) -> QuestionDraft:
    pieces = explained.pieces if explained else ()
    return QuestionDraft(
        DIFFERS,
        f"account:{account.pk}",
        notice,
        tuple(
            Candidate(
                Words(
                    LINE, {"date": str(one.day), "amount": str(one.amount), "text": one.text or one.number}
                ),
                {"do": "look", "movement": one.movement, "entry": one.entry},
                one.reason or Words(REASONS[one.why]),
            )
            for one in pieces[:SHOWN]
        ),
        explained.difference if explained else Decimal("0.00"),
        account.currency,
        about=f"{account.title} {account.number}",
    )

"""Bank lines as a person works through them: what waits, what is answered and by whom, one line's story."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db import connection

from nattbok.bank import models
from nattbok.bank.queries.reconciliation import STANDING, STATED
from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.base.words import Words
from nattbok.clients.models import Client

LIMIT = 2000


class Tab(StrEnum):
    """What a list of bank lines holds."""

    TODO = "todo"
    POSTPONED = "postponed"
    AUTOMATIC = "automatic"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LineRow:
    """A bank line in a list. `balance` is the bank's after it; None until it is on a statement."""

    id: int
    day: date
    amount: Decimal
    payer: str
    reference: str
    text: str
    is_stated: bool
    balance: Decimal | None
    note: str = ""  # why it is put off
    until: date | None = None
    is_asked: bool = False
    entry: int | None = None
    number: str = ""  # the entry's series and number
    title: Words | None = None  # what was done

    @property
    def told(self) -> str:
        """What a person knows it by."""
        return " ".join(filter(None, (self.payer, self.reference, " ".join(self.text.split()))))


_LATER = """coalesce(sum(amount) OVER (PARTITION BY day ORDER BY statement_id DESC, place DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)"""
_TOLD = f"""
stated AS (SELECT stated.*, {_LATER} AS later FROM ({STATED}) stated),
told AS (
    SELECT movement.id, coalesce(stated.day, movement.booked_on) AS day, movement.amount,
        movement.payer_name, movement.reference, movement.text, stated.id IS NOT NULL AS is_stated,
        stated.later, stated.statement_id, stated.place
    FROM bank_movement movement LEFT JOIN stated ON stated.id = movement.id
    WHERE movement.client_id = %(client)s AND movement.account_id = %(account)s AND movement.sums_up = 0
)
"""
_AS_AT_THE_BANK = "told.day, told.statement_id NULLS LAST, told.place, told.id"
_NEWEST = "told.day DESC, told.statement_id NULLS LAST, told.place, told.id"
ORDERS = {
    "": _AS_AT_THE_BANK,
    "newest": _NEWEST,
    "largest": "abs(told.amount) DESC, told.id",
    "payer": "lower(concat_ws(' ', told.payer_name, told.reference, told.text)), told.id",
}
_FOUND = """(%(q)s = ''
        OR concat_ws(' ', told.payer_name, told.reference, told.text, told.amount) ILIKE %(like)s)
    AND (%(day)s::date IS NULL OR told.day = %(day)s)"""


def lines(
    account: models.BankAccount,
    tab: Tab,
    balances: dict[date, Decimal | None],
    *,
    today: date,
    q: str = "",
    day: date | None = None,
    limit: int = LIMIT,
    order: str = "",
) -> list[LineRow]:
    """The bank lines of a tab, in the bank's order or one of ORDERS; what is answered has the newest first.

    `balances` are the bank's at the end of each day.
    """
    asked = _parameters(account, q, day, limit)
    if tab in (Tab.TODO, Tab.POSTPONED):
        rows = _waiting(asked | {"today": today}, tab, ORDERS[order])
    else:
        rows = _answered(asked, tab, ORDERS[order] if order else _NEWEST)
    return [
        LineRow(
            pk, on, amount, payer, reference, text, is_stated,
            balances[on] - later if is_stated and balances.get(on) is not None else None,
            *more,
        )
        for pk, on, amount, payer, reference, text, is_stated, later, *more in rows
    ]  # fmt: skip


def _parameters(account: models.BankAccount, q: str, day: date | None, limit: int) -> dict:
    safe = q.replace("\0", "").replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return {
        "client": account.client_id,
        "account": account.pk,
        "q": q,
        "like": f"%{safe}%",
        "day": day,
        "limit": limit,
    }


def _waiting(asked: dict, tab: Tab, order: str) -> list[tuple]:
    is_put_off = "(postponed.id IS NOT NULL AND (postponed.until IS NULL OR postponed.until > %(today)s))"
    chosen = is_put_off if tab is Tab.POSTPONED else f"NOT {is_put_off}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {_TOLD}
            SELECT told.id, told.day, told.amount, told.payer_name, told.reference, told.text,
                told.is_stated, told.later, coalesce(postponed.note, ''), postponed.until,
                coalesce(postponed.is_asked, false)
            FROM told JOIN bank_movement movement ON movement.id = told.id
            LEFT JOIN bank_postponement postponed ON postponed.client_id = %(client)s
                AND postponed.movement_id = told.id AND postponed.ended_by_id IS NULL
            WHERE {chosen} AND {_FOUND} AND {UNPOSTED}
            ORDER BY {order} LIMIT %(limit)s
            """,
            asked,
        )
        return cursor.fetchall()


def _answered(asked: dict, tab: Tab, order: str) -> list[tuple]:
    by = "LIKE 'person:%%'" if tab is Tab.DONE else "NOT LIKE 'person:%%'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {_TOLD}, answers AS (
                SELECT standing.movement_id AS id, entry.id AS entry_id, entry.act_id,
                    series.code || ' ' || entry.number AS number
                FROM ({STANDING}) standing JOIN ledger_entry entry ON entry.id = standing.entry_id
                JOIN ledger_series series ON series.id = entry.series_id
                UNION ALL SELECT paired.movement_id, NULL, pairing.act_id, ''
                FROM bank_pairedmovement paired JOIN bank_pairing pairing ON pairing.id = paired.pairing_id
                WHERE paired.client_id = %(client)s AND paired.is_live)
            SELECT told.id, told.day, told.amount, told.payer_name, told.reference, told.text,
                told.is_stated, told.later, '', NULL, false, answers.entry_id, answers.number
            FROM told JOIN answers ON answers.id = told.id
            JOIN trail_act act ON act.client_id = %(client)s AND act.id = answers.act_id
            WHERE act."by" {by} AND {_FOUND}
            ORDER BY {order} LIMIT %(limit)s
            """,
            asked,
        )
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Reported:
    """That a file told of a line: which, what kind, which statement, and its place there."""

    file: int
    name: str
    kind: str
    statement: str
    day: date | None
    place: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What stood, or stands, for a line: an entry or a pairing, by which act, and whether it stands."""

    act: int
    entry: int | None
    number: str
    pairing: int | None
    stands: bool
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a line, open or closed."""

    kind: str
    reason: Words
    asked_at: datetime
    closed_at: datetime | None
    closed_by: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A payment that a sum line is made of, or the sum line that a payment is a part of."""

    id: int
    amount: Decimal
    payer: str
    reference: str
    is_posted: bool


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of a bank line: who told of it, what was decided, what stands, what was undone."""

    movement: models.Movement
    reports: tuple[Reported, ...]
    answers: tuple[Answer, ...]
    questions: tuple[Asked, ...]
    notes: tuple[models.Postponement, ...]
    parts: tuple[Part, ...]
    lines: tuple[
        tuple[int, str, date, Decimal], ...
    ]  # of entries it is paired with: entry, number, day, amount

    @property
    def is_waiting(self) -> bool:
        """Whether nothing stands for it."""
        return not self.movement.sums_up and not any(answer.stands for answer in self.answers)


def story(client: Client, movement: int) -> Story:
    """One bank line whole; raises Movement.DoesNotExist when it is not this client's."""
    found = models.Movement.objects.select_related("account", "account__account").get(
        client=client, pk=movement
    )
    reports = models.Report.objects.filter(client=client, movement=found).order_by("statement__file_id")
    pairings = tuple(
        models.PairedMovement.objects.filter(client=client, movement=found).values_list(
            "pairing_id", "pairing__act_id", "is_live", "pairing__undone_by_id"
        )
    )
    return Story(
        found,
        tuple(
            Reported(*row)
            for row in reports.values_list(
                "statement__file_id", "statement__file__name", "kind", "statement__number", "booked_on",
                "place", "statement__file__received_at",
            )
        ),
        (*_entries(client, found.pk), *(Answer(act, None, "", pairing, live, undone)
                                        for pairing, act, live, undone in pairings)),
        _questions(client, found.pk),
        tuple(models.Postponement.objects.filter(client=client, movement=found).order_by("pk")),
        _parts(client, found),
        _paired_lines(client, [pairing for pairing, _act, live, _undone in pairings if live]),
    )  # fmt: skip


def _entries(client: Client, movement: int) -> list[Answer]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT entry.act_id, entry.id, series.code || ' ' || entry.number, reversal.act_id
            FROM ledger_entry entry JOIN ledger_series series ON series.id = entry.series_id
            LEFT JOIN ledger_entry reversal ON reversal.client_id = entry.client_id
                AND reversal.reverses_id = entry.id
            WHERE entry.client_id = %s AND entry.origin = %s ORDER BY entry.position
            """,
            [client.pk, f"movement:{movement}"],
        )
        return [
            Answer(act, entry, number, None, undone is None, undone)
            for act, entry, number, undone in cursor.fetchall()
        ]


def _questions(client: Client, movement: int) -> tuple[Asked, ...]:
    from nattbok.desk.models import Question

    return tuple(
        Asked(kind, Words(reason, values), asked_at, closed_at, closed_by)
        for kind, reason, values, asked_at, closed_at, closed_by in Question.objects.filter(
            client=client, subject__in=[f"movement:{movement}", f"rest:{movement}"]
        )
        .order_by("pk")
        .values_list("kind", "reason", "values", "asked_at", "closed_at", "closed_by_id")
    )


def _parts(client: Client, movement: models.Movement) -> tuple[Part, ...]:
    if not movement.sums_up and movement.part_of_id is None:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT movement.id, movement.amount, movement.payer_name, movement.reference, NOT {UNPOSTED}
            FROM bank_movement movement WHERE movement.client_id = %(client)s
                AND (movement.part_of_id = %(movement)s OR movement.id = %(sum)s)
            ORDER BY movement.id
            """,
            {"client": client.pk, "movement": movement.pk, "sum": movement.part_of_id},
        )
        return tuple(Part(*row) for row in cursor.fetchall())


def _paired_lines(client: Client, pairings: Collection[int]) -> tuple[tuple, ...]:
    return tuple(
        (entry, f"{code} {number}", day, amount)
        for entry, code, number, day, amount in models.PairedLine.objects.filter(
            client=client, pairing__in=list(pairings), is_live=True
        ).values_list(
            "line__entry_id", "line__entry__series__code", "line__entry__number", "line__date", "line__amount"
        )
    )

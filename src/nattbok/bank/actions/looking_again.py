"""Looking again at an account's movements, now that more is known of them: files come in any order."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db import connection

from nattbok.bank import queries
from nattbok.bank.models import BankAccount, Movement
from nattbok.bank.rules.identity import Known, parts_of, sum_lines
from nattbok.clients.models import Client
from nattbok.desk.actions import close
from nattbok.formats.bank.shape import Kind


def look_again(
    client: Client, account: BankAccount, first: date, last: date, by: str, night: int | None
) -> None:
    """Look again at what waits between these days, in both directions: which line sums up which payments.

    A statement line without reference that is exactly the sum of a day's batch of giro payments is their
    sum line; and a payment that might be told twice is not, once the other one has its own report.
    """
    near = queries.known_near(account, first, last)
    bare = queries.without_payer(
        account, [one.id for one in near if one.kinds == {Kind.STATEMENT} and not one.sums_up]
    )
    explained = sum_lines(
        [one for one in near if one.id in bare],
        [one for one in near if Kind.STATEMENT not in one.kinds and not one.sums_up],
        [one for one in near if one.sums_up],
    )
    _write(client, "sums_up", explained)
    if explained:
        close(client, [f"movement:{movement}" for movement in explained], by=by, night=night)
        near = queries.known_near(account, first, last)
    _join(client, near)
    _wait(client, account)


def _join(client: Client, near: Sequence[Known]) -> None:
    """Say of each payment which line of the statement it is a part of, once both are known."""
    there = dict(
        Movement.objects.filter(client=client, pk__among=[one.id for one in near], sums_up=0).values_list(
            "pk", "part_of"
        )
    )
    joined = parts_of(
        [one for one in near if one.sums_up and Kind.STATEMENT in one.kinds],
        [one for one in near if one.id in there and Kind.STATEMENT not in one.kinds],
    )
    _write(client, "part_of_id", {pk: line for pk, line in joined.items() if there[pk] != line})


def _write(client: Client, column: str, values: Mapping[int, int]) -> None:
    """Movement → its value in one column, in one statement."""
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE bank_movement movement SET {column} = given.value
               FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, value)
               WHERE movement.client_id = %s AND movement.id = given.id""",
            [list(values), list(values.values()), client.pk],
        )


def _wait(client: Client, account: BankAccount) -> None:
    """Of two movements that may be the same money one waits, the same one whichever file came first."""
    release, hold = set(), set()
    pairs = queries.maybe_twice(account)
    for waiting, them in groupby(pairs, key=attrgetter("waiting")):
        others = [one for one in them if one.other is not None]
        if any(one.is_other_posted for one in others):
            continue
        less = [one.other for one in others if one.other_rank > one.rank]
        if len(less) == len(others):
            release.add(waiting)
            hold.update(less)
    Movement.objects.filter(client=client, pk__in=release).update(waits_for="")
    Movement.objects.filter(client=client, pk__in=hold - release).update(waits_for="maybe_twice")

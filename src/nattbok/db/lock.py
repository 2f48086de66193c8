"""Locks that outlive no process: the database drops them when the connection ends, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NIGHT = 7001  # one night at a time
CLIENT = 7002  # one worker at a time in a client's books
SENDING = 7004  # one sender of files at a time over a bank connection
FETCHING = 7005  # one at a time who fetches files over a bank connection
NETWORK = 7006  # one sender at a time into the e-invoice network over one way


@contextmanager
def held(kind: int, number: int) -> Iterator[bool]:
    """Hold the lock (`kind`, `number`) for the block if it is free; yields whether it was.

    It belongs to the connection, not to a transaction, so it spans the many transactions of a night.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number])
        (is_held,) = cursor.fetchone()
    try:
        yield is_held
    finally:
        if is_held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number])


def is_free(kind: int, number: int) -> bool:
    """Whether nobody holds the lock right now."""
    with held(kind, number) as was_free:
        return was_free

"""Which clients' rows this block may see.

Row-level security shows only the clients that the connection's scope lists. Outside any scope there are
no rows at all. Scopes nest; leaving one brings back the one around it, whatever happened inside.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from psycopg.pq import TransactionStatus

_current: ContextVar[tuple[int, ...]] = ContextVar("scope", default=())


def current() -> tuple[int, ...]:
    """The ids of the clients that can be seen now."""
    return _current.get()


@contextmanager
def scope(client_ids: Iterable[int]) -> Iterator[None]:
    """See the rows of these clients, and of no others, until the block ends."""
    ids = tuple(sorted({int(client_id) for client_id in client_ids}))
    token = _current.set(ids)
    try:
        _tell(ids)
        yield
    finally:
        _current.reset(token)
        _leave()


def _tell(ids: tuple[int, ...]) -> None:
    wrapped = connection.connection
    if wrapped is not None and wrapped.closed and not connection.in_atomic_block:
        connection.close()  # the server ended it; the next one is opened by the next line
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('nattbok.clients', %s, false)", [",".join(map(str, ids))])


def _leave() -> None:
    # In a failed transaction nothing can be said, and nothing need be: the rollback that must follow
    # takes the setting back to what it was when the transaction began, and the next `scope` says it anew.
    wrapped = connection.connection
    if wrapped is None or wrapped.closed:
        return
    if wrapped.info.transaction_status != TransactionStatus.INERROR and not connection.needs_rollback:
        _tell(_current.get())


def remember(sender, connection, **kwargs) -> None:
    """A new connection of this thread sees what the one before it saw."""
    if connection.alias == "default" and _current.get():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('nattbok.clients', %s, false)", [",".join(map(str, _current.get()))]
            )

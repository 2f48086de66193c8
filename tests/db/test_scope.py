"""A client sees only itself: whatever is asked, and whatever went wrong before it was asked."""

import json
import threading
from contextlib import suppress

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import ConnectionHandler

from nattbok.clients.models import Client
from nattbok.db import guards, server
from nattbok.db.guards import with_client
from nattbok.db.scope import current, scope
from nattbok.ledger.models import Account, Books
from tests.ledger.raw import entry_row
from tests.world import a_client, an_invoice


def seen() -> set[int]:
    """The clients that the database shows right now."""
    return set(Client.objects.values_list("pk", flat=True))


def tables() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        return with_client(cursor)


@pytest.fixture
def two(office):
    """Two clients, and no scope."""
    one, other = a_client("NO", office=office), a_client("SE", office=office)
    for client in (one, other):
        with scope([client.pk]):
            an_invoice(client, "125.00")
    assert current() == ()
    return one.pk, other.pk


def count(table: str, condition: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")
        return cursor.fetchone()[0]


def test_no_scope_gives_no_rows(two):
    for table, _column in tables():
        assert count(table) == 0, table
    with scope(two):
        assert count("ledger_entry") == 2


def test_another_clients_rows_are_invisible(two):
    one, other = two
    with scope([one]):
        for table, column in tables():
            assert count(table, f"{column} = {other}") == 0, table
            assert count(table) == count(table, f"{column} = {one}"), table
        assert count("ledger_line") == 2
        assert not Account.objects.filter(client=other).update(name="x")
        assert not Account.objects.filter(client=other, number="1").delete()[0]


def test_another_clients_rows_are_not_insertable(two):
    one, other = two
    with scope([one]):
        for table, column in tables():
            with (
                pytest.raises(DatabaseError, match=r"row-level security|permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"INSERT INTO {table} ({column}) VALUES (%s)", [other])


def test_a_row_cannot_be_given_to_another_client(two):
    one, other = two
    with scope([one]), pytest.raises(DatabaseError, match="row-level security"):
        Account.objects.filter(client=one, number="1920").update(client=other)


def test_an_unset_or_empty_scope_is_none(two):
    with connection.cursor() as cursor:
        for setting in ("", ","):
            cursor.execute("SELECT set_config('nattbok.clients', %s, false)", [setting])
            with suppress(DatabaseError):  # what is no list of numbers is refused altogether
                assert seen() == set()
        cursor.execute("RESET nattbok.clients")
    assert seen() == set()


def test_scopes_nest(two):
    one, other = two
    with scope([one]):
        with scope(two):
            assert seen() == {one, other}
            with scope([]):
                assert seen() == set()
            assert seen() == {one, other}
        assert seen() == {one} == set(current())
    assert seen() == set()


class Oops(Exception):
    """Something unforeseen."""


def fail() -> None:
    """A statement that the database refuses."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def test_an_exception_gives_the_outer_scope_back(two):
    one, other = two
    with scope([one]):
        with pytest.raises(Oops), scope([other]):
            raise Oops
        assert seen() == {one}


def test_a_failed_statement_gives_the_outer_scope_back(two):
    one, other = two
    with scope([one]):
        with pytest.raises(DatabaseError), scope([other]):
            fail()
        assert seen() == {one}


def test_a_failed_transaction_gives_the_outer_scope_back(two):
    one, other = two
    with scope([one]):
        with pytest.raises(DatabaseError), transaction.atomic(), scope([other]):
            fail()
        assert seen() == {one}
        with pytest.raises(DatabaseError), scope([other]), transaction.atomic():
            fail()
        assert seen() == {one}
    with pytest.raises(DatabaseError), transaction.atomic(), scope([other]):
        fail()
    assert seen() == set()


def test_a_rolled_back_transaction_gives_the_outer_scope_back(two):
    one, other = two
    with scope([one]):
        with transaction.atomic(), scope([other]):
            transaction.set_rollback(True)
        assert seen() == {one}
        with scope([other]), transaction.atomic():
            transaction.set_rollback(True)
        assert seen() == {one}


def test_a_failed_savepoint_gives_the_outer_scope_back(two):
    one, other = two
    with scope([one]), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic(), scope([other]):
            fail()
        assert seen() == {one}
        with scope([other]):
            with pytest.raises(DatabaseError), transaction.atomic():
                fail()
            assert seen() == {other}
        assert seen() == {one}
        with scope([other]):
            with pytest.raises(DatabaseError), transaction.atomic(), scope(two):
                fail()
            assert seen() == {other}
    assert seen() == set()


def test_a_savepoint_within_a_scope_within_a_failed_transaction(two):
    one, other = two
    with scope([one]):
        with pytest.raises(Oops), transaction.atomic(), scope([other]), transaction.atomic():
            raise Oops
        assert seen() == {one}


def test_a_commit_that_is_refused_gives_the_outer_scope_back(two):
    """Deferred promises are asked at commit, when the inner scope is already left."""
    one, _other = two
    with pytest.raises(DatabaseError), transaction.atomic(), scope([one]):
        entry_row(Client.objects.get(pk=one))
    assert seen() == set()
    with scope([one]):
        with pytest.raises(DatabaseError), transaction.atomic(), scope(two):
            entry_row(Client.objects.get(pk=one))
        assert seen() == {one}


def test_a_new_connection_sees_what_the_old_one_saw(two):
    one, other = two
    with scope([one]):
        connection.close()
        assert seen() == {one}
        with scope([other]):
            connection.close()
            assert seen() == {other}
            connection.close()
        assert seen() == {one}
        connection.close()
    assert seen() == set()


def test_a_connection_that_the_server_ended_shows_nothing_else(two):
    one, other = two
    with scope([one]):
        with pytest.raises(DatabaseError), scope([other]), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("SELECT 1")
        with scope([one]):  # opens another connection
            assert seen() == {one}
    assert seen() == set()


def test_threads_do_not_share_scopes(two):
    one, other = two
    found: dict[str, set[int]] = {}
    entered, looked = threading.Event(), threading.Event()

    def look() -> None:
        found["none"] = seen()
        with scope([other]):
            entered.set()
            looked.wait(10)
            found["own"] = seen()
        found["after"] = seen()
        connections.close_all()

    with scope([one]):
        thread = threading.Thread(target=look)
        thread.start()
        assert entered.wait(10)
        assert seen() == {one}
        looked.set()
        thread.join(10)
        assert seen() == {one}
    assert found == {"none": set(), "own": {other}, "after": set()}


def test_what_is_written_within_a_scope_is_its_clients(two):
    one, other = two
    with scope([one]):
        Books.objects.all().update(head="x" * 64)
    with scope([other]):
        assert Books.objects.get().head != "x" * 64


def _administrator() -> server.Login:
    passwords = json.loads((server.home() / "secrets" / "database.json").read_text())
    if "postgres" not in passwords:
        pytest.skip("the administrator's login is known only for the embedded server")
    return server.logins().app._replace(user="postgres", password=passwords["postgres"])


def test_a_superuser_is_refused(two):
    """It would pass every policy."""
    login = _administrator()
    settings = connections["default"].settings_dict | {"USER": login.user, "PASSWORD": login.password}
    above = ConnectionHandler({"default": settings})["default"]
    with pytest.raises(ImproperlyConfigured, match="superuser"):
        above.ensure_connection()
    assert above.connection is None


def test_a_role_that_bypasses_the_policies_is_refused(two):
    login = _administrator()
    with login.connect(autocommit=True) as administrator:
        administrator.execute("CREATE ROLE passer LOGIN BYPASSRLS PASSWORD 'passer'")
        administrator.execute(f"GRANT CONNECT ON DATABASE {login.database} TO passer")
        try:
            settings = connections["default"].settings_dict | {"USER": "passer", "PASSWORD": "passer"}
            above = ConnectionHandler({"default": settings})["default"]
            with pytest.raises(ImproperlyConfigured, match="bypasses"):
                above.ensure_connection()
        finally:
            administrator.execute(f"REVOKE CONNECT ON DATABASE {login.database} FROM passer")
            administrator.execute("DROP ROLE passer")


def test_neither_of_our_roles_is_above_the_rules():
    for alias in ("default", "owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
                "WHERE rolname = current_user"
            )
            assert cursor.fetchone() == (False, False, False, False)
    assert guards.files()[0].parent.name == "db"

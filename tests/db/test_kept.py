"""What is kept is kept: no role changes, deletes or empties it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction

from nattbok.db.guards import with_client
from nattbok.files.actions import keep
from nattbok.ledger.rules import LineDraft, Settles
from tests.world import a_party, an_entry, an_invoice, posted

KEPT = {
    "ledger_entry": "text",
    "ledger_line": "amount",
    "ledger_settlement": "amount",
    "trail_act": "evidence",
    "files_file": "sha256",
    "files_arrival": "name",
}


@pytest.fixture
def full(fjord):
    """A client with a row in every table that is kept."""
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer)
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "125.00"),
            LineDraft("1500", Decimal("-125"), party=customer, settles=(Settles(item.pk, Decimal("125")),)),
        ),
    )
    keep(fjord, f"payments {fjord.pk}".encode(), name="ocr.txt", came_by="upload")
    return fjord


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("role", ["default", "owner"])
@pytest.mark.parametrize("deed", ["UPDATE", "DELETE", "TRUNCATE"])
def test_kept_for_good(full, table, role, deed):
    column = KEPT[table]
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = {column} WHERE client_id = {full.pk}",
        "DELETE": f"DELETE FROM {table} WHERE client_id = {full.pk}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }[deed]
    with connections[role].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE client_id = %s", [full.pk])
        (before,) = cursor.fetchone()
    assert before
    expected = "kept as it is and cannot change" if role == "owner" else "permission denied"
    with (
        pytest.raises(DatabaseError, match=expected),
        transaction.atomic(using=role),
        connections[role].cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "table", ["ledger_books", "ledger_fiscalyear", "ledger_account", "ledger_party", "ledger_series"]
)
def test_the_frame_of_the_books_is_not_deleted(full, table):
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE client_id = {full.pk}")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY",
        "DROP POLICY scope ON ledger_entry",
        "DROP TRIGGER kept ON ledger_line",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION nattbok_scope() RETURNS bigint[] LANGUAGE sql AS 'SELECT NULL::bigint[]'",
        "DELETE FROM django_migrations",
        "CREATE TABLE spare (id int)",
        "CALL nattbok_keep('ledger_entry', 'nobody')",
    ],
)
def test_the_running_role_alters_nothing(full, statement):
    with (
        pytest.raises(DatabaseError, match=r"must be owner|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_table_with_a_client_has_its_policy():
    with connection.cursor() as cursor:
        tables = [table for table, _column in with_client(cursor)]
        cursor.execute(
            """SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
               WHERE relrowsecurity AND polname = 'scope' AND polcmd = '*'
                   AND polqual IS NOT NULL AND polwithcheck IS NOT NULL"""
        )
        assert set(tables) == {table for (table,) in cursor.fetchall()}
    assert len(tables) > 20


def test_the_guards_install_again(full):
    """They run after every migrate, also on books that are in use."""
    from nattbok.db import guards

    guards.install()
    posted(full, an_entry(full, ("1920", "1.00"), ("3000", "-1.00")))

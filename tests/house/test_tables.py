"""The tables are as the models say, amounts are exact, and the guards can be installed again."""

import re

import pytest
from django.core.management import call_command
from django.db import connections

from nattbok.db import guards
from tests.house.sources import PACKAGE

AMOUNT = re.compile(
    r"(^|_)(amount|left|debit|credit|net|vat|owed|limit|opening|closing|balance|base|price|sum|fee|paid|due)$"
)


def rows(statement: str, *, using: str = "default") -> list[tuple]:
    """What a role is answered."""
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_the_migrations_are_complete():
    """Rule: nothing is in the models that is not in a migration."""
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail("a model has changed without its migration; run manage makemigrations")


def columns() -> list[tuple]:
    """Every column of our own tables: table, column, type, digits, decimals."""
    return rows(
        """
        SELECT table_name::text, column_name::text, data_type::text, numeric_precision, numeric_scale
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE 'django\\_%' AND table_name NOT LIKE 'auth\\_%'
            AND table_name NOT LIKE 'procrastinate\\_%'
        """,
        using="owner",
    )


def test_amounts_are_exact():
    """Rule: an amount is numeric(16,2); never a float, and never of another width."""
    amounts = [
        (f"{table}.{column}", kind, digits, decimals)
        for table, column, kind, digits, decimals in columns()
        if AMOUNT.search(column) and kind not in {"character varying", "text", "jsonb", "boolean"}
    ]
    assert len(amounts) > 15
    assert [amount for amount in amounts if amount[1:] != ("numeric", 16, 2)] == []


def test_no_number_is_a_float():
    """Rule: no column of ours rounds as it likes."""
    floats = {"real", "double precision", "money"}
    assert [row[:3] for row in columns() if row[2] in floats] == []


def test_moments_are_aware():
    """Rule: a moment says where it is; a column without a time zone would lose that."""
    assert [row[:3] for row in columns() if row[2] == "timestamp without time zone"] == []


def promises() -> list[tuple]:
    """All that guards.sql and the policies make: triggers, functions, policies and rights."""
    return rows(
        """
        SELECT 'trigger', tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid) FROM pg_trigger
            WHERE NOT tgisinternal
        UNION ALL SELECT 'function', '', proname::text, pg_get_functiondef(oid) || coalesce(proacl::text, '')
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
        UNION ALL SELECT 'policy', tablename::text, policyname::text, qual || with_check FROM pg_policies
        UNION ALL SELECT 'rights', relname::text, '', coalesce(relacl::text, '') FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 'rights', attrelid::regclass::text, attname::text, attacl::text FROM pg_attribute
            WHERE attacl IS NOT NULL
        ORDER BY 1, 2, 3, 4
        """,
        using="owner",
    )


def test_the_guards_can_be_installed_again():
    """Rule: every guards.sql is the truth whenever it runs; installed once more it changes nothing."""
    guards.install()
    before = promises()
    guards.install()
    assert promises() == before
    assert {kind for kind, *_rest in before} == {"trigger", "function", "policy", "rights"}


def test_every_guards_file_says_why():
    """Rule: each piece of our guards.sql stands under a comment that says what it is for."""
    ours = [path for path in guards.files() if path.is_relative_to(PACKAGE)]
    assert ours
    bare = [
        f"{path}: {piece.splitlines()[0]}"
        for path in ours
        for piece in path.read_text().split("\n\n")
        if piece.startswith("CREATE OR REPLACE FUNCTION")
    ]
    assert not bare


def test_triggers_run_once_per_statement():
    """Rule: a trigger that runs for every row makes a night slow; ours run once per statement."""
    assert (
        rows(
            """SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger
           JOIN pg_class ON pg_class.oid = tgrelid
           WHERE NOT tgisinternal AND tgtype & 1 = 1 AND relname NOT LIKE 'procrastinate\\_%'"""
        )
        == []
    )

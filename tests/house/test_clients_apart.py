"""No row of one client is seen from, or refers to, another's."""

import pytest
from django.apps import apps
from django.db import connection

from nattbok.db.fields import ClientKey, SameClient
from nattbok.db.scope import scope
from tests.world import a_client

# Composite keys without the client, each with the reason why it cannot lead to another client.
WITHOUT_THE_CLIENT = {
    "entry_is_complete": "(id, line_count) to the last line, which refers back with its client and entry",
}


def rows(statement: str, *values) -> list[tuple]:
    """What the running system's role is answered."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def tables_with_a_client() -> list[str]:
    """Every table whose rows are some client's."""
    return [
        table
        for (table,) in rows(
            "SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND attname = 'client_id' UNION SELECT 'clients_client' ORDER BY 1"
        )
    ]


def test_every_table_with_a_client_has_its_policy():
    """Rule: a table with a client has row-level security, with the policy `scope` and no other; an office's
    rules have a policy of their own."""
    policies = rows(
        """SELECT class.relname::text, policy.polname::text
           FROM pg_class class JOIN pg_policy policy ON policy.polrelid = class.oid
           WHERE class.relnamespace = 'public'::regnamespace AND class.relrowsecurity
               AND policy.polcmd = '*' AND policy.polpermissive
               AND policy.polqual IS NOT NULL AND policy.polwithcheck IS NOT NULL"""
    )
    assert len(tables_with_a_client()) > 10
    of_offices = {("documents_officerule", "office"), ("documents_officeruleversion", "office")}
    assert sorted({*policies} - of_offices) == sorted((table, "scope") for table in tables_with_a_client())
    assert of_offices <= {*policies}  # what an office writes for all its clients is no other office's to see


def test_a_view_asks_as_whoever_reads_it():
    """Rule: a view runs with its reader's rights; with its owner's it would pass every policy."""
    assert not rows(
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
           AND NOT coalesce(reloptions::text LIKE '%%security_invoker=true%%', false)"""
    )


def test_without_a_scope_there_are_no_rows():
    """Rule: what was forgotten shows nothing, rather than everything."""
    a_client("NO")
    with scope([]):
        for table in tables_with_a_client():
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def conditions(plan: dict):
    """Every condition of a plan and whether a node is a query inside another, from the top down."""
    for name, value in plan.items():
        if name.endswith(("Cond", "Filter")):
            yield "condition", value
    if plan.get("Parent Relationship") in {"InitPlan", "SubPlan"}:
        yield plan["Parent Relationship"], ""
    for part in plan.get("Plans", ()):
        yield from conditions(part)


@pytest.mark.parametrize("is_index_used", [True, False])
def test_the_scope_is_asked_for_once(is_index_used):
    """Rule: the policy's list is taken once per statement, and not asked for each row."""
    with scope([1, 2]), connection.cursor() as cursor:
        for table in tables_with_a_client():
            if is_index_used:
                cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM {table}")
            ((plan,),) = cursor.fetchall()
            cursor.execute("RESET enable_seqscan")
            found = list(conditions(plan[0]["Plan"]))
            assert ("InitPlan", "") in found, table
            assert ("SubPlan", "") not in found, table
            held = [text for kind, text in found if kind == "condition"]
            assert any("InitPlan" in text or "$0" in text for text in held), (table, held)
            assert not any("nattbok_scope" in text or "current_setting" in text for text in held), table


def test_references_stay_within_a_client():
    """Rule: a foreign key between two tables with a client has the client on both sides."""
    keys = rows(
        """
        SELECT key.conname::text, key.conrelid::regclass::text,
            EXISTS (
                SELECT FROM unnest(key.conkey, key.confkey) AS pair (here, there)
                JOIN pg_attribute here ON here.attrelid = key.conrelid AND here.attnum = pair.here
                JOIN pg_attribute there ON there.attrelid = key.confrelid AND there.attnum = pair.there
                WHERE here.attname = 'client_id' AND there.attname = 'client_id'
            )
        FROM pg_constraint key
        WHERE key.contype = 'f'
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = key.conrelid AND attname = 'client_id')
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = key.confrelid AND attname = 'client_id')
        """
    )
    assert len(keys) > 20
    without = {name for name, _table, has_client in keys if not has_client}
    assert without == set(WITHOUT_THE_CLIENT)


def constraints(model) -> list[SameClient]:
    """The composite keys that a model declares."""
    return [constraint for constraint in model._meta.constraints if isinstance(constraint, SameClient)]


def test_every_reference_within_a_client_is_held_by_a_key():
    """Rule: a ClientKey makes no key of its own, so its model must have a SameClient over it."""
    loose = []
    for model in apps.get_models():
        covered = {constraint.field for constraint in constraints(model)}
        covered_columns = {column for constraint in constraints(model) for column in constraint.columns}
        loose += [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.local_fields
            if isinstance(field, ClientKey)
            and field.name not in covered
            and field.column not in covered_columns
        ]
    assert not loose


def test_every_declared_key_is_in_the_database():
    """Rule: what the models promise with SameClient, the database has, and has checked."""
    there = {
        tuple(row)
        for row in rows(
            "SELECT conrelid::regclass::text, conname::text FROM pg_constraint "
            "WHERE contype = 'f' AND convalidated"
        )
    }
    declared = {
        (model._meta.db_table, constraint.name)
        for model in apps.get_models()
        for constraint in constraints(model)
    }
    assert declared and not declared - there

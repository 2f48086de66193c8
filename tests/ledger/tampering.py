"""An intruder with the owner's login: triggers off, rows changed, triggers on again."""

from collections.abc import Sequence

from django.db import connections, transaction

TABLES = (
    "ledger_entry",
    "ledger_line",
    "ledger_openitem",
    "ledger_settlement",
    "ledger_total",
    "trail_act",
    "files_file",
    "ledger_series",
    "ledger_books",
)


def tamper(*statements: tuple[str, Sequence] | str) -> None:
    """Run the statements as the owner, past every trigger but the references' own."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            text, parameters = statement if isinstance(statement, tuple) else (statement, [])
            cursor.execute(text, parameters)
            assert cursor.rowcount, f"nothing was changed: {text}"
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

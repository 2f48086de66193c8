"""Installs every guards.sql, the running role's rights, and row-level security on all that has a client.

All of it can run again and does, after every migrate: the files are always the truth.
"""

from pathlib import Path

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction

from nattbok.db import server

RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {app};
REVOKE INSERT, UPDATE, DELETE ON django_migrations, django_content_type FROM {app};
"""

# The list is taken once per statement, as the plan's InitPlan; compared with it row by row, the function
# itself would be called for each.
POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS scope ON {table};
CREATE POLICY scope ON {table}
    USING ({column} = ANY ((SELECT nattbok_scope())::bigint[]))
    WITH CHECK ({column} = ANY ((SELECT nattbok_scope())::bigint[]));
"""


def install(using: str = "owner", **kwargs) -> None:
    """Make the database keep what it promises. Runs as the owner, after every migrate."""
    app = connections[using].ops.quote_name(server.logins().app.user)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(RIGHTS.format(app=app))
        for path in files():
            cursor.execute(
                path.read_text().replace(":appname", server.logins().app.user).replace(":app", app)
            )
        for table, column in with_client(cursor):
            cursor.execute(POLICY.format(table=table, column=column))


def files() -> list[Path]:
    """Every app's guards.sql: that of `db` first, since the others build on it."""
    found = [Path(config.path) / "guards.sql" for config in apps.get_app_configs()]
    return sorted((path for path in found if path.exists()), key=lambda path: path.parent.name != "db")


def with_client(cursor) -> list[tuple[str, str]]:
    """Every table that has a client, with the column that says which: the clients' own table has its id."""
    cursor.execute(
        """
        SELECT table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'client_id' ORDER BY table_name
        """
    )
    return [(table, "client_id") for (table,) in cursor.fetchall()] + [("clients_client", "id")]


def refuse_superuser(sender, connection, **kwargs) -> None:
    """A superuser, or a role that bypasses row-level security, would see every client: never run as one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (is_above_the_rules,) = cursor.fetchone()
    if is_above_the_rules:
        connection.close()
        raise ImproperlyConfigured(
            "Nattbok does not run as a database superuser or as a role that bypasses row-level security."
        )

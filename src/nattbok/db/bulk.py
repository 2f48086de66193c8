"""Many rows at once: one statement, `INSERT … SELECT … FROM unnest(…)`.

COPY is refused under row-level security, and Django's bulk_create sends a parameter for every value.
"""

import json
from collections.abc import Mapping, Sequence

from django.db import connection
from django.db.models import Model
from psycopg import sql


def ids(model: type[Model], count: int) -> list[int]:
    """`count` fresh primary keys of `model`, so that rows that refer to each other can be sent together."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def insert(model: type[Model], columns: Mapping[str, Sequence]) -> None:
    """Insert one row per place of the sequences; keys are column names, `client_id` and not `client`.

    Values must be what the column's type takes; JSON columns take whatever JSON can hold.
    """
    if not columns or not len(next(iter(columns.values()))):
        return
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    types = {column: _plain(fields[column].db_type(connection)) for column in columns}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    # A JSON value goes in as text: an array of jsonb would be taken for one JSON array.
    wire = {column: "text" if kind == "jsonb" else kind for column, kind in types.items()}
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS given ({names})"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        names=names,
        values=sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in types.items()
        ),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in wire.values()),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
                if types[column] == "jsonb"
                else list(values)
                for column, values in columns.items()
            ],
        )


def _plain(kind: str) -> str:
    """The type without its length, which a cast would silently cut a text to: the column refuses instead."""
    return "varchar" if kind.startswith("varchar(") else kind

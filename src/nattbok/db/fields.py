"""Fields and constraints that all models share."""

from django.db import models


class MoneyField(models.DecimalField):
    """An amount in kroner and øre: numeric(16,2). Debit positive, credit negative."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 16)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


@models.ForeignObject.register_lookup  # a reference does not take its lookups from Field
@models.Field.register_lookup
class Among(models.Lookup):
    """`filter(pk__among=ids)`: as `__in`, but one array for all values and not a parameter for each.

    With the ten thousands of a night, `__in` takes longer to write down than the database to answer.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_postgresql(self, compiler, connection):
        sql, parameters = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        field = getattr(field, "target_field", field)  # a reference is what it refers to
        kind = "bigint" if field.get_internal_type() in ("BigAutoField", "BigIntegerField") else "text"
        return f"{sql} = ANY(%s::{kind}[])", [*parameters, list(self.rhs)]


class ClientKey(models.ForeignKey):
    """A reference to a row of the same client.

    The reference itself is held by the composite key that `SameClient` adds to the model's constraints,
    so Django makes none of its own; nor an index, since indexes here begin with the client.
    """

    def __init__(self, to, on_delete=models.PROTECT, **kwargs):
        kwargs["db_constraint"] = False  # the composite key is the constraint
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)


class SameClient(models.BaseConstraint):
    """A composite foreign key, `(client, field)` to `(client, id)`: no row refers to another client's.

    With `columns` and `to_columns` it says another composite key in full, by column names; such keys
    hold that an entry has its last line and that a number has the one before it.
    """

    def __init__(self, field="", *, name, to="", columns=(), to_columns=(), is_deferred=False):
        super().__init__(name=name)
        self.field, self.to, self.is_deferred = field, to, is_deferred
        self.columns, self.to_columns = tuple(columns), tuple(to_columns)

    def deconstruct(self):
        path, _, kwargs = super().deconstruct()
        return (
            path,
            [self.field],
            kwargs
            | {
                "to": self.to,
                "columns": self.columns,
                "to_columns": self.to_columns,
                "is_deferred": self.is_deferred,
            },
        )

    def __eq__(self, other):
        return isinstance(other, SameClient) and self.deconstruct() == other.deconstruct()

    def __hash__(self):
        return hash(self.name)

    def _clause(self, model, schema_editor):
        quote = schema_editor.quote_name
        if self.field:
            field = model._meta.get_field(self.field)
            target = field.remote_field.model
            table = target if isinstance(target, str) else target._meta.db_table
            columns, to_columns = ("client_id", field.column), ("client_id", "id")
        else:
            table, columns, to_columns = self.to, self.columns, self.to_columns
        return (
            f"FOREIGN KEY ({', '.join(map(quote, columns))}) "
            f"REFERENCES {quote(table)} ({', '.join(map(quote, to_columns))})"
            + (" DEFERRABLE INITIALLY DEFERRED" if self.is_deferred else "")
        )

    def constraint_sql(self, model, schema_editor):
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self._clause(model, schema_editor)}"

    def create_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} "
            f"ADD CONSTRAINT {quote(self.name)} {self._clause(model, schema_editor)}"
        )

    def remove_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, model, instance, exclude=None, using="default"):
        """The database has the last word; there is nothing a form could add."""

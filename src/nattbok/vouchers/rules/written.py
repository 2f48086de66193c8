"""A voucher as somebody writes it: texts in fields, and how they are read.

Nothing here refuses the whole for one field: what cannot be read is the judge's to tell, at its line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.plain import plain as one_line
from nattbok.base.words import _

MOST_ROWS = 200
MOST_FILES = 40
LONGEST_FIELD = 300
FEWEST_ROWS = 4  # that a form has
TOKEN = re.compile(r"[a-z0-9]{8,24}")


class TooManyRows(Refused):
    """A voucher has so many lines."""

    message = _("A voucher has at most {most} lines.")


class UnevenForm(Refused):
    """The form's columns are as long as each other."""

    message = _("The form came broken: its lines do not belong together. Please load the page again.")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a voucher, as it is written."""

    account: str = ""  # number, name, or a template's key
    text: str = ""
    vat_code: str = ""
    is_net: str = ""  # "1": the amount is without its VAT
    debit: str = ""
    credit: str = ""
    department: str = ""
    project: str = ""
    party: str = ""  # a customer's or supplier's number or name
    due_on: str = ""
    number: str = ""  # the invoice's
    reference: str = ""
    currency: str = ""
    currency_amount: str = ""
    rate: str = ""
    spread: str = ""  # /12, /12 from 2026-04
    vat_amount: str = ""  # as it is written and nothing added: the VAT of the line
    vat_base: str = ""  # as it is written and nothing added: what the line is the VAT of

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it. A choice between with and without VAT is nothing."""
        return not any(getattr(self, name) for name in COLUMNS if name != "is_net")

    @property
    def has_more(self) -> bool:
        """Whether something is written that stands in the second part of the line."""
        return any(getattr(self, name) for name in MORE)


COLUMNS = tuple(field.name for field in fields(Row))
MORE = (
    "department", "project", "party", "due_on", "number", "reference", "currency", "currency_amount", "rate",
    "spread", "vat_amount", "vat_base",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher as it is written: its head, its lines, its files; and the entry it corrects, if it does."""

    token: str
    date: str = ""
    text: str = ""
    rows: tuple[Row, ...] = ()
    files: tuple[int, ...] = ()
    corrects: int | None = None
    why: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it is worth keeping; a date alone is not."""
        return not self.text and not self.files and all(row.is_blank for row in self.rows)

    @property
    def shown_rows(self) -> tuple[Row, ...]:
        """The lines that a form shows: those that are written, and one empty after them or more."""
        rows = list(self.rows)
        while rows and rows[-1].is_blank:
            rows.pop()
        empty = max(1, FEWEST_ROWS - len(rows))
        return (*rows, *(Row() for _place in range(empty)))


def plain(text: str) -> str:
    """One line of what somebody wrote, without what cannot be kept, and no longer than is kept."""
    return one_line(text, LONGEST_FIELD)


def rows_of(columns: Mapping[str, Sequence[str]]) -> tuple[Row, ...]:
    """The lines, from columns as a form sends them: each column has a text for each line.

    A column that is left out is blank. Raises UnevenForm and TooManyRows.
    """
    lengths = {len(columns[name]) for name in COLUMNS if columns.get(name)}
    if not lengths:
        return ()
    if len(lengths) > 1:
        raise UnevenForm()
    (count,) = lengths
    if count > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    return tuple(
        Row(**{name: plain(columns[name][place]) for name in COLUMNS if columns.get(name)})
        for place in range(count)
    )


def kept(voucher: Voucher) -> dict:
    """As JSON: only what is written."""
    return {
        "date": voucher.date,
        "text": voucher.text,
        "rows": [
            {name: getattr(row, name) for name in COLUMNS if getattr(row, name)}
            for row in voucher.rows
            if not row.is_blank
        ],
        "files": list(voucher.files),
        "corrects": voucher.corrects,
        "why": voucher.why,
    }


def read(token: str, content: Mapping) -> Voucher:
    """A voucher that was kept as JSON."""
    return Voucher(
        token,
        content.get("date", ""),
        content.get("text", ""),
        tuple(
            Row(**{name: text for name, text in row.items() if name in COLUMNS})
            for row in content.get("rows", [])
        ),
        tuple(content.get("files", [])),
        content.get("corrects"),
        content.get("why", ""),
    )


def with_spread(row: Row) -> Row:
    """`row` with what is written after an account or an amount in its own field: "6300 /12", "12000 /12"."""
    for name in ("account", "debit", "credit"):
        before, slash, after = getattr(row, name).partition("/")
        if slash and not row.spread:
            return replace(row, **{name: before.strip(), "spread": f"/{after.strip()}"})
    return row


def written_amount(found: Decimal | None) -> str:
    """An amount as a field has it, whatever the language: 1234.50."""
    return "" if found is None else f"{found:.2f}"

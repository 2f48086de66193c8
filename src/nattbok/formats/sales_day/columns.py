"""Reports that are one table: told by the names of their columns, read by them."""

from collections.abc import Iterator, Sequence
from typing import NoReturn

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import table


def is_header(head: bytes, columns: Sequence[str]) -> bool:
    """Whether the first line that is not blank names all of `columns`."""
    first = next(filter(None, table.head_lines(head, 3)), "")
    return set(columns) <= set(names(first))


def names(line: str) -> list[str]:
    """The cells of a header line, quotes taken off."""
    return [cell.strip(' "') for cell in line.split(table.delimiter_of(line))]


def header_of(data: bytes, columns: Sequence[str]) -> tuple[list[str], Iterator[table.Row]] | None:
    """The column names and the rows below them; None when the table is another one."""
    written = table.text(data)
    first = next((line for line in written.lstrip().splitlines()[:1]), "")
    header = names(first)
    if not set(columns) <= set(header) or len(set(header)) != len(header):
        return None
    rows = table.rows(written, table.delimiter_of(first))
    next(rows)
    return header, rows


def not_this(source: str) -> NoReturn:
    """Raise that the file is no report of `source`."""
    raise Unreadable(
        _("The file is not a settlement report from {source}."),
        where="line 1",
        code="settlement_not_this",
        source=source,
    )


def empty() -> Unreadable:
    """What is said of a report without a single payout."""
    return Unreadable(_("There is no payout in the report."), code="settlement_empty")

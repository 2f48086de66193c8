"""A document as rows of cells, and what stands to the left of and above any place in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nattbok.reading import amounts, labels
from nattbok.reading.labels import Label, Spotted
from nattbok.reading.memory import Memory
from nattbok.reading.rows import Cell, Row, rows
from nattbok.reading.words import Box, Page

ROWS_ABOVE = 8  # how far up a heading is looked for
CLOSE = 3.2  # heights of a letter: how far above its value a label stands
ALIGNED = 0.012  # of the page's width
BESIDE, BEYOND = 0.97, 0.85  # how much weaker a label is in the cell before, and further to the left
ABOVE, HEADING = 0.92, 0.7  # and right above, and as the heading of a column
COLUMN_SUM = 0.93  # the heading of a column at its sum
REMEMBERED = 1.1  # stronger than any label: a person has said so
LIKE = 0.84  # how like a remembered place must be
MEMORY = "memory"
LABEL_OF = {
    "supplier_orgno": Label.ORG,
    "invoice_no": Label.INVOICE_NO,
    "credited_number": Label.CREDITED,
    "issue_date": Label.ISSUED,
    "due_date": Label.DUE,
    "net": Label.NET,
    "vat_total": Label.VAT,
    "total": Label.TOTAL,
    "payment_ref": Label.REFERENCE,
    "bank_account": Label.ACCOUNT,
    "bankgiro": Label.BANKGIRO,
    "plusgiro": Label.PLUSGIRO,
    "iban": Label.IBAN,
}
_SUMMED = (Label.NET, Label.VAT_BASE, Label.VAT, Label.TOTAL)
AMOUNT = re.compile(r"\d[.,]\d\d(?!\d)(?![.,]\d)")
_LETTER = re.compile(r"[^\W\d_]")
_VALUE = re.compile(r"\d\S*$")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something of interest in a cell: text[start:end]; what it may mean; the labels beside and above it."""

    cell: Cell
    start: int
    end: int
    left: Spotted | None = None
    above: Spotted | None = None

    @property
    def text(self) -> str:
        """As it is printed."""
        return self.cell.text[self.start : self.end]

    @property
    def box(self) -> Box:
        """Where it stands."""
        return self.cell.part(self.start, self.end)

    @property
    def is_remembered(self) -> bool:
        """Whether the supplier's memory says what it is."""
        return self.left is not None and self.left.phrase == MEMORY

    @property
    def order(self) -> tuple[int, int, int]:
        """Reading order."""
        return self.cell.row, self.cell.column, self.start

    def strength(self, *wanted: labels.Label) -> float:
        """How strongly a label says that it is one of these, and nothing else more strongly."""
        if self.left is not None:
            if self.left.label in wanted:
                return self.left.strength
            # What stands beside decides, unless it is only weakly something else.
            if self.left.strength > labels.WITHIN:
                return 0.0
        if self.above is not None and self.above.label in wanted:
            return self.above.strength
        return 0.0


@dataclass(frozen=True)
class Print:
    """All that is printed, in rows."""

    rows: tuple[Row, ...]
    pages: tuple[Page, ...]
    decimal: str
    folded: str = ""  # all its text, folded, with blanks
    memory: Memory | None = None
    above_of: dict[tuple[int, int, int, int], Spotted | None] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """All cells in reading order."""
        return [cell for row in self.rows for cell in row]

    def hit(self, cell: Cell, start: int, end: int) -> Hit:
        """A place with the labels beside and above it, or what the supplier's memory says that it is."""
        if self.memory is not None and (remembered := self._remembered(cell, start, end)):
            return Hit(cell, start, end, remembered)
        left, above = self.left(cell, start), self.above(cell, start, end)
        if left is not None and above is not None and self._is_column_sum(cell, start, left, above):
            left = Spotted(above.label, COLUMN_SUM, above.phrase)
        return Hit(cell, start, end, left, above)

    def _is_column_sum(self, cell: Cell, start: int, left: Spotted, above: Spotted) -> bool:
        """Whether the row is the sum of columns, so that the column's heading says what is summed up.

        "Sum" alone says only that; "Totalt" may be the total, unless several amounts stand in the row.
        """
        if above.label not in _SUMMED or _LETTER.search(cell.text[:start]):
            return False
        if left.label is Label.SUM:
            return True
        amounts_in_row = sum(len(AMOUNT.findall(one.text)) for one in self.rows[cell.row])
        return left.label is Label.TOTAL and amounts_in_row > 1

    def _remembered(self, cell: Cell, start: int, end: int) -> Spotted | None:
        left, above = self.around(cell, start, end)
        box = cell.part(start, end)
        best, best_label = LIKE, None
        for name, label in LABEL_OF.items():
            like = self.memory.likeness(name, left, above, box.left, box.middle, end - start)
            if like > best:
                best, best_label = like, label
        return Spotted(best_label, REMEMBERED * best, MEMORY) if best_label else None

    def around(self, cell: Cell, start: int, end: int) -> tuple[str, str]:
        """The folded texts left of a place and right above it."""
        left = labels.fold(cell.text[:start])
        for other in reversed(self.rows[cell.row][: cell.column]):
            if left:
                break
            left = labels.fold(other.text)
        box = cell.part(start, end)
        for place in range(cell.row - 1, max(-1, cell.row - 1 - ROWS_ABOVE), -1):
            row = self.rows[place]
            if row[0].page != cell.page:
                break
            for other in row:
                if min(box.right, other.box.right) - max(box.left, other.box.left) > 0 and (
                    above := labels.fold(other.text)
                ):
                    return left, above
        return left, ""

    def left(self, cell: Cell, start: int) -> Spotted | None:
        """The label before a place: in its own cell, else in the nearest one to the left that has letters."""
        before = cell.text[:start]
        if _LETTER.search(before):
            found = labels.spot(before)
            if found is not None or len(labels.fold(before)) > 3:
                return found
        distance = BESIDE
        for other in reversed(self.rows[cell.row][: cell.column]):
            if _LETTER.search(other.text) and labels.fold(other.text) not in ("kr", "nok", "sek", "eur"):
                if _VALUE.search(other.text) and "%" not in other.text:
                    return None  # it has a value of its own
                found = labels.spot(other.text)
                return found and found._replace(strength=found.strength * distance)
            distance = BEYOND
        return None

    def above(self, cell: Cell, start: int, end: int) -> Spotted | None:
        """The label or heading over a place."""
        key = cell.row, cell.column, start, end
        if key not in self.above_of:
            self.above_of[key] = self._above(cell, cell.part(start, end))
        return self.above_of[key]

    def _above(self, cell: Cell, box: Box) -> Spotted | None:
        size = max(cell.box.height, 0.005)
        passed = 0
        for place in range(cell.row - 1, max(-1, cell.row - 1 - ROWS_ABOVE), -1):
            row = self.rows[place]
            if row[0].page != cell.page:
                return None
            for other in row:
                overlap = min(box.right, other.box.right) - max(box.left, other.box.left)
                is_over = overlap > 0 or abs(box.left - other.box.left) < ALIGNED
                if not is_over or other.box.top > box.top:
                    continue
                if not _LETTER.search(other.text):
                    passed += 1
                    continue
                found = self._over(other, box)
                if found is None:
                    return None
                is_close = box.top - other.box.bottom <= CLOSE * size and not passed
                return found._replace(strength=found.strength * (ABOVE if is_close else HEADING))
        return None

    def _over(self, other: Cell, box: Box) -> Spotted | None:
        """What the part of a heading right over the place says, or all of it."""
        whole = labels.spot(other.text)
        if whole is not None and whole.strength == 1.0:
            return whole
        part = " ".join(
            match[0]
            for match in re.finditer(r"\S+", other.text)
            if other.edges[match.start()] < box.right and other.edges[match.end()] > box.left
        )
        return labels.spot(part) or whole


def printed(pages: Sequence[Page], memory: Memory | None = None) -> Print:
    """The pages as rows, with the sign before decimals decided for all of them."""
    found = tuple(rows(pages))
    texts = [cell.text for row in found for cell in row]
    folded = " ".join(labels.fold_words(text) for text in texts)
    return Print(found, tuple(pages), amounts.decimal_sign(texts), folded, memory)

"""Fields and files of 80-character records, ISO-8859-1."""

from collections.abc import Iterable
from decimal import Decimal

WIDTH = 80


def ore(amount: Decimal, width: int) -> str:
    """`amount` without its sign, counted in øre, filled with zeros."""
    return digits(str(int(abs(amount) * 100)), width)


def digits(number: str | int, width: int) -> str:
    """A number to the right, filled with zeros. Raises ValueError when it does not fit."""
    number = str(number)
    if len(number) > width or not (number.isascii() and number.isdigit()):
        raise ValueError(f"{number!r} is not a number of at most {width} digits")
    return number.zfill(width)


def text(words: str, width: int) -> str:
    """Text to the left, cut and filled with blanks; what ISO-8859-1 lacks becomes a question mark."""
    words = " ".join(words.split())
    return words.encode("iso-8859-1", "replace").decode("iso-8859-1")[:width].ljust(width)


def file(records: Iterable[str], line_end: str = "\r\n") -> bytes:
    """The records, each filled with blanks to 80 characters."""
    lines = [record.ljust(WIDTH) for record in records]
    if any(len(line) != WIDTH for line in lines):
        raise ValueError("a record is longer than 80 characters")
    return (line_end.join(lines) + line_end).encode("iso-8859-1")

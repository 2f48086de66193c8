"""Texts that are shown to people are marked where they are written and translated where they are shown."""

from typing import NamedTuple


def _(text: str) -> str:
    """Mark `text` for translation; it is returned as it is."""
    return text


class Words(NamedTuple):
    """A sentence not yet in anyone's language: the English text with `{names}`, and what stands in them.

    `values` holds only what JSON can hold (text, whole numbers, None); amounts and dates go in as text,
    in the form `Decimal` and `date` print, and are given the reader's form where they are shown.
    """

    text: str
    values: dict[str, str | int | None] = {}

    def __str__(self) -> str:
        return self.text.format(**self.values)

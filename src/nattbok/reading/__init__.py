"""From pictures and PDFs to the fields of an invoice, each with its place on the page and what proves it.

Pure: bytes and what is known of suppliers come in, dataclasses go out. What is learnt comes in as data.
"""

from collections.abc import Sequence
from datetime import date

from nattbok.reading.memory import Memory, learnt
from nattbok.reading.shape import Field, Own, Reading

__all__ = ["Field", "Memory", "Own", "Reading", "learnt", "read"]


def read(
    data: bytes, *, country: str, own: Own | None = None, memories: Sequence[Memory] = (), on: date
) -> Reading:
    """What a picture or PDF says; see `reader.read`. The engines are loaded when first used."""
    from nattbok.reading import reader

    return reader.read(data, country=country, own=own, memories=memories, on=on)

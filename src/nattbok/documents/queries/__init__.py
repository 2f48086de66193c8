"""What the documents answer: lists and dataclasses, read whole."""

from nattbok.documents.queries.deciding import undecided, unread_files
from nattbok.documents.queries.showing import (
    DECLINED,
    HELD,
    POSTED,
    WAITING,
    Counts,
    Detail,
    Field,
    Row,
    counts,
    document,
    documents,
)

__all__ = [
    "DECLINED",
    "HELD",
    "POSTED",
    "WAITING",
    "Counts",
    "Detail",
    "Field",
    "Row",
    "counts",
    "document",
    "documents",
    "undecided",
    "unread_files",
]

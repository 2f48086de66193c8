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
    InboxRow,
    Row,
    counts,
    document,
    documents,
    files_of,
    inbox,
    twins_of,
)

__all__ = [
    "DECLINED",
    "HELD",
    "POSTED",
    "WAITING",
    "Counts",
    "Detail",
    "Field",
    "InboxRow",
    "Row",
    "counts",
    "document",
    "documents",
    "files_of",
    "inbox",
    "twins_of",
    "undecided",
    "unread_files",
]

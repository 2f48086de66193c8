"""What the documents answer: lists and dataclasses, read whole."""

from nattbok.documents.queries.deciding import undecided, unread_files
from nattbok.documents.queries.reading import ShownPage, WordBox, pages_of, unread, words_of
from nattbok.documents.queries.showing import (
    DECLINED,
    HELD,
    POSTED,
    WAITING,
    WITH_CLIENT,
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
from nattbok.documents.queries.suppliers import SupplierCard, approvers, supplier_card, suppliers_of
from nattbok.documents.queries.whereabouts import Controlled, ReturnedRow, controlled_by, controls, returned

__all__ = [
    "DECLINED",
    "HELD",
    "POSTED",
    "WAITING",
    "WITH_CLIENT",
    "Controlled",
    "Counts",
    "Detail",
    "Field",
    "InboxRow",
    "ReturnedRow",
    "Row",
    "ShownPage",
    "SupplierCard",
    "WordBox",
    "approvers",
    "controlled_by",
    "controls",
    "counts",
    "document",
    "documents",
    "files_of",
    "inbox",
    "pages_of",
    "returned",
    "supplier_card",
    "suppliers_of",
    "twins_of",
    "undecided",
    "unread",
    "unread_files",
    "words_of",
]

"""The left of the document inbox: what waits, in the columns that each person has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.documents import queries
from nattbok.documents.queries import DECLINED, HELD, POSTED, WAITING, WITH_CLIENT, InboxRow
from nattbok.documents.rules.bill import NOT_OURS, UNREADABLE
from nattbok.web import shown

TABS = {
    WAITING: _("To do"),
    WITH_CLIENT: _("With the client"),
    POSTED: _("Posted"),
    DECLINED: _("Set aside"),
}
STATES = {
    WAITING: _("waits"),
    HELD: _("held"),
    POSTED: _("posted"),
    DECLINED: _("set aside"),
    WITH_CLIENT: _("with the client"),
}
WAYS = {
    "folder": _("folder"),
    "upload": _("upload"),
    "mail": _("e-mail"),
    "sftp": "SFTP",
    "peppol": _("e-invoice network"),
    "photo": _("photo"),
    "api": "API",
}
# Kind of question → what is to be done next.
STEPS = {
    "documents.new_supplier": _("register the supplier"),
    "documents.which_supplier": _("choose the supplier"),
    "documents.changed_account": _("confirm the account"),
    "documents.duplicate": _("compare with the other one"),
    "documents.account": _("choose the account"),
    "documents.vat": _("choose the VAT code"),
    "documents.approval": _("post"),
    "documents.accepted": _("post"),
    "documents.came_back": _("read the answer"),
    "documents.undone": _("say what is to become of it"),
    "documents.reading": _("confirm what was read"),
    "documents.several": _("split the file"),
    "documents.unreadable": _("ask for it once more, or set it aside"),
    "documents.not_ours": _("set aside"),
    "documents.held": _("accept or set aside"),
}
COLUMNS = {
    "age": _("Age"),
    "source": _("Source"),
    "state": _("State"),
    "number": _("Number"),
    "due": _("Due"),
    "step": _("Next step"),
    "reason": _("Reason"),
    "controlled": _("Controlled by"),
}
USUAL = ("age", "source", "state", "number", "step", "reason", "controlled")
PAGE = "documents.inbox"  # of the person's settings
MOST = queries.INBOX  # rows that are shown at once


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that the queue says of a document."""

    name: str
    title: str  # of the column, marked
    text: str
    note: str = ""  # what a pointer that rests on it says


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One document in the queue."""

    id: int
    state: str
    name: str
    amount: str
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """All that the filter looks in, in small letters."""
        return " ".join([self.name, self.amount, *(cell.text for cell in self.cells)]).casefold()


def queue(
    client: Client, tab: str, *, columns: Sequence[str], came_by: str = "", q: str = "", order: str = ""
) -> list[QueueRow]:
    """The first MOST documents of a tab that came by one way and have `q`, each with the chosen columns."""
    if tab == WAITING:
        found = queries.inbox(client, MOST, came_by=came_by, q=q, order=order)
    else:
        rows = queries.documents(client, state=tab, limit=MOST, came_by=came_by, q=q, order=order)
        found = [InboxRow(row, "", None, 0) for row in rows]
    ids = [each.row.id for each in found]
    controlled = queries.controlled_by(client, ids) if tab == POSTED and "controlled" in columns else {}
    asked = {each.document: each.why for each in queries.returned(client)} if tab == WITH_CLIENT else {}
    return [_row(client, each, columns, controlled, asked) for each in found]


def ways(client: Client, tab: str, came_by: str) -> list[tuple[str, str]]:
    """The ways that the documents of a tab came, to choose one of; none when there is nothing to choose."""
    found = sorted({*queries.ways(client, tab), *filter(None, [came_by])})
    return [(way, WAYS.get(way, way)) for way in found] if len(found) > 1 or came_by else []


def _row(
    client: Client,
    each: InboxRow,
    columns: Sequence[str],
    controlled: dict[int, str],
    asked: dict[int, str],
) -> QueueRow:
    row = each.row
    other = f" {row.currency}" if row.currency and row.currency != client.currency else ""
    more = f" +{each.more}" if each.more else ""
    said = {
        "age": (shown.age(row.received_at), shown.moment(row.received_at)),
        "source": (shown.words(WAYS.get(row.came_by, row.came_by)), row.file_name),
        "state": (shown.words(STATES[row.state]), ""),
        "number": (row.number, ""),
        "due": (shown.day(row.due_on), ""),
        "step": (shown.words(step(each)), ""),
        "reason": (shown.words(each.reason) + more if each.reason else asked.get(row.id, ""), ""),
        "controlled": (controlled.get(row.id, ""), ""),
    }
    return QueueRow(
        row.id,
        row.state,
        row.supplier_name or row.file_name,
        shown.amount(row.owed) + other if row.owed is not None else "",
        tuple(Cell(name, COLUMNS[name], *said[name]) for name in columns if name in said and said[name][0]),
    )


def step(each: InboxRow) -> Words | str:
    """What is to be done next with a document, and by whom."""
    row = each.row
    match row.state:
        case "posted" | "declined":
            return ""
        case "with_client":
            return _("the client answers or approves")
    if row.kind == NOT_OURS:
        return _("set aside")
    if row.kind == UNREADABLE:
        return STEPS["documents.unreadable"]
    if row.kind == "unread":
        return _("it is read soon")
    if not each.kind:
        return _("the robot's next run") if not row.waits_for else _("post")
    return STEPS.get(each.kind, _("look at it"))

"""A client's documents as its own people see them: all of them whatever the way in, in plain words."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Value

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents.models import Document, Gathered
from nattbok.documents.queries.approval import WAITING as UNDER_APPROVAL
from nattbok.documents.queries.approval import states
from nattbok.documents.queries.deciding import with_entry
from nattbok.documents.queries.whereabouts import CLIENT, GATHERED, ReturnedRow, returned
from nattbok.files.models import File
from nattbok.ledger.models import OpenItem

# State → in plain words, and what comes next.
STATES = {
    "reading": (_("Being read"), _("It is ready in a moment.")),
    "gathered": (_("Not handed over"), _("Check it, then hand it over to accounting.")),
    "returned": (_("Accounting asks you"), _("Answer, and it goes back to accounting.")),
    "approval": (_("Waits for approval"), _("It is booked when it is approved.")),
    "accounting": (_("With accounting"), _("Accounting books it.")),
    "declined": (_("Not booked"), _("Accounting has set it aside.")),
    "owed": (_("Booked, to be paid"), _("It is paid when it is due.")),
    "on_hold": (_("Booked, payment on hold"), _("It is paid when the hold is lifted.")),
    "paid": (_("Paid"), ""),
    "booked": (_("Booked"), ""),
}
YOURS = ("gathered", "returned")  # what the client's people do something with
WAYS = {
    "upload": _("Added here"),
    "mail": _("By e-mail"),
    "peppol": _("E-invoice"),
    "network": _("E-invoice"),
    "folder": _("From a folder"),
    "sftp": _("From a server"),
}


@dataclass(frozen=True, slots=True)
class PortalRow:
    """A document, or a file that is not read yet, as the client's people see it."""

    document: int | None
    gathered: int | None  # set while it can be handed over
    state: str
    title: str  # the supplier, else the file's name
    number: str
    issued_on: datetime.date | None
    due_on: datetime.date | None
    currency: str
    owed: Decimal | None
    file: int | None
    file_name: str
    way: str  # marked
    received_at: datetime.datetime
    asked: str = ""  # what accounting asks
    is_coded: bool = False
    is_said_paid: bool = False

    @property
    def said(self) -> str:
        """The state in plain words, marked."""
        return STATES[self.state][0]

    @property
    def next(self) -> str:
        """What comes next, marked."""
        return STATES[self.state][1]

    @property
    def is_yours(self) -> bool:
        """Whether it waits for the client's people."""
        return self.state in YOURS


_BEFORE = 2**62


def rows(
    client: Client,
    *,
    by: str = "",
    only: Collection[int] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[PortalRow]:
    """The client's documents, the newest first, those not read yet before them; or what `by` added alone."""
    gathered = Gathered.objects.filter(client=client)
    found = with_entry(client).select_related("file").defer("reading", "findings")
    if by:
        gathered = gathered.filter(by=by)
        found = found.filter(file__sha256__in=gathered.values("sha256"))
    if only is not None:
        found = found.filter(pk__in=list(only))
    documents = list(found.filter(pk__lt=before or _BEFORE).order_by("-pk")[:limit])
    waiting = {one.sha256: one for one in gathered.filter(handed_over_at__isnull=True)}
    listed = _of(client, documents, {sha256: one.pk for sha256, one in waiting.items()})
    if only is None and before is None:
        return _unread(client, waiting) + listed
    return listed


def _unread(client: Client, waiting: dict[str, Gathered]) -> list[PortalRow]:
    """Files that were added and are no document yet."""
    files = {
        sha256: file
        for file, sha256 in File.objects.filter(client=client, sha256__in=list(waiting)).values_list(
            "pk", "sha256"
        )
    }
    read = set(
        Document.objects.filter(client=client, file__in=list(files.values())).values_list(
            "file__sha256", flat=True
        )
    )
    return [
        PortalRow(
            None, one.pk, "reading", one.name, "", None, None, "", None, files[sha256], one.name,
            WAYS["upload"], one.at,
        )
        for sha256, one in sorted(waiting.items(), key=lambda pair: -pair[1].pk)
        if sha256 in files and sha256 not in read
    ]  # fmt: skip


def _of(client: Client, documents: list[Document], waiting: dict[str, int]) -> list[PortalRow]:
    if not documents:
        return []
    entries = [found.entry for found in documents if found.entry is not None]
    left: dict[int, list[tuple[Decimal, bool]]] = {}
    for entry, amount, on_hold in OpenItem.objects.filter(client=client, line__entry__in=entries).values_list(
        "line__entry", "left", "on_hold"
    ):
        left.setdefault(entry, []).append((amount, on_hold))
    open_ = [found.pk for found in documents if found.entry is None and not found.is_declined]
    under = {document for document, state in states(client, open_).items() if state.outcome == UNDER_APPROVAL}
    asked = {row.document: row.why for row in returned(client)} if open_ else {}
    return [
        PortalRow(
            found.pk,
            waiting.get(found.file.sha256) if found.waits_for == GATHERED else None,
            state_of(found, found.pk in under, left.get(found.entry, ())),
            found.supplier_name or found.file.name,
            found.number,
            found.issued_on,
            found.due_on,
            found.currency,
            found.owed,
            found.file_id,
            found.file.name,
            WAYS.get(found.file.came_by, found.file.came_by),
            found.received_at,
            asked.get(found.pk, ""),
            bool(found.coding),
            bool(found.paid),
        )
        for found in documents
    ]


def state_of(found: Document, is_under: bool, left: Collection[tuple[Decimal, bool]]) -> str:
    """The state of a document for the client's people; `left` are its open items' rests and holds."""
    if found.entry is not None:
        if not left:
            return "paid" if found.paid else "booked"
        if not any(amount for amount, _on_hold in left):
            return "paid"
        return "on_hold" if any(on_hold for amount, on_hold in left if amount) else "owed"
    if found.is_declined:
        return "declined"
    if found.waits_for == CLIENT:
        return "returned"
    if is_under:
        return "approval"
    if found.waits_for == GATHERED:
        return "reading" if found.kind == "unread" else "gathered"
    return "accounting"


def is_file_of(client: Client, file: int, by: str) -> bool:
    """Whether `by` added the file."""
    return Gathered.objects.filter(
        client=client, by=by, sha256__in=File.objects.filter(client=client, pk=file).values("sha256")
    ).exists()


def gathered_of(client: Client, *, by: str = "", ids: Collection[int] = ()) -> list[int]:
    """The files that can be handed over: all, or those of `ids`; of one person where `by` is given."""
    found = Gathered.objects.filter(client=client, handed_over_at__isnull=True)
    if by:
        found = found.filter(by=by)
    if ids:
        found = found.filter(pk__in=list(ids))
    return list(found.order_by("pk").values_list("pk", flat=True))


def asked_about(client: Client, document: int) -> list[ReturnedRow]:
    """What accounting asked about a document and what was answered, the oldest first."""
    return returned(client, document)


def counts(client: Client, *, by: str = "") -> dict[str, int]:
    """How many wait for the client's people: `gathered` to be handed over, `returned` to be answered."""
    gathered = Gathered.objects.filter(client=client, handed_over_at__isnull=True)
    asked = Document.objects.filter(client=client, waits_for=CLIENT, is_declined=False)
    if by:
        gathered = gathered.filter(by=by)
        asked = asked.filter(file__sha256__in=Gathered.objects.filter(client=client, by=by).values("sha256"))
    rows = (
        gathered.order_by()
        .values_list(Value("gathered"), Count("pk"))
        .union(asked.order_by().values_list(Value("returned"), Count("pk")), all=True)
    )
    return {"gathered": 0, "returned": 0} | dict(rows)


def paid_of(client: Client, document: int) -> dict | None:
    """What was said of the document's payment: on, means, account, by."""
    return Document.objects.values_list("paid", flat=True).get(client=client, pk=document)

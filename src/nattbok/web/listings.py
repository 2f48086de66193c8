"""Lists that a person sets up: their filters, order and columns, from the address or a view under a name.

What a list shows stands in its address, so each view has one: `/clients/7/entries/?view=12`. What else the
address says counts before what the view says. A person's columns are remembered where no view is open.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpRequest, QueryDict

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.queries import ListSetting, ViewRow, list_setup, saved_views
from nattbok.web.office import document_grid, document_queue
from nattbok.web.page import NotAsAsked

LONGEST = 100  # signs of a filter
DIGITS = 18  # of a view's number


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its columns, filters and orders. `page` is what settings and views are kept under."""

    page: str
    title: str  # marked
    columns: Mapping[str, str]  # name → marked title
    usual: tuple[str, ...]  # the columns of who has chosen none
    filters: tuple[str, ...] = ()  # as they stand in the address
    orders: Mapping[str, str] | None = None  # name → marked title; "" is the usual one
    fixed: Collection[str] = ()  # columns that are always there

    def chosen(self, kept: Sequence[str] | None) -> list[str]:
        """The columns to show, in their order: those kept, of those there are; else the usual."""
        if kept is None:
            return list(self.usual)
        names = [name for name in dict.fromkeys(kept) if name in self.columns]
        return names + [name for name in self.fixed if name not in names]

    def titled(self, names: Sequence[str] = ()) -> list[tuple[str, str]]:
        """The columns, or the usual ones, each with its marked title."""
        return [(name, self.columns[name]) for name in names or self.usual]


DOCUMENTS = Listing(
    document_queue.PAGE,
    _("Documents"),
    document_queue.COLUMNS,
    document_queue.USUAL,
    ("state", "from", "q"),
    {
        "": _("As they came"),
        "due": _("Due first"),
        "largest": _("Largest first"),
        "supplier": _("By supplier"),
    },
)
CODING = Listing(
    document_grid.PAGE,
    _("The coding"),
    document_grid.COLUMNS,
    document_grid.USUAL,
    fixed=document_grid.FIXED,
)
ENTRIES = Listing(
    "ledger.entries",
    _("Entries"),
    {
        "date": _("Date"),
        "text": _("Text"),
        "by": _("By"),
        "document": _("Document"),
        "amount": _("Amount"),
    },
    ("date", "text", "by", "document", "amount"),
    ("q", "account", "from", "to"),
    {
        "": _("Last posted first"),
        "oldest": _("First posted first"),
        "date": _("By date, the latest first"),
    },
)
ACCOUNT_LINES = Listing(
    "ledger.account",
    _("Lines of an account"),
    {
        "date": _("Date"),
        "text": _("Text"),
        "vat": _("VAT"),
        "debit": _("Debit"),
        "credit": _("Credit"),
        "balance": _("Balance"),
    },
    ("date", "text", "vat", "debit", "credit", "balance"),
    ("from", "to"),
)
OPEN_ITEMS = Listing(
    "ledger.open_items",
    _("Open items"),
    {
        "date": _("Date"),
        "due": _("Due"),
        "reference": _("Reference"),
        "amount": _("Amount"),
        "left": _("Left"),
    },
    ("date", "due", "reference", "amount", "left"),
    ("kind", "q", "only"),
    {"": _("By customer or supplier"), "due": _("Due first"), "largest": _("Largest first")},
)
SUPPLIERS = Listing(
    "suppliers",
    _("Suppliers"),
    {
        "owed": _("Owed"),
        "last_bill": _("Last bill"),
        "touchless": _("Touchless"),
        "channel": _("Comes by"),
        "coding": _("Coding"),
    },
    ("owed", "last_bill", "touchless", "channel", "coding"),
    ("q", "only"),
    {"": _("By name"), "owed": _("Most owed first"), "latest": _("Last bill first")},
)
BANK_LINES = Listing(
    "bank.lines",
    _("Bank lines"),
    {"amount": _("Amount"), "balance": _("Balance"), "note": _("Note")},
    ("amount", "balance", "note"),
    ("tab", "q", "day"),
    {
        "": _("As at the bank"),
        "newest": _("Newest first"),
        "largest": _("Largest first"),
        "payer": _("By payer"),
    },
)
LISTINGS = {
    each.page: each for each in (DOCUMENTS, CODING, ENTRIES, ACCOUNT_LINES, OPEN_ITEMS, SUPPLIERS, BANK_LINES)
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it is asked for."""

    listing: Listing
    path: str  # the page of the list
    values: Mapping[str, str]  # filters and "order"
    columns: tuple[str, ...]
    views: tuple[ViewRow, ...]  # those that can be opened
    view: ViewRow | None  # the one that is open
    opens_with: int | None  # the view that the list opens with
    may_share: bool
    chosen: Mapping[str, list[str]]  # page → the person's columns of it, and of the lists beside it

    def __getitem__(self, name: str) -> str:
        """A filter's value, or the "order"; "" when nothing is asked for. KeyError for what is neither."""
        return self.values[name]

    @property
    def query(self) -> str:
        """Filters and order as they stand in an address."""
        return urlencode({name: value for name, value in self.values.items() if value})

    @property
    def address(self) -> str:
        """The whole list in an address: the view, and what is asked for."""
        opened = urlencode({"view": self.view.id}) if self.view else ""
        return "&".join(filter(None, (opened, self.query)))

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order narrows or changes what is shown."""
        return any(value for name, value in self.values.items() if name != "order")

    @property
    def titled(self) -> list[tuple[str, str]]:
        """The columns, each with its marked title."""
        return self.listing.titled(self.columns)


def asked(
    request: HttpRequest, listing: Listing, client: Client, path: str = "", also: Sequence[str] = ()
) -> Asked:
    """The list as the address asks for it. An order that is not there is NotAsAsked, such a view Http404.

    `path` is the list's page when the request is for another that has the list on it; `also` are the lists
    beside it.
    """
    views = saved_views(request.user, listing.page, office=client.office_id)
    view = _open(request.GET, views)
    values = dict(parse_qsl(view.query if view else ""))
    names = (*listing.filters, *(("order",) if listing.orders else ()))
    values = {
        name: " ".join(request.GET.get(name, values.get(name, "")).replace("\0", "").split())[:LONGEST]
        for name in names
    }
    if values.get("order", "") not in (listing.orders or {"": ""}):
        raise NotAsAsked(written=values["order"][:40])
    settings, may_share = list_setup(request.user, [listing.page, *also], client.office_id)
    setting = settings[listing.page]
    return Asked(
        listing,
        path or request.path,
        values,
        tuple(listing.chosen(view.columns if view else setting.columns)),
        tuple(views),
        view,
        _opens_with(setting, views),
        may_share,
        {page: LISTINGS[page].chosen(kept.columns) for page, kept in settings.items()},
    )


def opening(request: HttpRequest, found: Asked) -> str:
    """Where to go when the list is asked for by nothing but its name, and opens with a view; "" to stay."""
    if request.GET or found.opens_with is None:
        return ""
    return f"{request.path}?view={found.opens_with}"


def _open(asked_for: QueryDict, views: Sequence[ViewRow]) -> ViewRow | None:
    number = asked_for.get("view", "")
    if not number:
        return None
    view = next((each for each in views if str(each.id) == number[:DIGITS]), None)
    if view is None:
        raise Http404
    return view


def _opens_with(setting: ListSetting, views: Sequence[ViewRow]) -> int | None:
    """The view that the list opens with; one that is gone, or no longer shared, is none."""
    return setting.view if setting.view in {each.id for each in views} else None

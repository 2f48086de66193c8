"""The books: entries, open items, trial balance, and the way from a figure down to its document."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.queries import keeps_books
from nattbok.ledger import queries
from nattbok.ledger.rules import OpenItem, PartyKind
from nattbok.recurring.queries import spreads_of
from nattbok.trail.queries import deed
from nattbok.vouchers.queries import attachments
from nattbok.web import evidence, listings, origins
from nattbok.web.page import NotAsAsked, client_page
from nattbok.web.period import chosen, read

PAGE = 100
LINES = 200
ITEMS = 500
ONLY = {"": _("All"), "overdue": _("Overdue"), "on_hold": _("On hold")}
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PartyItems:
    """What is owed by or to one party, the oldest first."""

    name: str
    number: str
    items: tuple[OpenItem, ...]
    left: Decimal


def _number(request: HttpRequest, name: str) -> int:
    """A whole number from the address, 0 when there is none."""
    written = request.GET.get(name, "").strip() or "0"
    if not (written.isascii() and written.isdigit()) or int(written[:20]) > LARGEST_ID:
        raise NotAsAsked(written=written[:40])
    return int(written)


@require_safe
@client_page
def entries(request: HttpRequest, client: Client) -> HttpResponse:
    """The journal, the newest first, filtered by words, days and account."""
    views = listings.asked(request, listings.ENTRIES, client)
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    found = queries.entries(
        client,
        text=views["q"],
        starts_on=read(views["from"]),
        ends_on=read(views["to"]),
        account=views["account"],
        before=_number(request, "before") or None,
        limit=PAGE + 1,
        order=views["order"],
    )
    return render(
        request,
        "office/ledger/entries.html",
        {
            "client": client,
            "tab": "entries",
            "views": views,
            "columns": views.titled,
            "asked": views.values,
            "is_filtered": views.is_filtered,
            "entries": evidence.named(found[:PAGE]),
            "may": keeps_books(request.user, client),
            "older": found[PAGE - 1].id if len(found) > PAGE else None,
        },
    )


@dataclass(frozen=True, slots=True)
class CameBy:
    """The account that somebody came to an entry from, and the span of days it was shown for."""

    account: str
    query: str


def _came_by(request: HttpRequest, client: Client, found: queries.EntryDetail) -> CameBy | None:
    """Up a level is where one came from; an account that the entry has no line on is not it."""
    account = request.GET.get("account", "")
    if account not in {line.account for line in found.lines}:
        return None
    return CameBy(account, chosen(request, client).query)


@require_safe
@client_page
def entry(request: HttpRequest, client: Client, entry_id: int) -> HttpResponse:
    """One entry, what settled what, its file, and why it was posted."""
    found = queries.entry(client, entry_id)
    act = deed(client, found.act)
    return render(
        request,
        "office/ledger/entry.html",
        {
            "client": client,
            "tab": "entries",
            "entry": found,
            "debit": sum((line.amount for line in found.lines if line.amount > 0), ZERO),
            "credit": sum((line.amount for line in found.lines if line.amount < 0), ZERO),
            "deed": act,
            "by": evidence.doer(act.by),
            "card": evidence.card(client, act.evidence),
            "attached": [file for file in attachments(client, found.id) if file.id != found.file],
            "spreads": spreads_of(client, found.id),
            "may": keeps_books(request.user, client),
            "came_by": _came_by(request, client, found),
            "made_from": origins.address(client.pk, found.origin),
        },
    )


@require_safe
@client_page
def open_items(request: HttpRequest, client: Client) -> HttpResponse:
    """What customers owe, or what is owed to suppliers, by party, with what is overdue marked."""
    views = listings.asked(request, listings.OPEN_ITEMS, client)
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    side, only = views["kind"] or PartyKind.CUSTOMER.value, views["only"]
    if side not in {kind.value for kind in PartyKind} or only not in ONLY:
        raise NotAsAsked(written=(side if only in ONLY else only)[:40])
    kind, today = PartyKind(side), timezone.localdate()
    page = queries.item_page(
        client, kind, today=today, q=views["q"], only=only, order=views["order"], limit=ITEMS
    )
    return render(
        request,
        "office/ledger/open_items.html",
        {
            "client": client,
            "tab": "open_items",
            "kind": kind.value,
            "views": views,
            "columns": views.titled,
            "only": only,
            "choices": ONLY.items(),
            "groups": _groups(page, by_party=not views["order"]),
            "page": page,
            "most": ITEMS if page.count > ITEMS else 0,
            "today": today,
        },
    )


def _groups(page: queries.ItemPage, *, by_party: bool) -> list[PartyItems]:
    """The items by party, which the last one of a long list may have more of; or all in their own order."""
    if not by_party:
        return [PartyItems("", "", tuple(page.items), page.left)] if page.items else []
    found = []
    for _party, of_one in groupby(page.items, key=lambda item: item.party):
        items = tuple(of_one)
        left = sum((item.left for item in items), ZERO)
        found.append(PartyItems(items[0].party_name, items[0].party_number, items, left))
    return found


@require_safe
@client_page
def trial_balance(request: HttpRequest, client: Client) -> HttpResponse:
    """Every account's opening, movement and closing, and the proof that they sum to zero."""
    period = chosen(request, client)
    accounts = queries.trial_balance(client, period.days.first, period.days.last)
    sums = {
        name: sum((getattr(account, name) for account in accounts), ZERO)
        for name in ("opening", "debit", "credit", "closing")
    }
    return render(
        request,
        "office/ledger/trial_balance.html",
        {
            "client": client,
            "tab": "trial_balance",
            "period": period,
            "accounts": accounts,
            "sums": sums,
            "is_zero": not sums["opening"] and not sums["closing"],
        },
    )


@require_safe
@client_page
def account(request: HttpRequest, client: Client, number: str) -> HttpResponse:
    """An account's lines with the balance after each."""
    views = listings.asked(request, listings.ACCOUNT_LINES, client)
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    period = chosen(request, client, views.values)
    offset = min(_number(request, "after"), 10_000_000)
    balance, lines = queries.account_lines(
        client, number, period.days.first, period.days.last, limit=LINES + 1, offset=offset
    )
    return render(
        request,
        "office/ledger/account.html",
        {
            "client": client,
            "tab": "trial_balance",
            "period": period,
            "views": views,
            "columns": views.titled,
            "balance": balance,
            "lines": lines[:LINES],
            "offset": offset,
            "earlier": max(0, offset - LINES),
            "later": offset + LINES if len(lines) > LINES else None,
        },
    )


urlpatterns = [
    path("clients/<id:client_id>/entries/", entries, name="entries"),
    path("clients/<id:client_id>/entries/<id:entry_id>/", entry, name="entry"),
    path("clients/<id:client_id>/open-items/", open_items, name="open_items"),
    path("clients/<id:client_id>/trial-balance/", trial_balance, name="trial_balance"),
    path("clients/<id:client_id>/accounts/<slug:number>/", account, name="account"),
]

"""The books: entries, open items, trial balance, and the way from a figure down to its document."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.clients.queries import keeps_books
from nattbok.ledger import queries
from nattbok.ledger.rules import OpenItem, PartyKind
from nattbok.recurring.queries import spreads_of
from nattbok.trail.queries import deed
from nattbok.vouchers.queries import attachments
from nattbok.web import evidence
from nattbok.web.page import NotAsAsked, client_page
from nattbok.web.period import chosen, day

PAGE = 100
LINES = 200
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
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "from", "to", "account")}
    found = queries.entries(
        client,
        text=asked["q"].replace("\0", ""),
        starts_on=day(request, "from"),
        ends_on=day(request, "to"),
        account=asked["account"].replace("\0", ""),
        before=_number(request, "before") or None,
        limit=PAGE + 1,
    )
    return render(
        request,
        "office/ledger/entries.html",
        {
            "client": client,
            "tab": "entries",
            "asked": asked,
            "is_filtered": any(asked.values()),
            "entries": found[:PAGE],
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
        },
    )


@require_safe
@client_page
def open_items(request: HttpRequest, client: Client) -> HttpResponse:
    """What customers owe, or what is owed to suppliers, by party, with what is overdue marked."""
    side = request.GET.get("kind", PartyKind.CUSTOMER.value)
    if side not in {kind.value for kind in PartyKind}:
        raise NotAsAsked(written=side[:40])
    kind = PartyKind(side)
    today = timezone.localdate()
    items = sorted(
        queries.open_items(client, kind=kind),
        key=lambda item: (item.party_name.casefold(), item.party, item.due_on or item.date),
    )
    parties = []
    for _party, of_one in groupby(items, key=lambda item: item.party):
        listed = tuple(of_one)
        left = sum((item.left for item in listed), ZERO)
        parties.append(PartyItems(listed[0].party_name, listed[0].party_number, listed, left))
    return render(
        request,
        "office/ledger/open_items.html",
        {
            "client": client,
            "tab": "open_items",
            "kind": kind.value,
            "parties": parties,
            "count": len(items),
            "left": sum((item.left for item in items), ZERO),
            "overdue": sum((item.left for item in items if item.due_on and item.due_on < today), ZERO),
            "today": today,
        },
    )


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
    period = chosen(request, client)
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

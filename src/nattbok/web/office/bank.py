"""Bank reconciliation: accounts, their days, the lines that wait beside what they may be, a line's story."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from nattbok.bank.actions.reconciliation import reconcile
from nattbok.bank.actions.telling_apart import TWICE, may_be
from nattbok.bank.queries import proposing
from nattbok.bank.queries.accounts import bank_account, bank_accounts, postable_accounts
from nattbok.bank.queries.lines import LineRow, Story, Tab, lines, story
from nattbok.bank.queries.loose import loose
from nattbok.bank.queries.reconciliation import account_days, sealed_days
from nattbok.bank.queries.waiting import every_account
from nattbok.bank.rules.by_hand import Rest
from nattbok.bank.rules.reconciliation import REASONS, TROUBLES, Day, explain
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.known import country
from nattbok.ledger.queries import parties
from nattbok.trail.queries import deed
from nattbok.web import evidence, listings, shown
from nattbok.web.office.bank_answers import SPLIT_ROWS, carry_out, row_id
from nattbok.web.office.bank_plot import plot
from nattbok.web.office.bank_rows import listed
from nattbok.web.page import NotAsAsked, client_page
from nattbok.web.period import read

SHOWN_DAYS = 62
TABS = {
    Tab.TODO: _("To do"),
    Tab.POSTPONED: _("Put off"),
    Tab.AUTOMATIC: _("Automatic"),
    Tab.DONE: _("Done"),
}
RESTS = {
    Rest.NONE: _("Leave the item open"),
    Rest.ON_ACCOUNT: _("Leave it on the account of the customer or supplier"),
    Rest.ROUNDING: _("Write off as rounding"),
    Rest.FEE: _("The bank's fee"),
    Rest.EXCHANGE: _("Exchange difference"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """The figures over an account: of the last day that the bank has told of."""

    account: Any
    days: tuple[Day, ...]
    sealed: dict[datetime.date, str]  # day → sealed, broken or open

    @property
    def last(self) -> Day | None:
        """The last day with a balance from the bank."""
        return next((day for day in reversed(self.days) if day.bank is not None), None)

    @property
    def sealed_through(self) -> datetime.date | None:
        """The last of the unbroken row of sealed days."""
        through = None
        for day in self.days:
            if self.sealed.get(day.day) != "sealed":
                break
            through = day.day
        return through

    @property
    def strip(self) -> list[tuple[Day, str]]:
        """The last days, each with its state."""
        return [(day, self.state(day)) for day in self.days[-SHOWN_DAYS:]]

    def state(self, day: Day) -> str:
        """A word: sealed, missing, broken or open."""
        if day.bank is None or day.trouble:
            return "missing"
        return self.sealed.get(day.day, "open") if day.is_reconciled else (
            "broken" if self.sealed.get(day.day) == "broken" else "open"
        )  # fmt: skip


def _head(account: Any) -> Head:
    return Head(account, tuple(account_days(account)), sealed_days(account))


@require_safe
@client_page
def accounts(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's bank accounts: what the bank has, what the books have, and their days."""
    return render(
        request,
        "office/bank/accounts.html",
        {"client": client, "tab": "bank", "heads": [_head(account) for account in bank_accounts(client)]},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def account(request: HttpRequest, client: Client, account_id: int) -> HttpResponse:
    """Two panes: bank lines on the left, what the one in focus may be on the right. A POST answers it."""
    of = bank_account(client, account_id)
    if request.method == "POST":
        check_keeps_books(request.user, client)
        return _answer(request, client, of)
    views = listings.asked(request, listings.BANK_LINES, client)
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    chosen, (tab, q, day) = row_id(request.GET.get("line", "")), _asked(views)
    may = keeps_books(request.user, client)
    head = _head(of)
    rows = _rows(head, tab, q, day, views["order"])
    line = chosen if chosen in {row.id for row in rows} else rows[0].id if rows else None
    return render(
        request,
        "office/bank/account.html",
        {
            "client": client,
            "tab": "bank",
            "head": head,
            "rows": rows,
            "listed": listed(client, rows, views, line=line, marks=may and tab is Tab.TODO),
            "views": views,
            "chosen": tab,
            "tabs": TABS.items(),
            "q": q,
            "day": day,
            "line": line,
            "is_on_line": bool(chosen),
            "may": may,
        }
        | (_pane(client, of, line, may=may) if line else {}),
    )


def _asked(asked: listings.Asked) -> tuple[Tab, str, datetime.date | None]:
    try:
        return Tab(asked["tab"] or Tab.TODO), asked["q"], read(asked["day"])
    except ValueError as wrong:
        raise NotAsAsked(written=asked["tab"][:40]) from wrong


def _rows(head: Head, tab: Tab, q: str, day: datetime.date | None, order: str) -> list[LineRow]:
    balances = {one.day: one.bank for one in head.days}
    return lines(head.account, tab, balances, today=timezone.localdate(), q=q, day=day, order=order)


@require_safe
@client_page
def pane(request: HttpRequest, client: Client, movement_id: int) -> HttpResponse:
    """The right pane for one bank line: a fragment, fetched when the line gets the focus."""
    found = story(client, movement_id)
    may = keeps_books(request.user, client)
    return render(
        request,
        "office/bank/_pane.html",
        {"client": client, "may": may}
        | _pane(
            client, found.movement.account, movement_id, may=may, q=request.GET.get("items", ""), found=found
        ),
    )


def _pane(
    client: Client,
    of: Any,
    line: int,
    *,
    may: bool,
    q: str = "",
    trouble: str = "",
    found: Story | None = None,
) -> dict:
    found = found or story(client, line)
    accounts = every_account(client) if found.is_waiting else {}
    offer = proposing.offered(client, line, accounts=accounts) if found.is_waiting else None
    given: dict = {
        "line": line,
        "story": found,
        "offer": offer,
        "account": of,
        "trouble": trouble,
        "rests": RESTS.items(),
    }
    note = next((note for note in found.notes if note.ended_by_id is None), None)
    given["note"] = note
    standing = next((answer for answer in found.answers if answer.stands), None)
    if standing is not None:
        act = deed(client, standing.act)
        given |= {"standing": standing, "deed": act, "by": evidence.doer(act.by)}
    if offer is not None and may:
        given |= {
            "may_be": may_be(client, line) if found.movement.waits_for == TWICE else [],
            "items": proposing.choosable(client, offer, q),
            "book_lines": offer.book_lines[:20],
            "items_q": q,
            "other_accounts": [
                each for each in accounts.values() if each.is_active and each.account_id != of.account_id
            ],
            "other_ends": offer.other_ends,
            "split_rows": range(1, SPLIT_ROWS + 1),
            "rule": f"/clients/{client.pk}/bank-rules/new?from={line}",
        }
    return given


@require_safe
@client_page
def choices(request: HttpRequest, client: Client) -> HttpResponse:
    """What the forms choose among: accounts, VAT codes, parties. Fetched once and kept in the page."""
    law = country(client.country)
    language = shown.language()
    return render(
        request,
        "office/bank/_choices.html",
        {
            "client": client,
            "accounts": postable_accounts(client),
            "codes": [(code.code, code.name_en if language == "en" else code.name)
                      for code in law.vat_codes.values()],
            "parties": parties(client),
        },
    )  # fmt: skip


def _answer(request: HttpRequest, client: Client, of: Any) -> HttpResponse:
    """Do what the form says, reconcile the account, and go on to the next line."""
    post, by = request.POST, f"person:{request.user.pk}"
    line = row_id(post.get("line", ""))
    marked = list(
        dict.fromkeys([*([line] if line else []), *(row_id(each) for each in post.getlist("also")[:500])])
    )
    order = [row.id for row in lines(of, Tab.TODO, {}, today=timezone.localdate())]
    try:
        back = carry_out(client, of.pk, line, marked, post, by)
    except Refused as refusal:
        if not request.htmx:
            raise
        if line is None:
            said = HttpResponse(escape(shown.words(refusal.words)))
            return retarget(reswap(said, "innerHTML"), "#bank-status")
        given = _pane(client, of, line, may=True, trouble=shown.words(refusal.words))
        return render(request, "office/bank/_pane.html", {"client": client, "may": True} | given)
    reconcile(client, by=by, accounts=[of.pk])
    following = _following(of, order, line, row_id(post.get("next", "")))
    if back is not None or not request.htmx:
        tab = post.get("tab", "") if post.get("tab", "") in set(Tab) else Tab.TODO.value
        where = f"{reverse('bank_account', args=[client.pk, of.pk])}?tab={tab}&line={back or following or ''}"
        return HttpResponseClientRedirect(where) if request.htmx else redirect(where)
    rest = {row.id for row in lines(of, Tab.TODO, {}, today=timezone.localdate())}
    return render(
        request,
        "office/bank/_answered.html",
        {
            "client": client,
            "head": _head(of),
            "done": [each for each in marked if each not in rest],
            "waiting": len(rest),
            "may": True,
        }
        | (_pane(client, of, following, may=True) if following else {"line": None, "account": of}),
    )


def _following(of: Any, order: Sequence[int], line: int | None, wanted: int | None) -> int | None:
    """The line to go on to: what the page names if that waits, else the next one that does."""
    rest = {row.id for row in lines(of, Tab.TODO, {}, today=timezone.localdate())}
    if wanted in rest:
        return wanted
    at = order.index(line) if line in order else 0
    later = [each for each in order[at:] if each in rest]
    earlier = [each for each in order[:at] if each in rest]
    return later[0] if later else earlier[-1] if earlier else None


@require_safe
@client_page
def days(request: HttpRequest, client: Client, account_id: int) -> HttpResponse:
    """An account's days: sealed or not, and what the difference of the chosen one is made of."""
    head = _head(bank_account(client, account_id))
    asked = read(request.GET.get("day", ""))
    day = next((one for one in head.days if one.day == asked), head.last)
    explained = None
    if day is not None and day.bank is not None:
        explained = explain(day.difference, loose(head.account, day.day), day.day)
    return render(
        request,
        "office/bank/days.html",
        {
            "client": client,
            "tab": "bank",
            "head": head,
            "day": day,
            "state": head.state(day) if day else "",
            "trouble": TROUBLES.get(day.trouble) if day else None,
            "explained": explained,
            "reasons": REASONS,
            "pieces": [(one, one.reason or REASONS[one.why]) for one in explained.pieces]
            if explained
            else [],
        },
    )


@require_safe
@client_page
def plotted(request: HttpRequest, client: Client, account_id: int) -> HttpResponse:
    """The balances of bank and books over the days, as a picture of its own."""
    of = bank_account(client, account_id)
    return HttpResponse(plot(account_days(of)[-SHOWN_DAYS * 2 :]), content_type="image/svg+xml")


@require_safe
@client_page
def line(request: HttpRequest, client: Client, movement_id: int) -> HttpResponse:
    """A bank line's whole story: which files told of it, what was decided and why, what was undone."""
    found = story(client, movement_id)
    acts = [(answer, deed(client, answer.act)) for answer in found.answers]
    return render(
        request,
        "office/bank/line.html",
        {
            "client": client,
            "tab": "bank",
            "story": found,
            "movement": found.movement,
            "answers": [(answer, act, evidence.doer(act.by)) for answer, act in acts],
        },
    )


urlpatterns = [
    path("clients/<id:client_id>/bank/", accounts, name="bank"),
    path("clients/<id:client_id>/bank/choices/", choices, name="bank_choices"),
    path("clients/<id:client_id>/bank/<id:account_id>/", account, name="bank_account"),
    path("clients/<id:client_id>/bank/<id:account_id>/days/", days, name="bank_days"),
    path("clients/<id:client_id>/bank/<id:account_id>/days.svg", plotted, name="bank_plot"),
    path("clients/<id:client_id>/bank/lines/<id:movement_id>/", line, name="bank_line"),
    path("clients/<id:client_id>/bank/lines/<id:movement_id>/pane/", pane, name="bank_pane"),
]

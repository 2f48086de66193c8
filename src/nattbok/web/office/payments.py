"""Payments out: the inbox of what is due, the batches that wait for a yes, and how each payment went."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from nattbok.approvals import actions as approvals
from nattbok.approvals import queries as approval_queries
from nattbok.approvals.rules.policy import May, Policy
from nattbok.bank.actions import payments as actions
from nattbok.bank.queries import payments as queries
from nattbok.bank.queries.payments.rights import PAYMENTS, RIGHT_TO, SALARIES
from nattbok.bank.queries.payments.showing import Filter, PaymentRow
from nattbok.bank.rules.payments import Kind, State
from nattbok.bank.rules.payments import checks as checking
from nattbok.bank.rules.payments.proposal import Wanted, sums
from nattbok.base.errors import NattbokError, Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.base.written import need_day, read_amount, read_day
from nattbok.clients.models import Access, Client, Membership, Person
from nattbok.clients.rules import Role
from nattbok.web import shown
from nattbok.web.page import client_page

STATES: dict[str, str] = {
    State.DRAFTED: _("drafted"),
    State.APPROVED: _("approved"),
    State.SENT: _("sent"),
    State.RECEIVED: _("at the bank"),
    State.ACCEPTED: _("accepted by the bank"),
    State.REJECTED: _("rejected"),
    State.CANCELLED: _("cancelled"),
    State.RETURNED: _("returned"),
    State.SETTLED: _("paid"),
    State.RECONCILED: _("paid and reconciled"),
}
KINDS: dict[str, str] = {Kind.SUPPLIER: _("suppliers"), Kind.SALARY: _("salaries"), Kind.TAX: _("taxes")}
CODES: dict[str, str] = {
    "approved": _("Approved; the file was made"),
    "sent": _("The file left the house"),
    "executed": _("The bank executed it"),
    "returned": _("The money came back"),
    "ACTC": _("The bank has the file"),
    "PDNG": _("The bank waits: for approval there, or for money"),
    "ACCP": _("The bank accepted it"),
    "ACSP": _("The bank is working on it"),
    "ACWC": _("The bank accepted it on another day"),
    "ACSC": _("The bank says that it is paid"),
    "RJCT": _("The bank rejected it"),
}


class NothingMarked(Refused):
    """A deed needs something to be done to."""

    message = _("Mark at least one payment first.")


class MayNotSetUp(Refused):
    """Rights are given by the client's owner or the office's manager."""

    message = _("Only the client's owner or a manager of the office decides who may approve payments.")


@dataclass(frozen=True, slots=True)
class DaySum:
    """What is to be paid from one account on one day."""

    account: str
    day: datetime.date
    amount: Decimal
    currency: str


def _filter(request: HttpRequest) -> Filter:
    given = request.GET
    return Filter(
        through=read_day(given.get("through", ""), near=timezone.localdate()),
        payee=given.get("payee", "")[:100],
        smallest=read_amount(given.get("smallest", "")),
        largest=read_amount(given.get("largest", "")),
        with_discount=bool(given.get("discount")),
        is_loose=True,
    )


def _marked(request: HttpRequest) -> list[int]:
    ids = [int(one) for one in request.POST.getlist("payment") if one.isdecimal() and len(one) < 19]
    if not ids:
        raise NothingMarked()
    return ids


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def payments(request: HttpRequest, client: Client) -> HttpResponse:
    """The payment inbox: what is due, chosen and put right, and made into a batch."""
    trouble, status, left = "", 200, ()
    if request.method == "POST":
        try:
            if request.POST.get("do") == "propose":
                left = _propose(request, client)
            else:
                return _inbox_deed(request, client)
        except NattbokError as refusal:
            trouble, status = shown.words(refusal.words), 409
    kinds = queries.visible_kinds(client, request.user)
    try:
        wanted = _filter(request)
    except NattbokError as refusal:
        trouble, status, wanted = shown.words(refusal.words), 400, Filter(is_loose=True)
    rows = queries.payments(client, kinds, wanted)
    titles = {row.account: row.account_title for row in rows}
    due = sums((row.account, row.pay_on, row.amount) for row in rows if not row.is_held)
    funds = queries.funds(client, kinds)
    return render(
        request,
        "office/payments/payments.html",
        {
            "client": client,
            "tab": "payments",
            "rows": rows,
            "back": [(STATES[row.state], row) for row in queries.sent_back(client, kinds)],
            "sums": [
                DaySum(titles[account], day, amount, client.currency)
                for (account, day), amount in due.items()
            ],
            "total": sum((row.amount for row in rows if not row.is_held), ZERO),
            "short": [
                words
                for _account, _day_, words in checking.shortages(
                    {account: balance for account, (balance, _on) in funds.items()}, due, titles
                )
            ],
            "batches": [batch for batch in queries.batches(client, kinds) if batch.waits],
            "given": request.GET,
            "marked": request.POST.getlist("payment"),
            "note": request.POST.get("note", ""),
            "trouble": trouble,
            "left": left,
            "today": timezone.localdate(),
            "may": queries.may_prepare(client, request.user),
        },
        status=status,
    )


def _propose(request: HttpRequest, client: Client) -> list[Words]:
    """Draft what is due; why some of it could not be proposed."""
    today, person = timezone.localdate(), request.user
    through = read_day(request.POST.get("through", ""), near=today) or today
    found = actions.propose(client, Wanted(through), by=f"person:{person.pk}", today=today, person=person)
    return [left.why for left in found.left]


def _inbox_deed(request: HttpRequest, client: Client) -> HttpResponse:
    person, today, note = request.user, timezone.localdate(), request.POST.get("note", "")
    back = HttpResponseRedirect(request.get_full_path())
    match request.POST.get("do"):
        case "hold":
            actions.hold(client, _marked(request), person=person, note=note)
        case "release":
            actions.release(client, _marked(request), person=person)
        case "postpone":
            until = need_day(request.POST.get("until", ""), near=today)
            actions.postpone(client, _marked(request), person=person, until=until, today=today, note=note)
        case "cancel":
            actions.cancel(client, _marked(request), person=person, note=note)
        case "confirm":
            actions.confirm_accounts(client, _marked(request), person=person)
        case "redraft":
            for payment in _marked(request):
                actions.redraft(client, payment, person=person, today=today)
        case "leave":
            actions.leave_rejected(client, _marked(request), person=person)
        case "batch":
            made = actions.freeze(client, _marked(request), person=person, today=today)
            if len(made) == 1:
                return redirect("payment_batch", client.pk, made[0])
            return redirect("payment_batches", client.pk)
    return back


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def payment(request: HttpRequest, client: Client, payment_id: int) -> HttpResponse:
    """One payment: what is wrong with it, changing it while it is a draft, and its story at the bank."""
    trouble, status = "", 200
    kinds = queries.visible_kinds(client, request.user)
    (row,) = _one(client, kinds, payment_id)
    if request.method == "POST":
        try:
            given = request.POST
            actions.change(
                client,
                payment_id,
                person=request.user,
                today=timezone.localdate(),
                on=read_day(given.get("on", ""), near=timezone.localdate()),
                amount=read_amount(given.get("amount", "")),
                account=given.get("account") or None,
                reference=given.get("reference"),
                message=given.get("message") if not given.get("reference", "").strip() else None,
            )
            return redirect("payment", client.pk, payment_id)
        except NattbokError as refusal:
            trouble, status = shown.words(refusal.words), 409
        (row,) = _one(client, kinds, payment_id)
    return render(
        request,
        "office/payments/payment.html",
        {
            "client": client,
            "tab": "payments",
            "row": row,
            "state": STATES[row.state],
            "story": [(CODES.get(one.code, one.code), one) for one in _story(client, row)],
            "may_change": row.state is State.DRAFTED and row.batch is None,
            "trouble": trouble,
        },
        status=status,
    )


def _one(client: Client, kinds: tuple[Kind, ...], payment_id: int) -> list[PaymentRow]:
    rows = queries.payments(client, kinds, Filter(ids=[payment_id]))
    if not rows:
        raise Client.DoesNotExist  # another client's, or hidden: there is no such page
    return rows


def _story(client: Client, row: PaymentRow) -> list:
    return queries.story(client, [row.id]).get(row.id, [])


@require_http_methods(["GET", "HEAD"])
@client_page
def payment_batches(request: HttpRequest, client: Client) -> HttpResponse:
    """The batches: those that wait for a yes first, then what is on its way and what is done."""
    kinds = queries.visible_kinds(client, request.user)
    rows = queries.batches(client, kinds)
    return render(
        request,
        "office/payments/payment_batches.html",
        {
            "client": client,
            "tab": "payments",
            "waiting": [(KINDS[row.kind], row) for row in rows if row.waits],
            "others": [(KINDS[row.kind], row) for row in rows if not row.waits],
        },
    )


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def payment_batch(request: HttpRequest, client: Client, batch_id: int) -> HttpResponse:
    """A batch: released here, on a phone as well, and followed until each payment is done."""
    trouble, status = "", 200
    kinds = queries.visible_kinds(client, request.user)
    batch = queries.batch(client, batch_id, kinds)
    if request.method == "POST":
        try:
            return _batch_deed(request, client, batch_id)
        except NattbokError as refusal:
            trouble, status = shown.words(refusal.words), 409
        batch = queries.batch(client, batch_id, kinds)
    said = {one.person for one in batch.request.said} if batch.request else set()
    right = approval_queries.right(client, request.user, RIGHT_TO[batch.kind])
    by_day: dict[datetime.date, Decimal] = defaultdict(lambda: ZERO)
    for row in batch.payments:
        by_day[row.pay_on] += row.amount
    return render(
        request,
        "office/payments/payment_batch.html",
        {
            "client": client,
            "tab": "payments",
            "batch": batch,
            "kind": KINDS[batch.kind],
            "rows": [(STATES[row.state], row) for row in batch.payments],
            "days": sorted(by_day.items()),
            "flagged": [row for row in batch.payments if row.account_check],
            "has_said": request.user.pk in said,
            "may_approve": right is not None,
            "may_prepare": queries.may_prepare(client, request.user),
            "own": approval_queries.own_factor(request.user),
            "trouble": trouble,
        },
        status=status,
    )


def _batch_deed(request: HttpRequest, client: Client, batch_id: int) -> HttpResponse:
    person, today, shown_hash = request.user, timezone.localdate(), request.POST.get("sha256", "")
    match request.POST.get("do"):
        case "approve":
            actions.approve(
                client, batch_id, person=person, sha256=shown_hash, today=today,
                code=request.POST.get("code", ""),
            )  # fmt: skip
        case "hand_over":
            actions.hand_over(client, batch_id, person=person, sha256=shown_hash, today=today)
        case "withdraw":
            actions.withdraw(client, batch_id, person=person, why=request.POST.get("why", "").strip() or "–")
            return redirect("payments", client.pk)
        case "file":
            name, data = actions.fetch_file(client, batch_id, person=person, today=today)
            return HttpResponse(
                data,
                content_type="application/xml",
                headers={
                    "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
                    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
                },
            )
    return redirect("payment_batch", client.pk, batch_id)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def payment_rights(request: HttpRequest, client: Client) -> HttpResponse:
    """Who may approve payments, and how many must; changed with a fresh code, by owner or manager."""
    trouble, status = "", 200
    may_set = _may_set_up(client, request.user)
    if request.method == "POST":
        try:
            _rights_deed(request, client, may_set=may_set)
            return HttpResponseRedirect(reverse("payment_rights", args=[client.pk]))
        except NattbokError as refusal:
            trouble, status = shown.words(refusal.words), 409
    return render(
        request,
        "office/payments/payment_rights.html",
        {
            "client": client,
            "tab": "payments",
            "rights": approval_queries.rights(client),
            "policies": [(kind, approval_queries.policy(client, kind)) for kind in (PAYMENTS, SALARIES)],
            "people": _people(client),
            "may_set": may_set,
            "own": approval_queries.own_factor(request.user),
            "trouble": trouble,
        },
        status=status,
    )


def _may_set_up(client: Client, person: Person) -> bool:
    return (
        Membership.objects.filter(office=client.office_id, person=person, is_manager=True).exists()
        or Access.objects.filter(client=client, person=person, role=Role.OWNER.value).exists()
    )


def _people(client: Client) -> list[Person]:
    """Those who may enter the client: the office's and its own."""
    office = Membership.objects.filter(office=client.office_id, sees_all_clients=True).values("person")
    own = Access.objects.filter(client=client).values("person")
    return list(Person.objects.filter(pk__in=office.union(own), is_active=True).order_by("name", "pk"))


def _rights_deed(request: HttpRequest, client: Client, *, may_set: bool) -> None:
    if not may_set:
        raise MayNotSetUp()
    given, by = request.POST, f"person:{request.user.pk}"
    kind = given.get("kind", "")
    if kind not in (PAYMENTS, SALARIES):
        raise MayNotSetUp()
    approvals.prove(
        request.user,
        given.get("code", ""),
        sha256=approval_queries.settings_print(client, kind, given.get("do", "")),
    )
    match given.get("do"):
        case "policy":
            people = given.get("people", "1")
            approvals.demand(
                client,
                kind,
                Policy(
                    int(people) if people in ("0", "1", "2") else 1,
                    read_amount(given.get("two_above", "")),
                    not given.get("registrant_may_not"),
                ),
                by=by,
            )
        case "let" | "forbid" as deed:
            allowed = {person.pk: person for person in _people(client)}
            chosen = given.get("person", "")
            person = allowed.get(int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None
            if person is None and deed == "forbid" and chosen.isdecimal() and len(chosen) < 19:
                person = Person.objects.filter(pk=int(chosen)).first()
            if person is None:
                raise MayNotSetUp()
            if deed == "let":
                approvals.let(client, person, kind, May(read_amount(given.get("limit", ""))), by=by)
            else:
                approvals.forbid(client, person, kind, by=by)


urlpatterns = [
    path("clients/<id:client_id>/payments/", payments, name="payments"),
    path("clients/<id:client_id>/payments/<id:payment_id>/", payment, name="payment"),
    path("clients/<id:client_id>/payments/batches/", payment_batches, name="payment_batches"),
    path("clients/<id:client_id>/payments/batches/<id:batch_id>/", payment_batch, name="payment_batch"),
    path("clients/<id:client_id>/payments/rights/", payment_rights, name="payment_rights"),
]

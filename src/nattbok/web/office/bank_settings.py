"""What is set for a client's bank: what the robot may post by itself, the agreements on references, where
acquirers' payouts go, and how suppliers are paid. Each form is one deed; a refusal keeps the page."""

import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nattbok.bank.actions import agreements as agreeing
from nattbok.bank.actions.bank_rules import set_terms
from nattbok.bank.actions.payments.terms import NotADiscount, set_supplier_terms
from nattbok.bank.actions.payouts import set_accounts
from nattbok.bank.queries import settings as queries
from nattbok.bank.queries.accounts import bank_accounts, postable_accounts
from nattbok.bank.queries.agreements import agreements, unpromised
from nattbok.bank.rules.agreements import AgreementState, lengths_of
from nattbok.base.errors import NattbokError, Refused
from nattbok.base.words import _
from nattbok.base.written import read_amount
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.known import country
from nattbok.ledger.queries import parties
from nattbok.ledger.rules import PartyKind
from nattbok.web import shown
from nattbok.web.office.bank_answers import row_id
from nattbok.web.page import client_page

SOURCES = ("vipps", "stripe", "klarna", "zettle", "nets", "diners", "amex")
LOOK_BACK = datetime.timedelta(days=45)
STATES = {
    AgreementState.ORDERED: _("ordered"),
    AgreementState.ACTIVE: _("active"),
    AgreementState.ENDED: _("ended"),
}
CHECKS = ("unique_may_post", "fx_may_post", "closed_reference_holds", "is_first_open_day")


class NoSuchSupplier(Refused):
    """A supplier is chosen from the list."""

    message = _("Choose a supplier from the list.")


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def bank_settings(request: HttpRequest, client: Client) -> HttpResponse:
    """All that is set, each part with its form. A POST sets one part."""
    trouble, status = "", 200
    if request.method == "POST":
        check_keeps_books(request.user, client)
        try:
            part = _set(client, request.POST, f"person:{request.user.pk}")
            return redirect(f"{request.path}#{part}")
        except NattbokError as refusal:
            trouble, status = shown.words(refusal.words), 409
    today = timezone.localdate()
    suppliers = parties(client, PartyKind.SUPPLIER)
    found = agreements(client)
    law = country(client.country)
    return render(
        request,
        "office/bank/bank_settings.html",
        {
            "client": client,
            "tab": "bank",
            "trouble": trouble,
            "given": request.POST,
            "may": keeps_books(request.user, client),
            "terms": queries.matching_terms(client),
            "accounts": [
                (account, [(one, STATES[one.state]) for one in found if one.account == account.pk])
                for account in bank_accounts(client)
            ],
            "unpromised": unpromised(client, today - LOOK_BACK),
            "methods": law.references.methods,
            "today": today,
            "acquirers": queries.acquirer_accounts(client),
            "sources": SOURCES,
            "supplier_terms": queries.supplier_terms(client),
            "suppliers": suppliers,
            "postable": postable_accounts(client),
            "codes": law.vat_codes,
        },
        status=status,
    )


def _set(client: Client, given: QueryDict, by: str) -> str:
    """Do what the form says; the part of the page that it is in."""
    match given.get("do"):
        case "terms":
            _terms(client, given, by)
            return "robot"
        case "acquirer":
            _acquirer(client, given, by)
            return "acquirers"
        case "supplier":
            _supplier(client, given, by)
            return "suppliers"
        case "order":
            methods = country(client.country).references.methods
            agreeing.order_agreement(
                client,
                row_id(given.get("account", "")) or 0,
                given.get("number", ""),
                on=timezone.localdate(),
                by=by,
                lengths=lengths_of(given.get("lengths", "")),
                methods=[one for one in given.getlist("method") if one in methods],
            )
        case "activate":
            agreeing.activate_agreement(
                client, row_id(given.get("agreement", "")) or 0, on=timezone.localdate(), by=by
            )
        case "end":
            agreeing.end_agreement(
                client, row_id(given.get("agreement", "")) or 0, on=timezone.localdate(), by=by
            )
    return "agreements"


def _terms(client: Client, given: QueryDict, by: str) -> None:
    percent = read_amount(given.get("error_budget", ""))
    set_terms(
        client,
        by=by,
        largest=read_amount(given.get("largest", "")),
        per_night=read_amount(given.get("per_night", "")),
        error_budget=Decimal(2) if percent is None else percent,
        **{name: bool(given.get(name)) for name in CHECKS},
    )


def _acquirer(client: Client, given: QueryDict, by: str) -> None:
    said = {name: given.get(name, "").split(" ")[0][:10] for name in ("clearing", "fee", "refund", "reserve")}
    set_accounts(
        client,
        given.get("source", "").strip().lower()[:40].replace("\0", ""),
        by=by,
        payer=" ".join(given.get("payer", "").replace("\0", "").split())[:200],
        fee_vat_code=given.get("fee_vat_code", "")[:10],
        **said,
    )


def _supplier(client: Client, given: QueryDict, by: str) -> None:
    written = given.get("party", "").strip()
    known = parties(client, PartyKind.SUPPLIER)
    party = next((one.id for one in known if f"{one.number} {one.name}" == written), None)
    if party is None:
        raise NoSuchSupplier()
    days = given.get("days", "").strip()
    if days and not (days.isascii() and days.isdigit() and len(days) < 4):
        raise NotADiscount()
    set_supplier_terms(
        client,
        party,
        by=by,
        percent=read_amount(given.get("percent", "")),
        days=int(days) if days else None,
        pay_to=given.get("pay_to", "").strip().replace("\0", "")[:40],
        is_held=bool(given.get("is_held")),
    )


urlpatterns = [path("clients/<id:client_id>/bank/settings/", bank_settings, name="bank_settings")]

"""Suppliers: all of them, and the card of one with what is set, learnt, owed and sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.base.written import read_amount
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents import actions
from nattbok.documents.actions.suppliers import CHANNELS
from nattbok.documents.queries import deciding
from nattbok.documents.queries import suppliers as queries
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.coding import Setting
from nattbok.ledger.queries.templates import templates
from nattbok.web import evidence, listings, shown
from nattbok.web.office.bank_answers import row_id
from nattbok.web.office.document_queue import STATES, WAYS
from nattbok.web.page import NotAsAsked, client_page

ROWS = 6  # of a split key in the form
ONLY = {
    "": _("All"),
    "owed": _("With open items"),
    "unset": _("Nothing set"),
    "could_send": _("Might send e-invoices"),
}
CHANNEL_TITLES = {
    "": _("not said"),
    "einvoice": _("e-invoice"),
    "mail": _("e-mail"),
    "paper": _("paper"),
}


class NotANumber(Refused):
    """Months are counted."""

    message = _("“{written}” is not a number of months.")


@require_safe
@client_page
def suppliers(request: HttpRequest, client: Client) -> HttpResponse:
    """The suppliers by name, searched by name or number."""
    views = listings.asked(request, listings.SUPPLIERS, client)
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    search, only = views["q"], views["only"]
    if only not in ONLY:
        raise NotAsAsked(written=only[:40])
    rows, is_more = queries.suppliers_of(client, search=search, only=only, order=views["order"])
    return render(
        request,
        "office/suppliers/suppliers.html",
        {
            "client": client,
            "tab": "suppliers",
            "rows": [(row, CHANNEL_TITLES[row.channel]) for row in rows],
            "is_more": is_more,
            "views": views,
            "columns": views.titled,
            "search": search,
            "only": only,
            "choices": ONLY.items(),
            "may": keeps_books(request.user, client),
            "deducts_vat": deciding.deducts_vat(client),
        },
    )


@require_safe
@client_page
def supplier(request: HttpRequest, client: Client, supplier_id: int) -> HttpResponse:
    """The card of one supplier."""
    return _card(request, client, supplier_id)


def _card(
    request: HttpRequest,
    client: Client,
    supplier_id: int,
    *,
    form: Mapping | None = None,
    trouble: object = None,
    status: int = 200,
) -> HttpResponse:
    card = queries.supplier_card(client, supplier_id)
    people = queries.may_approve(client)
    shown_form = form or written(card.setting, card.channel)
    said = {by for known in card.accounts for by in known.by} | {each.by for each in card.versions[:10]}
    doers = {by: evidence.doer(by) for by in said}
    is_english = shown.language() == "en"
    return render(
        request,
        "office/suppliers/supplier.html",
        {
            "client": client,
            "tab": "suppliers",
            "card": card,
            "row": card.row,
            "channel": CHANNEL_TITLES[card.row.channel],
            "form": shown_form,
            "shares": _share_rows(shown_form),
            "trouble": trouble,
            "may": keeps_books(request.user, client),
            "people": people,
            "accounts_in_use": deciding.accounts(client).items(),
            "templates": templates(client).values(),
            "vat_codes": [
                (code.code, code.name_en if is_english else code.name)
                for code in country(client.country).vat_codes.values()
                if code.direction is not VatDirection.OUTPUT
            ],
            "channels": CHANNEL_TITLES.items(),
            "bank_accounts": [(each, [doers[by] for by in each.by]) for each in card.accounts],
            "versions": [(each, doers[each.by]) for each in card.versions[:10]],
            "documents": [(each, STATES[each.state]) for each in card.documents],
            "ways": [(WAYS.get(way, way), count) for way, count in card.ways],
        },
        status=status,
    )


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A row of the split key in the form; `number` counts from 1."""

    number: int
    share: str
    account: str
    department: str
    project: str


def _share_rows(form: Mapping[str, str]) -> list[ShareRow]:
    names = ("share", "share-account", "share-department", "share-project")
    return [
        ShareRow(number, *(str(form.get(f"{name}-{number}", "")) for name in names))
        for number in range(1, ROWS + 1)
    ]


def written(setting: Setting, channel: str) -> dict[str, str]:
    """A setting as the fields of the form."""
    dimensions = setting.dimensions or {}
    form = {
        "account": setting.account,
        "vat_code": setting.vat_code,
        "limit": "" if setting.limit is None else f"{setting.limit:.2f}",
        "may_post": "1" if setting.may_post else "",
        "template": setting.template,
        "months": str(setting.months or ""),
        "approver": str(setting.approver or ""),
        "charges_vat": {None: "", True: "yes", False: "no"}[setting.charges_vat],
        "channel": channel,
        "department": dimensions.get("department", ""),
        "project": dimensions.get("project", ""),
    }
    for number, each in enumerate(setting.shares[:ROWS], 1):
        own = each.dimensions or {}
        form |= {
            f"share-{number}": f"{each.share.normalize():f}",
            f"share-account-{number}": each.account,
            f"share-department-{number}": own.get("department", ""),
            f"share-project-{number}": own.get("project", ""),
        }
    return form


def values(form: Mapping[str, str]) -> dict:
    """What the form says, as `set_supplier` takes it. Raises what cannot be read."""
    said = {name: " ".join(str(form.get(name, "")).replace("\0", "").split())[:100] for name in form}
    account = said.get("account", "").partition(" ")[0]
    rows = []
    for number in range(1, ROWS + 1):
        share = said.get(f"share-{number}", "")
        if not share:
            continue
        dimensions = {name: said.get(f"share-{name}-{number}", "") for name in ("department", "project")}
        rows.append(
            {
                "share": share,
                "account": said.get(f"share-account-{number}", "").partition(" ")[0],
                "dimensions": dimensions,
            }
        )
    return {
        "account": account,
        "vat_code": said.get("vat_code", "").partition(" ")[0],
        "limit": read_amount(said.get("limit", "")),
        "may_post": bool(said.get("may_post")),
        "dimensions": {
            name: said[name] for name in ("department", "project") if said.get(name)
        } or None,
        "shares": split_keys.read(rows, account=account),
        "template": said.get("template", "").lower(),
        "months": _months(said.get("months", "")),
        "approver": row_id(said.get("approver", "")),
        "charges_vat": {"yes": True, "no": False}.get(said.get("charges_vat", "")),
        "channel": said["channel"] if said.get("channel") in CHANNELS else "",
    }  # fmt: skip


def _months(said: str) -> int:
    if not said:
        return 0
    if not (said.isascii() and said.isdigit() and len(said) < 5):
        raise NotANumber(written=said[:40])
    return int(said)


@require_POST
@client_page
def supplier_set(request: HttpRequest, client: Client, supplier_id: int) -> HttpResponse:
    """Keep what the form says; or the card again, with what is in the way."""
    check_keeps_books(request.user, client)
    form = {name: request.POST.get(name, "") for name in request.POST if len(name) < 40}
    try:
        actions.set_supplier(client, supplier_id, **values(form), by=f"person:{request.user.pk}")
    except Refused as refusal:
        return _card(request, client, supplier_id, form=form, trouble=refusal.words, status=409)
    return redirect("supplier", client.pk, supplier_id)


@require_POST
@client_page
def coding_practice(request: HttpRequest, client: Client) -> HttpResponse:
    """Whether the client deducts VAT."""
    check_keeps_books(request.user, client)
    deducts = request.POST.get("deducts_vat") == "1"
    actions.set_practice(client, deducts_vat=deducts, by=f"person:{request.user.pk}")
    return redirect("suppliers", client.pk)


_AT = "clients/<id:client_id>/suppliers"
urlpatterns = [
    path(f"{_AT}/", suppliers, name="suppliers"),
    path(f"{_AT}/practice", coding_practice, name="coding_practice"),
    path(f"{_AT}/<id:supplier_id>/", supplier, name="supplier"),
    path(f"{_AT}/<id:supplier_id>/set", supplier_set, name="supplier_set"),
]

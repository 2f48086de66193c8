"""What a person has paid for the company: claims, their receipts, and handing in; and others' to approve."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.clients.rules import NotYourRight, Right
from nattbok.countries.known import country
from nattbok.expenses import actions as expenses
from nattbok.expenses import queries
from nattbok.expenses.queries import ClaimDetail
from nattbok.expenses.rules import shape
from nattbok.expenses.rules.shape import TITLES
from nattbok.web import drawing
from nattbok.web.deeds import carried_out
from nattbok.web.office.document_answers import row_id
from nattbok.web.page import portal_page
from nattbok.web.shown_claims import STATES

RECEIPT = ("category", "shop", "paid_on", "paid", "vat", "currency", "rate", "text", "why_no_file", "project",
           "department")  # fmt: skip
LARGEST = 40_000_000  # bytes of a picture


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def listed(request: HttpRequest, client: Client) -> HttpResponse:
    """The person's own claims, and those of others that they may approve. A POST begins a new claim."""
    may_hand_in = Right.EXPENSES in request.rights
    if not (may_hand_in or (Right.APPROVE in request.rights and request.method != "POST")):
        raise NotYourRight(client=client.name)
    if request.method == "POST":
        claim = expenses.begin(
            client,
            request.user,
            key=request.POST.get("key", "")[:64] or str(uuid.uuid4()),
            purpose=request.POST.get("purpose", "")[:200],
            by=f"person:{request.user.pk}",
        )
        return redirect("portal_claim", client.pk, claim)
    mine = queries.claims(client, person=request.user.pk)
    others = []
    if Right.APPROVE in request.rights:
        others = [
            row
            for row in queries.claims(client, states=[shape.State.HANDED_IN.value])
            if row.person != request.user.pk
        ]
    return render(
        request,
        "portal/expenses.html",
        {
            "client": client,
            "tab": "expenses",
            "mine": mine,
            "others": others,
            "may_hand_in": may_hand_in,
            "states": STATES,
            "key": uuid.uuid4().hex,
        },
    )


def _claim(request: HttpRequest, client: Client, claim_id: int) -> ClaimDetail:
    """The claim, when it is the person's own or theirs to approve; else 404."""
    found = queries.claim(client, claim_id, today=timezone.localdate())
    is_own = found.row.person == request.user.pk
    if not is_own and not (Right.APPROVE in request.rights and found.row.state != shape.State.OPEN.value):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def claim(request: HttpRequest, client: Client, claim_id: int) -> HttpResponse:
    """One claim: to gather on while it is open, else to look at, and to approve by somebody else."""
    found = _claim(request, client, claim_id)
    trouble: Words | None = None
    if request.method == "POST":
        answer, trouble = carried_out(request, DEEDS, client, found)
        if trouble is None:
            return answer or redirect("portal_claim", client.pk, claim_id)
        found = _claim(request, client, claim_id)
    is_own = found.row.person == request.user.pk
    law = country(client.country)
    return render(
        request,
        "portal/claim.html",
        {
            "client": client,
            "tab": "expenses",
            "found": found,
            "row": found.row,
            "trouble": trouble,
            "state": STATES[found.row.state],
            "is_own": is_own,
            "is_open": is_own and found.row.state == shape.State.OPEN.value,
            "may_approve": not is_own
            and Right.APPROVE in request.rights
            and found.row.state == shape.State.HANDED_IN.value,
            "categories": [(name, TITLES[name]) for name in law.expenses],
            "key": uuid.uuid4().hex,
            "today": timezone.localdate(),
        },
        status=409 if trouble else 200,
    )


def _change(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    names = ("purpose", "from_on", "to_on", "account")
    values = {name: request.POST[name] for name in names if name in request.POST}
    expenses.change(client, found.row.id, request.user, values, by=f"person:{request.user.pk}")
    return None


def given(request: HttpRequest) -> dict[str, str]:
    """What a form or a phone says of a receipt; what is blank on a new one is left to what is read."""
    return {name: request.POST[name] for name in RECEIPT if name in request.POST}


def picture_of(request: HttpRequest) -> tuple[str, bytes] | None:
    """The picture that came along, if any; refused when it is none, or empty."""
    file = request.FILES.get("files")
    if file is None:
        return None
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST or not drawing.can_be_drawn(data):
        raise shape.NotAReceiptFile(name=(file.name or "–")[:80])
    return file.name or "–", data


def _add(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    added = expenses.add_receipt(
        client,
        found.row.id,
        request.user,
        key=request.POST.get("key", "")[:64] or str(uuid.uuid4()),
        values={name: value for name, value in given(request).items() if value.strip()},
        picture=picture_of(request),
        by=f"person:{request.user.pk}",
    )
    return redirect(f"{request.path}#receipt-{added.receipt}")


def _receipt(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    receipt = row_id(request.POST.get("receipt", ""))
    if receipt is None:
        raise Http404
    by = f"person:{request.user.pk}"
    if request.POST.get("remove") == "1":
        expenses.remove_receipt(client, found.row.id, receipt, request.user, by=by)
        return None
    expenses.change_receipt(client, found.row.id, receipt, request.user, given(request), by=by)
    return None


def _hand_in(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    by = f"person:{request.user.pk}"
    expenses.hand_in(client, found.row.id, request.user, by=by, today=timezone.localdate())
    return None


def _withdraw(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    expenses.withdraw(client, found.row.id, request.user, by=f"person:{request.user.pk}")
    return redirect("portal_expenses", client.pk)


def _approve(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    sha256 = request.POST.get("sha256", "")[:64]
    expenses.approve(client, found.row.id, request.user, sha256=sha256, today=timezone.localdate())
    return redirect("portal_expenses", client.pk)


def _give_back(request: HttpRequest, client: Client, found: ClaimDetail) -> HttpResponse | None:
    expenses.give_back(client, found.row.id, request.user, why=request.POST.get("why", ""))
    return redirect("portal_expenses", client.pk)


DEEDS = {
    "change": _change,
    "add": _add,
    "receipt": _receipt,
    "hand_in": _hand_in,
    "withdraw": _withdraw,
    "approve": _approve,
    "give_back": _give_back,
}


@require_POST
@portal_page(needs=Right.EXPENSES)
def read(request: HttpRequest, client: Client, claim_id: int, receipt_id: int) -> HttpResponse:
    """Reads a receipt's picture, which takes a few seconds, and shows the claim anew with what it says."""
    by = f"person:{request.user.pk}"
    is_read = expenses.read_receipt(client, claim_id, receipt_id, request.user, by=by)
    if request.htmx:
        # Not shown anew when nothing was read, or the page would ask for ever.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"} if is_read else {})
    return redirect("portal_claim", client.pk, claim_id)


_AT = "portal/<id:client_id>/expenses"
urlpatterns = [
    path(f"{_AT}/", listed, name="portal_expenses"),
    path(f"{_AT}/<id:claim_id>/", claim, name="portal_claim"),
    path(f"{_AT}/<id:claim_id>/receipts/<id:receipt_id>/read", read, name="portal_receipt_read"),
]

"""The document inbox: what waits on the left, its picture in the middle, its coding on the right."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.bank.queries.accounts import postable_accounts
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.desk.queries import Waiting, about
from nattbok.documents import queries
from nattbok.documents.queries import DECLINED, POSTED, WAITING, Detail, InboxRow
from nattbok.documents.rules.bill import POSTABLE
from nattbok.documents.rules.coding import CodedLine, vat_code
from nattbok.files.models import File
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking.texts import advice
from nattbok.formats.invoice.invoice_response import ACTIONS, ANSWERS, REASONS
from nattbok.ledger.queries import entry
from nattbok.trail.queries import deed
from nattbok.web import evidence, shown
from nattbok.web.office import document_answers as answers
from nattbok.web.office.document_pictures import picture
from nattbok.web.office.invoice_picture import sheet
from nattbok.web.page import NotAsAsked, client_page

TABS = {WAITING: _("To do"), POSTED: _("Posted"), DECLINED: _("Set aside")}
STATES = {
    "waiting": _("waits"),
    "held": _("held"),
    "posted": _("posted"),
    "declined": _("set aside"),
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
UNSURE = Decimal("0.95")  # a field read with less confidence is marked
# What makes a coding no more than a suggestion.
UNCERTAIN = ("documents.account", "documents.vat")


@dataclass(frozen=True, slots=True)
class Said:
    """A finding with what to do about it."""

    finding: Finding
    is_serious: bool
    advice: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the coding grid; `place` counts from 1."""

    place: int
    account: str = ""
    vat_code: str = ""
    net: Decimal | None = None
    vat: Decimal | None = None
    text: str = ""
    source: str = ""
    reason: Words | None = None
    is_unsure: bool = False

    @property
    def net_written(self) -> str:
        """The net as it is typed: without signs between the thousands."""
        return _typed(self.net)

    @property
    def vat_written(self) -> str:
        """The VAT as it is typed."""
        return _typed(self.vat)


def _typed(amount: Decimal | None) -> str:
    text = "" if amount is None else f"{amount:.2f}"
    return text if shown.language() == "en" else text.replace(".", ",")


@require_safe
@client_page
def inbox(request: HttpRequest, client: Client) -> HttpResponse:
    """All that waits, with the first of it open; or the posted, or those set aside."""
    tab = request.GET.get("state", "") or WAITING
    if tab not in TABS:
        raise NotAsAsked(written=tab[:40])
    return _page(request, client, None, tab)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def document(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The inbox with this document open. A POST answers it and goes on to the next."""
    if request.method == "POST":
        check_keeps_books(request.user, client)
        return _answered(request, client, document_id)
    found = queries.document(client, document_id)
    tab = found.row.state if found.row.state in (POSTED, DECLINED) else WAITING
    return _page(request, client, document_id, tab)


@require_safe
@client_page
def pane(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The picture and the coding of one document: a fragment, fetched ahead."""
    given = _pane(request, client, document_id)
    return render(request, "office/documents/_pane.html", given)


def _rows(client: Client, tab: str) -> list[InboxRow]:
    if tab == WAITING:
        return queries.inbox(client)
    return [InboxRow(row, "", None, 0) for row in queries.documents(client, state=tab)]


def _page(request: HttpRequest, client: Client, chosen: int | None, tab: str, **more: object) -> HttpResponse:
    rows = _rows(client, tab)
    is_on_one = chosen is not None
    if chosen is None and rows:
        chosen = rows[0].row.id
    return render(
        request,
        "office/documents/inbox.html",
        {
            "client": client,
            "tab": "documents",
            "tabs": TABS.items(),
            "state": tab,
            "rows": [
                (each, STATES[each.row.state], WAYS.get(each.row.came_by, each.row.came_by)) for each in rows
            ],
            "chosen": chosen,
            "is_on_one": is_on_one,
            "counts": queries.counts(client),
            "accounts": postable_accounts(client),
            "codes": _codes(client),
        }
        | (_pane(request, client, chosen) if chosen else {})
        | more,
    )  # fmt: skip


def _codes(client: Client) -> list[tuple[str, str]]:
    is_english = shown.language() == "en"
    return [
        (code.code, code.name_en if is_english else code.name)
        for code in country(client.country).vat_codes.values()
        if code.direction is not VatDirection.OUTPUT
    ]


def _pane(
    request: HttpRequest,
    client: Client,
    document_id: int,
    *,
    trouble: str = "",
    rows: list[GridRow] | None = None,
) -> dict:
    found = queries.document(client, document_id)
    questions = about(client, f"document:{document_id}")
    seen = picture(File.objects.get(client=client, pk=found.row.file))
    grid = rows or _grid(client, found, {each.kind for each in questions})
    is_open = found.row.state == WAITING and found.row.kind in POSTABLE
    posted = None
    if found.row.entry is not None:
        act = deed(client, entry(client, found.row.entry).act)
        posted = {"deed": act, "by": evidence.doer(act.by)}
    return {
        "client": client,
        "may": keeps_books(request.user, client),
        "document": found,
        "row": found.row,
        "state_words": STATES[found.row.state],
        "seen": seen,
        "sheet": sheet(seen.invoice) if seen.invoice else None,
        "questions": questions,
        "findings": [_said(each) for each in found.findings],
        "twins": queries.twins_of(client, document_id),
        "fields": _fields(found),
        "grid": grid,
        "left": _left(found, grid),
        "asked": (found.bill.owed or ZERO) - found.bill.rounding,
        "is_open": is_open,
        "is_as_before": is_open and _is_as_before(found, questions),
        "can_be_accepted": found.row.state == "held" and found.row.kind in POSTABLE,
        "can_be_answered": bool(found.reading.get("supplier", {}) and seen.invoice),
        "answers": ANSWERS.items(),
        "reasons": REASONS.items(),
        "actions": ACTIONS.items(),
        "posted": posted,
        "trouble": trouble,
        "came_by": WAYS.get(found.row.came_by, found.row.came_by),
    }


def _said(finding: Finding) -> Said:
    serious = finding.severity is not Severity.NOTE
    return Said(finding, serious, advice(finding.code, is_fatal=serious))


def _fields(found: Detail) -> list[tuple[str, str, str, bool]]:
    """Each field that was read: its name, text and source, and whether it is uncertain."""
    sure = found.reading.get("confidence") or {}
    return [(each.name, each.text, each.source, _is_unsure(sure.get(each.name))) for each in found.fields]


def _is_unsure(confidence: object) -> bool:
    try:
        return confidence is not None and Decimal(str(confidence)) < UNSURE
    except ArithmeticError:
        return True


def _grid(client: Client, found: Detail, asked: set[str]) -> list[GridRow]:
    """The proposed lines; without a proposal the document's VAT groups, with the account left to fill in."""
    unsure = not asked.isdisjoint(UNCERTAIN)
    lines = [
        GridRow(
            place, line.account, line.vat_code, line.net, line.vat, line.text, line.source, line.reason,
            unsure or (not line.entries and line.reason.text != _BY_SETTING),
        )
        for place, line in enumerate(found.coding, 1)
    ]  # fmt: skip
    if lines:
        return lines
    law = country(client.country)
    for place, group in enumerate(found.bill.groups, 1):
        code = vat_code(group, bill=found.bill, law=law)
        known = code if isinstance(code, str) else ""
        text = f"{found.bill.seller} {found.bill.number}"[:300]
        lines.append(
            GridRow(place, "", known, group.net, group.vat, text, group.source, None, is_unsure=True)
        )
    return lines or [GridRow(1, net=found.bill.net, vat=found.bill.vat, is_unsure=True)]


_BY_SETTING = _("the setting of {supplier}")


def _left(found: Detail, grid: list[GridRow]) -> Decimal:
    """What the document asks for and the lines do not have."""
    asked = (found.bill.owed or ZERO) - found.bill.rounding
    return asked - sum(((row.net or ZERO) + (row.vat or ZERO) for row in grid), ZERO)


def _is_as_before(found: Detail, questions: list[Waiting]) -> bool:
    """Whether the proposal is what that supplier's bills always were."""
    return bool(found.coding) and all(line.entries for line in found.coding) and not any(
        each.kind in UNCERTAIN for each in questions
    )  # fmt: skip


def _answered(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """Do what the form says; then the next document, or this one with what is in the way."""
    found = queries.document(client, document_id)
    order = [each.row.id for each in queries.inbox(client)]
    try:
        done = answers.carry_out(
            client, found, request.POST, by=f"person:{request.user.pk}", today=timezone.localdate()
        )
    except Refused as refusal:
        trouble = shown.words(refusal.words)
        kept = _as_written(found, request) if request.POST.get("do") == "post" else None
        if not request.htmx:
            given = _pane(request, client, document_id, trouble=trouble, rows=kept)
            return _page(request, client, document_id, WAITING, **given)
        given = _pane(request, client, document_id, trouble=trouble, rows=kept)
        return render(request, "office/documents/_pane.html", given)
    waiting = [each.row.id for each in queries.inbox(client)]
    following = document_id if request.POST.get("stay") == "1" or document_id in waiting else _next(
        order, waiting, document_id, answers.row_id(request.POST.get("next", ""))
    )  # fmt: skip
    if not request.htmx:
        return redirect("document", client.pk, following) if following else redirect("documents", client.pk)
    given = {
        "client": client,
        "gone": [each for each in order if each not in waiting],
        "count": len(waiting),
        "done": done,
        "link": reverse("document", args=[client.pk, document_id]),
        "following": following,
    }
    if following:
        given |= _pane(request, client, following)
    return render(request, "office/documents/_answered.html", given)


def _next(order: list[int], waiting: list[int], at: int, wanted: int | None) -> int | None:
    """The document to go on to: what the page names if it waits, else the next one that does."""
    if wanted in waiting:
        return wanted
    place = order.index(at) if at in order else 0
    later = [each for each in order[place:] if each in waiting]
    earlier = [each for each in order[:place] if each in waiting]
    return later[0] if later else earlier[-1] if earlier else None


def _as_written(found: Detail, request: HttpRequest) -> list[GridRow] | None:
    """The grid as the person wrote it, so that nothing is typed twice; None when it cannot be read."""
    try:
        lines = answers.lines(found, request.POST)
    except Refused:
        return None
    rows = [_row_of(place, line) for place, line in enumerate(lines, 1)]
    return rows or None


def _row_of(place: int, line: CodedLine) -> GridRow:
    return replace(
        GridRow(place),
        account=line.account,
        vat_code=line.vat_code,
        net=line.net,
        vat=line.vat,
        text=line.text,
        source=line.source,
    )


_AT = "clients/<id:client_id>/documents"
urlpatterns = [
    path(f"{_AT}/", inbox, name="documents"),
    path(f"{_AT}/<id:document_id>/", document, name="document"),
    path(f"{_AT}/<id:document_id>/pane/", pane, name="document_pane"),
]

"""The document inbox: what waits on the left, its picture in the middle, its coding on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.bank.queries.accounts import postable_accounts
from nattbok.base.errors import Refused
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books, list_settings
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.desk.queries import Waiting, about
from nattbok.documents import actions, queries
from nattbok.documents.queries import DECLINED, HELD, POSTED, WAITING, WITH_CLIENT, Detail
from nattbok.documents.queries import approval as approvals
from nattbok.documents.queries.answers import given as given_answers
from nattbok.documents.rules.bill import POSTABLE
from nattbok.files.models import File
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking.texts import advice
from nattbok.formats.invoice.invoice_response import ACTIONS, ANSWERS, REASONS
from nattbok.ledger.queries import entry
from nattbok.ledger.queries.templates import templates
from nattbok.reading.titles import TITLES
from nattbok.trail.queries import deed
from nattbok.web import evidence, listings, shown
from nattbok.web.approval_card import SAID
from nattbok.web.office import document_answers as answers
from nattbok.web.office import document_fields as fields
from nattbok.web.office import document_grid as grid
from nattbok.web.office import document_queue as queue
from nattbok.web.office.document_grid import GridRow
from nattbok.web.office.document_pictures import Picture, picture
from nattbok.web.office.invoice_picture import sheet
from nattbok.web.page import NotAsAsked, client_page

# What makes a coding no more than a suggestion.
UNCERTAIN = ("documents.account", "documents.vat")
DUPLICATE = "documents.duplicate"
DOUBT = "doubt"  # a finding that the fields themselves say
STATES, WAYS = queue.STATES, queue.WAYS  # other pages show documents in the same words


@dataclass(frozen=True, slots=True)
class Said:
    """A finding with what to do about it."""

    finding: Finding
    is_serious: bool
    advice: str


@require_safe
@client_page
def inbox(request: HttpRequest, client: Client) -> HttpResponse:
    """All that waits, with the first of it open; or what is with the client, posted, or set aside."""
    views = listings.asked(request, listings.DOCUMENTS, client, also=[grid.PAGE])
    if goes_to := listings.opening(request, views):
        return redirect(goes_to)
    tab = views["state"] or WAITING
    if tab not in queue.TABS:
        raise NotAsAsked(written=tab[:40])
    return _page(request, client, None, tab, views=views)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def document(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The inbox with this document open. A POST answers it and goes on to the next."""
    if request.method == "POST":
        check_keeps_books(request.user, client)
        return _answered(request, client, document_id)
    return _page(request, client, document_id, "")


@require_safe
@client_page
def pane(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The picture and the coding of one document: a fragment, fetched ahead."""
    return render(request, "office/documents/_pane.html", _pane(request, client, document_id))


@require_safe
@client_page
def words(request: HttpRequest, client: Client, document_id: int, page: int) -> HttpResponse:
    """The words of one page, laid over its picture: a click on one puts it into the field in focus."""
    if document_id not in queries.files_of([document_id]):
        raise Http404
    given = {"spots": fields.spots(client, document_id, page), "page": page}
    return render(request, "office/documents/_words.html", given)


@require_safe
@client_page
def beside(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The document and another with its number side by side, with what differs said."""
    found = queries.document(client, document_id)
    twins = queries.twins_of(client, found, _suspected(about(client, f"document:{document_id}")))
    asked = answers.row_id(request.GET.get("twin", ""))
    twin = next((each for each in twins if asked in (None, each.id)), None)
    given: dict = {"client": client, "found": found, "twin": None}
    if twin is not None:
        other = queries.document(client, twin.id)
        sides = [(each, _seen(client, each)) for each in (found, other)]
        given |= {
            "twin": other,
            "sides": [side | {"document": each, "row": each.row} for each, side in sides],
            "differs": _differences(found, other),
        }
    return render(request, "office/documents/_beside.html", given)


def _suspected(questions: Sequence[Waiting]) -> set[int]:
    """The documents that a question thinks are the same as the one it is about: `document 13`."""
    named = (str(each.reason.values.get("twin", "")) for each in questions if each.kind == DUPLICATE)
    found = (name.partition("document ")[2] for name in named)
    return {int(number) for number in found if number.isascii() and number.isdigit() and len(number) < 19}


def _differences(one: Detail, other: Detail) -> list[tuple[str, str, str, bool]]:
    """What both say of the same thing, and whether they differ."""
    said = [
        (label, *(shown.value(text(each)) for each in (one, other)))
        for label, text in (
            (queue.COLUMNS["number"], lambda each: each.row.number),
            (TITLES["issue_date"], lambda each: each.row.issued_on),
            (TITLES["due_date"], lambda each: each.row.due_on),
            (TITLES["total"], lambda each: each.row.owed),
            (TITLES["payment_ref"], lambda each: each.reference),
            (TITLES["bank_account"], lambda each: ", ".join(each.bill.accounts)),
            (queue.COLUMNS["source"], lambda each: shown.words(queue.WAYS.get(each.row.came_by, ""))),
            ("SHA-256", lambda each: each.sha256[:12]),
        )
    ]
    return [(label, mine, theirs, mine != theirs) for label, mine, theirs in said]


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def lines(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The rows of the grid anew: with the lines of a template, or like the supplier's last bill."""
    found = queries.document(client, document_id)
    rows, trouble, post = [], "", request.POST
    try:
        if post.get("do") == "like_last_time":
            rows = grid.of_lines(actions.like_last_time(client, document_id))
        elif request.method == "POST":
            rows = grid.expanded(
                client, found, grid.written_rows(post), templates(client), today=timezone.localdate()
            )
        else:
            rows = grid.proposed(client, found, is_unsure=True)
    except Refused as refusal:
        trouble = shown.words(refusal.words)
        rows = grid.as_written(post) or grid.proposed(client, found, is_unsure=True)
    given = {"grid": rows, "grid_trouble": trouble, "columns": _grid_columns(request)}
    return render(request, "office/documents/_rows.html", given)


def _grid_columns(request: HttpRequest) -> list[str]:
    setting = list_settings(request.user, [grid.PAGE])[grid.PAGE]
    return listings.CODING.chosen(setting.columns)


def _page(
    request: HttpRequest,
    client: Client,
    chosen: int | None,
    tab: str,
    *,
    views: listings.Asked | None = None,
    **more: object,
) -> HttpResponse:
    at = reverse("documents", args=[client.pk])
    views = views or listings.asked(request, listings.DOCUMENTS, client, at, [grid.PAGE])
    of_grid = views.chosen[grid.PAGE]
    is_on_one = chosen is not None
    shown_pane = _pane(request, client, chosen, columns=of_grid) if chosen else {}
    if not tab:
        state = shown_pane["row"].state
        tab = state if state in (POSTED, DECLINED, WITH_CLIENT) else WAITING
    came_by = views["from"]
    rows = queue.queue(
        client, tab, columns=views.columns, came_by=came_by, q=views["q"], order=views["order"]
    )
    if chosen is None and rows:
        chosen = rows[0].id
        shown_pane = _pane(request, client, chosen, columns=of_grid)
    counts = queries.counts(client)
    return render(
        request,
        "office/documents/inbox.html",
        {
            "client": client,
            "tab": "documents",
            "tabs": [
                (name, title, _count(counts, name), f"?{urlencode({'state': name})}")
                for name, title in queue.TABS.items()
            ],
            "state": tab,
            "rows": rows,
            "ways": queue.ways(client, tab, came_by),
            "came_by": came_by,
            "views": views,
            "most": queue.MOST if len(rows) == queue.MOST else 0,
            "chosen": chosen,
            "is_on_one": is_on_one,
            "waiting": counts.waiting + counts.held,
            "accounts": postable_accounts(client),
            "templates": templates(client).values(),
            "codes": _codes(client),
        }
        | shown_pane
        | more,
    )  # fmt: skip


def _count(counts: queries.Counts, tab: str) -> int:
    return counts.waiting + counts.held if tab == WAITING else getattr(counts, tab)


def _codes(client: Client) -> list[tuple[str, str]]:
    is_english = shown.language() == "en"
    return [
        (code.code, code.name_en if is_english else code.name)
        for code in country(client.country).vat_codes.values()
        if code.direction is not VatDirection.OUTPUT
    ]


def _seen(client: Client, found: Detail) -> dict:
    """What the picture of a document is made of: pages with their fields, or the e-invoice laid out."""
    read = fields.read(client, found)
    pages = fields.page_pictures(queries.pages_of(client, found.row.id), read) if read else []
    seen = Picture(pages=len(pages)) if pages else picture(File.objects.get(client=client, pk=found.row.file))
    return {
        "read": read,
        "pages": pages or fields.plain_pages(seen.numbers),
        "seen": seen,
        "sheet": sheet(seen.invoice) if seen.invoice else None,
    }


def _pane(
    request: HttpRequest,
    client: Client,
    document_id: int,
    *,
    trouble: str = "",
    rows: list[GridRow] | None = None,
    columns: Sequence[str] | None = None,
) -> dict:
    found = queries.document(client, document_id)
    questions = about(client, f"document:{document_id}")
    side = _seen(client, found)
    is_unsure = not {each.kind for each in questions}.isdisjoint(UNCERTAIN)
    proposed = rows or grid.proposed(client, found, is_unsure=is_unsure)
    is_open = found.row.state in (WAITING, WITH_CLIENT) and found.row.kind in POSTABLE
    posted = None
    if found.row.entry is not None:
        act = deed(client, entry(client, found.row.entry).act)
        posted = {
            "deed": act,
            "by": evidence.doer(act.by),
            "controls": queries.controls(client, document_id),
        }
    can_be_answered = bool(found.reading.get("supplier", {}) and side["seen"].invoice)
    columns = _grid_columns(request) if columns is None else columns
    return side | {
        "client": client,
        "may": keeps_books(request.user, client),
        "document": found,
        "row": found.row,
        "searchable": found.is_of_pages and queries.searchable_pdf(client, document_id),
        "read_by": fields.read_by(found, is_invoice=side["seen"].invoice is not None),
        "state_words": queue.STATES[found.row.state],
        "questions": questions,
        "findings": [_said(each, found) for each in found.findings if each.code != DOUBT],
        "twins": queries.twins_of(client, found, _suspected(questions)),
        "all_read": [] if side["read"] else [(each.name, each.text, each.source) for each in found.fields],
        "pieces": found.reading.get("pieces") or () if side["read"] else (),
        "grid": proposed,
        "columns": columns,
        "rates": " ".join(f"{code}:{rate}" for code, rate in _rates(client, found).items())
        if is_open
        else "",
        "left": grid.left(found, proposed),
        "asked": str(grid.asked(found)),  # for the script: never in the reader's form
        "is_open": is_open,
        "is_as_before": is_open and _is_as_before(found, questions),
        "can_be_accepted": found.row.state == "held" and found.row.kind in POSTABLE,
        "can_be_answered": can_be_answered,
        "told": given_answers(client, document_id) if can_be_answered else [],
        "answers": ANSWERS.items(),
        "reasons": REASONS.items(),
        "actions": ACTIONS.items(),
        "posted": posted,
        "returned": queries.returned(client, document_id) if _may_be_returned(found) else [],
        "approval": approvals.state(client, document_id) if found.row.state == WITH_CLIENT else None,
        "history": [
            (each, SAID.get(each.kind, each.kind)) for each in approvals.history(client, document_id)
        ],
        "kinds": fields.KINDS.items(),
        "trouble": trouble,
        "came_by_words": queue.WAYS.get(found.row.came_by, found.row.came_by),
    }


def _may_be_returned(found: Detail) -> bool:
    """Whether the client may have been asked about it: what only waits has not been anywhere."""
    return found.row.state not in (WAITING, HELD) or bool(found.row.waits_for)


def _rates(client: Client, found: Detail) -> dict[str, str]:
    return grid.rates(client, found, timezone.localdate())


def _said(finding: Finding, found: Detail) -> Said:
    serious = finding.severity is not Severity.NOTE
    return Said(finding, serious, "" if found.is_of_pages else advice(finding.code, is_fatal=serious))


def _is_as_before(found: Detail, questions: list[Waiting]) -> bool:
    """Whether the proposal is what that supplier's bills always were, of a bill that is here once."""
    return bool(found.coding) and all(line.entries for line in found.coding) and not any(
        each.kind in (*UNCERTAIN, DUPLICATE) for each in questions
    )  # fmt: skip


def _answered(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """Do what the form says; then the next document, or this one with what is in the way."""
    found = queries.document(client, document_id)
    order = queries.waiting_ids(client)
    try:
        done = answers.carry_out(
            client, found, request.POST, by=f"person:{request.user.pk}", today=timezone.localdate()
        )
    except Refused as refusal:
        trouble = shown.words(refusal.words)
        is_grid = request.POST.get("do") in ("post", "approval")
        kept = grid.as_written(request.POST) if is_grid else None
        given = _pane(request, client, document_id, trouble=trouble, rows=kept)
        if not request.htmx:
            return _page(request, client, document_id, "", **given)
        return render(request, "office/documents/_pane.html", given)
    waiting = queries.waiting_ids(client)
    wanted = answers.row_id(request.POST.get("next", ""))
    if found.row.state == POSTED:  # in that list the next one is posted too
        following = wanted or document_id
    elif request.POST.get("stay") == "1" or document_id in waiting:
        following = document_id
    else:
        following = _next(order, waiting, document_id, wanted)
    if request.POST.get("do") == "split" and request.htmx:  # the list has other rows now
        return HttpResponse(
            status=204, headers={"HX-Redirect": reverse("document", args=[client.pk, document_id])}
        )
    counted = queries.counts(client)
    if not request.htmx:
        return redirect("document", client.pk, following) if following else redirect("documents", client.pk)
    given = {
        "client": client,
        "gone": [each for each in order if each not in waiting],
        "count": len(waiting),
        "counts": [(state, _count(counted, state)) for state in queue.TABS],
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


_AT = "clients/<id:client_id>/documents"
urlpatterns = [
    path(f"{_AT}/", inbox, name="documents"),
    path(f"{_AT}/<id:document_id>/", document, name="document"),
    path(f"{_AT}/<id:document_id>/pane/", pane, name="document_pane"),
    path(f"{_AT}/<id:document_id>/lines/", lines, name="document_lines"),
    path(f"{_AT}/<id:document_id>/beside/", beside, name="document_beside"),
    path(f"{_AT}/<id:document_id>/words/<int:page>/", words, name="document_words"),
]

"""The voucher: an entry written by hand, copied from another, or one that corrects another.

All that a key does, a button does too, and the server judges: the page works without its script.
"""

import datetime
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.known import country
from nattbok.documents.queries.approval import holds_correction
from nattbok.documents.rules.entry import document_of
from nattbok.ledger.queries import entry as entry_of
from nattbok.ledger.rules.templates import month_names
from nattbok.robot import undoing
from nattbok.robot.undoing.rules import Plan, What
from nattbok.vouchers import actions, queries
from nattbok.vouchers.rules import changing, written
from nattbok.vouchers.rules.judging import Facts, JudgedRow, Judgement, judge
from nattbok.vouchers.rules.written import COLUMNS, MOST_ROWS, Row, Voucher
from nattbok.web import shown
from nattbok.web.page import client_page

CONFLICT = 409
LONGEST_ID = 18  # digits, as in an address
FILLED = _("Template {key} is filled in. Look at the lines, then post.")
SAVED = _("Kept {time}")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A line as the form shows it: its place, what is written in it, and what the judge says."""

    number: int
    row: Row
    judged: JudgedRow
    has_focus: str = ""  # the column that the focus goes to

    @property
    def place(self) -> int:
        """Its place among the lines, from 0: what the buttons name."""
        return self.number - 1

    @property
    def reasons(self) -> list[str]:
        """Why it cannot be posted as it stands, in the reader's words."""
        return [shown.words(reason) for reason in self.judged.reasons]


def _token(post: QueryDict) -> str:
    return post.get("token", "")[:24]


def _id(text: str) -> int | None:
    """A row's id; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None


def read_form(post: QueryDict) -> Voucher:
    """What the form says; raises UnevenForm and TooManyRows."""
    return Voucher(
        _token(post),
        written.plain(post.get("date", "")),
        written.plain(post.get("text", "")),
        written.rows_of({name: post.getlist(f"line_{name}") for name in COLUMNS}),
        tuple(dict.fromkeys(pk for each in post.getlist("file") if (pk := _id(each)) is not None)),
        _id(post.get("corrects", "")),
        written.plain(post.get("why", "")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def voucher(request: HttpRequest, client: Client) -> HttpResponse:
    """A voucher: the one that is being written, a new one, or a copy of an entry. Posted, it is an entry."""
    if request.method == "POST":
        check_keeps_books(request.user, client)
        return _worked(request, client)
    if not keeps_books(request.user, client):
        return _for_others(request, client)
    told = _begun(request, client)
    return _page(request, client, told, plan=_plan(client, told))


def _for_others(request: HttpRequest, client: Client) -> HttpResponse:
    """Whoever may look, and not post, is told so."""
    return render(request, "office/vouchers/for_others.html", {"client": client, "tab": "entries"})


def _begun(request: HttpRequest, client: Client) -> Voucher:
    """What the page opens with: a draft by its token, a copy, a new one, or the last that was left."""
    person = request.user.pk
    if token := request.GET.get("draft", "")[:24]:
        found = queries.draft(client, person, token)
        if found is not None:
            return found
    if (copied := _id(request.GET.get("copy", ""))) is not None:
        return _copy(client, copied)
    if "new" not in request.GET and "posted" not in request.GET:
        mine = [draft for draft in queries.drafts(client, person) if not draft.corrects]
        if mine and (found := queries.draft(client, person, mine[0].token)):
            return found
    date = written.plain(request.GET.get("date", ""))[:20] or shown.day(timezone.localdate())
    return Voucher(actions.new_token(), date)


def _copy(client: Client, entry: int) -> Voucher:
    """A new voucher with the lines of an entry, dated today."""
    found = queries.posted_entry(client, entry)
    today = timezone.localdate()
    facts = queries.facts(client, (), today=today)
    rows = changing.as_rows(found.lines, facts, found.date, found.parties)
    return Voucher(actions.new_token(), shown.day(today), found.text, tuple(rows))


def _worked(request: HttpRequest, client: Client) -> HttpResponse:
    """What a key or a button asks for: something of the form is changed, or it is posted."""
    today = timezone.localdate()
    post = request.POST
    told = read_form(post)
    do, _colon, at = post.get("do", "check").partition(":")
    place = _id(at)
    if do == "discard":
        actions.discard_draft(client, request.user.pk, told.token)
        return redirect(f"{reverse('voucher', args=[client.pk])}?new=1")
    told, trouble = _with_files(request, client, told)
    facts = queries.facts(client, told.rows, today=today)
    told, filled, refused = changing.expanded(
        told, facts, months=month_names(country(client.country).language)
    )
    focus = _first_unfilled(told) if filled else None
    match do, place:
        case "balance", _:
            before = told
            told = changing.balanced(told, facts, at=place)
            focus = _counter(before, told, place)
        case "rest", int(at_place):
            told = changing.copied(told, facts, at=at_place)
            focus = (at_place + 1, "account")
        case "turn", int(at_place):
            told, focus = changing.turned(told, at=at_place), (at_place, "vat_code")
        case "remove", int(at_place):
            told, focus = changing.without(told, at=at_place), (at_place, "account")
        case "more", _:
            empty = tuple(Row() for _place in range(min(5, MOST_ROWS - len(told.rows))))
            focus = (len(told.rows), "account")
            told = replace(told, rows=(*told.rows, *empty))
        case "detach", int(file):
            told = replace(told, files=tuple(each for each in told.files if each != file))
    notes = [Words(FILLED, {"key": key}) for key in filled]
    if do == "post" and not filled and not refused and trouble is None:
        try:
            posted = _posted(client, told, request.user.pk, today, shown_plan=post.get("plan", "")[:64])
        except Refused as refusal:
            trouble = None if isinstance(refusal, actions.NotReady) else refusal.words
        else:
            return redirect(_after(client, told, posted))
    try:
        actions.keep_draft(client, request.user.pk, told)
    except Refused as refusal:
        trouble = trouble or refusal.words
    facts = queries.facts(client, told.rows, today=today) if filled else facts
    if do == "post" and focus is None:
        focus = _first_refused(judge(replace(told, rows=told.shown_rows), facts))
    return _page(
        request,
        client,
        told,
        trouble=trouble or (refused[0] if refused else None),
        notes=notes,
        facts=facts,
        focus=focus,
        is_told=do in ("check", "post"),
        plan=_plan(client, told),
    )


def _with_files(request: HttpRequest, client: Client, told: Voucher) -> tuple[Voucher, Words | None]:
    """The voucher with the files that came with the form; and why one of them could not be kept."""
    for file in request.FILES.getlist("files"):
        try:
            if file.size > actions.MOST_BYTES:
                raise actions.TooLarge(name=file.name[:80], most=actions.MOST_BYTES // 1_000_000)
            kept = actions.attach(client, file.read(), name=file.name, by=f"person:{request.user.pk}")
        except Refused as refusal:
            return told, refusal.words
        told = replace(told, files=tuple(dict.fromkeys((*told.files, kept))))
    return told, None


def _first_unfilled(told: Voucher) -> tuple[int, str]:
    """Where one goes on after a template: the first line that lacks its party, else the first empty line."""
    for place, row in enumerate(told.rows):
        if row.is_blank:
            return place, "account"
    return len(told.rows), "account"


def _first_refused(judged: Judgement) -> tuple[int, str] | None:
    """Where the focus goes when it cannot be posted: the first line with something against it."""
    refused = (place for place, row in enumerate(judged.rows) if row.reasons)
    return next(((place, "account") for place in refused), None)


def _counter(before: Voucher, told: Voucher, place: int | None) -> tuple[int, str] | None:
    """Where one goes on after a counter line: its account, or the next line when it had one."""
    if before is told:
        return None
    changed = [at for at, row in enumerate(told.rows) if at >= len(before.rows) or row != before.rows[at]]
    if not changed:
        return None
    return (changed[0], "account") if not told.rows[changed[0]].account else (changed[0], "text")


def _posted(client: Client, told: Voucher, person: int, today: datetime.date, *, shown_plan: str) -> int:
    """Post the voucher, or the correction that it is; the entry's id."""
    if told.corrects is None:
        return actions.post_voucher(client, told, person=person, today=today).id
    judged = judge(told, queries.facts(client, told.rows, today=today))
    if judged.draft is None:
        raise actions.NotReady()
    files = tuple(file.id for file in queries.files(client, told.files))
    done = undoing.correct(
        client,
        told.corrects,
        replace(judged.draft, file=files[0] if files else None),
        by=f"person:{person}",
        why=told.why,
        shown=shown_plan,
        files=files,
    )
    actions.discard_draft(client, person, told.token)
    return done.entry.id


def _after(client: Client, told: Voucher, posted: int) -> str:
    """Where one goes on: to the entry that was corrected, or to a new voucher of the same day."""
    if told.corrects is not None:
        return reverse("entry", args=[client.pk, posted])
    return f"{reverse('voucher', args=[client.pk])}?posted={posted}&date={told.date}"


def _plan(client: Client, told: Voucher) -> Plan | None:
    return undoing.plan(client, What(entries=(told.corrects,))) if told.corrects is not None else None


def _is_approved_anew(client: Client, plan: Plan) -> bool:
    """Whether what is corrected is the entry of a document that people approve, or have approved."""
    made_from = (document_of(entry.origin) for entry in plan.chosen.entries)
    return any(document is not None and holds_correction(client, document) for document in made_from)


@require_safe
@client_page
def correct(request: HttpRequest, client: Client, entry_id: int) -> HttpResponse:
    """The lines of an entry, to be corrected; what rests on it is told first. The voucher posts it."""
    found = queries.posted_entry(client, entry_id)
    if not keeps_books(request.user, client):
        return _for_others(request, client)
    if found.is_reversed or found.is_reversal:
        return redirect("entry", client.pk, entry_id)
    facts = queries.facts(client, (), today=timezone.localdate())
    rows = changing.as_rows(found.lines, facts, found.date, found.parties)
    told = Voucher(
        actions.new_token(),
        shown.day(max(found.date, facts.closed_through + datetime.timedelta(days=1)))
        if facts.closed_through
        else shown.day(found.date),
        found.text,
        tuple(rows),
        found.files,
        corrects=found.id,
    )
    facts = queries.facts_of(client, facts, told.rows)
    return _page(request, client, told, plan=_plan(client, told), facts=facts)


def _page(
    request: HttpRequest,
    client: Client,
    told: Voucher,
    *,
    trouble: Words | None = None,
    notes: list[Words] | None = None,
    facts: Facts | None = None,
    focus: tuple[int, str] | None = None,
    is_told: bool = False,
    plan: Plan | None = None,
) -> HttpResponse:
    """The page, or its form alone for the script. Reasons are told once something is asked of the form."""
    today = timezone.localdate()
    facts = facts or queries.facts(client, told.rows, today=today)
    rows = told.shown_rows
    judged = judge(replace(told, rows=rows), facts)
    posted = _id(request.GET.get("posted", "")) if request.method == "GET" else None
    listed = [
        ShownRow(place + 1, row, verdict, focus[1] if focus and focus[0] == place else "")
        for place, (row, verdict) in enumerate(zip(rows, judged.rows, strict=True))
    ]
    context = {
        "client": client,
        "tab": "entries",
        "voucher": told,
        "rows": listed,
        "judged": judged,
        "is_told": is_told,
        "trouble": trouble,
        "notes": notes or (),
        "files": queries.files(client, told.files),
        "plan": plan,
        "is_approved_anew": plan is not None and _is_approved_anew(client, plan),
        "today": shown.day(today),
        "accounts": [account for account in facts.accounts.values() if account.is_active],
        "codes": facts.codes.values(),
        "templates": [each for each in facts.templates.values() if each.is_valid(judged.date or today)],
        "is_empty_focus": focus is None,
    }
    if getattr(request, "htmx", False):
        return render(request, "office/vouchers/_form.html", context)
    context["drafts"] = [
        draft for draft in queries.drafts(client, request.user.pk) if draft.token != told.token
    ]
    context["posted"] = entry_of(client, posted) if posted is not None else None
    status = CONFLICT if trouble or (is_told and request.POST.get("do") == "post") else 200
    return render(request, "office/vouchers/voucher.html", context, status=status)


@require_POST
@client_page
def voucher_draft(request: HttpRequest, client: Client) -> JsonResponse:
    """Keep the voucher as it stands, and say what the judge says of it: for the script, while one writes."""
    check_keeps_books(request.user, client)
    told = read_form(request.POST)
    actions.keep_draft(client, request.user.pk, told)
    judged = judge(told, queries.facts(client, told.rows, today=timezone.localdate()))
    return JsonResponse(said(judged))


def said(judged: Judgement) -> dict:
    """A judgement in the reader's words."""
    return {
        "rows": [
            {
                "name": row.account.name if row.account else "",
                "control": row.account.control if row.account else "",
                "party": row.party.name if row.party else "",
                "reasons": [shown.words(reason) for reason in row.reasons],
            }
            for row in judged.rows
        ],
        "reasons": [shown.words(reason) for reason in judged.reasons],
        "debit": shown.amount(judged.debit),
        "credit": shown.amount(judged.credit),
        "difference": shown.amount(judged.difference),
        "is_balanced": not judged.difference,
        "kept": shown.filled(shown.words(SAVED), {"time": shown.clock(timezone.now())}),
    }


@require_safe
@client_page
def voucher_parties(request: HttpRequest, client: Client) -> HttpResponse:
    """Customers and suppliers that fit what is typed, as options of a list."""
    if not keeps_books(request.user, client):
        return render(request, "office/vouchers/_parties.html", {"parties": ()})
    kind = request.GET.get("kind", "")
    found = queries.parties_like(
        client, written.plain(request.GET.get("q", "")), kind if kind in ("customer", "supplier") else ""
    )
    return render(request, "office/vouchers/_parties.html", {"parties": found})


urlpatterns = [
    path("clients/<id:client_id>/voucher/", voucher, name="voucher"),
    path("clients/<id:client_id>/voucher/draft/", voucher_draft, name="voucher_draft"),
    path("clients/<id:client_id>/voucher/parties/", voucher_parties, name="voucher_parties"),
    path("clients/<id:client_id>/entries/<id:entry_id>/correct/", correct, name="correct_entry"),
]

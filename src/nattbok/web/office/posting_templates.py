"""Posting templates: a client's own and the office's, written and shown with what they come to."""

import datetime
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.base.written import read_amount, read_day, read_number
from nattbok.clients.models import Client, Office
from nattbok.clients.queries import keeps_books
from nattbok.clients.rules import NoAccess, NotYourBooks
from nattbok.countries.country import AccountKind, Country
from nattbok.countries.known import country
from nattbok.ledger import actions, queries
from nattbok.ledger.rules import LineDraft, WaitsOn
from nattbok.ledger.rules.templates import (
    MOST_LINES,
    BadTemplateLine,
    NoSuchTemplate,
    Side,
    Size,
    Template,
    TemplateLine,
    check_template,
    expand,
    month_names,
)
from nattbok.vouchers.queries import accounts as accounts_of
from nattbok.vouchers.rules.written import plain
from nattbok.web import evidence, shown
from nattbok.web.page import client_page, office_page

EXAMPLE = Decimal("12500.00")
CONFLICT = 409
EMPTY_ROWS = 3
COLUMNS = (
    "account", "side", "size", "of", "vat_code", "is_net", "text", "department", "project", "months",
    "months_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """What a template comes to for an amount: its lines, or why not."""

    amount: Decimal
    lines: tuple[LineDraft, ...] = ()
    refusal: Words | None = None

    @property
    def difference(self) -> Decimal:
        """What its debit is more than its credit."""
        return sum((line.amount for line in self.lines), ZERO)


def _lines(post: QueryDict) -> tuple[TemplateLine, ...]:
    """The form's lines that say anything; raises BadTemplateLine for one that cannot be read."""
    columns = {name: post.getlist(f"line_{name}") for name in COLUMNS}
    found = []
    for place, account in enumerate(columns["account"][: MOST_LINES + 10]):
        said = {name: plain(texts[place]) if place < len(texts) else "" for name, texts in columns.items()}
        if not any(said[name] for name in ("account", "of", "vat_code", "text")):
            continue
        try:
            of = read_number(said["of"]) or ZERO
            dimensions = {name: said[name] for name in ("department", "project") if said[name]}
            found.append(
                TemplateLine(
                    account.strip().partition(" ")[0][:10],
                    Side(said["side"] or Side.DEBIT),
                    Size(said["size"] or Size.REST),
                    of,
                    said["vat_code"].partition(" ")[0][:10],
                    bool(said["is_net"]),
                    said["text"],
                    dimensions or None,
                    int(said["months"] or 0),
                    int(said["months_on"] or 0),
                )
            )
        except (Refused, ValueError, InvalidOperation) as error:
            raise BadTemplateLine(number=place + 1) from error
    return tuple(found)


def read_form(post: QueryDict, *, today: datetime.date) -> Template:
    """What the form says; refused when a line or a day cannot be read."""
    days = {name: read_day(plain(post.get(name, "")), near=today) for name in ("valid_from", "valid_to")}
    key = plain(post.get("key", "")).lower()
    return Template(key, plain(post.get("name", ""))[:100], _lines(post), **days)


def _example(template: Template, law: Country, waits_on: WaitsOn, amount: Decimal) -> Example:
    today = timezone.localdate()
    try:
        months = month_names(law.language)
        lines = expand(template, amount, on=today, codes=law.vat_codes, waits_on=waits_on, months=months)
    except Refused as refusal:
        return Example(amount, refusal=refusal.words)
    return Example(amount, lines)


def _amount(request: HttpRequest) -> Decimal:
    """The example's amount, as somebody wrote it; the usual one when it is none."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        return read_amount(asked.get("amount", "")[:40]) or EXAMPLE
    except Refused:
        return EXAMPLE


def _shown_lines(template: Template) -> list[TemplateLine]:
    empty = [TemplateLine("", size=Size.REST) for _place in range(EMPTY_ROWS)]
    return [*template.lines, *empty][: MOST_LINES + EMPTY_ROWS]


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def posting_templates(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's templates, its own and the office's; one of them open to be written anew."""
    if not keeps_books(request.user, client):
        if request.method == "POST":
            raise NotYourBooks()
        return render(request, "office/vouchers/for_others.html", {"client": client, "tab": "entries"})
    law, today = country(client.country), timezone.localdate()
    trouble, template = None, None
    by = f"person:{request.user.pk}"
    if request.method == "POST":
        try:
            if request.POST.get("do") == "retire":
                actions.retire_template(client, plain(request.POST.get("key", "")), by=by)
                return redirect("posting_templates", client.pk)
            template = read_form(request.POST, today=today)
            if request.POST.get("do") == "write":
                actions.write_template(client, template, by=by)
                return redirect(f"{reverse('posting_templates', args=[client.pk])}?key={template.key}")
            accounts = {number for number, each in accounts_of(client).items() if each.is_active}
            check_template(template, accounts=accounts, vat_codes=law.vat_codes)
        except Refused as refusal:
            trouble = refusal.words
    rows = queries.written_templates(client)
    if template is None:
        template = _asked(request, [row.template for row in rows])
    waits_on = queries.waits_on(client)
    chart = [each for each in accounts_of(client).values() if each.is_active]
    context = {
        "client": client,
        "tab": "entries",
        "rows": [(row, evidence.doer(row.written_by)) for row in rows],
        "accounts": chart,
        "action": reverse("posting_templates", args=[client.pk]),
    }
    return _page(request, context, template, law, waits_on, trouble, "office/vouchers/templates.html")


def _asked(request: HttpRequest, there: list[Template]) -> Template:
    """The template that the address or the form names; an empty one when it names none."""
    key = plain(request.GET.get("key", ""))
    return next((template for template in there if template.key == key), Template("", "", ()))


def _page(
    request: HttpRequest,
    context: dict,
    template: Template,
    law: Country,
    waits_on: WaitsOn,
    trouble: Words | None,
    name: str,
) -> HttpResponse:
    amount = _amount(request)
    example = None
    if template.lines and trouble is None:
        example = _example(template, law, waits_on, amount)
    context |= {
        "template": template,
        "lines": _shown_lines(template),
        "days": (shown.day(template.valid_from), shown.day(template.valid_to)),
        "codes": law.vat_codes.values(),
        "trouble": trouble,
        "example": example,
        "amount": shown.amount(amount),
    }
    return render(request, name, context, status=CONFLICT if trouble else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def office_templates(
    request: HttpRequest, clients: list[Client], office_id: int, country_code: str
) -> HttpResponse:
    """An office's templates for its clients in a country, for all of them or for chosen ones."""
    office = next((each for each in request.offices if each.pk == office_id), None)
    if office is None:
        raise NoAccess()
    theirs = [
        client for client in clients if client.office_id == office.pk and client.country == country_code
    ]
    try:
        law = country(country_code)
    except LookupError as unknown:
        raise NoAccess() from unknown
    trouble, template = None, None
    chosen = tuple(client.pk for client in theirs if str(client.pk) in request.POST.getlist("client"))
    if request.method == "POST":
        try:
            done, template = _office_deed(request, office, country_code, chosen)
            if done:
                here = reverse("office_templates", args=[office.pk, country_code])
                return redirect(f"{here}?key={template.key}" if template else here)
        except Refused as refusal:
            trouble = refusal.words
    rows = queries.office_templates(office, country_code)
    if template is None:
        template = _asked(request, [row.template for row in rows])
        chosen = next((row.chosen for row in rows if row.template.key == template.key), ())
    context = {
        "office": office,
        "country_code": country_code,
        "clients": [(client, client.pk in chosen) for client in theirs],
        "rows": [(row, evidence.doer(row.written_by)) for row in rows],
        "accounts": law.chart,
        "action": reverse("office_templates", args=[office.pk, country_code]),
    }
    incomes = frozenset(account.number for account in law.chart if account.kind is AccountKind.INCOME)
    waits_on = WaitsOn(law.accounts.prepaid, law.accounts.deferred, incomes)
    return _page(request, context, template, law, waits_on, trouble, "office/vouchers/office_templates.html")


def _office_deed(
    request: HttpRequest, office: Office, country_code: str, chosen: tuple[int, ...]
) -> tuple[bool, Template | None]:
    """Carry out what the form asks for: whether something was done, and the template it is of."""
    by = f"person:{request.user.pk}"
    if request.POST.get("do") == "retire":
        key = plain(request.POST.get("key", ""))
        actions.retire_office_template(office, key, country_code=country_code, by=by)
        return True, None
    template = read_form(request.POST, today=timezone.localdate())
    if not template.key:
        raise NoSuchTemplate(key="–")
    if request.POST.get("do") != "write":
        law = country(country_code)
        check_template(template, accounts={account.number for account in law.chart}, vat_codes=law.vat_codes)
        return False, template
    actions.write_office_template(office, template, country_code=country_code, chosen=chosen, by=by)
    return True, template


urlpatterns = [
    path("clients/<id:client_id>/templates/", posting_templates, name="posting_templates"),
    path("offices/<id:office_id>/templates/<slug:country_code>/", office_templates, name="office_templates"),
]

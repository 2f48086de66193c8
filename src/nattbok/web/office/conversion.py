"""From paper to e-invoices: which suppliers could send them, the letter that asks for it, and how it goes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.base.errors import Refused
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.countries.known import country
from nattbok.documents import actions
from nattbok.documents.actions import intake
from nattbok.documents.queries import conversion as queries
from nattbok.documents.queries.conversion import Converting
from nattbok.documents.queries.intake import reception
from nattbok.documents.rules import conversion as rules
from nattbok.web import evidence, shown
from nattbok.web.page import NotAsAsked, client_page, office_page

MOST = 300  # rows of a page
LANGUAGES = {"nb": "Norsk", "sv": "Svenska", "en": "English"}


@require_safe
@client_page
def conversion(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's suppliers on paper, those with most first, and how much is digital month by month."""
    today = timezone.localdate()
    rows = queries.converting([client], today=today)
    given = _listed(rows, [client]) | {
        "client": client,
        "tab": "suppliers",
        "reception": reception(client),
        "may": keeps_books(request.user, client),
    }
    return render(request, "office/conversion/conversion.html", given)


@require_safe
@office_page
def conversion_of_office(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The same over all clients that the person may enter."""
    rows = queries.converting(clients, today=timezone.localdate())
    return render(request, "office/conversion/conversion_of_office.html", _listed(rows, clients))


def _listed(rows: list[Converting], clients: list[Client]) -> dict:
    counted = {one: sum(row.standing is one for row in rows) for one in rules.Standing}
    return {
        "rows": [(row, rules.TITLES[row.standing]) for row in rows[:MOST]],
        "all": len(rows),
        "most": MOST if len(rows) > MOST else 0,
        "counts": [(rules.TITLES[one], count) for one, count in counted.items() if count],
        "months": [(shown.month(one.on), one) for one in queries.months(clients, today=timezone.localdate())],
        "papers": sum(row.papers for row in rows),
        "by_hand": sum(row.by_hand for row in rows),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def letter(request: HttpRequest, client: Client, supplier_id: int) -> HttpResponse:
    """The letter to one supplier: read first, then sent as a mail, or copied and noted as asked."""
    row = queries.converting_one(client, supplier_id, today=timezone.localdate())
    language = request.GET.get("language") or country(client.country).language
    if language not in LANGUAGES:
        raise NotAsAsked(written=language[:40])
    form = _written(client, row, language) | {"to": queries.address_of(client, supplier_id)}
    given: dict = {}
    if request.method == "POST":
        check_keeps_books(request.user, client)
        form = {name: request.POST.get(name, "").replace("\0", "") for name in form}
        by_mail = request.POST.get("do") == "send"
        try:
            if by_mail and not form["to"].strip():
                raise rules.NotAMailAddress(written="")
            actions.ask_for_e_invoices(
                client, supplier_id, by=f"person:{request.user.pk}", on=timezone.localdate(),
                subject=form["subject"], text=form["text"], to=form["to"] if by_mail else "",
                reply_to=request.user.email,
            )  # fmt: skip
        except Refused as refusal:
            given = {"trouble": refusal.words}
        else:
            return redirect("conversion", client.pk)
    given |= {
        "client": client,
        "tab": "suppliers",
        "row": row,
        "state": rules.TITLES[row.standing],
        "asked_by": evidence.doer(row.asked.by) if row.asked else "",
        "form": form,
        "language": language,
        "letter_languages": LANGUAGES.items(),
        "reception": reception(client),
        "may": keeps_books(request.user, client),
        "longest": rules.LONGEST_LETTER,
    }
    return render(request, "office/conversion/letter.html", given, status=409 if "trouble" in given else 200)


def _written(client: Client, row: Converting, language: str) -> dict[str, str]:
    """The letter in the supplier's language, with the client's own address in it."""
    law = country(client.country)
    made = rules.letter(
        client=client.name,
        org_number=law.normal_org_number(client.org_number) or client.org_number,
        address=intake.participant_of(client),
        supplier=row.name,
        theirs=row.looked.participant if row.looked and row.looked.is_there else "",
        papers=row.papers,
    )
    with translation.override(language):
        return {
            "subject": shown.words(made.subject),
            "text": "\n\n".join(shown.words(sentence) for sentence in made.paragraphs),
        }


urlpatterns = [
    path("e-invoices/", conversion_of_office, name="conversion_of_office"),
    path("clients/<id:client_id>/e-invoices/", conversion, name="conversion"),
    path("clients/<id:client_id>/e-invoices/<id:supplier_id>/", letter, name="conversion_letter"),
]

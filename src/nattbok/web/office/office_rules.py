"""The office's rules for coding bills: in their order, one at a time, and what each would code now."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from nattbok.base.errors import Refused
from nattbok.clients.models import Client, Office
from nattbok.countries.country import VatDirection
from nattbok.countries.known import codes, country
from nattbok.documents.actions import office_rules as actions
from nattbok.documents.actions.office_rules import OfficeRuleDraft
from nattbok.documents.queries import office_rules as queries
from nattbok.documents.queries.office_rules import VersionRow
from nattbok.documents.queries.rule_effects import effects
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.office_rules import OfficeRule
from nattbok.ledger.queries.templates import templates
from nattbok.web.office.bank_answers import row_id
from nattbok.web.office.suppliers import ROWS, NotANumber
from nattbok.web.page import NotAsAsked, office_page

SHOWN = 50  # documents that a rule would code
FIELDS = ("name", "country", "org_numbers", "texts", "commodities", "least", "most", "account", "vat_code",
          "template", "months", "who", *(f"share-{n}" for n in range(1, ROWS + 1)),
          *(f"share-account-{n}" for n in range(1, ROWS + 1)))  # fmt: skip


@require_safe
@office_page
def office_rules(request: HttpRequest, clients: Sequence[Client]) -> HttpResponse:
    """The rules of the person's offices, in the order they are asked."""
    rows = queries.current(request.offices)
    names = {client.pk: client.name for client in clients}
    return render(
        request,
        "office/office_rules/rules.html",
        {
            "rows": [(office, row, _for_whom(row, names)) for office, row in rows],
            "offices": request.offices,
        },
    )


def _for_whom(row: VersionRow, names: Mapping[int, str]) -> list[str] | None:
    """The names of the chosen clients that the reader may see; None for all."""
    if row.clients is None:
        return None
    return [names[pk] for pk in row.clients if pk in names]


@require_safe
@office_page
def office_rule_new(request: HttpRequest, clients: Sequence[Client]) -> HttpResponse:
    """An empty rule."""
    office = _office(request, request.GET.get("office", ""))
    return _editor(request, clients, office, dict.fromkeys(FIELDS, "") | {"country": office.country}, set())


@require_safe
@office_page
def office_rule(
    request: HttpRequest, clients: Sequence[Client], office_id: int, rule_id: int
) -> HttpResponse:
    """A rule as it stands, its versions, and what it would code now."""
    office = _office(request, str(office_id))
    versions = queries.versions(office, rule_id)
    last = versions[0]
    return _editor(request, clients, office, written(last), set(last.clients or ()), versions=versions)


def _office(request: HttpRequest, said: str) -> Office:
    wanted = row_id(said)
    for office in request.offices:
        if wanted is None or office.pk == wanted:
            return office
    raise NotAsAsked(written=said[:40])


def written(row: VersionRow) -> dict[str, str]:
    """A version as the fields of the form."""
    conditions, coding = row.conditions, row.coding
    form = {
        "name": row.name,
        "country": row.country,
        "org_numbers": "; ".join(conditions.get("org_numbers") or ()),
        "texts": "; ".join(conditions.get("texts") or ()),
        "commodities": "; ".join(conditions.get("commodities") or ()),
        "least": conditions.get("least") or "",
        "most": conditions.get("most") or "",
        "account": coding.get("account") or "",
        "vat_code": coding.get("vat_code") or "",
        "template": coding.get("template") or "",
        "months": str(coding.get("months") or ""),
        "who": "chosen" if row.clients is not None else "",
    }
    for number, each in enumerate((coding.get("shares") or ())[:ROWS], 1):
        form |= {f"share-{number}": each["share"], f"share-account-{number}": each["account"]}
    return form


def _said(post: QueryDict) -> dict[str, str]:
    return {name: " ".join(post.get(name, "").replace("\0", "").split())[:1000] for name in FIELDS}


def _chosen(post: QueryDict) -> set[int]:
    return {pk for said in post.getlist("clients")[:5000] if (pk := row_id(said)) is not None}


def draft(form: Mapping[str, str], chosen: set[int]) -> OfficeRuleDraft:
    """The rule that the form says. Raises NotANumber; what else is wrong is found when it is read."""
    months = form.get("months", "")
    if months and not (months.isascii() and months.isdigit() and len(months) < 5):
        raise NotANumber(written=months[:40])
    shares = [
        {
            "share": form[f"share-{number}"],
            "account": form.get(f"share-account-{number}", "").partition(" ")[0],
        }
        for number in range(1, ROWS + 1)
        if form.get(f"share-{number}")
    ]
    return OfficeRuleDraft(
        form["name"],
        form["country"],
        {name: form[name] for name in ("org_numbers", "texts", "commodities", "least", "most")},
        {
            "account": form["account"].partition(" ")[0],
            "vat_code": form["vat_code"].partition(" ")[0],
            "template": form["template"].lower(),
            "months": int(months or 0),
            "shares": split_keys.written(split_keys.read(shares, account=form["account"])),
        },
        chosen if form["who"] == "chosen" else None,
    )


def _found(clients: Sequence[Client], office: Office, form: Mapping[str, str], chosen: set[int]) -> dict:
    """What the rule in the form would code now, or what keeps it from being one."""
    try:
        said = draft(form, chosen)
        conditions, coding = actions.read(said, office)
    except Refused as refusal:
        is_begun = any(
            form.get(name) for name in ("texts", "org_numbers", "commodities", "account", "template")
        )
        return {"refusal": refusal.words if is_begun else None}
    rule = OfficeRule(0, 0, said.name, said.country, conditions, coding)
    found = effects(office, clients, rule, said.clients)
    return {
        "effects": found.found[:SHOWN],
        "would": sum(not each.is_set for each in found.found),
        "overridden": sum(each.is_set for each in found.found),
        "looked_at": found.looked_at,
        "is_all": found.is_all,
        "asked": True,
    }


def _editor(
    request: HttpRequest,
    clients: Sequence[Client],
    office: Office,
    form: Mapping[str, str],
    chosen: set[int],
    *,
    versions: Sequence[VersionRow] = (),
    trouble: object = None,
    status: int = 200,
) -> HttpResponse:
    law = country(form["country"]) if form["country"] in codes() else country(office.country)
    own = [each for each in clients if each.office_id == office.pk and each.country == law.code]
    return render(
        request,
        "office/office_rules/rule.html",
        {
            "office": office,
            "form": form,
            "chosen": chosen,
            "clients": own,
            "countries": sorted(codes()),
            "last": versions[0] if versions else None,
            "versions": versions,
            "trouble": trouble,
            "accounts": [(each.number, each.name) for each in law.chart if not each.control],
            "templates": templates(own[0]).values() if own else (),
            "vat_codes": [
                code for code in law.vat_codes.values() if code.direction is not VatDirection.OUTPUT
            ],
            "shares": [
                (n, form.get(f"share-{n}", ""), form.get(f"share-account-{n}", ""))
                for n in range(1, ROWS + 1)
            ],
            **_found(clients, office, form, chosen),
        },
        status=status,
    )


@require_POST
@office_page
def office_rule_preview(request: HttpRequest, clients: Sequence[Client]) -> HttpResponse:
    """While it is written: what it would code of what waits now. Keeps nothing."""
    office = _office(request, request.POST.get("office", ""))
    found = _found(clients, office, _said(request.POST), _chosen(request.POST))
    return render(request, "office/office_rules/_found.html", found)


@require_POST
@office_page
def office_rule_save(request: HttpRequest, clients: Sequence[Client]) -> HttpResponse:
    """Keep it as a new rule, or as a new version of one."""
    office, form = _office(request, request.POST.get("office", "")), _said(request.POST)
    chosen, rule = _chosen(request.POST), row_id(request.POST.get("rule", ""))
    try:
        kept = actions.write(
            office,
            draft(form, chosen),
            person=request.user,
            rule=rule,
            version=row_id(request.POST.get("version", "")) or 0,
        )
    except Refused as refusal:
        versions = queries.versions(office, rule) if rule else ()
        return _editor(
            request, clients, office, form, chosen, versions=versions, trouble=refusal.words, status=409
        )
    return redirect("office_rule", office.pk, kept.rule_id)


@require_POST
@office_page
def office_rule_do(
    request: HttpRequest, clients: Sequence[Client], office_id: int, rule_id: int
) -> HttpResponse:
    """Switch it on or off, or ask it earlier or later: what the button says."""
    office, said = _office(request, str(office_id)), request.POST.get("do", "")
    if said in ("on", "off"):
        actions.switch(office, rule_id, on=said == "on", person=request.user)
    elif said in ("up", "down"):
        order = [row.rule for of, row in queries.current([office])]
        if rule_id not in order:
            raise NotAsAsked(written=str(rule_id))
        at = order.index(rule_id)
        order.insert(max(at + (-1 if said == "up" else 1), 0), order.pop(at))
        actions.order(office, order, person=request.user)
    return redirect("office_rules")


urlpatterns = [
    path("office-rules/", office_rules, name="office_rules"),
    path("office-rules/new", office_rule_new, name="office_rule_new"),
    path("office-rules/preview", office_rule_preview, name="office_rule_preview"),
    path("office-rules/save", office_rule_save, name="office_rule_save"),
    path("office-rules/<id:office_id>/<id:rule_id>/", office_rule, name="office_rule"),
    path("office-rules/<id:office_id>/<id:rule_id>/do", office_rule_do, name="office_rule_do"),
]

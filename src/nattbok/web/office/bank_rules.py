"""Bank rules: what is done with payments that quote nothing of ours, what each did, and what was learnt."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from nattbok.bank.actions import bank_rules as actions
from nattbok.bank.queries import bank_rules as queries
from nattbok.bank.queries import rule_rows
from nattbok.bank.queries.rule_effects import back_test, effects, missing_accounts
from nattbok.bank.queries.rule_rows import VersionRow
from nattbok.bank.rules import bank_rules
from nattbok.bank.rules.bank_rules import Mode, Rule
from nattbok.base.errors import Refused
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.web import evidence, rule_form
from nattbok.web.page import client_page

SHOWN = 50  # lines of what a rule would book


@require_safe
@client_page
def rules(request: HttpRequest, client: Client) -> HttpResponse:
    """The rules in the order they are asked, with what each did, and what was learnt."""
    hits = queries.hits(client)
    rows = [
        {
            "version": version,
            "may_post": version.mode == Mode.POST,
            "approved_by": evidence.doer(version.approved_by) if version.approved_by else "",
            **hits.get((version.rule, version.number), {"robot": 0, "person": 0, "undone": 0}),
        }
        for version in rule_rows.current(client)
    ]
    return render(
        request,
        "office/bank_rules/rules.html",
        {
            "client": client,
            "tab": "bank",
            "rows": rows,
            "budget": rule_rows.error_budget(client),
            "proposals": rule_rows.proposals(client),
        },
    )


@require_safe
@client_page
def rule_new(request: HttpRequest, client: Client) -> HttpResponse:
    """An empty rule, or one begun from a bank line (`?from=`)."""
    line = request.GET.get("from", "")
    begun = None
    if line.isascii() and line.isdigit() and len(line) < 19:
        begun = rule_rows.line(client, int(line))
    form = rule_form.from_movement(begun) if begun else rule_form.empty()
    return _editor(request, client, form)


@require_safe
@client_page
def rule(request: HttpRequest, client: Client, rule_id: int) -> HttpResponse:
    """A rule as it stands, its versions, what it would book now and what the past says of it."""
    versions = rule_rows.versions(client, rule_id)
    return _editor(request, client, rule_form.from_version(versions[0]), versions=versions)


def _editor(
    request: HttpRequest,
    client: Client,
    form: dict,
    *,
    versions: list[VersionRow] | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    hits = queries.hits(client)
    last = versions[0] if versions else None
    return render(
        request,
        "office/bank_rules/rule.html",
        {
            "client": client,
            "tab": "bank",
            "form": form,
            "trouble": trouble,
            "last": last,
            "versions": [
                (one, evidence.doer(one.author), hits.get((one.rule, one.number))) for one in versions or ()
            ],
            "choices": rule_rows.choices(client),
            "vat_codes": country(client.country).vat_codes.values(),
            **_found(client, form, last),
        },
        status=status,
    )


def _found(client: Client, form: dict, last: VersionRow | None) -> dict:
    """What the rule in the form would book now, and what differs from the rule that stands."""
    try:
        drafted = _drafted(client, form, last)
    except Refused as refusal:
        return {"refusal": refusal.words if any(form.get(name) for name in rule_form.CONDITIONS) else None}
    now = effects(client, drafted)
    would = [one for one in now if not one.trouble]
    before: set[int] = set()
    if last is not None and (standing := rule_rows.in_force(client, last.rule)) is not None:
        before = {one.movement for one in effects(client, standing) if not one.trouble}
    after = {one.movement for one in would}
    return {
        "effects": now[:SHOWN],
        "would": len(would),
        "left": len(now) - len(would),
        "gained": len(after - before) if last else None,
        "lost": len(before - after) if last else None,
        "past": back_test(client, drafted),
    }


def _drafted(client: Client, form: dict, last: VersionRow | None) -> Rule:
    draft = rule_form.draft(form, today=timezone.localdate())
    posting = bank_rules.posting(draft.posting)
    for account in missing_accounts(client, posting):
        raise actions.NoSuchRuleAccount(account=account)
    made = Rule(
        id=last.rule if last else 0,
        version=0,
        name=draft.name or "–",
        conditions=bank_rules.conditions(draft.conditions),
        posting=posting,
        place=last.place if last else 0,
        valid_from=draft.valid_from,
        valid_through=draft.valid_through,
        despite_open_items=draft.despite_open_items,
    )
    parties = {part.party for part in posting.parts if part.party}
    if not parties:
        return made
    accounts, names = queries.party_accounts(client, parties)
    if parties - accounts.keys():
        raise actions.NoSuchRuleParty()
    return replace(made, party_accounts=accounts, party_names=names)


def _posted(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:300] for name in rule_form.FIELDS}


def _last(client: Client, request: HttpRequest) -> VersionRow | None:
    written = request.POST.get("rule", "")
    if not (written.isascii() and written.isdigit()) or len(written) > 18:
        return None
    return rule_rows.versions(client, int(written))[0]


@require_POST
@client_page
def rule_preview(request: HttpRequest, client: Client) -> HttpResponse:
    """While it is written: how many it would book now, which, and what the past says. Keeps nothing."""
    form, last = _posted(request), _last(client, request)
    return render(
        request,
        "office/bank_rules/_found.html",
        {"client": client, "last": last, **_found(client, form, last)},
    )


@require_POST
@client_page
def rule_save(request: HttpRequest, client: Client) -> HttpResponse:
    """Keep it as a new version; let it post when the box is ticked, and book the backlog when that one is."""
    form, last = _posted(request), _last(client, request)
    by = f"person:{request.user.pk}"
    try:
        approve = bool(request.POST.get("approve"))
        kept = actions.write(
            client,
            rule_form.draft(form, today=timezone.localdate()),
            by=by,
            rule=last.rule if last else None,
            approve=approve,
        )
    except Refused as refusal:
        versions = rule_rows.versions(client, last.rule) if last else None
        return _editor(request, client, form, versions=versions, trouble=refusal.words, status=409)
    if request.POST.get("backlog"):
        actions.apply_backlog(client, kept.rule_id, by=by)
    return redirect("bank_rule", client.pk, kept.rule_id)


@require_POST
@client_page
def rule_do(request: HttpRequest, client: Client, rule_id: int) -> HttpResponse:
    """Approve, switch, move, use on what waits, or delete: what the button says."""
    by = f"person:{request.user.pk}"
    match request.POST.get("do"):
        case "approve":
            actions.approve(client, rule_id, by=by)
        case "on" | "off" as state:
            actions.switch(client, rule_id, on=state == "on", by=by)
        case "up" | "down" as way:
            _move(client, rule_id, -1 if way == "up" else 1, by)
        case "backlog":
            actions.apply_backlog(client, rule_id, by=by)
        case "delete":
            actions.delete(client, rule_id, by=by)
    return redirect("bank_rules", client.pk)


def _move(client: Client, rule_id: int, by_places: int, by: str) -> None:
    order = [version.rule for version in rule_rows.current(client)]
    at = order.index(rule_id)
    to = min(max(at + by_places, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    actions.order(client, order, by=by)


@require_POST
@client_page
def proposal_do(request: HttpRequest, client: Client, proposal_id: int) -> HttpResponse:
    """Accept or reject what was learnt. An accepted one suggests, until it is approved."""
    by = f"person:{request.user.pk}"
    if request.POST.get("do") == "accept":
        version = actions.accept_proposal(client, proposal_id, by=by)
        return redirect("bank_rule", client.pk, version.rule_id)
    actions.reject_proposal(client, proposal_id, by=by, why=request.POST.get("why", "")[:300])
    return redirect("bank_rules", client.pk)


urlpatterns = [
    path("clients/<id:client_id>/bank-rules/", rules, name="bank_rules"),
    path("clients/<id:client_id>/bank-rules/new", rule_new, name="bank_rule_new"),
    path("clients/<id:client_id>/bank-rules/preview", rule_preview, name="bank_rule_preview"),
    path("clients/<id:client_id>/bank-rules/save", rule_save, name="bank_rule_save"),
    path("clients/<id:client_id>/bank-rules/<id:rule_id>/", rule, name="bank_rule"),
    path("clients/<id:client_id>/bank-rules/<id:rule_id>/do", rule_do, name="bank_rule_do"),
    path(
        "clients/<id:client_id>/bank-rules/proposals/<id:proposal_id>/do",
        proposal_do,
        name="bank_proposal_do",
    ),
]

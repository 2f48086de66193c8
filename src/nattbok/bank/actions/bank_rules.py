"""Writing rules, letting them post, and taking that from those that err."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from nattbok.bank import models
from nattbok.bank.actions import matching
from nattbok.bank.queries import bank_rules as known
from nattbok.bank.queries.rule_effects import backlog, but_for_amount, habits, last_seen, missing_accounts
from nattbok.bank.rules import bank_rules
from nattbok.bank.rules.bank_rules import BadRule, Mode, learning
from nattbok.bank.rules.bank_rules.reading import NO_NAME
from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.ledger.models import Books
from nattbok.trail.actions import act
from nattbok.trail.rules import means

WRITTEN = means("bank.rule_written", _("The bank rule {name} was written, version {version}"))
APPROVED = means("bank.rule_approved", _("The bank rule {name} was let to post by itself, version {version}"))
DEMOTED = means(
    "bank.rule_demoted",
    _("The bank rule {name} only suggests from now on: {undone} of its {posted} postings were taken back"),
)
SWITCHED = means("bank.rule_switched", _("The bank rule {name} was switched {state}"))
DELETED = means("bank.rule_deleted", _("The bank rule {name} was deleted"))
ORDERED = means("bank.rules_ordered", _("The order of {count} bank rules was changed"))
LEARNT = means("bank.rule_proposed", _("A bank rule was learnt and proposed: {name}"))
REJECTED = means("bank.rule_rejected", _("The proposed bank rule {name} was rejected: {why}"))
ACCEPTED = means("bank.rule_accepted", _("The proposed bank rule {name} was accepted"))
BACKLOG = means("bank.rule_backlog", _("The bank rule {name} was used on what waited: {posted} posted"))
TERMS = means("bank.terms", _("What the robot may post by itself was changed"))

OVER_BUDGET = asks("bank.rule_demoted", _("Bank rules that erred and only suggest now"))
OVER_TEXT = _(
    "{undone} of the {posted} postings of the rule {name} were taken back, more than {percent} percent. "
    "It only suggests until somebody approves it again."
)
MISSING = asks("bank.recurring_missing", _("Bank lines that come every month, and have not"))
MISSING_TEXT = _("{name} has come every month, last on {last_on}, and not since.")
DIFFERS = asks("bank.recurring_differs", _("Bank lines that come every month, and differ"))
DIFFERS_TEXT = _("{name} is {amount} on {date}; it has been from {least} to {most}.")
ON, OFF = _("on"), _("off")
AT_ONCE = 500  # movements of the backlog in one transaction


class NotAPerson(Refused):
    """Only a named person lets a rule post."""

    message = _("A bank rule is let to post by a named person.")


class NoSuchRuleAccount(Refused):
    """The rule posts where nothing can be posted."""

    message = _("The bank rule names account {account}, which is not in use.")


class NoSuchRuleParty(Refused):
    """The rule posts on a ledger that is not there."""

    message = _("The bank rule names a customer or supplier that this client does not have.")


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as it is written in a form."""

    name: str
    conditions: Mapping
    posting: Mapping
    largest: Decimal | None = None
    valid_from: date | None = None
    valid_through: date | None = None
    despite_open_items: bool = False


class NotALimitOfPosting(Refused):
    """A limit is an amount above nothing; the budget of errors a percentage."""

    message = _("“{written}” cannot be a limit for what the robot posts.")


@transaction.atomic
def write(
    client: Client,
    draft: RuleDraft,
    *,
    by: str,
    rule: int | None = None,
    approve: bool = False,
    proposal: int | None = None,
) -> models.BankRuleVersion:
    """A new rule, or a new version of one; it suggests, unless the person who writes it lets it post."""
    Books.objects.select_for_update().get(client=client)
    conditions, posting = bank_rules.conditions(draft.conditions), bank_rules.posting(draft.posting)
    name = " ".join(draft.name.split())[:100]
    if not name:
        raise BadRule(NO_NAME)
    for account in missing_accounts(client, posting):
        raise NoSuchRuleAccount(account=account)
    parties = {part.party for part in posting.parts if part.party}
    if parties - known.party_accounts(client, parties)[0].keys():
        raise NoSuchRuleParty()
    return _version(
        client,
        rule,
        by,
        APPROVED if approve else WRITTEN,
        proposal=proposal,
        mode=Mode.POST if approve else Mode.SUGGEST,
        approved_by=by if approve else "",
        name=name,
        conditions=bank_rules.written(conditions),
        posting=bank_rules.written(posting),
        largest=draft.largest,
        valid_from=draft.valid_from,
        valid_through=draft.valid_through,
        despite_open_items=draft.despite_open_items,
    )


SAME = (
    "name", "conditions", "posting", "largest", "valid_from", "valid_through", "despite_open_items",
)  # fmt: skip


def _version(
    client: Client, rule: int | None, by: str, kind: str, *, proposal: int | None = None, told=None, **said
) -> models.BankRuleVersion:
    if said["mode"] is Mode.POST and not by.startswith("person:"):
        raise NotAPerson()
    number = 1
    if rule is not None:
        last = models.BankRuleVersion.objects.filter(client=client, rule=rule)
        number = (last.aggregate(most=Max("number"))["most"] or 0) + 1
    done = act(client, kind, by, name=said["name"], version=number, of_rule=rule, **(told or {}))
    if rule is None:
        places = models.BankRule.objects.filter(client=client, is_deleted=False)
        place = (places.aggregate(most=Max("place"))["most"] or 0) + 1
        rule = models.BankRule.objects.create(
            client=client, place=place, proposal_id=proposal, act_id=done
        ).pk
    newest = models.Movement.objects.filter(client=client).aggregate(most=Max("pk"))["most"] or 0
    return models.BankRuleVersion.objects.create(
        client=client,
        rule_id=rule,
        number=number,
        author=by,
        after_movement=newest,
        written_at=timezone.now(),
        act_id=done,
        **said,
    )


def _last(client: Client, rule: int) -> models.BankRuleVersion:
    (version,) = known.last_versions(client, [models.BankRule.objects.get(client=client, pk=rule).pk])
    return version


@transaction.atomic
def approve(client: Client, rule: int, *, by: str) -> models.BankRuleVersion:
    """Let the rule post by itself what comes from now on: a version like the last one, approved by name."""
    Books.objects.select_for_update().get(client=client)
    last = _last(client, rule)
    close(client, [f"rule:{rule}"], by=by)
    said = {name: getattr(last, name) for name in SAME}
    return _version(client, rule, by, APPROVED, mode=Mode.POST, approved_by=by, **said)


@transaction.atomic
def switch(client: Client, rule: int, *, on: bool, by: str) -> None:
    """Switch a rule on or off. What it did stands."""
    last = _last(client, rule)
    if last.rule.is_on != on:
        act(client, SWITCHED, by, name=last.name, of_rule=rule, state=ON if on else OFF)
        models.BankRule.objects.filter(client=client, pk=rule).update(is_on=on)


@transaction.atomic
def delete(client: Client, rule: int, *, by: str) -> None:
    """Take a rule out of use for good. It is kept, with all its versions and what they did."""
    last = _last(client, rule)
    act(client, DELETED, by, name=last.name, of_rule=rule)
    models.BankRule.objects.filter(client=client, pk=rule).update(is_deleted=True, is_on=False)
    close(client, [f"rule:{rule}"], by=by)


@transaction.atomic
def order(client: Client, rules: Sequence[int], *, by: str) -> None:
    """Ask these rules in this order; those that are not named come after them as they were."""
    there = list(
        models.BankRule.objects.select_for_update()
        .filter(client=client, is_deleted=False)
        .order_by("place", "pk")
    )
    wanted = {pk: place for place, pk in enumerate(dict.fromkeys(rules))}
    there.sort(key=lambda rule: wanted.get(rule.pk, len(wanted)))
    for place, rule in enumerate(there, 1):
        rule.place = place
    models.BankRule.objects.bulk_update(there, ["place"])
    act(client, ORDERED, by, count=len(there), rules=[rule.pk for rule in there])


@transaction.atomic
def apply_backlog(client: Client, rule: int, *, by: str, most: int = AT_ONCE) -> int:
    """Post what waits and the rule is about, at most so many at once; how many were posted.

    A choice of its own, made by a person: a rule that is let to post takes only what comes after.
    """
    Books.objects.select_for_update().get(client=client)
    last = _last(client, rule)
    found = backlog(client, known.as_rules(client, [last])[0])[:most]
    if found:
        act(client, BACKLOG, by, name=last.name, of_rule=rule, posted=len(found))
        matching.settle(client, found, by=by)
    return len(found)


@transaction.atomic
def set_terms(client: Client, *, by: str, **said: object) -> models.MatchingTerms:
    """What the robot may post by itself: see `MatchingTerms`. A limit of nothing, or below, is refused."""
    for name in ("largest", "per_night"):
        limit = said.get(name)
        if isinstance(limit, Decimal) and limit <= 0:
            raise NotALimitOfPosting(written=str(limit))
    budget = said.get("error_budget")
    if isinstance(budget, Decimal) and not 0 <= budget <= 100:
        raise NotALimitOfPosting(written=str(budget))
    terms, _is_new = models.MatchingTerms.objects.get_or_create(client=client)
    for name, value in said.items():
        setattr(terms, name, value)
    terms.save()
    act(client, TERMS, by, **{name: value if isinstance(value, bool | int) or value is None else str(value)
                              for name, value in said.items()})  # fmt: skip
    return terms


@transaction.atomic
def review(client: Client, today: date, *, by: str, night: int | None = None) -> int:
    """Demote rules that err too often, propose what was learnt, flag what should have come; how many."""
    Books.objects.select_for_update().get(client=client)
    return _demote(client, by, night) + _learn(client, by, night) + _flag(client, today, by, night)


def _demote(client: Client, by: str, night: int | None) -> int:
    counted = known.hits(client)
    terms = models.MatchingTerms.objects.filter(client=client).first()
    percent = terms.error_budget if terms else Decimal(2)
    demoted = 0
    for last in known.last_versions(client):
        hit = counted.get((last.rule_id, last.number))
        if last.mode != Mode.POST or not hit:
            continue
        if not learning.is_over_budget(hit["robot"], hit["undone"], percent):
            continue
        told = {"posted": hit["robot"], "undone": hit["undone"]}
        said = {name: getattr(last, name) for name in SAME}
        _version(client, last.rule_id, by, DEMOTED, mode=Mode.SUGGEST, approved_by="", told=told, **said)
        words = Words(OVER_TEXT, told | {"name": last.name, "percent": str(percent.normalize())})
        ask(
            client,
            [QuestionDraft(OVER_BUDGET, f"rule:{last.rule_id}", words, about=last.name)],
            by=by,
            night=night,
        )
        demoted += 1
    return demoted


def _learn(client: Client, by: str, night: int | None) -> int:
    """Keep what was learnt as proposals; what is known already, also as rejected, is left as it is."""
    known_keys = set(models.BankRuleProposal.objects.filter(client=client).values_list("key", flat=True))
    rules = known.rules(client)
    found = 0
    for one in learning.proposals(habits(client)):
        if one.key in known_keys or _is_ruled(rules, one):
            continue
        done = act(client, LEARNT, by, night=night, name=one.name, count=one.evidence["for"],
                   against=one.evidence["against"])  # fmt: skip
        models.BankRuleProposal.objects.create(
            client=client,
            key=one.key,
            name=one.name,
            conditions=one.conditions,
            posting=one.posting,
            evidence=one.evidence,
            act_id=done,
        )
        found += 1
    return found


def _is_ruled(rules: Sequence[bank_rules.Rule], one: learning.Proposal) -> bool:
    """Whether a rule that is on says the same already."""
    wanted = bank_rules.conditions(one.conditions)
    return any(
        (
            rule.conditions.payer_account,
            rule.conditions.payer,
            rule.conditions.words,
            rule.conditions.direction,
        )
        == (wanted.payer_account, wanted.payer, wanted.words, wanted.direction)
        for rule in rules
    )


def _flag(client: Client, today: date, by: str, night: int | None) -> int:
    """Ask about monthly lines that have not come; close the questions about those that have."""
    flagged, come = [], []
    for last in known.last_versions(client):
        proposal = last.rule.proposal
        monthly = (proposal.evidence or {}).get("monthly") if proposal and last.rule.is_on else None
        if not monthly:
            continue
        rule = known.as_rules(client, [last])[0]
        seen = last_seen(client, rule)
        since = max(filter(None, (seen, date.fromisoformat(monthly["last_on"]))))
        due = learning.Recurring(since, Decimal(0), Decimal(0)).expected_by
        if today > due:
            words = Words(MISSING_TEXT, {"name": last.name, "last_on": str(since)})
            flagged.append(QuestionDraft(MISSING, f"recurring:{last.rule_id}", words, about=last.name))
        else:
            come.append(f"recurring:{last.rule_id}")
        flagged += _different(client, last, rule)
    close(client, come, by=by, night=night)
    return ask(client, flagged, by=by, night=night)


def _different(client: Client, last: models.BankRuleVersion, rule: bank_rules.Rule) -> list[QuestionDraft]:
    """Waiting lines that are as the rule says but for their amount."""
    return [
        QuestionDraft(
            DIFFERS,
            f"movement:{one.id}",
            Words(
                DIFFERS_TEXT,
                {
                    "name": last.name,
                    "amount": str(one.amount),
                    "date": str(one.booked_on),
                    "least": str(rule.conditions.least),
                    "most": str(rule.conditions.most),
                },
            ),
            amount=one.amount,
            currency=client.currency,
            about=last.name,
        )
        for one in but_for_amount(client, rule)
    ]


@transaction.atomic
def accept_proposal(
    client: Client, proposal: int, *, by: str, approve: bool = False
) -> models.BankRuleVersion:
    """Make the rule that was proposed; it suggests, unless it is let to post at once."""
    found = models.BankRuleProposal.objects.select_for_update().get(client=client, pk=proposal, state="open")
    draft = RuleDraft(found.name, found.conditions, found.posting)
    version = write(client, draft, by=by, approve=approve, proposal=found.pk)
    found.state, found.answered_id = "accepted", act(client, ACCEPTED, by, name=found.name)
    found.save()
    return version


@transaction.atomic
def reject_proposal(client: Client, proposal: int, *, by: str, why: str) -> None:
    """Never propose it again."""
    found = models.BankRuleProposal.objects.select_for_update().get(client=client, pk=proposal, state="open")
    found.state, found.why = "rejected", why[:300]
    found.answered_id = act(client, REJECTED, by, name=found.name, why=why[:300] or "–")
    found.save()

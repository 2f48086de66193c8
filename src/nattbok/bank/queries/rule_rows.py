"""Rules, their versions and what was learnt, as the page shows them."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from nattbok.bank import models
from nattbok.bank.queries import bank_rules as known
from nattbok.bank.queries.rule_effects import payment_of
from nattbok.bank.rules.bank_rules import Rule
from nattbok.bank.rules.shape import Payment
from nattbok.clients.models import Client
from nattbok.ledger.models import Account, Party

MOST_PARTIES = 500


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a rule, and how its rule stands."""

    rule: int
    number: int
    name: str
    conditions: dict
    posting: dict
    mode: str
    largest: Decimal | None
    valid_from: datetime.date | None
    valid_through: datetime.date | None
    despite_open_items: bool
    author: str
    approved_by: str
    written_at: datetime.datetime
    act: int
    is_on: bool
    place: int


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """What was learnt and is not answered."""

    id: int
    name: str
    account: str
    times: int
    against: int
    monthly_on: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a rule may be posted on: (number, name) of accounts, (id, name, number) of parties."""

    accounts: tuple[tuple[str, str], ...]
    parties: tuple[tuple[int, str, str], ...]


def current(client: Client) -> list[VersionRow]:
    """The version in force of each rule, in the order they are asked."""
    return [_row(one) for one in known.last_versions(client)]


def versions(client: Client, rule: int) -> list[VersionRow]:
    """All versions of a rule, the newest first; raises BankRule.DoesNotExist when it is not the client's."""
    models.BankRule.objects.get(client=client, pk=rule)
    found = models.BankRuleVersion.objects.filter(client=client, rule=rule).select_related("rule")
    return [_row(one) for one in found.order_by("-number")]


def in_force(client: Client, rule: int) -> Rule | None:
    """The rule as the ladder uses it; None when it is deleted."""
    found = known.as_rules(client, known.last_versions(client, [rule]))
    return found[0] if found else None


def proposals(client: Client) -> list[ProposalRow]:
    """What was learnt and waits for a yes or a no."""
    return [
        ProposalRow(
            one.pk,
            one.name,
            one.posting["parts"][0].get("account", ""),
            one.evidence["for"],
            one.evidence["against"],
            one.evidence.get("monthly", {}).get("last_on", ""),
        )
        for one in models.BankRuleProposal.objects.filter(client=client, state="open").order_by("pk")
    ]


def line(client: Client, movement: int) -> Payment:
    """The bank line that a rule is begun from; raises Movement.DoesNotExist."""
    return payment_of(models.Movement.objects.get(client=client, pk=movement))


def choices(client: Client) -> Choices:
    """The accounts and the parties that a rule may post on."""
    accounts = Account.objects.filter(client=client, is_active=True, control="").order_by("number")
    parties = Party.objects.filter(client=client, is_active=True).order_by("name")[:MOST_PARTIES]
    return Choices(
        tuple(accounts.values_list("number", "name")), tuple(parties.values_list("id", "name", "number"))
    )


def error_budget(client: Client) -> Decimal:
    """Percent of a rule's postings that may be taken back."""
    terms = models.MatchingTerms.objects.filter(client=client).first()
    return terms.error_budget if terms else Decimal(2)


def _row(one: models.BankRuleVersion) -> VersionRow:
    return VersionRow(
        one.rule_id, one.number, one.name, one.conditions, one.posting, one.mode, one.largest, one.valid_from,
        one.valid_through, one.despite_open_items, one.author, one.approved_by, one.written_at, one.act_id,
        one.rule.is_on, one.rule.place,
    )  # fmt: skip

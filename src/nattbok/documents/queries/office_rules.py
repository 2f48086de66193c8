"""The rules of an office: those in force at a client, and all of them with their versions."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from nattbok.clients.models import Client, Office
from nattbok.documents.models import OfficeRule as Rule
from nattbok.documents.models import OfficeRuleVersion
from nattbok.documents.rules.office_rules import OfficeRule, read_coding, read_conditions


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a rule to show."""

    rule: int
    number: int  # the rule's
    place: int
    is_on: bool
    version: int
    name: str
    country: str
    conditions: dict
    coding: dict
    clients: tuple[int, ...] | None
    author: str
    written_at: datetime.datetime


def in_force(client: Client) -> list[OfficeRule]:
    """The rules that count at this client, in the order they are asked."""
    rows = (
        OfficeRuleVersion.objects.filter(
            office=client.office_id, country=client.country, rule__is_on=True, number=F("rule__version")
        )
        .order_by("rule__place", "rule__number")
        .values_list(
            "rule__number", "number", "name", "country", "conditions", "coding", "clients", "author__name"
        )
    )
    return [
        OfficeRule(number, version, name, country, read_conditions(conditions), read_coding(coding), author)
        for number, version, name, country, conditions, coding, clients, author in rows
        if clients is None or client.pk in clients
    ]


def current(offices: Sequence[Office]) -> list[tuple[Office, VersionRow]]:
    """Each office's rules as they stand, in the order they are asked."""
    rows = OfficeRuleVersion.objects.filter(office__in=offices, number=F("rule__version")).order_by(
        "office_id", "rule__place", "rule__number"
    )
    by_id = {office.pk: office for office in offices}
    return [(by_id[row.office_id], _row(row)) for row in rows.select_related("rule", "author")]


def versions(office: Office, rule: int) -> list[VersionRow]:
    """All versions of one rule, the newest first; raises DoesNotExist when it is not this office's."""
    found = OfficeRuleVersion.objects.filter(office=office, rule=rule).order_by("-number")
    rows = [_row(row) for row in found.select_related("rule", "author")]
    if not rows:
        raise Rule.DoesNotExist()
    return rows


def _row(row: OfficeRuleVersion) -> VersionRow:
    return VersionRow(
        row.rule_id,
        row.rule.number,
        row.rule.place,
        row.rule.is_on,
        row.number,
        row.name,
        row.country,
        row.conditions,
        row.coding,
        None if row.clients is None else tuple(row.clients),
        str(row.author),
        row.written_at,
    )

"""Writing an office's rules. Each writing is a version that is kept for good, with who wrote it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Membership, Office, Person
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents.actions.suppliers import SettingVatCode, SeveralCodings
from nattbok.documents.models import OfficeRule, OfficeRuleVersion
from nattbok.documents.rules import office_rules as rules
from nattbok.ledger.rules.spreading import check_months


class NotForYou(Refused):
    """Rules of the office count for all its clients, so those write them who see them all."""

    message = _("Only those who see all of the office’s clients write its rules.")


class RuleWithoutName(Refused):
    """A rule is told by its name."""

    message = _("Give the rule a name.")


class RuleChanged(Refused):
    """Two people write one rule."""

    message = _("Somebody else has changed the rule meanwhile; look at it again.")


class NotTheirClient(Refused):
    """A rule is for the office's own clients."""

    message = _("The rule can only be for clients of this office in {country}.")


@dataclass(frozen=True, slots=True)
class OfficeRuleDraft:
    """What a person has written: conditions and coding as `rules.office_rules` reads them."""

    name: str
    country: str
    conditions: Mapping
    coding: Mapping
    clients: Collection[int] | None = None  # None: all of the country


def check_writes(office: Office, person: Person) -> None:
    """NotForYou unless the person sees all of the office's clients."""
    is_one = Membership.objects.filter(office=office, person=person, sees_all_clients=True).exists()
    if not is_one or not person.is_active:
        raise NotForYou()


@transaction.atomic
def write(
    office: Office, draft: OfficeRuleDraft, *, person: Person, rule: int | None = None, version: int = 0
) -> OfficeRuleVersion:
    """Keep a new rule, or a new version of `rule`, of which the person saw `version`. It counts from now on.

    Raises NotForYou, RuleChanged, and what a rule that cannot be read raises. The office's clients are in
    scope.
    """
    check_writes(office, person)
    Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    conditions, coding = read(draft, office)
    if rule is None:
        last = OfficeRule.objects.filter(office=office).aggregate(number=Max("number"), place=Max("place"))
        row = OfficeRule.objects.create(
            office=office, number=(last["number"] or 0) + 1, place=(last["place"] or 0) + 1
        )
    else:
        row = OfficeRule.objects.select_for_update().get(office=office, pk=rule)
        if row.version != version:
            raise RuleChanged()
        row.version += 1
        row.save(update_fields=["version"])
    return OfficeRuleVersion.objects.create(
        office=office,
        rule=row,
        number=row.version,
        name=draft.name.strip()[:100],
        country=draft.country,
        conditions=rules.written_conditions(conditions),
        coding=rules.written_coding(coding),
        clients=None if draft.clients is None else sorted(draft.clients),
        author=person,
        written_at=timezone.now(),
    )


def read(draft: OfficeRuleDraft, office: Office) -> tuple[rules.Conditions, rules.Coding]:
    """The draft as the rules know it, or the refusal that says what is wrong in it. Writes nothing."""
    if not draft.name.strip():
        raise RuleWithoutName()
    law = country(rules.check_country(draft.country))
    conditions, coding = rules.read_conditions(draft.conditions), rules.read_coding(draft.coding)
    code = law.vat_codes.get(coding.vat_code)
    if coding.vat_code and (code is None or code.direction is VatDirection.OUTPUT):
        raise SettingVatCode(code=coding.vat_code[:20])
    if coding.template and (coding.account or coding.shares):
        raise SeveralCodings()
    if coding.months > 1:
        check_months(coding.months)
    if draft.clients is not None:
        own = Client.objects.filter(office=office, country=draft.country, pk__in=draft.clients)
        if own.count() != len(set(draft.clients)) or not draft.clients:
            raise NotTheirClient(country=draft.country)
    return conditions, coding


@transaction.atomic
def switch(office: Office, rule: int, *, on: bool, person: Person) -> None:
    """Switch a rule on or off."""
    check_writes(office, person)
    row = OfficeRule.objects.select_for_update().get(office=office, pk=rule)
    OfficeRule.objects.filter(pk=row.pk).update(is_on=on)


@transaction.atomic
def order(office: Office, order: Sequence[int], *, person: Person) -> None:
    """Ask the rules in this order."""
    check_writes(office, person)
    rows = {row.pk: row for row in OfficeRule.objects.select_for_update().filter(office=office)}
    places = [rule for rule in dict.fromkeys(order) if rule in rows]
    for place, rule in enumerate([*places, *sorted(set(rows) - set(places))], 1):
        rows[rule].place = place
    OfficeRule.objects.bulk_update(rows.values(), ["place"])

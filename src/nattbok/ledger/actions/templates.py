"""Writing templates: each change is a new version, and what was written stays."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Office
from nattbok.countries.country import AccountKind
from nattbok.countries.known import country
from nattbok.ledger.models import Account, Books, ClientTemplate, OfficeTemplate
from nattbok.ledger.queries.templates import as_template
from nattbok.ledger.rules.refusals import BadText
from nattbok.ledger.rules.templates import NoSuchTemplate, Template, check_template, written_lines
from nattbok.trail.actions import act
from nattbok.trail.rules import means

WRITTEN = means("ledger.template.written", _("Template {key} was written, version {version}: {name}"))
RETIRED = means("ledger.template.retired", _("Template {key} was retired"))
PREPAID = means("ledger.prepaid", _("Spread costs wait on account {account}"))
DEFERRED = means("ledger.deferred", _("Spread income waits on account {account}"))
LONGEST_NAME = 100


class NotAWaitingAccount(Refused):
    """What is spread waits on an account of the balance, in use and without parties."""

    message = _(
        "What is spread cannot wait on account {account}: choose one of assets or debt that is in use."
    )


class NotOfThisOffice(Refused):
    """An office's template is for its own clients."""

    message = _("A template can only be for clients of the office itself.")


@transaction.atomic
def write_template(client: Client, template: Template, *, by: str) -> Template:
    """Keep `template` as the client's own, in a new version; the version that is there when it says the same.

    Raises what `check_template` raises, with the client's chart and the country's VAT codes.
    """
    Books.objects.select_for_update().get(client=client)  # one writer at a time
    accounts = set(Account.objects.filter(client=client, is_active=True).values_list("number", flat=True))
    check_template(template, accounts=accounts, vat_codes=country(client.country).vat_codes)
    _check_name(template.name)
    last = ClientTemplate.objects.filter(client=client, key=template.key).order_by("-version").first()
    fields = _fields(template)
    if last is not None and _same(last, fields):
        return as_template(last)
    version = last.version + 1 if last else 1
    made = act(
        client, WRITTEN, by, key=template.key, version=version, name=template.name, lines=fields["lines"]
    )
    row = ClientTemplate.objects.create(
        client=client, act_id=made, version=version, written_by=by, written_at=timezone.now(), **fields
    )
    return as_template(row)


@transaction.atomic
def retire_template(client: Client, key: str, *, by: str) -> None:
    """Let the client's own template stand for nothing from now on; what it was is kept. Safe to repeat."""
    Books.objects.select_for_update().get(client=client)
    last = ClientTemplate.objects.filter(client=client, key=key).order_by("-version").first()
    if last is None:
        raise NoSuchTemplate(key=key[:40])
    if last.is_retired:
        return
    made = act(client, RETIRED, by, key=key, version=last.version)
    ClientTemplate.objects.create(
        client=client, act_id=made, **_retired(last), written_by=by, written_at=timezone.now()
    )


@transaction.atomic
def write_office_template(
    office: Office, template: Template, *, country_code: str, chosen: Collection[int] = (), by: str
) -> Template:
    """Keep `template` as the office's, for all of its clients in the country or for those `chosen`, by id.

    Its accounts must be in the country's chart: a client whose own lacks one is told so when it is used.
    """
    Office.objects.select_for_update().get(pk=office.pk)
    law = country(country_code)
    check_template(template, accounts={account.number for account in law.chart}, vat_codes=law.vat_codes)
    _check_name(template.name)
    ids = sorted(set(chosen))
    theirs = Client.objects.filter(office=office, pk__in=ids, country=country_code)
    if theirs.count() != len(ids):
        raise NotOfThisOffice()
    last = (
        OfficeTemplate.objects.filter(office=office, country=country_code, key=template.key)
        .order_by("-version")
        .first()
    )
    fields = _fields(template)
    if last is not None and _same(last, fields) and last.chosen == ids:
        return as_template(last)
    row = OfficeTemplate.objects.create(
        office=office,
        country=country_code,
        chosen=ids,
        version=last.version + 1 if last else 1,
        written_by=by,
        written_at=timezone.now(),
        **fields,
    )
    return as_template(row)


@transaction.atomic
def retire_office_template(office: Office, key: str, *, country_code: str, by: str) -> None:
    """Let the office's template stand for nothing from now on; what it was is kept. Safe to repeat."""
    Office.objects.select_for_update().get(pk=office.pk)
    last = (
        OfficeTemplate.objects.filter(office=office, country=country_code, key=key)
        .order_by("-version")
        .first()
    )
    if last is None:
        raise NoSuchTemplate(key=key[:40])
    if not last.is_retired:
        OfficeTemplate.objects.create(
            office=office,
            country=country_code,
            chosen=last.chosen,
            **_retired(last),
            written_by=by,
            written_at=timezone.now(),
        )


@transaction.atomic
def set_waiting_accounts(client: Client, *, costs: str, income: str, by: str) -> None:
    """Let spread costs wait on one account for this client and spread income on another.

    "" is the country's usual one. Raises NotAWaitingAccount for one that is not in use, has parties, or is
    not of the balance: what waits there would be in the result already.
    """
    books = Books.objects.select_for_update().get(client=client)
    usual = country(client.country).accounts
    in_use = Account.objects.filter(
        client=client,
        kind__in=[AccountKind.ASSET.value, AccountKind.LIABILITY.value],
        is_active=True,
        control="",
    )
    possible = set(in_use.filter(number__in=[costs, income]).values_list("number", flat=True))
    for account in filter(None, (costs, income)):
        if account not in possible:
            raise NotAWaitingAccount(account=account[:40])
    if books.prepaid_account != costs:
        act(client, PREPAID, by, account=costs or usual.prepaid)
    if books.deferred_account != income:
        act(client, DEFERRED, by, account=income or usual.deferred)
    Books.objects.filter(pk=books.pk).update(prepaid_account=costs, deferred_account=income)


def _check_name(name: str) -> None:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadText(field="name", limit=LONGEST_NAME)


def _fields(template: Template) -> dict:
    return {
        "key": template.key,
        "name": template.name,
        "lines": written_lines(template),
        "valid_from": template.valid_from,
        "valid_to": template.valid_to,
    }


def _same(row: ClientTemplate | OfficeTemplate, fields: dict) -> bool:
    return not row.is_retired and all(getattr(row, name) == value for name, value in fields.items())


def _retired(last: ClientTemplate | OfficeTemplate) -> dict:
    return {
        "key": last.key,
        "version": last.version + 1,
        "name": last.name,
        "lines": last.lines,
        "is_retired": True,
    }

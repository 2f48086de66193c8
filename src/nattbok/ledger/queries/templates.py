"""Templates: a client's own, and those it has from its office."""

import datetime
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from nattbok.clients.models import Client, Office
from nattbok.countries.country import AccountKind, Country
from nattbok.countries.known import country
from nattbok.ledger.models import Account, Books, ClientTemplate, OfficeTemplate
from nattbok.ledger.rules.spreading import WaitsOn
from nattbok.ledger.rules.templates import Template, read_lines


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in a list: its last version, who wrote it, and whether it is retired."""

    template: Template
    written_by: str
    written_at: datetime.datetime
    is_retired: bool
    chosen: tuple[int, ...] = ()  # the clients that an office's is for; empty: all
    is_hidden: bool = False  # the client's own of the same key counts instead


def templates(client: Client, on: datetime.date | None = None) -> dict[str, Template]:
    """Key → the template that it stands for in this client's books on the day `on`; without a day, by now.

    The client's own counts before its office's. The last version that is valid on the day is the one, and
    when that one retires it there is none.
    """
    found = {}
    for rows in (_of_office(client), ClientTemplate.objects.filter(client=client)):
        last: dict[str, ClientTemplate | OfficeTemplate] = {}
        for row in rows.order_by("key", "version"):
            if on is None or as_template(row).is_valid(on):
                last[row.key] = row
        found |= {
            key: as_template(row) for key, row in last.items() if not row.is_retired and _is_for(row, client)
        }
    return dict(sorted(found.items()))


def _of_office(client: Client) -> QuerySet:
    return OfficeTemplate.objects.filter(office=client.office_id, country=client.country)


def _is_for(row: ClientTemplate | OfficeTemplate, client: Client) -> bool:
    """Whether a version is for this client; an office's may be for chosen ones."""
    return isinstance(row, ClientTemplate) or not row.chosen or client.pk in row.chosen


def as_template(row: ClientTemplate | OfficeTemplate) -> Template:
    """One kept version."""
    return Template(
        row.key,
        row.name,
        read_lines(row.lines),
        row.version,
        row.valid_from,
        row.valid_to,
        of_office=isinstance(row, OfficeTemplate),
        id=row.pk,
    )


def written_templates(client: Client) -> list[TemplateRow]:
    """Every template that the client has or had, its own before its office's, each in its last version."""
    own = _last(ClientTemplate.objects.filter(client=client))
    standing = {row.key for row in own.values() if not row.is_retired}
    office = {key: row for key, row in _last(_of_office(client)).items() if _is_for(row, client)}
    return [
        *(_row(row) for row in own.values()),
        *(_row(row, is_hidden=row.key in standing) for row in office.values()),
    ]


def office_templates(office: Office, country_code: str) -> list[TemplateRow]:
    """Every template that the office has or had for its clients in a country, each in its last version."""
    return [
        _row(row)
        for row in _last(OfficeTemplate.objects.filter(office=office, country=country_code)).values()
    ]


def _last(rows: QuerySet) -> dict[str, ClientTemplate | OfficeTemplate]:
    return {row.key: row for row in rows.order_by("key", "version")}


def _row(row: ClientTemplate | OfficeTemplate, *, is_hidden: bool = False) -> TemplateRow:
    chosen = tuple(row.chosen) if isinstance(row, OfficeTemplate) else ()
    return TemplateRow(as_template(row), row.written_by, row.written_at, row.is_retired, chosen, is_hidden)


def law_of(client: Client) -> Country:
    """The law of the country, with the accounts that the client lets what is spread wait on."""
    law = country(client.country)
    books = Books.objects.filter(client=client).values_list("prepaid_account", "deferred_account").first()
    costs, income = books or ("", "")
    if not costs and not income:
        return law
    usual = law.accounts
    own = replace(usual, prepaid=costs or usual.prepaid, deferred=income or usual.deferred)
    return replace(law, accounts=own)


def waits_on(client: Client) -> WaitsOn:
    """Where what is spread waits: as is set for the client, else the country's usual accounts."""
    accounts = law_of(client).accounts
    incomes = Account.objects.filter(client=client, kind=AccountKind.INCOME.value)
    return WaitsOn(accounts.prepaid, accounts.deferred, frozenset(incomes.values_list("number", flat=True)))

"""Opening the books, registering parties, closing periods, holding items."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.ledger.models import Account, Books, FiscalYear, OpenItem, Party, PartyAccount
from nattbok.ledger.rules import PartyKind
from nattbok.trail.actions import act
from nattbok.trail.rules import means

OPENED = means("ledger.opened", _("The books were opened with {accounts} accounts, from {starts_on}"))
CLOSED = means("ledger.closed", _("The books were closed through {through}: {why}"))
REOPENED = means("ledger.reopened", _("The books were opened again after {through}: {why}"))
HELD = means("ledger.held", _("{count} open items were put on hold: {why}"))
RELEASED = means("ledger.released", _("{count} open items were released: {why}"))


class NoReason(Refused):
    """Closing and reopening are explained."""

    message = _("Say why the books are closed or opened again.")


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """A customer or supplier about to be registered, with the bank accounts known to be theirs."""

    kind: PartyKind
    number: str
    name: str
    org_number: str = ""
    country: str = ""
    accounts: tuple[tuple[str, int], ...] = ()  # normal account number, how many times confirmed


@transaction.atomic
def open_books(client: Client, *, from_: datetime.date, by: str) -> Books:
    """Give the client its country's chart and the fiscal year that holds `from_`. Safe to call twice."""
    books, is_new = Books.objects.get_or_create(client=client)
    if not is_new:
        return books
    chart = country(client.country).chart
    bulk.insert(
        Account,
        {
            "client_id": [client.pk] * len(chart),
            "number": [account.number for account in chart],
            "name": [account.name for account in chart],
            "kind": [account.kind.value for account in chart],
            "control": [account.control for account in chart],
            "vat_code": [account.vat_code for account in chart],
            "report_group": [account.report_group for account in chart],
            "is_active": [True] * len(chart),
        },
    )
    year = open_year(client, from_)
    act(client, OPENED, by, accounts=len(chart), starts_on=year.starts_on.isoformat())
    return books


def open_year(client: Client, on: datetime.date) -> FiscalYear:
    """The fiscal year that holds the day `on`, made if need be: twelve months from the client's first."""
    starts_on = on.replace(month=client.year_starts, day=1)
    if starts_on > on:
        starts_on = starts_on.replace(year=starts_on.year - 1)
    ends_on = starts_on.replace(year=starts_on.year + 1) - datetime.timedelta(days=1)
    year, _is_new = FiscalYear.objects.get_or_create(
        client=client, starts_on=starts_on, defaults={"ends_on": ends_on}
    )
    return year


@transaction.atomic
def add_parties(client: Client, drafts: Sequence[PartyDraft]) -> list[int]:
    """Register customers and suppliers; their ids. One that has its number already is left as it is."""
    known = {
        (kind, number): pk
        for kind, number, pk in Party.objects.filter(client=client).values_list("kind", "number", "id")
    }
    new = list(
        {(d.kind.value, d.number): d for d in drafts if (d.kind.value, d.number) not in known}.values()
    )
    ids = bulk.ids(Party, len(new))
    bulk.insert(
        Party,
        {
            "id": ids,
            "client_id": [client.pk] * len(new),
            "kind": [draft.kind.value for draft in new],
            "number": [draft.number for draft in new],
            "name": [draft.name for draft in new],
            "org_number": [draft.org_number for draft in new],
            "country": [draft.country or client.country for draft in new],
            "is_active": [True] * len(new),
        },
    )
    accounts = [
        (party, number, confirmed)
        for party, draft in zip(ids, new, strict=True)
        for number, confirmed in draft.accounts
    ]
    bulk.insert(
        PartyAccount,
        {
            "client_id": [client.pk] * len(accounts),
            "party_id": [party for party, _number, _confirmed in accounts],
            "number": [number for _party, number, _confirmed in accounts],
            "confirmed": [confirmed for _party, _number, confirmed in accounts],
        },
    )
    known |= {(draft.kind.value, draft.number): pk for pk, draft in zip(ids, new, strict=True)}
    return [known[draft.kind.value, draft.number] for draft in drafts]


@transaction.atomic
def confirm_account(client: Client, party: int, number: str) -> None:
    """Count once more that a person or a proof tied this bank account to this party."""
    account, is_new = PartyAccount.objects.get_or_create(
        client=client, party_id=party, number=number, defaults={"confirmed": 1}
    )
    if not is_new:
        PartyAccount.objects.filter(pk=account.pk).update(confirmed=F("confirmed") + 1)


@transaction.atomic
def close_through(client: Client, day: datetime.date | None, *, by: str, why: str) -> None:
    """Let nothing more be dated on or before `day`; None, or an earlier day, opens again. Both are acts."""
    if not why.strip():
        raise NoReason()
    books = Books.objects.select_for_update().get(client=client)
    is_reopened = books.closed_through is not None and (day is None or day < books.closed_through)
    Books.objects.filter(pk=books.pk).update(closed_through=day)
    act(client, REOPENED if is_reopened else CLOSED, by, through=day.isoformat() if day else None, why=why)


@transaction.atomic
def hold(client: Client, items: Iterable[int], *, by: str, why: str) -> int:
    """Keep these open items from being paid; how many were changed."""
    return _set_hold(client, items, True, by, why)


@transaction.atomic
def release(client: Client, items: Iterable[int], *, by: str, why: str) -> int:
    """Let these open items be paid; how many were changed."""
    return _set_hold(client, items, False, by, why)


def _set_hold(client: Client, items: Iterable[int], on_hold: bool, by: str, why: str) -> int:
    chosen = OpenItem.objects.filter(client=client, pk__in=list(items), on_hold=not on_hold)
    ids = list(chosen.values_list("pk", flat=True))
    chosen.update(on_hold=on_hold)
    if ids:
        act(client, HELD if on_hold else RELEASED, by, count=len(ids), items=ids, why=why)
    return len(ids)

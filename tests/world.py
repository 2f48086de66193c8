"""The few builders that all tests share: an office, a client, a party, an invoice, a bill."""

import datetime
import itertools
import os
from decimal import Decimal

from nattbok.clients import actions as clients
from nattbok.clients.models import Client, Office
from nattbok.clients.rules import Profile
from nattbok.countries.known import country
from nattbok.db.scope import current, scope
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.models import Line, OpenItem
from nattbok.ledger.rules import EntryDraft, LineDraft, PartyKind, Posted
from nattbok.trail.actions import act

TODAY = datetime.date(2026, 3, 12)
_numbers = itertools.count(1)
_start = os.getpid() * 1000


def org_number(country_code: str) -> str:
    """An organisation number that nobody has, with a right check digit."""
    law = country(country_code)
    while True:
        stem = f"{31_000_000 + (_start + next(_numbers)) % 999_999}"
        for digit in "0123456789":
            number = f"{stem}{digit}" if country_code == "NO" else f"55{stem[1:]}{digit}"
            if law.is_org_number(number):
                return number


def an_office(country_code: str = "NO") -> Office:
    """An accounting office."""
    return clients.open_office(
        name="Fjord Regnskap", org_number=org_number(country_code), country_code=country_code
    )


def a_client(
    country_code: str = "NO", *, office: Office | None = None, name: str = "", profile: Profile = Profile.FULL
) -> Client:
    """A client with open books for 2026; enter its scope to see them."""
    number = f"{next(_numbers)}"
    client = clients.take_on(
        office or an_office(country_code),
        number=number,
        name=name or f"Klient {number}",
        org_number=org_number(country_code),
        country_code=country_code,
        profile=profile,
    )
    with scope([*current(), client.pk]):
        ledger.open_books(client, from_=TODAY, by="test")
    return client


def a_party(client: Client, kind: PartyKind = PartyKind.CUSTOMER, name: str = "Havna Fisk", **fields) -> int:
    """A customer or supplier; its id."""
    (party,) = ledger.add_parties(
        client, [PartyDraft(kind=kind, number=f"{next(_numbers)}", name=name, **fields)]
    )
    return party


def an_entry(
    client: Client, *lines: tuple, on: datetime.date = TODAY, origin: str = "", **fields
) -> EntryDraft:
    """A draft of (account, amount) lines."""
    return EntryDraft(
        date=on,
        series=fields.pop("series", "A"),
        origin=origin or f"test:{next(_numbers)}",
        text=fields.pop("text", "prøve"),
        lines=tuple(
            line if isinstance(line, LineDraft) else LineDraft(line[0], Decimal(line[1])) for line in lines
        ),
        **fields,
    )


def posted(client: Client, *drafts: EntryDraft) -> list[Posted]:
    """The drafts, posted for an act of their own."""
    acts = [act(client, "test.posted", "test") for _draft in drafts]
    return ledger.post(client, drafts, acts=acts)


def an_invoice(
    client: Client,
    amount: str,
    *,
    reference: str = "",
    number: str = "",
    customer: int | None = None,
    on: datetime.date = TODAY,
) -> OpenItem:
    """An invoice to a customer (a credit note when negative), posted; its open item."""
    law = country(client.country)
    (entry,) = posted(
        client,
        an_entry(
            client,
            LineDraft(
                law.accounts.customers,
                Decimal(amount),
                party=customer or a_party(client),
                number=number or f"F{next(_numbers)}",
                reference=reference,
                due_on=on + datetime.timedelta(days=14),
            ),
            (law.accounts.sales, str(-Decimal(amount))),
            on=on,
        ),
    )
    return (
        OpenItem.objects.get(pk=entry.items[0]) if entry.items else OpenItem.objects.get(line__entry=entry.id)
    )


def booked(client: Client, series: str = "") -> str:
    """The client's lines as an accountant would read them: number, date, account, amount."""
    lines = Line.objects.filter(client=client).order_by("entry__position", "number")
    if series:
        lines = lines.filter(entry__series__code=series)
    return "\n".join(
        f"{number}  {day}  {account}  {amount}"
        for number, day, account, amount in lines.values_list(
            "entry__number", "date", "account__number", "amount"
        )
    )

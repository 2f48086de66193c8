"""Putting the sandbox's invented office into real books, and reading back what a night did to them."""

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import django

from nattbok.bank import actions as bank
from nattbok.bank.models import Movement
from nattbok.base.words import _
from nattbok.clients import actions as clients
from nattbok.clients.access import enter_client
from nattbok.clients.models import Client, Office
from nattbok.clients.rules import Profile
from nattbok.countries.known import country
from nattbok.documents.models import Document
from nattbok.files.actions import add_source
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.models import Line, OpenItem, Party, Settlement
from nattbok.ledger.queries import unreversed
from nattbok.ledger.rules import EntryDraft, LineDraft, PartyKind, Settles
from nattbok.sandbox import office as sandbox
from nattbok.sandbox.judging import PostedBill, PostedPayment
from nattbok.trail.actions import record
from nattbok.trail.rules import ActDraft, means

LOADED = means("demo.loaded", _("Made up for the demo: {text}"))
BY = "command:demo"
LIMIT = Decimal("500000.00")  # a bill above this is posted by a person, also in the demo


@dataclass(frozen=True, slots=True)
class Loaded:
    """A client that is in the books: how the sandbox's keys are called there."""

    number: str
    client: int
    items: dict[int, str]  # open item → the sandbox's key


def load(
    world: sandbox.World, root: Path, *, workers: int, told: Callable[[int], None]
) -> tuple[Office, list[Loaded]]:
    """The whole office with a year of history; `told` hears how many clients are done."""
    office = clients.open_office(
        name=world.office.name, org_number=world.office.org_number, country_code=world.office.country
    )
    loaded = []
    work = [(office.pk, one, root / one.number, world.starts_on) for one in world.clients]
    if workers < 2:
        for place, one in enumerate(map(_load, work), start=1):
            loaded.append(one)
            told(place)
        return office, loaded
    # Fresh processes: a connection to the database must not be shared with a child.
    with ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=django.setup
    ) as pool:
        for place, one in enumerate(pool.map(_load, work), start=1):
            loaded.append(one)
            told(place)
    return office, loaded


def _load(work: tuple) -> Loaded:
    office_id, of, folder, starts_on = work
    law = country(of.country)
    client = clients.take_on(
        Office.objects.get(pk=office_id),
        number=of.number,
        name=of.name,
        org_number=of.org_number,
        country_code=of.country,
        profile=Profile(of.profile),
    )
    with enter_client(client.pk) as client:
        clients.allow_posting(client, limit=LIMIT)
        ledger.open_books(client, from_=starts_on, by=BY)
        bank.open_account(
            client,
            of.bank_account.number,
            title=of.bank_account.title,
            currency=of.bank_account.currency,
            ledger_account=of.bank_account.ledger_account,
            other_numbers=of.bank_account.other_numbers,
            reference_lengths=[of.agreement.length] if of.agreement.length else [],
            reference_methods=[of.agreement.method] if of.agreement.method else [],
        )
        for source in of.sources:
            add_source(client, kind="folder", address=str(folder / source), title=source)
        parties = _parties(client, of, law.normal_account)
        return Loaded(of.number, client.pk, _history(client, of, parties))


def _parties(client: Client, of: sandbox.Client, normal: Callable[[str], str]) -> dict[str, int]:
    drafts = {
        one.key: PartyDraft(
            PartyKind.CUSTOMER,
            one.number,
            one.name,
            one.org_number,
            one.country,
            ((normal(one.account) or one.account, 2),) if one.account else (),
        )
        for one in of.customers
    } | {
        one.key: PartyDraft(
            PartyKind.SUPPLIER,
            one.number,
            one.name,
            one.org_number,
            one.country,
            ((normal(one.account) or one.account, 2),) if one.account else (),
        )
        for one in of.known_suppliers
    }
    return dict(zip(drafts, ledger.add_parties(client, list(drafts.values())), strict=True))


def _history(client: Client, of: sandbox.Client, parties: dict[str, int]) -> dict[int, str]:
    """Post the year: what is owed first, then what pays it, so that each payment finds its items."""
    items: dict[str, int] = {}
    for pays in (False, True):
        chosen = [entry for entry in of.history if any(line.settles for line in entry.lines) is pays]
        drafts = [_draft(entry, parties, items) for entry in chosen]
        acts = record(client, [ActDraft(LOADED, BY, {"text": entry.text}) for entry in chosen])
        for entry, posted in zip(chosen, ledger.post(client, drafts, acts=acts), strict=True):
            for line, item in zip(entry.lines, posted.items, strict=True):
                if line.key and item:
                    items[line.key] = item
    return {item: key for key, item in items.items()}


def _draft(entry: sandbox.HistoryEntry, parties: dict[str, int], items: dict[str, int]) -> EntryDraft:
    return EntryDraft(
        date=entry.date,
        series=entry.series,
        origin=f"demo:{entry.key}",
        text=entry.text,
        lines=tuple(
            LineDraft(
                account=line.account,
                amount=line.amount,
                vat_code=line.vat_code,
                vat_base=line.vat_base,
                vat_amount=line.vat_amount,
                party=parties[line.party] if line.party else None,
                due_on=line.due_on,
                number=line.number,
                reference=line.reference,
                settles=tuple(Settles(items[key], amount) for key, amount in line.settles),
            )
            for line in entry.lines
        ),
    )


def posted_payments(client: Client, loaded: Loaded) -> Iterator[PostedPayment]:
    """Every movement that the night posted, as the judge takes it."""
    for movement, entry in _standing(client, "movement:"):
        found = Movement.objects.get(client=client, pk=movement)
        lines = OpenItem.objects.filter(client=client, line__entry=entry)
        allocations: dict[str, Decimal] = defaultdict(Decimal)
        rest = Decimal("0.00")
        for item, left in lines.values_list("id", "left"):
            for paid, sign, taken in _paid(client, item):
                allocations[loaded.items.get(paid, f"unknown:{paid}")] += sign * taken
            rest -= left
        yield PostedPayment(loaded.number, found.bank_reference, dict(allocations), rest)


def _paid(client: Client, item: int) -> Iterator[tuple[int, int, Decimal]]:
    """What an item of a payment settles: positive of an invoice, negative of a credit note."""
    for debit, amount in Settlement.objects.filter(client=client, credit=item).values_list(
        "debit_id", "amount"
    ):
        yield debit, 1, amount
    for credit, amount in Settlement.objects.filter(client=client, debit=item).values_list(
        "credit_id", "amount"
    ):
        yield credit, -1, amount


def posted_bills(client: Client, loaded: Loaded) -> Iterator[PostedBill]:
    """Every document that the night posted, as the judge takes it."""
    for document, entry in _standing(client, "document:"):
        found = Document.objects.get(client=client, pk=document)
        lines: dict[str, Decimal] = defaultdict(Decimal)
        for account, amount in Line.objects.filter(client=client, entry=entry).values_list(
            "account__number", "amount"
        ):
            lines[account] += amount
        supplier = Party.objects.get(client=client, pk=found.supplier_id)
        yield PostedBill(loaded.number, supplier.org_number, found.number, dict(lines))


def _standing(client: Client, prefix: str) -> Iterator[tuple[int, int]]:
    for origin, entry in unreversed(client).items():
        if origin.startswith(prefix):
            yield int(origin.removeprefix(prefix)), entry

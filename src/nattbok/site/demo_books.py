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
from nattbok.bank.models import BankAccount, Movement, PaymentExecution
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
from nattbok.ledger.models import Line, OpenItem, Settlement
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
    """Every movement that the nights posted, as the judge takes it; but not our own payments."""
    entry_of = _standing(client, "movement:")
    for ours in PaymentExecution.objects.filter(client=client).values_list("movement_id", flat=True):
        entry_of.pop(ours, None)
    references = dict(
        Movement.objects.filter(client=client, pk__in=list(entry_of)).values_list("pk", "bank_reference")
    )
    items: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for entry, item, left in OpenItem.objects.filter(
        client=client, line__entry__in=list(entry_of.values())
    ).values_list("line__entry_id", "id", "left"):
        items[entry].append((item, left))
    paid = _paid(client)
    accounts = _plain_accounts(client, [entry for entry in entry_of.values() if not items[entry]])
    for movement, entry in entry_of.items():
        allocations: dict[str, Decimal] = defaultdict(Decimal)
        for item, _left in items[entry]:
            for other, amount in paid[item]:
                allocations[loaded.items.get(other, f"unknown:{other}")] += amount
        rest = -sum((left for _item, left in items[entry]), Decimal("0.00"))
        account = accounts.get(entry, "")
        yield PostedPayment(loaded.number, references[movement], dict(allocations), rest, account)


def _plain_accounts(client: Client, entries: list[int]) -> dict[int, str]:
    """Entry → the one account it has beside the bank's; nothing of those that have several."""
    banks = set(BankAccount.objects.filter(client=client).values_list("account__number", flat=True))
    found: dict[int, set[str]] = defaultdict(set)
    for entry, account in Line.objects.filter(client=client, entry__in=entries).values_list(
        "entry_id", "account__number"
    ):
        if account not in banks:
            found[entry].add(account)
    return {entry: accounts.pop() for entry, accounts in found.items() if len(accounts) == 1}


def _paid(client: Client) -> dict[int, list[tuple[int, Decimal]]]:
    """Item of a payment → what it settles: positive of an invoice, negative of a credit note."""
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for debit, credit, amount in Settlement.objects.filter(client=client).values_list(
        "debit_id", "credit_id", "amount"
    ):
        found[credit].append((debit, amount))
        found[debit].append((credit, -amount))
    return found


def posted_bills(client: Client, loaded: Loaded) -> Iterator[PostedBill]:
    """Every document that the night posted, as the judge takes it."""
    entry_of = _standing(client, "document:")
    lines: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry, account, amount in Line.objects.filter(
        client=client, entry__in=list(entry_of.values())
    ).values_list("entry_id", "account__number", "amount"):
        lines[entry][account] += amount
    documents = Document.objects.filter(client=client, pk__in=list(entry_of)).order_by("pk")
    for document, number, supplier in documents.values_list("pk", "number", "supplier__org_number"):
        yield PostedBill(loaded.number, supplier, number, dict(lines[entry_of[document]]))


def _standing(client: Client, prefix: str) -> dict[int, int]:
    """What was made from a kind of thing and stands: the thing's id → its entry."""
    return {
        int(origin.removeprefix(prefix)): entry
        for origin, entry in unreversed(client).items()
        if origin.startswith(prefix)
    }

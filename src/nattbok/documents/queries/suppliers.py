"""Suppliers to show: all of them, and the card of one with what is set, learnt, owed and sent."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from nattbok.base.money import ZERO
from nattbok.clients.models import Access, Client, Membership, Person
from nattbok.documents.models import Document, SupplierSetting
from nattbok.documents.queries.deciding import setting_of
from nattbok.documents.queries.history import history
from nattbok.documents.queries.showing import Row, documents
from nattbok.documents.rules.coding import Setting
from nattbok.documents.rules.habits import PastBill
from nattbok.ledger.models import OpenItem, Party, PartyAccount
from nattbok.ledger.rules import PartyKind
from nattbok.trail.models import Act

MOST = 200
SHOWN = 20  # documents and open items on a card
STRUCTURED = ("peppol",)  # ways by which e-invoices come


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """A supplier in the list."""

    id: int
    number: str
    name: str
    org_number: str
    country: str
    is_active: bool
    owed: Decimal  # what the client owes in all
    last_bill: datetime.date | None
    bills: int  # documents that are posted
    touchless: int  # of them, by the robot
    channel: str  # einvoice, mail or "": as it is set, else as its documents came
    is_set: bool  # something is set for it
    could_send: bool  # it sends files, and its number is one that e-invoices are sent by

    @property
    def share(self) -> int | None:
        """Percent of the posted documents that nobody touched."""
        return 100 * self.touchless // self.bills if self.bills else None


@dataclass(frozen=True, slots=True)
class Known:
    """A bank account of a supplier: since when, and by whose word."""

    account: str
    confirmed: int  # how many times a person or a proof tied it to the supplier
    since: datetime.datetime | None
    by: tuple[str, ...]  # person:<id>, as acts write it


@dataclass(frozen=True, slots=True)
class Learnt:
    """Where a text, or all with a VAT code, went on the last bills."""

    text: str  # "" for all with the code
    vat_code: str
    accounts: tuple[tuple[str, int], ...]  # account, bills; the commonest first


@dataclass(frozen=True, slots=True)
class Item:
    """An open item of the supplier, signed as owed."""

    entry: int
    number: str
    date: datetime.date
    due_on: datetime.date | None
    amount: Decimal
    left: Decimal
    on_hold: bool


@dataclass(frozen=True, slots=True)
class Version:
    """That something was set for a supplier."""

    act: int
    at: datetime.datetime
    by: str
    number: int


@dataclass(frozen=True, slots=True)
class SupplierCard:
    """A supplier whole."""

    row: SupplierRow
    setting: Setting
    channel: str  # as it is set
    versions: tuple[Version, ...]
    history: tuple[PastBill, ...]
    learnt: tuple[Learnt, ...]
    accounts: tuple[Known, ...]
    documents: tuple[Row, ...]
    items: tuple[Item, ...]
    ways: tuple[tuple[str, int], ...]  # how its documents came, and how many


def suppliers_of(
    client: Client, *, search: str = "", only: str = "", order: str = "", limit: int = MOST
) -> tuple[list[SupplierRow], bool]:
    """The suppliers by name, and whether there are more. `search` is in the name, or begins a number.

    `only` is "owed", "unset" (nothing is set) or "could_send" (those who might send e-invoices); `order`
    "owed" has those first who are owed most, "latest" those whose bill came last.
    """
    found = Party.objects.filter(client=client, kind=PartyKind.SUPPLIER.value)
    if text := search.replace("\0", "").strip()[:100]:
        digits = "".join(sign for sign in text if sign.isdigit())
        wanted = Q(name__icontains=text) | Q(number__startswith=text)
        found = found.filter(wanted | Q(org_number__startswith=digits) if digits else wanted)
    if only == "owed":
        owed = OpenItem.objects.filter(client=client, account__control=PartyKind.SUPPLIER.value)
        found = found.filter(pk__in=owed.exclude(left=0).values("party"))
    if only == "unset":
        found = found.exclude(pk__in=SupplierSetting.objects.filter(client=client).values("supplier"))
    parties = list(_ordered(client, found, order)[: limit + 1])
    rows = _rows(client, parties[:limit])
    if only == "could_send":
        rows = [row for row in rows if row.could_send]
    return rows, len(parties) > limit


def _ordered(client: Client, found: QuerySet, order: str) -> QuerySet:
    items = OpenItem.objects.filter(client=client, party=OuterRef("pk")).order_by().values("party")
    if order == "owed":
        owed = items.annotate(sum=Sum("left")).values("sum")
        return found.annotate(owed=Coalesce(Subquery(owed), ZERO)).order_by("owed", "name", "pk")
    if order == "latest":
        last = items.filter(~Q(number="")).annotate(last=Max("date")).values("last")
        return found.annotate(last=Subquery(last)).order_by(F("last").desc(nulls_last=True), "name", "pk")
    return found.order_by("name", "pk")


def _rows(client: Client, parties: Sequence[Party]) -> list[SupplierRow]:
    """The parties with what is owed, sent and set, in four queries."""
    ids = [party.pk for party in parties]
    owed = {
        party: (left or ZERO, last)
        for party, left, last in OpenItem.objects.filter(client=client, party__among=ids)
        .values("party")
        .annotate(left_of=Sum("left"), last=Max("date", filter=~Q(number="")))
        .values_list("party", "left_of", "last")
    }
    posted, ways = _posted(client, ids), ways_of(client, ids)
    settings = {
        row.supplier_id: row for row in SupplierSetting.objects.filter(client=client, supplier__among=ids)
    }
    rows = []
    for party in parties:
        left, last = owed.get(party.pk, (ZERO, None))
        bills, touchless = posted.get(party.pk, (0, 0))
        came = ways.get(party.pk, Counter())
        setting = settings.get(party.pk)
        sends = any(came[way] for way in STRUCTURED)
        channel = setting.channel if setting and setting.channel else _channel(came)
        rows.append(
            SupplierRow(
                party.pk, party.number, party.name, party.org_number, party.country, party.is_active, -left,
                last, bills, touchless, channel, setting is not None,
                bool(came) and not sends and bool(party.org_number) and party.country in ("", client.country),
            )
        )  # fmt: skip
    return rows


def _channel(came: Counter) -> str:
    if any(came[way] for way in STRUCTURED):
        return "einvoice"
    return "mail" if came["mail"] else ""


def _posted(client: Client, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Supplier → how many of its documents stand in the books, and how many of them the robot posted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT document.supplier_id, count(*), count(*) FILTER (WHERE act.by LIKE 'robot:%%')
            FROM documents_document document
            JOIN ledger_entry entry ON entry.client_id = document.client_id
                AND entry.origin = 'document:' || document.id
                AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
                    WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id)
            JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
            WHERE document.client_id = %s AND document.supplier_id = ANY (%s)
            GROUP BY 1
            """,
            [client.pk, list(ids)],
        )
        return {supplier: (bills, touchless) for supplier, bills, touchless in cursor.fetchall()}


def ways_of(client: Client, ids: Collection[int]) -> dict[int, Counter]:
    """Supplier → how many of its documents came by each way."""
    found: dict[int, Counter] = defaultdict(Counter)
    rows = (
        Document.objects.filter(client=client, supplier__among=list(ids))
        .values("supplier", "file__came_by")
        .annotate(count=Count("pk"))
        .values_list("supplier", "file__came_by", "count")
    )
    for supplier, way, count in rows:
        found[supplier][way] += count
    return found


def supplier_card(client: Client, supplier: int) -> SupplierCard:
    """The card of one supplier; raises Party.DoesNotExist when it is not one of this client's."""
    party = Party.objects.get(client=client, kind=PartyKind.SUPPLIER.value, pk=supplier)
    (row,) = _rows(client, [party])
    setting = SupplierSetting.objects.filter(client=client, supplier=supplier).first()
    past = tuple(history(client, [supplier]).get(supplier, ()))
    acts = Act.objects.filter(
        client=client,
        kind__in=["documents.supplier_set", "documents.account_confirmed", "documents.supplier_registered"],
        evidence__supplier_id=supplier,
    ).order_by("-at", "-pk")
    said = list(acts.values_list("pk", "kind", "at", "by", "evidence"))
    return SupplierCard(
        row,
        setting_of(setting) if setting else Setting(),
        setting.channel if setting else "",
        tuple(
            Version(pk, at, by, evidence.get("version", 1))
            for pk, kind, at, by, evidence in said
            if kind == "documents.supplier_set"
        ),
        past,
        learnt(past),
        _accounts(client, supplier, said),
        tuple(documents(client, supplier=supplier, limit=SHOWN)),
        _items(client, supplier),
        tuple(ways_of(client, [supplier]).get(supplier, Counter()).most_common()),
    )


def learnt(past: Sequence[PastBill]) -> tuple[Learnt, ...]:
    """Where each VAT code and each text went, over these bills; the texts that say most first."""
    by_code: dict[str, Counter] = defaultdict(Counter)
    by_text: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for bill in past:
        for code, account in set(bill.lines):
            by_code[code][account] += 1
        for key, code, account in {(part.key, part.vat_code, part.account) for part in bill.parts}:
            if key:
                by_text[key, code][account] += 1
    codes = [Learnt("", code, tuple(counts.most_common())) for code, counts in sorted(by_code.items())]
    texts = [
        Learnt(key, code, tuple(counts.most_common()))
        for (key, code), counts in sorted(by_text.items(), key=lambda each: (-sum(each[1].values()), each[0]))
    ]
    return (*codes, *texts[:SHOWN])


def _accounts(client: Client, supplier: int, said: Sequence[tuple]) -> tuple[Known, ...]:
    """The supplier's bank accounts, each with who said that it is theirs and when first."""
    spoken: dict[str, list[tuple[datetime.datetime, str]]] = defaultdict(list)
    for _pk, kind, at, by, evidence in said:
        if kind == "documents.supplier_set":
            continue
        named = evidence.get("accounts") or []
        for account in named.split(", ") if isinstance(named, str) else named:
            spoken[account].append((at, by))
    rows = PartyAccount.objects.filter(client=client, party=supplier).order_by("-confirmed", "number")
    return tuple(
        Known(
            number,
            confirmed,
            min((at for at, _by in spoken[number]), default=None),
            tuple(dict.fromkeys(by for _at, by in reversed(spoken[number]))),
        )
        for number, confirmed in rows.values_list("number", "confirmed")
    )


def _items(client: Client, supplier: int) -> tuple[Item, ...]:
    rows = (
        OpenItem.objects.filter(client=client, party=supplier)
        .exclude(left=0)
        .order_by("due_on", "pk")
        .values_list("line__entry_id", "number", "date", "due_on", "amount", "left", "on_hold")[:SHOWN]
    )
    return tuple(
        Item(entry, number, date, due_on, -amount, -left, on_hold)
        for entry, number, date, due_on, amount, left, on_hold in rows
    )


def approvers(client: Client) -> dict[int, int]:
    """Supplier → the person who is set to approve its bills."""
    rows = SupplierSetting.objects.filter(client=client, approver__isnull=False)
    return dict(rows.values_list("supplier_id", "approver_id"))


def may_approve(client: Client) -> list[tuple[int, str]]:
    """Those who may be set to approve: who may enter the client's books, by name."""
    let_in = Access.objects.filter(client=client).values("person")
    of_office = Membership.objects.filter(office=client.office_id, sees_all_clients=True).values("person")
    people = Person.objects.filter(Q(pk__in=let_in) | Q(pk__in=of_office), is_active=True)
    return [(person.pk, str(person)) for person in people.order_by("name", "pk")]

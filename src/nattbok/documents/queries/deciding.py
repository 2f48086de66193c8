"""What deciding on documents needs to know of the client and its books."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import connection
from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, Upper

from nattbok.clients.models import Client
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.documents.models import Document, SupplierSetting
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules.bill import POSTABLE, Bill, Kept
from nattbok.documents.rules.coding import LAST_BILLS, PastBill, Setting
from nattbok.documents.rules.decision import Books, Twin, sellers
from nattbok.documents.rules.identity import Supplier, by_number, number_key
from nattbok.files.models import File
from nattbok.formats.known import formats
from nattbok.ledger import models as ledger
from nattbok.ledger.rules import PartyKind


def invoice_formats() -> list[str]:
    """The names of the formats that invoices come in."""
    names = (module.__name__ for module in formats())
    return [name.rpartition(".")[2] for name in names if ".invoice." in name]


def unread_files(client: Client) -> list[int]:
    """The files that came, are invoices or unknown to all readers, and are no document yet; oldest first.

    Files in another known format are their own department's.
    """
    return list(
        File.objects.filter(client=client, format__in=["", *invoice_formats()])
        .exclude(Exists(Document.objects.filter(client=client, file=OuterRef("pk"))))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _standing() -> QuerySet:
    """The entry that stands for the document of the query around it: posted, and not reversed."""
    return ledger.Entry.objects.filter(
        client=OuterRef("client"),
        origin=Concat(Value("document:"), Cast(OuterRef("pk"), CharField()), output_field=CharField()),
    ).exclude(Exists(ledger.Entry.objects.filter(client=OuterRef("client"), reverses=OuterRef("pk"))))


def with_entry(client: Client) -> QuerySet:
    """The client's documents, each with `entry`, the id of the entry that stands for it, or None."""
    return Document.objects.filter(client=client).annotate(entry=Subquery(_standing().values("pk")[:1]))


def undecided(client: Client, only: Collection[int] | None = None) -> list[int]:
    """The documents that are neither posted, held nor declined, and wait for no person; oldest first."""
    found = Document.objects.filter(
        client=client, kind__in=POSTABLE, is_held=False, is_declined=False, waits_for=""
    ).exclude(Exists(_standing()))
    if only is not None:
        found = found.filter(pk__in=list(only))
    return list(found.order_by("pk").values_list("pk", flat=True))


def kept_of(found: Document) -> Kept:
    """What a document's row keeps, as the rules know it."""
    return Kept(
        kind=found.kind,
        format=found.format,
        supplier_name=found.supplier_name,
        supplier_org_number=found.supplier_org_number,
        number=found.number,
        issued_on=found.issued_on,
        due_on=found.due_on,
        currency=found.currency,
        net=found.net,
        vat=found.vat,
        owed=found.owed,
        reference=found.reference,
        account=found.account,
        reading=found.reading,
        findings=tuple(bills.found(finding) for finding in found.findings),
    )


def bill_of(client: Client, found: Document) -> Bill:
    """A document as coding and posting see it; its file comes with it."""
    return bills.bill(
        kept_of(found),
        law=country(client.country),
        document=found.pk,
        file=found.file_id,
        sha256=found.file.sha256,
        supplier=found.supplier_id,
    )


def bills_of(client: Client, ids: Collection[int]) -> list[Bill]:
    """These documents as coding and posting see them, oldest first."""
    rows = Document.objects.filter(client=client, pk__in=list(ids)).select_related("file").order_by("pk")
    return [bill_of(client, found) for found in rows]


def suppliers(client: Client) -> list[Supplier]:
    """The suppliers in use, with the accounts that were confirmed as theirs."""
    accounts: dict[int, set[str]] = defaultdict(set)
    for party, number in ledger.PartyAccount.objects.filter(client=client, confirmed__gt=0).values_list(
        "party_id", "number"
    ):
        accounts[party].add(number)
    return [
        Supplier(pk, name, org_number, country_code or client.country, frozenset(accounts.get(pk, ())))
        for pk, name, org_number, country_code in ledger.Party.objects.filter(
            client=client, kind=PartyKind.SUPPLIER.value, is_active=True
        )
        .order_by("pk")
        .values_list("id", "name", "org_number", "country")
    ]


def settings(client: Client) -> dict[int, Setting]:
    """What is set for each supplier."""
    return {
        supplier: Setting(*values)
        for supplier, *values in SupplierSetting.objects.filter(client=client).values_list(
            "supplier_id", "account", "vat_code", "limit", "may_post", "dimensions"
        )
    }


def books(client: Client, waiting: Sequence[Bill], *, today: datetime.date) -> Books:
    """All that deciding on `waiting` needs to know, in a handful of queries however many they are."""
    known = suppliers(client)
    numbered, chosen = by_number(known), {each.id: each for each in known}
    found = {bill.document: sellers(bill, numbered, chosen) for bill in waiting}
    of = {document: each[0].id for document, each in found.items() if len(each) == 1}
    usable = Q(control="") | Q(number=country(client.country).accounts.suppliers)
    rows = ledger.Account.objects.filter(usable, client=client, is_active=True).values_list("number", "name")
    twice = twins(client, waiting)
    for document, entries in entry_twins(client, waiting, of).items():
        twice[document] += entries
    return Books(
        law=country(client.country),
        currency=client.currency,
        today=today,
        may_post=client.may_post_documents,
        accounts=dict(rows),
        years_begin=_years_begin(client),
        limit=client.document_limit,
        closed_through=ledger.Books.objects.values_list("closed_through", flat=True).get(client=client),
        suppliers=numbered,
        chosen=chosen,
        settings=settings(client),
        history=history(client, set(of.values())),
        twins=twice,
    )


def _years_begin(client: Client) -> datetime.date:
    first = ledger.FiscalYear.objects.filter(client=client).order_by("starts_on").first()
    return first.starts_on if first else datetime.date.max


# One table at a time: on tables that the database has not yet counted, as after a large import, joining
# them in one question was tried and took time with the cube of the rows.
_LATEST = """
SELECT party.id, item.line_id
FROM unnest(%(parties)s::bigint[]) AS party (id)
CROSS JOIN LATERAL (
    SELECT line_id, date, id FROM ledger_openitem
    WHERE client_id = %(client)s AND party_id = party.id AND number <> ''
    ORDER BY date DESC, id DESC LIMIT %(most)s
) item
ORDER BY party.id, item.date DESC, item.id DESC
"""
_SPARE = 3  # times as many are looked at, since some are reversed or tell nothing
_COST_KINDS = ("cost", "asset")


def history(client: Client, parties: Collection[int]) -> dict[int, list[PastBill]]:
    """Supplier → how its last bills that stand in the books were posted, the latest first.

    An entry with several parties cannot tell which of its costs are whose, so it is no history; nor is one
    with other lines than costs, assets and VAT.
    """
    with connection.cursor() as cursor:
        most = LAST_BILLS * _SPARE
        cursor.execute(_LATEST, {"client": client.pk, "parties": list(parties), "most": most})
        latest = cursor.fetchall()
    entry_of = dict(
        ledger.Line.objects.filter(client=client, pk__in=[line for _party, line in latest]).values_list(
            "pk", "entry_id"
        )
    )
    entries = set(entry_of.values())
    undone = ledger.Entry.objects.filter(client=client, reverses__in=entries).values_list(
        "reverses", flat=True
    )
    undoing = ledger.Entry.objects.filter(client=client, pk__in=entries, reverses__isnull=False)
    entries -= {*undone, *undoing.values_list("pk", flat=True)}
    kinds = {
        pk: (number, kind)
        for pk, number, kind in ledger.Account.objects.filter(client=client).values_list(
            "pk", "number", "kind"
        )
    }
    lines: dict[int, list[tuple]] = defaultdict(list)
    for entry, *line in (
        ledger.Line.objects.filter(client=client, entry__in=entries)
        .order_by("entry", "number")
        .values_list("entry_id", "party_id", "account_id", "amount", "vat_code", "vat_base")
    ):
        lines[entry].append(tuple(line))
    found: dict[int, list[PastBill]] = defaultdict(list)
    law = country(client.country)
    for party, line in latest:
        entry = entry_of[line]
        past = _past(entry, lines.get(entry, ()), kinds, law)
        if past is not None and len(found[party]) < LAST_BILLS:
            found[party].append(past)
    return found


def _past(
    entry: int, lines: Sequence[tuple], kinds: dict[int, tuple[str, str]], law: Country
) -> PastBill | None:
    """How one bill was posted, when its entry can tell."""
    vat = {law.accounts.rounding} | {
        account for code in law.vat_codes.values() for account in (code.input_account, code.output_account)
    }
    owed = [amount for party, _account, amount, _code, _base in lines if party is not None]
    if len(owed) != 1:
        return None
    coded = []
    for party, account, _amount, code, base in lines:
        number, kind = kinds[account]
        if party is not None or base is not None or number in vat:
            continue
        if kind not in _COST_KINDS or number == law.accounts.bank:
            return None
        coded.append((code, number))
    return PastBill(entry, -owed[0], tuple(coded)) if coded else None


def key_of(field: str) -> Func:
    """`number_key` as the database computes it."""
    signs = Func(F(field), Value("[^0-9A-Za-z]"), Value(""), Value("g"), function="regexp_replace")
    return Func(Upper(signs), Value("0"), function="ltrim", output_field=CharField())


def twins(client: Client, waiting: Collection[Bill]) -> dict[int, list[Twin]]:
    """Document → the others with its number from its seller: documents that came before it or are posted,
    and entries made from something else."""
    keys = {number_key(bill.number) for bill in waiting}
    found: dict[int, list[Twin]] = defaultdict(list)
    if not waiting:
        return found
    others = list(
        with_entry(client)
        .filter(kind__in=POSTABLE, is_declined=False)
        .annotate(key=key_of("number"))
        .filter(key__in=keys)
        .select_related("file")
        .order_by("pk")
    )
    by_key: dict[tuple[str, str], list[tuple[Document, Bill]]] = defaultdict(list)
    for other in others:
        seen = bill_of(client, other)
        by_key[seen.seller_key, number_key(seen.number)].append((other, seen))
    for bill in waiting:
        for other, seen in by_key[bill.seller_key, number_key(bill.number)]:
            if other.pk != bill.document and (other.entry is not None or other.pk < bill.document):
                found[bill.document].append(Twin(f"document {other.pk}", seen.owed))
    return found


def entry_twins(client: Client, waiting: Iterable[Bill], of: dict[int, int]) -> dict[int, list[Twin]]:
    """Document → standing entries with its number and supplier that were not made from a document.

    `of` is the supplier of each document that has one.
    """
    wanted: dict[tuple[int, str], list[int]] = defaultdict(list)
    for bill in waiting:
        if bill.document in of:
            wanted[of[bill.document], number_key(bill.number)].append(bill.document)
    found: dict[int, list[Twin]] = defaultdict(list)
    if not wanted:
        return found
    items = (
        ledger.OpenItem.objects.filter(client=client, party__in={party for party, _number in wanted})
        .exclude(number="")
        .annotate(key=key_of("number"))
        .filter(key__in={number for _party, number in wanted}, line__entry__reverses__isnull=True)
        .exclude(line__entry__origin__startswith="document:")
        .exclude(Exists(ledger.Entry.objects.filter(client=client, reverses=OuterRef("line__entry_id"))))
        .order_by("pk")
    )
    for party, number, amount, series, entry_number in items.values_list(
        "party_id", "key", "amount", "line__entry__series__code", "line__entry__number"
    ):
        for document_id in wanted.get((party, number), ()):
            found[document_id].append(Twin(f"{series} {entry_number}", -amount))
    return found

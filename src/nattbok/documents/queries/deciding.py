"""What deciding on documents needs to know of the client and its books."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Cast, Concat, Upper

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.documents.models import CodingPractice, Document, SupplierSetting
from nattbok.documents.queries.history import history, seen
from nattbok.documents.queries.office_rules import in_force
from nattbok.documents.queries.repeats import message_twins
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules import parts as bill_parts
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.bill import CREDIT_NOTE, POSTABLE, Bill, Kept
from nattbok.documents.rules.coding import Setting
from nattbok.documents.rules.decision import Books, Twin, sellers
from nattbok.documents.rules.identity import Supplier, by_number, number_key
from nattbok.documents.rules.parts import Terms, preceding, terms, without_lines
from nattbok.files.models import File
from nattbok.formats.known import formats
from nattbok.ledger import models as ledger
from nattbok.ledger.queries.templates import templates, waits_on
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
    return with_entry_of([client.pk])


def with_entry_of(clients: Collection[int]) -> QuerySet:
    """As `with_entry`, of several clients."""
    return Document.objects.filter(client__in=list(clients)).annotate(
        entry=Subquery(_standing().values("pk")[:1])
    )


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
    bill = bills.bill(
        kept_of(found),
        law=country(client.country),
        document=found.pk,
        file=found.file_id,
        sha256=found.file.sha256,
        supplier=found.supplier_id,
    )
    if not found.paid:
        return bill
    paid_on = datetime.date.fromisoformat(found.paid["on"])
    return replace(bill, paid_from=found.paid["account"], paid_on=paid_on)


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


def settings(client: Client, supplier: int | None = None) -> dict[int, Setting]:
    """What is set for each supplier, or for one."""
    rows = SupplierSetting.objects.filter(client=client)
    if supplier is not None:
        rows = rows.filter(supplier=supplier)
    return {row.supplier_id: setting_of(row) for row in rows}


def setting_of(row: SupplierSetting) -> Setting:
    """A setting as the rules know it."""
    return Setting(
        row.account,
        row.vat_code,
        row.limit,
        row.may_post,
        row.dimensions,
        split_keys.read(row.shares, account=row.account),
        row.template,
        row.months,
        row.approver_id,
        row.charges_vat,
        row.version,
    )


def books(client: Client, waiting: Sequence[Bill], *, today: datetime.date) -> Books:
    """All that deciding on `waiting` needs to know, in a handful of queries however many they are."""
    known = suppliers(client)
    numbered, chosen = by_number(known), {each.id: each for each in known}
    found = {bill.document: sellers(bill, numbered, chosen) for bill in waiting}
    of = {document: each[0].id for document, each in found.items() if len(each) == 1}
    twice = twins(client, waiting, of)
    for document, entries in entry_twins(client, waiting, of).items():
        twice[document] += entries
    for document, alike in near_twins(client, waiting).items():
        twice[document] += alike
    for document, sent_again in message_twins(client, waiting).items():
        named = {twin.name for twin in twice[document]}
        twice[document] += [twin for twin in sent_again if twin.name not in named]
    stated = terms_of(client, waiting)
    words = {
        word
        for bill in waiting
        for part in stated[bill.document].parts or without_lines(bill)
        for word in bill_parts.words(part, bill)
    }
    return Books(
        law=country(client.country),
        currency=client.currency,
        today=today,
        may_post=client.may_post_documents,
        accounts=accounts(client),
        waits_on=waits_on(client),
        years_begin=_years_begin(client),
        limit=client.document_limit,
        closed_through=ledger.Books.objects.values_list("closed_through", flat=True).get(client=client),
        suppliers=numbered,
        chosen=chosen,
        settings=settings(client),
        history=history(client, set(of.values())),
        twins=twice,
        terms=stated,
        invoices=credited(client, waiting, of, stated),
        credits=other_credits(client, waiting, of, stated),
        own_number=client.org_number,
        deducts_vat=deducts_vat(client),
        seen=seen(client, words),
        rules=in_force(client),
        templates=templates(client, today),
    )


def accounts(client: Client) -> dict[str, str]:
    """The accounts in use that a bill's lines may go to: number → name."""
    usable = Q(control="") | Q(number=country(client.country).accounts.suppliers)
    rows = ledger.Account.objects.filter(usable, client=client, is_active=True).values_list("number", "name")
    return dict(rows)


def deducts_vat(client: Client) -> bool:
    """Whether the client may deduct input VAT; it may where nobody has said otherwise."""
    return not CodingPractice.objects.filter(client=client, deducts_vat=False).exists()


_TERMS = ("document_type", "lines", "line_count", "allowances_charges", "preceding_invoices", "starts_on")
# What a credit note takes back: as an e-invoice says it, and as it was read from paper.
_PRECEDING = (KeyTransform("preceding_invoices", "reading"), KT("reading__fields__credited_number__value"))


def terms_of(client: Client, waiting: Sequence[Bill]) -> dict[int, Terms]:
    """Document → what deciding asks of its reading; of what is read, only these terms are fetched."""
    rows = Document.objects.filter(client=client, pk__in=[bill.document for bill in waiting]).values_list(
        "pk", *(KeyTransform(name, "reading") for name in _TERMS), _PRECEDING[1]
    )
    said = {
        pk: dict(zip(_TERMS, values, strict=True)) | _stated(None, credited) for pk, *values, credited in rows
    }
    return {
        bill.document: terms(
            bill, {name: value for name, value in said.get(bill.document, {}).items() if value is not None}
        )
        for bill in waiting
    }


def _stated(preceding_invoices: list | None, credited_number: str | None) -> dict:
    """What a reading says of the invoices that are credited, as it is kept in the reading."""
    told = {"fields": {"credited_number": {"value": credited_number}}}
    return told if preceding_invoices is None else told | {"preceding_invoices": preceding_invoices}


def credited(
    client: Client, waiting: Sequence[Bill], of: Mapping[int, int], stated: Mapping[int, Terms]
) -> dict[int, dict[str, Decimal]]:
    """Supplier → number → what was owed on the invoices that waiting credit notes name, as they stand."""
    wanted = {
        (of[bill.document], number_key(number))
        for bill in waiting
        if bill.is_credit and bill.document in of
        for number in stated[bill.document].preceding
    }
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    if not wanted:
        return found
    rows = (
        ledger.OpenItem.objects.filter(client=client, party__in={party for party, _key in wanted})
        .exclude(number="")
        .annotate(key=key_of("number"))
        .filter(key__in={key for _party, key in wanted}, line__entry__reverses__isnull=True)
        .exclude(Exists(ledger.Entry.objects.filter(client=client, reverses=OuterRef("line__entry_id"))))
    )
    for party, key, amount in rows.values_list("party_id", "key", "amount"):
        if amount < 0 and (party, key) in wanted:
            found[party][key] = found[party].get(key, Decimal("0.00")) - amount
    return found


def other_credits(
    client: Client, waiting: Sequence[Bill], of: Mapping[int, int], stated: Mapping[int, Terms]
) -> dict[int, Decimal]:
    """Credit note → what others, posted or come before it, take back of the invoices that it names."""
    asked = {
        bill.document: {number_key(number) for number in stated[bill.document].preceding}
        for bill in waiting
        if bill.is_credit and bill.document in of
    }
    found: dict[int, Decimal] = {}
    if not asked:
        return found
    rows = (
        with_entry(client)
        .filter(kind=CREDIT_NOTE, is_declined=False, owed__lt=0)
        .filter(Q(supplier__in={of[document] for document in asked}) | Q(pk__in=asked))
        .order_by("pk")
        .values_list("pk", "supplier_id", "owed", "entry", *_PRECEDING)
    )
    others = [
        (pk, of.get(pk, supplier), owed, entry, {number_key(each) for each in preceding(_stated(*named))})
        for pk, supplier, owed, entry, *named in rows
    ]
    for document, names in asked.items():
        found[document] = sum(
            (
                -owed
                for pk, supplier, owed, entry, named in others
                if pk != document and supplier == of[document] and names & named
                and (entry is not None or pk < document)
            ),
            ZERO,
        )  # fmt: skip
    return found


def _years_begin(client: Client) -> datetime.date:
    first = ledger.FiscalYear.objects.filter(client=client).order_by("starts_on").first()
    return first.starts_on if first else datetime.date.max


def key_of(field: str) -> Func:
    """`number_key` as the database computes it."""
    signs = Func(F(field), Value("[^0-9A-Za-z]"), Value(""), Value("g"), function="regexp_replace")
    return Func(Upper(signs), Value("0"), function="ltrim", output_field=CharField())


def twins(client: Client, waiting: Collection[Bill], of: Mapping[int, int]) -> dict[int, list[Twin]]:
    """Document → the others with its number from its seller, that came before it or are posted.

    The seller is the same by what the documents say, or by the supplier they are known to be from (`of`),
    since the e-invoice and the PDF of one bill need not say the same.
    """
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
    by_key: dict[tuple[str | int, str], dict[int, Document]] = defaultdict(dict)
    for other in others:
        seen = bill_of(client, other)
        supplier = of.get(other.pk) or other.supplier_id
        for seller in (seen.seller_key, *([supplier] if supplier else [])):
            by_key[seller, number_key(seen.number)][other.pk] = other
    for bill in waiting:
        key = number_key(bill.number)
        alike = by_key.get((bill.seller_key, key), {})
        if bill.document in of:
            alike = alike | by_key.get((of[bill.document], key), {})
        found[bill.document] += [
            Twin(f"document {pk}", other.owed)
            for pk, other in sorted(alike.items())
            if pk != bill.document and (other.entry is not None or pk < bill.document)
        ]
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


def near_twins(client: Client, waiting: Collection[Bill]) -> dict[int, list[Twin]]:
    """Document → those with its day, amount and reference from its seller, but another number, where one of
    the two is a picture: its number may have been misread. E-invoices say their own."""
    wanted = {bill.reference for bill in waiting if bill.reference and bill.owed and bill.issued_on}
    found: dict[int, list[Twin]] = defaultdict(list)
    if not wanted:
        return found
    days = {bill.issued_on for bill in waiting if bill.issued_on}
    rows = (
        with_entry(client)
        .filter(kind__in=POSTABLE, is_declined=False, reference__in=wanted, issued_on__in=days)
        .order_by("pk")
        .values_list(
            "pk", "reference", "issued_on", "owed", "supplier_org_number", "number", "entry", "format"
        )
    )
    structured = set(invoice_formats())
    alike: dict[tuple, list[tuple[int, str, int | None]]] = defaultdict(list)
    own: dict[int, tuple] = {}
    is_read: dict[int, bool] = {}
    for pk, reference, issued_on, owed, seller, number, entry, format_name in rows:
        alike[reference, issued_on, owed, seller].append((pk, number, entry))
        own[pk] = (reference, issued_on, owed, seller)
        is_read[pk] = format_name not in structured
    for bill in waiting:
        for pk, number, entry in alike.get(own.get(bill.document, ()), ()):
            is_before = (entry is not None or pk < bill.document) and (is_read[pk] or is_read[bill.document])
            if pk != bill.document and is_before and number_key(number) != number_key(bill.number):
                found[bill.document].append(Twin(f"document {pk}", bill.owed, number))
    return found

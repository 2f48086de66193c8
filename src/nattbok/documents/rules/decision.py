"""May the robot post this bill? Its coding and the guard rails say: any hit turns "post" into "ask"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatDirection
from nattbok.documents.rules import rails
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine, Known, Setting, Unclear, code
from nattbok.documents.rules.entry import posting_day, purchase
from nattbok.documents.rules.identity import Supplier, find_supplier
from nattbok.documents.rules.parts import Terms
from nattbok.documents.rules.rails import Books, Twin
from nattbok.ledger.rules import EntryDraft

__all__ = ["Ask", "Books", "Certain", "Twin", "decide", "evidence", "sellers"]


@dataclass(frozen=True, slots=True)
class Certain:
    """A bill that may be posted, coded, with the entry drafted for it."""

    supplier: Supplier
    coding: tuple[CodedLine, ...]
    draft: EntryDraft


@dataclass(frozen=True, slots=True)
class Ask:
    """A bill that a person must decide on: the first rail it hit, the others, and what is likely."""

    kind: str
    reason: Words
    also: tuple[str, ...] = ()  # the kinds of the other rails
    supplier: Supplier | None = None
    suppliers: tuple[Supplier, ...] = ()  # when several have its number
    proposals: tuple[tuple[CodedLine, ...], ...] = ()
    coding: tuple[CodedLine, ...] = ()  # when only the posting waits


def decide(bill: Bill, books: Books) -> Certain | Ask:
    """Post it, or ask, and why. The bill is one that its own findings do not hold."""
    found = sellers(bill, books.suppliers, books.chosen)
    supplier = found[0] if len(found) == 1 else None
    setting = books.settings.get(supplier.id, Setting()) if supplier else Setting()
    history = books.history.get(supplier.id, ()) if supplier else ()
    coded: tuple[CodedLine, ...] | Unclear | None = None
    if supplier is not None and bill.groups:
        terms = books.terms.get(bill.document, Terms())
        coded = code(
            bill,
            supplier=supplier,
            setting=setting,
            known=known(books, supplier),
            parts=terms.parts,
            from_month=terms.from_month,
        )
    coding = coded if isinstance(coded, tuple) else ()
    draft = _draft(bill, coding, supplier, books)
    hits = [
        *rails.of_document(bill, books),
        *rails.of_seller(bill, found, supplier, books),
        *((coded.kind, coded.reason) for coded in (coded,) if isinstance(coded, Unclear)),
        *rails.of_supplier(bill, supplier, setting, history, is_coded=bool(coding)),
        *rails.of_coding(coding, books.law),
        *rails.of_credit(bill, supplier, books),
        *rails.of_amounts(bill, supplier, setting, history, books),
    ]
    if isinstance(draft, Words) and not hits:
        hits.append(("documents.sums", draft))
    if not hits and supplier is not None and isinstance(draft, EntryDraft):
        return Certain(supplier, coding, draft)
    kind, reason = hits[0]
    # What cannot become an entry has no likely one.
    can_be_posted = {"documents.currency", "documents.sums", "documents.prepaid"}.isdisjoint(
        each for each, _reason in hits
    )
    if not can_be_posted:
        proposals: tuple = ()
    elif isinstance(coded, Unclear):
        proposals = coded.proposals
    else:
        proposals = (coding,) if isinstance(draft, EntryDraft) else ()
    return Ask(
        kind,
        reason,
        tuple(dict.fromkeys(each for each, _reason in hits[1:] if each != kind)),
        supplier,
        found if len(found) > 1 else (),
        proposals,
        coding,
    )


def known(books: Books, supplier: Supplier) -> Known:
    """What a supplier's bills are coded by."""
    return Known(
        books.law,
        books.accounts,
        books.history.get(supplier.id, ()),
        books.seen,
        books.rules,
        books.templates,
        books.deducts_vat,
    )


def sellers(
    bill: Bill, suppliers: Mapping[str, tuple[Supplier, ...]], chosen: Mapping[int, Supplier]
) -> tuple[Supplier, ...]:
    """The supplier that the bill is from; several, or none, when its numbers do not say."""
    found = find_supplier(bill.seller_org_number, bill.seller_vat_number, bill.seller_country, suppliers)
    if len(found) != 1 and bill.supplier in chosen:  # a person has said which
        return (chosen[bill.supplier],)
    return found


def _draft(bill: Bill, coding: Sequence[CodedLine], supplier: Supplier | None, books: Books):
    """The entry, or why it cannot be drafted, or None while its coding or supplier is unknown."""
    if supplier is None or not coding or bill.issued_on is None:
        return None
    try:
        draft = purchase(
            bill,
            coding,
            supplier=supplier.id,
            law=books.law,
            on=posting_day(bill.issued_on, books.closed_through),
            waits_on=books.waits_on,
        )
    except Refused as refused:
        return refused.words
    for line in draft.lines:
        if line.account not in books.accounts:
            return Words(
                _("Account {account}, which the entry needs, is not in use."), {"account": line.account}
            )
    return draft


def evidence(bill: Bill, certain: Certain, law: Country) -> dict:
    """Why it was posted as it was, as data."""
    moved = bill.issued_on is not None and certain.draft.date != bill.issued_on
    reverse = [
        line.vat_code
        for line in certain.coding
        if line.vat_code and law.vat_codes[line.vat_code].direction is VatDirection.REVERSE
    ]
    return {
        "document": bill.document,
        "document_kind": bill.kind,
        "supplier": certain.supplier.name,
        "supplier_id": certain.supplier.id,
        "number": bill.number,
        "owed": str(bill.owed),
        "net": str(bill.net),
        "vat": str(bill.vat),
        "currency": bill.currency,
        "sha256": bill.sha256,
        "issued_on": bill.issued_on.isoformat() if bill.issued_on else None,
        "moved_from": bill.issued_on.isoformat() if moved and bill.issued_on else None,
        "buyer_owes_vat": reverse,
        "lines": [
            {
                "account": line.account,
                "vat_code": line.vat_code,
                "net": str(line.net),
                "vat": str(line.vat),
                "reason": {"text": line.reason.text, "values": line.reason.values},
                "source": line.source,
                "entries": list(line.entries),
                "dimensions": dict(line.dimensions) if line.dimensions else None,
                "months": line.months,
                "told_by": dict(line.evidence) if line.evidence else None,
            }
            for line in certain.coding
        ],
    }

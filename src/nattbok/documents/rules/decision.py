"""May the robot post this bill? The guard rails: any hit turns "post" into "ask"."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatDirection
from nattbok.countries.known import codes, country
from nattbok.documents.rules.bill import POSTABLE, Bill
from nattbok.documents.rules.coding import CodedLine, PastBill, Setting, Unclear, code
from nattbok.documents.rules.entry import posting_day, purchase
from nattbok.documents.rules.identity import Supplier, find_supplier, org_key
from nattbok.ledger.rules import EntryDraft

TIMES_LARGEST = 3  # so much above the largest bill before is not a habit any more
ROUND_FROM, ROUND_STEP = Decimal(10_000), Decimal(1_000)  # made-up bills are round; rents are, month by month
OLDEST = datetime.timedelta(days=365)  # an older bill has most often been paid already


@dataclass(frozen=True, slots=True)
class Twin:
    """Another document, or an entry, with the same number from the same seller."""

    name: str  # "document 4", "entry K 12"
    owed: Decimal | None


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of the client and its books when its bills are decided on."""

    law: Country
    currency: str
    today: datetime.date
    may_post: bool
    accounts: Mapping[str, str]  # those in use: number → name
    years_begin: datetime.date  # the first day of the first fiscal year
    limit: Decimal | None = None
    closed_through: datetime.date | None = None
    suppliers: Mapping[str, tuple[Supplier, ...]] = field(default_factory=dict)  # see identity.by_number
    chosen: Mapping[int, Supplier] = field(default_factory=dict)  # all suppliers, by id
    settings: Mapping[int, Setting] = field(default_factory=dict)
    history: Mapping[int, Sequence[PastBill]] = field(default_factory=dict)
    twins: Mapping[int, Sequence[Twin]] = field(default_factory=dict)  # by document


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
        coded = code(
            bill, supplier=supplier, setting=setting, history=history, law=books.law, accounts=books.accounts
        )
    coding = coded if isinstance(coded, tuple) else ()
    draft = _draft(bill, coding, supplier, books)
    hits = [
        *_document(bill, books),
        *_seller(bill, found, supplier, books),
        *((coded.kind, coded.reason) for coded in (coded,) if isinstance(coded, Unclear)),
        *_amounts(bill, supplier, setting, history, books),
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
        )
    except Refused as refused:
        return refused.words
    for line in draft.lines:
        if line.account not in books.accounts:
            return Words(
                _("Account {account}, which the entry needs, is not in use."), {"account": line.account}
            )
    return draft


def _document(bill: Bill, books: Books) -> Iterator[tuple[str, Words]]:
    """What the document alone says against posting it."""
    if bill.kind not in POSTABLE:
        yield "documents.held", Words(_("It is not an invoice or a credit note to this client."))
    if bill.currency != books.currency:
        yield (
            "documents.currency",
            Words(
                _("It is in {currency}, and the books are kept in {own}."),
                {"currency": bill.currency, "own": books.currency},
            ),
        )
    yield from _sums(bill)
    if bill.prepaid:
        yield (
            "documents.prepaid",
            Words(_("{prepaid} is said to be paid already."), {"prepaid": str(bill.prepaid)}),
        )
    yield from _dates(bill, books)
    for twin in books.twins.get(bill.document, ()):
        values = {
            "number": bill.number,
            "twin": twin.name,
            "owed": str(bill.owed),
            "other": str(twin.owed),
        }
        if twin.owed == bill.owed:
            text = _("It was sent twice: {twin} has the same number {number} and amount {owed}.")
        else:
            text = _("{twin} has the same number {number} but another amount: {other}, here {owed}.")
        yield "documents.duplicate", Words(text, values)


def _sums(bill: Bill) -> Iterator[tuple[str, Words]]:
    """The identity from VAT groups to what is owed: what is booked equals the document, or nothing is."""
    if bill.net is None or bill.vat is None or not bill.owed or not bill.number or not bill.groups:
        yield (
            "documents.sums",
            Words(_("A number, an amount or the VAT is missing, so it cannot be proved what to post.")),
        )
        return
    net, vat = sum(group.net for group in bill.groups), sum(group.vat for group in bill.groups)
    asked = bill.net + bill.vat + bill.rounding - bill.prepaid
    for stated, computed in ((bill.net, net), (bill.vat, vat), (bill.owed, asked)):
        if stated != computed:
            yield (
                "documents.sums",
                Words(
                    _("The amounts do not add up: {stated} is stated, the parts come to {computed}."),
                    {"stated": str(stated), "computed": str(computed)},
                ),
            )
    if not bill.seller_vat_number and any(group.vat for group in bill.groups):
        yield (
            "documents.vat",
            Words(
                _("{seller} charges VAT, but the document has no VAT number."),
                {"seller": bill.seller},
            ),
        )
    yield from _registration(bill)


def _registration(bill: Bill) -> Iterator[tuple[str, Words]]:
    """VAT that is charged under a number that is not the seller's: it may not be deducted, or be a forgery.

    A member of a group that is registered together has the group's number, which a person knows.
    """
    number = bill.seller_vat_number
    if not number or bill.seller_country not in codes() or not any(group.vat for group in bill.groups):
        return
    values = {"seller": bill.seller, "vat_number": number, "number": bill.seller_org_number}
    if not country(bill.seller_country).is_org_number(number):
        text = _("{seller} charges VAT under {vat_number}, which is no VAT number of its country.")
        yield "documents.vat", Words(text, values)
    elif bill.seller_org_number and org_key(number, bill.seller_country) != org_key(
        bill.seller_org_number, bill.seller_country
    ):
        text = _("{seller} charges VAT under {vat_number}, but its organisation number is {number}.")
        yield "documents.vat", Words(text, values)


def _dates(bill: Bill, books: Books) -> Iterator[tuple[str, Words]]:
    if bill.issued_on is None:
        yield "documents.date", Words(_("The invoice date is missing."))
        return
    if bill.issued_on > books.today:
        yield (
            "documents.date",
            Words(_("It is dated {date}, which is yet to come."), {"date": bill.issued_on.isoformat()}),
        )
    if bill.issued_on < books.years_begin:
        yield (
            "documents.date",
            Words(
                _("It is dated {date}, before the books begin on {begins}."),
                {"date": bill.issued_on.isoformat(), "begins": books.years_begin.isoformat()},
            ),
        )
    elif bill.issued_on < books.today - OLDEST:
        yield (
            "documents.date",
            Words(_("It is dated {date}, more than a year ago."), {"date": bill.issued_on.isoformat()}),
        )
    on = posting_day(bill.issued_on, books.closed_through)
    if on != bill.issued_on and books.closed_through is not None:
        yield (
            "documents.closed",
            Words(
                _(
                    "It is dated {date}, and the books are closed through {closed}. "
                    "Posted now, its entry is dated {on}."
                ),
                {
                    "date": bill.issued_on.isoformat(),
                    "closed": books.closed_through.isoformat(),
                    "on": on.isoformat(),
                },
            ),
        )


def _seller(
    bill: Bill, found: Sequence[Supplier], supplier: Supplier | None, books: Books
) -> Iterator[tuple[str, Words]]:
    number = bill.seller_org_number or bill.seller_vat_number
    if len(found) > 1:
        yield (
            "documents.which_supplier",
            Words(
                _("{count} suppliers have the organisation number {number}."),
                {"count": len(found), "number": number},
            ),
        )
    if supplier is None:
        if not found:
            yield (
                "documents.new_supplier",
                Words(
                    _("{seller} ({number}) is not among the suppliers."),
                    {"seller": bill.seller, "number": number},
                ),
            )
        return
    for account in bill.accounts:
        if account in supplier.accounts:
            continue
        values = {"supplier": supplier.name, "account": account, "payee": bill.payee or bill.seller}
        if bill.payee:
            text = _("It asks for payment to {payee}, account {account}, not known as {supplier}’s.")
        elif supplier.accounts:
            text = _("It asks for payment to account {account}, which is new for {supplier}.")
        else:
            text = _("No account of {supplier} is known; the document says {account}.")
        yield "documents.changed_account", Words(text, values)


def _amounts(
    bill: Bill,
    supplier: Supplier | None,
    setting: Setting,
    history: Sequence[PastBill],
    books: Books,
) -> Iterator[tuple[str, Words]]:
    """The amount against history and limits, and what the client and the supplier let the robot do."""
    if supplier is None or bill.owed is None:
        return
    owed = abs(bill.owed)
    largest = max((abs(past.owed) for past in history), default=None)
    if largest is not None and owed > TIMES_LARGEST * largest:
        yield (
            "documents.amount",
            Words(
                _("{owed} is more than {times} times the largest bill from {supplier}, {largest}."),
                {
                    "owed": str(bill.owed),
                    "times": TIMES_LARGEST,
                    "supplier": supplier.name,
                    "largest": str(largest),
                },
            ),
        )
    is_round = owed >= ROUND_FROM and not owed % ROUND_STEP
    if is_round and not any(past.owed and not past.owed % ROUND_STEP for past in history):
        yield (
            "documents.round",
            Words(
                _("{owed} is a round sum, and no bill from {supplier} was round before."),
                {"owed": str(bill.owed), "supplier": supplier.name},
            ),
        )
    for limit, text in (
        (setting.limit, _("{owed} is above the limit of {limit} set for {supplier}.")),
        (books.limit, _("{owed} is above the client’s limit of {limit}.")),
    ):
        if limit is not None and owed > limit:
            yield (
                "documents.limit",
                Words(text, {"owed": str(bill.owed), "limit": str(limit), "supplier": supplier.name}),
            )
    if not setting.may_post:
        yield (
            "documents.approval",
            Words(_("A person posts what comes from {supplier}."), {"supplier": supplier.name}),
        )
    elif not books.may_post:
        yield "documents.approval", Words(_("It is ready; a person posts this client’s documents."))


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
            }
            for line in certain.coding
        ],
    }

"""The guard rails: what turns "post" into "ask". Each yields its kind of question and the reason.

A rail looks at one thing and knows of no other, so that evidence of another kind never makes one vanish.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import Country
from nattbok.countries.known import codes, country
from nattbok.documents.rules.bill import POSTABLE, Bill
from nattbok.documents.rules.coded_lines import CodedLine
from nattbok.documents.rules.coding import PastBill, Setting
from nattbok.documents.rules.entry import posting_day
from nattbok.documents.rules.identity import Supplier, number_key, org_key
from nattbok.documents.rules.likeness import Seen
from nattbok.documents.rules.office_rules import OfficeRule
from nattbok.documents.rules.parts import Terms
from nattbok.ledger.rules.spreading import WaitsOn
from nattbok.ledger.rules.templates import Template

TIMES_LARGEST = 3  # so much above the largest bill before is not a habit any more
STEADY_BILLS, STEADY_WITHIN, STEADY_BEYOND = 4, Decimal("0.05"), Decimal("1.5")  # the same month by month
ROUND_FROM, ROUND_STEP = Decimal(10_000), Decimal(1_000)  # made-up bills are round; rents are, month by month
OLDEST = datetime.timedelta(days=365)  # an older bill has most often been paid already

_BY_CARD = _("It is said to be paid by card: paid by transfer as well, it is paid twice.")
_BY_DEBIT = _("It is said to be drawn by direct debit: paid by transfer as well, it is paid twice.")
PAID_OTHERWISE = {  # by UNTDID 4461
    "10": _("It is said to be paid in cash: paid by transfer as well, it is paid twice."),
    "48": _BY_CARD,
    "49": _BY_DEBIT,
    "54": _BY_CARD,
    "55": _BY_CARD,
    "59": _BY_DEBIT,
    "97": _("It is said to be set off against another debt: paid by transfer as well, it is paid twice."),
}

Hit = tuple[str, Words]


DOCUMENT = "document "  # how the name of a twin begins that is no entry


@dataclass(frozen=True, slots=True)
class Twin:
    """Another document, or an entry, with the same number from the same seller."""

    name: str  # "document 4", "K 12"
    owed: Decimal | None
    number: str = ""  # when it is another one: its day, amount and reference are the same
    by_message: bool = False  # it came in a message with the same id; nothing else need be the same


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of the client and its books when its bills are decided on."""

    law: Country
    currency: str
    today: datetime.date
    may_post: bool
    accounts: Mapping[str, str]  # those in use: number → name
    waits_on: WaitsOn  # where what is spread waits
    years_begin: datetime.date  # the first day of the first fiscal year
    limit: Decimal | None = None
    closed_through: datetime.date | None = None
    suppliers: Mapping[str, tuple[Supplier, ...]] = field(default_factory=dict)  # see identity.by_number
    chosen: Mapping[int, Supplier] = field(default_factory=dict)  # all suppliers, by id
    settings: Mapping[int, Setting] = field(default_factory=dict)
    history: Mapping[int, Sequence[PastBill]] = field(default_factory=dict)
    twins: Mapping[int, Sequence[Twin]] = field(default_factory=dict)  # by document
    terms: Mapping[int, Terms] = field(default_factory=dict)  # by document
    invoices: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    # supplier → number (see identity.number_key) → what was owed on it, for those that credit notes name
    credits: Mapping[int, Decimal] = field(default_factory=dict)
    # credit note → what others take back of the invoices that it names
    own_number: str = ""  # the client's own organisation number
    deducts_vat: bool = True
    seen: Seen = field(default_factory=Seen)
    rules: Sequence[OfficeRule] = ()  # those of the office that are in force here, in their order
    templates: Mapping[str, Template] = field(default_factory=dict)


def of_document(bill: Bill, books: Books) -> Iterator[Hit]:
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
        text = _("{prepaid} is said to be paid already.")
        if not bill.owed:
            text = _("All of it, {prepaid}, is said to be paid already: nothing is left to pay.")
        yield "documents.prepaid", Words(text, {"prepaid": str(bill.prepaid)})
    yield from _means(bill)
    yield from _dates(bill, books)
    yield from _twins(bill, books)


def _means(bill: Bill) -> Iterator[Hit]:
    """Ways to pay that move the money by themselves: the debt posted would be paid once more by transfer."""
    for code in bill.means:
        if code in PAID_OTHERWISE:
            yield "documents.paid_otherwise", Words(PAID_OTHERWISE[code])


def _twins(bill: Bill, books: Books) -> Iterator[Hit]:
    for twin in books.twins.get(bill.document, ()):
        values = {
            "document": bill.document,
            "number": bill.number,
            "twin": twin.name,
            "owed": str(bill.owed),
            "other": str(twin.owed),
            "other_number": twin.number,
        }
        yield "documents.duplicate", Words(_same(twin, bill), values)


def _same(twin: Twin, bill: Bill) -> str:
    """How it is like another, marked. Documents have no number that people know: the page shows which."""
    if twin.by_message:
        return _(
            "It came in a message with the same id as another document came in, and with another content."
        )
    if twin.number:
        return _(
            "It may have been sent twice: another document, {other_number}, has the same day, amount {owed} "
            "and reference."
        )
    is_same, is_document = twin.owed == bill.owed, twin.name.startswith(DOCUMENT)
    if is_document and is_same:
        return _("It was sent twice: another document has the same number {number} and amount {owed}.")
    if is_document:
        return _("Another document has the same number {number} but another amount: {other}, here {owed}.")
    if is_same:
        return _("It is in the books already: entry {twin} has the same number {number} and amount {owed}.")
    return _("Entry {twin} has the same number {number} but another amount: {other}, here {owed}.")


def _sums(bill: Bill) -> Iterator[Hit]:
    """The identity from VAT groups to what is owed: what is booked equals the document, or nothing is."""
    if bill.net is None or bill.vat is None or bill.owed is None or not bill.number or not bill.groups:
        yield "documents.sums", Words(_missing(bill))
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
    if not bill.owed and not bill.prepaid:
        yield "documents.sums", Words(_("The amount to pay is 0.00, so there is nothing to post."))
    if not bill.seller_vat_number and any(group.vat for group in bill.groups):
        yield (
            "documents.vat",
            Words(
                _("{seller} charges VAT, but the document has no VAT number."),
                {"seller": bill.seller},
            ),
        )
    yield from _registration(bill)


def _missing(bill: Bill) -> str:
    """What cannot be done without; the first of it, in the order that a person looks for it."""
    if not bill.number:
        return _("The invoice number is missing, so it cannot be told from other bills.")
    if bill.owed is None:
        return _("The amount to pay is missing, so it cannot be proved what to post.")
    return _("The amount without VAT or the VAT is missing, so it cannot be proved what to post.")


def _registration(bill: Bill) -> Iterator[Hit]:
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


def _dates(bill: Bill, books: Books) -> Iterator[Hit]:
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


def of_seller(
    bill: Bill, found: Sequence[Supplier], supplier: Supplier | None, books: Books
) -> Iterator[Hit]:
    """What is not known of who sent it, or of where it asks to be paid."""
    number = bill.seller_org_number or bill.seller_vat_number
    own = org_key(books.own_number, books.law.code)
    if own and own in (org_key(each, bill.seller_country) for each in (number, bill.seller_vat_number)):
        yield (
            "documents.own",
            Words(
                _("Its seller is this client itself: {seller} ({number})."),
                {"seller": bill.seller, "number": number},
            ),
        )
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
            text = _("{seller} ({number}) is not among the suppliers.")
            if not number:
                text = _("{seller} gives no organisation number or VAT number to know it by.")
            yield "documents.new_supplier", Words(text, {"seller": bill.seller, "number": number})
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


def of_amounts(
    bill: Bill,
    supplier: Supplier | None,
    setting: Setting,
    history: Sequence[PastBill],
    books: Books,
) -> Iterator[Hit]:
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
    yield from _steady(bill, supplier, history)
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


def _steady(bill: Bill, supplier: Supplier, history: Sequence[PastBill]) -> Iterator[Hit]:
    """A bill that is always the same, and now is not: a new price, or somebody else's order."""
    before = [past.owed for past in history if past.owed > 0]
    if bill.owed is None or bill.owed <= 0 or len(before) < STEADY_BILLS:
        return
    usual = median(before)
    values = {
        "supplier": supplier.name,
        "usual": str(usual.quantize(Decimal("0.01"))),
        "owed": str(bill.owed),
    }
    if all(abs(owed - usual) <= STEADY_WITHIN * usual for owed in before) and (
        bill.owed > STEADY_BEYOND * usual
    ):
        yield (
            "documents.amount",
            Words(_("Bills from {supplier} are about {usual} each; this one is {owed}."), values),
        )


def of_supplier(
    bill: Bill, supplier: Supplier | None, setting: Setting, history: Sequence[PastBill], *, is_coded: bool
) -> Iterator[Hit]:
    """What is known of the supplier that a bill may not be posted unseen for."""
    if supplier is None:
        return
    values = {"supplier": supplier.name}
    if setting.charges_vat is False and any(group.vat for group in bill.groups):
        text = _("{supplier} is not registered for VAT, but charges it.")
        yield "documents.vat", Words(text, values)
    if is_coded and not history and not setting.decides:
        yield "documents.first_bill", Words(_("It is the first bill from {supplier}."), values)


def of_coding(coding: Sequence[CodedLine], law: Country) -> Iterator[Hit]:
    """What must be told beside the document on some accounts, and no document from a seller tells."""
    for account in sorted({line.account for line in coding} & law.entertainment):
        text = _("Account {account} is for entertainment: the books need the occasion and who took part.")
        yield "documents.purpose", Words(text, {"account": account})


def of_credit(bill: Bill, supplier: Supplier | None, books: Books) -> Iterator[Hit]:
    """A credit note takes back an invoice that is known, and no more than it."""
    if not bill.is_credit or supplier is None:
        return
    named = books.terms.get(bill.document, Terms()).preceding
    known = books.invoices.get(supplier.id, {})
    found = {number_key(number): known[number_key(number)] for number in named if number_key(number) in known}
    values = {"numbers": ", ".join(named)[:200], "owed": str(-(bill.owed or ZERO)), "supplier": supplier.name}
    if not named:
        yield "documents.credit", Words(_("The credit note does not say which invoice it takes back."))
        return
    if len(found) < len({number_key(number) for number in named}):
        text = _(
            "The credit note takes back {numbers} from {supplier}, which is not among the invoices here."
        )
        yield "documents.credit", Words(text, values)
        return
    invoiced, others = sum(found.values(), ZERO), books.credits.get(bill.document, ZERO)
    values |= {"invoiced": str(invoiced), "others": str(others)}
    if -(bill.owed or ZERO) > invoiced:
        text = _("The credit note takes back {owed}, more than was owed on {numbers}: {invoiced}.")
        yield "documents.credit", Words(text, values)
    elif -(bill.owed or ZERO) > invoiced - others:
        text = _(
            "The credit note takes back {owed} of {numbers}, of which other credit notes take back {others}: "
            "more than the {invoiced} that was owed."
        )
        yield "documents.credit", Words(text, values)

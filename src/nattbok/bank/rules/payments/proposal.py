"""What is to be paid: from the open items of the suppliers to drafted payments.

Amounts are positive Decimal in the client's currency; of a credit note negative where it is deducted.
A payment with a reference (KID, OCR) pays one bill alone. Credit notes are deducted from bills without one,
since a reference and a credit note may not go together; where that cannot be, they are left.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.countries.country import References
from nattbok.formats.payment.shape import AccountKind, PaidInvoice
from nattbok.ledger.rules import OpenItem, PartyKind

ON_HOLD = _("{number} of {party} is on hold in the books.")
HELD_SUPPLIER = _("{number} from {party} is left: nothing is to be paid to this supplier for now.")
NO_ACCOUNT = _("No account is known that {party} is paid to.")
SEVERAL_ACCOUNTS = _(
    "{party} has {count} accounts, and nothing says which of them {number} is to be paid to."
)
OTHER_CURRENCY = _("{number} of {party} is in {currency}, and the account is kept in {own}.")
CREDIT_LEFT = _("Credit note {number} of {party} is left: nothing it could be deducted from is due.")

IBAN_COUNTRY = 2  # letters an IBAN begins with
SHORTEST_IBAN = 15
GIRO_LENGTHS = (7, 8)  # a bankgiro number; plain clearing and account numbers are longer
TEXT = 140
TWICE = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person, or the client's policy, wants proposed. Empty or None: all."""

    through: date  # the last due date
    parties: Collection[int] = ()
    items: Collection[int] = ()
    smallest: Decimal | None = None
    largest: Decimal | None = None
    with_discount: bool = False  # only what is cheaper when it is paid now


@dataclass(frozen=True, slots=True)
class Discount:
    """What a supplier takes off when it is paid early."""

    percent: Decimal
    days: int  # from the date of the bill


@dataclass(frozen=True, slots=True)
class Payee:
    """Where a party may be paid: its accounts, and how each came to be known."""

    accounts: tuple[tuple[str, int], ...] = ()  # in normal form, how often confirmed
    paid_before: frozenset[str] = frozenset()  # by payments that the bank executed
    country: str = ""
    discount: Discount | None = None
    pay_to: str = ""  # the one of its accounts that a person chose, in normal form
    is_held: bool = False  # a person has said that nothing is to be paid to it


@dataclass(frozen=True, slots=True)
class Draft:
    """A payment about to be drafted."""

    party: int
    payee_name: str
    account: str
    account_kind: AccountKind | None
    payee_country: str
    amount: Decimal
    currency: str
    items: tuple[tuple[int, Decimal], ...]
    due_on: date
    pay_on: date
    reference: str = ""
    message: str = ""
    invoices: tuple[PaidInvoice, ...] = ()
    account_check: str = ""  # new, changed
    discount: Decimal = ZERO  # taken off, because it is paid so early


@dataclass(frozen=True, slots=True)
class Left:
    """An item that is not proposed, and why."""

    item: OpenItem
    why: Words


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed, and what is left for a person."""

    drafts: tuple[Draft, ...]
    left: tuple[Left, ...]


@dataclass
class _Books:
    payees: Mapping[int, Payee]
    billed: Mapping[int, str]  # item → the account that its bill asks to be paid to
    references: References
    currency: str
    country: str
    today: date
    bank_day: Callable[[date], date]
    drafts: list[Draft] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def propose(
    items: Sequence[OpenItem],
    wanted: Wanted,
    *,
    payees: Mapping[int, Payee],
    billed: Mapping[int, str],
    busy: Collection[int],
    references: References,
    currency: str,
    country: str,
    today: date,
    bank_day: Callable[[date], date],
) -> Proposal:
    """Payments for the suppliers' items that fall due, one for each bill.

    `busy` are the items that a payment under way pays; they are passed over in silence. `bank_day` gives the
    day itself or the first bank day after it: nothing is paid before the day that was chosen.
    """
    books = _Books(payees, billed, references, currency, country, today, bank_day)
    mine = [
        item
        for item in items
        if item.party_kind is PartyKind.SUPPLIER and item.left and item.id not in set(busy)
        and (not wanted.parties or item.party in wanted.parties)
    ]  # fmt: skip
    groups: dict[tuple[int, str], list[OpenItem]] = defaultdict(list)
    credits: dict[int, list[OpenItem]] = defaultdict(list)
    for item in mine:
        if item.left > 0:
            if item.is_invoice and not item.on_hold:
                credits[item.party].append(item)
        elif _is_wanted(item, wanted, books) and (account := _account(item, books)):
            groups[item.party, account].append(item)
    for (party, account), bills in groups.items():
        _drafts(bills, credits.pop(party, []), account, books)
    return Proposal(
        tuple(sorted(books.drafts, key=lambda draft: (draft.due_on, draft.payee_name, draft.items))),
        tuple(books.left),
    )


def _is_wanted(item: OpenItem, wanted: Wanted, books: _Books) -> bool:
    discount = taken(item, books.payees.get(item.party), books.today)
    by_hand = item.id in wanted.items
    if wanted.items and not by_hand:
        return False
    if not by_hand and not discount and (item.due_on or item.date) > wanted.through:
        return False
    if wanted.with_discount and not discount:
        return False
    if wanted.smallest is not None and -item.left < wanted.smallest:
        return False
    if wanted.largest is not None and -item.left > wanted.largest:
        return False
    named = {"number": item.number or str(item.date), "party": item.party_name}
    if item.on_hold:
        books.left.append(Left(item, Words(ON_HOLD, named)))
        return False
    if books.payees.get(item.party, Payee()).is_held:
        books.left.append(Left(item, Words(HELD_SUPPLIER, named)))
        return False
    if item.currency != books.currency:
        values = named | {"currency": item.currency, "own": books.currency}
        books.left.append(Left(item, Words(OTHER_CURRENCY, values)))
        return False
    return True


def taken(item: OpenItem, payee: Payee | None, today: date) -> Decimal:
    """What is saved by paying the whole bill today, in whole øre; nothing when it is too late."""
    terms = payee.discount if payee else None
    if terms is None or (today - item.date).days > terms.days or item.left != item.amount:
        return ZERO
    return rounded(-item.left * terms.percent / 100)


def _account(item: OpenItem, books: _Books) -> str:
    """Where the bill is paid: as it says itself, else as a person chose, else the one account the party has.

    "" when unknown.
    """
    if asked := books.billed.get(item.id):
        return asked
    payee = books.payees.get(item.party, Payee())
    known = [number for number, confirmed in payee.accounts if confirmed] or [
        number for number, _confirmed in payee.accounts
    ]
    paid = [number for number in known if number in payee.paid_before]
    if payee.pay_to and payee.pay_to in known:
        return payee.pay_to
    if len(known) == 1:
        return known[0]
    if len(paid) == 1:
        return paid[0]
    values = {"party": item.party_name, "number": item.number or str(item.date), "count": len(known)}
    books.left.append(Left(item, Words(SEVERAL_ACCOUNTS if known else NO_ACCOUNT, values)))
    return ""


def _drafts(bills: list[OpenItem], credits: list[OpenItem], account: str, books: _Books) -> None:
    plain = [bill for bill in bills if not _reference(bill, books)]
    owed = sum((-bill.left for bill in plain), ZERO)
    deducted: list[OpenItem] = []
    for credit in sorted(credits, key=lambda credit: (credit.date, credit.id)):
        if owed - credit.left > 0:
            deducted.append(credit)
            owed -= credit.left
        elif bills:
            values = {"number": credit.number or str(credit.date), "party": credit.party_name}
            books.left.append(Left(credit, Words(CREDIT_LEFT, values)))
    if deducted:
        books.drafts.append(_together(plain, deducted, account, books))
        bills = [bill for bill in bills if bill not in plain]
    books.drafts += [_alone(bill, account, books) for bill in bills]


def _reference(bill: OpenItem, books: _Books) -> str:
    return bill.reference if bill.reference and books.references.is_valid(bill.reference) else ""


def _alone(bill: OpenItem, account: str, books: _Books) -> Draft:
    reference = _reference(bill, books)
    return _draft(
        [bill],
        account,
        books,
        reference=reference,
        message="" if reference else (bill.reference or bill.number)[:TEXT],
    )


def _together(bills: list[OpenItem], credits: list[OpenItem], account: str, books: _Books) -> Draft:
    every = [*bills, *credits]
    invoices = tuple(
        PaidInvoice(item.number or str(item.date), abs(item.left), item.left > 0) for item in every
    )
    return _draft(every, account, books, invoices=invoices)


def _draft(items: list[OpenItem], account: str, books: _Books, **told) -> Draft:
    first = items[0]
    payee = books.payees.get(first.party, Payee())
    # A bill that is paid together with others is paid whole: its discount would be in no amount of its own.
    discount = taken(first, payee, books.today) if len(items) == 1 else ZERO
    due_on = min(item.due_on or item.date for item in items if item.left < 0)
    kind = account_kind(account)
    return Draft(
        party=first.party,
        payee_name=first.party_name[:TEXT],
        account=account,
        account_kind=kind,
        payee_country=account[:IBAN_COUNTRY] if kind is AccountKind.IBAN else payee.country or books.country,
        amount=sum((-item.left for item in items), ZERO) - discount,
        currency=books.currency,
        items=tuple((item.id, -item.left - discount) for item in items),
        due_on=due_on,
        # A discount is had by paying now; all else is paid when it is due.
        pay_on=pay_on(books.today if discount else due_on, today=books.today, bank_day=books.bank_day),
        discount=discount,
        account_check=account_check(account, payee),
        **told,
    )


def pay_on(chosen: date, *, today: date, bank_day: Callable[[date], date]) -> date:
    """The bank day a payment is executed: the chosen day, else the first bank day after it; never before."""
    return bank_day(max(chosen, today))


def account_check(account: str, payee: Payee) -> str:
    """Whether the account must be confirmed by a second person: "new", "changed", or "" when it is known.

    Known is what the payee was paid to before, or what was confirmed as theirs at least twice while nothing
    else ever was: once may be one person's word, or one forged bill's.
    """
    if account in payee.paid_before:
        return ""
    confirmed = {number: times for number, times in payee.accounts if times}
    if payee.paid_before or set(confirmed) - {account}:
        return "changed"
    return "" if confirmed.get(account, 0) >= TWICE else "new"


def account_kind(account: str) -> AccountKind | None:
    """What kind of number an account in normal form is; None when there is none."""
    if not account:
        return None
    if account.startswith("PG") and account[2:].isdecimal():
        return AccountKind.PLUSGIRO
    if account[:IBAN_COUNTRY].isalpha() and account[2:4].isdecimal() and len(account) >= SHORTEST_IBAN:
        return AccountKind.IBAN
    if account.isdecimal() and len(account) in GIRO_LENGTHS:
        return AccountKind.BANKGIRO
    return AccountKind.BBAN


def written_account(account: str) -> str:
    """The account as a payment file has it: without the letters that tell a plusgiro number here."""
    return account[2:] if account_kind(account) is AccountKind.PLUSGIRO else account


def sums(drafts: Iterable[tuple[int, date, Decimal]]) -> dict[tuple[int, date], Decimal]:
    """What is to be paid per bank account and day."""
    found: dict[tuple[int, date], Decimal] = defaultdict(lambda: ZERO)
    for account, day, amount in drafts:
        found[account, day] += amount
    return dict(sorted(found.items()))

"""What is wrong with a payment, or to be known of it, before it may be frozen into a batch.

Amounts are positive Decimal in the payment's currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.country import References
from nattbok.formats.payment.shape import AccountKind, PaidInvoice

NO_ACCOUNT = _("No account is given that it is paid to.")
BAD_ACCOUNT = _("{account} is not an account number: its check digit or its length is wrong.")
BAD_REFERENCE = _("{reference} is not a reference (KID, OCR): its check digit or its length is wrong.")
WITH_CREDIT = _("A reference (KID, OCR) may not go together with a credit note.")
NOT_THE_SUM = _("What it pays of its items is {items}, and not {amount}.")
BEYOND = _("It pays {amount} of {number}, of which {left} is left.")
ON_HOLD = _("{number} is on hold in the books.")
HELD = _("It is held: {note}")
TWICE = _("{payee} is paid {amount} with the same reference or invoice on {date} as well.")
CURRENCY = _("It is in {currency}, and the account is kept in {own}.")
NEW_ACCOUNT = _("The account {account} has never been used for {payee}. A second person must confirm it.")
CHANGED_ACCOUNT = _(
    "The account {account} is another than {payee} was paid to. A second person must confirm it."
)
SHORT = _("There is {balance} on {account} on {date}, which is {short} too little for what is due.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a payment; what `blocks` must be put right before it goes to the bank."""

    code: str
    words: Words
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Paid:
    """An open item that a payment pays, as it stands now."""

    number: str
    amount: Decimal  # what is paid of it; negative of a credit note
    left: Decimal  # what is owed of it; negative of a credit note
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A payment as the checks see it."""

    id: int
    payee: str
    payee_name: str
    account: str
    account_kind: AccountKind | None
    amount: Decimal
    currency: str
    own_currency: str  # of the bank account
    pay_on: date
    reference: str = ""
    message: str = ""
    invoices: tuple[PaidInvoice, ...] = ()
    items: tuple[Paid, ...] = ()
    is_held: bool = False
    note: str = ""
    account_check: str = ""
    is_confirmed: bool = False

    @property
    def told(self) -> frozenset[str]:
        """What tells this payment to its payee: the reference, else the invoices it names."""
        if self.reference:
            return frozenset({self.reference})
        return frozenset(filter(None, (*(one.number for one in self.invoices), self.message.strip())))


def troubles(
    payment: Checked,
    others: Sequence[Checked] = (),
    *,
    references: References,
    normal_account: Callable[[str], str],
) -> list[Trouble]:
    """All that is wrong with `payment`; `others` are those under way and those executed lately."""
    found = [*_account(payment, normal_account), *_reference(payment, references), *_items(payment)]
    if payment.is_held:
        found.append(Trouble("held", Words(HELD, {"note": payment.note})))
    if payment.currency != payment.own_currency:
        values = {"currency": payment.currency, "own": payment.own_currency}
        found.append(Trouble("currency", Words(CURRENCY, values)))
    for other in others:
        if other.id != payment.id and is_twice(payment, other):
            values = {
                "payee": payment.payee_name, "amount": str(payment.amount), "date": str(other.pay_on),
            }  # fmt: skip
            found.append(Trouble("twice", Words(TWICE, values)))
            break
    if payment.account_check and not payment.is_confirmed:
        text = NEW_ACCOUNT if payment.account_check == "new" else CHANGED_ACCOUNT
        values = {"account": payment.account, "payee": payment.payee_name}
        found.append(Trouble("account_" + payment.account_check, Words(text, values)))
    return found


def is_twice(one: Checked, other: Checked) -> bool:
    """Whether the two would pay the same: payee or account, amount, and the same reference or invoice."""
    same_payee = one.payee == other.payee or (one.account and one.account == other.account)
    if not same_payee or one.amount != other.amount or one.currency != other.currency:
        return False
    if not one.told and not other.told:
        return one.pay_on == other.pay_on
    return bool(one.told & other.told)


def _account(payment: Checked, normal_account: Callable[[str], str]) -> list[Trouble]:
    if not payment.account:
        return [Trouble("no_account", Words(NO_ACCOUNT))]
    is_plain = payment.account_kind is AccountKind.BBAN and payment.account.isdecimal()
    if normal_account(payment.account) == payment.account or (is_plain and not _has_check(normal_account)):
        return []
    return [Trouble("bad_account", Words(BAD_ACCOUNT, {"account": payment.account}))]


def _has_check(normal_account: Callable[[str], str]) -> bool:
    """Whether the country's plain account numbers have a check digit: then a right one is known."""
    return bool(normal_account("12345678911") or normal_account("12345678903"))


def _reference(payment: Checked, references: References) -> list[Trouble]:
    found = []
    if payment.reference and not references.is_valid(payment.reference):
        found.append(Trouble("bad_reference", Words(BAD_REFERENCE, {"reference": payment.reference})))
    if payment.reference and any(invoice.is_credit_note for invoice in payment.invoices):
        found.append(Trouble("with_credit", Words(WITH_CREDIT)))
    return found


def _items(payment: Checked) -> list[Trouble]:
    found = []
    total = sum(item.amount for item in payment.items)
    if payment.items and total != payment.amount:
        values = {"items": str(total), "amount": str(payment.amount)}
        found.append(Trouble("not_the_sum", Words(NOT_THE_SUM, values)))
    for item in payment.items:
        if item.on_hold:
            found.append(Trouble("on_hold", Words(ON_HOLD, {"number": item.number})))
        if item.amount * item.left <= 0 or abs(item.amount) > abs(item.left):
            values = {"amount": str(item.amount), "number": item.number, "left": str(item.left)}
            found.append(Trouble("beyond", Words(BEYOND, values)))
    return found


def shortages(
    balances: Mapping[int, Decimal], due: Mapping[tuple[int, date], Decimal], names: Mapping[int, str]
) -> list[tuple[int, date, Words]]:
    """For each account the first day on which what is due is more than the mirrored balance holds.

    Only what goes out is counted: money that may come in pays nothing yet.
    """
    found = []
    for account, balance in balances.items():
        left = balance
        for (of, day), amount in sorted(due.items(), key=lambda one: one[0][1]):
            if of != account:
                continue
            before, left = left, left - amount
            if left < 0:
                values = {
                    "balance": str(before), "account": names.get(account, ""), "date": str(day),
                    "short": str(-left),
                }  # fmt: skip
                found.append((account, day, Words(SHORT, values)))
                break
    return found


class NotPayable(Refused):
    """A payment that something is wrong with does not go to the bank."""

    message = _("The payment to {payee} cannot be sent: {why}")

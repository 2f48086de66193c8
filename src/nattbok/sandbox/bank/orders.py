"""Payment files at the bank: checked, approved, executed on their day, and what becomes of each payment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nattbok.base.money import ZERO
from nattbok.countries.check_digits import mod10, mod11
from nattbok.countries.numbers import valid_iban
from nattbok.sandbox.bank.core import CUT_OFFS, RATES, Core
from nattbok.sandbox.bank.payment_file import Batch, PaymentFile, Transfer
from nattbok.sandbox.bank.shape import Account, Customer, Fault, OrderState, OrderView, PaymentView

LONGEST_AHEAD = timedelta(days=366)
BANKGIRO, PLUSGIRO = "9900", "9960"  # clearing numbers that stand for the giros (SE)
WHAT_IT_IS = {
    "AC01": "the payee's account number is wrong",
    "AC04": "the payee's account is closed",
    "AG01": "the account is not yours to debit",
    "AG08": "the approver lacks the right",
    "AM03": "the currency is not taken",
    "AM04": "funds are lacking",
    "AM05": "the payment has been sent before",
    "AM09": "the invoices do not come to the amount",
    "BE05": "the agreement is unknown",
    "CURR": "the account is kept in another currency",
    "DS02": "cancelled in the net bank",
    "DT01": "the day is too far ahead",
    "DU01": "the file has been sent before",
    "FF01": "the file cannot be read",
    "NARR": "the reference is wrong",
    "RR03": "the payee's name or country is missing",
}


@dataclass(slots=True)
class Payment:
    """A payment of an order, and how far it has come."""

    transfer: Transfer
    batch: Batch
    account: str  # the number of the account that pays; "" when it is unknown
    execute_on: date
    state: OrderState = OrderState.RECEIVED
    reason: str = ""
    booked_on: date | None = None
    bank_reference: str = ""

    def reject(self, reason: str) -> None:
        """No, and why."""
        self.state, self.reason = OrderState.REJECTED, reason

    @property
    def is_due_for(self) -> bool:
        """Whether it is to be paid when its day comes."""
        return self.state in (OrderState.ACCEPTED, OrderState.CHANGED)

    @property
    def view(self) -> PaymentView:
        """As the customer sees it."""
        one = self.transfer
        return PaymentView(
            end_to_end_id=one.end_to_end_id,
            batch=self.batch.id,
            account=self.account or self.batch.account,
            payee=one.payee,
            payee_account=one.account,
            amount=one.amount,
            currency=one.currency,
            asked_for=self.batch.execute_on,
            state=self.state,
            reason=self.reason,
            booked_on=self.booked_on,
            reference=one.references[0] if one.references else "",
            text=one.text,
        )


@dataclass(slots=True)
class Order:
    """A payment file as the bank has it."""

    number: int
    customer: str
    name: str
    received_at: datetime
    message_id: str
    digest: str
    file: PaymentFile | None = None  # None when it could not be read
    refused: OrderState | None = None
    message: str = ""
    payments: list[Payment] = field(default_factory=list)
    approved_by: str = ""
    is_silent: bool = False  # no receipt ever: a fault
    held: list[bytes] = field(default_factory=list)  # receipts that come later than they should: a fault

    @property
    def state(self) -> OrderState:
        """The whole file's."""
        if self.refused or not self.payments:
            return self.refused or OrderState.REJECTED
        return whole([one.state for one in self.payments]) or OrderState.SETTLED

    @property
    def view(self) -> OrderView:
        """As the customer sees it."""
        return OrderView(
            number=self.number,
            customer=self.customer,
            name=self.name,
            message_id=self.message_id,
            state=self.state,
            received_at=self.received_at,
            payments=tuple(one.view for one in self.payments),
            message=self.message,
            approved_by=self.approved_by,
        )


def whole(states: Collection[OrderState]) -> OrderState | None:
    """What is said of many as one, or None when nothing is."""
    found = set(states)
    if len(found) == 1:
        return found.pop()
    no = {OrderState.REJECTED, OrderState.CANCELLED}
    if found <= no:
        return OrderState.REJECTED
    if found & no:
        return OrderState.PARTLY
    if found <= {OrderState.ACCEPTED, OrderState.CHANGED}:
        return OrderState.ACCEPTED
    return None


def take(core: Core, order: Order, file: PaymentFile, earlier: Collection[str]) -> None:
    """Make the order's payments and check each; `earlier` are the customer's EndToEndIds so far."""
    customer = core.customers[order.customer]
    seen = set(earlier)
    order.file = file
    for batch, transfer in file.transfers:
        account = core.accounts.get(core.names.get(batch.account, ""))
        payment = Payment(transfer, batch, account.number if account else "", batch.execute_on)
        order.payments.append(payment)
        reason = (
            _wrong_batch(core, customer, batch, account)
            or _wrong_day(core, batch)
            or _wrong_transfer(core, customer, transfer)
            or ("AM05" if transfer.end_to_end_id in seen else "")
        )
        seen.add(transfer.end_to_end_id)
        if reason:
            payment.reject(reason)
            continue
        accept(core, order, payment)
        if customer.approves_in_bank:
            payment.state = OrderState.WAITING
    _faults(core, order)


def accept(core: Core, order: Order, payment: Payment) -> None:
    """Accept a payment for its day, or a later one when that is past, closed, or after the cut-off."""
    day = first_day(core, order.customer, payment.batch.execute_on)
    payment.execute_on = day
    payment.state = OrderState.ACCEPTED if day == payment.batch.execute_on else OrderState.CHANGED


def first_day(core: Core, customer: str, day: date) -> date:
    """The first bank day from `day` on which a payment that is ready now can be executed."""
    law = core.law(customer)
    today = core.today
    is_late = core.now.time() >= CUT_OFFS[law.code]
    earliest = today + timedelta(days=1) if is_late else today
    return law.next_bank_day(max(day, earliest))


def _wrong_batch(core: Core, customer: Customer, batch: Batch, account: Account | None) -> str:
    if account is None:
        return "AC01"
    if account.customer != customer.id:
        return "AG01"
    if batch.currency and batch.currency != account.currency:
        return "CURR"
    return ""


def _wrong_day(core: Core, batch: Batch) -> str:
    return "DT01" if batch.execute_on > core.today + LONGEST_AHEAD else ""


def _wrong_transfer(core: Core, customer: Customer, one: Transfer) -> str:
    law = core.law(customer.id)
    if one.currency not in RATES:
        return "AM03"
    if not one.payee or (law.code == "SE" and not one.payee_country):
        return "RR03"
    if not _is_account(one, law.code):
        return "AC01"
    if len(one.references) == 1 and not one.documents and one.currency == law.currency:
        is_rf = one.references[0].startswith("RF")
        if not is_rf and not law.references.is_valid(one.references[0]):
            return "NARR"
    if law.code == "NO" and one.references and any(each.is_credit_note for each in one.documents):
        return "NARR"  # a KID may not be combined with a credit note
    amounts = [-each.amount if each.is_credit_note else each.amount for each in one.documents if each.amount]
    if amounts and len(amounts) == len(one.documents) and sum(amounts, ZERO) != one.amount:
        return "AM09"
    return ""


def _is_account(one: Transfer, code: str) -> bool:
    """Whether the payee's account is a number of the kind it says."""
    number = one.account
    if one.scheme == "IBAN":
        return bool(valid_iban(number))
    if not number.isascii() or not number.isdigit():
        return one.scheme not in ("BBAN", "BGNR") and bool(number)
    if one.scheme == "BGNR" or one.member == BANKGIRO:
        return len(number) in (7, 8) and mod10(number[:-1]) == number[-1]
    if one.member == PLUSGIRO:
        return 2 <= len(number) <= 8
    if code == "NO":
        return len(number) == 11 and mod11(number[:-1]) == number[-1]
    return 4 <= len(number) <= 16


def _faults(core: Core, order: Order) -> None:
    """Refusals that nobody deserves."""
    for number in dict.fromkeys(one.account for one in order.payments if one.account):
        account = core.accounts[number]
        own = [one for one in order.payments if one.account == number and one.state != OrderState.REJECTED]
        if account.customer != order.customer or not own:
            continue
        if core.strikes(Fault.REJECT_DU01, account):
            order.refused, order.message = OrderState.REJECTED, "DU01"
            for one in order.payments:
                one.reject("DU01")
            return
        if core.strikes(Fault.REJECT_AG08, account):
            for one in own:
                if one.batch == own[0].batch:
                    one.reject("AG08")
            continue
        for fault, reason in ((Fault.REJECT_AC04, "AC04"), (Fault.RECEIPT_UNKNOWN_REASON, "ZZ99-UNKNOWN")):
            left = [one for one in own if one.state != OrderState.REJECTED]
            if left and core.strikes(fault, account):
                left[0].reject(reason)
        order.is_silent = core.strikes(Fault.NO_RECEIPT, account) or order.is_silent


def due(orders: Collection[Order], day: date, open_in: Collection[str]) -> Iterator[tuple[Order, Payment]]:
    """Payments to be executed on a day, in the order in which they came; `open_in` are customers' ids."""
    for order in orders:
        if order.customer in open_in:
            for payment in order.payments:
                if payment.is_due_for and payment.execute_on <= day:
                    yield order, payment


def payee_number(one: Transfer) -> str:
    """How the payee's account is written in one word."""
    return f"{one.member}{one.account}" if one.member not in ("", BANKGIRO, PLUSGIRO) else one.account

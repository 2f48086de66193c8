"""Paying what is due, telling what became of it, and taking back what the payee's bank sends back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from nattbok.formats.bank.shape import Remittance, Transaction
from nattbok.sandbox.bank import books, orders
from nattbok.sandbox.bank.core import Core, Planned, exchanged
from nattbok.sandbox.bank.night_world import OTHER, OUT, RETURN
from nattbok.sandbox.bank.orders import WHAT_IT_IS, Order, Payment
from nattbok.sandbox.bank.payment_file import Transfer
from nattbok.sandbox.bank.shape import Account, Fault, OrderState
from nattbok.sandbox.writing import pain002

ANSWERS = {"03": "03", "09": "10"}  # a file of this version is answered in that
RETURN_AFTER = 3  # bank days
_OUR_OWN_NUMBER = ("", orders.BANKGIRO)


def execute(core: Core, all_orders: Sequence[Order]) -> None:
    """Pay all that is due today, and tell."""
    open_in = {one.id for one in core.customers.values() if core.law(one.id).is_bank_day(core.today)}
    touched: dict[int, list[Payment]] = defaultdict(list)
    batches: dict[tuple[int, str, str], list[tuple[Payment, Transaction]]] = defaultdict(list)
    for order, payment in list(orders.due(all_orders, core.today, open_in)):
        touched[order.number].append(payment)
        account = core.accounts[payment.account]
        is_first = len(touched[order.number]) == 1
        cost = exchanged(payment.transfer.amount, payment.transfer.currency, account.currency)
        if (is_first and core.strikes(Fault.REJECT_AM04, account)) or core.balance(account.number) < cost:
            payment.reject("AM04")
            continue
        paid = _pay(core, account, order, payment)
        payment.state, payment.booked_on = OrderState.SETTLED, core.today
        payment.bank_reference = paid.bank_reference
        batches[order.number, account.number, payment.batch.id].append((payment, paid))
        if _is_outside(core, payment.transfer) and core.strikes(Fault.RETURN_AFTER_SETTLED, account):
            _plan_return(core, account, order, payment)
    for (_number, account_number, _batch), paid_together in batches.items():
        account = core.accounts[account_number]
        lots = (
            [[one for _payment, one in paid_together]]
            if paid_together[0][0].batch.as_one
            else [[one] for _payment, one in paid_together]
        )
        for lot in lots:
            core.book_together(account, lot)
    for order in all_orders:
        if order.number in touched:
            _tell_some(core, order, touched[order.number])
        if order.held and not any(one.is_due_for for one in order.payments):
            for data in order.held:
                _send(core, order, data)
            order.held = []


def tell_received(core: Core, order: Order) -> None:
    """ACTC, or RJCT for the whole file with its reason in `order.message`."""
    if order.file is None or order.refused:
        _send(core, order, _refusal(core, order))
        return
    if _only_negative(core, order):
        return
    _send(core, order, _receipt(core, order, OrderState.RECEIVED, ()))


def tell_checked(core: Core, order: Order) -> None:
    """What the check found: ACCP, PART, RJCT or PDNG, with the payments where they differ."""
    if order.refused:
        _send(core, order, _refusal(core, order))
        return
    payments = order.payments
    if _only_negative(core, order):
        rejected = [one for one in payments if one.state is OrderState.REJECTED]
        if rejected:
            _send(core, order, _receipt(core, order, None, _batches(order, rejected, is_whole=False)))
        return
    told = [one for one in payments if one.state not in (OrderState.ACCEPTED, OrderState.WAITING)]
    data = _receipt(core, order, orders.whole([one.state for one in payments]), _batches(order, told))
    account = _account(core, order)
    is_waiting = any(one.is_due_for for one in payments)
    if account and is_waiting and core.strikes(Fault.RECEIPTS_OUT_OF_ORDER, account):
        order.held.append(data)
        return
    _send(core, order, data)


def _tell_some(core: Core, order: Order, payments: list[Payment]) -> None:
    """What the day did with some of an order's payments."""
    if _only_negative(core, order):
        payments = [one for one in payments if one.state is OrderState.REJECTED]
    if payments:
        status = orders.whole([one.state for one in order.payments])
        _send(core, order, _receipt(core, order, status, _batches(order, payments, is_whole=False)))


def tell_cancelled(core: Core, order: Order, payments: list[Payment]) -> None:
    """Payments that were taken back before their day."""
    status = orders.whole([one.state for one in order.payments])
    _send(core, order, _receipt(core, order, status, _batches(order, payments, is_whole=False)))


def _only_negative(core: Core, order: Order) -> bool:
    account = _account(core, order)
    return account is not None and core.strikes(Fault.RECEIPTS_ONLY_NEGATIVE, account)


def _account(core: Core, order: Order) -> Account | None:
    """The account that an order is known by: the first one it pays from that is the customer's."""
    own = (core.accounts[one.account] for one in order.payments if one.account)
    return next((one for one in own if one.customer == order.customer), None)


def _batches(
    order: Order, payments: Sequence[Payment], *, is_whole: bool = True
) -> tuple[pain002.SaidOfBatch, ...]:
    """What is said of each batch and of these payments of it; of batches without any only when whole."""
    found = []
    for batch in dict.fromkeys(one.batch.id for one in order.payments):
        own = [one for one in order.payments if one.batch.id == batch]
        status = orders.whole([one.state for one in own])
        told = [one for one in payments if one.batch.id == batch]
        if is_whole and status is OrderState.PARTLY:
            told = own
        if told or is_whole:
            reasons = {one.reason for one in own}
            reason = reasons.pop() if len(reasons) == 1 and status is OrderState.REJECTED else ""
            found.append(
                pain002.SaidOfBatch(
                    batch,
                    _word(status),
                    reason,
                    WHAT_IT_IS.get(reason, ""),
                    tuple(_said(one) for one in told),
                )
            )
    return tuple(found)


def _said(one: Payment) -> pain002.Said:
    is_moved = one.execute_on != one.batch.execute_on and one.state is not OrderState.REJECTED
    return pain002.Said(
        instruction_id=one.transfer.instruction_id,
        end_to_end_id=one.transfer.end_to_end_id,
        status=_word(one.state),
        amount=one.transfer.amount,
        currency=one.transfer.currency,
        reason=one.reason,
        information=WHAT_IT_IS.get(one.reason, ""),
        bank_reference=one.bank_reference,
        execute_on=one.execute_on if is_moved else None,
    )


def _word(state: OrderState | None) -> str:
    """As ISO 20022 has it; a payment taken back is rejected there."""
    if state is None:
        return ""
    return str(OrderState.REJECTED if state is OrderState.CANCELLED else state)


def _receipt(
    core: Core, order: Order, status: OrderState | None, batches: tuple[pain002.SaidOfBatch, ...]
) -> bytes:
    if order.file is None:
        raise ValueError(f"order {order.number} could not be read, so it is answered as a whole")
    return pain002.write(
        version=ANSWERS[order.file.version],
        message_id=core.message("R"),
        created=core.now.isoformat(timespec="seconds"),
        original_id=order.message_id,
        original_message=f"pain.001.001.{order.file.version}",
        count=order.file.count,
        total=order.file.total,
        status=_word(status),
        batches=batches,
    )


def _refusal(core: Core, order: Order) -> bytes:
    """The whole file refused; `order.message` begins with the reason."""
    reason, _colon, why = order.message.partition(": ")
    version = order.file.version if order.file else "03"
    return pain002.write(
        version=ANSWERS[version],
        message_id=core.message("R"),
        created=core.now.isoformat(timespec="seconds"),
        original_id=order.message_id or "NOTPROVIDED",
        original_message=f"pain.001.001.{version}",
        count=order.file.count if order.file else 0,
        total=order.file.total if order.file else books.ZERO,
        status=str(OrderState.REJECTED),
        reason=reason,
        information=why or WHAT_IT_IS.get(reason, ""),
    )


def _send(core: Core, order: Order, data: bytes) -> None:
    """Put a receipt out, late or twice where a fault says so."""
    if order.is_silent:
        return
    account = _account(core, order)
    seen_from: datetime | None = None
    if account and core.strikes(Fault.RECEIPT_LATE, account):
        later = core.next_bank_day(order.customer, core.today, 2 if core.now.time() >= time(16) else 1)
        seen_from = datetime.combine(later, time(7))
    core.put(order.customer, "pain002", data, seen_from=seen_from)
    if account and core.strikes(Fault.RECEIPT_TWICE, account):
        core.put(order.customer, "pain002", data, seen_from=seen_from)


def _is_outside(core: Core, one: Transfer) -> bool:
    return _payee(core, one) is None


def _payee(core: Core, one: Transfer) -> Account | None:
    """The payee's account when it is at this bank."""
    if one.member == orders.PLUSGIRO:
        return None
    return core.accounts.get(core.names.get(orders.payee_number(one), ""))


def _pay(core: Core, account: Account, order: Order, payment: Payment) -> Transaction:
    """Post the payment, to another customer's account when it is there; the line comes afterwards."""
    one = payment.transfer
    cost = exchanged(one.amount, one.currency, account.currency)
    remittances = tuple(
        Remittance(
            reference=one.references[0] if len(one.documents) == 1 and len(one.references) == 1 else "",
            invoice=each.number,
            amount=None if each.amount is None else (each.amount if each.is_credit_note else -each.amount),
            is_credit_note=each.is_credit_note,
        )
        for each in one.documents
    ) or tuple(Remittance(reference=each) for each in one.references)
    is_exchanged = one.currency != account.currency
    paid = core.named(
        Transaction(
            amount=-cost,
            booked_on=core.today,
            value_on=core.today,
            end_to_end_id=one.end_to_end_id,
            payment_info_id=payment.batch.id,
            message_id=order.message_id,
            reference=one.references[0] if len(one.references) == 1 else "",
            remittances=remittances,
            text=one.text,
            counterparty_name=one.payee,
            counterparty_account=orders.payee_number(one),
            bank_code=OUT,
            instructed_amount=one.amount if is_exchanged else None,
            instructed_currency=one.currency if is_exchanged else "",
        )
    )
    payee = _payee(core, one)
    if payee is None:
        core.post(account, -cost, books.EXCHANGE if is_exchanged else books.OTHER_BANKS, one.payee)
        return paid
    arriving = replace(
        paid,
        amount=exchanged(one.amount, one.currency, payee.currency),
        bank_reference="",
        payment_info_id="",
        message_id="",
        remittances=tuple(
            replace(each, amount=None if each.amount is None else -each.amount) for each in remittances
        ),
        counterparty_name=account.owner,
        counterparty_account=account.number,
        bank_code=OTHER,
        instructed_amount=one.amount if one.currency != payee.currency else None,
        instructed_currency=one.currency if one.currency != payee.currency else "",
    )
    is_open = core.law(payee.customer).is_bank_day(core.today)
    if is_open and payee.currency == account.currency and not is_exchanged:
        core.receive(payee, arriving, account.number)
        return paid
    other = books.OTHER_BANKS if payee.currency == account.currency and not is_exchanged else books.EXCHANGE
    core.post(account, -cost, other, one.payee)
    if is_open:
        core.receive(payee, arriving, other)
    else:
        on = core.law(payee.customer).next_bank_day(core.today)
        about = {"transaction": arriving, "other": other}
        core.planned.append(Planned(on, payee.number, "arrives", about, ""))
    return paid


def _plan_return(core: Core, account: Account, order: Order, payment: Payment) -> None:
    on = core.next_bank_day(account.customer, core.today, RETURN_AFTER)
    about = {"order": order.number, "end_to_end_id": payment.transfer.end_to_end_id, "reason": "AC04"}
    core.planned.append(Planned(on, account.number, "return", about, core.reference()))


def send_back(core: Core, payment: Payment, reason: str, reference: str, text: str) -> str:
    """The payee's bank sends a settled payment back. Raises ValueError when it is not settled."""
    if payment.state is not OrderState.SETTLED:
        raise ValueError(f"the payment {payment.transfer.end_to_end_id} is {payment.state}, not settled")
    one, account = payment.transfer, core.accounts[payment.account]
    back = Transaction(
        amount=exchanged(one.amount, one.currency, account.currency),
        booked_on=core.today,
        value_on=core.today,
        bank_reference=reference,
        end_to_end_id=one.end_to_end_id,
        text=text,
        counterparty_name=one.payee,
        counterparty_account=orders.payee_number(one),
        bank_code=RETURN,
        return_reason=reason,
    )
    payment.state, payment.reason = OrderState.RETURNED, reason
    return core.book(account, back, books.OTHER_BANKS).bank_reference

"""What is approved of a batch: exactly what will be in the file, and what it will settle in the books."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from nattbok.bank.rules.payments.proposal import account_kind, pay_on, written_account
from nattbok.bank.rules.payments.states import Kind
from nattbok.base.money import ZERO
from nattbok.countries.country import Country
from nattbok.formats.payment.shape import (
    AccountKind,
    Batch,
    BatchKind,
    CreditTransfer,
    PaidInvoice,
    PaymentFile,
)

KINDS = {Kind.SUPPLIER: BatchKind.SUPPLIER, Kind.SALARY: BatchKind.SALARY, Kind.TAX: BatchKind.TAX}
ID_LENGTH = 28  # of MsgId; three more name each PmtInf of it, and banks take 35
VERSION = 1  # of the content's form


@dataclass(frozen=True, slots=True)
class Frozen:
    """A payment as it is approved."""

    end_to_end_id: str
    kind: Kind
    payee: str
    payee_name: str
    account: str
    account_kind: AccountKind
    payee_country: str
    payee_bic: str
    amount: Decimal
    currency: str
    reference: str
    message: str
    invoices: tuple[PaidInvoice, ...]
    pay_on: date
    against: str  # the ledger account's number, of what pays no open item
    items: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who pays, and from what account."""

    name: str
    org_number: str
    country: str
    account: str  # in normal form
    other_numbers: tuple[str, ...]
    currency: str


def content(debtor: Debtor, kind: Kind, payments: Sequence[Frozen]) -> dict:
    """All that a yes to the batch is bound to, as `approvals.rules.canonical` takes it."""
    return {
        "version": VERSION,
        "client": debtor.org_number,
        "from": debtor.account,
        "kind": kind.value,
        "count": len(payments),
        "total": total(payments),
        "currency": debtor.currency,
        "payments": [_row(payment) for payment in sorted(payments, key=lambda one: one.end_to_end_id)],
    }


def _row(payment: Frozen) -> dict:
    return {
        "id": payment.end_to_end_id,
        "payee": payment.payee,
        "name": payment.payee_name,
        "account": payment.account,
        "account_kind": payment.account_kind.value,
        "country": payment.payee_country,
        "bic": payment.payee_bic,
        "amount": payment.amount,
        "currency": payment.currency,
        "reference": payment.reference,
        "message": payment.message,
        "invoices": [[one.number, one.amount, one.is_credit_note] for one in payment.invoices],
        "pay_on": payment.pay_on,
        "against": payment.against,
        "items": sorted([item, str(amount)] for item, amount in payment.items),
    }


def total(payments: Sequence[Frozen]) -> Decimal:
    """The sum of the payments."""
    return sum((payment.amount for payment in payments), ZERO)


def message_id(sha256: str) -> str:
    """MsgId of the batch with this content: the same each time it is made, since the ids in it are unique."""
    return "NB" + hashlib.sha256(f"message {sha256}".encode()).hexdigest()[: ID_LENGTH - 2].upper()


def payment_info_id(message: str, number: int) -> str:
    """PmtInfId of the batch's part with this number, from 1."""
    return f"{message}-{number:03}"


def parts(
    debtor: Debtor, payments: Sequence[Frozen], *, message: str, made_on: date, law: Country
) -> list[tuple[str, AccountKind, date, str, list[Frozen]]]:
    """The batch by account it is drawn on and day, each with its PmtInfId, always in the same order.

    Payments to a bankgiro are drawn on the client's own bankgiro where it has one. A day that is past when
    the file is made becomes the first bank day that is not.
    """

    def key(payment: Frozen) -> tuple[date, str, str]:
        day = pay_on(payment.pay_on, today=made_on, bank_day=law.next_bank_day)
        own = _own_giro(debtor) if payment.account_kind is AccountKind.BANKGIRO else ""
        account = own or debtor.account
        return day, account, (account_kind(account) or AccountKind.BBAN).value

    ordered = sorted(payments, key=lambda payment: (key(payment), payment.end_to_end_id))
    found = []
    for number, ((day, account, kind), some) in enumerate(groupby(ordered, key=key), start=1):
        found.append((account, AccountKind(kind), day, payment_info_id(message, number), list(some)))
    return found


def _own_giro(debtor: Debtor) -> str:
    return next(
        (number for number in debtor.other_numbers if account_kind(number) is AccountKind.BANKGIRO), ""
    )


def file(
    debtor: Debtor,
    kind: Kind,
    payments: Sequence[Frozen],
    *,
    message: str,
    created: datetime,
    made_on: date,
    agreement_id: str,
    division: str,
    law: Country,
    bic: str = "",
) -> PaymentFile:
    """The batch as the payment file is written of it: the same each time, from what is kept alone."""
    return PaymentFile(
        message_id=message,
        created=created,
        initiator=debtor.name,
        agreement_id=agreement_id,
        division=division,
        batches=tuple(
            Batch(
                id=info_id,
                debtor_name=debtor.name,
                account=written_account(account),
                account_kind=drawn_on,
                bic=bic,
                execute_on=day,
                kind=KINDS[kind],
                currency=debtor.currency,
                transfers=tuple(_transfer(payment) for payment in some),
                books_as_one=kind is not Kind.SUPPLIER,
                debtor_org_number=debtor.org_number,
                debtor_country=debtor.country,
            )
            for account, drawn_on, day, info_id, some in parts(
                debtor, payments, message=message, made_on=made_on, law=law
            )
        ),
    )


def _transfer(payment: Frozen) -> CreditTransfer:
    return CreditTransfer(
        end_to_end_id=payment.end_to_end_id,
        amount=payment.amount,
        currency=payment.currency,
        creditor_name=payment.payee_name,
        account=written_account(payment.account),
        account_kind=payment.account_kind,
        creditor_country=payment.payee_country,
        bic=payment.payee_bic,
        reference=payment.reference,
        invoices=payment.invoices,
        text="" if payment.reference or payment.invoices else payment.message,
    )

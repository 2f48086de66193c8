"""What may be written in a pain.001, in Norway and in Sweden: everything a bank would refuse is found first.

Lengths: ids 35 (ISO), names 70 and free text 140 (what banks pass on), 25 when a Swedish payment ends on a
giro. Amounts are positive whole øre and are never rounded.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.money import ORE, ZERO
from nattbok.formats.payment.pain001 import refusals
from nattbok.formats.payment.pain001.letters import is_id, latin, strange
from nattbok.formats.payment.shape import AccountKind, Batch, CreditTransfer, PaymentFile

LONGEST_ID = 35
LONGEST_NAME = 70
LONGEST_TEXT = 140
LONGEST_TEXT_TO_GIRO = 25  # the field of the giro systems that it ends in
LONGEST_INVOICE = 35
LONGEST_ADDRESS_LINE = 70
LONGEST_REGULATORY_TEXT = 35
MOST_ADDRESS_LINES = 7
LARGEST_AMOUNT = Decimal("999999999999.99")
# Currencies without a smaller unit: an amount with decimals would be refused.
WHOLE = frozenset(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
                   "XAF", "XOF", "XPF"))  # fmt: skip

_GIRO = (AccountKind.BANKGIRO, AccountKind.PLUSGIRO)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_ACCOUNTS = {
    (AccountKind.BBAN, "NO"): re.compile(r"[0-9]{11}", re.ASCII),
    (AccountKind.BBAN, "SE"): re.compile(r"[0-9]{6,19}", re.ASCII),
    (AccountKind.BANKGIRO, "SE"): re.compile(r"[0-9]{7,8}", re.ASCII),
    (AccountKind.PLUSGIRO, "SE"): re.compile(r"[0-9]{2,8}", re.ASCII),
}
_BBAN_ABROAD = re.compile(r"[A-Z0-9]{1,34}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_PURPOSE = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
_REGULATORY = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_CHARGES = frozenset(("", "SHAR", "DEBT", "CRED", "SLEV"))
_REFERENCES = {
    "NO": re.compile(r"[0-9]{1,24}[0-9-]", re.ASCII),
    "SE": re.compile(r"[0-9]{2,25}", re.ASCII),
}
_REFERENCE_ABROAD = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}", re.ASCII)


def longest_text(account_kind: AccountKind, country: str) -> int:
    """How many letters of free text reach a payee in `country` (of the paying bank) by such an account."""
    return LONGEST_TEXT_TO_GIRO if country == "SE" and account_kind in _GIRO else LONGEST_TEXT


def is_abroad(transfer: CreditTransfer, country: str) -> bool:
    """Whether the payment leaves `country`: by its IBAN, else by where the payee is."""
    if transfer.account_kind is AccountKind.IBAN:
        return transfer.account[:2] != country
    return transfer.account_kind is AccountKind.BBAN and transfer.creditor_country not in ("", country)


def troubles(file: PaymentFile, country: str) -> Iterator[Refused]:
    """All that keeps `file` from being written for a bank in `country`; nothing when it can be."""
    yield from _id(file.message_id)
    yield from _name(file.message_id, file.initiator, "InitgPty")
    for code in (file.agreement_id, file.division):
        if code:
            yield from _id(code)
    if not file.batches:
        yield refusals.PaymentFileEmpty(payment=file.message_id)
    seen: set[str] = set()
    for batch in file.batches:
        yield from _batch(batch, country)
        if batch.id in seen:
            yield refusals.PaymentTwice(payment=batch.id)
        seen.add(batch.id)
    seen = set()
    for transfer in file.transfers:
        if transfer.end_to_end_id in seen:
            yield refusals.PaymentTwice(payment=transfer.end_to_end_id)
        seen.add(transfer.end_to_end_id)


def _batch(batch: Batch, country: str) -> Iterator[Refused]:
    yield from _id(batch.id)
    yield from _name(batch.id, batch.debtor_name, "Dbtr")
    yield from _code(batch.id, batch.debtor_country, _COUNTRY, "Dbtr/Ctry")
    yield from _code(batch.id, batch.bic, _BIC, "DbtrAgt")
    yield from _code(batch.id, batch.currency, _CURRENCY, "DbtrAcct/Ccy", is_needed=True)
    if batch.debtor_org_number:
        yield from _id(batch.debtor_org_number)
    if not _is_account(batch.account, batch.account_kind, country):
        yield refusals.PaymentAccountNotWritable(
            payment=batch.id, account=batch.account, kind=batch.account_kind.value
        )
    if not batch.transfers:
        yield refusals.PaymentFileEmpty(payment=batch.id)
    for transfer in batch.transfers:
        if batch.account_kind is AccountKind.BANKGIRO and transfer.account_kind is not AccountKind.BANKGIRO:
            yield refusals.GiroPaysGiroOnly(payment=transfer.end_to_end_id)
        yield from _transfer(transfer, country)


def _transfer(transfer: CreditTransfer, country: str) -> Iterator[Refused]:
    payment = transfer.end_to_end_id
    abroad = is_abroad(transfer, country)
    yield from _id(payment)
    yield from _code(payment, transfer.currency, _CURRENCY, "Ccy", is_needed=True)
    if not is_payable(transfer.amount, transfer.currency):
        yield refusals.PaymentAmountNotWritable(
            payment=payment, amount=transfer.amount, currency=transfer.currency
        )
    yield from _name(payment, transfer.creditor_name, "Cdtr")
    is_needed = country == "SE" or abroad
    yield from _code(payment, transfer.creditor_country, _COUNTRY, "Cdtr/Ctry", is_needed=is_needed)
    yield from _code(payment, transfer.bic, _BIC, "CdtrAgt")
    yield from _code(payment, transfer.purpose, _PURPOSE, "Purp")
    yield from _code(payment, transfer.regulatory_code, _REGULATORY, "RgltryRptg")
    if transfer.charges not in _CHARGES:
        yield refusals.PaymentCodeNotWritable(payment=payment, code=transfer.charges, field="ChrgBr")
    if not _is_account(transfer.account, transfer.account_kind, "" if abroad else country):
        yield refusals.PaymentAccountNotWritable(
            payment=payment, account=transfer.account, kind=transfer.account_kind.value
        )
    if abroad and transfer.account_kind is AccountKind.BBAN and not transfer.bic:
        yield refusals.PaymentFieldMissing(payment=payment, field="BIC")
    for line in transfer.creditor_address:
        yield from _text(payment, line, LONGEST_ADDRESS_LINE, "AdrLine", is_needed=True)
    if len(transfer.creditor_address) > MOST_ADDRESS_LINES:
        yield refusals.PaymentTooLong(
            payment=payment, text=transfer.creditor_name, most=MOST_ADDRESS_LINES, field="AdrLine"
        )
    yield from _text(payment, transfer.regulatory_text, LONGEST_REGULATORY_TEXT, "RgltryRptg")
    if transfer.regulatory_text and not transfer.regulatory_code:
        yield refusals.PaymentFieldMissing(payment=payment, field="RgltryRptg/Cd")
    yield from _remittance(transfer, country, abroad)


def _remittance(transfer: CreditTransfer, country: str, abroad: bool) -> Iterator[Refused]:
    """The reference, the invoices or the text: one of them."""
    payment = transfer.end_to_end_id
    if transfer.reference and any(invoice.is_credit_note for invoice in transfer.invoices):
        yield refusals.ReferenceWithCreditNote(payment=payment)
    elif sum(map(bool, (transfer.reference, transfer.invoices, transfer.text))) > 1:
        yield refusals.ReferenceWithMore(payment=payment)
    pattern = _REFERENCE_ABROAD if abroad else _REFERENCES[country]
    if transfer.reference and pattern.fullmatch(transfer.reference) is None:
        yield refusals.PaymentReferenceNotWritable(payment=payment, reference=transfer.reference)
    yield from _text(payment, transfer.text, longest_text(transfer.account_kind, country), "Ustrd")
    total = ZERO
    for invoice in transfer.invoices:
        yield from _text(payment, invoice.number, LONGEST_INVOICE, "RfrdDocInf", is_needed=True)
        if invoice.amount is None:
            yield refusals.PaymentFieldMissing(payment=payment, field="RmtdAmt")
        elif not is_payable(invoice.amount, transfer.currency):
            yield refusals.PaymentAmountNotWritable(
                payment=payment, amount=invoice.amount, currency=transfer.currency
            )
        else:
            total += -invoice.amount if invoice.is_credit_note else invoice.amount
    if transfer.invoices and total != transfer.amount:
        yield refusals.InvoicesDoNotSum(payment=payment, sum=total, amount=transfer.amount)


def is_payable(amount: Decimal, currency: str) -> bool:
    """Whether `amount` is positive, whole in the currency's smallest unit, and not beyond all banks."""
    if not amount.is_finite() or not ZERO < amount <= LARGEST_AMOUNT:
        return False
    return amount % (1 if currency in WHOLE else ORE) == 0


def _is_account(account: str, kind: AccountKind, country: str) -> bool:
    """Whether `account` has the form of its kind; `country` is "" for one abroad."""
    if kind is AccountKind.IBAN:
        return _IBAN.fullmatch(account) is not None
    abroad = _BBAN_ABROAD if kind is AccountKind.BBAN and not country else None
    pattern = _ACCOUNTS.get((kind, country), abroad)
    return pattern is not None and pattern.fullmatch(account) is not None


def _id(text: str) -> Iterator[Refused]:
    if len(text) > LONGEST_ID or not is_id(text):
        yield refusals.PaymentIdNotWritable(id=text[:100])


def _name(payment: str, name: str, field: str) -> Iterator[Refused]:
    return _text(payment, name, LONGEST_NAME, field, is_needed=True)


def _text(payment: str, text: str, most: int, field: str, *, is_needed: bool = False) -> Iterator[Refused]:
    written = latin(text)
    if len(written) > most:
        yield refusals.PaymentTooLong(payment=payment, text=written[:200], most=most, field=field)
    found = strange(written)
    if found:
        yield refusals.PaymentLettersUnknown(payment=payment, letters=found[:40], field=field)
    if is_needed and not written:
        yield refusals.PaymentFieldMissing(payment=payment, field=field)


def _code(
    payment: str, code: str, pattern: re.Pattern[str], field: str, *, is_needed: bool = False
) -> Iterator[Refused]:
    if not code:
        if is_needed:
            yield refusals.PaymentFieldMissing(payment=payment, field=field)
    elif pattern.fullmatch(code) is None:
        yield refusals.PaymentCodeNotWritable(payment=payment, code=code[:40], field=field)

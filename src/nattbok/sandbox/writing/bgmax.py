"""BgMax from the shape it is read into, 80 characters, ISO-8859-1.

Source: Bankgirot, Bankgiro Inbetalningar, technical manual, November 2019.
"""

from collections.abc import Sequence
from datetime import date

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Remittance, Statement, Transaction
from nattbok.sandbox.writing import fixed

_NAME_WIDTH, _TEXT_WIDTH, _REFERENCE_WIDTH = 35, 50, 25


def write(deposits: Sequence[Statement], *, created: str, account: str, is_test: bool = False) -> bytes:
    """One section with one deposit for each statement, whose `number` is the deposit's serial number.

    `created` is a timestamp of 20 digits; `account` the account the money is put on. The first part of a
    transaction's `bank_reference`, up to a hyphen, is its BGC number of at most 12 digits.
    """
    records = [f"01{'BGMAX':<20}01{fixed.digits(created, 20)}{'T' if is_test else 'P'}"]
    counts = {"20": 0, "21": 0, "22": 0, "15": 0}
    for one in deposits:
        records.append(f"05{fixed.digits(one.account, 10)}{'':10}{one.currency}")
        for payment in one.transactions:
            lines = _payment(payment)
            records += lines
            for line in lines:
                kind = "22" if line[:2] == "23" else line[:2]
                if kind in counts:
                    counts[kind] += 1
        total = sum((payment.amount for payment in one.transactions), ZERO)
        sums = f"{fixed.ore(total, 18)}{one.currency}{fixed.digits(len(one.transactions), 8)}"
        day, serial = _day(one.ends_on), fixed.digits(one.number, 5)
        records.append(f"15{fixed.digits(account, 35)}{day}{serial}{sums}")
        counts["15"] += 1
    records.append("70" + "".join(fixed.digits(counts[kind], 8) for kind in ("20", "21", "22", "15")))
    return fixed.file(records)


def key(number: str, on: date) -> str:
    """What a reader calls the payment with this BGC number in a deposit of kronor on the day `on`."""
    return f"{fixed.digits(number, 12)}-{on:%Y%m%d}"


def _payment(one: Transaction) -> list[str]:
    is_out = one.amount < 0
    number = fixed.digits(one.bank_reference.partition("-")[0], 12)
    is_list = len(one.remittances) > 1 or any(extra.amount is not None for extra in one.remittances)
    reference = "" if is_list else one.reference
    code = "2" if reference else ("3" if is_list or one.text else "0")
    payer = fixed.digits(one.counterparty_account or "0", 10)
    channel = one.bank_code or "1"
    head = f"{payer}{reference:>{_REFERENCE_WIDTH}}{fixed.ore(one.amount, 18)}{code}{channel}{number}0"
    records = [f"21{head}0" if is_out else f"20{head}"]
    if is_list:
        records += [_extra(extra, payer, channel, number) for extra in one.remittances]
    if one.text:
        records += [f"25{fixed.text(words, _TEXT_WIDTH)}" for words in one.text.split("\n")]
    if one.counterparty_name:
        records.append(f"26{fixed.text(one.counterparty_name, _NAME_WIDTH)}")
    if one.counterparty_org_number:
        records.append(f"29{fixed.digits(one.counterparty_org_number, 12)}")
    return records


def _extra(extra: Remittance, payer: str, channel: str, number: str) -> str:
    kind = "23" if extra.is_credit_note else "22"
    amount = fixed.ore(extra.amount or ZERO, 18)
    return f"{kind}{payer}{extra.reference:>{_REFERENCE_WIDTH}}{amount}2{channel}{number}0"


def _day(on: date | None) -> str:
    if on is None:
        raise ValueError("a deposit has a date")
    return f"{on:%Y%m%d}"

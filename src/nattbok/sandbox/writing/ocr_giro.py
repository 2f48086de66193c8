"""OCR giro from the shape it is read into, 80 characters, ISO-8859-1.

Source: Nets, OCR giro, System specification.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Statement, Transaction
from nattbok.sandbox.writing import fixed

NETS = "00008080"
CENTRE = "32"
_REVERSALS = ("18", "20")
_TEXT_WIDTH = 40


def write(
    assignments: Sequence[Statement], *, transmission: int, recipient: str, agreement: str, on: date
) -> bytes:
    """A transmission from Nets on the day `on`; each statement's account has an assignment.

    `number` is the assignment's; a transaction's `batch_reference` is date-part-serial, as it is read, and
    its `bank_code` the transaction type. `recipient` is the data recipient's customer unit (8 digits),
    `agreement` the agreement's id (9).
    """
    records = [f"NY000010{NETS}{fixed.digits(transmission, 7)}{fixed.digits(recipient, 8)}".ljust(80, "0")]
    count, total = 0, ZERO
    for one in assignments:
        lines, added = _assignment(one, agreement)
        records += lines
        count += len(one.transactions)
        total += added
    records.append(
        f"NY000089{fixed.digits(count, 8)}{fixed.digits(len(records) + 1, 8)}{fixed.ore(total, 17)}"
        f"{on:%d%m%y}".ljust(80, "0")
    )
    return fixed.file(records)


def key(account: str, one: Transaction, number: int) -> str:
    """What a reader calls payment `number` (from 1) of an assignment."""
    stamp, part, serial = one.batch_reference.split("-")
    day = f"{one.booked_on:%d}" if one.booked_on else "00"
    return f"{account}-{stamp}-{CENTRE}-{day}-{part}-{serial}-{number:07}"


def _assignment(one: Statement, agreement: str) -> tuple[list[str], Decimal]:
    head = f"NY090020{fixed.digits(agreement, 9)}{fixed.digits(one.number, 7)}"
    records = [f"{head}{fixed.digits(one.account, 11)}".ljust(80, "0")]
    total = ZERO
    days = []
    for number, payment in enumerate(one.transactions, 1):
        lines, added = _payment(payment, number)
        records += lines
        total += added
        days.append(payment.booked_on)
    first, last = (f"{min(days):%d%m%y}", f"{max(days):%d%m%y}") if days else ("000000", "000000")
    records.append(
        f"NY090088{fixed.digits(len(one.transactions), 8)}{fixed.digits(len(records) + 1, 8)}"
        f"{fixed.ore(total, 17)}{last}{first}{last}".ljust(80, "0")
    )
    return records, total


def _payment(one: Transaction, number: int) -> tuple[list[str], Decimal]:
    """Records 30, 31 and 32, and what the payment adds to the trailer's sum."""
    if one.booked_on is None:
        raise ValueError("a payment in OCR giro has a date")
    _stamp, part, serial = one.batch_reference.split("-")
    kind = fixed.digits(one.bank_code or "10", 2)
    # Reversals by type are counted as if they came in; the sign "-" is for the other types.
    has_sign = one.amount < 0 and kind not in _REVERSALS
    head, place = f"NY09{kind}", fixed.digits(number, 7)
    records = [
        f"{head}30{place}{one.booked_on:%d%m%y}{CENTRE}{one.booked_on:%d}{part}{fixed.digits(serial, 5)}"
        f"{'-' if has_sign else '0'}{fixed.ore(one.amount, 17)}{one.reference:>25}".ljust(80, "0"),
        f"{head}31{place}{0:010}{number:09}{0:07}{one.booked_on:%d%m%y}"
        f"{fixed.digits(one.counterparty_account or '0', 11)}".ljust(80, "0"),
    ]
    records += [
        f"{head}32{place}{fixed.text(words, _TEXT_WIDTH)}".ljust(80, "0")
        for words in (one.text.split("\n") if one.text else ())
    ]
    return records, -abs(one.amount) if has_sign else abs(one.amount)

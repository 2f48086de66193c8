"""What a bank file comes to, in a few plain numbers: for the command line, for tests, for a person."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from nattbok.base.money import ZERO, rounded
from nattbok.formats.bank.shape import BankFile, Kind, Statement
from nattbok.formats.finding import Severity

_DO_NOT_SUM = frozenset(("details_do_not_sum", "detail_in_other_currency"))


def totals(file: BankFile) -> dict[str, object]:
    """Plain values that JSON can hold; amounts as text with two decimals, without sign when in or out."""
    if file.message == "ocr_giro":
        return _ocr(file)
    if file.message == "bgmax":
        return _bgmax(file)
    if file.message.startswith("bank_csv"):
        return _csv(file)
    return _camt(file)


def _camt(file: BankFile) -> dict[str, object]:
    statements = file.statements
    references = list(_references(file))
    return {
        "message": file.message,
        "statements": [_statement(statement) for statement in statements],
        "transactions": sum(statement.payments for statement in statements),
        "entries": sum(statement.entries for statement in statements),
        **_sums(file),
        "currency": statements[0].currency if statements else "",
        "opening_balance": _amount(statements[0].opening) if statements else None,
        "closing_balance": _amount(statements[-1].closing) if statements else None,
        "references_first5": references[:5],
        "references": len(references),
        "not_booked": sum(statement.not_booked for statement in statements),
        "entries_where_details_do_not_sum": sum(finding.code in _DO_NOT_SUM for finding in file.all_findings),
    }


def _statement(statement: Statement) -> dict[str, object]:
    adds_up = None
    if statement.kind is Kind.STATEMENT and statement.opening is not None and statement.closing is not None:
        adds_up = statement.opening + statement.booked_in - statement.booked_out == statement.closing
    return {
        "account": statement.account,
        "opening": _amount(statement.opening),
        "closing": _amount(statement.closing),
        "entries": statement.entries,
        "tx": statement.payments,
        "credits": _amount(statement.booked_in),
        "debits": _amount(statement.booked_out),
        "adds_up": adds_up,
    }


def _ocr(file: BankFile) -> dict[str, object]:
    payments = [payment for statement in file.statements for payment in statement.transactions]
    return {
        "transactions": len(payments),
        **_sums(file),
        "currency": _currencies(file),
        "accounts": sorted({statement.account for statement in file.statements}),
        "references_first5": [payment.reference for payment in payments[:5]],
        "types": dict(Counter(payment.bank_code for payment in payments)),
        "trailer_problems": _problems(file),
    }


def _bgmax(file: BankFile) -> dict[str, object]:
    return {
        "transactions": sum(len(statement.transactions) for statement in file.statements),
        **_sums(file),
        "currency": _currencies(file),
        "bankgiro": sorted({statement.account for statement in file.statements}),
        "references_first5": list(_references(file))[:5],
        "counts": dict(file.counts),
        "trailer_problems": _problems(file),
        "unknown_records": sorted(
            {
                str(finding.values["record"])
                for finding in file.all_findings
                if finding.code == "unknown_record"
            }
        ),
    }


def _csv(file: BankFile) -> dict[str, object]:
    """A list has lines and maybe balances; what is only reserved is not counted."""
    (statement,) = file.statements
    found: dict[str, object] = {
        "transactions": statement.payments,
        "sum_credits": _amount(statement.booked_in),
        "sum_debits": _amount(statement.booked_out),
        "currency": statement.currency,
    }
    if statement.opening is not None:
        found |= {
            "opening_balance": _amount(statement.opening),
            "closing_balance": _amount(statement.closing),
        }
    return found


def _sums(file: BankFile) -> dict[str, object]:
    money_in = sum((one.booked_in + one.waiting_in for one in file.statements), ZERO)
    money_out = sum((one.booked_out + one.waiting_out for one in file.statements), ZERO)
    return {"sum_credits": _amount(money_in), "sum_debits": _amount(money_out)}


def _references(file: BankFile) -> Iterator[str]:
    for statement in file.statements:
        for payment in statement.transactions:
            for remittance in payment.remittances:
                if remittance.reference:
                    yield remittance.reference


def _currencies(file: BankFile) -> str:
    return ",".join(sorted({statement.currency for statement in file.statements}))


def _problems(file: BankFile) -> list[str]:
    return [f"{one.code}: {one.where}" for one in file.all_findings if one.severity is Severity.ERROR]


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{rounded(amount):.2f}"

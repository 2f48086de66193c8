"""What the bank department keeps, one file per noun."""

from nattbok.bank.models.pairing import PairedLine, PairedMovement, Pairing
from nattbok.bank.models.statements import BankAccount, Movement, Report, Statement, StatementFile

__all__ = [
    "BankAccount",
    "Movement",
    "PairedLine",
    "PairedMovement",
    "Pairing",
    "Report",
    "Statement",
    "StatementFile",
]

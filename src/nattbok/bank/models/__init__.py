"""What the bank department keeps, one file per noun."""

from nattbok.bank.models.agreements import ReferenceAgreement
from nattbok.bank.models.bank_rules import (
    AcquirerAccounts,
    BankRule,
    BankRuleHit,
    BankRuleProposal,
    BankRuleVersion,
    MatchingTerms,
    PayoutFile,
    PayoutReport,
)
from nattbok.bank.models.connections import AccountConnection, Connection, ConnectionKey, RemoteFile
from nattbok.bank.models.pairing import PairedLine, PairedMovement, Pairing
from nattbok.bank.models.payments import (
    Payment,
    PaymentBatch,
    PaymentExecution,
    PaymentItem,
    PaymentStatus,
    ReceiptFile,
    SupplierTerms,
)
from nattbok.bank.models.reconciliation import BankDay, Postponement
from nattbok.bank.models.statements import BankAccount, Movement, Report, Statement, StatementFile

__all__ = [
    "AccountConnection",
    "AcquirerAccounts",
    "BankAccount",
    "BankDay",
    "BankRule",
    "BankRuleHit",
    "BankRuleProposal",
    "BankRuleVersion",
    "Connection",
    "ConnectionKey",
    "MatchingTerms",
    "Movement",
    "PairedLine",
    "PairedMovement",
    "Pairing",
    "Payment",
    "PaymentBatch",
    "PaymentExecution",
    "PaymentItem",
    "PaymentStatus",
    "PayoutFile",
    "PayoutReport",
    "Postponement",
    "ReceiptFile",
    "ReferenceAgreement",
    "RemoteFile",
    "Report",
    "Statement",
    "StatementFile",
    "SupplierTerms",
]

"""What a yes to a document is bound to: the file, all that was read, the account to pay, and the coding.

What was not known when it was asked for, the supplier's row or the coding, it is not bound to: who approved a
bill that nobody had coded approved the purchase, and its coding may come later.
"""

from collections.abc import Mapping, Sequence

from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine

# Facts that a content may leave open, and is then not bound to.
OPEN = ("supplier", "coding")


def content(bill: Bill, coding: Sequence[CodedLine], *, supplier: int | None) -> dict:
    """The document as it would be approved now, for `approvals.rules.canonical`."""
    return {
        "document": bill.document,
        "file": bill.sha256,
        "kind": bill.kind,
        "seller": bill.seller,
        "seller_number": bill.seller_org_number,
        "seller_vat_number": bill.seller_vat_number,
        "payee": bill.payee,
        "number": bill.number,
        "issued_on": bill.issued_on,
        "due_on": bill.due_on,
        "currency": bill.currency,
        "net": bill.net,
        "vat": bill.vat,
        "owed": bill.owed,
        "prepaid": bill.prepaid,
        "rounding": bill.rounding,
        "reference": bill.reference,
        "accounts": list(bill.accounts),
        "supplier": supplier,
        "coding": [_line(line) for line in coding] or None,
    }


def _line(line: CodedLine) -> dict:
    return {
        "account": line.account,
        "vat_code": line.vat_code,
        "net": line.net,
        "vat": line.vat,
        "dimensions": dict(line.dimensions) if line.dimensions else None,
    }


def is_bound_to(now: Mapping, approved: Mapping, sha256: str) -> bool:
    """Whether what lies there `now` is, to the letter, the `approved` content with this SHA-256."""
    left_open = {name: None for name in OPEN if approved.get(name) is None}
    return fingerprint(canonical({**now, **left_open})) == sha256

"""Peppol BIS Billing 3.0, which in Norway is called EHF 3: UBL 2.1 invoices and credit notes.

Amounts are read as the document states them and never recomputed. What the document can prove about
itself is checked (`sums`, `terms`, `numbers`); what does not hold is a finding with the rule's own id.
Sources: EN 16931-1:2017; Peppol BIS Billing 3.0.21 (May 2026); UBL 2.1.
"""

from collections import Counter
from dataclasses import replace

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.finding import Finding, Severity, worse
from nattbok.formats.invoice import checking
from nattbok.formats.invoice.peppol_bis3 import envelope, fields, numbers, sums, terms
from nattbok.formats.invoice.peppol_bis3.names import CREDIT_NOTE, INVOICE, NAMESPACES
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.xml import Element

__all__ = ["NAMESPACES", "check", "embedded", "looks_like", "read"]

MOST_MARKS = 800_000  # of < and =, which memory grows with; about 25,000 lines
MOST_ALIKE = 20  # findings of one code

_SIGNS = (INVOICE.encode(), CREDIT_NOTE.encode())
_NOT_THESE = Severity.ERROR


def looks_like(head: bytes) -> bool:
    """Whether the file that begins with `head` is a UBL invoice or credit note, in an envelope or not."""
    root = xml.root_tag(head)
    if root == envelope.ROOT:
        return any(sign in head.replace(b"\0", b"") for sign in _SIGNS)
    return root in envelope.DOCUMENTS


def read(data: bytes) -> Invoice:
    """The invoice or credit note in `data`, with what was found wrong in it.

    A reminder, a payment request and the like use the same elements; they are read, with a finding that
    says what they are, and their sums are not checked. Raises Unreadable when the file is not sound XML,
    is something else, or when an amount or a date in it cannot be read.
    """
    root, path, kind = _document(data)
    try:
        invoice = fields.invoice(root, path)
    except Unreadable:
        if kind is None or kind.severity is not _NOT_THESE:
            raise
        raise Unreadable(kind.text, where=f"{path}/cbc:CustomizationID", code=kind.code) from None
    if kind is None:
        return replace(invoice, findings=_few((*invoice.findings, *_checks(invoice, root))))
    what = Finding(
        kind.severity,
        kind.code,
        f"{path}/cbc:CustomizationID",
        kind.text,
        {"customization": (invoice.customization_id or "")[:200]} if "{" in kind.text else {},
    )
    if kind.severity is _NOT_THESE:
        return replace(invoice, findings=(what,))
    return replace(invoice, findings=_few((what, *invoice.findings, *_checks(invoice, root))))


def check(data: bytes, invoice: Invoice) -> Invoice:
    """`invoice`, read from `data`, with what its schema and the whole rule sets in force say of it as well.

    A rule that the reader's own arithmetic has found broken keeps the reader's sentence, which has the
    figures, and is as serious as the worse of the two. What is no invoice of Peppol BIS Billing 3 follows
    other rules, and is left as it is.
    """
    root, _path, kind = _document(data)
    if kind is not None:
        return invoice
    said = checking.check(root)
    ours = {finding.code for finding in invoice.findings}
    severity = {one.code: one.severity for one in said}
    merged = [
        replace(one, severity=worse(one.severity, severity.get(one.code, Severity.NOTE)))
        for one in invoice.findings
    ]
    return replace(invoice, findings=_few((*merged, *(one for one in said if one.code not in ours))))


def embedded(data: bytes) -> dict[str, bytes]:
    """The files inside the document, by the SHA-256 that its attachments are listed with."""
    root, _path, _kind = _document(data)
    return fields.embedded(root)


def _document(data: bytes) -> tuple[Element, str, envelope.Kind | None]:
    if data.count(b"<") + data.count(b"=") > MOST_MARKS:
        raise Unreadable(
            _("The file has more elements and attributes than an invoice can have."), code="too_many_elements"
        )
    root, path = envelope.document(xml.parse(data))
    return root, path, envelope.kind(xml.text(root, "CustomizationID") or None)


def _checks(invoice: Invoice, root: Element) -> tuple[Finding, ...]:
    return (
        *terms.findings(invoice),
        *sums.findings(invoice),
        *numbers.findings(invoice),
        *terms.empty_elements(root),
    )


def _few(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """At most MOST_ALIKE of each code, and how many more there are, so that a bad file can be looked at."""
    if len(findings) <= MOST_ALIKE:
        return findings
    counts: Counter[str] = Counter()
    kept = []
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MOST_ALIKE:
            kept.append(finding)
    kept += [
        Finding(
            Severity.NOTE,
            "more_alike",
            "",
            _("{count} more findings have the code {code}."),
            {"count": count - MOST_ALIKE, "code": code},
        )
        for code, count in counts.items()
        if count > MOST_ALIKE
    ]
    return tuple(kept)

"""What a document must have and may not have, apart from sums: the rules that posting and paying lean on.

The whole rule set of the network is larger; these are those without which an invoice could be booked or
paid wrongly. Source: EN 16931 validation artefacts 1.3.16 and Peppol BIS Billing 3.0.21.
"""

import re
from collections.abc import Iterator
from itertools import islice

from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.peppol_bis3.names import path_of, short
from nattbok.formats.invoice.peppol_bis3.sums import RULE_OF
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.xml import Element

# UNCL1001 as Peppol allows it in each document, in its ordinary profile.
_TYPES = {
    "Invoice": {
        "71",
        "80",
        "82",
        "84",
        "102",
        "218",
        "219",
        "326",
        "331",
        "380",
        "382",
        "383",
        "384",
        "386",
        "388",
        "393",
        "395",
        "553",
        "575",
        "623",
        "780",
        "817",
        "870",
        "875",
        "876",
        "877",
    },
    "CreditNote": {"381", "396", "81", "83", "532"},
}
_PREPAYMENT = "386"
_SELF_BILLED = {"389", "527", "261"}
_MEDIA_TYPES = {
    "application/pdf",
    "image/png",
    "image/jpeg",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_UNIT = re.compile(r"[A-Z0-9]{1,3}")  # as all codes of UN/ECE Recommendations 20 and 21 are written
_NEED_A_REASON = {"E", "AE", "K", "G", "O"}
_CREDIT_TRANSFERS = {"30", "58"}


def findings(invoice: Invoice) -> Iterator[Finding]:
    """What is missing or does not go together."""
    yield from _missing(invoice)
    yield from _type(invoice)
    yield from _codes(invoice)
    yield from _categories(invoice)
    yield from _paying(invoice)
    for attachment in invoice.attachments:
        if attachment.sha256 is not None and attachment.media_type not in _MEDIA_TYPES:
            yield Finding(
                Severity.HOLD,
                "PEPPOL-EN16931-CL001",
                f"{attachment.xpath}/cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@mimeCode",
                _("An attached file is of kind “{stated}”, which e-invoices may not carry."),
                {"stated": (attachment.media_type or "")[:80]},
            )


def empty_elements(root: Element) -> list[Finding]:
    """PEPPOL-EN16931-R008: elements with nothing in them, each of which was read as if it were not there."""
    empty = (node for node in root.iter() if not len(node) and not (node.text or "").strip())
    return [
        Finding(
            Severity.HOLD,
            "PEPPOL-EN16931-R008",
            path_of(node),
            _("The element {element} is empty."),
            {"element": short(str(node.tag))},
        )
        for node in islice(empty, 20)
    ]


def _missing(invoice: Invoice) -> Iterator[Finding]:
    root = next(iter(invoice.sources.values())).rpartition("/")[0]
    total = f"{root}/cac:LegalMonetaryTotal"
    supplier, buyer = f"{root}/cac:AccountingSupplierParty", f"{root}/cac:AccountingCustomerParty"
    code = f"{root}/cbc:{invoice.document_type}TypeCode"
    for rule, there, place, severity, sentence in (
        ("BR-02", invoice.number, f"{root}/cbc:ID", Severity.ERROR, _("The invoice number is missing.")),
        (
            "BR-03",
            invoice.issue_date,
            f"{root}/cbc:IssueDate",
            Severity.ERROR,
            _("The invoice date is missing."),
        ),
        (
            "BR-05",
            invoice.currency,
            f"{root}/cbc:DocumentCurrencyCode",
            Severity.ERROR,
            _("The currency is missing."),
        ),
        ("BR-06", invoice.supplier.name, supplier, Severity.ERROR, _("The seller's name is missing.")),
        (
            "BR-15",
            invoice.payable is not None,
            f"{total}/cbc:PayableAmount",
            Severity.ERROR,
            _("The amount to pay is missing."),
        ),
        ("BR-04", invoice.type_code, code, Severity.HOLD, _("The type of invoice is missing.")),
        ("BR-07", invoice.buyer.name, buyer, Severity.HOLD, _("The buyer's name is missing.")),
        (
            "BR-12",
            invoice.line_total is not None,
            f"{total}/cbc:LineExtensionAmount",
            Severity.HOLD,
            _("The sum of the lines is missing."),
        ),
        (
            "BR-13",
            invoice.net is not None,
            f"{total}/cbc:TaxExclusiveAmount",
            Severity.HOLD,
            _("The total without VAT is missing."),
        ),
        (
            "BR-14",
            invoice.gross is not None,
            f"{total}/cbc:TaxInclusiveAmount",
            Severity.HOLD,
            _("The total with VAT is missing."),
        ),
        ("BR-16", invoice.lines, root, Severity.HOLD, _("There is no line.")),
        (
            "BR-CO-18",
            invoice.vat_groups,
            f"{root}/cac:TaxTotal",
            Severity.HOLD,
            _("There is no VAT total per rate."),
        ),
        (
            "PEPPOL-EN16931-R003",
            invoice.buyer_reference or invoice.order_reference,
            f"{root}/cbc:BuyerReference",
            Severity.HOLD,
            _("There is neither a reference of the buyer nor an order number."),
        ),
    ):
        if not there:
            yield Finding(severity, rule, place, sentence)


def _type(invoice: Invoice) -> Iterator[Finding]:
    code = invoice.type_code
    if code == _PREPAYMENT:
        yield Finding(
            Severity.HOLD,
            "prepayment",
            invoice.sources["type_code"],
            _("Type {code} is a prepayment invoice: a final invoice comes, with the same amount in it."),
            {"code": code},
        )
    if code is None or code in _TYPES[invoice.document_type]:
        return
    if code in _SELF_BILLED:
        yield Finding(
            Severity.HOLD,
            "self_billing",
            invoice.sources["type_code"],
            _("Type {code} is self-billing: the buyer made it, so the parties' roles are exchanged."),
            {"code": code},
        )
        return
    yield Finding(
        Severity.HOLD,
        "PEPPOL-EN16931-P0100" if invoice.document_type == "Invoice" else "PEPPOL-EN16931-P0101",
        invoice.sources["type_code"],
        _("Type {code} is not allowed in a document of kind {kind}, so its sign is uncertain."),
        {"code": code[:20], "kind": invoice.document_type},
    )


def _codes(invoice: Invoice) -> Iterator[Finding]:
    """Codes that cannot be in their lists by their very form; the lists themselves are not kept here."""
    if invoice.currency and _CURRENCY.fullmatch(invoice.currency) is None:
        yield Finding(
            Severity.HOLD,
            "BR-CL-04",
            invoice.sources["currency"],
            _("“{stated}” is not a currency."),
            {"stated": invoice.currency[:20]},
        )
    for line in invoice.lines:
        if line.unit is not None and _UNIT.fullmatch(line.unit) is None:
            quantity = "CreditedQuantity" if invoice.is_credit_note else "InvoicedQuantity"
            yield Finding(
                Severity.HOLD,
                "BR-CL-23",
                f"{line.xpath}/cbc:{quantity}/@unitCode",
                _("“{stated}” is not a unit of measure."),
                {"stated": line.unit[:20]},
            )


def _categories(invoice: Invoice) -> Iterator[Finding]:
    """Why nothing is charged must be said; and who is outside VAT has no VAT number, nor has the buyer."""
    for group in invoice.vat_groups:
        if group.category in _NEED_A_REASON and not (group.exemption_reason or group.exemption_code):
            yield Finding(
                Severity.HOLD,
                f"BR-{RULE_OF[group.category]}-10",
                f"{group.xpath}/cac:TaxCategory",
                _("VAT category {category} charges nothing, and the reason is missing."),
                {"category": group.category},
            )
        elif group.category not in RULE_OF:
            yield Finding(
                Severity.HOLD,
                "BR-CL-17",
                f"{group.xpath}/cac:TaxCategory/cbc:ID",
                _("“{category}” is not a VAT category."),
                {"category": group.category[:20]},
            )
        if group.rate is None and group.category != "O":
            yield Finding(
                Severity.HOLD,
                "BR-48",
                f"{group.xpath}/cac:TaxCategory/cbc:Percent",
                _("The VAT rate of category “{category}” is missing."),
                {"category": group.category[:20]},
            )
    for number, line in enumerate(invoice.lines, 1):
        if line.vat_category is None:
            yield Finding(
                Severity.HOLD,
                "BR-CO-04",
                f"{line.xpath}/cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
                _("Line {number} has no VAT category."),
                {"number": line.number or number},
            )
    outside = any(group.category == "O" for group in invoice.vat_groups)
    if outside and (invoice.supplier.vat_number or invoice.buyer.vat_number):
        role = "supplier" if invoice.supplier.vat_number else "buyer"
        yield Finding(
            Severity.HOLD,
            "BR-O-02",
            invoice.sources[f"{role}.vat_number"],
            _("The invoice is outside VAT, yet it has the VAT number {stated}."),
            {"stated": (invoice.supplier.vat_number or invoice.buyer.vat_number or "")[:40]},
        )


def _paying(invoice: Invoice) -> Iterator[Finding]:
    for means in invoice.payment_means:
        if means.code in _CREDIT_TRANSFERS and not means.account:
            yield Finding(
                Severity.HOLD,
                "BR-61",
                f"{means.xpath}/cac:PayeeFinancialAccount/cbc:ID",
                _("The invoice is to be paid by transfer, but the account is missing."),
            )
    references = sorted({means.payment_id for means in invoice.payment_means if means.payment_id})
    if len(references) > 1:
        yield Finding(
            Severity.HOLD,
            "UBL-SR-44",
            f"{invoice.payment_means[1].xpath}/cbc:PaymentID",
            _("The invoice has different payment references: {stated}."),
            {"stated": ", ".join(references)[:200]},
        )

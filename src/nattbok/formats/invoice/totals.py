"""The figures of an invoice as text, for other programs and for comparing a reading with the truth."""

from datetime import date
from decimal import Decimal

from nattbok.formats.invoice.shape import Attachment, Invoice, PartyIdentity

AMOUNTS = (
    "line_total",
    "allowance_total",
    "charge_total",
    "net",
    "vat",
    "gross",
    "prepaid",
    "rounding",
    "payable",
)


def expected(invoice: Invoice) -> dict:
    """All that identifies, sums and pays `invoice`: amounts with two decimals, None for what is not there."""
    return {
        "document_type": invoice.document_type,
        "type_code": invoice.type_code,
        "customization_id": invoice.customization_id,
        "profile_id": invoice.profile_id,
        "supplier": _party(invoice.supplier),
        "buyer": _party(invoice.buyer),
        "payee": None
        if invoice.payee is None
        else {"name": invoice.payee.name or None, "orgno": invoice.payee.org_number},
        "invoice_number": invoice.number or None,
        "issue_date": _day(invoice.issue_date),
        "due_date": _day(invoice.due_date),
        "currency": invoice.currency or None,
        "tax_currency": invoice.tax_currency,
        "vat_in_tax_currency": amount(invoice.vat_in_tax_currency),
        "lines": len(invoice.lines),
        **{name: amount(getattr(invoice, name)) for name in AMOUNTS},
        "vat_breakdown": [
            {
                "category": group.category or None,
                "rate": group.rate_text,
                "taxable": amount(group.taxable),
                "tax": amount(group.tax),
            }
            for group in invoice.vat_groups
        ],
        "payment_means": [
            {
                "code": means.code,
                "payment_id": means.payment_id,
                "account": means.account,
                "account_name": means.account_name,
                "bic": means.branch,
                "mandate": means.mandate,
            }
            for means in invoice.payment_means
        ],
        "payment_reference": invoice.payment_means[0].payment_id if invoice.payment_means else None,
        "account": invoice.payment_means[0].account if invoice.payment_means else None,
        "preceding_invoices": list(invoice.preceding_invoices),
        "buyer_reference": invoice.buyer_reference,
        "order_reference": invoice.order_reference,
        "attachments": [_attachment(attachment) for attachment in invoice.attachments],
    }


def totals(invoice: Invoice) -> dict:
    """Only the amounts and their currency."""
    return {
        **{name: amount(getattr(invoice, name)) for name in AMOUNTS},
        "currency": invoice.currency or None,
    }


def amount(of: Decimal | None) -> str | None:
    """An amount as text with two decimals."""
    return None if of is None else f"{of + 0:.2f}"  # + 0: no minus before zero


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _party(party: PartyIdentity) -> dict:
    return {
        "name": party.name or None,
        "trading_name": party.trading_name,
        "orgno": party.org_number,
        "orgno_scheme": party.org_scheme,
        "vat": party.vat_number,
        "endpoint": party.endpoint,
        "endpoint_scheme": party.endpoint_scheme,
        "country": party.country,
    }


def _attachment(attachment: Attachment) -> dict:
    found: dict = {"id": attachment.number or None, "description": attachment.description}
    if attachment.uri is not None:
        found["uri"] = attachment.uri
    if attachment.sha256 is not None:
        found |= {
            "filename": attachment.filename,
            "mime": attachment.media_type,
            "bytes": attachment.size,
            "sha256": attachment.sha256,
        }
    return found

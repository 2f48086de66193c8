"""What the fields that are read are called: one word for each, on every page and in the terminal."""

from nattbok.base.words import _

TITLES = {
    "supplier_name": _("Supplier"),
    "supplier_orgno": _("Organisation number"),
    "invoice_no": _("Invoice number"),
    "credited_number": _("Credits invoice"),
    "issue_date": _("Invoice date"),
    "due_date": _("Due date"),
    "currency": _("Currency"),
    "net": _("Without VAT"),
    "vat_total": _("VAT"),
    "total": _("Total"),
    "rounding": _("Rounding"),
    "payment_ref": _("Payment reference"),
    "bank_account": _("Bank account"),
    "bankgiro": _("Bankgiro"),
    "plusgiro": _("Plusgiro"),
    "iban": _("IBAN"),
    "buyer_orgno": _("The buyer's number"),
}

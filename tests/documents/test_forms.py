"""E-invoices of every form: what is posted has exactly the document's amounts, the rest is asked about."""

import re
from decimal import Decimal as D

from nattbok.desk.queries import waiting
from nattbok.documents.models import Document
from nattbok.ledger.models import Line as Booked
from tests.documents.invoices import a_seller, an_e_invoice, coded, received, unattended
from tests.formats.invoice.written_invoices import Line

POSTED = ""
RATES = (Line("A", "1", "1000"), Line("B", "1", "500", "15"), Line("C", "1", "200", "12"))


def instead(old: str, new: str):
    """The document with what the pattern `old` finds written as `new`; the pattern must be there."""

    def changed(text: str) -> str:
        made, count = re.subn(old, new, text, flags=re.DOTALL)
        assert count, old
        return made

    return changed


def as_it_is(text: str) -> str:
    return text


def with_both(text: str) -> str:
    """The VAT and what follows from it a half krone more: a seller may round so."""
    return text.replace(">250.00<", ">250.50<").replace(">1250.00<", ">1250.50<")


def reduced(is_charge: bool, amount: D):
    """A charge or an allowance on the whole document, at 25 %, and the sums that follow."""
    sign = 1 if is_charge else -1
    net, vat = 1000 + sign * amount, (1000 + sign * amount) / 4
    name = "Charge" if is_charge else "Allowance"
    whole = (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{str(is_charge).lower()}</cbc:ChargeIndicator>"
        f'<cbc:AllowanceChargeReason>Avtale</cbc:AllowanceChargeReason><cbc:Amount currencyID="NOK">{amount}'
        "</cbc:Amount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent><cac:TaxScheme>"
        "<cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:AllowanceCharge>"
    )
    total = f'<cbc:{name}TotalAmount currencyID="NOK">{amount}</cbc:{name}TotalAmount>'

    def changed(text: str) -> str:
        for old, new in (
            (">250.00<", f">{vat:.2f}<"),
            (">1000.00</cbc:TaxableAmount", f">{net:.2f}</cbc:TaxableAmount"),
            (">1000.00</cbc:TaxExclusiveAmount", f">{net:.2f}</cbc:TaxExclusiveAmount"),
            (">1250.00</cbc:TaxInclusiveAmount>", f">{net + vat:.2f}</cbc:TaxInclusiveAmount>{total}"),
            (">1250.00</cbc:PayableAmount", f">{net + vat:.2f}</cbc:PayableAmount"),
        ):
            assert old in text
            text = text.replace(old, new)
        return text.replace("<cac:TaxTotal>", f"{whole}<cac:TaxTotal>", 1)

    return changed


def of_the_seller(*changes: tuple[str, str]):
    """Each pattern in the seller's own part of the document, written as its second says."""

    def changed(text: str) -> str:
        ours, mark, rest = text.partition("<cac:AccountingCustomerParty>")
        for old, new in changes:
            ours = instead(old, new)(ours)
        return ours + mark + rest

    return changed


def of_type(code: str):
    return instead(">380</cbc:InvoiceTypeCode", f">{code}</cbc:InvoiceTypeCode")


def paid_by(code: str):
    return instead(">30</cbc:PaymentMeansCode>", f">{code}</cbc:PaymentMeansCode>")


def another_way(account: str, reference: str):
    """A second way to pay before the VAT."""
    means = (
        "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
        f"<cbc:PaymentID>{reference}</cbc:PaymentID><cac:PayeeFinancialAccount><cbc:ID>{account}</cbc:ID>"
        "</cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    return lambda text: text.replace("<cac:TaxTotal>", f"{means}<cac:TaxTotal>", 1)


def with_attached(inside: str) -> dict:
    reference = "<cac:AdditionalDocumentReference><cbc:ID>V1</cbc:ID><cac:Attachment>{}</cac:Attachment>"
    return {"extra": f"{reference.format(inside)}</cac:AdditionalDocumentReference>"}


def embedded(media_type: str, text: str) -> dict:
    element = "cbc:EmbeddedDocumentBinaryObject"
    return with_attached(f'<{element} mimeCode="{media_type}" filename="a">{text}</{element}>')


BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3"
NO_VAT_NUMBER = ("<cac:PartyTaxScheme>.*?</cac:PartyTaxScheme>", "")
GLN = (r'schemeID="0192">\d+', 'schemeID="0088">7080000000005')
ABROAD = (
    ("IdentificationCode>NO<", "IdentificationCode>DE<"),
    (r'<cbc:CompanyID schemeID="0192">\d+</cbc:CompanyID>', ""),
)
LINK = "<cac:ExternalReference><cbc:URI>http://127.0.0.1:9/x</cbc:URI></cac:ExternalReference>"
FORMS = {
    "sound": ((), {}, as_it_is, POSTED),
    "the base of the VAT is off": (
        (), {}, instead(">1000.00</cbc:TaxableAmount", ">1000.01</cbc:TaxableAmount"), "documents.sums",
    ),
    "the seller rounds the VAT": ((), {}, with_both, POSTED),
    "three rates, two of them new": (RATES, {}, as_it_is, "documents.account"),
    "rounded to whole kroner": ((Line("A", "1", "1000.40"),), {"rounding": "0.50"}, as_it_is, POSTED),
    "an allowance on the document": ((), {}, reduced(False, D("100.00")), POSTED),
    "a charge on the document": ((), {}, reduced(True, D("59.00")), POSTED),
    "a part is paid": ((), {"prepaid": "250"}, as_it_is, "documents.prepaid"),
    "more than all is paid": ((), {"prepaid": "1500"}, as_it_is, "documents.prepaid"),
    "all is paid": ((), {"prepaid": "1250"}, as_it_is, "documents.prepaid"),
    "nothing is owed": ((Line("A", "1", "1000"), Line("B", "-1", "1000")), {}, as_it_is, "documents.sums"),
    "a price of nothing": ((Line("A", "1", "0"),), {}, as_it_is, "documents.sums"),
    "paid by card": ((), {}, paid_by("48"), "documents.paid_otherwise"),
    "paid in cash": ((), {}, paid_by("10"), "documents.paid_otherwise"),
    "set off": ((), {}, paid_by("97"), "documents.paid_otherwise"),
    "drawn by an agreement that is not named": ((), {}, paid_by("49"), "documents.held"),
    "the same way to pay twice": ((), {}, another_way("15031200455", "04100100454"), POSTED),
    "two references": ((), {}, another_way("15031200455", "04100100470"), "documents.held"),
    "two accounts": ((), {}, another_way("86011117947", "04100100454"), "documents.changed_account"),
    "corrected": ((), {"preceding": "OLD-1"}, of_type("384"), "documents.held"),
    "partial": ((), {}, of_type("326"), "documents.held"),
    "a prepayment": ((), {}, of_type("386"), "documents.held"),
    "made by the buyer, by its type": ((), {}, of_type("389"), "documents.held"),
    "sold to a factor that is not named": ((), {}, of_type("393"), POSTED),
    "an offer": ((), {}, of_type("325"), "documents.held"),
    "a GLN for an organisation number": ((), {}, of_the_seller(GLN), POSTED),
    "a GLN and no VAT number": ((), {}, of_the_seller(GLN, NO_VAT_NUMBER), "documents.held"),
    "from abroad without a number": (
        (), {}, of_the_seller(NO_VAT_NUMBER, *ABROAD), "documents.held",
    ),
    "a PDF beside it": ((), embedded("application/pdf", "JVBERi0xLjQKJSVFT0Y="), as_it_is, POSTED),
    "a web page beside it": ((), embedded("text/html", "PGgxPg=="), as_it_is, "documents.held"),
    "a damaged file beside it": ((), embedded("application/pdf", "!!!"), as_it_is, "documents.held"),
    "a link beside it": ((), with_attached(LINK), as_it_is, POSTED),
    "its rules with room around them": ((), {"customization": f" {BILLING}.0 "}, as_it_is, POSTED),
    "rules of another year": ((), {"customization": f"{BILLING}.1"}, as_it_is, "documents.held"),
    "rules of nobody": ((), {"customization": ""}, as_it_is, "documents.held"),
    "the rules before": (
        (), {"customization": "urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended"}, as_it_is,
        "documents.held",
    ),
    "no number": ((), {"number": ""}, as_it_is, "documents.unreadable"),
    "no sum": ((), {}, instead("<cbc:PayableAmount.*?</cbc:PayableAmount>", ""), "documents.unreadable"),
    "another currency": (
        (), {"currency": "EUR", "tax_currency": "NOK", "vat_in_tax_currency": "2900.00"}, as_it_is,
        "documents.currency",
    ),
    "a credit note of what is not here": (
        (), {"credit": True, "preceding": "OLD-X"}, as_it_is, "documents.credit",
    ),
    "a negative invoice": ((Line("A", "-1", "1000"),), {}, as_it_is, "documents.credit"),
    "a negative credit note": ((Line("A", "-1", "1000"),), {"credit": True}, as_it_is, "documents.held"),
    "the sum twice": (
        (), {}, instead("<cbc:PayableAmount.*?</cbc:PayableAmount>", r"\g<0>\g<0>"), "documents.held",
    ),
    "the VAT twice": ((), {}, instead("(<cac:TaxTotal>.*?</cac:TaxTotal>)", r"\1\1"), "documents.held"),
    "a rate twice": ((), {}, instead("(<cac:TaxSubtotal>.*?</cac:TaxSubtotal>)", r"\1\1"), "documents.held"),
    "another's elements": (
        (), {}, instead("CommonBasicComponents-2", "CommonBasicComponents-3"), "documents.unreadable",
    ),
    "a sum in an element of nobody's": (
        (), {}, instead("<cbc:PayableAmount", r'<x:PayableAmount xmlns:x="urn:x">1</x:PayableAmount>\g<0>'),
        "documents.held",
    ),
    "the sum in another currency": (
        (), {}, instead('"NOK">1250.00</cbc:PayableAmount', '"EUR">1250.00</cbc:PayableAmount'),
        "documents.held",
    ),
    "a VAT category without its reason": ((), {}, instead(">S</cbc:ID>", ">E</cbc:ID>"), "documents.held"),
    "a rate that is none": ((Line("A", "1", "1000", "24"),), {}, as_it_is, "documents.vat"),
    "another account": ((), {"account": "86011117947"}, as_it_is, "documents.changed_account"),
    "made by the buyer": (
        (), {}, instead("poacc:billing:3.0", "poacc:selfbilling:3.0"), "documents.held",
    ),
    "only the European norm": (
        (), {"customization": "urn:cen.eu:en16931:2017"}, as_it_is, "documents.held",
    ),
    "a reminder": (
        (), {"customization": "urn:fdc:anskaffelser.no:2019:ehf:reminder:3.0"}, as_it_is,
        "documents.unreadable",
    ),
}  # fmt: skip

REASONS = {  # said as what they are, and not as something else that follows from it
    "all is paid": "All of it, 1250, is said to be paid already: nothing is left to pay.",
    "nothing is owed": "The amount to pay is 0.00, so there is nothing to post.",
    "paid by card": "It is said to be paid by card: paid by transfer as well, it is paid twice.",
    "a prepayment": ("Type 386 is a prepayment invoice: a final invoice comes, with the same amount in it."),
    "partial": "It is a partial or corrected invoice, which only German parties may send.",
    "no number": "The invoice number is missing.",
    "no sum": "The amount to pay is missing.",
}


def test_what_goes_on_alone_is_booked_as_it_is_written(fjord):
    unattended(fjord)
    documents = {}
    for name, (lines, fields, change, _then) in FORMS.items():
        text = change(an_e_invoice(fjord, a_seller(fjord), *lines, **fields))
        (documents[name],) = received(fjord, text)
    coded(fjord)
    asked = {question.subject: question.kind for question in waiting([fjord])}
    reasons = {question.subject: str(question.reason) for question in waiting([fjord])}
    said = {name: reasons.get(f"document:{pk}", "") for name, pk in documents.items()}
    assert {name: said[name] for name in REASONS} == REASONS
    became = {name: asked.get(f"document:{pk}", POSTED) for name, pk in documents.items()}
    assert became == {name: then for name, (_lines, _fields, _change, then) in FORMS.items()}
    for name, (_lines, _fields, _change, then) in FORMS.items():
        document = Document.objects.get(pk=documents[name])
        booked = Booked.objects.filter(client=fjord, entry__origin=f"document:{document.pk}")
        booked = list(booked.select_related("account"))
        assert bool(booked) == (then == POSTED), name
        if booked:
            (vat,) = (line for line in booked if line.vat_base is not None)
            owed = sum(line.amount for line in booked if line.account.number == "2400")
            assert (vat.vat_base, vat.amount, owed) == (document.net, document.vat, -document.owed), name

"""What each rule says to an accountant, by its id; and what to do about it.

The publishers' own sentences are for programmers and are not reproduced. Rules that a family shares have one
sentence; a rule without a sentence of its own is told by its id, the place and what was found there.
"""

import re

from nattbok.base.words import _

# What is there to be in every invoice.
_MISSING = {
    "BR-01": _("It is not said to follow Peppol BIS Billing 3."),
    "BR-02": _("The invoice has no number."),
    "BR-03": _("The invoice has no issue date."),
    "BR-04": _("The invoice does not say what kind of document it is."),
    "BR-05": _("The invoice does not say its currency."),
    "BR-06": _("The seller has no name."),
    "BR-07": _("The buyer has no name."),
    "BR-08": _("The seller has no address."),
    "BR-09": _("The seller's address has no country."),
    "BR-10": _("The buyer has no address."),
    "BR-11": _("The buyer's address has no country."),
    "BR-12": _("The sum of the lines is missing."),
    "BR-13": _("The total without VAT is missing."),
    "BR-14": _("The total with VAT is missing."),
    "BR-15": _("The amount to pay is missing."),
    "BR-16": _("The invoice has no lines."),
    "BR-17": _("The payee has no name, or is the seller itself."),
    "BR-21": _("A line has no number."),
    "BR-22": _("A line has no quantity."),
    "BR-23": _("A line's quantity has no unit."),
    "BR-24": _("A line has no amount."),
    "BR-25": _("A line does not say what was sold."),
    "BR-26": _("A line has no price."),
    "BR-27": _("A line's price is negative."),
    "BR-28": _("A line's price before discount is negative."),
    "BR-29": _("The invoice's period ends before it begins."),
    "BR-30": _("A line's period ends before it begins."),
    "BR-45": _("A VAT group has no amount that the VAT is of."),
    "BR-46": _("A VAT group has no VAT amount."),
    "BR-47": _("A VAT group has no category."),
    "BR-48": _("A VAT group has no rate."),
    "BR-49": _("It is not said how the invoice is to be paid."),
    "BR-50": _("The account to pay to has no number."),
    "BR-52": _("An attachment has no reference."),
    "BR-53": _("The VAT in the VAT currency is missing."),
    "BR-55": _("The invoice it refers to has no number."),
    "BR-61": _("It is to be paid by bank transfer, but no account is given."),
    "BR-62": _("The seller's electronic address does not say its scheme."),
    "BR-63": _("The buyer's electronic address does not say its scheme."),
}
_SUMS = {
    "BR-CO-04": _("A line has no VAT category."),
    "BR-CO-09": _("A VAT number does not begin with the letters of a country."),
    "BR-CO-10": _("The sum of the lines is not what the lines sum to."),
    "BR-CO-11": _("The sum of the discounts is not what they sum to."),
    "BR-CO-12": _("The sum of the charges is not what they sum to."),
    "BR-CO-13": _("The total without VAT is not the lines less discounts and with charges."),
    "BR-CO-14": _("The total VAT is not what the VAT groups sum to."),
    "BR-CO-15": _("The total with VAT is not the total without it and the VAT."),
    "BR-CO-16": _("The amount to pay is not the total less what is paid and with the rounding."),
    "BR-CO-17": _("The VAT of a group is not its rate of what the VAT is of."),
    "BR-CO-18": _("The invoice has no VAT groups."),
    "BR-CO-19": _("The invoice's period has neither a first nor a last day."),
    "BR-CO-20": _("A line's period has neither a first nor a last day."),
    "BR-CO-26": _("The seller cannot be identified: it has no organisation number, VAT number or other id."),
}
_NETWORK = {
    "PEPPOL-EN16931-R001": _("The invoice does not say which process it belongs to."),
    "PEPPOL-EN16931-R003": _("There is neither a buyer's reference nor an order number."),
    "PEPPOL-EN16931-R004": _("It is not said to follow Peppol BIS Billing 3."),
    "PEPPOL-EN16931-R007": _("The process that the invoice says it belongs to is none of the network's."),
    "PEPPOL-EN16931-R008": _("An element is empty."),
    "PEPPOL-EN16931-R010": _("The buyer's electronic address is missing."),
    "PEPPOL-EN16931-R020": _("The seller's electronic address is missing."),
    "PEPPOL-EN16931-R040": _("A discount or charge is not its percentage of its base."),
    "PEPPOL-EN16931-R041": _("A discount or charge has a percentage, but no base that it is of."),
    "PEPPOL-EN16931-R042": _("A discount or charge has a base, but no percentage of it."),
    "PEPPOL-EN16931-R046": _("A line's price is not its price before discount less the discount."),
    "PEPPOL-EN16931-R051": _("An amount is in another currency than the invoice."),
    "PEPPOL-EN16931-R061": _("It is to be drawn by direct debit, but the mandate is missing."),
    "PEPPOL-EN16931-R110": _("A line's period begins before the invoice's."),
    "PEPPOL-EN16931-R111": _("A line's period ends after the invoice's."),
    "PEPPOL-EN16931-R120": _("A line's amount is not its quantity times its price, with what is added."),
    "PEPPOL-EN16931-R121": _("A price is for a quantity of nothing or less."),
    "PEPPOL-EN16931-R130": _("A price is for another unit than the line's quantity."),
    "PEPPOL-EN16931-F001": _("A date is not written as YYYY-MM-DD."),
    "PEPPOL-EN16931-CL001": _("An attachment is of a kind that the network does not carry."),
    "PEPPOL-EN16931-P0100": _("The kind of document is none that the network has for invoices."),
    "PEPPOL-EN16931-P0101": _("The kind of document is none that the network has for credit notes."),
    "PEPPOL-EN16931-P0112": _("It is a partial or corrected invoice, which only German parties may send."),
    "PEPPOL-COMMON-R040": _("A GLN has a wrong check digit."),
    "PEPPOL-COMMON-R041": _("A Norwegian organisation number has a wrong check digit or length."),
    "PEPPOL-COMMON-R049": _("A Swedish organisation number has a wrong check digit or length."),
    "NO-R-001": _("The Norwegian seller's VAT number is not NO, nine right digits and MVA."),
    "NO-R-002": _("The Norwegian seller does not say “Foretaksregisteret”."),
    "SE-R-001": _("The Swedish seller's VAT number is not fourteen signs."),
    "SE-R-002": _("The Swedish seller's VAT number is not a number after SE."),
    "SE-R-003": _("The Swedish seller's organisation number is not a number."),
    "SE-R-004": _("The Swedish seller's organisation number is not ten digits."),
    "SE-R-005": _("The Swedish seller does not say “Godkänd för F-skatt”."),
    "SE-R-006": _("The Swedish seller's VAT rate is neither 25, 12 nor 6 percent."),
    "SE-R-007": _("The plusgiro is not a number."),
    "SE-R-008": _("The bankgiro is not a number."),
    "SE-R-009": _("The bankgiro is not seven or eight digits."),
    "SE-R-010": _("The plusgiro is not two to eight digits."),
    "SE-R-011": _("A bankgiro or plusgiro is written in an old way."),
    "SE-R-012": _("A Swedish bank transfer is written in an old way."),
    "SE-R-013": _("The Swedish seller's organisation number has a wrong check digit."),
    "UBL-SR-44": _("The ways to pay have different references."),
}
# The same ten rules for each category of VAT, by their last two digits.
_CATEGORY = re.compile(r"BR-(S|Z|E|AE|IC|G|O|AF|AG)-(\d\d)")
_OF_CATEGORY = {
    "01": _("VAT category {category} is on a line but has no VAT group, or the other way round."),
    "02": _("With VAT category {category} on a line, the parties' VAT numbers are not as they must be."),
    "03": _("With VAT category {category} on a discount, the parties' VAT numbers are not as they must be."),
    "04": _("With VAT category {category} on a charge, the parties' VAT numbers are not as they must be."),
    "05": _("A line of VAT category {category} has a rate that the category cannot have."),
    "06": _("A discount of VAT category {category} has a rate that the category cannot have."),
    "07": _("A charge of VAT category {category} has a rate that the category cannot have."),
    "08": _("What the VAT of category {category} is of is not what its lines sum to."),
    "09": _("The VAT of category {category} is not its rate of what it is of."),
    "10": _("The reason for no VAT in category {category} is missing, or stands where there is VAT."),
}
_MORE_OF_CATEGORY = _("VAT category {category} stands together with what it cannot stand with.")
_LETTERS = {"IC": "K", "AF": "L", "AG": "M"}
_FAMILIES = (
    (re.compile(r"BR-DEC-\d+"), _("An amount has more than two decimals ({where}).")),
    (
        re.compile(r"BR-CL-\d+|PEPPOL-EN16931-CL\d+"),
        _("A code is not in the list that it must be from ({where})."),
    ),
    (re.compile(r"UBL-SR-\d+"), _("An element stands more than once where it may stand once ({where}).")),
    (re.compile(r"UBL-(CR|DT)-\d+"), _("An element or attribute is not used in e-invoices ({where}).")),
    (
        re.compile(r"BR-(3[1-9]|4[1-4])|BR-CO-2[1-4]"),
        _("A discount or charge lacks its amount or its reason."),
    ),
    (
        re.compile(r"(DE|DK|GR|IS|IT|NL|NO|SE)-[RS]-.*"),
        _("A rule of the seller's country does not hold ({where})."),
    ),
)
_OTHER = _("Rule {code} of the e-invoice standard does not hold at {where}: {detail}")
_OWN = {**_MISSING, **_SUMS, **_NETWORK}


def of(code: str) -> tuple[str, dict[str, str]]:
    """The sentence of the rule `code`, marked for translation, and the values that are its own."""
    if code in _OWN:
        return _OWN[code], {}
    category = _CATEGORY.fullmatch(code)
    if category is not None:
        sentence = _OF_CATEGORY.get(category[2], _MORE_OF_CATEGORY)
        return sentence, {"category": _LETTERS.get(category[1], category[1])}
    for family, sentence in _FAMILIES:
        if family.fullmatch(code):
            return sentence, {}
    return _OTHER, {}


_ASK = _(
    "Ask the seller for a corrected invoice. If it is owed all the same, take it in with a reason: "
    "nothing is posted by itself."
)
_SMALL = _("It stops nothing. Tell the seller's system when it suits.")


def advice(code: str, *, is_fatal: bool) -> str:
    """What to do about the rule `code`, marked for translation."""
    return _ASK if is_fatal else _SMALL

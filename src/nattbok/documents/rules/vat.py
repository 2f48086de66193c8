"""Which VAT code a VAT group of a bill has: from its category, rate, country and day, or set by a person."""

from datetime import date

from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatCode, VatDirection
from nattbok.documents.rules.bill import Bill, Group


def vat_code(
    group: Group, *, bill: Bill, law: Country, override: str = "", deducts: bool = True
) -> str | Words:
    """The code of one VAT group, or why there is none that is certain.

    A code that is set counts instead where it can be the group's: without VAT (then the VAT is cost), with
    the rate that is stated, or owed by the buyer on what is stated without VAT. A client that may not deduct
    has the VAT as cost.
    """
    on = bill.supplied_on
    values = {
        "category": group.category,
        "rate": "" if group.rate is None else f"{group.rate.normalize():f}",
        "country": bill.seller_country,
    }
    if on is None:
        return Words(_("There is no date that decides the VAT rate."))
    found = override or law.purchase_vat_code(group.category, group.rate, bill.seller_country, on)
    if found is None:
        return Words(
            _("VAT category {category} {rate} % from a seller in “{country}” does not tell which VAT code."),
            values,
        )
    known = law.vat_codes.get(found)
    if known is None or not _goes(known, group, on):
        return Words(
            _("VAT code {code} does not go with category {category} {rate} %."), values | {"code": found}
        )
    if deducts or known.direction is VatDirection.NONE or not known.is_deductible:
        return found
    cost = law.purchase_vat_code("E", ZERO, law.code, on)
    if override or known.direction is not VatDirection.INPUT or cost is None:
        return Words(
            _("VAT code {code} deducts VAT, which this client may not do."), values | {"code": found}
        )
    return cost


def _goes(code: VatCode, group: Group, on: date) -> bool:
    if code.direction is VatDirection.NONE:
        return True
    if code.direction is VatDirection.OUTPUT or code.rates[0][0] > on:
        return False
    if code.direction is VatDirection.REVERSE:
        return group.vat == 0
    return code.rate(on) == group.rate

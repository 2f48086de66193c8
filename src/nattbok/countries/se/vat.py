"""Swedish VAT: our own codes, each with the boxes of the return (momsdeklaration) that it is summed in.

U is sold, I bought at home; then the kinds of purchase on which the buyer owes the VAT: EUV and EUT, goods
and services from the EU; UTT, services from outside it; IMP, goods imported; OMV and OMT, goods and services
in Sweden. The number is the percent.
Source: Skatteverket, eSKDUpload 6.0 (names of the boxes); Prop. 2025/26:55 (food at 6 % from 2026-04-01
through 2027-12-31). The rates 12 and 6 are older than any books kept here; their first day is general
knowledge. Triangular trade (37, 38), margin schemes (07), own use (06) and voluntary rent (08) have no
code yet.
"""

from datetime import date
from decimal import Decimal

from nattbok.countries.country import Rates, VatCode, VatDirection

NOTHING: Rates = ((date(1990, 7, 1), Decimal(0)),)
RATES: dict[int, Rates] = {
    25: ((date(1990, 7, 1), Decimal(25)),),
    12: ((date(1996, 1, 1), Decimal(12)),),
    6: ((date(1996, 1, 1), Decimal(6)),),
}

GOODS_RATES = {
    "food": (
        (date(1996, 1, 1), Decimal(12)),
        (date(2026, 4, 1), Decimal(6)),
        (date(2028, 1, 1), Decimal(12)),
    ),
    "restaurant": ((date(2012, 1, 1), Decimal(12)),),
    "accommodation": RATES[12],
    "passenger transport": RATES[6],
}

_VAT_BOX = {25: "10", 12: "11", 6: "12"}
_REVERSE_BOX = {25: "30", 12: "31", 6: "32"}
_IMPORT_BOX = {25: "60", 12: "61", 6: "62"}
_OUTPUT_ACCOUNT = {25: "2610", 12: "2620", 6: "2630"}
_REVERSE_ACCOUNT = {25: "2614", 12: "2624", 6: "2634"}
_IMPORT_ACCOUNT = {25: "2615", 12: "2625", 6: "2635"}
_INPUT_ACCOUNT, _ABROAD_ACCOUNT, _HOME_ACCOUNT = "2640", "2645", "2647"
_DEDUCTION_BOX = "48"


def _sold(percent: int) -> VatCode:
    return VatCode(
        f"U{percent}",
        f"Utgående moms {percent} %",
        f"Output VAT {percent} %",
        VatDirection.OUTPUT,
        RATES[percent],
        output_account=_OUTPUT_ACCOUNT[percent],
        standard_code=_VAT_BOX[percent],
        base_box="05",
        vat_box=_VAT_BOX[percent],
    )


def _bought(percent: int) -> VatCode:
    return VatCode(
        f"I{percent}",
        f"Ingående moms {percent} %",
        f"Input VAT {percent} %",
        VatDirection.INPUT,
        RATES[percent],
        input_account=_INPUT_ACCOUNT,
        standard_code=_DEDUCTION_BOX,
        deduction_box=_DEDUCTION_BOX,
    )


def _sold_without_vat(code: str, name: str, name_en: str, box: str) -> VatCode:
    return VatCode(code, name, name_en, VatDirection.OUTPUT, NOTHING, standard_code=box, base_box=box)


def _owed_by_buyer(kind: str, percent: int, name: str, name_en: str, base_box: str) -> VatCode:
    is_import, is_home = kind == "IMP", kind in ("OMV", "OMT")
    return VatCode(
        f"{kind}{percent}",
        f"{name} {percent} %",
        f"{name_en} {percent} %",
        VatDirection.REVERSE,
        RATES[percent],
        output_account=(_IMPORT_ACCOUNT if is_import else _REVERSE_ACCOUNT)[percent],
        input_account=_HOME_ACCOUNT if is_home else _ABROAD_ACCOUNT,
        standard_code=base_box,
        base_box=base_box,
        vat_box=(_IMPORT_BOX if is_import else _REVERSE_BOX)[percent],
        deduction_box=_DEDUCTION_BOX,
    )


_OWED_BY_BUYER = (
    ("EUV", (25, 12, 6), "Inköp av varor från EU", "Goods from the EU", "20"),
    ("EUT", (25, 12, 6), "Inköp av tjänster från EU", "Services from the EU", "21"),
    ("UTT", (25, 12, 6), "Inköp av tjänster utanför EU", "Services from outside the EU", "22"),
    ("OMV", (25,), "Inköp av varor i Sverige, omvänd", "Goods in Sweden, reverse charge", "23"),
    ("OMT", (25,), "Inköp av tjänster i Sverige, omvänd", "Services in Sweden, reverse charge", "24"),
    ("IMP", (25, 12, 6), "Import av varor", "Goods imported", "50"),
)

_CODES = (
    VatCode("0", "Ingen moms", "No VAT", VatDirection.NONE, NOTHING, standard_code="-", is_reported=False),
    *(_sold(percent) for percent in RATES),
    _sold_without_vat("UEUV", "Varor till annat EU-land", "Goods to the EU", "35"),
    _sold_without_vat("UEXV", "Varor utanför EU", "Goods outside the EU", "36"),
    _sold_without_vat("UEUT", "Tjänster till annat EU-land", "Services to the EU", "39"),
    _sold_without_vat("UEXT", "Övriga tjänster utomlands", "Other services abroad", "40"),
    _sold_without_vat("UOMV", "Köparen betalar momsen i Sverige", "Reverse charge in Sweden", "41"),
    _sold_without_vat("UMF", "Övrig momsfri försäljning", "Other sales without VAT", "42"),
    *(_bought(percent) for percent in RATES),
    *(
        _owed_by_buyer(kind, percent, name, name_en, box)
        for kind, percents, name, name_en, box in _OWED_BY_BUYER
        for percent in percents
    ),
)

VAT_CODES = {code.code: code for code in _CODES}


def purchase_vat_code(category: str, percent: Decimal | None, seller_country: str, on: date) -> str | None:
    """Our code for a purchase delivered on `on`, or None when a person must say.

    `category` is the e-invoice's (UN/CEFACT 5305), `percent` its rate, `seller_country` ISO 3166 alpha-2.
    Reverse charge at home is either goods (box 23) or services such as building work (box 24), and a purchase
    from abroad has three boxes and three rates to choose from: an invoice does not say which, so None.
    """
    if seller_country.upper() != "SE":
        return None
    if category == "S":
        fitting = [
            f"I{name}" for name, rates in RATES.items() if rates[0][0] <= on and Decimal(name) == percent
        ]
        return fitting[0] if fitting else None
    if not percent and category in ("Z", "E", "O"):
        return "0"
    return None

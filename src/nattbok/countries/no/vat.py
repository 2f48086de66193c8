"""Norwegian VAT: the SAF-T standard codes, which are our own as well, with dated rates.

Rates are for the day of delivery. Codes 0, 7, 20, 21 and 22 are for the books alone.
Source: Skatteetaten, Standard_Tax_Codes (SAF-T) and the code lists mvaKodeSAFT and sats of mva-meldingen
(05c8b14), for texts, sides, rates and the days from which they are valid.
"""

from datetime import date
from decimal import Decimal

from nattbok.countries.country import Rates, VatCode, VatDirection

STANDARD: Rates = ((date(2005, 1, 1), Decimal(25)),)
FOOD: Rates = ((date(2012, 1, 1), Decimal(15)),)
LOW: Rates = (
    (date(2006, 1, 1), Decimal(8)),
    (date(2016, 1, 1), Decimal(10)),
    (date(2018, 1, 1), Decimal(12)),
    (date(2020, 4, 1), Decimal(6)),
    (date(2021, 10, 1), Decimal(12)),
)
RAW_FISH: Rates = ((date(1970, 1, 1), Decimal("11.11")),)
NOTHING: Rates = ((date(1970, 1, 1), Decimal(0)),)
IMPORT_CODES_BEGIN = date(2017, 1, 1)

GOODS_RATES = {"food": FOOD, "raw fish": RAW_FISH, "passenger transport": LOW, "accommodation": LOW}


def _since(first: date, rates: Rates) -> Rates:
    """`rates` for a code that came into being on `first`."""
    before = [row for row in rates if row[0] <= first]
    return tuple([(first, percent) for _, percent in before[-1:]] + [row for row in rates if row[0] > first])


def _input(code: str, name: str, name_en: str, rates: Rates, account: str) -> VatCode:
    return VatCode(code, name, name_en, VatDirection.INPUT, rates, input_account=account, standard_code=code)


def _output(code: str, name: str, name_en: str, rates: Rates, account: str = "") -> VatCode:
    return VatCode(
        code, name, name_en, VatDirection.OUTPUT, rates, output_account=account, standard_code=code
    )


def _none(code: str, name: str, name_en: str) -> VatCode:
    return VatCode(code, name, name_en, VatDirection.NONE, NOTHING, standard_code=code, is_reported=False)


def _reverse(
    code: str, name: str, name_en: str, rates: Rates, output_account: str, input_account: str = ""
) -> VatCode:
    """Without an input account the VAT is owed and not deducted."""
    return VatCode(
        code,
        name,
        name_en,
        VatDirection.REVERSE,
        rates,
        output_account=output_account,
        input_account=input_account,
        standard_code=code,
        is_deductible=bool(input_account),
    )


_IMPORTED = _since(IMPORT_CODES_BEGIN, STANDARD)
_IMPORTED_FOOD = _since(IMPORT_CODES_BEGIN, FOOD)
_IMPORTED_NOTHING = _since(IMPORT_CODES_BEGIN, NOTHING)
_PAID_ON_IMPORT = _since(date(2006, 1, 1), STANDARD)

_CODES = (
    _none("0", "Ingen merverdiavgift, kjøp", "No VAT, purchases"),
    _input("1", "Inngående mva, høy sats", "Input VAT, standard rate", STANDARD, "2710"),
    _input("11", "Inngående mva, middels sats", "Input VAT, middle rate", FOOD, "2711"),
    _input("12", "Inngående mva, råfisk", "Input VAT, raw fish", RAW_FISH, "2712"),
    _input("13", "Inngående mva, lav sats", "Input VAT, low rate", LOW, "2713"),
    _input(
        "14", "Innførselsmva betalt, høy sats", "VAT paid on import, standard rate", _PAID_ON_IMPORT, "2719"
    ),
    _input("15", "Innførselsmva betalt, middels sats", "VAT paid on import, middle rate", FOOD, "2719"),
    _none("20", "Innførsel av varer, ingen mva-behandling", "Goods imported, no VAT treatment"),
    _none("21", "Innførsel av varer, kostnad høy sats", "Goods imported, cost, standard rate"),
    _none("22", "Innførsel av varer, kostnad middels sats", "Goods imported, cost, middle rate"),
    _output("3", "Utgående mva, høy sats", "Output VAT, standard rate", STANDARD, "2700"),
    _output("31", "Utgående mva, middels sats", "Output VAT, middle rate", FOOD, "2701"),
    _output("32", "Utgående mva, råfisk", "Output VAT, raw fish", RAW_FISH, "2702"),
    _output("33", "Utgående mva, lav sats", "Output VAT, low rate", LOW, "2703"),
    _output("5", "Innenlands salg fritatt for mva", "Domestic sales, zero-rated", NOTHING),
    _output("51", "Salg av klimakvoter og gull", "Sales of emission allowances and gold", _IMPORTED_NOTHING),
    _output("52", "Utførsel av varer og tjenester", "Export of goods and services", _IMPORTED_NOTHING),
    _output("6", "Salg unntatt fra merverdiavgiftsloven", "Sales outside the VAT Act", NOTHING),
    _none("7", "Ingen merverdiavgift, inntekter", "No VAT, income"),
    _reverse(
        "81", "Innførsel av varer, høy sats", "Goods imported, standard rate", _IMPORTED, "2705", "2715"
    ),
    _reverse(
        "82",
        "Innførsel av varer uten fradrag, høy sats",
        "Goods imported, not deductible, standard rate",
        _IMPORTED,
        "2705",
    ),
    _reverse(
        "83",
        "Innførsel av varer, middels sats",
        "Goods imported, middle rate",
        _IMPORTED_FOOD,
        "2706",
        "2716",
    ),
    _reverse(
        "84",
        "Innførsel av varer uten fradrag, middels sats",
        "Goods imported, not deductible, middle rate",
        _IMPORTED_FOOD,
        "2706",
    ),
    _reverse("85", "Innførsel av varer, nullsats", "Goods imported, zero rate", _IMPORTED_NOTHING, ""),
    _reverse(
        "86",
        "Tjenester fra utlandet, høy sats",
        "Services from abroad, standard rate",
        STANDARD,
        "2704",
        "2714",
    ),
    _reverse(
        "87",
        "Tjenester fra utlandet uten fradrag, høy sats",
        "Services from abroad, not deductible, standard rate",
        STANDARD,
        "2704",
    ),
    _reverse("88", "Tjenester fra utlandet, lav sats", "Services from abroad, low rate", LOW, "2708", "2718"),
    _reverse(
        "89",
        "Tjenester fra utlandet uten fradrag, lav sats",
        "Services from abroad, not deductible, low rate",
        LOW,
        "2708",
    ),
    _reverse(
        "91", "Kjøp av klimakvoter og gull", "Emission allowances and gold bought", _IMPORTED, "2707", "2717"
    ),
    _reverse(
        "92",
        "Kjøp av klimakvoter og gull uten fradrag",
        "Emission allowances and gold bought, not deductible",
        _IMPORTED,
        "2707",
    ),
)

VAT_CODES = {code.code: code for code in _CODES}

_DOMESTIC_INPUT = ("1", "11", "12", "13")
_NO_VAT_CATEGORIES = ("Z", "E", "O")
# In the Norwegian table K is emission allowances; these and gold are all that is reversed at home.
_REVERSED_AT_HOME = ("AE", "K")


def purchase_vat_code(category: str, percent: Decimal | None, seller_country: str, on: date) -> str | None:
    """Our code for a purchase delivered on `on`, or None when a person must say.

    `category` is the e-invoice's (UN/CEFACT 5305), `percent` its rate, `seller_country` ISO 3166 alpha-2.
    Whether the buyer may deduct is not asked here: the code is the one with deduction. From abroad the
    invoice does not say what is bought, goods or services, nor whether the VAT is ours, so always None.
    Source: mval. §§ 3-1 to 3-20, ch. 6, § 11-1; EHF, table of VAT categories.
    """
    if seller_country.upper() != "NO":
        return None
    if category == "S":
        if percent is None:
            return None
        fitting = [code for code in _DOMESTIC_INPUT if _rate(code, on) == percent]
        return fitting[0] if len(fitting) == 1 else None
    if percent:
        return None  # a category without VAT, and yet a rate
    if category in _NO_VAT_CATEGORIES:
        return "0"
    if category in _REVERSED_AT_HOME and on >= IMPORT_CODES_BEGIN:
        return "91"
    return None


def _rate(code: str, on: date) -> Decimal | None:
    """The code's rate on a day, or None before its first."""
    try:
        return VAT_CODES[code].rate(on)
    except ValueError:
        return None

"""What in a document may be an organisation number, an account, a reference, a number, a day or an amount."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

from nattbok.countries.check_digits import mod10
from nattbok.countries.country import Country
from nattbok.countries.numbers import valid_iban
from nattbok.reading import amounts, dates
from nattbok.reading.labels import Label, Spotted
from nattbok.reading.print import Hit, Print

_ORG = {
    "NO": re.compile(
        r"(?<!\d)(?<!\d[.,-])(?P<vat>NO[ -]?)?(?P<digits>\d{3}[ .]?\d{3}[ .]?\d{3})"
        r"(?![\d]|[.,]\d)\s{0,2}-?(?P<mva>M\s?V\s?A)?",
        re.ASCII | re.IGNORECASE,
    ),
    "SE": re.compile(
        r"(?<!\d)(?<!\d[.,-])(?P<vat>SE[ -]?)?(?:16)?(?P<digits>\d{6}\s?[-–]?\s?\d{4})"
        r"(?:[- ]?(?P<mva>01))?(?![\d])",
        re.ASCII | re.IGNORECASE,
    ),
}
_ELSEWHERE = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SI|SK|XI"
_FOREIGN = re.compile(
    rf"\b(?P<number>(?:{_ELSEWHERE})"
    r"[ -]?[0-9A-Z][0-9A-Z .-]{6,13}[0-9A-Z])\b",
    re.ASCII,
)
_FOREIGN_LETTERS = re.compile(rf"(?:^|[^A-Za-z])(?:{_ELSEWHERE})[ -]?$", re.ASCII)
_ACCOUNT = re.compile(r"(?<!\d)(?<!\d[.,-])(\d{4}[ .]?\d{2}[ .]?\d{5})(?!\d|[.,]\d)", re.ASCII)
_BANKGIRO = re.compile(r"(?<!\d)(?<!\d[.,-])(\d{3,4}\s?[-–]\s?\d{4}|\d{7,8})(?![\d-]|[.,]\d)", re.ASCII)
_PLUSGIRO = re.compile(
    r"(?<!\d)(?<!\d[.,-])(\d(?:\d|[ ](?=\d)){0,9}\s?[-–]\s?\d|\d{2,8})(?![\d-]|[.,]\d)", re.ASCII
)
_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?:\s?[0-9A-Z]){11,30})", re.ASCII)
_REFERENCE = re.compile(r"(?<!\d)(?<!\d[.,/-])(\d(?:[ ]?\d){1,24}-?)(?![\d]|[.,/]\d)", re.ASCII)
_GIRO_SE = re.compile(
    r"#\s*(?P<reference>\d[\d ]{1,27}?)\s*#\s*(?:(?P<kroner>\d[\d ]{0,9}?)"
    r"\s(?P<ore>\d\d)\s+(?P<check>\d)\s*>)?"
    r"\s*(?P<giro>\d[\d ]{2,10})?\s*#\s*(?P<kind>\d\d)\s*#",
    re.ASCII,
)
_NUMBER = re.compile(
    r"(?<!\w)(?<!\d[.,])(?=[A-Z0-9/._-]*\d)(?:[A-Z]{1,6}[ ]?(?=[-/]?\d))?"
    r"[A-Z0-9]+(?:[-/._][A-Z0-9]+)*(?![\w])(?![.,]\d)",
    re.ASCII | re.IGNORECASE,
)
_DAY_RUN_IN = re.compile(
    r"\d(?:19|20)\d\d[-./][01]\d[-./][0-3]\d$|\d{5,}[-./][01]?\d[-./](?:19|20)\d\d$", re.ASCII
)
_LED = re.compile(r"^(?:nr|no|num(?:mer)?|number)[.:]?\s*(?=\S)", re.IGNORECASE)
_FACTORING = re.compile(
    r"factoring|fordring\w* er (?:over|pant)|overdratt|overdradd|"
    r"overlat(?:en|its|it)\b|pantsatt|\bfinans\b|kravet er|"
    r"befriande verkan|frigjorende virkning"
)
_SELLER_SIGNS = re.compile(r"f ?skatt|@|www|\biban\b|bankgiro|foretaksreg|styrets sate|sate|moms ?reg")
_LONG_NUMBER = re.compile(r"(?<![\w.,/-])\d{8,25}(?![\w.,/-])", re.ASCII)
_ACCOUNT_WORDS = re.compile(r"\b(?:bankgiro|plusgiro|\w*konto|kontonr|kontonummer|account|iban)\b")
LONG_REFERENCE = 5  # digits
NEAR_ROWS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A value of some kind with its place and what speaks for it. `is_checked`: its check digits fit."""

    value: str
    hit: Hit
    is_checked: bool = False
    is_marked: bool = False  # it says itself what it is: NO … MVA, SE … 01, #…#41#
    form: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its place; `is_plain` when its form can be nothing but a day."""

    day: date
    hit: Hit
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with its place."""

    amount: Decimal
    hit: Hit
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Giro:
    """The line that a machine reads at the foot of a Swedish payment slip."""

    reference: str
    amount: Decimal | None
    account: str
    kind: str  # 41: bankgiro
    hit: Hit


def org_numbers(document: Print, country: Country) -> Iterator[Found]:
    """Numbers with right check digits, of this country and of others where a label says so."""
    codes = (country.code, *(code for code in _ORG if code != country.code))
    for cell in document.cells:
        for code in codes:
            for match in _ORG[code].finditer(cell.text):
                if _FOREIGN_LETTERS.search(cell.text[: match.start("digits")]):
                    continue  # GB124722926 is no number of ours
                digits = re.sub(r"\D", "", match["digits"])
                hit = document.hit(cell, match.start(), match.end())
                is_marked = bool(match["mva"]) and (code == "NO" or bool(match["vat"]))
                is_labelled = hit.strength(Label.ORG, Label.BUYER) > 0
                if not is_marked and not is_labelled and (code != "NO" or digits[0] not in "89" or hit.left):
                    continue
                if code == "SE" and len(digits) != 10:
                    continue
                if _is_org_number(code, digits):
                    yield Found(digits, hit, True, is_marked, code)
        for match in _FOREIGN.finditer(cell.text):
            number = re.sub(r"[ .-]", "", match["number"])
            hit = document.hit(cell, match.start(), match.end())
            is_valid = gb_vat.is_valid(number) if number.startswith("GB") else eu_vat.is_valid(number)
            if hit.strength(Label.ORG) and is_valid:
                yield Found(number, hit, True, True, number[:2])


def _is_org_number(code: str, digits: str) -> bool:
    from nattbok.countries.known import country

    return country(code).is_org_number(digits)


def is_factoring(document: Print, found: Found) -> bool:
    """Whether the number is that of a firm that has bought the claim."""
    row = found.hit.cell.row
    near = " ".join(
        _row_text(document, place) for place in range(max(0, row - 1), min(len(document.rows), row + 1))
    )
    return bool(_FACTORING.search(near))


def is_of_seller(document: Print, found: Found) -> bool:
    """Whether what stands near it is what a seller says of itself."""
    box, row = found.hit.cell.box, found.hit.cell.row
    for place in range(max(0, row - NEAR_ROWS), min(len(document.rows), row + NEAR_ROWS + 1)):
        for cell in document.rows[place]:
            near = cell.page == found.hit.cell.page and cell.box.left < box.right + 0.05
            if near and cell.box.right > box.left - 0.05:
                text = cell.text.lower()
                if "@" in text or "www" in text or _SELLER_SIGNS.search(_folded(cell.text)):
                    return True
    return False


def is_of_buyer(document: Print, found: Found) -> bool:
    """Whether it stands in a block that a label says is the buyer's."""
    if found.hit.strength(Label.BUYER):
        return True
    box, row = found.hit.cell.box, found.hit.cell.row
    for place in range(row - 1, max(-1, row - NEAR_ROWS - 2), -1):
        for cell in document.rows[place]:
            if cell.page != found.hit.cell.page or abs(cell.box.left - box.left) > 0.06:
                continue
            spotted = spot_whole(cell.text)
            if spotted is Label.BUYER:
                return True
            if spotted is Label.PAYEE:
                return False
    return False


def spot_whole(text: str) -> Label | None:
    """The label that a text is, when it is nothing more."""
    from nattbok.reading.labels import spot

    found = spot(text)
    return found.label if found is not None and found.strength >= 0.9 else None


def accounts(document: Print, country: Country) -> Iterator[Found]:
    """Norwegian account numbers with right check digits."""
    for cell in document.cells:
        for match in _ACCOUNT.finditer(cell.text):
            digits = re.sub(r"\D", "", match[1])
            if country.normal_account(digits) == digits:
                is_dotted = bool(re.fullmatch(r"\d{4}[.]\d{2}[.]\d{5}", match[1]))
                yield Found(digits, document.hit(cell, match.start(), match.end()), True, is_dotted)


def bankgiros(document: Print) -> Iterator[Found]:
    """Numbers with a right check digit that are labelled bankgiro."""
    yield from _giros(document, _BANKGIRO, Label.BANKGIRO, (7, 8))


def plusgiros(document: Print) -> Iterator[Found]:
    """Numbers with a right check digit that are labelled plusgiro."""
    yield from _giros(document, _PLUSGIRO, Label.PLUSGIRO, (2, 8))


def _giros(document: Print, form: re.Pattern[str], label: Label, lengths: tuple[int, int]) -> Iterator[Found]:
    for cell in document.cells:
        for match in form.finditer(cell.text):
            digits = re.sub(r"\D", "", match[1])
            hit = document.hit(cell, match.start(), match.end())
            is_right = lengths[0] <= len(digits) <= lengths[1] and mod10(digits[:-1]) == digits[-1]
            if is_right and hit.strength(label):
                yield Found(digits, hit, True, "-" in match[1])


def ibans(document: Print) -> Iterator[Found]:
    """IBANs with right check digits and length."""
    for cell in document.cells:
        for match in _IBAN.finditer(cell.text):
            text = match[1]
            for end in range(len(text), 14, -1):
                if number := valid_iban(text[:end]):
                    yield Found(number, document.hit(cell, match.start(), match.start() + end), True, True)
                    break


def references(document: Print, country: Country) -> Iterator[Found]:
    """Figures that a label says are the payment reference, with a right check digit or not."""
    for cell in document.cells:
        for match in _REFERENCE.finditer(cell.text):
            hit = document.hit(cell, match.start(), match.end())
            digits = match[1].replace(" ", "")
            is_valid = len(digits) >= 3 and country.references.is_valid(digits)
            if hit.strength(Label.REFERENCE):
                yield Found(digits, hit, is_valid)
            elif is_valid and len(digits) >= LONG_REFERENCE and _is_for_paying(cell.text, hit):
                yield Found(digits, replace(hit, left=Spotted(Label.REFERENCE, 1.0, "reference")), True)


def unexplained(document: Print, country: Country, known: str) -> Iterator[Found]:
    """Long numbers with a right check digit that nothing printed explains, and that `known` does not hold."""
    for cell in document.cells:
        for match in _LONG_NUMBER.finditer(cell.text):
            hit = document.hit(cell, match.start(), match.end())
            is_named = hit.left is not None and not hit.left.phrase.startswith("ref")
            if match[0] not in known and not is_named and country.references.is_valid(match[0]):
                yield Found(match[0], hit, True)


def _is_for_paying(text: str, hit: Hit) -> bool:
    """Whether a reference stands in one sentence with the account to pay to: konto 1503…, referanse 22…"""
    return bool(
        hit.left is not None
        and hit.left.label is Label.OTHER_NUMBER
        and hit.left.phrase.startswith("ref")
        and _ACCOUNT_WORDS.search(_folded(text[: hit.start]))
    )


def giros(document: Print) -> Iterator[Giro]:
    """The machine-read lines of payment slips, whose amount has a check digit of its own."""
    for row in document.rows:
        text = " ".join(cell.text for cell in row)
        for match in _GIRO_SE.finditer(text):
            amount = None
            if match["kroner"]:
                kroner = match["kroner"].replace(" ", "")
                if mod10(kroner + match["ore"]) == match["check"]:
                    amount = Decimal(f"{kroner}.{match['ore']}")
            cell = max(row, key=lambda one: len(one.text))
            yield Giro(
                match["reference"].replace(" ", ""),
                amount,
                (match["giro"] or "").replace(" ", ""),
                match["kind"],
                Hit(cell, 0, len(cell.text)),
            )


def invoice_numbers(document: Print, label: Label = Label.INVOICE_NO) -> Iterator[Found]:
    """Numbers that the label says are the invoice's, or those of the one that a credit note takes back."""
    for cell in document.cells:
        days = [found for found in dates.find(cell.text) if found.is_plain]
        for match in _NUMBER.finditer(cell.text):
            if any(match.start() < day.end and day.start < match.end() for day in days):
                continue
            if _DAY_RUN_IN.search(match[0]):
                continue  # read as one word with the day beside it: where the number ends is not known
            hit = document.hit(cell, match.start(), match.end())
            value = _LED.sub("", hit.text).strip(".,:-/ ")
            if hit.strength(label) and 1 <= len(value) <= 24:
                yield Found(value, hit)


def days(document: Print) -> list[Day]:
    """All days printed, in reading order."""
    found = [
        Day(one.day, document.hit(cell, one.start, one.end), one.is_plain)
        for cell in document.cells
        for one in dates.find(cell.text)
    ]
    return sorted(found, key=lambda one: one.hit.order)


def all_amounts(document: Print) -> list[Amount]:
    """All amounts with decimals, and whole kroner where a label says that they are an amount."""
    found = []
    for cell in document.cells:
        with_cents = list(amounts.find(cell.text, document.decimal))
        found += [Amount(one.amount, document.hit(cell, one.start, one.end)) for one in with_cents]
        for one in amounts.find_whole(cell.text, document.decimal):
            if any(one.start < other.end and other.start < one.end for other in with_cents):
                continue
            hit = document.hit(cell, one.start, one.end)
            if hit.strength(Label.TOTAL, Label.NET, Label.VAT, Label.SUM, Label.ROUNDING):
                found.append(Amount(one.amount, hit, True))
        found += _parted(document, cell)
    return found


def _parted(document: Print, cell) -> Iterator[Amount]:
    """Kroner and øre in two boxes of a payment slip: 45449 | 00."""
    row = document.rows[cell.row]
    if cell.column + 1 < len(row):
        kroner, ore = cell.text.replace(" ", ""), row[cell.column + 1].text.strip()
        if (
            kroner.isascii()
            and kroner.isdigit()
            and len(kroner) <= 9
            and re.fullmatch(r"\d\d", ore, re.ASCII)
        ):
            hit = document.hit(cell, 0, len(cell.text))
            if hit.strength(Label.SUM, Label.TOTAL):
                yield Amount(Decimal(f"{kroner}.{ore}"), hit)


def _row_text(document: Print, place: int) -> str:
    return " ".join(_folded(cell.text) for cell in document.rows[place])


def _folded(text: str) -> str:
    from nattbok.reading.labels import fold_words

    return fold_words(text)

"""Who sent the bill, by name. A name proves nothing: it is shown, and the register knows better."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz import fuzz

from nattbok.reading import labels
from nattbok.reading.labels import Label
from nattbok.reading.print import Print
from nattbok.reading.rows import Cell

_FORMS = re.compile(
    r"(?<![\w])(?:AS|ASA|A/S|ANS|DA|ENK|NUF|SA|BA|KF|IKS|AB|HB|KB|EF|Ek\.? ?för\.?|Oy|Oyj|"
    r"ApS|GmbH|AG|Ltd\.?|Limited|"
    r"Inc\.?|LLC|B\.?V\.?|S\.?A\.?|Sp\. ?z ?o\.?o\.?|SARL|SAS|PLC)(?![\w])"
)
_SITE = re.compile(
    r"(?:@|www\.|https?://(?:www\.)?)([\w.-]+?)\.?(?:no|se|com|net|org|eu|dk|fi|nu|io|shop|biz|info|de)\b",
    re.IGNORECASE,
)
_PUBLIC = {
    "gmail",
    "hotmail",
    "outlook",
    "online",
    "telia",
    "icloud",
    "live",
    "yahoo",
    "getmail",
    "broadpark",
}
_TITLES = re.compile(
    r"\s+(?:FAKTURA|INVOICE|KREDITNOTA|KREDITFAKTURA|KVITTERING|KVITTO|Faktura|Invoice|Kreditnota|Kreditfaktura)\b.*$"
)
_LED = re.compile(r"^[^\W\d_][\w. ]{1,24}:\s*")
_ADDRESS = re.compile(
    r"\b\d{4}\b\s+[A-ZÆØÅÄÖ]|\b\d{3} ?\d{2}\b\s+[A-ZÆØÅÄÖ]|"
    r"\b\w*(?:gata?|gaten|veien|vegen|vägen|gatan|plass|torg)\b\s*\d",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_NO_NAME = re.compile(
    r"^(?:faktura|invoice|kreditnota|kreditfaktura|kvittering|kvitto|salgskvittering|side|sida|page|"
    r"org|tlf|telefon|tel|phone|konto|iban|bic|adress|dato|datum|takk|tack|med vennlig|godkand|innehar|"
    r"betalings|"
    r"beskrivelse|tekst|artikel|belop|summa|sum|total|postboks|att|v/|deres|var|er|kund|bill|inbetalning|mva|"
    r"momsreg|foretaksreg|bankgiro|plusgiro|visa|mastercard|bankaxept|ordre|order|kopia|copy|original)\b"
)
_NEIGHBOURS = {
    "NO": str.maketrans("öÖäÄ", "øØæÆ"),
    "SE": str.maketrans("øØæÆ", "öÖäÄ"),
}
_OWN_LETTERS = {"NO": "æåø", "SE": "åäö"}
_SPELT = 85  # percent in common with the domain
_HIGH = 1.35  # times the usual height of letters


class Name(NamedTuple):
    """A name with its cell, how strongly it is the seller's, and whether a domain says the same."""

    text: str
    cell: Cell
    score: float
    is_confirmed: bool


def suppliers(document: Print, near: Iterable[Cell] = (), *, country: str = "") -> list[Name]:
    """The names that may be the seller's, the likeliest first. `near` are cells of the seller's numbers."""
    cells = document.cells
    if not cells:
        return []
    sites = _sites(cells)
    heights = sorted(cell.box.height for cell in cells)
    usual = heights[len(heights) // 2]
    numbers = list(near)
    first_row = cells[0].row
    counts: dict[str, int] = {}
    buyers: set[str] = set()
    found: dict[str, Name] = {}
    for cell in cells:
        for text in _parts(cell.text):
            score, is_confirmed = _score(document, cell, text, sites, numbers, usual, first_row)
            folded = labels.fold(text)
            counts[folded] = counts.get(folded, 0) + 1
            if document.hit(cell, 0, len(cell.text)).strength(Label.BUYER) or _is_led(cell.text, Label.BUYER):
                buyers.add(folded)
            old = found.get(folded)
            if old is None or score > old.score:
                found[folded] = Name(_mended(text, country, sites), cell, score, is_confirmed)
    ranked = [
        name._replace(score=name.score + 0.5 * (counts[folded] > 1) - 3 * (folded in buyers))
        for folded, name in found.items()
    ]
    return sorted((name for name in ranked if name.score > 0), key=lambda name: -name.score)


def _parts(text: str) -> Iterable[str]:
    """The pieces of a cell that could be names."""
    text = _TITLES.sub("", _LED.sub("", text)).strip(" ,;:-")
    form = _FORMS.search(text)
    # "Fjord Ads AS, Storgata 4": with the form of the company before a comma, what follows is no name.
    whole = () if form is not None and text[form.end() :].lstrip().startswith(",") else (text,)
    for part in dict.fromkeys((*whole, *re.split(r"\s*[,·|•]\s*|\s+-\s+", text))):
        if 3 <= len(part) <= 60 and _WORDS.search(part) and not re.search(r"\d{3,}|@|www\.|https?:", part):
            yield part


def _is_led(text: str, label: Label) -> bool:
    """Whether the text begins with such a label and a colon."""
    led = _LED.match(text)
    spotted = labels.spot(led[0]) if led is not None else None
    return spotted is not None and spotted.label is label


def _sites(cells: Iterable[Cell]) -> set[str]:
    found = set()
    for cell in cells:
        for match in _SITE.finditer(cell.text.replace(" ", "")):
            name = labels.fold(match[1].rpartition(".")[2])
            if len(name) >= 4 and name not in _PUBLIC:
                found.add(name)
    return found


def _score(document, cell, text, sites, numbers, usual, first_row) -> tuple[float, bool]:
    folded = labels.fold_words(text)
    if _NO_NAME.match(folded) or _ADDRESS.search(text):
        return -1.0, False
    bare = labels.fold(_FORMS.sub("", text))
    if len(bare) < 3:
        return -1.0, False
    is_confirmed = any(fuzz.ratio(bare, site) >= 88 for site in sites)
    score = 5.0 * is_confirmed
    if not is_confirmed and any(len(bare) >= 5 and (bare in site or site in bare) for site in sites):
        score += 1.5
    has_form = bool(_FORMS.search(text))
    score += 2.0 * has_form
    spotted = labels.spot(text)
    if spotted is not None and spotted.strength >= 0.9 and not has_form and not is_confirmed:
        return -1.0, False
    if cell.page == 0:
        score += 1.2 * (cell.row - first_row <= 1) + 0.4 * (cell.box.middle < 0.2)
    score += 0.8 * (cell.box.height > _HIGH * usual)
    hit = document.hit(cell, 0, len(cell.text))
    if hit.strength(Label.PAYEE):
        score += 2.5
    if hit.strength(Label.BUYER):
        score -= 4
    if re.search(r"factoring|overdratt|overlat|inkasso|finans", folded):
        score -= 4
    for number in numbers:
        is_beside = min(cell.box.right, number.box.right) - max(cell.box.left, number.box.left) > -0.05
        if number.page == cell.page and abs(number.row - cell.row) <= 6 and is_beside:
            score += 1.5
            break
    if not has_form and not is_confirmed:
        score -= 1.5 * (cell.row - first_row > 3) + 0.7 * (":" in text)
    return score, is_confirmed


def _mended(text: str, country: str, sites: set[str]) -> str:
    """The letters of the country's alphabet where a neighbour's was read, as the domain spells them."""
    text = re.sub(r"\s+", " ", text).translate(str.maketrans("∅âãÂÃ", "ØåaÅA")).strip(" .,;:-")
    text = re.sub(r"(?<=[a-zæøåäö])(AS|ASA|AB|DA|ANS|HB|KB)$", r" \1", text)
    text = text.translate(_NEIGHBOURS.get(country, {}))
    if country == "NO":
        text = re.sub(r"\bAE(?=[a-zæøå])", "Æ", text)
    text = text[:1].upper() + text[1:]
    bare = labels.fold(_FORMS.sub("", text))
    for site in sites:
        if site not in _foldings(text) and fuzz.ratio(bare, site) >= _SPELT:
            return _spelt(text, site, country)
    return text


def _foldings(text: str) -> set[str]:
    """How a domain may spell the name: æ as ae, a or e."""
    bare = _FORMS.sub("", text)
    return {labels.fold(bare), *(labels.fold(re.sub("[æÆ]", letter, bare)) for letter in "ae")}


def _spelt(text: str, site: str, country: str) -> str:
    """The name with one letter of the country's own put in, when that spells the domain."""
    for place, sign in enumerate(text):
        for letter in _OWN_LETTERS.get(country, ""):
            new = text[:place] + (letter.upper() if sign.isupper() else letter) + text[place + 1 :]
            if site in _foldings(new):
                return new
    return text

"""What is printed before or above a value says what it is: labels in Norwegian, Swedish and English.

Labels are compared folded: small letters a-z alone, å ä á as a, ø ö as o, æ as ae; so a lost blank, dot or
ring makes no difference. A label that begins with "=" counts only when it is all that stands there.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz import fuzz

ALIKE = 86  # percent in common for a longer label that was misread
LEAST_ALIKE_LENGTH = 7  # shorter labels must be read right
WITHIN = 0.6  # how strong a label is that stands earlier in the text, with other words after it


class Label(StrEnum):
    """What a label says of the value beside or below it."""

    ORG = "org"
    INVOICE_NO = "invoice_no"
    CREDITED = "credited"  # the invoice that a credit note takes back
    ISSUED = "issued"
    DUE = "due"
    OTHER_DATE = "other_date"
    REFERENCE = "reference"
    ACCOUNT = "account"
    BANKGIRO = "bankgiro"
    PLUSGIRO = "plusgiro"
    IBAN = "iban"
    NET = "net"
    VAT = "vat"
    VAT_BASE = "vat_base"
    TOTAL = "total"
    SUM = "sum"
    ROUNDING = "rounding"
    BALANCE = "balance"  # an older debt, a new balance, a fee: never what this invoice comes to
    PAID = "paid"
    OTHER_NUMBER = "other_number"
    BUYER = "buyer"
    PAYEE = "payee"
    CURRENCY = "currency"


class Spotted(NamedTuple):
    """A label found in a text, and how strongly: 1 when it ends there."""

    label: Label
    strength: float
    phrase: str


_FOLDED = str.maketrans(
    {
        "å": "a", "ä": "a", "á": "a", "à": "a", "â": "a", "ã": "a", "ø": "o", "ö": "o", "ó": "o", "ò": "o",
        "∅": "o", "æ": "ae", "é": "e", "è": "e", "ê": "e", "ë": "e", "ü": "u", "ú": "u", "í": "i", "ñ": "n",
        "ß": "ss", "ð": "d",
    }
)  # fmt: skip
_CURRENCY_END = re.compile(r"(?:i)?(?:kr|nok|sek|eur|usd|dkk|gbp|kroner|kronor|ialt)$")
_NUMBER_ENDS = ("", "nr", "nummer", "no", "number", "num", "id")

# A number of the buyer's, whatever it is called after that: Köparens VAT-nr, Deres org.nr.
_OF_BUYER = re.compile(
    r"(?:^|\W)(?:kopar\w*|kunden?s?|kundes|kjopers?\w*|ert|eders|deres|dykkar|your|buyers?|customers?)"
    r"(?:org|vat|moms|mva|foretak|cvr)\w*(?:nr|nummer|no|number|id)$"
)
# Compounds that no list has: what they are made of says what they mean.
_SPOKEN = (
    (re.compile(r"^(?:kid|ocr)[a-z]{0,3}$"), Label.REFERENCE),
    (
        re.compile(r"(?:forf|betal|due|pay|frist)\w*(?:dato|datum|date|dag|frist|senest|senast|innen|innan)$"),
        Label.DUE,
    ),
    (
        re.compile(r"(?:fakt|invoice|bilag|kvitt|utst|utfard|utskrift|regning)\w*(?:dato|datum|date|dag)$"),
        Label.ISSUED,
    ),
    (re.compile(r"\w{3,}(?:dato|datum|date)$"), Label.OTHER_DATE),
    (
        re.compile(r"(?:sum|belop|total|netto)\w*(?:eks|exkl|utenmva|utanmoms|formva|foremoms|exvat)\w*$"),
        Label.NET,
    ),
    (re.compile(r"(?:sum|belop|total)\w*(?:inkl?|medmva|medmoms)\w*$"), Label.TOTAL),
    (re.compile(r"(?:abetale|attbetala|tobepaid|topay)$"), Label.TOTAL),
    (re.compile(r"(?:kunde?|customer|order?e?|deres|varar?e?|din)\w*(?:nr|nummer|no|number|ref|referan[cs]e|referens)$"),
     Label.OTHER_NUMBER),
    (re.compile(r"(?:fakt|invoice|kreditnota|kvitt|bilag)\w*(?:nr|nummer|no|number)$"), Label.INVOICE_NO),
)  # fmt: skip


def fold(text: str) -> str:
    """`text` as labels are compared: a-z alone."""
    return re.sub(r"[^a-z]", "", _small(text))


def fold_words(text: str) -> str:
    """`text` folded, its digits and the blanks between its words kept."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", _small(text)).split())


def _small(text: str) -> str:
    """In small letters without rings; letters drawn as one (ﬀ, ﬁ) and wide ones are the letters they show."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.lower().translate(_FOLDED)


def _phrases() -> tuple[dict[str, Label], dict[str, Label]]:
    """The phrases of labels.txt: those that may end a longer text, and those that must stand alone."""
    ends: dict[str, Label] = {}
    whole: dict[str, Label] = {}
    section, label = "", None
    for line in files("nattbok.reading").joinpath("labels.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        if not line.startswith(" "):
            name, _colon, line = line.partition(":")
            label = Label(name)
        for word in line.split():
            if word[0] == "=":
                whole[word[1:]] = label
            elif section == "numbers":
                for end in _NUMBER_ENDS:
                    ends.setdefault(word + end, label)
            else:
                ends[word] = label
    return ends, whole


_ENDS, _WHOLE = _phrases()
_LONGEST = max(map(len, _ENDS))
_LONG = tuple(phrase for phrase in _ENDS if len(phrase) >= LEAST_ALIKE_LENGTH)
# Too short or too common to be found inside or at the end of other words.
_ALONE = {phrase for phrase in _ENDS if len(phrase) <= 3} | {
    "konto", "total", "totalt", "order", "kasse", "frist", "giro", "sum", "due", "kort", "reg", "innen",
    "senest", "senast", "innan", "nota", "credit", "person", "betalt", "levert", "from", "until", "betales",
    "betalas", "avgift", "company", "gjelder", "avser", "derav", "brutto", "netto", "bill", "slip", "side",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def spot(text: str) -> Spotted | None:
    """The label that `text`, which stands before or above a value, ends in; or holds, more weakly."""
    words = fold_words(text)
    folded = re.sub(r"[^a-z]", "", words)
    if not folded:
        return None
    for bare in dict.fromkeys((folded, _CURRENCY_END.sub("", folded))):
        if found := _WHOLE.get(bare) or _ENDS.get(bare):
            return Spotted(found, 1.0, bare)
    bare = _CURRENCY_END.sub("", folded) or folded
    if _OF_BUYER.search(bare):
        return Spotted(Label.BUYER, 0.95, bare)
    borders = _borders(words)
    for start in range(max(0, len(bare) - _LONGEST), len(bare)):
        phrase = bare[start:]
        if phrase in _ENDS and (phrase not in _ALONE or start in borders):
            return Spotted(_ENDS[phrase], 0.95, phrase)
    for form, label in _SPOKEN:
        if form.search(bare):
            return Spotted(label, 0.9, bare)
    near = _near(bare)
    if near is not None:
        return near
    return _within(bare, borders)


def _borders(words: str) -> set[int]:
    """Where words begin, counted in letters alone."""
    found, count = set(), 0
    for word in words.split():
        letters = re.sub(r"[^a-z]", "", word)
        if letters:
            found.add(count)
            count += len(letters)
    return found


def _near(bare: str) -> Spotted | None:
    """A longer label at the end of the text, with a letter or two misread."""
    best, best_phrase = 0.0, ""
    for phrase in _LONG:
        if len(bare) < len(phrase) - 1:
            continue
        alike = fuzz.ratio(phrase, bare[-len(phrase) :], score_cutoff=ALIKE)
        if alike and (alike, len(phrase)) > (best, len(best_phrase)):
            best, best_phrase = alike, phrase
    return Spotted(_ENDS[best_phrase], 0.9 * best / 100, best_phrase) if best_phrase else None


def _within(bare: str, borders: set[int]) -> Spotted | None:
    """A label earlier in the text: the last of the longest."""
    found = None
    for start in borders:
        for end in range(min(len(bare), start + _LONGEST), start + 2, -1):
            phrase = bare[start:end]
            if phrase in _ENDS and (phrase not in _ALONE or end in borders):
                if found is None or (len(phrase), start) > (len(found[0]), found[1]):
                    found = (phrase, start)
                break
    return Spotted(_ENDS[found[0]], WITHIN, found[0]) if found else None

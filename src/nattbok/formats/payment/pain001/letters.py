"""The letters that Nordic banks take in a payment: those all banks take, and æøåäö.

Source: ISO 20022 message usage, the Latin character set; that æ, ø, å, ä and ö are kept is the Nordic banks'.
"""

import re
import unicodedata

_KEPT = "æøåäöÆØÅÄÖ"
_TAKEN = re.compile(rf"[A-Za-z0-9{_KEPT} /?:().,'+\-]*")
_ID = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+\- ]*(?<![/ ])")
# What has no letter of its own in the set, and what people read it as.
_ALIKE = str.maketrans(
    {
        "ß": "ss", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
        "œ": "oe", "Œ": "OE", "ı": "i", "&": "+", ";": ",", '"': "'", "_": "-", "–": "-", "—": "-", "‐": "-",
        "‑": "-", "−": "-", "’": "'", "‘": "'", "‚": ",", "“": "'", "”": "'", "„": "'", "«": "'", "»": "'",
        "´": "'", "`": "'", "…": "...", "\u00a0": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ",
        "!": ".", "*": ".", "|": "/", "\\": "/", "[": "(", "]": ")", "{": "(", "}": ")", "@": "(at)",
        "#": " ", "%": " ", "=": " ", "~": "-", "^": " ", "<": "(", ">": ")", "$": " ",
    }
)  # fmt: skip


def latin(text: str) -> str:
    """`text` in the letters that banks take: é becomes e, & becomes +; æøåäö stay.

    Blanks are single and not at the ends. A letter that is like none of these stays, for `strange` to find.
    """
    if _TAKEN.fullmatch(text) is None:
        composed = unicodedata.normalize("NFC", text).translate(_ALIKE)
        text = "".join(letter if letter in _KEPT else _bare(letter) for letter in composed)
    return " ".join(text.split(" ")) if "  " not in text else " ".join(text.split())


def _bare(letter: str) -> str:
    """The letter without its accents."""
    if letter.isascii():
        return letter
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if not unicodedata.combining(part))


def strange(text: str) -> str:
    """The letters of `text` that no bank takes, each once, in their order; "" when it may be written."""
    if _TAKEN.fullmatch(text) is not None:
        return ""
    return "".join(dict.fromkeys(letter for letter in text if _TAKEN.fullmatch(letter) is None))


def is_id(text: str) -> bool:
    """Whether `text` may be an id: ASCII, and no / first, last or twice in a row."""
    return bool(text) and _ID.fullmatch(text) is not None

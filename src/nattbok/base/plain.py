"""Text that strangers wrote, fit to be kept and shown: nothing in it that cannot be seen.

A sign that turns the direction of writing makes “fdp.exe” of what ends with “exe.pdf”; one that has no width
makes two names of what looks like one; and a database takes no half letters and no zeros.
"""

import re
import unicodedata

# Control signs, those that only change how others look, those of nobody's alphabet.
_UNSEEN = {"Cc", "Cf", "Co", "Cn"}
_HALVES = re.compile("[\ud800-\udfff]")
_LINES = "\t\n"
_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85]")  # of a line, as some write them


def visible(text: str) -> str:
    """`text` without what cannot be seen, its lines as they are; half a letter is marked (U+FFFD)."""
    if text.isascii() and text.isprintable():
        return text
    whole = _HALVES.sub("\N{REPLACEMENT CHARACTER}", _ENDS.sub("\n", text))
    return "".join(sign for sign in whole if sign in _LINES or unicodedata.category(sign) not in _UNSEEN)


def plain(text: str, most: int) -> str:
    """`text` as one line of at most `most` letters, without what cannot be seen."""
    return " ".join(visible(text).split())[:most]

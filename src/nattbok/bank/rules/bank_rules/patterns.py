"""Regular expressions that a person may write: a part of them that cannot take long, whatever the text.

Allowed are letters and signs, `.`, `\\d \\w \\s` and their opposites, classes in brackets, the repetitions
`* + ? {m,n}` of one of these, groups that are not repeated, and `^` and `$` at the ends. At most one
repetition may share letters with what comes after it; all others find their end at once. With the text cut
at a fixed length, no pattern hangs.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from nattbok.base.errors import Refused
from nattbok.base.words import _

LONGEST_PATTERN = 200
LONGEST_TEXT = 300
MOST_REPEATS = 100
# What letters are told apart by: the first pages of Unicode, where Nordic names and amounts live.
_SIGNS = [chr(code) for code in range(9, 0x180)] + ["\u2013", "\u20ac"]
_ATOM = re.compile(r"\\[dwsDWS]|\\[^0-9A-Za-z]|\[\^?\]?(?:[^\]\\\[]|\\.)*\]|[^\\\[\](){}*+?|^$]")
_REPEAT = re.compile(r"[*+?]|\{(\d{1,3})(?:,(\d{0,3}))?\}")


class BadPattern(Refused):
    """The regular expression uses what could take long, or is none; the sentence says why."""

    message = _("This pattern cannot be used.")

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(**values)
        self.message = message


TOO_LONG = _("A pattern has from 1 to {limit} signs.")
NOT_ALLOWED = _("“{sign}” at place {place} of the pattern {pattern} is not among what is allowed.")
UNCLOSED = _("A bracket of the pattern {pattern} is not closed.")
AMBIGUOUS = _("More than one repetition of the pattern {pattern} overlaps with what comes after it.")
TOO_MANY = _("A repetition in a pattern may be of at most {limit}.")
EMPTY = _("The pattern {pattern} finds anything.")
NOT_ONE = _("The pattern {pattern} cannot be read: {trouble}.")


@dataclass(frozen=True, slots=True)
class _Piece:
    signs: frozenset[str]
    least: int
    is_variable: bool


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, capitals and small letters alike; BadPattern when it is not within what is allowed."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise BadPattern(TOO_LONG, limit=LONGEST_PATTERN)
    pieces = _pieces(pattern)
    if not any(piece.least for piece in pieces):
        raise BadPattern(EMPTY, pattern=pattern)
    if sum(_overlaps(pieces, at) for at in range(len(pieces))) > 1:
        raise BadPattern(AMBIGUOUS, pattern=pattern)
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as trouble:
        raise BadPattern(NOT_ONE, pattern=pattern, trouble=str(trouble)) from None


def found(pattern: str, text: str) -> re.Match[str] | None:
    """Where the pattern is found in the beginning of `text`."""
    return compiled(pattern).search(text[:LONGEST_TEXT])


def _pieces(pattern: str) -> list[_Piece]:
    """What the pattern is made of, in order, its groups taken apart; BadPattern for anything else."""
    pieces, at, depth = [], 0, 0
    if pattern.startswith("^"):
        at = 1
    while at < len(pattern):
        sign = pattern[at]
        if sign == "(" and not pattern.startswith("(?", at):
            depth, at = depth + 1, at + 1
            continue
        if pattern.startswith("(?P<", at) and (named := re.match(r"\(\?P<[a-z_]{1,20}>", pattern[at:])):
            depth, at = depth + 1, at + named.end()
            continue
        if sign == ")" and depth:
            depth, at = depth - 1, at + 1
            if _REPEAT.match(pattern, at):
                raise _not_allowed(pattern, at)  # a repeated group may hold a repetition: that can explode
            continue
        if sign == "$" and at == len(pattern) - 1:
            break
        atom = _ATOM.match(pattern, at)
        if atom is None:
            raise _not_allowed(pattern, at)
        at = atom.end()
        least, is_variable = 1, False
        if repeat := _REPEAT.match(pattern, at):
            least, is_variable = _repeated(pattern, repeat)
            at = repeat.end()
            if pattern[at : at + 1] in ("+", "?"):
                raise _not_allowed(pattern, at)
        pieces.append(_Piece(_letters(atom[0], pattern), least, is_variable))
    if depth:
        raise BadPattern(UNCLOSED, pattern=pattern)
    return pieces


def _repeated(pattern: str, repeat: re.Match[str]) -> tuple[int, bool]:
    match repeat[0]:
        case "*":
            return 0, True
        case "+":
            return 1, True
        case "?":
            return 0, True
    least = int(repeat[1])
    most = least if repeat[2] is None else int(repeat[2] or 0)
    if max(least, most) > MOST_REPEATS:
        raise BadPattern(TOO_MANY, limit=MOST_REPEATS)
    return least, repeat[2] is not None and most != least


def _not_allowed(pattern: str, at: int) -> BadPattern:
    return BadPattern(NOT_ALLOWED, pattern=pattern, sign=pattern[at : at + 2], place=at + 1)


def _overlaps(pieces: list[_Piece], at: int) -> bool:
    """Whether a repetition could stop at several places and go on: something after it shares its letters."""
    if not pieces[at].is_variable:
        return False
    for after in pieces[at + 1 :]:
        if after.signs & pieces[at].signs:
            return True
        if after.least:
            return False
    return False


@lru_cache(maxsize=4096)
def _letters(atom: str, pattern: str) -> frozenset[str]:
    try:
        alone = re.compile(atom, re.IGNORECASE)
    except re.error as trouble:
        raise BadPattern(NOT_ONE, pattern=pattern, trouble=str(trouble)) from None
    return frozenset(sign for sign in _SIGNS if alone.fullmatch(sign))

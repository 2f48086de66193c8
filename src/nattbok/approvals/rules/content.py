"""The exact content that a yes is bound to: one text for the same facts, and its SHA-256."""

import hashlib
import json
from datetime import date
from decimal import Decimal

Plain = str | int | bool | None


def canonical(content: object) -> str:
    """`content` as JSON with one spelling: keys in order, no blanks, amounts and days as text.

    Dicts with text keys, lists, tuples, texts, whole numbers, True, False, None, Decimal and date. An amount
    is written with two decimals. Raises TypeError on all else: a float has no one spelling.
    """
    return json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(content: object) -> Plain | list | dict:
    match content:
        case None | bool() | int() | str():
            return content
        case Decimal():
            return f"{content:.2f}" if content else "0.00"
        case date():
            return content.isoformat()
        case dict() if all(isinstance(key, str) for key in content):
            return {key: _plain(part) for key, part in content.items()}
        case list() | tuple():
            return [_plain(part) for part in content]
    raise TypeError(f"{type(content).__name__} cannot be approved: it has no one spelling")


def fingerprint(text: str) -> str:
    """SHA-256 of the text, 64 hex digits: what is signed."""
    return hashlib.sha256(text.encode()).hexdigest()

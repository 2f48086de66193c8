"""One-time links: what a token says, and when it may still be used.

A token is `<client>.<random>.<mark>`: whose client it is of (a hexadecimal number), 24 random bytes, and a
keyed mark of both, so that what was altered or made up is told apart before anything is looked up.
"""

import base64
import hashlib
import hmac
import re

from nattbok.base.errors import Refused
from nattbok.base.words import _

RANDOM = 24  # bytes
MARK = 12  # bytes
MOST_DEEDS = 60  # things sent by one link: a decision, and the comments around it
_TOKEN = re.compile(r"([0-9a-f]{1,15})\.([A-Za-z0-9_-]{32})\.([A-Za-z0-9_-]{16})")


class LinkGone(Refused):
    """Altered, unknown, ended, or withdrawn: one answer to all, so that nothing is learnt from trying."""

    message = _("This link is not valid any more. Ask for a new one, or log in.")


class LinkUsed(Refused):
    """A link decides once."""

    message = _("This link has been used. What was decided by it stands.")


class LinkWornOut(Refused):
    """Whoever writes on and on by a link is asked to log in."""

    message = _("Too much has been sent by this link. Log in to go on.")


def token(client: int, random: bytes, *, key: str) -> str:
    """The token for a link of this client; `random` is 24 fresh bytes, `key` the installation's."""
    stem = f"{client:x}.{_text(random)}"
    return f"{stem}.{_mark(stem, key)}"


def client_of(given: str, *, key: str) -> int | None:
    """The client that a token is of; None when it is no token of ours."""
    found = _TOKEN.fullmatch(given)
    if found is None:
        return None
    stem, _dot, mark = given.rpartition(".")
    return int(found.group(1), 16) if hmac.compare_digest(mark, _mark(stem, key)) else None


def digest(given: str) -> str:
    """What is kept of a token: SHA-256, hex."""
    return hashlib.sha256(given.encode()).hexdigest()


def _mark(stem: str, key: str) -> str:
    return _text(hmac.new(f"one-time link {key}".encode(), stem.encode(), hashlib.sha256).digest()[:MARK])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

"""When a mail is tried again, and what it is called on its way."""

import datetime
import hashlib

AT_ONCE = 5  # tries that need not wait for anything but the next round
GIVEN_UP_AFTER = datetime.timedelta(days=7)


def is_due(tries: int, age: datetime.timedelta) -> bool:
    """Whether a mail of this age, tried so many times in vain, is to be tried now.

    The first tries follow each other; after them the wait doubles from a minute, and ends after a week.
    """
    if age > GIVEN_UP_AFTER:
        return False
    return tries < AT_ONCE or age >= datetime.timedelta(minutes=2 ** min(tries - AT_ONCE, 20))


def message_id(office: int, key: str, sender: str) -> str:
    """The mail's own Message-ID: the same for every try, so that a receiver can tell a repeat."""
    domain = sender.rpartition("@")[2].strip("> ") or "nattbok.invalid"
    return f"<{hashlib.sha256(f'{office}:{key}'.encode()).hexdigest()[:32]}@{domain}>"


def one_line(text: str) -> str:
    """A subject that cannot smuggle in headers."""
    return " ".join(text.split())[:300]

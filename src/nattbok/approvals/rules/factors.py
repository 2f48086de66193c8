"""Second factors: one-time codes (TOTP, RFC 6238), recovery codes, and the way in for an electronic id.

A code is used once: its time step must come after the last one used. Clocks may differ by one step.
"""

from dataclasses import dataclass
from typing import Protocol

import pyotp

from nattbok.base.errors import Refused
from nattbok.base.words import _

STEP = 30  # seconds that a code lives
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off, the likeliest first
DIGITS = 6
ISSUER = "Nattbok"
RECOVERY_CODES = 10
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # those that are not mistaken for each other
RECOVERY_LENGTH = 16  # 80 bits

FREE_TRIES = 5
FIRST_WAIT = 15  # seconds; doubled by each failure after
LONGEST_WAIT = 3600


class NoFactor(Refused):
    """The person has no second factor."""

    message = _("You have no second factor yet. Set one up first, on the page of your own.")


class WrongCode(Refused):
    """Not the code of now."""

    message = _("The code is wrong, or its time is over. Use the one that is shown now.")


class UsedCode(Refused):
    """A code is used once."""

    message = _("This code has been used. Wait for the next one.")


class TooManyCodes(Refused):
    """Guessing is slowed down."""

    message = _("There were too many wrong codes. Wait {minutes} min, then try again.")


class WrongPassword(Refused):
    """A second factor is set up by who knows the first one."""

    message = _("The password is wrong.")


@dataclass(frozen=True, slots=True)
class Proven:
    """That a person, just now, proved to be themselves, for one content alone. Spent by one yes."""

    id: int
    person: int
    method: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What an electronic id hands back when a person has signed there.

    `subject` is the provider's lasting id of the person; `reference` is of this one signing, and never comes
    again; `sha256` is what was signed.
    """

    subject: str
    reference: str
    sha256: str


class ElectronicId(Protocol):
    """A provider (BankID, an OIDC service) that lets a person sign the SHA-256 of a content.

    `begin` shows the person `text` and what is signed, and gives the order's id and the address the browser
    goes to; `collect` gives None while the person has not answered, and raises a Refused when they said no.
    """

    name: str

    def begin(self, *, subject: str, text: str, sha256: str, back_to: str) -> tuple[str, str]: ...

    def collect(self, order: str) -> Signed | None: ...


def new_secret() -> str:
    """A fresh TOTP secret, 160 bits in base32."""
    return pyotp.random_base32(32)


def address(secret: str, name: str) -> str:
    """What the QR code says: the otpauth address that phones read."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, at: int) -> int | None:
    """The time step that `code` is of, within the drift allowed around `at` (seconds), or None."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    totp, now = pyotp.TOTP(secret, digits=DIGITS, interval=STEP), at // STEP
    steps = [now + drift for drift in DRIFT]
    # All are compared, so that the time it takes tells nothing.
    hits = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), digits)]
    return hits[0] if hits else None


def is_recovery_code(code: str) -> bool:
    """Whether it is written as one."""
    return len(plain(code)) == RECOVERY_LENGTH


def plain(code: str) -> str:
    """A recovery code without the hyphens and blanks it is written with."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def in_groups(code: str) -> str:
    """A recovery code as it is shown: groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def wait(failures: int) -> int:
    """Seconds that must pass after the last of `failures` wrong codes in a row."""
    over = failures - FREE_TRIES
    return 0 if over < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 10))

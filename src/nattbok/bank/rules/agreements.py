"""The agreement with a bank, or with Nets or Bankgirot, that payments come with references (KID, OCR).

Without one the payer's bank may let any text through, or the file with the references never comes; what has
a right check digit is matched all the same, and the person is told that nothing was promised.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.words import _


class AgreementState(StrEnum):
    """How far the agreement has come."""

    ORDERED = "ordered"
    ACTIVE = "active"
    ENDED = "ended"


class WrongStep(Refused):
    """An agreement is ordered, then active, then ended; and never goes back."""

    message = _("The agreement {number} is {state} and cannot become {wanted}.")


class NotALength(Refused):
    """A reference has from two to 25 digits."""

    message = _("“{written}” is not a length of a reference: it is from 2 to 25 digits.")


class NoAgreementNumber(Refused):
    """An agreement is known by the number that the bank gave it."""

    message = _("An agreement needs the number that the bank gave it.")


AFTER = {
    AgreementState.ORDERED: {AgreementState.ACTIVE, AgreementState.ENDED},
    AgreementState.ACTIVE: {AgreementState.ENDED},
    AgreementState.ENDED: set(),
}
SHORTEST, LONGEST = 2, 25


@dataclass(frozen=True, slots=True)
class ReferenceAgreement:
    """An agreement on references for one bank account."""

    id: int
    account: int
    number: str
    state: AgreementState
    ordered_on: date
    active_on: date | None = None
    ended_on: date | None = None
    lengths: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()


def check_step(number: str, state: AgreementState, wanted: AgreementState) -> None:
    """Raise WrongStep when an agreement in `state` cannot become `wanted`."""
    if wanted not in AFTER[state]:
        raise WrongStep(number=number, state=state.value, wanted=wanted.value)


def number_of(written: str) -> str:
    """An agreement's number as it is compared: letters and digits alone, without leading zeros."""
    return "".join(sign for sign in written if sign.isalnum()).upper().lstrip("0")


def lengths_of(written: str) -> tuple[int, ...]:
    """Lengths as a person types them, "13" or "13, 15"; raises NotALength."""
    found = []
    for part in written.replace(",", " ").split():
        if not (part.isascii() and part.isdigit() and SHORTEST <= int(part[:4]) <= LONGEST):
            raise NotALength(written=part[:20])
        found.append(int(part))
    return tuple(sorted(set(found)))


def agreement_subject(account: int, number: str) -> str:
    """What a question about an agreement that nobody has told of is about."""
    return f"account:{account}:agreement:{number}"[:100]

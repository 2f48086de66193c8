"""What a seller in the e-invoice network is told of its invoice, by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.formats.invoice.invoice_response import Answer
from nattbok.formats.invoice.shape import PartyIdentity

# What may be told with nobody looking, and when it is so.
BY_ITSELF = {
    Answer.RECEIVED: _("when the invoice has come and can be read"),
    Answer.ACCEPTED: _("when it is posted, and approved for payment"),
    Answer.REJECTED: _("when a person has said that it is not to be posted"),
    Answer.PAID: _("when the whole of it is paid"),
}
REASON = "OTH"  # of a rejection that is told by itself: a person's own words are for the house
ACTION = "NOA"


class NotByItself(Refused):
    """Some answers only a person gives."""

    message = _("“{answer}” is not told by itself.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document from the network stands."""

    document: int
    is_readable: bool
    is_declined: bool
    is_known_elsewhere: bool  # another document that is not declined has its seller and number
    is_posted: bool
    is_payable: bool  # nothing of it is on hold
    is_paid: bool  # by the bank, and all of it


def wanted(answers: Collection[str]) -> list[str]:
    """The answers as they are kept; raises NotByItself."""
    for one in answers:
        if one not in {each.value for each in BY_ITSELF}:
            raise NotByItself(answer=one[:10])
    return sorted(set(answers))


def due(standing: Standing, told: Collection[str], chosen: Collection[str]) -> list[Answer]:
    """What is to be told now, in the order that a seller would hear it.

    A repeat that is set aside is not rejected: the seller would read it as a no to the invoice itself, which
    has the same number. Nor is anything accepted after it was rejected, or the other way round: that is for a
    person.
    """
    is_accepted = standing.is_posted and standing.is_payable and not standing.is_declined
    is_rejected = standing.is_declined and not standing.is_known_elsewhere and not standing.is_posted
    is_so = {
        Answer.RECEIVED: standing.is_readable and not is_rejected,
        Answer.ACCEPTED: is_accepted and Answer.REJECTED.value not in told,
        Answer.REJECTED: is_rejected and Answer.ACCEPTED.value not in told and Answer.PAID.value not in told,
        Answer.PAID: is_accepted and standing.is_paid,
    }
    later = {Answer.RECEIVED: {each.value for each in Answer}}  # what is told already says that it came
    return [
        each
        for each, is_it in is_so.items()
        if is_it
        and each.value in chosen
        and each.value not in told
        and not later.get(each, set()) & set(told)
    ]


def party(read: Mapping | None) -> PartyIdentity:
    """A party as a document's reading has it."""
    given = read or {}
    return PartyIdentity(
        **{name: given.get(name) for name in PartyIdentity.__dataclass_fields__ if name in given}
    )

"""A claim and its receipts as the rules see them, and what may be refused about them.

Amounts are positive Decimal. A receipt's `paid` is in the currency it was paid in, with VAT; its `amount` is
the same in the client's currency. VAT is part of the amount, in the client's currency.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _

MOST_RECEIPTS = 200  # in a claim
TITLES = {
    "food": _("Food and drink"),
    "phone": _("Phone and internet"),
    "purchase": _("Purchase"),
    "travel": _("Travel and accommodation"),
    "representation": _("Entertainment of business contacts"),
}
MILEAGE = "mileage"  # paid with the salary


class State(StrEnum):
    """How far a claim has come. That it is posted follows from the ledger."""

    OPEN = "open"  # its person gathers receipts, or it was returned
    HANDED_IN = "handed_in"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that was paid."""

    id: int
    category: str = ""
    shop: str = ""
    paid_on: date | None = None
    currency: str = ""
    paid: Decimal | None = None
    rate: Decimal | None = None  # the client's currency for one of the receipt's; None: not known
    rate_on: date | None = None
    amount: Decimal | None = None
    vat: Decimal = ZERO
    text: str = ""  # what was bought, or who took part
    file: int | None = None
    why_no_file: str = ""  # said when there is no receipt
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody asks to get back."""

    id: int
    person: int
    name: str  # the person's
    purpose: str = ""
    from_on: date | None = None
    to_on: date | None = None
    account: str = ""  # where it is to be paid, in normal form
    receipts: tuple[Receipt, ...] = ()

    @property
    def total(self) -> Decimal:
        """What is to be paid back, in the client's currency; what is not yet known counts as nothing."""
        return sum((one.amount for one in self.receipts if one.amount is not None), ZERO)


class NotComplete(Refused):
    """A claim is handed in when nothing is missing."""

    message = _("The claim cannot be handed in yet: {count} things are missing in it, as it says there.")


class NotYourClaim(Refused):
    """A claim is its person's own, and of those who approve or keep the books."""

    message = _("There is no such claim, or it is somebody else’s.")


class ClaimClosed(Refused):
    """What is handed in is not changed behind the back of who approves it."""

    message = _("The claim is handed in. It can be changed again when it is returned to you.")


class NotHandedIn(Refused):
    """Only what is handed in is approved or returned."""

    message = _("The claim does not wait for an approval: it was returned, withdrawn or approved already.")


class NotApproved(Refused):
    """Only what is approved is posted."""

    message = _("The claim is not approved, or it stands in the books already.")


class StandsInTheBooks(Refused):
    """What is posted is first taken back."""

    message = _("The claim is in the books. Take its entry back first.")


class OwnClaim(Refused):
    """Nobody approves their own."""

    message = _("Nobody approves their own claim: somebody else must.")


class ChangedSince(Refused):
    """The yes is of something else."""

    message = _("The claim was changed since you looked at it. Look at it again.")


class NoReturnReason(Refused):
    """A claim is returned with a reason."""

    message = _("Say what is to be put right.")


class UnknownCategory(Refused):
    """One of those there are."""

    message = _("Choose what kind of expense it is.")


class MileageIsPay(Refused):
    """Mileage goes with the salary, since it is reported."""

    message = _("Mileage is paid with the salary, since it is reported to the tax authority.")


class NotAReceiptAmount(Refused):
    """A positive amount in whole øre."""

    message = _("{written} is not an amount. Write what was paid, with VAT, as a positive number.")


class NotACurrency(Refused):
    """Three letters."""

    message = _("{written} is not a currency: write its three letters, as EUR.")


class NotARate(Refused):
    """A positive number."""

    message = _("{written} is not an exchange rate: write what one unit costs, as 11.4520.")


class TooMuchVat(Refused):
    """The VAT is at most what its rate makes of the amount."""

    message = _("{vat} is more VAT than {amount} can hold: at most {most}.")


class ReceiptOfAnother(Refused):
    """One receipt is paid back once."""

    message = _("This receipt is in a claim already: {claim}.")


class ReceiptIsADocument(Refused):
    """What is a bill in the books is not an expense as well."""

    message = _("This picture came before, on {date}, as a document of the company: {name}.")


class TooManyReceipts(Refused):
    """A claim is read by a person."""

    message = _("A claim has at most {most} receipts. Begin a new one.")


class NotAReceiptFile(Refused):
    """A picture or a PDF."""

    message = _("{name} is neither a picture nor a PDF that can be shown.")

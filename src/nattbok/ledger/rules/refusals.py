"""Why something may not be posted."""

from nattbok.base.errors import Refused
from nattbok.base.words import _


class Unbalanced(Refused):
    """Debit and credit differ."""

    message = _("The entry does not balance: its lines sum to {difference}.")


class BadAmount(Refused):
    """More than two decimals, or too large."""

    message = _("{amount} is not an amount in whole øre within the ledger's range.")


class TooFewLines(Refused):
    """An entry is at least two lines."""

    message = _("An entry needs at least two lines; this has {count}.")


class NoSuchAccount(Refused):
    """The account is not in the client's chart, or is closed for posting."""

    message = _("Account {account} is not in the chart, or is no longer in use.")


class PartyMissing(Refused):
    """A control account without a party, or a party on another account."""

    message = _("Account {account} and its customer or supplier do not go together.")


class NoSuchParty(Refused):
    """The customer or supplier is not this client's."""

    message = _("There is no such customer or supplier.")


class PeriodClosed(Refused):
    """The day lies in a closed period."""

    message = _("The books are closed through {closed_through}, and the entry is dated {date}.")


class OutsideYears(Refused):
    """The day lies in no fiscal year of the client."""

    message = _("There is no fiscal year for {date}.")


class OriginConflict(Refused):
    """The same origin was posted before with other content."""

    message = _("{origin} is already posted, with other content.")


class AlreadyReversed(Refused):
    """An entry is reversed once."""

    message = _("Entry {entry} is already reversed.")


class IsAReversal(Refused):
    """A reversal stands; what it took back is posted anew from its origin."""

    message = _("Entry {entry} is itself a reversal; post what it took back anew instead.")


class NoSuchEntry(Refused):
    """The entry is not this client's."""

    message = _("There is no entry {entry} in these books.")


class BadText(Refused):
    """A text that the database would cut short or refuse."""

    message = _(
        "A text for {field} is longer than {limit} characters, or has characters that cannot be kept."
    )


class BadCurrency(Refused):
    """An amount in the client's own currency is the amount itself; another one has its sign and a rate."""

    message = _("{currency_amount} {currency} does not go together with the amount {amount}.")


class SettledBeyond(Refused):
    """More would be settled than is left."""

    message = _("{amount} cannot be settled against an item of which {left} is left.")


class NotOnePartys(Refused):
    """A settlement joins a debit and a credit of one party on one account."""

    message = _("These items are not a debit and a credit of the same customer or supplier.")

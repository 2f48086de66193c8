"""Who may say yes, how many must, and why somebody may not.

Amounts are positive Decimal in the currency of what is approved.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import _

MOST = 2  # one, or two in union
STRONG = "strong"  # each yes is proven by a second factor, for that content alone
LIGHT = "light"  # a person who is logged in, or holds a one-time link, is enough
LOGIN, LINK = "login", "link"


class MayNotApprove(Refused):
    """No right to approve this kind for this client."""

    message = _("You have no right to approve this for this client.")


class AboveLimit(Refused):
    """The person's right ends below the amount."""

    message = _("You may approve up to {limit}, and this is {amount}.")


class SaidYesAlready(Refused):
    """Two in union are two people."""

    message = _("You have approved this already. The second approval must be another person's.")


class RegisteredIt(Refused):
    """The client demands that who registered something does not approve it."""

    message = _("You registered this or changed it, and this client demands that another person approves it.")


class NotWaiting(Refused):
    """Approved by enough people already, or withdrawn."""

    message = _("This does not wait for an approval: it is approved already, or was withdrawn or changed.")


class OtherContent(Refused):
    """The yes is of something else than what lies there now."""

    message = _("What you approve is not what lies there now. Look at it again.")


class BadPolicy(Refused):
    """One or two; a limit is positive."""

    message = _("One or two people approve, and a limit is a positive amount.")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a client demands for a kind of approval.

    `people` is 1 or 2; 0 says that the approval is given elsewhere, as in the net bank.
    """

    people: int = 1
    two_above: Decimal | None = None  # above this amount two must approve even where one is enough
    registrant_may: bool = True  # whether who registered it may be among those who approve


@dataclass(frozen=True, slots=True)
class May:
    """A person's right: to approve a kind, up to an amount."""

    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Light:
    """How a person said yes where no second factor is demanded: logged in, or by a one-time link (its id)."""

    link: int | None = None

    @property
    def method(self) -> str:
        """login, or link."""
        return LOGIN if self.link is None else LINK


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a yes, as the rules see it."""

    kind: str
    sha256: str
    amount: Decimal
    registered_by: Collection[int]  # people
    said_by: Collection[int]  # people
    people: int  # how many must say yes
    is_open: bool = True
    registrant_may: bool = True
    proof: str = STRONG


def needed(policy: Policy, amount: Decimal) -> int:
    """How many people must approve `amount`."""
    if policy.people and policy.two_above is not None and amount > policy.two_above:
        return MOST
    return policy.people


def refusal(asked: Asked, person: int, right: May | None, *, sha256: str) -> Refused | None:
    """Why `person` may not say yes to the content with `sha256` now; None when they may.

    The first reason that holds; whoever has no right learns nothing else.
    """
    if right is None:
        return MayNotApprove()
    if not asked.is_open:
        return NotWaiting()
    if sha256 != asked.sha256:
        return OtherContent()
    if person in asked.said_by:
        return SaidYesAlready()
    if person in asked.registered_by and not asked.registrant_may:
        return RegisteredIt()
    if right.limit is not None and asked.amount > right.limit:
        return AboveLimit(limit=right.limit, amount=asked.amount)
    return None


def is_complete(asked: Asked) -> bool:
    """Whether enough different people have said yes."""
    return len(set(asked.said_by)) >= asked.people


def check(policy: Policy) -> None:
    """BadPolicy unless the policy makes sense."""
    if policy.people not in range(MOST + 1) or (policy.two_above is not None and policy.two_above <= 0):
        raise BadPolicy()

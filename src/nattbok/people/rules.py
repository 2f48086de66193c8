"""Who may give which rights to whom, and what is refused."""

from collections.abc import Collection
from datetime import timedelta

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.rules import RIGHTS, Right, Role

VALID = timedelta(days=14)  # how long an invitation can be accepted
MOST_A_DAY = 30  # invitations of one client, so that nobody is made to send mail to the world

# The roles of a client's own people; those who keep the books are the office's to let in.
ROLE_TITLES: dict[Role, str] = {
    Role.OWNER: _("Owner"),
    Role.APPROVER: _("Approver"),
    Role.EMPLOYEE: _("Employee"),
    Role.READER: _("Reader"),
}
ROLE_TEXTS: dict[Role, str] = {
    Role.OWNER: _("Does all of it, and decides who else is let in"),
    Role.APPROVER: _("Sees all, adds, hands over and approves"),
    Role.EMPLOYEE: _("Adds documents and hands in expenses, and sees only these"),
    Role.READER: _("Sees all, and changes nothing"),
}


class RightNotHeld(Refused):
    """What one has not, one cannot give."""

    message = _("You cannot give a right that you do not have yourself.")


class LastOwner(Refused):
    """Somebody at the client must be able to decide."""

    message = _("{name} is the only owner who can log in. Make somebody else an owner first.")


class IsInAlready(Refused):
    """A person is let in once."""

    message = _("{email} has access already.")


class LoginClosed(Refused):
    """Whose log-in the office has closed is not let in by a client."""

    message = _("The log-in of {email} is closed. Ask your accounting office.")


class NotAnEmail(Refused):
    """An invitation needs somewhere to go."""

    message = _("“{email}” is not an e-mail address.")


class NotAClientsRole(Refused):
    """Those who keep the books are let in by the office."""

    message = _("This person keeps the books, and is let in and out by the accounting office.")


class HasPassword(Refused):
    """Whoever can log in needs no invitation, and nobody else sets their password."""

    message = _("A password has been chosen already. Log in with it.")


class TooManyInvitations(Refused):
    """A client invites its people, and not the world."""

    message = _("{most} invitations have been sent in a day. Send the next tomorrow.")


class UnfitPassword(Refused):
    """A password is long enough, not common, and not the person's own name."""

    message = _(
        "Choose another password: at least 10 characters, not a common one, not your name or address."
    )


class NotWrittenTwice(Refused):
    """It is written twice, since it is not seen."""

    message = _("The two passwords are not the same.")


def begins_with(role: Role, giver: Collection[Right]) -> frozenset[Right]:
    """The rights that a new person gets: the role's, of those that the giver has."""
    return RIGHTS[role] & frozenset(giver)


def check_giving(
    asked: Collection[Right], before: Collection[Right], giver: Collection[Right]
) -> frozenset[Right]:
    """The rights that are asked for; RightNotHeld when one is new that the giver has not."""
    if not (frozenset(asked) - frozenset(before)) <= frozenset(giver):
        raise RightNotHeld()
    return frozenset(asked)


def check_role(role: Role) -> None:
    """NotAClientsRole for the role of those who keep the books."""
    if role not in ROLE_TITLES:
        raise NotAClientsRole()

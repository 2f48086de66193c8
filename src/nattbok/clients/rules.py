"""Profiles and services: who does what for a client."""

from collections.abc import Collection
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.words import _


class Profile(StrEnum):
    """How the work is shared between client and office."""

    FULL = "full"  # the client delivers documents, the office does the rest
    SELF = "self"  # the client does it, the office controls
    MIXED = "mixed"  # agreed service by service


class Service(StrEnum):
    """The kinds of work that can be agreed on."""

    COLLECT = "collect"  # fetch files from the client's sources
    BANK = "bank"  # read bank files, match and post payments
    DOCUMENTS = "documents"  # read, code and post bills
    INVOICING = "invoicing"
    PAYMENTS = "payments"
    PAYROLL = "payroll"
    VAT = "vat"


class Doer(StrEnum):
    """Who does a kind of work."""

    ROBOT = "robot"
    OFFICE = "office"
    CLIENT = "client"
    NOBODY = "nobody"


class Role(StrEnum):
    """What a person may do in a client's books."""

    ACCOUNTANT = "accountant"  # everything the office does
    OWNER = "owner"  # the client's own person: all of the portal
    APPROVER = "approver"
    READER = "reader"
    EMPLOYEE = "employee"  # hands in documents and expenses, and sees only these


class Right(StrEnum):
    """What can be let or not, one by one, whatever the role begins with."""

    SEE = "see"  # all of the company's documents and books
    ADD = "add"  # documents
    HAND_OVER = "hand_over"  # documents to accounting
    APPROVE = "approve"  # documents and claims
    PAY = "pay"  # say that a document is paid, or is to be
    EXPENSES = "expenses"  # what one has paid oneself


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ACCOUNTANT: frozenset(Right),
    Role.OWNER: frozenset(Right),
    Role.APPROVER: frozenset({Right.SEE, Right.ADD, Right.HAND_OVER, Right.APPROVE, Right.EXPENSES}),
    Role.READER: frozenset({Right.SEE}),
    Role.EMPLOYEE: frozenset({Right.ADD, Right.EXPENSES}),
}

RIGHT_TITLES: dict[Right, str] = {
    Right.SEE: _("See all documents and the books"),
    Right.ADD: _("Add documents"),
    Right.HAND_OVER: _("Hand documents over to accounting"),
    Right.APPROVE: _("Approve"),
    Right.PAY: _("Pay"),
    Right.EXPENSES: _("Hand in expenses"),
}


PROFILES: dict[Profile, dict[Service, Doer]] = {
    Profile.FULL: {
        Service.COLLECT: Doer.ROBOT,
        Service.BANK: Doer.ROBOT,
        Service.DOCUMENTS: Doer.ROBOT,
        Service.INVOICING: Doer.OFFICE,
        Service.PAYMENTS: Doer.OFFICE,
        Service.PAYROLL: Doer.OFFICE,
        Service.VAT: Doer.OFFICE,
    },
    Profile.SELF: {
        Service.COLLECT: Doer.ROBOT,
        Service.BANK: Doer.CLIENT,
        Service.DOCUMENTS: Doer.CLIENT,
        Service.INVOICING: Doer.CLIENT,
        Service.PAYMENTS: Doer.CLIENT,
        Service.PAYROLL: Doer.CLIENT,
        Service.VAT: Doer.OFFICE,
    },
    Profile.MIXED: {
        Service.COLLECT: Doer.ROBOT,
        Service.BANK: Doer.ROBOT,
        Service.DOCUMENTS: Doer.ROBOT,
        Service.INVOICING: Doer.CLIENT,
        Service.PAYMENTS: Doer.CLIENT,
        Service.PAYROLL: Doer.OFFICE,
        Service.VAT: Doer.OFFICE,
    },
}


class NotAnOrgNumber(Refused):
    """The check digit, or the form, is wrong."""

    message = _("{number} is not an organisation number: its check digit or its length is wrong.")


class NoSuchOffice(Refused):
    """People and clients belong to an office that is there."""

    message = _("There is no office with organisation number {number}. Open it with: nattbok office")


class AlreadyAClient(Refused):
    """An office has a client, and a client number, once."""

    message = _("The office already has a client with the number {number} or the organisation number {org}.")


class NotYourBooks(Refused):
    """Whoever may look may not always change."""

    message = _("Only those who keep the books may do this.")


class NotYourRight(Refused):
    """A person at a client does what they are let, and no more."""

    message = _("You have not been given the right to do this at {client}. Ask whoever decides there.")


class NoAccess(Refused):
    """The person has no business in these books. Says no more, so that nothing is learnt from asking."""

    message = _("There is no such client, or you have no access to it.")


def services(profile: Profile) -> dict[Service, Doer]:
    """Who does each kind of work when a client begins with `profile`; each can be changed afterwards."""
    return dict(PROFILES[profile])


def rights(role: Role, chosen: Collection[str] | None = None) -> frozenset[Right]:
    """What a person with `role` may do: what was chosen for them, or what the role begins with."""
    if chosen is None:
        return RIGHTS[role]
    return frozenset(right for right in Right if right.value in chosen)


MOST_VIEWS = 40  # of one list
LONGEST_VIEW_NAME = 60


class NoViewName(Refused):
    """A view is found again by its name."""

    message = _("Give the view a name of at most {most} signs.")


class ViewNameTaken(Refused):
    """Two views of one list would be told apart by nothing."""

    message = _("You have a view of this list that is called {name} already.")


class TooManyViews(Refused):
    """So many that nobody finds any."""

    message = _("You have {most} views of this list. Delete one of them first.")


class NotYourOffice(Refused):
    """A view is shared with the people one works with."""

    message = _("A view can only be shared with an office that you work at.")


def view_name(written: str) -> str:
    """The name of a view as it is kept; NoViewName when it is none."""
    name = " ".join(written.split())
    if not 0 < len(name) <= LONGEST_VIEW_NAME or not name.isprintable():
        raise NoViewName(most=LONGEST_VIEW_NAME)
    return name

"""Who may see and prepare which payments. Approving is by right, given by name."""

from nattbok.approvals import queries as approvals
from nattbok.bank.rules.payments import Kind
from nattbok.clients.models import Access, Client, Membership, Person
from nattbok.clients.rules import Role

# What a right is called, by what it lets a person approve.
PAYMENTS, SALARIES = "payments", "salaries"
RIGHT_TO = {Kind.SUPPLIER: PAYMENTS, Kind.SALARY: SALARIES, Kind.TAX: SALARIES}
PREPARING = (Role.ACCOUNTANT.value, Role.OWNER.value)


def visible_kinds(client: Client, person: Person | None) -> tuple[Kind, ...]:
    """The kinds of payments that the person may see: salaries and taxes by right. None: the robot, all."""
    if person is None or approvals.right(client, person, SALARIES) is not None:
        return tuple(Kind)
    return (Kind.SUPPLIER,)


def may_prepare(client: Client, person: Person) -> bool:
    """Whether the person may propose, change and hold payments: the office's people, and the client's own.

    Whoever only reads or approves documents may not, unless payments are theirs to approve.
    """
    if Membership.objects.filter(office=client.office_id, person=person).exists():
        return True
    if Access.objects.filter(client=client, person=person, role__in=PREPARING).exists():
        return True
    return approvals.right(client, person, PAYMENTS) is not None

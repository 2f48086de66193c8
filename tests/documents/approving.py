"""What the tests of approval share: people at a client, a flow, and a bill that waits for a yes."""

import re

from nattbok.clients.actions import give_access
from nattbok.clients.models import Client, Person
from nattbok.clients.rules import Role
from nattbok.documents.actions import approval
from nattbok.documents.models import Approval
from nattbok.documents.queries.approval import State, state
from nattbok.documents.rules.approval import Before, Flow, Step, Who
from nattbok.outbox.models import Mail
from tests.documents.invoices import a_seller, an_e_invoice, coded, received, unattended
from tests.web.visitors import a_person
from tests.world import TODAY


def somebody(client: Client, name: str = "Ola Berg", role: Role = Role.APPROVER) -> Person:
    """A person of the client's, who may approve."""
    person = a_person(name=name)
    give_access(client, person, role)
    return person


def named(*people: Person, **fields) -> Step:
    """A step that names people."""
    return Step(Who.PERSONS, persons=tuple(person.pk for person in people), **fields)


def flow(client: Client, *steps: Step, before: Before = Before.POSTING, **fields) -> int:
    """Set the client's flow; its version."""
    return approval.set_flow(client, Flow(is_on=True, before=before, steps=steps, **fields), by="test")


def a_waiting_bill(client: Client, *steps: Step, before: Before = Before.POSTING, **fields) -> int:
    """A bill that is certain and waits for approval by this flow; the document."""
    flow(client, *steps, before=before, **fields)
    (document,) = received(client, an_e_invoice(client, a_seller(unattended(client))))
    coded(client)
    return document


def yes(client: Client, document: int, person: Person, **fields) -> bool:
    """The person's yes to what lies there now."""
    return approval.approve(
        client, document, person=person, sha256=now(client, document).sha256, today=TODAY, **fields
    )


def now(client: Client, document: int) -> State:
    """How its approval stands."""
    return state(client, document)


def the_round(client: Client, document: int) -> Approval:
    """The latest round."""
    return Approval.objects.filter(client=client, document=document).latest("pk")


def mails(person: Person) -> list[Mail]:
    """What the person was mailed, the oldest first."""
    return list(Mail.objects.filter(to=[person.email]).order_by("pk"))


def tokens(text: str) -> list[str]:
    """The tokens of the links in a mail that has been sent."""
    return re.findall(r"/approve/([^\s#]+)", text)

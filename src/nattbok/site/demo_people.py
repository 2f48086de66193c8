"""The demo's people at the clients: owners who put files in and approve, an employee with receipts, and the
mail that they get."""

import email
import email.policy
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.sandbox.documents.receipts import receipt
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.office import World

NAMES = ("Ingrid Eier", "Per Eier", "Anna Ägare", "Nils Eier", "Maja Ägare", "Lars Eier")
MAILBOX = "all"
FREE_THROUGH = Decimal("5000.00")  # smaller bills are paid without asking anybody
LINK = re.compile(r"https?://\S+")
RECEIPTS = (("Flytoget AS", "252.00"), ("Kafé Havblikk", "189.00"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client's people are asked, and the link that one of them got by mail."""

    person: str = ""  # the e-mail address
    link: str = ""
    claims: int = 0


@contextmanager
def mail_server(port: int) -> Iterator[Mailboxes]:
    """A mail server that takes all that the demo sends, named in the environment; before Django is set up."""
    boxes = Mailboxes(catch_all=MAILBOX)
    boxes.add_user(MAILBOX, "")
    with MailServer(boxes) as server:
        os.environ["NATTBOK_SMTP_HOST"], os.environ["NATTBOK_SMTP_PORT"] = server.host, str(server.smtp_port)
        os.environ.setdefault("NATTBOK_ORIGINS", f"http://{server.host}:{port}")
        yield boxes


def owners(loaded: Sequence, password: str) -> dict:
    """Client number → its own person, who may do all in the portal; the first logs in with the password."""
    from nattbok.clients import actions as clients
    from nattbok.clients.access import enter_client
    from nattbok.clients.models import Person
    from nattbok.clients.rules import Role

    found = {}
    for place, one in enumerate(loaded):
        # Hashing a password takes a moment on purpose: only the first of them logs in.
        name = NAMES[place % len(NAMES)]
        address = f"eier{one.number}@demo.example"
        person = Person.objects.create_user(address, None if found else password, name=name)
        with enter_client(one.client) as client:
            clients.give_access(client, person, Role.OWNER)
        found[one.number] = person
    return found


def with_documents(world: World, loaded: Sequence) -> list:
    """The clients that documents come to, and those first."""
    numbers = {number for number, source in world.sources if source in ("documents", "post")}
    return sorted(loaded, key=lambda one: one.number not in numbers)


def ask_approvals(one, person) -> None:
    """Have the client's larger bills approved by its own person before they are paid."""
    from nattbok.clients.access import enter_client
    from nattbok.documents.actions.approval import set_flow
    from nattbok.documents.rules.approval.flow import Before, Flow, Step, Who
    from nattbok.site.demo_books import BY

    with enter_client(one.client) as client:
        step = Step(Who.PERSONS, persons=(person.pk,))
        flow = Flow(is_on=True, before=Before.PAYMENT, steps=(step,), free_through=FREE_THROUGH)
        set_flow(client, flow, by=BY)


def hand_in_expenses(one, of, night: date) -> int:
    """A claim of an employee's with a photo of each receipt, handed in to be approved; how many."""
    from nattbok.clients import actions as clients
    from nattbok.clients.access import enter_client
    from nattbok.clients.models import Person
    from nattbok.clients.rules import Role
    from nattbok.countries.known import country
    from nattbok.expenses.actions import gathering

    person = Person.objects.create_user(f"ansatt{one.number}@demo.example", None, name="Tor Ansatt")
    by = f"person:{person.pk}"
    category = "travel" if "travel" in country(of.country).expenses else ""
    with enter_client(one.client) as client:
        clients.give_access(client, person, Role.EMPLOYEE)
        claim = gathering.begin(client, person, key="demo", purpose="Kundebesøk", by=by)
        begun, ended = (str(night - timedelta(days=count)) for count in (3, 2))
        given = {"from_on": begun, "to_on": ended, "account": of.customers[0].account}
        gathering.change(client, claim, person, given, by=by)
        for place, (shop, paid) in enumerate(RECEIPTS):
            on = night - timedelta(days=3 - place)
            values = {
                "category": category, "shop": shop, "paid_on": on.isoformat(), "paid": paid,
                "text": "Møte med kunde",
            }  # fmt: skip
            picture = (f"IMG_{place + 1}.jpg", receipt(shop, paid, on))
            gathering.add_receipt(
                client, claim, person, key=f"demo-{place}", values=values, picture=picture, by=by
            )
        try:
            gathering.hand_in(client, claim, person, by=by, today=night)
        except Refused:
            return 0  # it stays open, and says in the portal what it lacks
    return 1


def mailed_link(boxes: Mailboxes, address: str) -> str:
    """The first link in a mail to this address; "" when there is none."""
    with boxes.lock:
        mails = [one.data for one in boxes.users[MAILBOX].folders["INBOX"].mails]
    for data in mails:
        mail = email.message_from_bytes(data, policy=email.policy.default)
        body = mail.get_body(("plain",))
        if mail["Delivered-To"] == address and body is not None:
            found = LINK.search(body.get_content())
            if found:
                return found[0]
    return ""

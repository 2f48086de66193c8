"""Who visits the pages in these tests, and what they find there."""

import base64
import datetime
import hashlib
import io
import itertools
import os
from decimal import Decimal
from xml.sax.saxutils import escape

from django.test import Client as Browser
from django.urls import get_resolver
from django.utils import timezone
from PIL import Image

from nattbok.bank import actions as bank
from nattbok.bank.actions import payments
from nattbok.bank.models import BankAccount, Movement
from nattbok.bank.rules.connections import Form
from nattbok.bank.rules.payments import Kind
from nattbok.base.words import Words
from nattbok.clients import actions as clients
from nattbok.clients.models import Client, Office, Person
from nattbok.clients.rules import Role
from nattbok.countries.known import country
from nattbok.db.scope import current, scope
from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.documents import actions as documents
from nattbok.documents.actions.copying import COPIED
from nattbok.documents.models import Document, SearchablePdf
from nattbok.expenses import actions as expenses
from nattbok.files.actions import keep, keep_made
from nattbok.ledger import actions as ledger
from nattbok.ledger.queries import entries
from nattbok.ledger.rules import LineDraft, PartyKind, Settles
from nattbok.robot.models import Night, Run
from nattbok.robot.routine import routines
from nattbok.trail.actions import act
from tests.formats.invoice import written_invoices as ubl
from tests.world import a_party, an_entry, an_invoice

PASSWORD = "a long enough one"
_numbers = itertools.count(1)
_movements = itertools.count(10**9)  # ids that no bank line has


def a_person(office: Office | None = None, *, language: str = "en", name: str = "Kari Nordmann") -> Person:
    """Someone who can log in; at `office`, if any."""
    email = f"person{os.getpid()}-{next(_numbers)}@fjord.example"
    person = Person.objects.create_user(email, PASSWORD, name=name, language=language)
    if office:
        clients.employ(office, person)
    return person


def logged_in(person: Person) -> Browser:
    """A browser in which `person` is logged in; what fails with us fails the test."""
    browser = Browser()
    browser.force_login(person)
    return browser


def a_night(office: Office) -> Night:
    """A night that is over."""
    moment = timezone.now()
    return Night.objects.create(
        office=office,
        date=datetime.date(2026, 3, 12),
        started_at=moment - datetime.timedelta(hours=2),
        ended_at=moment - datetime.timedelta(hours=1),
    )


def some_work(client: Client, night: Night, *, text: str = "Payment", file: bytes = b"<a>hello</a>") -> dict:
    """An invoice that the night found paid, with its file and reason, and a question; the ids of all."""
    law = country(client.country).accounts
    with scope([*current(), client.pk]):
        kept = keep(client, file, name=f"{text}.xml"[:200], came_by="folder").file
        customer = a_party(client, name=text)
        item = an_invoice(client, "1250.00", customer=customer, reference="1234567")
        why = act(
            client,
            "bank.matched",
            "robot:match_payments",
            night=night.pk,
            step="reference",
            reference=text,
            amount="1250.00",
            alternatives=[{"item": item.pk, "why": text}],
            file=kept.pk,
        )
        (paid,) = ledger.post(
            client,
            [
                an_entry(
                    client,
                    (law.bank, "1250.00"),
                    LineDraft(
                        law.customers,
                        Decimal("-1250.00"),
                        party=customer,
                        settles=(Settles(item.pk, Decimal("1250.00")),),
                    ),
                    text=text,
                    series="B",
                    origin=f"movement:{next(_movements)}",
                    file=kept.pk,
                )
            ],
            acts=[why],
        )
        desk.ask(
            client,
            [
                QuestionDraft(
                    "test.unclear",
                    f"movement:{next(_movements)}",
                    Words("{payer} paid {amount}", {"payer": text, "amount": "1250.00"}),
                    (Candidate(Words("Settle {number}", {"number": text}), {"item": item.pk}),),
                    amount=Decimal("1250.00"),
                    currency=client.currency,
                )
            ],
            by="robot:match_payments",
            night=night.pk,
        )
        for routine in routines():
            Run.objects.create(
                client=client,
                night=night,
                routine=routine.name,
                started_at=night.started_at,
                ended_at=night.ended_at,
                counted=2,
            )
        first = entries(client)[-1].id
        asked = waiting([client])[-1].id
        payment, batch = some_payments(client, text)
        account, movement = a_bank_line(client, text)
        document, inside, drawn = a_document(client, text)
        supplier = a_party(client, PartyKind.SUPPLIER, text)
        claim = a_claim(client, text)
        connection = bank.order(client, bank="test", form=Form.SFTP, accounts=[], by="test", title=text)
    return {
        "account_id": account,
        "connection_id": connection,
        "movement_id": movement,
        "payment_id": payment,
        "batch_id": batch,
        "client_id": client.pk,
        "office_id": client.office_id,
        "country_code": client.country,
        "entry_id": paid.id,
        "invoice_id": first,
        "act_id": why,
        "file_id": kept.pk,
        "document_id": document,
        "supplier_id": supplier,
        "claim_id": claim,
        "sha256": inside,
        "picture_id": drawn,
        "page": 1,
        "night_id": night.pk,
        "question_id": asked,
        "number": law.bank,
    }


def a_document(client: Client, text: str, *, number: str = "") -> tuple[int, str, int]:
    """A bill that waits, with `text` in it: its id, and a picture in it, by SHA-256 and as a file."""
    written = io.BytesIO()
    Image.new("RGB", (30, 20), (next(_numbers) % 255, 9, 9)).save(written, "PNG")
    data = written.getvalue()
    inside = base64.b64encode(data).decode()
    bill = ubl.written(number=number or f"V-{next(_numbers)}").replace("Avd 7", escape(text))
    bill = bill.replace(
        "<cac:AccountingSupplierParty>",
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="image/png" filename="a.png">'
        f"{inside}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        "</cac:AdditionalDocumentReference><cac:AccountingSupplierParty>",
        1,
    )
    kept = keep(client, bill.encode(), name=f"{text}.xml", came_by="test").file.pk
    (document,) = documents.receive(client, [kept], by="test").documents
    drawn = keep(client, data, name="a.png", came_by="test").file.pk
    a_searchable_pdf(client, document)
    return document, hashlib.sha256(data).hexdigest(), drawn


def a_searchable_pdf(client: Client, document: int) -> None:
    """What the robot keeps beside a paper."""
    made = keep_made(client, b"%PDF-1.7\n", name="faktura.pdf", came_by="made", format_name="searchable_pdf")
    deed = act(client, COPIED, "robot:read_pictures", document=document, name=made.name, pages=1)
    file = Document.objects.get(client=client, pk=document).file
    SearchablePdf.objects.create(client=client, file=file, first_page=0, made=made, act_id=deed)


def a_claim(client: Client, text: str) -> int:
    """An expense claim of one of the client's people that waits to be approved, with `text` on it; its id."""
    person = a_person(name=text[:200])
    clients.give_access(client, person, Role.EMPLOYEE)
    by = f"person:{person.pk}"
    claim = expenses.begin(client, person, key="a", purpose=text[:200], by=by)
    account = {"NO": "86011117947", "SE": "SE4550000000058398257466"}[client.country]
    days = {"from_on": "2026-03-10", "to_on": "2026-03-10", "account": account}
    expenses.change(client, claim, person, days, by=by)
    receipt = {"category": "food", "shop": text[:200], "paid_on": "2026-03-10", "paid": "80.00",
               "why_no_file": text[:200]}  # fmt: skip
    expenses.add_receipt(client, claim, person, key="b", values=receipt, by=by)
    expenses.hand_in(client, claim, person, by=by, today=datetime.date(2026, 3, 12))
    return claim


def a_bank_line(client: Client, text: str) -> tuple[int, int]:
    """A bank line that waits, with `text` on it, on the client's first bank account; both ids."""
    account = BankAccount.objects.filter(client=client).order_by("pk").first()
    movement = Movement.objects.create(
        client=client,
        account=account,
        key=f"test:{next(_numbers)}",
        amount=Decimal("75.00"),
        booked_on=datetime.date(2026, 3, 12),
        payer_name=text[:200],
        text=text,
        first_reported_at=timezone.now(),
    )
    return account.pk, movement.pk


def some_payments(client: Client, text: str) -> tuple[int, int]:
    """A drafted payment with `text` in it, and a batch of another that waits to be approved; their ids."""
    from tests.bank.paying import THEIRS, TODAY, a_supplier, an_account

    an_account(client)
    orders = [
        payments.Order(
            Kind.SUPPLIER,
            f"party:{supplier}",
            name[:140],
            THEIRS[client.country],
            Decimal("500.00"),
            TODAY,
            against=country(client.country).accounts.purchases,
            party=supplier,
            message=name[:140],
        )
        for name in (text, "Nordlys")
        for supplier in [a_supplier(client, name[:200])]
    ]
    drafted, other = payments.add_payments(client, orders, by="test", today=TODAY)
    (batch,) = payments.freeze(client, [other], person=a_person(client.office), today=TODAY)
    return drafted, batch


ELSEWHERE = {
    "bank_rule_preview",
    "bank_rule_save",
    "approval_link",  # by a token, for who holds it
    "approval_link_page",
    "send_to_approval",
    "voucher_draft",  # posted to, while one writes
    "keep_view",
    "supplier_set",
    "coding_practice",
    "office_rule_preview",
    "office_rule_save",
    "portal_add",
    "portal_send",
    "portal_receipt_read",
    "portal_verdict",  # for who sent the picture
    "invitation",  # by a token, for who was invited
    "portal_worker",  # a script, for anyone
}


def addresses(of_client: bool | None = None) -> list[tuple[str, str]]:
    """Every address there is, as (name, template with {names}); only those of one client, or the others."""
    found = []
    for name, value in get_resolver().reverse_dict.items():
        if isinstance(name, str):
            ((template, parameters),) = value[0]
            if name in ELSEWHERE or {"rule_id", "proposal_id"} & set(parameters):
                continue  # answers to forms and single rules, which their own tests go through
            if of_client is None or of_client == ("client_id" in parameters):
                found.append((name, "/" + template.replace("%(", "{").replace(")s", "}")))
    return sorted(found)

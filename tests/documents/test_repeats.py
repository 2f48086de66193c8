"""What was sent twice is recognised by its content, by its message's id, and by supplier, number and amount.

Nothing of it is lost: the same bytes are one file, everything else is held with both to be seen."""

import pytest

from nattbok.desk.queries import waiting
from nattbok.documents import actions
from nattbok.documents.models import Document
from nattbok.documents.queries import unread_files
from nattbok.files.actions import add_source, keep, keep_mail, keep_message
from nattbok.files.models import Arrival, File
from nattbok.formats import envelope
from nattbok.ledger.models import Entry
from nattbok.sandbox.mail.senders import a_mail
from nattbok.sandbox.network.point import START
from nattbok.sandbox.writing.sbdh import envelope as an_envelope
from tests.documents.invoices import BY, a_seller, an_e_invoice, unattended
from tests.formats.invoice.written_invoices import Line
from tests.web.visitors import a_person, logged_in
from tests.world import TODAY

SENDER = "0192:310000019"


def by_upload(client, number: str, *datas: bytes) -> None:
    for data in datas:
        keep(client, data, name="a.xml", came_by="upload")


def by_mail(client, number: str, *datas: bytes) -> None:
    """The same Message-ID each time, whatever lies in it."""
    for place, data in enumerate(datas):
        keep_mail(client, b"Received: %d\r\n" % place + a_mail(("a.xml", data), number=number))
    actions.open_mails(client, by=BY)


def by_network(client, number: str, *datas: bytes) -> None:
    """The same instance identifier each time."""
    source = add_source(client, kind="peppol", address=f"0192:{client.org_number}", title="Peppol")
    for place, data in enumerate(datas):
        given = an_envelope(data, number=number, sender=SENDER, receiver=source.address, at=START)
        given += b"\n" * place  # resent by a relay that makes the envelope anew
        keep_message(client, given, envelope.read(given), source=source, name="m.xml")


def decided(client) -> tuple[int, int, list[str]]:
    """Documents, entries of them, and what is asked."""
    actions.receive(client, unread_files(client), by=BY)
    actions.code(unattended(client), by=BY, today=TODAY)
    posted = Entry.objects.filter(client=client, origin__startswith="document:").count()
    return (
        Document.objects.filter(client=client).count(),
        posted,
        sorted(question.kind for question in waiting([client])),
    )


@pytest.mark.parametrize("way", [by_upload, by_mail, by_network])
def test_the_same_content_again_is_one_document(fjord, way):
    seller = a_seller(fjord)
    data = an_e_invoice(fjord, seller.company).encode()
    way(fjord, f"{fjord.pk}-1", data, data, data)
    assert decided(fjord) == (1, 1, [])
    repeated = Arrival.objects.filter(client=fjord, file__format="peppol_bis3", is_repeat=True)
    assert repeated.count() == 2


@pytest.mark.parametrize("way", [by_mail, by_network])
def test_another_content_under_the_same_message_id_is_held_beside_the_first(fjord, office, way):
    seller = a_seller(fjord)
    one, two = (an_e_invoice(fjord, seller.company).encode() for _number in range(2))  # other numbers
    way(fjord, f"{fjord.pk}-2", one)
    assert decided(fjord) == (1, 1, [])
    way(fjord, f"{fjord.pk}-2", one, two)
    assert decided(fjord) == (2, 1, ["documents.duplicate"])
    first, second = Document.objects.filter(client=fjord).order_by("pk")
    (asked,) = waiting([fjord])
    assert asked.subject == f"document:{second.pk}"
    assert "with the same id as another document came in" in str(asked.reason)
    assert asked.reason.values["twin"] == f"document {first.pk}"
    both_are_shown(fjord, office, first, second)


@pytest.mark.parametrize("way", [by_mail, by_network])
def test_under_ids_of_their_own_both_are_posted(fjord, way):
    seller = a_seller(fjord)
    for number in ("a", "b"):
        way(fjord, f"{fjord.pk}-{number}", an_e_invoice(fjord, seller.company).encode())
    assert decided(fjord) == (2, 2, [])


def test_two_files_of_one_mail_are_no_repeats_of_each_other(fjord):
    seller = a_seller(fjord)
    datas = [an_e_invoice(fjord, seller.company).encode() for _number in range(2)]
    mail = a_mail(("a.xml", datas[0]), ("b.xml", datas[1]), number=f"{fjord.pk}-3")
    for place in range(2):
        keep_mail(fjord, b"Received: %d\r\n" % place + mail)
    actions.open_mails(fjord, by=BY)
    assert decided(fjord) == (2, 2, [])


def test_a_mail_without_an_id_is_its_own(fjord):
    seller = a_seller(fjord)
    by_mail(fjord, "", *(an_e_invoice(fjord, seller.company).encode() for _number in range(2)))
    assert decided(fjord) == (2, 2, [])


@pytest.mark.parametrize("amounts", [("1000", "1000"), ("1000", "1200")])
def test_the_same_number_from_the_same_supplier_is_held_beside_the_first(fjord, office, amounts):
    seller = a_seller(fjord)
    first, second = (
        (
            an_e_invoice(fjord, seller.company, Line("Strøm", "1", amount), number="F-7") + "\n" * place
        ).encode()
        for place, amount in enumerate(amounts)
    )
    by_upload(fjord, "", first)
    by_mail(fjord, f"{fjord.pk}-4", second)
    assert decided(fjord)[:2] == (2, 1)
    documents = Document.objects.filter(client=fjord).order_by("pk")
    (asked,) = [one for one in waiting([fjord]) if one.kind == "documents.duplicate"]
    assert asked.subject == f"document:{documents[1].pk}"
    both_are_shown(fjord, office, *documents)


def both_are_shown(client, office, first: Document, second: Document) -> None:
    """The page of the later one offers both side by side, and shows a picture of each."""
    browser = logged_in(a_person(office))
    at = f"/clients/{client.pk}/documents/{second.pk}/"
    page = browser.get(at).content.decode()
    assert f"{at}beside/?twin={first.pk}" in page
    beside = browser.get(f"{at}beside/?twin={first.pk}").content.decode()
    for document in (first, second):
        assert document.number in beside
    assert beside.count('<article class="paper"') == 2
    assert File.objects.filter(client=client, pk__in=[first.file_id, second.file_id]).count() == 2

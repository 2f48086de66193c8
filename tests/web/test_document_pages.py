"""The document inbox in pages: what waits and why, the picture, the coding, quarantine and attachments."""

import base64
import html
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.documents import actions as documents
from nattbok.documents import queries
from nattbok.documents.models import Document
from nattbok.files.models import File
from nattbok.formats.invoice.checking import texts
from nattbok.ledger.actions.templates import write_template
from nattbok.ledger.models import Entry, Line
from nattbok.ledger.rules.templates import Size, Template, TemplateLine
from nattbok.trail.models import Act
from tests.documents.approving import flow, named, somebody
from tests.documents.invoices import a_seller, an_e_invoice, coded, received
from tests.formats.invoice.written_invoices import Line as InvoiceLine
from tests.web.documents_read import a_read_bill
from tests.web.visitors import a_person, logged_in


def at(client, document=None, rest=""):
    return f"/clients/{client.pk}/documents/{f'{document}/' if document else ''}{rest}"


def do(browser, client, document, what, /, **form):
    return browser.post(at(client, document), {"do": what, **form}, HTTP_HX_REQUEST="true")


def with_inside(text: str, *inside: tuple[str, str, bytes]) -> str:
    """The invoice with these files inside: a name, what it says it is, and its bytes."""
    references = "".join(
        f"<cac:AdditionalDocumentReference><cbc:ID>V{number}</cbc:ID><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="{mime}" filename="{name}">'
        f"{base64.b64encode(data).decode()}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        "</cac:AdditionalDocumentReference>"
        for number, (name, mime, data) in enumerate(inside, 1)
    )
    return text.replace("<cac:AccountingSupplierParty>", f"{references}<cac:AccountingSupplierParty>", 1)


def a_png() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(written, "PNG")
    return written.getvalue()


A_PDF = io.BytesIO()
Image.new("RGB", (60, 80), "white").save(A_PDF, "PDF")
A_PDF = A_PDF.getvalue()


def form_of(pane: str) -> dict:
    """What the coding's fields hold."""
    names = "account|vat_code|net|vat|source|text|department|project"
    return dict(re.findall(rf'name="((?:{names})-\d+)" value="([^"]*)"', html.unescape(pane)))


@pytest.fixture
def wrong_sum(fjord):
    """A bill from a known supplier whose sums do not agree, held."""
    seller = a_seller(fjord)
    text = an_e_invoice(fjord, seller, number="F-77")
    (document,) = received(fjord, text.replace(">1250.00</cbc:PayableAmount", ">1350.00</cbc:PayableAmount"))
    coded(fjord)
    return document


def test_the_inbox_says_what_waits_and_why_and_draws_it(fjord, office):
    seller = a_seller(fjord)
    new, ready = received(
        fjord, an_e_invoice(fjord, seller, account="86011117947"), an_e_invoice(fjord, seller)
    )
    coded(fjord)
    page = logged_in(a_person(office)).get(at(fjord)).content.decode()
    assert f"document-{new}" in page and f"document-{ready}" in page
    assert "which is new for" in page and "a person posts this client" in page
    assert seller.company.name in page and "1,250.00" in page and "1 pcs" in page
    assert 'data-source="/inv:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"' in page
    pane = logged_in(a_person(office)).get(at(fjord, ready, "pane/")).content.decode()
    assert 'value="6340"' in pane and "as the last 3 bills" in pane and "Post like last time" in pane


def test_every_amount_of_the_picture_leads_to_its_element(fjord, office):
    """What is drawn has the paths of the file, and a path of the coding is one of the picture."""
    seller = a_seller(fjord)
    (document,) = received(
        fjord,
        an_e_invoice(
            fjord, seller, InvoiceLine("Strøm", "2", "500"), InvoiceLine("Frukt", "1", "100", rate="15")
        ),
    )
    coded(fjord)
    pane = html.unescape(logged_in(a_person(office)).get(at(fjord, document, "pane/")).content.decode())
    sources = set(re.findall(r'data-source="([^"]+)"', pane))
    read = queries.document(fjord, document)
    missing = set(read.reading["sources"].values()) - sources
    assert {path.rpartition("/")[2] for path in missing} <= {
        "cbc:CustomizationID", "cbc:ProfileID", "cbc:DocumentCurrencyCode",
    }  # fmt: skip
    lights = re.findall(r'id="net-\d+"[^>]*data-lights="([^"]+)"', pane)
    assert len(lights) == 2 and set(lights) <= sources


def test_a_bill_is_posted_and_the_next_one_comes(fjord, office):
    seller = a_seller(fjord)
    one, two = received(fjord, an_e_invoice(fjord, seller), an_e_invoice(fjord, seller))
    coded(fjord)
    browser = logged_in(a_person(office))
    pane = browser.get(at(fjord, one, "pane/")).content.decode()
    form = form_of(pane)
    said = do(browser, fjord, one, "post", next=str(two), **form).content.decode()
    assert f'data-of="{two}"' in said and f'id="document-{one}" hx-swap-oob="delete"' in said
    assert "Posted as entry K" in said
    entry = Entry.objects.get(client=fjord, origin=f"document:{one}")
    lines = Line.objects.filter(client=fjord, entry=entry).order_by("number")
    assert [str(line.amount) for line in lines] == ["1000.00", "250.00", "-1250.00"]
    lines = Act.objects.get(client=fjord, pk=entry.act_id).evidence["lines"]
    assert lines[0]["entries"]  # it was as proposed, so it keeps its reason
    posted = browser.get(at(fjord, one)).content.decode()
    assert "the entry" in posted and 'id="coding"' not in posted and "read as an e-invoice" in posted
    page = browser.get(f"/clients/{fjord.pk}/entries/{entry.pk}/").content.decode()
    assert f'<a href="{at(fjord, one)}">A document in the inbox</a>' in page
    sentence = "Its document is one that people approve."
    correction = f"/clients/{fjord.pk}/entries/{entry.pk}/correct/"
    assert sentence not in browser.get(correction).content.decode()
    flow(fjord, named(somebody(fjord)))
    assert sentence in browser.get(correction).content.decode()


def test_a_bill_is_split_and_what_does_not_add_up_keeps_what_was_typed(fjord, office):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    coded(fjord)
    browser = logged_in(a_person(office))
    form = {
        "account-1": "6340", "vat_code-1": "1", "net-1": "600,00", "vat-1": "150,00",
        "account-2": "6540", "vat_code-2": "1", "net-2": "300,00", "vat-2": "75,00",
    }  # fmt: skip
    said = do(browser, fjord, document, "post", **form).content.decode()
    assert "The lines come to 1,125.00, but the document asks for 1,250.00" in said
    assert 'value="6540"' in said and "125.00</output>" in said
    more_vat = form | {"net-2": "280,00", "vat-2": "220,00"}
    assert "the document states 250.00" in do(browser, fjord, document, "post", **more_vat).content.decode()
    assert not Entry.objects.filter(client=fjord, origin=f"document:{document}").exists()
    done = do(browser, fjord, document, "post", **form | {"net-2": "400,00", "vat-2": "100,00"})
    assert b"Posted as entry" in done.content


def test_a_held_document_says_the_rule_and_what_to_do_and_is_taken_in_with_a_reason(fjord, office, wrong_sum):
    browser = logged_in(a_person(office))
    page = browser.get(at(fjord, wrong_sum)).content.decode()
    assert "Held because of" in page and "BR-CO-16" in page
    assert texts.advice("BR-CO-16", is_fatal=True)[:40] in page
    form = {"account-1": "6340", "vat_code-1": "0", "net-1": "1350,00", "vat-1": ""}
    assert "accept it with a reason first" in do(browser, fjord, wrong_sum, "post", **form).content.decode()
    assert "Say why" in do(browser, fjord, wrong_sum, "accept", why=" ").content.decode()
    said = do(browser, fjord, wrong_sum, "accept", why="avtalt med selger").content.decode()
    assert f'data-of="{wrong_sum}"' in said and 'id="coding"' in said
    assert Act.objects.get(client=fjord, kind="documents.accepted").evidence["codes"] == ["BR-CO-16"]
    fjord.may_post_documents = True
    fjord.save()
    coded(fjord)  # never by itself
    assert not Entry.objects.filter(client=fjord, origin=f"document:{wrong_sum}").exists()
    assert b"Posted as entry" in do(browser, fjord, wrong_sum, "post", **form).content


def test_a_document_is_set_aside_and_the_seller_is_told_why(fjord, office, wrong_sum):
    import mockeinvoice

    browser = logged_in(a_person(office))
    said = do(browser, fjord, wrong_sum, "decline", why="feil sum", answer="RE").content.decode()
    assert "Choose the reason that the seller is told" in said
    assert not Document.objects.get(pk=wrong_sum).is_declined
    do(browser, fjord, wrong_sum, "decline", why="feil sum", answer="RE", reason="FIN", action="NIN")
    assert Document.objects.get(pk=wrong_sum).is_declined
    evidence = Act.objects.get(client=fjord, kind="documents.answered_seller").evidence
    from nattbok.files import queries as files

    file = File.objects.get(client=fjord, pk=evidence["file"])
    response, report = mockeinvoice.validate_response(files.data(file))
    assert report.verdict == "valid" and not report.findings
    assert (response.code, response.document.id) == ("RE", "F-77")
    assert [status.reason_code for status in response.statuses] == ["FIN", "NIN"]
    assert file.pk not in queries.unread_files(fjord)
    page = browser.get(f"{at(fjord)}?state=declined").content.decode()
    assert f"document-{wrong_sum}" in page
    do(browser, fjord, wrong_sum, "take_up", why="likevel")
    assert not Document.objects.get(pk=wrong_sum).is_declined


def test_an_answer_is_chosen_and_a_twin_is_shown(fjord, office):
    seller = a_seller(fjord)
    text = an_e_invoice(fjord, seller, number="T-1", account="86011117947")
    one, two = received(fjord, text, f"{text} ")
    coded(fjord)
    browser = logged_in(a_person(office))
    page = browser.get(at(fjord, two)).content.decode()
    assert "It may be the same as" in page and at(fjord, one) in page
    beside = browser.get(at(fjord, two, "beside/"), {"twin": one}).content.decode()
    same = browser.get(at(fjord, two, "pane/")).content.decode()
    assert "another document has the same number T-1 and amount 1,250.00" in same
    assert "Post like last time" not in same
    assert beside.count('class="paper"') == 2 and "SHA-256" in beside and "differs" in beside
    question = re.search(r'name="question" value="(\d+)"', browser.get(at(fjord, one)).content.decode())[1]
    do(browser, fjord, one, "answer", question=question, choice="1")
    assert Act.objects.filter(client=fjord, kind="documents.account_confirmed").exists()


def test_attachments_are_told_by_their_content_and_what_could_run_is_only_saved(fjord, office):
    seller = a_seller(fjord)
    hostile = b"<html><script>alert(1)</script></html>"
    active = A_PDF.replace(b"%%EOF", b"/JavaScript (app.alert(1))\n%%EOF")
    text = with_inside(
        an_e_invoice(fjord, seller),
        ("bilde.png", "image/png", a_png()),
        ("faktura.pdf", "application/pdf", hostile),
        ("../../etc/x.svg", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        ("vedlegg.pdf", "application/pdf", active),
    )
    (document,) = received(fjord, text)
    coded(fjord)
    browser = logged_in(a_person(office))
    page = browser.get(at(fjord, document)).content.decode()
    assert "web page, which can hold programs" in page and "SVG, which can hold programs" in page
    assert page.count("It is another kind of file than it says it is") == 2
    assert "It holds programs or files inside" in page
    assert "<script>alert" not in page and "onload" not in page
    saved = re.findall(rf'href="({re.escape(at(fjord, document))}attachments/[0-9a-f]+)"', page)
    assert len(saved) == 4
    for address in saved:
        answer = browser.get(address)
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "/" not in answer["Content-Disposition"].partition("filename")[2]
    drawn = re.findall(r'src="([^"]+/attachments/[0-9a-f]+/1\.png)"', page)
    assert len(drawn) == 2
    for address in drawn:
        answer = browser.get(address)
        assert answer["Content-Type"] == "image/png" and "sandbox" in answer["Content-Security-Policy"]
        assert answer.content.startswith(b"\x89PNG")
    assert browser.get(drawn[0].replace("/1.png", "/2.png")).status_code == 404


def test_pages_of_a_pdf_are_drawn_and_broken_ones_are_not(fjord, office):
    whole, broken = received(fjord, A_PDF, b"%PDF-1.7 " + b"x" * 50)
    browser = logged_in(a_person(office))
    page = browser.get(at(fjord, whole)).content.decode()
    (address,) = re.findall(r'src="([^"]+/1\.png)"', page)
    for _time in range(2):  # drawn, and then kept
        answer = browser.get(address)
        assert answer.content.startswith(b"\x89PNG") and "sandbox" in answer["Content-Security-Policy"]
    assert browser.get(address.replace("/1.png", "/2.png")).status_code == 404
    file = queries.document(fjord, broken).row.file
    assert browser.get(f"/clients/{fjord.pk}/pictures/{file}/1.png").status_code == 404
    assert "cannot be shown here" in browser.get(at(fjord, broken)).content.decode()


def test_fields_that_were_read_have_their_place_and_reason_and_are_corrected(fjord, office):
    seller = a_seller(fjord)
    document = a_read_bill(fjord, seller)
    browser = logged_in(a_person(office))
    pane = browser.get(at(fjord, document, "pane/")).content.decode()
    assert re.search(
        r'<rect class="read" data-source="read:total" x="746" y="677" width="118" height="26">', pane
    )
    assert 'id="why-invoice_no"' in pane and "It was not found" in pane
    assert re.search(r'name="read-total" value="1250.00" data-lights="read:total"', pane)
    laid = browser.get(at(fjord, document, "words/1/")).content.decode()
    assert 'data-word="20417"' in laid and 'data-word="1 000,00"' in laid
    wrong = do(browser, fjord, document, "correct", **{"read-due_date": "i går"}).content.decode()
    assert "cannot be the field due_date" in wrong
    said = do(
        browser, fjord, document, "correct", **{"read-invoice_no": "20417", "read-due_date": "16. mars 2026"}
    )
    said = said.content.decode()
    assert (
        f'data-of="{document}"' in said
        and 'id="coding"' in said
        and 'name="read-due_date" value="2026-03-16"' in said
    )
    row = Document.objects.get(pk=document)
    assert row.number == "20417" and not row.is_held
    assert row.reading["fields"]["invoice_no"]["source"] == "person"
    assert b"Posted as entry" in do(browser, fjord, document, "post", **form_of(said)).content


def test_a_templates_key_and_a_spread_fill_the_grid_to_the_ore(fjord, office):
    shares = (
        TemplateLine("6340", size=Size.SHARE, of=Decimal("33.33")),
        TemplateLine("6540", size=Size.REST),
    )
    write_template(fjord, Template("delt", "Delt strøm", shares), by="person:1")
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(fjord)))
    coded(fjord)
    browser = logged_in(a_person(office))
    assert 'value="delt" data-template' in browser.get(at(fjord, document)).content.decode()
    form = form_of(browser.get(at(fjord, document, "pane/")).content.decode())
    rows = browser.post(at(fjord, document, "lines/"), form | {"account-1": "DELT"}).content.decode()
    made = form_of(rows)
    assert [made[name] for name in ("account-1", "net-1", "vat-1", "account-2", "net-2", "vat-2")] == [
        "6340", "333.30", "83.33", "6540", "666.70", "166.67",
    ]  # fmt: skip
    assert "template delt: Delt strøm" in rows
    nothing = browser.post(
        at(fjord, document, "lines/"), {"account-1": "6340", "net-1": "ti"}
    ).content.decode()
    assert "“ti” is not an amount" in nothing
    made["account-2"] = "6540 /3 from 2026-03"
    assert b"is not in the chart" not in (said := do(browser, fjord, document, "post", **made)).content
    assert b"Posted as entry" in said.content
    kept = queries.document(fjord, document).coding
    assert [(line.months, str(line.first)) for line in kept if line.months] == [(3, "2026-03")]


def test_what_is_with_the_client_is_out_of_the_queue_and_can_be_looked_up(fjord, office):
    ola = somebody(fjord)
    seller = a_seller(fjord)
    sent, returned, other = received(fjord, *(an_e_invoice(fjord, seller) for _bill in range(3)))
    coded(fjord)
    flow(fjord, named(ola))
    kari = a_person(office)
    browser = logged_in(kari)
    form = form_of(browser.get(at(fjord, sent, "pane/")).content.decode())
    short = do(browser, fjord, sent, "approval", **form | {"net-1": "1.00"}).content.decode()
    assert "The lines" in short and not queries.controls(fjord, sent)
    done = do(browser, fjord, sent, "approval", **form | {"project-1": "P7"}).content.decode()
    assert "Sent to approval" in done and f'data-of="{returned}"' in done
    assert queries.document(fjord, sent).coding[0].dimensions["project"] == "P7"
    assert [each.name for each in queries.controls(fjord, sent)] == [str(kari)]
    assert "Say why" in do(browser, fjord, returned, "send_back", why=" ").content.decode()
    do(browser, fjord, returned, "send_back", why="Hvem var med?")
    page = browser.get(at(fjord)).content.decode()
    assert f'id="document-{other}"' in page
    assert f'id="document-{sent}"' not in page and f'id="document-{returned}"' not in page
    away = browser.get(at(fjord), {"state": "with_client"}).content.decode()
    assert f'id="document-{sent}"' in away and f'id="document-{returned}"' in away and "Hvem var med?" in away
    assert "Ola Berg" in browser.get(at(fjord, sent, "pane/")).content.decode()
    counted = queries.counts(fjord)
    assert (counted.with_client, counted.waiting, counted.received) == (2, 1, 3)
    coded(fjord)  # the robot leaves it
    documents.come_back(fjord, returned, answer="Bare oss to", by=f"person:{ola.pk}")
    back = browser.get(at(fjord, returned)).content.decode()
    assert "Bare oss to" in back and "Ola Berg" in back and f'id="document-{returned}"' in back


def test_opening_is_no_control_and_who_controlled_is_told(fjord, office):
    fjord.may_post_documents = True
    fjord.save()
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(fjord)))
    coded(fjord)
    kari = a_person(office)
    browser = logged_in(kari)
    page = browser.get(at(fjord, document)).content.decode()
    assert "Nobody has controlled it yet" in page and "as the last 3 bills" in page and "the entry" in page
    for _time in range(2):
        do(browser, fjord, document, "control")
    (control,) = queries.controls(fjord, document)
    assert control.name == str(kari)
    assert f"Controlled by {kari}" in browser.get(at(fjord, document, "pane/")).content.decode()
    assert str(kari) in browser.get(at(fjord), {"state": "posted"}).content.decode()


def test_each_persons_columns_are_remembered(fjord, office):
    received(fjord, an_e_invoice(fjord, a_seller(fjord)))
    coded(fjord)
    browser, other = logged_in(a_person(office)), logged_in(a_person(office))
    chosen = {"page": "documents.inbox", "column": ["due", "age", "nonsense"]}
    assert browser.post("/columns/", chosen).status_code == 302
    browser.post("/columns/", {"page": "documents.coding", "column": ["project", "net"]})
    page = browser.get(at(fjord)).content.decode()
    assert re.findall(r'class="cell cell-(\w+)', page) == ["due", "age"]
    assert re.findall(r'class="of-(\w+)"', page) == ["account", "project", "net", "vat_code", "vat"]
    assert "cell-reason" in other.get(at(fjord)).content.decode()
    assert browser.post("/columns/", {"page": "x"}).status_code == 400


def test_a_pane_asks_little(fjord, office):
    """The next document is ready within 50 ms: few questions, the same however many wait."""
    seller = a_seller(fjord)
    text = an_e_invoice(fjord, seller, number="T-9")
    invoice, _twin = received(fjord, text, f"{text} ")
    coded(fjord)
    scanned = a_read_bill(fjord, seller)
    browser = logged_in(a_person(office))
    for document in (invoice, scanned):
        browser.get(at(fjord, document, "pane/"))
        with CaptureQueriesContext(connection) as asked:
            browser.get(at(fjord, document, "pane/"))
        assert len(asked) <= 17, "\n".join(each["sql"][:120] for each in asked)


def test_what_the_seller_was_told_is_shown_with_how_far_it_came(fjord, office):
    text = an_e_invoice(fjord, a_seller(fjord), number="T-10")
    (document,) = received(fjord, text)
    browser = logged_in(a_person(office))
    assert "The seller was told" not in browser.get(at(fjord, document, "pane/")).content.decode()
    answer = do(browser, fjord, document, "respond", answer="UQ", reason="PRI", why="Prisen er en annen")
    assert answer.status_code == 200
    pane = browser.get(at(fjord, document, "pane/")).content.decode()
    told = pane.split("The seller was told")[1].split("</div>")[0]
    assert "We ask about it: Prisen er en annen" in told and "kept with the files" in told


def test_a_guest_looks_and_does_nothing(fjord, wrong_sum):
    reader = a_person()
    give_access(fjord, reader, Role.READER)
    browser = logged_in(reader)
    page = browser.get(at(fjord, wrong_sum)).content.decode()
    assert "BR-CO-16" in page and 'name="why"' not in page
    assert do(browser, fjord, wrong_sum, "decline", why="x").status_code in (403, 404, 409)
    assert not Document.objects.get(pk=wrong_sum).is_declined


def test_another_clients_document_is_not_there(fjord, office, wrong_sum, skog):
    with scope([fjord.pk, skog.pk]):
        browser = logged_in(a_person(office))
        for rest in ("", "pane/", "attachments/ab", "attachments/ab/1.png"):
            assert browser.get(at(skog, wrong_sum, rest)).status_code == 404

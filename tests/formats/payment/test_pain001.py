"""Payment files: written as Norwegian and Swedish banks want them, or not at all; read back as they were."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from lxml import etree

from nattbok.base.errors import Refused, Unreadable
from nattbok.formats.payment import pain001
from nattbok.formats.payment.pain001 import refusals
from nattbok.formats.payment.shape import (
    AccountKind,
    Batch,
    BatchKind,
    CreditTransfer,
    PaidInvoice,
    PaymentFile,
)
from nattbok.formats.payment.totals import of_payments

SAMPLES = Path(__file__).parent / "samples"
FILES = {path.name: path for path in SAMPLES.glob("pain001_*/*.xml")}
KID = CreditTransfer(
    "E-1", Decimal("125.50"), "NOK", "Håndverker Ås AS", "99970384886", AccountKind.BBAN, "NO",
    reference="1740121759",
)  # fmt: skip
GIRO = CreditTransfer(
    "E-1", Decimal("125.50"), "SEK", "Kontorsgross Åre AB", "9994807", AccountKind.BANKGIRO, "SE",
    reference="7929179765",
)  # fmt: skip


def a_file(*transfers: CreditTransfer, **more: object) -> PaymentFile:
    """One batch of `transfers`."""
    batch = Batch(
        id="B-1", debtor_name="Byråklient Demo", account="99991217106", account_kind=AccountKind.BBAN,
        bic="DNBANOKKXXX", execute_on=date(2026, 3, 12), kind=BatchKind.SUPPLIER, currency="NOK",
        transfers=transfers, debtor_org_number="318944776", debtor_country="NO",
    )  # fmt: skip
    batch = replace(batch, **more)
    return PaymentFile("M-1", datetime(2026, 3, 12, 21, tzinfo=UTC), "Byrå AS", "310000005", (batch,), "LONN")


@pytest.mark.parametrize("name", FILES)
def test_a_sample_reads_as_expected_and_is_written_again(name):
    data = FILES[name].read_bytes()
    file = pain001.read(data)
    assert of_payments(file) == json.loads((FILES[name].parent / "reads_as.json").read_text())
    version, country = name.removesuffix(".xml")[-2:], name[8:10].upper()
    again = pain001.write(file, version=version, country=country)
    assert pain001.read(again) == file
    assert again == pain001.write(file, version=version, country=country)  # the same bytes each time


def test_every_shared_file_reads_as_its_manifest_says(shared_data):
    folder = shared_data / "bank/pain001"
    for case in json.loads((folder / "manifest.json").read_text())["files"]:
        file = pain001.read((folder / case["file"]).read_bytes())
        assert of_payments(file) == case["expected"], case["file"]
        assert file.findings == ()


def test_norwegian_files_are_the_shared_ones_element_by_element(shared_data):
    for version in pain001.VERSIONS:
        data = (shared_data / f"bank/pain001/syn_NO_v{version}.xml").read_bytes()
        again = pain001.write(pain001.read(data), version=version, country="NO")
        bare = etree.XMLParser(remove_blank_text=True)
        one, other = etree.fromstring(data, bare), etree.fromstring(again, bare)
        assert etree.tostring(one, method="c14n") == etree.tostring(other, method="c14n").replace(b"\n", b"")


names = some.text("abcæøåäöÆØÅÄÖ09 ,.-+()/?:'", min_size=1, max_size=60).map(
    lambda text: " ".join(text.split()) or "A"
)
amounts = some.decimals("0.01", "99999999.99", places=2)


@some.composite
def transfers(draw, country):
    amount = draw(amounts)
    kinds = (AccountKind.BBAN, AccountKind.IBAN)
    if country == "SE":
        kinds += (AccountKind.BANKGIRO, AccountKind.PLUSGIRO)
    kind = draw(some.sampled_from(kinds))
    account = {
        AccountKind.BBAN: "83271704264" if country == "SE" else "99970384886",
        AccountKind.IBAN: draw(some.sampled_from(("NO9386011117947", "SE4550000000058398257466"))),
        AccountKind.BANKGIRO: "9994807",
        AccountKind.PLUSGIRO: "568156",
    }[kind]
    abroad = kind is AccountKind.IBAN and account[:2] != country
    how = draw(some.sampled_from(("reference", "invoices", "text", "")))
    invoices = ()
    if how == "invoices":
        credit = draw(amounts)
        invoices = (PaidInvoice("F1", amount + credit), PaidInvoice("K1", credit, True))
    return CreditTransfer(
        end_to_end_id="",
        amount=amount,
        currency=draw(some.sampled_from(("NOK", "SEK", "EUR"))),
        creditor_name=draw(names),
        account=account,
        account_kind=kind,
        creditor_country=draw(some.sampled_from(("NO", "SE"))) if kind is not AccountKind.BBAN else country,
        creditor_address=tuple(draw(some.lists(names, max_size=2))),
        reference=("RF18539007547034" if abroad else "1740121759") if how == "reference" else "",
        invoices=invoices,
        text=draw(names)[:25].strip() if how == "text" else "",
        purpose=draw(some.sampled_from(("", "SALA"))),
        charges="SHAR" if abroad else "",
    )


@settings(max_examples=80, deadline=None)
@given(
    draw=some.data(), country=some.sampled_from(pain001.COUNTRIES), version=some.sampled_from(("03", "09"))
)
def test_what_is_written_is_read_back_and_sums_as_printed(draw, country, version):
    found = draw.draw(some.lists(transfers(country), min_size=1, max_size=6))
    file = a_file(*(replace(one, end_to_end_id=f"E-{number}") for number, one in enumerate(found)))
    if country == "SE":
        file = replace(file, batches=(replace(file.batches[0], account="83271704264"),))
    data = pain001.write(file, version=version, country=country)
    read = pain001.read(data)
    assert read == file
    assert read.findings == ()
    assert (read.stated_count, read.stated_sum) == (len(found), sum(one.amount for one in found))
    schema = schema_of(version)
    if schema is not None:
        schema.assertValid(etree.fromstring(data))


def schema_of(version: str) -> etree.XMLSchema | None:
    path = Path(__file__).parents[4] / f"shared/data/bank/xsd/pain.001.001.{version}.xsd"
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


@pytest.mark.parametrize(
    ("transfer", "country", "refusal"),
    [
        (replace(KID, invoices=(PaidInvoice("K", Decimal(1), True),)), "NO",
         refusals.ReferenceWithCreditNote),
        (replace(KID, text="Faktura 1"), "NO", refusals.ReferenceWithMore),
        (replace(KID, reference="12A4"), "NO", refusals.PaymentReferenceNotWritable),
        (replace(KID, amount=Decimal("1.005")), "NO", refusals.PaymentAmountNotWritable),
        (replace(KID, amount=Decimal("0")), "NO", refusals.PaymentAmountNotWritable),
        (replace(KID, amount=Decimal("NaN")), "NO", refusals.PaymentAmountNotWritable),
        (replace(KID, currency="JPY"), "NO", refusals.PaymentAmountNotWritable),
        (replace(KID, account="9997038488"), "NO", refusals.PaymentAccountNotWritable),
        (replace(KID, account="9994807", account_kind=AccountKind.BANKGIRO), "NO",
         refusals.PaymentAccountNotWritable),
        (replace(KID, creditor_name="Ж" * 3), "NO", refusals.PaymentLettersUnknown),
        (replace(KID, creditor_name=""), "NO", refusals.PaymentFieldMissing),
        (replace(KID, creditor_name="N" * 71), "NO", refusals.PaymentTooLong),
        (replace(KID, end_to_end_id="E/" * 18), "NO", refusals.PaymentIdNotWritable),
        (replace(KID, end_to_end_id="É"), "NO", refusals.PaymentIdNotWritable),
        (replace(KID, reference="", invoices=(PaidInvoice("F", Decimal("125.49")),)), "NO",
         refusals.InvoicesDoNotSum),
        (replace(KID, bic="NOT A BIC"), "NO", refusals.PaymentCodeNotWritable),
        (replace(GIRO, creditor_country=""), "SE", refusals.PaymentFieldMissing),
        (replace(GIRO, reference="", text="T" * 26), "SE", refusals.PaymentTooLong),
    ],
)  # fmt: skip
def test_what_a_bank_would_refuse_is_not_written(transfer, country, refusal):
    more = {"account": "83271704264"} if country == "SE" else {}
    with pytest.raises(refusal) as raised:
        pain001.write(a_file(transfer, **more), version="03", country=country)
    assert str(raised.value)


def test_ids_stand_once_and_a_bankgiro_pays_bankgiros():
    with pytest.raises(refusals.PaymentTwice):
        pain001.write(a_file(KID, KID), version="03", country="NO")
    own = {"account": "9991234", "account_kind": AccountKind.BANKGIRO}
    assert pain001.write(a_file(GIRO, **own), version="09", country="SE")
    account = replace(GIRO, account="83271704264", account_kind=AccountKind.BBAN)
    with pytest.raises(refusals.GiroPaysGiroOnly):
        pain001.write(a_file(account, **own), version="09", country="SE")
    with pytest.raises(refusals.PaymentFileEmpty):
        pain001.write(a_file(), version="09", country="NO")


def test_all_troubles_are_told_at_once():
    found = pain001.troubles(a_file(replace(KID, creditor_name="", reference="x")), country="NO")
    assert {type(one) for one in found} == {
        refusals.PaymentFieldMissing,
        refusals.PaymentReferenceNotWritable,
    }
    assert all(isinstance(one, Refused) for one in found)


def test_the_swedish_form():
    own = {"account": "83279123456789"}
    swedbank = replace(GIRO, end_to_end_id="E-2", account="83279123456", account_kind=AccountKind.BBAN)
    text = pain001.write(a_file(GIRO, swedbank, **own), version="03", country="SE").decode()
    assert "<SvcLvl>" not in text
    assert "<CtgyPurp>" not in text
    assert "<MmbId>9900</MmbId>" in text
    assert text.index("<RmtdAmt") < text.index("<CdtrRefInf>")
    # The fifth digit of a Swedbank clearing number belongs to the account.
    assert "<MmbId>8327</MmbId>" in text
    assert "<Id>9123456</Id>" in text


def test_names_keep_the_nordic_letters_and_lose_other_accents():
    assert pain001.latin("Ærø Åsgård & Söner – Café Ÿ") == "Ærø Åsgård + Söner - Cafe Y"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<NbOfTxs>12<", b"<NbOfTxs>11<", "count_differs"),
        (b"<CtrlSum>310029.35<", b"<CtrlSum>310029.36<", "sum_differs"),
        (b">41264.37<", b">41264.38<", "sum_differs"),
        (b"PNO03D0312-0001</End", b"PNO03D0312-0000</End", "payment_twice"),
    ],
)
def test_a_file_that_contradicts_itself_is_not_accepted(old, new, code):
    data = FILES["pain001_no_v03.xml"].read_bytes().replace(old, new, 1)
    assert code in {finding.code for finding in pain001.read(data).findings}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b'<!DOCTYPE a><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>',
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.12"/>',
        FILES["pain001_no_v03.xml"].read_bytes()[:-400],
        FILES["pain001_no_v03.xml"].read_bytes().replace(b">41264.37<", b">41264,37<"),
        FILES["pain001_no_v03.xml"].read_bytes().replace(b">41264.37<", b">-41264.37<"),
        FILES["pain001_no_v03.xml"].read_bytes().replace(b"CdtTrfTxInf>", b"Other>"),
    ],
)
def test_what_is_no_payment_file_is_unreadable(data):
    with pytest.raises(Unreadable) as raised:
        pain001.read(data)
    assert raised.value.finding_code

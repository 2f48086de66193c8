"""What the writer of e-invoices writes, our reader reads as it was, and the schemas accept."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nattbok.base.money import ZERO, rounded
from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.shape import (
    Invoice,
    InvoiceLine,
    PartyIdentity,
    PaymentMeans,
    VatGroup,
)
from nattbok.sandbox.making import make_office
from nattbok.sandbox.writing import ubl

words = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Sm")), min_size=1, max_size=25)
maybe = st.one_of(st.none(), words)
days = st.dates(date(2020, 1, 1), date(2039, 12, 31))
RATES = (Decimal("25"), Decimal("15"), Decimal("11.11"), Decimal("6"))

parties = st.builds(
    PartyIdentity,
    name=words,
    trading_name=maybe,
    org_number=st.just("310420115"),
    org_scheme=st.just("0192"),
    vat_number=st.just("NO310420115MVA"),
    endpoint=st.just("310420115"),
    endpoint_scheme=st.just("0192"),
    country=st.just("NO"),
)


@st.composite
def lines(draw, number: int):
    quantity = Decimal(draw(st.integers(1, 999)))
    price = Decimal(draw(st.integers(0, 10**7))).scaleb(-2)
    commodity = draw(maybe) or ""
    starts_on, ends_on = draw(st.tuples(days, days)) if draw(st.booleans()) else (None, None)
    return InvoiceLine(
        number=str(number),
        name=draw(words),
        net=rounded(quantity * price),
        quantity=quantity,
        unit="EA",
        price=price,
        base_quantity=draw(st.sampled_from([None, Decimal(1)])),
        vat_category="S",
        vat_rate=draw(st.sampled_from(RATES)),
        description=draw(maybe) or "",
        note=draw(maybe) or "",
        account_code=draw(maybe) or "",
        starts_on=starts_on,
        ends_on=ends_on,
        sellers_item=draw(maybe) or "",
        commodity=commodity,
        commodity_list=draw(st.sampled_from(["TST", "STI", "SRV"])) if commodity else "",
    )


@st.composite
def invoices(draw):
    is_credit_note = draw(st.booleans())
    items = tuple(draw(lines(number)) for number in range(1, draw(st.integers(1, 4)) + 1))
    groups = tuple(
        VatGroup("S", rate, base, rounded(base * rate / 100), rate_text=str(rate))
        for rate in RATES
        if (base := sum((item.net for item in items if item.vat_rate == rate), ZERO))
        or any(item.vat_rate == rate for item in items)
    )
    net = sum((item.net for item in items), ZERO)
    vat = sum((group.tax for group in groups), ZERO)
    rounding = draw(st.sampled_from([None, Decimal("0.25")]))
    due_date = draw(st.one_of(st.none(), days))
    means = PaymentMeans(
        code="30",
        payment_id=draw(st.sampled_from([None, "2345676", "free text"])),
        account="99989075795",
        account_name=draw(maybe),
        branch=draw(st.sampled_from([None, "SE:BANKGIRO"])),
        due_date=due_date if is_credit_note else None,
    )
    return Invoice(
        document_type="CreditNote" if is_credit_note else "Invoice",
        type_code="381" if is_credit_note else "380",
        customization_id=ubl.CUSTOMIZATION,
        profile_id=ubl.PROFILE,
        number=draw(words),
        issue_date=draw(days),
        due_date=due_date,
        currency="NOK",
        supplier=draw(parties),
        buyer=draw(parties),
        delivered_on=draw(st.one_of(st.none(), days)),
        line_total=net,
        net=net,
        vat=vat,
        gross=net + vat,
        rounding=rounding,
        payable=net + vat + (rounding or ZERO),
        vat_groups=groups,
        payment_means=(means,),
        payment_terms=draw(maybe) or "",
        preceding_invoices=tuple(draw(st.lists(words, max_size=2))),
        buyer_reference=draw(words),
        order_reference=draw(maybe),
        account_code=draw(maybe) or "",
        note=draw(maybe) or "",
        lines=items,
    )


def bare(invoice: Invoice) -> Invoice:
    """Without the places in the file and what was found."""
    return replace(
        invoice,
        sources={},
        findings=(),
        lines=tuple(replace(line, xpath="") for line in invoice.lines),
        vat_groups=tuple(replace(group, xpath="") for group in invoice.vat_groups),
        payment_means=tuple(replace(means, xpath="") for means in invoice.payment_means),
    )


@settings(max_examples=150, deadline=None)
@given(invoices())
def test_an_e_invoice_is_read_as_it_was_written(invoice):
    address = ubl.Address("Storgata 1", "Oslo", "0155")
    read = peppol_bis3.read(ubl.write(invoice, supplier=address, buyer=address))
    assert bare(read) == invoice


def test_what_does_not_add_up_is_written_as_it_is():
    sound = Invoice(
        document_type="Invoice",
        type_code="380",
        customization_id=ubl.CUSTOMIZATION,
        profile_id=ubl.PROFILE,
        number="1",
        issue_date=date(2026, 3, 12),
        due_date=None,
        currency="NOK",
        supplier=PartyIdentity(name="A"),
        buyer=PartyIdentity(name="B"),
        payable=Decimal("10.00"),
        gross=Decimal("9.00"),
    )
    assert "BR-CO-16" in {finding.code for finding in peppol_bis3.read(ubl.write(sound)).findings}


def test_the_nights_e_invoices_keep_to_their_schemas(shared_data):
    folder = shared_data / "einvoice/rules/xsd/maindoc"
    schemas = {
        kind: etree.XMLSchema(etree.parse(folder / f"UBL-{kind}-2.1.xsd"))
        for kind in ("Invoice", "CreditNote")
    }
    world = make_office()
    broken = {(bill.client, bill.path) for bill in world.bills if bill.reason == "unreadable"}
    checked = 0
    for file in world.files:
        if file.source == "bank" or file.name.startswith(("camt", "ocr", "bgmax")):
            continue
        if (file.client, file.path) not in broken:
            root = etree.fromstring(file.data)
            schemas[etree.QName(root).localname].assertValid(root)
            checked += 1
    assert checked == 299

"""From a reading to a bill: the sums are kept to the øre, or the document is held."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.countries.known import country
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules import reading as rules
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.correcting import corrected
from nattbok.documents.rules.entry import purchase
from nattbok.reading.shape import ACCOUNTS, FIELDS, Field, Kind, Piece, Place, Proof, Reading, VatLine
from nattbok.reading.words import Box, Page, Source, Word
from tests.documents.test_rules import WAITS_ON
from tests.reading.papers import Sale

SALE = Sale()
NO, SE = country("NO"), country("SE")
PLACE = Place(0, Box(0.1, 0.2, 0.3, 0.25))
PROVEN = {
    "supplier_name": SALE.seller, "supplier_orgno": SALE.seller_org, "invoice_no": "20417",
    "issue_date": "2026-03-12", "due_date": "2026-03-26", "currency": "NOK", "net": "4180.40",
    "vat_total": "1045.10", "total": "5225.50", "payment_ref": SALE.reference, "bank_account": SALE.account,
    "buyer_orgno": SALE.buyer_org,
}  # fmt: skip


def a_field(value: str, *, is_proven: bool = True, second: str | None = None) -> Field:
    proof = Proof.CHECKED if is_proven else Proof.LABELLED
    return Field(value, 0.98 if is_proven else 0.7, proof, "text", PLACE, second, is_proven)


def a_reading(kind: Kind = Kind.INVOICE, lines=(("25", "4180.40", "1045.10"),), **fields) -> dict:
    """What is kept of a reading; `fields` are values, (value, False) for a doubtful one, None for none."""
    told = {name: a_field(value) for name, value in PROVEN.items()}
    more = {"rounding": Decimal(fields.pop("rounding", "0.00")), "vat_number": f"NO{SALE.seller_org}MVA"}
    for name, value in fields.items():
        if value is None:
            told.pop(name, None)
        else:
            told[name] = a_field(value) if isinstance(value, str) else a_field(value[0], is_proven=value[1])
    parts = tuple(VatLine(Decimal(rate), Decimal(base), Decimal(vat), True) for rate, base, vat in lines)
    page = Page(0, (), 595.0, 842.0, Source.TEXT)
    made = Reading(kind, told, parts, (page,), "text", country="NO", supplier_country="NO", **more)
    return rules.written(made, is_addressed=False)


def kept(reading: dict, org_number: str = SALE.buyer_org, law=NO) -> bills.Kept:
    return bills.from_reading(reading, law=law, org_number=org_number, format_name="pdf")


def the_bill(found: bills.Kept, law=NO) -> bills.Bill:
    return bills.bill(found, law=law, document=1, file=1, sha256="")


def test_a_proven_reading_is_a_bill_as_an_e_invoice_is():
    found = kept(a_reading())
    assert (found.kind, found.is_held, found.findings) == ("invoice", False, ())
    made = the_bill(found)
    assert (made.net, made.vat, made.owed) == (Decimal("4180.40"), Decimal("1045.10"), Decimal("5225.50"))
    assert made.seller_vat_number == f"NO{SALE.seller_org}MVA" and made.accounts == (SALE.account,)
    (group,) = made.groups
    assert (group.category, group.rate, group.net, group.vat) == (
        "S", Decimal(25), Decimal("4180.40"), Decimal("1045.10"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change, doubted",
    [
        ({"invoice_no": ("20417", False)}, ["invoice_no"]),
        ({"invoice_no": None}, ["invoice_no"]),
        ({"due_date": None}, ["due_date"]),
        ({"payment_ref": ("123", False)}, ["payment_ref"]),
        ({"payment_ref": None}, []),
        ({"bank_account": None}, ["bank_account"]),
        ({"bank_account": ("15031200455", False)}, ["bank_account"]),
        ({"buyer_orgno": None}, ["buyer_orgno"]),
        ({"total": "5225.51"}, ["sums"]),
        ({"lines": (("25", "4180.00", "1045.10"),)}, ["vat"]),
        ({"lines": ()}, ["vat"]),
        ({"kind": Kind.RECEIPT}, ["kind"]),
        ({"rounding": "0.50", "total": "5226.00"}, []),
    ],
)
def test_what_is_not_proven_is_named(change, doubted):
    reading = a_reading(**change)
    doubts = rules.doubts(reading, law=NO, org_number=SALE.buyer_org)
    assert [each.name for each in doubts] == doubted
    assert kept(reading).is_held is bool(doubted)
    assert all(str(each.words) for each in doubts)


def test_what_is_for_another_or_is_no_bill_is_not_postable():
    assert kept(a_reading(), org_number="999888777").kind == "not_ours"
    for kind in (Kind.REMINDER, Kind.STATEMENT, Kind.DELIVERY_NOTE, Kind.ORDER, Kind.UNKNOWN):
        found = kept(a_reading(kind=kind))
        assert found.kind == "no_bill" and found.is_held
    credit = {"net": "-4180.40", "vat_total": "-1045.10", "total": "-5225.50"}
    found = kept(a_reading(Kind.CREDIT_NOTE, (("25", "-4180.40", "-1045.10"),), due_date=None, **credit))
    assert (found.kind, found.is_held, the_bill(found).owed) == ("credit_note", False, Decimal("-5225.50"))


@pytest.mark.parametrize(
    "name, written, read_as",
    [
        ("total", "5 225,50", "5225.50"),
        ("total", "1.234.567,89", "1234567.89"),
        ("issue_date", "12.03.26", "2026-03-12"),
        ("due_date", "26. mars 2026", "2026-03-26"),
        ("supplier_orgno", f"NO {SALE.seller_org} MVA", SALE.seller_org),
        ("bank_account", "1503 12 00455", "15031200455"),
        ("currency", "nok", "NOK"),
        ("payment_ref", "0041 7002", "00417002"),
        ("invoice_no", " 20417 ", "20417"),
        ("due_date", "", ""),
    ],
)
def test_values_may_be_as_they_are_printed(name, written, read_as):
    made = corrected(a_reading(), {name: written}, law=NO)
    assert rules.value(made, name) == read_as and made["fields"][name]["is_proven"]
    assert rules.value(a_reading(), name) != written or not written


@pytest.mark.parametrize(
    "values",
    [
        {"total": "mye"}, {"total": "NaN"}, {"total": "1e20"}, {"issue_date": "2026-02-30"}, {"kind": "gift"},
        {"weather": "rain"}, {"invoice_no": "x" * 101}, {"issue_date": "1.2.2026 3.4.2026"}, {"base_25": "?"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(values):
    with pytest.raises(Refused):
        corrected(a_reading(), values, law=NO)


def test_a_corrected_sum_brings_its_vat_along():
    wrong = a_reading(net=("4180.00", False), vat_total=("1045.00", False), lines=())
    right = {"net": "4180.40", "vat_total": "1045.10", "total": "5225.50"}
    made = corrected(wrong, right, law=NO)
    assert made["vat"] == [{"rate": "25", "base": "4180.40", "vat": "1045.10", "is_proven": True}]
    assert not kept(made).is_held
    two = {"net": "300.00", "vat_total": "40.00", "total": "340.00"}
    assert kept(corrected(wrong, two, law=NO)).is_held  # of which rates, nobody has said
    rates = two | {"base_25": "100", "vat_25": "25", "base_15": "100", "vat_15": "15", "base_0": "100"}
    found = kept(corrected(wrong, rates, law=NO))
    assert not found.is_held and len(the_bill(found).groups) == 3
    gone = kept(corrected(wrong, {"kind": "credit_note"} | right, law=NO))
    assert gone.owed == Decimal("-5225.50")


def test_another_seller_is_of_its_own_country_and_has_no_others_vat_number():
    swedish = a_reading(supplier_orgno="5569123456") | {
        "supplier_country": "SE",
        "vat_number": "SE556912345601",
    }
    made = corrected(swedish, {"supplier_orgno": SALE.seller_org}, law=NO)
    assert (made["supplier_country"], made["vat_number"]) == ("NO", "")
    said = {"supplier_orgno": SALE.seller_org, "vat_number": f"NO{SALE.seller_org}MVA"}
    made = corrected(swedish, said, law=NO)
    assert the_bill(kept(made)).seller_vat_number == f"NO{SALE.seller_org}MVA"
    same = corrected(a_reading(), {"supplier_orgno": SALE.seller_org}, law=NO)
    assert same["vat_number"] == f"NO{SALE.seller_org}MVA"


def test_a_name_misread_by_a_model_is_still_the_clients():
    page = Page(0, (Word("KYSTLYD K0NTOR AS", PLACE.box, 0),), 1, 1, Source.TINY)
    assert rules.is_named([page], "Kystlyd Kontor AS", "")
    assert not rules.is_named([page], "Havna Fisk AS", "923456780") and not rules.is_named([page], "AS", "")


AMOUNTS = st.decimals(-(10**7), 10**7, places=2, allow_nan=False, allow_infinity=False)


@settings(max_examples=120, deadline=None)
@given(
    lines=st.lists(st.tuples(st.sampled_from(["0", "12", "15", "25"]), AMOUNTS, AMOUNTS), max_size=3),
    net=AMOUNTS, vat=AMOUNTS, total=AMOUNTS, rounding=st.sampled_from(["0.00", "0.50", "-0.37"]),
    is_right=st.booleans(), kind=st.sampled_from(list(Kind)),
)  # fmt: skip
def test_the_sums_are_kept_or_it_is_held(lines, net, vat, total, rounding, is_right, kind):
    if is_right:
        lines = list({rate: (rate, base, part) for rate, base, part in lines}.values())
        net, vat = sum((one[1] for one in lines), Decimal(0)), sum((one[2] for one in lines), Decimal(0))
        total = net + vat + Decimal(rounding)
    reading = a_reading(
        kind, [(rate, str(base), str(part)) for rate, base, part in lines],
        net=f"{net:.2f}", vat_total=f"{vat:.2f}", total=f"{total:.2f}", rounding=rounding,
    )  # fmt: skip
    found = kept(reading)
    if found.is_held:
        return
    made = the_bill(found)
    assert made.kind in bills.POSTABLE
    assert sum(group.net for group in made.groups) == made.net
    assert sum(group.vat for group in made.groups) == made.vat
    assert made.net + made.vat + made.rounding == made.owed
    coding = [
        CodedLine("6340", "", group.net, group.vat, Words(""), group.rate, group.source)
        for group in made.groups
    ]
    if made.owed and (Decimal(-1) if made.is_credit else Decimal(1)) * made.vat >= 0:
        draft = purchase(made, coding, supplier=1, law=NO, waits_on=WAITS_ON, on=made.issued_on)
        assert sum(line.amount for line in draft.lines) == 0


NAMES = st.sampled_from([*FIELDS, "kind", "rounding", "vat_number", "base_25", "vat_25", "vat_15", "weather"])


@settings(max_examples=120, deadline=None)
@given(
    st.dictionaries(
        NAMES,
        st.one_of(AMOUNTS.map(str), st.text(max_size=30), st.sampled_from(["2026-03-12", "credit_note"])),
        max_size=6,
    )
)
def test_whatever_a_person_writes_is_refused_or_adds_up(values):
    try:
        made = corrected(a_reading(), values, law=NO)
    except Refused as refusal:
        assert str(refusal.words)
        return
    found = kept(made)
    if not found.is_held:
        of = the_bill(found)
        assert of.net + of.vat + of.rounding == of.owed
        assert sum(group.vat for group in of.groups) == of.vat
    assert set(made["fields"]) <= set(FIELDS) and ACCOUNTS
    assert rules.teaches(made) == {
        name: one["value"] for name, one in made["fields"].items() if one["value"] and one["is_proven"]
    }


def test_a_nul_in_what_was_read_is_no_trouble():
    made = a_reading(invoice_no="20\x00417")
    assert rules.value(made, "invoice_no") == "20417" and Piece(0, 0, Words("")).first == 0 and SE

"""What is drafted for a bill, and when a bill is not posted: tables, and any invoice at all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.bill import Bill, Group
from nattbok.documents.rules.coding import CodedLine, PastBill, Setting
from nattbok.documents.rules.decision import Ask, Books, Certain, Twin, decide
from nattbok.documents.rules.entry import MoreVatThanStated, posting_day, purchase
from nattbok.documents.rules.identity import Receiver, Supplier, by_number, number_key, receiver
from nattbok.documents.rules.parts import Terms
from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.shape import Invoice, PartyIdentity
from nattbok.ledger.rules import WaitsOn
from tests.formats.invoice import written_invoices as ubl

NO = country("NO")
ZERO = Decimal("0.00")
ACCOUNT = "15031200455"
SUPPLIER = Supplier(5, "Fjord Prøve AS", ubl.FJORD.number, "NO", frozenset({ACCOUNT}))
WAITS_ON = WaitsOn(NO.accounts.prepaid, NO.accounts.deferred, frozenset({"3960"}))
ACCOUNTS = {account.number: account.name for account in NO.chart}


def a_bill(*groups: Group, **fields) -> Bill:
    """A bill of 1 000 and its VAT, or of these groups."""
    groups = groups or (Group("S", Decimal(25), Decimal("1000.00"), Decimal("250.00"), "/vat[1]"),)
    net, vat = sum((each.net for each in groups), ZERO), sum((each.vat for each in groups), ZERO)
    rounding, prepaid = fields.get("rounding", ZERO), fields.get("prepaid", ZERO)
    return Bill(
        **{
            "document": 1, "file": 2, "sha256": "ab", "kind": "invoice", "seller": SUPPLIER.name,
            "seller_key": f"NO:{SUPPLIER.org_number}", "seller_org_number": SUPPLIER.org_number,
            "seller_vat_number": f"NO{SUPPLIER.org_number}MVA", "seller_country": "NO", "number": "F-1",
            "issued_on": date(2026, 3, 2), "due_on": date(2026, 3, 16), "supplied_on": date(2026, 3, 2),
            "currency": "NOK", "net": net, "vat": vat, "owed": net + vat + rounding - prepaid,
            "prepaid": ZERO, "rounding": ZERO, "reference": "04100100454", "accounts": (ACCOUNT,),
            "groups": groups,
        }
        | fields
    )  # fmt: skip


def past(*lines: tuple[str, str], owed: str = "1250.00", entry: int = 9) -> PastBill:
    return PastBill(entry, Decimal(owed), lines)


HABIT = tuple(past(("1", "6340"), entry=entry) for entry in (13, 12, 11))


def the_books(**fields) -> Books:
    return Books(
        **{
            "law": NO, "currency": "NOK", "today": date(2026, 3, 12), "may_post": True, "accounts": ACCOUNTS,
            "waits_on": WAITS_ON,
            "years_begin": date(2026, 1, 1), "suppliers": by_number([SUPPLIER]),
            "chosen": {SUPPLIER.id: SUPPLIER}, "history": {SUPPLIER.id: HABIT},
        }
        | fields
    )  # fmt: skip


def test_a_bill_that_is_certain():
    found = decide(a_bill(), the_books())
    assert isinstance(found, Certain)
    assert [(line.account, line.vat_code, line.entries) for line in found.coding] == [
        ("6340", "1", (13, 12, 11))
    ]


def suppliers(*changed: Supplier) -> dict:
    return {"suppliers": by_number(changed), "chosen": {each.id: each for each in changed}}


@pytest.mark.parametrize(
    "kind, bill, books",
    [
        ("documents.currency", a_bill(currency="EUR"), the_books()),
        ("documents.prepaid", a_bill(prepaid=Decimal("100.00")), the_books()),
        ("documents.sums", a_bill(owed=Decimal("1250.01")), the_books()),
        ("documents.sums", a_bill(net=Decimal("999.99")), the_books()),
        ("documents.sums", a_bill(vat=Decimal("250.01")), the_books()),
        ("documents.sums", a_bill(number=""), the_books()),
        ("documents.sums", a_bill(net=None), the_books()),
        ("documents.vat", a_bill(seller_vat_number=""), the_books()),
        ("documents.date", a_bill(issued_on=date(2026, 3, 13)), the_books()),
        ("documents.date", a_bill(issued_on=date(2025, 12, 31)), the_books()),
        ("documents.date", a_bill(issued_on=None), the_books()),
        ("documents.duplicate", a_bill(), the_books(twins={1: [Twin("K 3", Decimal("1250.00"))]})),
        ("documents.duplicate", a_bill(), the_books(twins={1: [Twin("K 3", Decimal("99.00"))]})),
        ("documents.new_supplier", a_bill(), the_books(**suppliers())),
        (
            "documents.new_supplier",  # its name alone is nothing
            a_bill(Group("O", None, Decimal("900.00"), ZERO, ""), seller_org_number="", seller_vat_number=""),
            the_books(),
        ),
        (
            "documents.which_supplier",
            a_bill(),
            the_books(**suppliers(SUPPLIER, replace(SUPPLIER, id=6, name="Fjord avd. 2"))),
        ),
        ("documents.changed_account", a_bill(accounts=("86011117947",)), the_books()),
        ("documents.changed_account", a_bill(accounts=(ACCOUNT, "86011117947")), the_books()),
        (
            "documents.changed_account",
            a_bill(),
            the_books(**suppliers(replace(SUPPLIER, accounts=frozenset()))),
        ),
        ("documents.account", a_bill(), the_books(history={})),
        ("documents.account", a_bill(), the_books(history={5: HABIT[:2]})),
        ("documents.account", a_bill(), the_books(history={5: (*HABIT, past(("1", "6540")))})),
        ("documents.account", a_bill(), the_books(history={5: (*HABIT, past(("0", "6340")))})),
        ("documents.account", a_bill(), the_books(accounts={"2400": "", "2710": ""})),
        ("documents.vat", a_bill(Group("S", Decimal(24), Decimal(100), Decimal(24), "")), the_books()),
        ("documents.vat", a_bill(seller_country="DK", supplier=5), the_books()),
        (
            "documents.amount",
            a_bill(),
            the_books(history={5: [replace(h, owed=Decimal(400)) for h in HABIT]}),
        ),
        ("documents.limit", a_bill(), the_books(limit=Decimal("1249.99"))),
        ("documents.limit", a_bill(), the_books(settings={5: Setting(limit=Decimal("1249.99"))})),
        ("documents.date", a_bill(issued_on=date(2026, 3, 2)), the_books(today=date(2027, 3, 3))),
        ("documents.closed", a_bill(), the_books(closed_through=date(2026, 3, 2))),
        ("documents.vat", a_bill(seller_vat_number="NO310410012MVA"), the_books()),
        ("documents.vat", a_bill(seller_vat_number="SE556677889901"), the_books()),
        (
            "documents.round",
            a_bill(Group("S", Decimal(25), Decimal("8000.00"), Decimal("2000.00"), "/vat[1]")),
            the_books(history={5: [replace(h, owed=Decimal("9999.99")) for h in HABIT]}),
        ),
        (
            "documents.round",  # nothing to go by but what a person has set
            a_bill(Group("S", Decimal(25), Decimal("8000.00"), Decimal("2000.00"), "/vat[1]")),
            the_books(history={}, settings={5: Setting("6300")}),
        ),
        (
            "documents.purpose",
            a_bill(),
            the_books(history={5: [replace(h, lines=(("1", "7350"),)) for h in HABIT]}),
        ),
        ("documents.purpose", a_bill(), the_books(settings={5: Setting("7350")})),
        ("documents.approval", a_bill(), the_books(may_post=False)),
        ("documents.approval", a_bill(), the_books(settings={5: Setting(may_post=False)})),
        ("documents.held", a_bill(kind="not_ours"), the_books()),
    ],
)
def test_a_guard_rail_asks(kind, bill, books):
    found = decide(bill, books)
    assert isinstance(found, Ask)
    assert found.kind == kind
    str(found.reason)  # every {name} in it has its value


@pytest.mark.parametrize(
    "bill, books",
    [
        (a_bill(), the_books(limit=Decimal("1250.00"))),
        (a_bill(accounts=()), the_books()),
        (a_bill(seller_org_number=""), the_books()),  # by its VAT number
        (a_bill(), the_books(history={5: [replace(h, owed=Decimal("416.67")) for h in HABIT]})),
        (a_bill(), the_books(history={}, settings={5: Setting("6300")})),
        (a_bill(rounding=Decimal("0.40")), the_books()),
        (a_bill(issued_on=date(2026, 3, 12)), the_books()),
        (a_bill(), the_books(closed_through=date(2026, 3, 1))),
        (a_bill(), the_books(today=date(2027, 3, 2))),
        (
            a_bill(Group("S", Decimal(25), Decimal("8000.00"), Decimal("2000.00"), "/vat[1]")),
            the_books(history={5: [replace(h, owed=Decimal("20000.00")) for h in HABIT]}),
        ),
        (
            a_bill(Group("S", Decimal(25), Decimal("7200.00"), Decimal("1800.00"), "/vat[1]")),  # 9 000
            the_books(history={5: [replace(h, owed=Decimal("8999.00")) for h in HABIT]}),
        ),
    ],
)
def test_what_is_just_within_is_posted(bill, books):
    assert isinstance(decide(bill, books), Certain)


@pytest.mark.parametrize(
    "category, rate, override, answer",
    [
        ("S", "25", "", "1"),
        ("S", "15", "", "11"),
        ("S", "11.11", "", "12"),
        ("S", "12", "", "13"),
        ("E", "0", "", "0"),
        ("AE", "0", "", "91"),
        ("S", "25", "0", "0"),  # not deducted: a person has said so
        ("O", "0", "86", "86"),  # owed by the buyer
        ("S", "25", "86", None),  # VAT is stated, so it is not owed once more
        ("S", "12", "1", None),
        ("S", "25", "3", None),
        ("S", "25", "none", None),
        ("S", "24", "", None),
        ("G", "0", "", None),
    ],
)
def test_vat_code(category, rate, override, answer):
    vat = Decimal("10.00") if Decimal(rate) else ZERO
    group = Group(category, Decimal(rate), Decimal("100.00"), vat, "")
    found = codings.vat_code(group, bill=a_bill(), law=NO, override=override)
    assert found == answer if answer else isinstance(found, Words)


def drafted(vat_code: str, net: str, vat: str) -> list[tuple[str, str]]:
    net, vat = Decimal(net), Decimal(vat)
    line = CodedLine("6790", vat_code, net, vat, Words("test"))
    bill = a_bill(Group("S", Decimal(25), net, vat, ""))
    draft = purchase(bill, [line], supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2))
    return [(each.account, str(each.amount)) for each in draft.lines]


@pytest.mark.parametrize(
    "vat_code, net, vat, lines",
    [
        ("1", "1000.00", "250.00", [("6790", "1000.00"), ("2710", "250.00"), ("2400", "-1250.00")]),
        ("0", "1000.00", "250.00", [("6790", "1250.00"), ("2400", "-1250.00")]),
        (
            "86", "1000.00", "0.00",
            [("6790", "1000.00"), ("2714", "250.00"), ("2704", "-250.00"), ("2400", "-1000.00")],
        ),
        ("87", "1000.00", "0.00", [("6790", "1250.00"), ("2704", "-250.00"), ("2400", "-1000.00")]),
    ],
)  # fmt: skip
def test_vat_goes_where_its_code_says(vat_code, net, vat, lines):
    assert drafted(vat_code, net, vat) == lines


@pytest.mark.parametrize("vat_code, vat", [("86", "250.00"), ("3", "250.00"), ("x", "250.00")])
def test_vat_that_cannot_be_is_refused(vat_code, vat):
    with pytest.raises(Refused):
        drafted(vat_code, "1000.00", vat)


@pytest.mark.parametrize(
    "closed_through, day",
    [
        (None, date(2026, 3, 2)),
        (date(2026, 3, 1), date(2026, 3, 2)),
        (date(2026, 3, 2), date(2026, 3, 3)),
        (date(2026, 4, 30), date(2026, 5, 1)),
    ],
)
def test_posting_day(closed_through, day):
    assert posting_day(date(2026, 3, 2), closed_through) == day


@pytest.mark.parametrize(
    "buyer, answer",
    [
        (PartyIdentity(org_number="310410012", org_scheme="0192"), Receiver.CLIENT),
        (PartyIdentity(org_number="NO 310 410 012 MVA"), Receiver.CLIENT),
        (PartyIdentity(org_number="310420115"), Receiver.OTHER),
        (PartyIdentity(org_number="7080000001234", org_scheme="0088"), Receiver.UNSAID),
        (
            PartyIdentity(org_number="7080000001234", org_scheme="0088", vat_number="NO310410012MVA"),
            Receiver.CLIENT,
        ),
        (PartyIdentity(endpoint="310410012", endpoint_scheme="0192"), Receiver.CLIENT),
        (PartyIdentity(endpoint="310420115", endpoint_scheme="0192"), Receiver.OTHER),
        (PartyIdentity(name="Bakke & Sønn Prøve AS"), Receiver.UNSAID),
    ],
)
def test_whom_a_document_is_for(buyer, answer):
    invoice = Invoice("Invoice", "380", None, None, "1", None, None, "NOK", PartyIdentity(), buyer)
    assert receiver(invoice, law=NO, org_number="310410012") is answer


@pytest.mark.parametrize("one, other", [("88-1", "881"), ("F-01", "f 01"), ("007", "7")])
def test_one_number_written_in_two_ways(one, other):
    assert number_key(one) == number_key(other)


AMOUNTS = some.decimals("-99999.99", "99999.99", places=2).filter(bool)
LINES = some.lists(
    some.builds(
        ubl.Line,
        some.just("Vare"),
        some.just("1"),
        some.decimals("0.01", "99999.99", places=2).map(str),
        *[some.sampled_from(["25", "15", "12", "0"])],
    ).map(lambda line: replace(line, category="E") if line.rate == "0" else line),
    min_size=1,
    max_size=6,
)


def as_bill(text: str) -> tuple[Bill, Invoice]:
    invoice = peppol_bis3.read(text.encode())
    kept = bills.from_invoice(invoice, law=NO, org_number=ubl.BAKKE.number, format_name="peppol_bis3")
    assert not kept.is_held, kept.findings
    return bills.bill(kept, law=NO, document=1, file=2, sha256="ab"), invoice


def all_known() -> Books:
    """Books in which every VAT code has its habit."""
    codes = ("1", "11", "13", "0")
    big = Decimal("9999000.00")
    return the_books(history={5: [PastBill(n, big, tuple((c, "6340") for c in codes)) for n in (1, 2, 3)]})


@given(LINES, some.decimals("-0.99", "0.99", places=2))
def test_any_invoice_is_posted_as_it_stands_and_its_credit_note_is_the_exact_opposite(lines, rounding):
    rounding = "" if not rounding else str(rounding)
    bill, invoice = as_bill(ubl.written(lines, number="88-1", rounding=rounding))
    known = replace(
        all_known(),
        terms={1: Terms(preceding=("88-1",))},
        invoices={5: {number_key("88-1"): invoice.payable}},
    )
    found = decide(bill, known)
    if invoice.payable <= 0:  # rounded away: a credit note of it would be a debt
        assert isinstance(found, Ask) or invoice.payable < 0
        return
    credit, _ = as_bill(ubl.written(lines, number="88-2", rounding=rounding, credit=True))
    back = decide(credit, known)
    assert isinstance(found, Certain) and isinstance(back, Certain)
    entry = found.draft.lines
    assert sum(line.amount for line in entry) == 0
    assert [line.amount for line in entry if line.party] == [-invoice.payable]
    vat_of = {code.code: code for code in NO.vat_codes.values()}
    for group in invoice.vat_groups:
        code = NO.purchase_vat_code(group.category, group.rate, "NO", date(2026, 3, 2))
        costs = [line for line in entry if line.vat_code == code and line.vat_base is None]
        taxes = [line for line in entry if line.vat_code == code and line.vat_base is not None]
        assert sum(line.amount for line in costs) == group.taxable
        assert sum(line.amount for line in taxes) == group.tax
        assert all(line.account == vat_of[code].input_account for line in taxes)
    assert [(line.account, -line.amount, line.vat_code) for line in back.draft.lines] == [
        (line.account, line.amount, line.vat_code) for line in entry
    ]


CODES = some.sampled_from([c for c in NO.vat_codes.values() if c.direction is not VatDirection.OUTPUT])


@given(some.lists(some.tuples(AMOUNTS, CODES), min_size=1, max_size=5))
def test_whatever_the_codes_the_entry_balances_and_owes_what_the_document_says(parts):
    groups, lines = [], []
    for net, code in parts:
        rate = code.rate(date(2026, 3, 2))
        vat = ZERO
        if code.direction is VatDirection.INPUT:
            vat = (net * rate / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        groups.append(Group("S", rate, net, vat, ""))
        lines.append(CodedLine("6340", code.code, net, vat, Words("test")))
    bill = a_bill(*groups)
    if not bill.owed:
        with pytest.raises(Refused):
            purchase(bill, lines, supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2))
        return
    draft = purchase(bill, lines, supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2))
    assert sum(line.amount for line in draft.lines) == 0
    assert sum(line.amount for line in draft.lines if line.party) == -bill.owed


@given(AMOUNTS)
def test_lines_that_are_not_what_is_owed_are_refused(off):
    line = CodedLine("6340", "1", Decimal("1000.00") + off, Decimal("250.00"), Words("test"))
    with pytest.raises(Refused):
        purchase(
            a_bill(), [line], supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2) + timedelta(days=1)
        )


@given(some.text(max_size=60), some.text(max_size=120))
def test_any_text_at_all_can_be_looked_at(number, reference):
    text = ubl.written(number="88-1")
    invoice = replace(peppol_bis3.read(text.encode()), number=number)
    invoice = replace(
        invoice,
        payment_means=tuple(replace(m, payment_id=reference, account=number) for m in invoice.payment_means),
    )
    kept = bills.from_invoice(invoice, law=NO, org_number=ubl.BAKKE.number)
    decide(bills.bill(kept, law=NO, document=1, file=2, sha256="ab"), the_books())
    assert len(kept.number) <= 100 and len(kept.reference) <= 100


OFF = some.sampled_from([Decimal(n) / 100 for n in (-100, -1, 0, 1, 100)])


@given(LINES, OFF, OFF, some.integers(0, 5))
def test_what_is_posted_is_what_the_document_states_or_nothing(parts, net_off, vat_off, at):
    """Whatever a line is moved by, a drafted entry has the document's net, VAT of each group and sum."""
    bill, _invoice = as_bill(ubl.written(parts, number="88-1"))
    if not bill.owed:
        return
    law_code = {group: NO.purchase_vat_code(group.category, group.rate, "NO", date(2026, 3, 2)) for group in
                bill.groups}  # fmt: skip
    lines = [
        CodedLine("6340", law_code[group], group.net, group.vat, Words("test"), source=group.source)
        for group in bill.groups
    ]
    moved = at % len(lines)
    lines[moved] = replace(lines[moved], net=lines[moved].net + net_off, vat=lines[moved].vat + vat_off)
    try:
        draft = purchase(bill, lines, supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2))
    except Refused:
        assert net_off or vat_off
        return
    assert not net_off and not vat_off
    costs = [line for line in draft.lines if not line.party and line.vat_base is None]
    taxes = [line for line in draft.lines if line.vat_base is not None]
    assert sum(line.amount for line in costs) == bill.net
    assert sum(line.amount for line in taxes) == bill.vat
    assert [-line.amount for line in draft.lines if line.party] == [bill.owed]


def test_more_vat_than_the_document_states_is_not_deducted():
    line = CodedLine("6340", "1", Decimal("900.00"), Decimal("350.00"), Words("test"))
    with pytest.raises(MoreVatThanStated):
        purchase(a_bill(), [line], supplier=5, law=NO, waits_on=WAITS_ON, on=date(2026, 3, 2))

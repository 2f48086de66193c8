"""The bank takes payments, pays them on their day, tells what became of them, and reports."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from threading import Thread

import pytest
from lxml import etree

from nattbok.countries.known import country
from nattbok.formats.bank import camt
from nattbok.formats.payment import pain001, pain002
from nattbok.formats.payment.shape import (
    AccountKind,
    Batch,
    BatchKind,
    CreditTransfer,
    PaidInvoice,
    PaymentFile,
)
from nattbok.sandbox.bank.core import BIC
from nattbok.sandbox.bank.shape import Account, Customer, OrderState, Reporting
from tests.sandbox.bank.paying import (
    FJORD,
    FRIDAY,
    FUNDS,
    MONDAY,
    OTHER_FJORD,
    OUTSIDE,
    SKOG,
    THURSDAY,
    Pay,
    a_bank,
    a_file,
    files,
    read,
    receipts,
    statements,
    three,
)


def lines(bank, account=FJORD, customer="fjord"):
    """The account as its holder sees it in the net bank."""
    return [
        (str(one.booked_on), str(one.amount), str(one.balance)) for one in bank.movements(customer, account)
    ]


def test_a_file_is_received_accepted_and_settled():
    bank = a_bank()
    answer = bank.upload("fjord", "P001.xml", a_file(three()))
    assert (answer.number, answer.status, answer.message) == (1, OrderState.RECEIVED, "")
    assert receipts(bank) == ["ACTC", "ACCP M1-1=ACCP"]
    assert bank.balance(FJORD) == FUNDS, "nothing is paid before its day is worked"
    assert bank.advance() == FRIDAY
    assert receipts(bank)[2:] == ["ACSC M1-1=ACSC E1=ACSC E2=ACSC E3=ACSC"]
    assert lines(bank) == [("2026-03-12", "-600.00", "99400.00")], "one line for the batch"
    order = bank.status("fjord", 1)
    assert order.state is OrderState.SETTLED and {one.booked_on for one in order.payments} == {THURSDAY}
    (notice,) = files(bank, "fjord", "camt054d")
    (told,) = camt.read(notice[1]).statements
    assert [(one.end_to_end_id, one.payment_info_id, one.amount) for one in told.transactions] == [
        ("E1", "M1-1", Decimal("-100.00")),
        ("E2", "M1-1", Decimal("-200.00")),
        ("E3", "M1-1", Decimal("-300.00")),
    ]


@pytest.mark.parametrize(
    "as_one, with_details, entries, transactions",
    [(True, True, 1, 3), (True, False, 1, 1), (False, True, 3, 3)],
)
def test_a_batch_is_booked_as_it_was_asked(as_one, with_details, entries, transactions):
    bank = a_bank(fjord=Reporting(lists_debit_details=with_details))
    bank.upload("fjord", "P001.xml", a_file(three(), as_one=as_one))
    bank.advance()
    statement = statements(bank)[0]
    assert (statement.entries, len(statement.transactions)) == (entries, transactions)
    assert statement.closing == Decimal("99400.00")
    assert sum(one.amount for one in statement.transactions) == -600
    if not with_details:
        (line,) = statement.transactions
        assert (line.sums_up, line.payment_info_id) == (3, "M1-1")


@pytest.mark.parametrize(
    "asked, at, paid",
    [
        (THURSDAY, time(10), THURSDAY),
        (THURSDAY, time(14), FRIDAY),  # after the cut-off
        (FRIDAY, time(15), FRIDAY),
        (date(2026, 3, 14), time(10), MONDAY),  # a Saturday
        (date(2026, 3, 2), time(10), THURSDAY),  # past
        (date(2026, 4, 2), time(10), date(2026, 4, 7)),  # Maundy Thursday
    ],
)
def test_payments_are_made_on_bank_days_and_before_the_cut_off(asked, at, paid):
    bank = a_bank()
    bank.set_time(at)
    bank.upload("fjord", "P001.xml", a_file([Pay("E1", "10.00")], on=asked))
    receipt = pain002.read(files(bank, "fjord", "pain002")[1][1])
    if asked == paid:
        assert receipts(bank)[1] == "ACCP M1-1=ACCP"
    else:
        assert receipts(bank)[1] == "ACWC M1-1=ACWC E1=ACWC"
        assert receipt.transfers[0].executes_on == paid
    while bank.today <= paid:
        assert bank.balance(FJORD) == FUNDS
        bank.advance()
    assert lines(bank) == [(str(paid), "-10.00", "99990.00")]


@pytest.mark.parametrize(
    "payment, about, reason",
    [
        (Pay("E1", "10.00", to="99973748766"), {}, "AC01"),
        (Pay("E1", "10.00", reference="12345678"), {}, "NARR"),
        (Pay("E1", "10.00", payee=""), {}, "RR03"),
        (Pay("E1", "10.00", currency="JPY"), {}, "AM03"),
        (Pay("E1", "10.00"), {"account": SKOG}, "AG01"),
        (Pay("E1", "10.00"), {"account": "99971960007"}, "AC01"),
        (Pay("E1", "10.00"), {"on": date(2027, 12, 1)}, "DT01"),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_at_once(payment, about, reason):
    bank = a_bank()
    assert bank.upload("fjord", "P001.xml", a_file([payment], **about)).status is OrderState.RECEIVED
    assert receipts(bank)[1] == f"RJCT M1-1=RJCT E1=RJCT/{reason}"
    bank.advance()
    assert lines(bank) == []


@pytest.mark.parametrize(
    "data, words",
    [
        (a_file(three(), count=2), "NbOfTxs says '2', and there are 3"),
        (a_file(three(), total="600.01"), "CtrlSum says 600.01, and the payments come to 600.00"),
        (a_file([Pay("E1", "0.00")]), "is not a positive amount"),
        (a_file([Pay("E1", "1.005")]), "is not a positive amount"),
        (a_file([Pay("E1", "1,00")], total="1.00"), "is not a positive amount"),
        (a_file([Pay("", "1.00")]), "InstrId is empty"),
        (a_file([]), "there is no CdtTrfTxInf"),
        (a_file(three())[:300], "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + a_file(three()), "document type"),
        (a_file(three()).replace(b"<PmtMtd>TRF</PmtMtd>", b"", 1), "PmtMtd is missing"),
        (a_file(three()).replace(b"</PmtInf>", b"<PmtMtd>TRF</PmtMtd></PmtInf>"), "belongs before it"),
        (
            a_file(three()).replace(b"</PmtInf>", b"<Hello>x</Hello></PmtInf>"),
            "Hello may not stand in PmtInf",
        ),
        (a_file(three()).replace(b"<Nm>Kontoret AS</Nm>", b"<Nm/>"), "Nm is empty"),
        (b"hello", "not well-formed"),
        (b"", "not well-formed"),
        (
            a_file(three(), version="09").replace(b"001.001.09", b"001.001.12"),
            "takes pain.001.001.03 and .09",
        ),
    ],
)
def test_a_file_that_is_not_right_is_refused_as_a_whole(data, words):
    bank = a_bank()
    answer = bank.upload("fjord", "P001.xml", data)
    assert answer.status is OrderState.REJECTED
    assert answer.message.startswith("FF01: ") and words in answer.message
    bank.advance()
    assert lines(bank) == []


def test_the_same_file_is_paid_once():
    bank = a_bank()
    first = bank.upload("fjord", "P001.xml", a_file(three()), idempotency_key="a")
    assert bank.upload("fjord", "P001.xml", a_file(three()), idempotency_key="a") == first
    assert len(bank.orders("fjord")) == 1
    again = bank.upload("fjord", "P002.xml", a_file(three()))
    assert again.status is OrderState.REJECTED and again.message.startswith("DU01")
    other = bank.upload("fjord", "P003.xml", a_file([*three(), Pay("E9", "1.00")], message="M2"))
    assert other.status is OrderState.RECEIVED, "another message, whose old payments are refused one by one"
    assert receipts(bank)[-1] == ("PART M2-1=PART E1=RJCT/AM05 E2=RJCT/AM05 E3=RJCT/AM05 E9=ACCP")
    bank.advance()
    assert bank.balance(FJORD) == FUNDS - 601


def test_without_funds_what_there_is_money_for_is_paid():
    bank = a_bank()
    bank.upload(
        "fjord", "P001.xml", a_file([Pay("E1", "70000.00"), Pay("E2", "40000.00"), Pay("E3", "1.00")])
    )
    bank.advance()
    assert receipts(bank)[2] == "PART M1-1=PART E1=ACSC E2=RJCT/AM04 E3=ACSC"
    assert bank.balance(FJORD) == Decimal("29999.00")


def test_a_payment_between_customers_arrives_with_its_reference():
    bank = a_bank(fjord=Reporting(sums_giro=False))
    bank.open_customer(Customer("vik", "Vik AS", "NO"))
    bank.open_account(Account("99979897665", "", "", "NOK", "Vik AS", "vik"), Decimal("50.00"))
    kid = country("NO").references.make("123456")
    bank.upload("vik", "P001.xml", a_file([Pay("V1", "20.00", FJORD, kid)], account="99979897665"))
    bank.advance()
    (paid,) = bank.movements("fjord", FJORD)
    assert (paid.amount, paid.reference, paid.counterparty) == (Decimal("20.00"), kid, "Vik AS")
    assert bank.balance("99979897665") == 30
    assert set(bank.totals().values()) == {Decimal("0.00")}


def test_another_currency_is_exchanged():
    bank = a_bank()
    bank.upload("fjord", "P001.xml", a_file([Pay("E1", "100.00", SKOG, currency="EUR")]))
    bank.advance()
    assert bank.balance(FJORD) == FUNDS - Decimal("1164.00")
    assert bank.balance(SKOG) == FUNDS + Decimal("1119.23")
    (paid,) = statements(bank, "skog")[0].transactions
    assert (paid.instructed_amount, paid.instructed_currency) == (Decimal("100.00"), "EUR")
    assert set(bank.totals().values()) == {Decimal("0.00")}


def test_payments_may_wait_for_approval_in_the_net_bank():
    bank = a_bank(approves_in_bank=True)
    bank.upload("fjord", "P001.xml", a_file(three()))
    assert receipts(bank)[1] == "PDNG M1-1=PDNG"
    assert bank.status("fjord", 1).waits_for_approval
    bank.advance()
    assert lines(bank) == []
    approved = bank.approve("fjord", 1, "Kari")
    assert approved.approved_by == "Kari" and not approved.waits_for_approval
    assert receipts(bank)[2].startswith("ACWC M1-1=ACWC E1=ACWC")
    with pytest.raises(ValueError, match="nothing in payment file 1 waits"):
        bank.approve("fjord", 1, "Ola")
    bank.advance()
    assert lines(bank) == [("2026-03-13", "-600.00", "99400.00")]


def test_what_is_not_paid_may_be_taken_back():
    bank = a_bank()
    bank.upload("fjord", "P001.xml", a_file(three(), on=FRIDAY))
    assert bank.cancel("fjord", 1, "Kari").state is OrderState.CANCELLED
    assert receipts(bank)[2] == "RJCT M1-1=RJCT E1=RJCT/DS02 E2=RJCT/DS02 E3=RJCT/DS02"
    bank.advance(2)
    assert lines(bank) == []
    with pytest.raises(ValueError, match="nothing in payment file 1 can be taken back"):
        bank.cancel("fjord", 1, "Kari")


def test_an_agreement_is_asked_for_where_there_is_one():
    bank = a_bank(agreement="A77")
    assert bank.upload("fjord", "P001.xml", a_file(three())).message.startswith("BE05")
    assert bank.upload("fjord", "P001.xml", a_file(three(), agreement="A77")).status is OrderState.RECEIVED


def test_nobody_sees_anothers():
    bank = a_bank()
    bank.upload("fjord", "P001.xml", a_file(three()))
    for asked in (
        lambda: bank.status("skog", 1),
        lambda: bank.approve("skog", 1, "x"),
        lambda: bank.movements("skog", FJORD),
        lambda: bank.read("skog", bank.waiting("fjord")[0].name + "x"),
    ):
        with pytest.raises(KeyError):
            asked()
    assert bank.orders("skog") == []
    assert bank.waiting("skog") == []


def test_the_days_of_two_countries():
    bank = a_bank()
    bank.advance(40)
    days = [one.ends_on for one in statements(bank)]
    law = country("NO")
    assert days == sorted(days) and all(law.is_bank_day(day) for day in days)
    swedish = {one.ends_on for one in statements(bank, "skog")}
    assert date(2026, 4, 2) in swedish and date(2026, 4, 2) not in days, (
        "Maundy Thursday is a bank day in Sweden"
    )


def test_every_kind_of_file_is_valid_and_read_with_the_same_sums(shared_data):
    bank = a_bank(
        fjord=Reporting(giro_file=True),
        skog=Reporting(version="08", as_iban=True, giro_file=True, lists_debit_details=False),
    )
    _live(bank)
    schemas = {}
    count = 0
    for customer in ("fjord", "skog"):
        own = {one.number for one in bank.accounts(customer)}
        for name, data in files(bank, customer):
            if name.endswith(".csv"):
                continue
            if data.startswith(b"<?xml"):
                root = etree.fromstring(data)
                message = etree.QName(root).namespace.rpartition(":")[2]
                if message not in schemas:
                    path = shared_data / "bank" / "xsd" / f"{message}.xsd"
                    schemas[message] = etree.XMLSchema(etree.parse(str(path)))
                schemas[message].assertValid(root)
                if message.startswith("pain"):
                    assert pain002.read(data).findings == ()
                    continue
            found = read(name, data)
            assert not found.is_refused and not any(one.is_held for one in found.statements), name
            assert {one.account for one in found.statements} <= own | {"9960576"}
            count += 1
    assert count > 12
    names = {name.partition("_")[0] for who in ("fjord", "skog") for name, _data in files(bank, who)}
    assert names == {"pain002", "camt052", "camt053", "camt054c", "camt054d", "ocr", "bgmax", "settlement"}
    for customer, account in (("fjord", FJORD), ("fjord", OTHER_FJORD), ("skog", SKOG)):
        own = [one for one in statements(bank, customer) if one.account == account]
        assert own[-1].closing == bank.balance(account)
        giro = [
            one.amount
            for name, data in files(bank, customer)
            if name.startswith(("ocr", "bgmax"))
            for part in read(name, data).statements
            if part.account in (account, "9960576" if account == SKOG else "")
            for one in part.transactions
        ]
        summed = [one.amount for part in own for one in part.transactions if one.sums_up and one.amount > 0]
        if account != OTHER_FJORD:
            assert sum(giro) == sum(summed) > 0


def _live(bank):
    """Two days on which something of every kind happens."""
    bank.upload("fjord", "P001.xml", a_file(three()))
    bank.upload("skog", "P001.xml", a_file(three("S"), account=SKOG, version="09", message="MS"))
    for account, code in ((FJORD, "NO"), (SKOG, "SE")):
        references = country(code).references
        by = {"name": "Kunde Én", "account": OUTSIDE[4] if code == "NO" else "9959826"}
        invoices = [
            {"reference": references.make(f"1000{n}"), "number": f"1000{n}", "amount": f"{n}50.25"}
            for n in range(1, 8)
        ]
        one = {"invoice": invoices[0], "by": by}
        for kind in ("paid", "paid_short", "paid_over", "paid_number_in_text", "paid_without_reference"):
            bank.inject(account, kind, **one)
        bank.inject(account, "paid_twice", invoice=invoices[1], by=by)
        bank.inject(account, "paid_wrong_reference", invoice=invoices[2], by=by)
        bank.inject(account, "paid_unknown_reference", amount="77.00")
        bank.inject(account, "paid_several", invoices=invoices[3:6], by=by)
        credit = {"number": "999", "amount": "-10.00"}
        bank.inject(account, "paid_with_credit_note", invoices=[*invoices[5:], credit], by=by)
        bank.inject(account, "paid_several_in_text", invoices=invoices[3:6], by=by)
        bank.inject(account, "paid_foreign", invoice=invoices[6], by=by, charges="50.00", less="15.00")
        bank.inject(account, "card_settlement", sales=[("100.00", "2.75"), ("250.00", "6.88")])
        fee = bank.inject(account, "fee", amount="35.00")
        for kind in ("interest", "tax_refund", "tax_paid", "payroll", "direct_debit", "card_purchase"):
            bank.inject(account, kind, amount="12.30")
        bank.inject(account, "card_refund", amount="5.00", text="Retur butikk")
        bank.inject(account, "reversal", line=fee, on=FRIDAY)
        bank.intraday("fjord" if code == "NO" else "skog")
    bank.inject(FJORD, "own_transfer", to=OTHER_FJORD, amount="1000.00")
    bank.inject(FJORD, "return", end_to_end_id="E2", on=FRIDAY)
    bank.advance(2)
    assert set(bank.totals().values()) == {Decimal("0.00")}
    returned = [one for part in statements(bank) for one in part.transactions if one.return_reason]
    assert [(one.end_to_end_id, one.amount) for one in returned] == [("E2", Decimal("200.00"))]
    reversed_ = [one for part in statements(bank) for one in part.transactions if one.is_reversal]
    assert [one.amount for one in reversed_] == [Decimal("35.00")]


@pytest.mark.parametrize(
    "kind, about",
    [
        ("nothing", {}),
        ("paid", {}),
        ("paid", {"invoice": "77"}),
        ("paid", {"invoice": {"reference": "7", "amount": "x"}}),
        ("fee", {"amount": "-1"}),
        ("fee", {"amount": "abc"}),
        ("fee", {"amount": "1.005"}),
        ("fee", {}),
        ("card_settlement", {"gross": "1.00", "fee": "2.00"}),
    ],
)
def test_what_cannot_happen_is_refused(kind, about):
    bank = a_bank()
    with pytest.raises(ValueError):
        bank.inject(FJORD, kind, **about)
    with pytest.raises(KeyError):
        bank.inject("1", "fee", amount="1")
    with pytest.raises(ValueError, match="at most"):
        bank.advance(-1)
    assert lines(bank) == []
    assert set(bank.totals().values()) == {Decimal("0.00")}


def _of_the_product(code, version):
    """A file of the product's: by reference, by list with a credit note, by text."""
    is_norwegian = code == "NO"
    references = country(code).references
    account, kind = (FJORD, AccountKind.BBAN) if is_norwegian else ("9960576", AccountKind.BANKGIRO)
    common = {
        "currency": "NOK" if is_norwegian else "SEK",
        "creditor_name": "Leverandør & Sønn",
        "account": OUTSIDE[0] if is_norwegian else "9998709",
        "account_kind": kind,
        "creditor_country": code,
    }
    transfers = [
        CreditTransfer("T1", Decimal("100.00"), reference=references.make("12345"), **common),
        CreditTransfer("T2", Decimal("50.25"), text="Faktura 7", **common),
    ]
    if is_norwegian:
        paid = (PaidInvoice("11", Decimal("30.00")), PaidInvoice("12", Decimal("10.00"), is_credit_note=True))
        transfers.append(CreditTransfer("T3", Decimal("20.00"), invoices=paid, **common))
    batch = Batch(
        id="B1",
        debtor_name="Klient",
        account=account,
        account_kind=kind,
        bic=BIC[code],
        execute_on=FRIDAY,
        kind=BatchKind.SUPPLIER,
        currency=common["currency"],
        transfers=tuple(transfers),
        debtor_org_number="310000005",
        debtor_country=code,
    )
    created = datetime(2026, 3, 12, 9, tzinfo=UTC)
    file = PaymentFile("M1", created, "Kontoret", "A77", (batch,))
    return pain001.write(file, version=version, country=code)


@pytest.mark.parametrize("code, version", [("NO", "03"), ("NO", "09"), ("SE", "03"), ("SE", "09")])
def test_the_products_own_files_are_taken_and_paid(code, version):
    bank = a_bank(agreement="A77")
    who, account = ("fjord", FJORD) if code == "NO" else ("skog", SKOG)
    answer = bank.upload(who, "P001.xml", _of_the_product(code, version))
    assert (answer.status, answer.message) == (OrderState.RECEIVED, "")
    assert receipts(bank, who)[1] == "ACCP B1=ACCP"
    bank.advance(2)
    total = sum(one.amount for one in bank.status(who, 1).payments)
    assert bank.balance(account) == FUNDS - total
    assert receipts(bank, who)[2].startswith("ACSC B1=ACSC T1=ACSC")


@pytest.mark.parametrize("code, version", [("NO", "03"), ("NO", "09"), ("SE", "03"), ("SE", "09")])
def test_payment_files_of_others_are_taken(shared_data, code, version):
    data = (shared_data / "bank" / "pain001" / f"syn_{code}_v{version}.xml").read_bytes()
    bank = a_bank()
    who = {"NO": "fjord", "SE": "skog"}[code]
    if version == "09" and code == "NO":
        number = etree.fromstring(data).findtext(".//{*}DbtrAcct//{*}Id/{*}Othr/{*}Id")
        if number not in (FJORD, OTHER_FJORD):
            bank.open_account(Account(number, "", "", "NOK", "Fjord Rør AS", "fjord"), FUNDS)
    if code == "SE":
        number = etree.fromstring(data).findtext(".//{*}DbtrAcct//{*}IBAN")
        if number != SKOG:
            bank.open_account(Account(number, number, "", "SEK", "Skog Bygg AB", "skog"), FUNDS)
    assert bank.upload(who, "P001.xml", data).status is OrderState.RECEIVED
    assert all(one.state is OrderState.ACCEPTED for one in bank.status(who, 1).payments)
    stranger = bank.upload("skog" if who == "fjord" else "fjord", "P001.xml", data)
    states = bank.status("skog" if who == "fjord" else "fjord", stranger.number).payments
    assert {one.reason for one in states} == {"AG01"}


def test_many_may_ask_at_once():
    bank = a_bank()

    def busy(place):
        for turn in range(10):
            name = f"M{place}-{turn}"
            bank.upload("fjord", f"{name}.xml", a_file([Pay(name, "1.00")], message=name))
            bank.inject(SKOG, "fee", amount="1.00")
            bank.waiting("fjord")

    threads = [Thread(target=busy, args=(place,)) for place in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    bank.advance(2)
    assert bank.balance(FJORD) == FUNDS - 40 and bank.balance(SKOG) == FUNDS - 40
    references = [one.bank_reference for one in bank.movements("skog", SKOG)]
    assert len(set(references)) == 40
    assert set(bank.totals().values()) == {Decimal("0.00")}

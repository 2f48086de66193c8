"""What the writers of bank files write, our readers read as it was."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nattbok.base.money import ZERO
from nattbok.formats.bank import bgmax as bgmax_reader
from nattbok.formats.bank import camt as camt_reader
from nattbok.formats.bank import ocr_giro as ocr_reader
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Status, Transaction
from nattbok.sandbox.making import make_office
from nattbok.sandbox.writing import bgmax, camt, ocr_giro

DAY = date(2026, 3, 12)
KINDS = {"053": Kind.STATEMENT, "054": Kind.NOTICE, "052": Kind.INTRADAY}

amounts = st.integers(1, 10**11).map(lambda ore: Decimal(ore).scaleb(-2))
digits = st.text("0123456789", min_size=2, max_size=25)
words = st.text(st.characters(codec="iso-8859-1", categories=("Lu", "Ll", "Nd")), min_size=1, max_size=30)
names = st.one_of(st.just(""), words)
days = st.dates(date(2020, 1, 1), date(2039, 12, 31))


@st.composite
def remittances(draw, *, is_out: bool):
    found = []
    for _ in range(draw(st.integers(0, 3))):
        is_credit_note = draw(st.booleans())
        invoice = draw(words) if is_credit_note else draw(names)
        amount = draw(st.one_of(st.none(), amounts))
        if amount is not None and is_out != is_credit_note:
            amount = -amount
        reference = draw(st.one_of(st.just(""), digits))
        if reference or invoice or amount is not None:
            found.append(Remittance(reference, invoice, amount, is_credit_note))
    return tuple(found)


@st.composite
def entries(draw, place: int):
    """The transactions of one entry: one, several in a batch, or a line that sums several up."""
    is_out = draw(st.booleans())
    sign = -1 if is_out else 1
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    entry = f"E{place}"
    status = draw(st.sampled_from(list(Status)))
    booked_on, value_on = draw(days), draw(days)
    if draw(st.integers(0, 9)) == 0:
        return [
            Transaction(
                amount=sign * draw(amounts),
                booked_on=booked_on,
                value_on=value_on,
                status=status,
                bank_reference=entry,
                batch_reference=entry,
                bank_code="PMNT-RCDT-VCOM",
                sums_up=draw(st.integers(1, 999)),
                text=draw(names),
            )
        ]
    found = []
    for number in range(1, count + 1):
        paid = draw(remittances(is_out=is_out))
        references = [one.reference for one in paid if one.reference]
        found.append(
            Transaction(
                amount=sign * draw(amounts),
                booked_on=booked_on,
                value_on=value_on,
                status=status,
                bank_reference=f"{entry}T{number}" if count > 1 else entry,
                batch_reference=entry,
                end_to_end_id=draw(names),
                reference=references[0] if len(references) == 1 else "",
                remittances=paid,
                text="\n".join(draw(st.lists(words, max_size=3))),
                counterparty_name=draw(names),
                counterparty_account=draw(st.sampled_from(["", "99989075795", "NO9799993287926"])),
                counterparty_org_number=draw(st.sampled_from(["", "318100330"])),
                bank_code=draw(st.sampled_from(["PMNT-RCDT-VCOM", "PMNT-ICDT-DMCT", "OWN"])),
                return_reason=draw(st.sampled_from(["", "AC04"])),
                instructed_amount=None,
            )
        )
    return found


@st.composite
def camt_files(draw):
    number, version = draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from(camt.VERSIONS))
    lines = tuple(line for place in range(draw(st.integers(0, 4))) for line in draw(entries(place)))
    opening = draw(amounts) - draw(amounts)
    moved = sum((line.amount for line in lines if line.status is Status.BOOKED), ZERO)
    has_balance = number == "053"
    statement = Statement(
        account=draw(st.sampled_from(["99993287926", "NO9799993287926", "9960576"])),
        currency=draw(st.sampled_from(["NOK", "SEK"])),
        kind=KINDS[number],
        number="S1",
        sequence=draw(st.integers(0, 999)),
        starts_on=DAY,
        ends_on=DAY,
        opening=opening if has_balance else None,
        closing=opening + moved if has_balance else None,
        transactions=lines,
    )
    return BankFile(
        message=f"camt.{number}.001.{version}",
        kind=KINDS[number],
        message_id="M1",
        created="2026-03-13T02:10:00",
        statements=(statement,),
    )


@settings(max_examples=150, deadline=None)
@given(camt_files())
def test_camt_is_read_as_it_was_written(file):
    read = camt_reader.read(camt.write(file, owner="Fjord & Fjell AS", bic="DEMONO22XXX"))
    assert (read.message, read.kind, read.message_id, read.created) == (
        file.message,
        file.kind,
        file.message_id,
        file.created,
    )
    (one,), (other,) = read.statements, file.statements
    for field in ("account", "currency", "number", "sequence", "starts_on", "ends_on", "opening", "closing"):
        assert getattr(one, field) == getattr(other, field)
    assert [replace(line, where="") for line in one.transactions] == list(other.transactions)
    assert not one.is_held


@pytest.mark.parametrize("message", ["camt.053.001.04", "camt.055.001.02", "pain.001.001.03", ""])
def test_other_messages_are_not_written(message):
    with pytest.raises(ValueError, match="not written"):
        camt.write(BankFile(message=message, kind=Kind.STATEMENT))


def test_what_version_02_cannot_say_is_refused():
    lines = tuple(
        Transaction(Decimal(amount), DAY, DAY, batch_reference="B", bank_reference=f"T{amount}")
        for amount in ("5.00", "-3.00")
    )
    statement = Statement("99993287926", "NOK", Kind.NOTICE, transactions=lines)
    file = BankFile("camt.054.001.02", Kind.NOTICE, created="2026-03-13T02:10:00", statements=(statement,))
    with pytest.raises(ValueError, match="one way"):
        camt.write(file)
    read = camt_reader.read(camt.write(replace(file, message="camt.054.001.08")))
    assert [line.amount for line in read.statements[0].transactions] == [Decimal("5.00"), Decimal("-3.00")]


def test_the_nights_camt_files_keep_to_their_schemas(shared_data):
    schemas = {}
    for file in make_office(clients=20).files:
        if not file.name.startswith("camt"):
            continue
        root = etree.fromstring(file.data)
        message = etree.QName(root).namespace.rpartition(":")[2]
        if message not in schemas:
            schemas[message] = etree.XMLSchema(etree.parse(shared_data / f"bank/xsd/{message}.xsd"))
        schemas[message].assertValid(root)
    assert len(schemas) == 4


@st.composite
def ocr_assignments(draw):
    on = draw(days)
    found = []
    for number in range(draw(st.integers(1, 3))):
        batch = f"{on:%Y%m%d}-1-{draw(st.integers(1, 99999)):05}"
        lines = []
        for _ in range(draw(st.integers(0, 5))):
            kind = draw(st.sampled_from(["10", "13", "15", "18", "20", "21", "50"]))
            amount = draw(amounts)
            is_reversal = kind in ("18", "20") or draw(st.booleans())
            reference = draw(st.one_of(st.just(""), digits))
            amount = -amount if is_reversal else amount
            lines.append(
                Transaction(
                    amount=amount,
                    booked_on=on,
                    value_on=None,
                    batch_reference=batch,
                    reference=reference,
                    remittances=(Remittance(reference, amount=amount),) if reference else (),
                    text="\n".join(draw(st.lists(words, max_size=2))),
                    counterparty_account=draw(st.sampled_from(["", "99989075795"])),
                    bank_code=kind,
                    is_reversal=is_reversal,
                )
            )
        account = draw(st.text("0123456789", min_size=11, max_size=11))
        found.append(Statement(account, "NOK", Kind.GIRO, number=f"{number:07}", transactions=tuple(lines)))
    return found, on


@settings(max_examples=150, deadline=None)
@given(ocr_assignments())
def test_ocr_giro_is_read_as_it_was_written(made):
    assignments, on = made
    data = ocr_giro.write(assignments, transmission=7, recipient="12345678", agreement="8566", on=on)
    read = ocr_reader.read(data)
    # A trailer has no sign, so reversals beyond what came in are held.
    assert {finding.code for finding in read.all_findings} <= {"negative_total"}
    assert read.created == on.isoformat()
    for one, other in zip(read.statements, assignments, strict=True):
        assert (one.account, one.number) == (other.account, other.number)
        seen = {}
        for number, (line, wanted) in enumerate(zip(one.transactions, other.transactions, strict=True), 1):
            key = ocr_giro.key(other.account, wanted, number)
            seen[key] = line
            assert line.bank_reference.partition("@")[0] == key
            assert replace(line, where="", bank_reference="") == wanted


@st.composite
def deposits(draw):
    found = []
    for serial in range(1, draw(st.integers(1, 3)) + 1):
        on = draw(st.dates(date(2020, 1, 1), date(2026, 9, 7)))
        lines = []
        for number in range(draw(st.integers(0, 4))):
            amount = draw(amounts) * draw(st.sampled_from([1, 1, -1]))
            paid: tuple[Remittance, ...] = ()
            if draw(st.booleans()):
                paid = (Remittance(draw(digits)),)
            elif draw(st.booleans()):
                first, second = draw(amounts), draw(amounts)
                sign = 1 if amount > 0 else -1
                amount = sign * (first + second + 1)
                paid = (
                    Remittance(draw(digits), amount=amount + sign * second),
                    Remittance(draw(digits), amount=-sign * second, is_credit_note=True),
                )
            lines.append(
                Transaction(
                    amount=amount,
                    booked_on=on,
                    value_on=on,
                    bank_reference=bgmax.key(f"{serial}{number:04}9", on),
                    batch_reference=str(serial),
                    reference=paid[0].reference if len(paid) == 1 else "",
                    remittances=paid,
                    text="\n".join(draw(st.lists(words, max_size=2))),
                    counterparty_name=draw(names),
                    counterparty_account=draw(st.sampled_from(["", "9959826"])),
                    counterparty_org_number=draw(st.sampled_from(["", "5599748521"])),
                    bank_code="1",
                    is_reversal=amount < 0,
                )
            )
        found.append(
            Statement("9960576", "SEK", Kind.GIRO, number=str(serial), ends_on=on, transactions=tuple(lines))
        )
    return found


@settings(max_examples=150, deadline=None)
@given(deposits(), st.booleans())
def test_bgmax_is_read_as_it_was_written(made, is_test):
    data = bgmax.write(made, created="20260312173035010331", account="1234", is_test=is_test)
    read = bgmax_reader.read(data)
    assert read.is_test == is_test
    assert {finding.code for finding in read.all_findings} <= ({"test_file"} if is_test else set())
    for one, other in zip(read.statements, made, strict=True):
        assert (one.account, one.number, one.ends_on) == (other.account, other.number, other.ends_on)
        assert [replace(line, where="") for line in one.transactions] == list(other.transactions)


def test_a_number_too_long_for_its_field_is_refused():
    line = Transaction(Decimal("1.00"), DAY, None, batch_reference="20260312-1-00001", bank_code="123")
    with pytest.raises(ValueError, match="at most 2 digits"):
        ocr_giro.write(
            [Statement("99993287926", "NOK", Kind.GIRO, number="1", transactions=(line,))],
            transmission=1,
            recipient="1",
            agreement="1",
            on=DAY + timedelta(days=1),
        )

"""Every file of the night, read by our own readers, says what the truth says."""

from collections import Counter
from datetime import date

import pytest

from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.formats.bank.shape import BankFile, Kind
from nattbok.formats.known import Outcome, read_any
from nattbok.sandbox.books_at_night import balances, open_items
from nattbok.sandbox.making import make_office


@pytest.fixture(scope="module", params=[1, 5])
def world(request):
    return make_office(seed=request.param)


@pytest.fixture(scope="module")
def readings(world):
    return [(file, read_any(file.data)) for file in world.files]


def bank_files(readings, kind):
    return [
        (file, reading.content)
        for file, reading in readings
        if isinstance(reading.content, BankFile) and reading.content.kind is kind
    ]


def test_all_but_the_two_broken_ones_are_accepted(world, readings):
    outcomes = {(file.client, file.path): reading.outcome for file, reading in readings}
    assert len(outcomes) == len(world.files)
    reasons = {(bill.client, bill.path): bill.reason for bill in world.bills}
    for name, outcome in outcomes.items():
        wanted = {"unreadable": Outcome.REFUSE, "does_not_add_up": Outcome.HOLD}.get(
            reasons.get(name, ""), Outcome.ACCEPT
        )
        assert outcome is wanted, name


def test_nothing_is_found_in_the_good_ones_but_that_bgmax_may_lack_some(world, readings):
    bad = {
        (bill.client, bill.path) for bill in world.bills if bill.reason in ("unreadable", "does_not_add_up")
    }
    codes = Counter(
        finding.code
        for file, reading in readings
        if (file.client, file.path) not in bad
        for finding in reading.findings
    )
    assert set(codes) <= {"maybe_incomplete"}


def test_statements_begin_with_the_books_and_add_up(world, readings):
    statements = bank_files(readings, Kind.STATEMENT)
    assert statements
    for file, content in statements:
        client = world.client(file.client)
        (statement,) = content.statements
        bank = country(client.country).accounts.bank
        assert statement.opening == balances(client.history)[bank]
        moved = sum((line.amount for line in statement.transactions), ZERO)
        assert statement.opening + moved == statement.closing
        assert statement.starts_on == world.bank_day
        names = {client.bank_account.number, *client.bank_account.other_numbers}
        assert statement.account in names


def test_every_line_has_its_truth_and_every_truth_its_line(world, readings):
    truths = {(truth.client, truth.bank_reference): truth for truth in (*world.payments, *world.other_lines)}
    assert len(truths) == len(world.payments) + len(world.other_lines)
    seen = {}
    for kind in (Kind.STATEMENT, Kind.NOTICE):
        for file, content in bank_files(readings, kind):
            for line in content.statements[0].transactions:
                if line.sums_up:
                    continue
                seen[file.client, line.bank_reference] = line.amount
    assert seen == {name: truth.amount for name, truth in truths.items()}


def test_a_sum_line_is_what_the_notice_details(readings):
    notices = {file.client: content for file, content in bank_files(readings, Kind.NOTICE)}
    sums = 0
    for file, content in bank_files(readings, Kind.STATEMENT):
        for line in content.statements[0].transactions:
            if not line.sums_up:
                continue
            sums += 1
            details = [
                one
                for one in notices[file.client].statements[0].transactions
                if one.batch_reference == line.bank_reference
            ]
            assert len(details) == line.sums_up
            assert sum(one.amount for one in details) == line.amount
    assert sums >= 6


def test_giro_files_report_payments_of_the_notice_under_the_names_the_truth_knows(world, readings):
    by_name = {(truth.client, name): truth for truth in world.payments for name in truth.also_called}
    seen, kinds = set(), Counter()
    for file, content in bank_files(readings, Kind.GIRO):
        kinds[content.message] += 1
        for line in content.statements[0].transactions:
            truth = by_name[file.client, line.bank_reference]
            assert truth.amount == line.amount
            assert truth.step.startswith("KID_")
            seen.add((file.client, line.bank_reference))
    assert seen == set(by_name)
    assert kinds["ocr_giro"] >= 4
    assert kinds["bgmax"] == 1


def test_no_reference_in_a_payment_is_what_it_should_not_be(world, readings):
    """The truth is checked against the books by another way than the one it was made by."""
    truths = {(truth.client, truth.bank_reference): truth for truth in world.payments}
    checked = Counter()
    for file, content in bank_files(readings, Kind.NOTICE):
        client = world.client(file.client)
        law = country(client.country)
        items = open_items(client.history)
        by_reference = {item.reference: item for item in items.values() if item.reference}
        by_number = {item.number: item for item in items.values() if item.party.startswith("K")}
        agreed = {
            "methods": [client.agreement.method],
            "lengths": [client.agreement.length] if client.agreement.length else [],
        }
        for line in content.statements[0].transactions:
            truth = truths[file.client, line.bank_reference]
            checked[truth.step] += 1
            item = by_reference.get(line.reference)
            if truth.step in ("KID_EXACT", "KID_PARTIAL", "KID_OVER"):
                paid = min(line.amount, item.left)
                assert truth.allocations == ((item.key, paid),)
                assert truth.unallocated == line.amount - paid
                compared = (line.amount > item.left) - (line.amount < item.left)
                assert truth.step == ("KID_EXACT", "KID_OVER", "KID_PARTIAL")[compared]
            elif truth.step == "KID_CLOSED":
                assert item.left == 0
                assert truth.unallocated == line.amount
            elif truth.step in ("KID_UNKNOWN", "KID_INVALID"):
                assert item is None
                valid = law.references.is_valid(line.reference, **agreed)
                assert valid == (truth.step == "KID_UNKNOWN")
            elif truth.step == "REF_AMOUNT":
                assert not line.remittances
                (key, amount) = truth.allocations[0]
                assert items[key].number in line.text.split()
                assert items[key].left == amount == line.amount
            elif truth.step == "LIST":
                assert sum(amount for _key, amount in truth.allocations) == line.amount
                assert all(items[key].left == amount for key, amount in truth.allocations)
                assert len({items[key].party for key, _amount in truth.allocations}) == 1
                for one in line.remittances:
                    assert by_number[one.invoice].left == one.amount
            else:
                assert not line.remittances
                words = "".join(sign if sign.isalnum() else " " for sign in line.text).split()
                assert not set(words) & (set(by_number) | set(by_reference))
    assert sum(checked.values()) == 90


def test_no_open_item_is_paid_twice(world):
    keys = [(payment.client, key) for payment in world.payments for key, _amount in payment.allocations]
    assert len(set(keys)) == len(keys)


def test_e_invoices_say_what_their_truth_says(world, readings):
    truths = {(bill.client, bill.path): bill for bill in world.bills}
    for file, reading in readings:
        truth = truths.get((file.client, file.path))
        if truth is None or truth.reason in ("unreadable", "does_not_add_up"):
            continue
        invoice, client = reading.content, world.client(file.client)
        law = country(client.country)
        supplier = next(one for one in client.suppliers if one.key == truth.supplier)
        assert invoice.number == truth.number
        assert invoice.supplier.org_number == truth.supplier_org_number == supplier.org_number
        assert invoice.payable_signed == truth.owed
        assert invoice.is_credit_note == truth.is_credit_note
        assert (invoice.buyer.org_number == client.org_number) == (truth.reason != "wrong_buyer")
        assert supplier.is_new == (truth.reason == "new_supplier")
        if invoice.payment_means:
            account = invoice.payment_means[0].account
            assert law.same_account(account, supplier.account) == (truth.reason != "changed_account")
        if truth.is_credit_note:
            earlier = {
                item.number for item in open_items(client.history).values() if item.party == supplier.key
            }
            assert set(invoice.preceding_invoices) <= earlier
        if truth.outcome == "post":
            lines = dict(truth.lines)
            assert sum(lines.values()) == 0
            assert lines[law.accounts.suppliers] == -truth.owed
            sign = -1 if truth.is_credit_note else 1
            taxes = Counter()
            for group in invoice.vat_groups:
                code = law.purchase_vat_code(group.category, group.rate, client.country, invoice.issue_date)
                taxes[law.vat_codes[code].input_account] += sign * group.tax
            assert {account: amount for account, amount in taxes.items() if amount} == {
                account: amount for account, amount in lines.items() if account in taxes
            }
            assert not supplier.other_account


def test_bills_to_post_are_of_the_size_the_supplier_is_known_for(world):
    for bill in world.bills:
        if bill.outcome == "post":
            items = open_items(world.client(bill.client).history).values()
            largest = max(-item.amount for item in items if item.party == bill.supplier)
            assert bill.owed < 3 * largest


def test_a_bill_of_tonight_is_not_in_the_books(world):
    for bill in world.bills:
        history = world.client(bill.client).history
        numbers = {item.number for item in open_items(history).values() if item.party == bill.supplier}
        assert bill.number not in numbers
    twice = [bill for bill in world.bills if bill.reason == "duplicate"]
    for bill in twice:
        same = [
            (one.outcome, one.path)
            for one in world.bills
            if (one.client, one.supplier, one.number) == (bill.client, bill.supplier, bill.number)
        ]
        assert sorted(outcome for outcome, _path in same) == ["ask", "post"]


@pytest.mark.parametrize("night, is_whole", [(date(2026, 3, 13), True), (date(2026, 11, 20), False)])
def test_from_september_payments_made_in_the_new_way_are_not_in_bgmax(night, is_whole):
    seen = 0
    for file in (world := make_office(seed=1, night=night)).files:
        if not file.name.startswith("bgmax"):
            continue
        seen += 1
        notice = next(
            one for one in world.files if one.client == file.client and one.name.startswith("camt054")
        )
        lines = read_any(notice.data).content.statements[0].transactions
        batch = [line for line in lines if line.batch_reference.startswith("SUM")]
        in_file = read_any(file.data).content.statements[0].transactions
        assert [line.reference for line in in_file] == [line.reference for line in batch]
        steps = {one.bank_reference: one.step for one in world.payments if one.client == file.client}
        alone = [
            line
            for line in lines
            if line not in batch and steps[line.bank_reference].startswith("KID_") and line.reference
        ]
        good = [line for line in alone if country("SE").references.is_valid(line.reference)]
        assert bool(good) != is_whole
    assert seen == 1

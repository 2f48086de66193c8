"""What the rules of payments out decide: proposals, checks, states and content, without a database."""

import datetime
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.approvals.rules import canonical, fingerprint
from nattbok.bank.rules.payments import Kind, State, Story, after, heard
from nattbok.bank.rules.payments import content as contents
from nattbok.bank.rules.payments.checks import Checked, Paid, shortages, troubles
from nattbok.bank.rules.payments.proposal import (
    Discount,
    Payee,
    Wanted,
    account_check,
    account_kind,
    pay_on,
    propose,
    sums,
)
from nattbok.bank.rules.payments.states import AFTER, LEADS_TO, ON_THE_WAY
from nattbok.countries.known import country
from nattbok.formats.payment import pain001
from nattbok.formats.payment.shape import AccountKind, PaidInvoice
from nattbok.ledger.rules import OpenItem, PartyKind

NORWAY, SWEDEN = country("NO"), country("SE")
TODAY = datetime.date(2026, 3, 12)
ACCOUNT, OTHER = "86011117947", "12345678903"


def bill(number: int, owed: str, *, party: int = 1, reference: str = "", **fields) -> OpenItem:
    """An open item of a supplier: a bill, or a credit note when what is owed is negative."""
    amount = -Decimal(owed)
    return OpenItem(
        id=number,
        party=party,
        party_kind=PartyKind.SUPPLIER,
        party_number=str(party),
        party_name=f"Leverandør {party}",
        account="2400",
        date=fields.pop("date", datetime.date(2026, 3, 1)),
        due_on=fields.pop("due_on", TODAY),
        number=f"F{number}",
        reference=reference,
        currency=fields.pop("currency", "NOK"),
        currency_amount=amount,
        amount=amount,
        left=fields.pop("left", amount),
        **fields,
    )


def proposal(
    *items: OpenItem, wanted: Wanted | None = None, busy=(), payee: Payee | None = None, billed=None
):
    return propose(
        items,
        wanted or Wanted(TODAY),
        payees=dict.fromkeys((1, 2), payee or Payee(((ACCOUNT, 2),), country="NO")),
        billed=billed or {},
        busy=busy,
        references=NORWAY.references,
        currency="NOK",
        country="NO",
        today=TODAY,
        bank_day=NORWAY.next_bank_day,
    )


def paid(found) -> list[tuple]:
    return [(draft.items, draft.amount, draft.reference) for draft in found.drafts]


@pytest.mark.parametrize(
    "items, wanted, expected",
    [
        ([bill(1, "100.00")], Wanted(TODAY), [1]),
        ([bill(1, "100.00", due_on=TODAY + datetime.timedelta(days=1))], Wanted(TODAY), []),
        ([bill(1, "100.00", on_hold=True)], Wanted(TODAY), []),
        ([bill(1, "100.00", currency="EUR")], Wanted(TODAY), []),
        ([bill(1, "100.00"), bill(2, "300.00")], Wanted(TODAY, largest=Decimal("200.00")), [1]),
        ([bill(1, "100.00"), bill(2, "300.00")], Wanted(TODAY, smallest=Decimal("200.00")), [2]),
        ([bill(1, "100.00"), bill(2, "300.00", party=2)], Wanted(TODAY, parties=(2,)), [2]),
        ([bill(1, "100.00", due_on=datetime.date(2026, 9, 1))], Wanted(TODAY, items=(1,)), [1]),
        ([bill(1, "100.00")], Wanted(TODAY, with_discount=True), []),
        ([bill(1, "100.00", left=Decimal("0.00"))], Wanted(TODAY), []),
    ],
)
def test_what_is_proposed(items, wanted, expected):
    found = proposal(*items, wanted=wanted)
    assert [item for draft in found.drafts for item, _amount in draft.items] == expected


def test_a_busy_item_is_passed_over():
    assert proposal(bill(1, "100.00"), busy={1}).drafts == ()


def test_each_bill_is_a_payment_of_its_own_and_one_with_a_reference_says_nothing_else():
    found = proposal(bill(1, "100.00", reference="2345676"), bill(2, "50.00"))
    assert paid(found) == [
        (((1, Decimal("100.00")),), Decimal("100.00"), "2345676"),
        (((2, Decimal("50.00")),), Decimal("50.00"), ""),
    ]
    assert [draft.message for draft in found.drafts] == ["", "F2"]


def test_a_reference_with_a_wrong_check_digit_is_only_a_message():
    (draft,) = proposal(bill(1, "100.00", reference="2345677")).drafts
    assert (draft.reference, draft.message) == ("", "2345677")


def test_a_credit_note_is_deducted_from_bills_without_a_reference_and_never_from_those_with_one():
    found = proposal(bill(1, "100.00", reference="2345676"), bill(2, "80.00"), bill(3, "-30.00"))
    together, alone = found.drafts[1], found.drafts[0]
    assert alone.reference == "2345676" and alone.invoices == ()
    assert together.amount == Decimal("50.00") and together.reference == ""
    assert together.invoices == (
        PaidInvoice("F2", Decimal("80.00"), False),
        PaidInvoice("F3", Decimal("30.00"), True),
    )


def test_a_credit_note_that_is_larger_than_what_is_due_is_left():
    found = proposal(bill(1, "100.00", reference="2345676"), bill(3, "-30.00"))
    assert len(found.drafts) == 1 and found.drafts[0].amount == Decimal("100.00")
    assert [left.item.id for left in found.left] == [3]


def test_a_bill_says_itself_where_it_is_paid():
    (draft,) = proposal(bill(1, "100.00"), billed={1: OTHER}).drafts
    assert (draft.account, draft.account_check) == (OTHER, "changed")


@pytest.mark.parametrize(
    "account, payee, answer",
    [
        (ACCOUNT, Payee(((ACCOUNT, 2),)), ""),
        (ACCOUNT, Payee(((ACCOUNT, 1),)), "new"),
        (ACCOUNT, Payee(), "new"),
        (ACCOUNT, Payee(paid_before=frozenset({ACCOUNT})), ""),
        (OTHER, Payee(((ACCOUNT, 2),)), "changed"),
        (OTHER, Payee(((ACCOUNT, 2), (OTHER, 5))), "changed"),
        (OTHER, Payee(((OTHER, 5),), paid_before=frozenset({ACCOUNT})), "changed"),
    ],
)
def test_a_new_or_changed_account(account, payee, answer):
    assert account_check(account, payee) == answer


def test_without_an_account_or_with_several_nothing_is_proposed_and_it_is_said():
    for payee in (Payee(), Payee(((ACCOUNT, 2), (OTHER, 2)))):
        found = proposal(bill(1, "100.00"), payee=payee)
        assert found.drafts == () and len(found.left) == 1


def test_a_discount_is_taken_while_it_is_time():
    payee = Payee(((ACCOUNT, 2),), discount=Discount(Decimal("2.00"), 14))
    late = bill(2, "200.00", date=datetime.date(2026, 2, 1))
    found = proposal(bill(1, "100.00", due_on=datetime.date(2026, 3, 31)), late, payee=payee)
    assert [(draft.amount, draft.discount) for draft in found.drafts] == [
        (Decimal("200.00"), Decimal("0.00")),
        (Decimal("98.00"), Decimal("2.00")),
    ]
    assert found.drafts[1].pay_on == TODAY


@pytest.mark.parametrize(
    "chosen, law, answer",
    [
        (datetime.date(2026, 3, 14), NORWAY, datetime.date(2026, 3, 16)),  # a Saturday
        (datetime.date(2026, 4, 2), NORWAY, datetime.date(2026, 4, 7)),  # Maundy Thursday
        (datetime.date(2026, 4, 2), SWEDEN, datetime.date(2026, 4, 2)),  # is a bank day in Sweden
        (datetime.date(2026, 3, 1), NORWAY, TODAY),  # past: today
        (datetime.date(2026, 3, 13), NORWAY, datetime.date(2026, 3, 13)),
    ],
)
def test_a_payment_is_made_on_the_chosen_day_or_the_next_bank_day(chosen, law, answer):
    assert pay_on(chosen, today=TODAY, bank_day=law.next_bank_day) == answer


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2035, 12, 31)), st.sampled_from([NORWAY, SWEDEN]))
def test_never_before_the_chosen_day_and_always_on_a_bank_day(chosen, law):
    day = pay_on(chosen, today=TODAY, bank_day=law.next_bank_day)
    assert day >= max(chosen, TODAY) and law.is_bank_day(day)


@pytest.mark.parametrize(
    "account, kind",
    [
        ("86011117947", AccountKind.BBAN),
        ("9912346", AccountKind.BANKGIRO),
        ("PG41657", AccountKind.PLUSGIRO),
        ("SE4550000000058398257466", AccountKind.IBAN),
        ("", None),
    ],
)
def test_what_kind_of_number_an_account_is(account, kind):
    assert account_kind(account) is kind


CREDIT = PaidInvoice("1", Decimal("1.00"), True)
GOOD = Checked(1, "party:1", "Nordlys", ACCOUNT, AccountKind.BBAN, Decimal("100.00"), "NOK", "NOK", TODAY)


@pytest.mark.parametrize(
    "payment, others, codes",
    [
        (GOOD, [], []),
        (replace(GOOD, account=""), [], ["no_account"]),
        (replace(GOOD, account="86011117948"), [], ["bad_account"]),
        (replace(GOOD, reference="2345677"), [], ["bad_reference"]),
        (replace(GOOD, reference="2345676", invoices=(CREDIT,)), [], ["with_credit"]),
        (replace(GOOD, items=(Paid("F1", Decimal("90.00"), Decimal("90.00")),)), [], ["not_the_sum"]),
        (replace(GOOD, items=(Paid("F1", Decimal("100.00"), Decimal("90.00")),)), [], ["beyond"]),
        (replace(GOOD, items=(Paid("F1", Decimal("100.00"), Decimal("100.00"), True),)), [], ["on_hold"]),
        (replace(GOOD, is_held=True), [], ["held"]),
        (replace(GOOD, currency="EUR"), [], ["currency"]),
        (replace(GOOD, account_check="new"), [], ["account_new"]),
        (replace(GOOD, account_check="changed", is_confirmed=True), [], []),
        (replace(GOOD, message="F1"), [replace(GOOD, id=2, message="F1")], ["twice"]),
        (replace(GOOD, message="F1"), [replace(GOOD, id=2, message="F2")], []),
        (replace(GOOD, message="F1"), [replace(GOOD, id=2, message="F1", amount=Decimal("1.00"))], []),
        (GOOD, [replace(GOOD, id=2, payee="party:2")], ["twice"]),  # the same account is enough
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_payment(payment, others, codes):
    found = troubles(payment, others, references=NORWAY.references, normal_account=NORWAY.normal_account)
    assert [trouble.code for trouble in found] == codes


def test_too_little_money_is_told_for_the_first_day_it_lacks():
    days = [datetime.date(2026, 3, 13), datetime.date(2026, 3, 16), datetime.date(2026, 3, 17)]
    due = sums((1, day, Decimal("60.00")) for day in days)
    ((account, day, words),) = shortages({1: Decimal("100.00"), 2: Decimal("0.00")}, due, {1: "Drift"})
    assert (account, day) == (1, days[1])
    assert str(words).startswith("There is 40.00 on Drift on 2026-03-16, which is 20.00 too little")


@given(st.lists(st.sampled_from([*LEADS_TO, "PART", "XXXX"]), max_size=8), st.booleans())
def test_receipts_in_any_order_only_lead_forward(codes, is_executed):
    """However the bank's statuses come, the state never goes back, and an executed payment never fails."""
    state, said = State.SENT, False
    passed = [state]
    for code in codes:
        found = heard(Story(state, is_executed, said), code)
        said = said or code == "ACSC"
        if found.state is not None:
            assert after(state, found.state) and not found.is_contrary
            state = found.state
            passed.append(state)
    assert len(passed) == len(set(passed))
    if is_executed:
        assert State.REJECTED not in passed


@pytest.mark.parametrize("codes", list(permutations(["ACTC", "ACCP", "ACSC"])))
def test_the_order_of_good_receipts_does_not_matter(codes):
    state = State.SENT
    for code in codes:
        found = heard(Story(state), code)
        assert not found.is_contrary
        state = found.state or state
    assert state is State.ACCEPTED


def test_the_table_of_states_has_no_way_round():
    for state in ON_THE_WAY:
        for to in AFTER[state]:
            assert not after(to, state)


amounts = st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2)


@st.composite
def frozen(draw):
    count = draw(st.integers(1, 12))
    return [
        contents.Frozen(
            end_to_end_id=f"NB{number:022}",
            kind=Kind.SUPPLIER,
            payee=f"party:{number}",
            payee_name=f"Leverandør {number}",
            account=draw(st.sampled_from([ACCOUNT, OTHER])),
            account_kind=AccountKind.BBAN,
            payee_country="NO",
            payee_bic="",
            amount=draw(amounts),
            currency="NOK",
            reference="",
            message=f"F{number}",
            invoices=(),
            pay_on=draw(st.dates(datetime.date(2026, 3, 1), datetime.date(2026, 4, 10))),
            against="2930",
            items=(),
        )
        for number in range(count)
    ]


DEBTOR = contents.Debtor("Fjord AS", "999999999", "NO", "15062995960", (), "NOK")


@given(frozen(), st.randoms())
def test_the_content_is_the_same_in_any_order_and_other_for_any_change(payments, chance):
    text = canonical(contents.content(DEBTOR, Kind.SUPPLIER, payments))
    shuffled = list(payments)
    chance.shuffle(shuffled)
    assert canonical(contents.content(DEBTOR, Kind.SUPPLIER, shuffled)) == text
    other = [replace(payments[0], amount=payments[0].amount + Decimal("0.01")), *payments[1:]]
    changed = canonical(contents.content(DEBTOR, Kind.SUPPLIER, other))
    assert fingerprint(changed) != fingerprint(text)
    assert contents.message_id(fingerprint(changed)) != contents.message_id(fingerprint(text))


@given(frozen())
def test_the_file_is_the_batch_to_the_øre_and_the_same_each_time(payments):
    message = contents.message_id(fingerprint(canonical(contents.content(DEBTOR, Kind.SUPPLIER, payments))))

    def made() -> bytes:
        return pain001.write(
            contents.file(
                DEBTOR, Kind.SUPPLIER, payments, message=message, made_on=TODAY, agreement_id="A1",
                created=datetime.datetime(2026, 3, 12, 9, tzinfo=datetime.UTC), division="", law=NORWAY,
            ),
            version="03",
            country="NO",
        )  # fmt: skip

    assert made() == made()
    file = pain001.read(made())
    assert file.total == sum(payment.amount for payment in payments)
    assert sorted((one.end_to_end_id, one.amount, one.account) for one in file.transfers) == sorted(
        (one.end_to_end_id, one.amount, one.account) for one in payments
    )
    for batch in file.batches:
        assert NORWAY.is_bank_day(batch.execute_on) and batch.execute_on >= TODAY
        assert len(batch.id) <= 35


def test_a_float_cannot_be_approved():
    with pytest.raises(TypeError):
        canonical({"amount": 1.5})

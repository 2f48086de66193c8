"""What is certain of a payment, step by step, and what is left for a person."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.bank.rules import Agreement, Match, Payment, SentPayment, Step, match, payment
from nattbok.bank.rules.shape import Remitted
from nattbok.bank.rules.suggestion import sum_of
from nattbok.countries.known import country
from nattbok.ledger.rules import OpenItem, PartyKind, check

DAY = date(2026, 3, 12)
COUNTRIES = {code: country(code) for code in ("NO", "SE")}
ANNA, BO, SUPPLIER = 1, 2, 9


def item(number, left, party=ANNA, *, reference="", kind=PartyKind.CUSTOMER, amount="", **more):
    """An open item with id `number`, which is its invoice number too."""
    left = Decimal(left)
    return OpenItem(
        id=number, party=party, party_kind=kind, party_number=str(party), party_name=f"Kunde {party}",
        account="1500" if kind is PartyKind.CUSTOMER else "2400", date=DAY, due_on=DAY,
        number=more.pop("name", str(number)), reference=reference, currency=more.pop("currency", "NOK"),
        currency_amount=left, amount=Decimal(amount) if amount else left, left=left, **more,
    )  # fmt: skip


def paid(amount, reference="", text="", *, id=1, **more):
    return Payment(
        id=id, amount=Decimal(amount), booked_on=DAY, reference=reference, text=text, account="1920",
        currency="NOK", **more,
    )  # fmt: skip


def found(payments, items, code="NO", *, payers=None, **more):
    law = COUNTRIES[code]
    return match(
        payments,
        items,
        references=law.references,
        is_org_number=law.is_org_number,
        payers=payers or {},
        **more,
    )


def became(one, items, code="NO", **more):
    """(step, what is paid of which item, on account, rounding), or (step, "left")."""
    result = found([one], items, code, **more)
    if result.unclear:
        return result.unclear[0].step, "left"
    (only,) = result.certain
    pays = {each.item.id: str(each.amount) for each in only.allocations}
    return only.step, pays, str(only.on_account), str(only.rounding)


def kid(code, number):
    return COUNTRIES[code].references.make(str(number), length=10)


def owed(code):
    """10045 of 100.00, 10046 of 250.50 and a credit note 10047 are Anna's; 10048 Bo's; 10049 is paid."""
    return [
        item(10045, "100.00", reference=kid(code, 10045)),
        item(10046, "250.50", reference=kid(code, 10046)),
        item(10047, "-50.00", reference=kid(code, 10047)),
        item(10048, "100.00", BO, reference=kid(code, 10048)),
        item(10049, "0.00", BO, reference=kid(code, 10049), amount="80.00"),
    ]


ROUNDS = Agreement(rounding_limit=Decimal("1.00"))
WRONG_DIGIT = {"NO": "0000100453", "SE": "0000100453"}
BY_REFERENCE = [
    ("exact", "100.00", 10045, {}, (Step.KID_EXACT, {10045: "100.00"}, "0.00", "0.00")),
    ("in part", "40.00", 10045, {}, (Step.KID_PARTIAL, {10045: "40.00"}, "0.00", "0.00")),
    ("an øre short", "99.99", 10045, {}, (Step.KID_PARTIAL, {10045: "99.99"}, "0.00", "0.00")),
    (
        "short within rounding",
        "99.50",
        10045,
        {"agreement": ROUNDS},
        (Step.KID_PARTIAL, {10045: "100.00"}, "0.00", "-0.50"),
    ),
    (
        "at the limit",
        "101.00",
        10045,
        {"agreement": ROUNDS},
        (Step.KID_OVER, {10045: "100.00"}, "0.00", "1.00"),
    ),
    (
        "beyond the limit",
        "98.99",
        10045,
        {"agreement": ROUNDS},
        (Step.KID_PARTIAL, {10045: "98.99"}, "0.00", "0.00"),
    ),
    ("too much", "130.00", 10045, {}, (Step.KID_OVER, {10045: "100.00"}, "30.00", "0.00")),
    ("of a paid invoice", "80.00", 10049, {}, (Step.KID_CLOSED, {}, "80.00", "0.00")),
    ("of a credit note", "50.00", 10047, {}, (Step.KID_UNKNOWN, "left")),
    ("unknown", "100.00", 10099, {}, (Step.KID_UNKNOWN, "left")),
    (
        "not of the agreed length",
        "100.00",
        10045,
        {"agreement": Agreement(lengths=(7,))},
        (Step.KID_INVALID, "left"),
    ),
    ("money out", "-100.00", 10045, {}, (Step.RETURN, "left")),
    ("reversal", "100.00", 10045, {"is_reversal": True}, (Step.RETURN, "left")),
    ("waits", "100.00", 10045, {"waits_for": "maybe_twice"}, (Step.WAITS, "left")),
    ("account in another currency", "100.00", 10045, {"waits_for": "currency"}, (Step.WAITS, "left")),
]


@pytest.mark.parametrize("code", COUNTRIES)
@pytest.mark.parametrize(
    "_what, amount, number, said, answer", BY_REFERENCE, ids=[row[0] for row in BY_REFERENCE]
)
def test_by_reference(_what, amount, number, said, answer, code):
    assert became(paid(amount, kid(code, number), **said), owed(code), code) == answer


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_wrong_check_digit_is_never_matched_by_amount_and_the_right_one_is_shown(code):
    right = kid(code, 10045)
    mistyped = right[:-1] + str((int(right[-1]) + 1) % 10)
    (left,) = found([paid("100.00", mistyped, "faktura 10045")], owed(code), code).unclear
    assert left.step is Step.KID_INVALID
    assert [one.id for one in left.candidates] == [10045]


def test_a_swapped_pair_of_digits_shows_the_invoice_that_was_meant():
    (left,) = found([paid("100.00", "0000100" + "54" + kid("NO", 10045)[-1])], owed("NO")).unclear
    assert 10045 in [one.id for one in left.candidates]


def strd(*rows):
    return tuple(
        Remitted(
            kid("NO", number) if by == "kid" else "", str(number) if by == "nb" else "",
            None if amount is None else Decimal(amount), is_credit_note=credit,
        )
        for number, by, amount, credit in rows
    )  # fmt: skip


LISTS = [
    (
        "amounts",
        "350.50",
        [(10045, "kid", "100.00", 0), (10046, "kid", "250.50", 0)],
        {10045: "100.00", 10046: "250.50"},
    ),
    (
        "without amounts",
        "350.50",
        [(10045, "kid", None, 0), (10046, "nb", None, 0)],
        {10045: "100.00", 10046: "250.50"},
    ),
    (
        "in part",
        "150.00",
        [(10045, "nb", "100.00", 0), (10046, "nb", "50.00", 0)],
        {10045: "100.00", 10046: "50.00"},
    ),
    (
        "less a credit note",
        "300.50",
        [(10045, "nb", None, 0), (10046, "nb", None, 0), (10047, "nb", "-50.00", 1)],
        {10045: "100.00", 10046: "250.50", 10047: "-50.00"},
    ),
    ("does not add up", "350.51", [(10045, "kid", "100.00", 0), (10046, "kid", "250.50", 0)], "left"),
    ("more than is left", "400.00", [(10045, "kid", "149.50", 0), (10046, "kid", "250.50", 0)], "left"),
    ("of two customers", "200.00", [(10045, "kid", None, 0), (10048, "kid", None, 0)], "left"),
    ("unknown among known", "200.00", [(10045, "kid", "100.00", 0), (10099, "kid", "100.00", 0)], "left"),
    ("paid among unpaid", "180.00", [(10045, "kid", "100.00", 0), (10049, "kid", "80.00", 0)], "left"),
    ("the same twice", "200.00", [(10045, "kid", "100.00", 0), (10045, "nb", "100.00", 0)], "left"),
    ("an invoice called a credit note", "150.50", [(10046, "nb", None, 0), (10045, "nb", None, 1)], "left"),
]


@pytest.mark.parametrize("_what, amount, rows, pays", LISTS, ids=[row[0] for row in LISTS])
def test_a_structured_list(_what, amount, rows, pays):
    step, what, *_rest = became(paid(amount, remittances=strd(*rows)), owed("NO"))
    assert (step, what) == (Step.LIST, pays)


TEXTS = [
    ("one number and its amount", "100.00", "Faktura 10045", (Step.REF_AMOUNT, {10045: "100.00"})),
    ("in brackets", "100.00", "betaling (10045).", (Step.REF_AMOUNT, {10045: "100.00"})),
    ("two numbers", "350.50", "faktura 10045, 10046", (Step.LIST, {10045: "100.00", 10046: "250.50"})),
    ("two that do not add up", "350.00", "faktura 10045, 10046", (Step.LIST, "left")),
    ("one of them unknown", "350.50", "10045 10046 10077", (Step.LIST, "left")),
    ("two customers'", "200.00", "10045 og 10048", (Step.LIST, "left")),
    ("another amount", "99.00", "Faktura 10045", (Step.REF_AMOUNT, "left")),
    ("inside a longer number", "100.00", "ordre 8100451", (Step.NONE, "left")),
    ("glued to letters", "100.00", "ordre X10045Y", (Step.NONE, "left")),
    ("digits in two words", "100.00", "100 45", (Step.NONE, "left")),
    ("part of a range", "100.00", "10001-10045", (Step.NONE, "left")),
    ("the end of an account number", "100.00", "fra konto 1234.56.10045", (Step.NONE, "left")),
    ("nothing", "100.00", "takk for sist", (Step.NONE, "left")),
]


@pytest.mark.parametrize("_what, amount, text, answer", TEXTS, ids=[row[0] for row in TEXTS])
def test_free_text(_what, amount, text, answer):
    assert became(paid(amount, text=text), owed("NO"))[:2] == answer


@pytest.mark.parametrize(
    "number, text",
    [
        (2026, "kontingent 2026"),
        (120326, "betalt 120326"),
        (20260312, "dato 20260312"),
        (12032026, "dato 12032026"),
        (98765432, "tlf 98765432"),
        (923609016, "org 923609016"),
        (1500, "sum 1500"),  # the payment's own amount in whole kroner
        (814, "faktura 814"),  # three digits say nothing
        (8601, "NO93 8601 1117 947"),
    ],
)
def test_what_looks_like_a_number_and_is_none(number, text):
    assert became(paid("1500.00", text=text), [item(number, "1500.00")]) == (Step.NONE, "left")


def test_a_payer_known_as_another_customer_contradicts_the_number():
    one = paid("100.00", text="faktura 10045", payer_account="99990244851")
    assert became(one, owed("NO"), payers={"99990244851": {BO: 1}}) == (Step.REF_AMOUNT, "left")
    assert became(one, owed("NO"), payers={"99990244851": {ANNA: 1}})[1] == {10045: "100.00"}


def test_two_items_with_one_number_are_not_told_apart():
    twins = [item(1, "100.00", name="10045"), item(2, "100.00", BO, name="10045")]
    assert became(paid("100.00", text="faktura 10045"), twins)[1] == "left"


def test_two_invoices_with_one_reference_are_paid_together_or_not_at_all():
    reference = kid("NO", 777)
    twins = [item(1, "100.00", reference=reference), item(2, "60.00", reference=reference)]
    assert became(paid("160.00", reference), twins)[1] == {1: "100.00", 2: "60.00"}
    assert became(paid("100.00", reference), twins)[1] == "left"


def test_a_reference_that_was_another_customers_is_certain_only_to_the_øre():
    reference = kid("NO", 777)
    items = [item(1, "0.00", BO, reference=reference, amount="90.00"), item(2, "60.00", reference=reference)]
    assert became(paid("60.00", reference), items)[1] == {2: "60.00"}
    assert became(paid("50.00", reference), items)[1] == "left"


def test_money_on_account_with_the_same_reference_is_no_credit_note():
    reference = kid("NO", 777)
    before = item(2, "-50.00", reference=reference, name="", is_invoice=False)
    closed = item(1, "0.00", reference=reference, amount="100.00")
    assert became(paid("100.00", reference), [closed, before])[:3] == (Step.KID_CLOSED, {}, "100.00")


def test_what_differs_on_an_invoice_in_another_currency_may_be_the_rate():
    reference = kid("NO", 777)
    foreign = [item(1, "1150.00", reference=reference, currency="EUR")]
    assert became(paid("1150.00", reference), foreign)[1] == {1: "1150.00"}
    assert became(paid("1140.00", reference), foreign) == (Step.KID_PARTIAL, "left")


def test_a_payment_of_ours_closes_what_it_was_sent_for_once():
    bill = item(5, "-300.00", SUPPLIER, kind=PartyKind.SUPPLIER)
    ours = SentPayment("E2E-1", Decimal("100.00"), ((5, Decimal("100.00")),))
    two = [paid("-100.00", id=n, end_to_end_id="E2E-1") for n in (1, 2)]
    result = found(two, [bill], sent=[ours])
    assert [(one.payment.id, one.allocations[0].amount) for one in result.certain] == [
        (1, Decimal("-100.00"))
    ]
    assert [one.step for one in result.unclear] == [Step.OWN_PAYMENT]


@pytest.mark.parametrize(
    "amount, pays, is_rejected",
    [
        ("-99.00", [(5, "100.00")], False),  # another amount
        ("-100.00", [(5, "100.00")], True),
        ("-100.00", [(5, "60.00")], False),  # does not say what all of it is for
        ("-100.00", [(5, "50.00"), (5, "50.00")], False),  # more than is left, in two parts
        ("-100.00", [(6, "100.00")], False),  # no such item
    ],
)
def test_a_payment_of_ours_that_differs_is_asked_about(amount, pays, is_rejected):
    bill = item(5, "-99.00", SUPPLIER, kind=PartyKind.SUPPLIER)
    ours = SentPayment("E2E-1", Decimal("100.00"), tuple((n, Decimal(a)) for n, a in pays), is_rejected)
    answer = became(paid(amount, end_to_end_id="E2E-1"), [bill], sent=[ours])
    assert answer == (Step.OWN_PAYMENT, "left")


def test_a_closed_day_is_left():
    assert became(paid("100.00", kid("NO", 10045)), owed("NO"), closed_through=DAY) == (Step.WAITS, "left")


AMOUNTS = st.sampled_from(["50.00", "100.00", "100.40", "99.99", "150.00", "200.00"])
NUMBERS = st.integers(10040, 10047)


@st.composite
def worlds(draw):
    """Few numbers, amounts and references, so that everything meets everything."""
    items = [
        item(
            n,
            draw(st.sampled_from(["100.00", "100.00", "50.00", "-50.00", "0.00"])),
            draw(st.sampled_from([1, 2])),
            name=str(draw(NUMBERS)),
            reference=draw(st.sampled_from(["", *(kid("NO", k) for k in range(10040, 10045))])),
            amount="100.00" if n % 7 == 0 else "",
        )
        for n in range(1, draw(st.integers(1, 9)))
    ]
    payments = [
        paid(
            draw(AMOUNTS),
            draw(st.sampled_from(["", "", "0000100401", *(kid("NO", k) for k in range(10039, 10045))])),
            " ".join(str(n) for n in draw(st.lists(NUMBERS, max_size=3))),
            id=n,
            remittances=tuple(
                Remitted(
                    "", str(draw(NUMBERS)), draw(st.sampled_from([None, Decimal("50.00"), Decimal("100.00")]))
                )
                for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
            ),
            agreement=draw(st.sampled_from([Agreement(), ROUNDS])),
        )
        for n in range(1, draw(st.integers(1, 9)))
    ]
    return items, payments


@settings(max_examples=300, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_what_is_promised_whatever_is_owed_and_paid(world, random):
    items, payments = world
    result = found(payments, items)
    assert Counter(one.payment.id for one in (*result.certain, *result.unclear)) == Counter(
        p.id for p in payments
    )
    taken: Counter = Counter()
    for one in result.certain:
        assert sum_of(one) == one.payment.amount
        assert abs(one.rounding) <= one.payment.agreement.rounding_limit
        assert one.on_account >= 0
        assert (
            len({each.item.party for each in one.allocations} | ({one.party} if one.on_account else set()))
            == 1
        )
        if one.payment.reference and len(one.payment.remittances) < 2:
            assert COUNTRIES["NO"].references.is_valid(one.payment.reference)
            assert one.payment.reference in {each.reference for each in items}
        draft = payment(one, rounding_account="7770")
        accounts = {"1920": "", "7770": "", "1500": "customer"}
        check(draft, accounts=accounts, closed_through=None, parties={1, 2}, currency="NOK")
        assert draft.lines[0].amount == one.payment.amount
        for each in one.allocations:
            assert each.amount * each.item.left > 0
            taken[each.item.id] += each.amount
    for each in items:
        assert abs(taken[each.id]) <= abs(each.left)
    # In whatever order they are given, the same is found; and what others owe makes nothing certain.
    shuffled = random.sample(payments, len(payments))
    assert found(shuffled, items) == result
    strangers = [
        item(900 + n, "100.00", 3, name=str(20000 + n), reference=kid("NO", 20000 + n)) for n in range(3)
    ]
    assert [one.payment.id for one in found(payments, items + strangers).certain] == [
        one.payment.id for one in result.certain
    ]
    assert all(isinstance(one, Match) for one in result.certain)

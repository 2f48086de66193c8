"""The ladder beyond references and numbers: settlements, rules, known payers, returns, exchange, caps."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.bank.rules import Payout, PayoutAccounts, SentPayment, Step, Terms, match, payment, suggestion
from nattbok.bank.rules.bank_rules import Mode, Rule, conditions, posting
from nattbok.bank.rules.ladder.subsets import subsets
from nattbok.ledger.rules import PartyKind, check
from tests.bank.test_ladder import ANNA, BO, COUNTRIES, DAY, SUPPLIER, item, kid, paid

ACCOUNT = "99990244851"
NO = COUNTRIES["NO"]


def decide(payments, items=(), **known):
    """The ladder in Norway with what is known."""
    known = {"payers": {}, "vat_codes": NO.vat_codes, "accounts": NO.accounts} | known
    return match(payments, items, references=NO.references, is_org_number=NO.is_org_number, **known)


def only(found):
    """The one answer: a match, or what is asked."""
    (one,) = (*found.certain, *found.unclear)
    return one


def lines(found):
    return {line.account: str(line.amount) for line in only(found).lines}


def rule(number=1, *, when, post, place=1, approved="person:7", **more):
    return Rule(
        number, 3, f"Regel {number}", conditions(when), posting(post), place=place,
        mode=Mode.POST if approved else Mode.SUGGEST, author="person:7", approved_by=approved,
        party_accounts={ANNA: "1500", SUPPLIER: "2400"}, **more,
    )  # fmt: skip


PAYOUT = Payout(
    5, "vipps", "V2001356", Decimal("1000.00"), Decimal("27.50"), Decimal("100.00"), Decimal("50.00"),
    Decimal("822.50"), adds_up=True, accounts=PayoutAccounts("1579", "7770", reserve="1570"),
)  # fmt: skip


def test_a_payout_is_posted_as_its_report_says():
    found = decide([paid("822.50", text="Utbetaling V2001356")], payouts=[PAYOUT])
    assert only(found).step is Step.SETTLEMENT
    draft = payment(only(found), rounding_account="7740")
    check(draft, accounts={"1920": "", "1579": "", "7770": "", "1570": ""}, closed_through=None, parties=())
    assert sum(line.amount for line in draft.lines if line.account == "1579") == Decimal("-900.00")


FEE_VAT = {
    "all of it is taxed": ("5.50", {"1": "22.00", "": "0"}),
    "none of it is": ("0.00", {"1": "0", "": "27.50"}),
    "some of it is": ("2.50", {"1": "10.00", "": "15.00"}),
    "each row was rounded": ("5.49", {"1": "22.01", "": "0"}),
}


@pytest.mark.parametrize("stated, on_fee", FEE_VAT.values(), ids=FEE_VAT)
def test_a_fee_has_the_vat_that_its_report_states(stated, on_fee):
    accounts = PayoutAccounts("1579", "7770", fee_vat_code="1")
    payout = replace(PAYOUT, accounts=accounts, fee_vat=Decimal(stated))
    found = only(decide([paid("822.50", text="V2001356")], payouts=[payout]))
    fees = {code: Decimal(0) for code in on_fee} | {
        line.vat_code: line.amount for line in found.lines if line.account == "7770"
    }
    assert fees == {code: Decimal(amount) for code, amount in on_fee.items()}
    assert sum(line.amount for line in found.lines if line.account == "2710") == Decimal(stated)
    assert -sum(line.amount for line in found.lines) == Decimal("822.50")


def test_a_fee_cannot_have_more_vat_than_its_code_gives():
    accounts = PayoutAccounts("1579", "7770", fee_vat_code="1")
    payout = replace(PAYOUT, accounts=accounts, fee_vat=Decimal("5.70"))
    assert decide([paid("822.50", text="V2001356")], payouts=[payout]).certain == ()


@pytest.mark.parametrize(
    "amount, text, change",
    [
        ("822.51", "Utbetaling V2001356", {}),  # another net
        ("822.50", "Utbetaling V20013567", {}),  # inside a longer number
        ("822.50", "Utbetaling", {}),  # net alone
        ("822.50", "Utbetaling V2001356", {"adds_up": False}),
        ("822.50", "Utbetaling V2001356", {"is_posted": True}),
        ("822.50", "Utbetaling V2001356", {"accounts": None}),
    ],
)
def test_a_payout_that_does_not_agree_waits(amount, text, change):
    found = decide([paid(amount, text=text)], payouts=[replace(PAYOUT, **change)])
    assert found.certain == ()


def test_a_payout_is_posted_once():
    found = decide([paid("822.50", text="V2001356", id=n) for n in (1, 2)], payouts=[PAYOUT])
    assert len(found.certain) == len(found.unclear) == 1


def test_a_payout_without_its_report_waits_for_it():
    found = decide(
        [paid("500.00", text="Utbetaling V29", payer_name="Vipps MobilePay AS")], acquirers=["vipps"]
    )
    assert only(found).step is Step.SETTLEMENT


DINERS = {
    "parts": [
        {"account": "1579", "takes": "group", "pattern": "BRUTTO ([0-9]+,[0-9]{2})"},
        {"account": "7770", "takes": "group", "pattern": "GEBYR ([0-9]+,[0-9]{2})", "is_deducted": True},
    ]
}


def test_a_rule_splits_gross_and_fee():
    diners = rule(when={"contains": ["DINERS"], "direction": "in"}, post=DINERS)
    found = decide([paid("97.50", text="DINERS CLUB BRUTTO 100,00 GEBYR 2,50")], rules=[diners])
    assert lines(found) == {"1579": "-100.00", "7770": "2.50"}
    assert only(found).evidence["rule"] == 1 and only(found).evidence["version"] == 3
    for text in ("DINERS BRUTTO 100,00 GEBYR 2,40", "DINERS BRUTTO 100,00"):
        assert decide([paid("97.50", text=text)], rules=[diners]).certain == ()


FEE = {"when": {"contains": ["GEBYR"]}, "post": {"parts": [{"account": "7770"}]}}


@pytest.mark.parametrize(
    "rules, amount",
    [
        ([rule(**FEE, approved="")], "-50.00"),  # only suggests
        ([rule(**FEE, largest=Decimal("49.99"))], "-50.00"),  # beyond its cap
        ([rule(**FEE, valid_from=date(2026, 3, 13))], "-50.00"),
        ([rule(**FEE, valid_through=date(2026, 3, 11))], "-50.00"),
        ([rule(**FEE), rule(2, **FEE)], "-50.00"),  # two at the same place
        ([rule(**FEE, after_movement=1)], "-50.00"),  # the backlog
    ],
)
def test_a_rule_that_may_not_post_leaves_it(rules, amount):
    assert decide([paid(amount, text="GEBYR MARS")], rules=rules).certain == ()


def test_the_first_rule_is_used():
    other = rule(2, when={"contains": ["GEBYR MARS"]}, post={"parts": [{"account": "7790"}]}, place=2)
    assert lines(decide([paid("-50.00", text="GEBYR MARS")], rules=[other, rule(**FEE)])) == {"7770": "50.00"}


def test_a_rule_takes_out_its_vat():
    with_vat = rule(when={"payer": "Strøm"}, post={"parts": [{"account": "6340", "vat_code": "1"}]})
    found = decide([paid("-125.00", payer_name="Strøm AS")], rules=[with_vat])
    (cost, vat) = only(found).lines
    assert (cost.account, str(cost.amount), str(cost.vat_amount)) == ("6340", "100.00", "25.00")
    assert str(vat.amount) == "25.00" and vat.vat_base == cost.amount


def test_open_items_outrank_a_rule():
    sales = {"when": {"payer": "Kunde 1"}, "post": {"parts": [{"account": "3000"}]}}
    one = paid("77.00", payer_name="Kunde 1")
    owed = [item(10045, "100.00")]
    found = decide([one], owed, rules=[rule(**sales)])
    assert found.certain == () and only(found).suggestions  # the rule stays beside what is owed
    assert lines(decide([one], owed, rules=[rule(**sales, despite_open_items=True)])) == {"3000": "-77.00"}
    assert lines(decide([one], [], rules=[rule(**sales)])) == {"3000": "-77.00"}


def test_a_rule_onto_a_ledger():
    refund = rule(when={"contains": ["REFUSJON"]}, post={"parts": [{"party": SUPPLIER}]})
    (line,) = only(decide([paid("40.00", text="REFUSJON")], rules=[refund])).lines
    assert (line.account, line.party, str(line.amount)) == ("2400", SUPPLIER, "-40.00")


KNOWN = {ACCOUNT: {ANNA: 2}}


def test_a_known_payer_and_one_amount_is_suggested_and_posted_only_when_let():
    owed, one = [item(10045, "100.00"), item(10046, "70.00")], paid("100.00", payer_account=ACCOUNT)
    assert only(decide([one], owed, payers=KNOWN)).step is Step.UNIQUE
    let = decide([one], owed, payers=KNOWN, terms=Terms(unique_may_post=True))
    assert [each.item.id for each in only(let).allocations] == [10045]
    for other in (
        {"payers": {ACCOUNT: {ANNA: 1}}},
        {"payers": {ACCOUNT: {ANNA: 2, BO: 1}}},
        {"items": [*owed, item(10047, "30.00")]},  # 70 and 30 are 100 as well
        {"items": [*owed, item(10048, "100.00")]},
        {"one": replace(one, text="ordre 55123")},  # meant to say what it pays
    ):
        more = {"payers": KNOWN} | {name: value for name, value in other.items() if name == "payers"}
        found = decide(
            [other.get("one", one)], other.get("items", owed), terms=Terms(unique_may_post=True), **more
        )
        assert found.certain == (), other


def test_sums_of_a_known_payer_are_suggested_and_never_chosen_between():
    owed = [item(1, "31.10"), item(2, "22.20"), item(3, "10.00"), item(4, "20.00"), item(5, "30.00")]
    one = only(decide([paid("53.30", payer_account=ACCOUNT)], owed, payers=KNOWN))
    (offered,) = one.suggestions
    assert {each.item.id for each in offered.match.allocations} == {1, 2}
    several = only(decide([paid("30.00", payer_account=ACCOUNT)], owed, payers=KNOWN))
    assert several.step is Step.SUBSET and len(several.suggestions) == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5000, 20000).filter(bool), max_size=9), st.integers(1, 40000))
def test_subsets_are_those_that_trying_all_finds(cents, wanted):
    from itertools import combinations

    right = {
        places
        for size in range(1, 7)
        for places in combinations(range(len(cents)), size)
        if sum(cents[at] for at in places) == wanted
    }
    found = subsets([Decimal(one) / 100 for one in cents], Decimal(wanted) / 100)
    assert set(found.found) <= right
    assert set(found.found) == right or (not found.is_complete and len(found.found) >= 2)


def test_forty_alike_are_given_up_at_once():
    assert not subsets([Decimal("10.00")] * 40, Decimal("60.00")).is_complete
    assert subsets([Decimal("10.00")] * 40, Decimal("61.00")).found == ()


SENT = SentPayment(
    "E2E-1", Decimal("100.00"), ((5, Decimal("100.00")),), party=SUPPLIER, payment_info_id="P1"
)


def test_a_batch_that_is_booked_as_one_line_settles_all_of_it():
    bills = [item(n, "-100.00", SUPPLIER, kind=PartyKind.SUPPLIER) for n in (5, 6, 7)]
    sent = [
        replace(SENT, end_to_end_id=f"E2E-{n}", items=((n, Decimal("100.00")),), is_rejected=n == 7)
        for n in (5, 6, 7)
    ]
    found = decide([paid("-200.00", payment_info_id="P1")], bills, sent=sent)
    assert {each.item.id for each in only(found).allocations} == {5, 6}
    assert decide([paid("-300.00", payment_info_id="P1")], bills, sent=sent).certain == ()


def test_a_changed_account_stops_what_would_be_settled():
    bill = item(5, "-100.00", SUPPLIER, kind=PartyKind.SUPPLIER)
    one = only(decide([paid("-100.00", end_to_end_id="E2E-1")], [bill], sent=[SENT], blocked={SUPPLIER}))
    assert one.step is Step.OWN_PAYMENT and len(one.suggestions) == 1


def test_our_payment_that_came_back_is_owed_again_after_a_yes():
    bill = item(5, "0.00", SUPPLIER, kind=PartyKind.SUPPLIER, amount="-100.00")
    back = paid("100.00", end_to_end_id="E2E-1", is_reversal=True, return_reason="AC04")
    one = only(decide([back], [bill], sent=[replace(SENT, is_executed=True)]))
    (line,) = one.suggestions[0].match.lines
    assert (one.step, line.account, str(line.amount)) == (Step.RETURN, "2400", "-100.00")


def test_an_invoice_in_another_currency_is_settled_with_its_exchange_difference():
    owed = [replace(item(10656, "11500.00", currency="EUR"), currency_amount=Decimal("1000.00"))]
    one = paid(
        "11582.40", text="Invoice 10656", instructed_amount=Decimal("1000.00"), instructed_currency="EUR"
    )
    found = decide([one], owed)
    assert found.certain == () and only(found).step is Step.FX
    assert lines(decide([one], owed, terms=Terms(fx_may_post=True))) == {NO.accounts.exchange_gain: "-82.40"}
    short = replace(one, instructed_amount=Decimal("985.00"))
    assert len(only(decide([short], owed, terms=Terms(fx_may_post=True))).suggestions) == 2


def test_what_is_beyond_a_cap_is_asked_about_with_the_answer_ready():
    owed = [item(n, "100.00", reference=kid("NO", n)) for n in (10045, 10046)]
    payments = [paid("100.00", kid("NO", n), id=n) for n in (10045, 10046)]
    found = decide(payments, owed, terms=Terms(largest=Decimal("99.99")))
    assert {one.step for one in found.unclear} == {Step.CAPPED}
    found = decide(payments, owed, terms=Terms(per_night=Decimal("150.00")))
    assert len(found.certain) == 1 and found.unclear[0].step is Step.CAPPED
    assert decide(
        payments, owed, terms=Terms(per_night=Decimal("250.00")), posted_tonight=Decimal("60")
    ).unclear


def test_a_closed_day_is_posted_on_the_first_open_one_when_the_client_wants_it():
    owed = [item(10045, "100.00", reference=kid("NO", 10045))]
    found = decide(
        [paid("100.00", kid("NO", 10045))], owed, closed_through=DAY, terms=Terms(is_first_open_day=True)
    )
    assert only(found).posted_on == date(2026, 3, 13)


def test_an_answer_is_data_that_gives_the_same_match_again():
    owed = [item(1, "31.10"), item(2, "22.20")]
    one = only(decide([paid("53.30", payer_account=ACCOUNT)], owed, payers=KNOWN))
    said = suggestion.answer(one.suggestions[0].match)
    again = suggestion.match_of(one.payment, said, {each.id: each for each in owed})
    assert again.step is Step.BY_HAND and again.allocations == one.suggestions[0].match.allocations
    for wrong in (
        said | {"pays": [[1, "31.10"]]},
        said | {"pays": [[1, "31.10"], [9, "22.20"]]},
        said | {"pays": [[1, "53.30"]]},
        {"do": "settle"},
        said | {"do": "else"},
    ):
        with pytest.raises(suggestion.Refused):
            suggestion.match_of(one.payment, wrong, {each.id: each for each in owed})


AMOUNTS = st.sampled_from(["50.00", "100.00", "150.00", "822.50", "-50.00", "-100.00"])
TEXTS = st.sampled_from(
    ["", "GEBYR", "DINERS BRUTTO 150,00 GEBYR 50,00", "V2001356", "faktura 10041", "10041 10042", "ordre 1"]
)
RULES = [rule(**FEE), rule(2, when={"contains": ["DINERS"]}, post=DINERS, place=2)]


@st.composite
def nights(draw):
    """Few amounts, payers and texts, so that all steps meet each other."""
    items = [
        item(
            n,
            draw(st.sampled_from(["100.00", "50.00", "-50.00", "0.00"])) if n < 8 else "-100.00",
            draw(st.sampled_from([ANNA, BO])) if n < 8 else SUPPLIER,
            kind=PartyKind.CUSTOMER if n < 8 else PartyKind.SUPPLIER,
            name=str(10040 + n),
            reference=kid("NO", 10040 + n) if n % 2 else "",
            amount="100.00" if n == 3 else "",
        )
        for n in range(1, draw(st.integers(1, 10)))
    ]
    items = [one for one in items if one.left or one.amount > 0]
    payments = [
        paid(
            draw(AMOUNTS),
            draw(st.sampled_from(["", "", kid("NO", 10041), kid("NO", 10043), kid("NO", 10099)])),
            draw(TEXTS),
            id=n,
            payer_account=draw(st.sampled_from(["", ACCOUNT])),
            payer_name=draw(st.sampled_from(["", "Kunde 1", "Kunde 2"])),
            end_to_end_id=draw(st.sampled_from(["", "E2E-8"])),
            is_reversal=draw(st.booleans()) and draw(st.booleans()),
        )
        for n in range(1, draw(st.integers(1, 9)))
    ]
    terms = Terms(
        unique_may_post=draw(st.booleans()),
        per_night=draw(st.sampled_from([None, Decimal("250.00")])),
        largest=draw(st.sampled_from([None, Decimal("100.00")])),
    )
    return items, payments, terms


@settings(max_examples=200, deadline=None)
@given(nights())
def test_whatever_comes_the_ladder_keeps_its_promises(night):
    items, payments, terms = night
    sent = [replace(SENT, end_to_end_id="E2E-8", items=((8, Decimal("100.00")),))]
    found = decide(payments, items, payers=KNOWN, rules=RULES, payouts=[PAYOUT], sent=sent, terms=terms)
    # Every payment has exactly one answer (d), and a return is never posted by itself.
    told = [one.payment.id for one in (*found.certain, *found.unclear)]
    assert sorted(told) == sorted(one.id for one in payments)
    assert not any(one.payment.is_reversal for one in found.certain)
    # What is posted is what was paid (b), and never more of an item than was left (a).
    left = {one.id: one.left for one in items}
    for one in found.certain:
        assert suggestion.sum_of(one) == one.payment.amount
        for each in one.allocations:
            left[each.item.id] -= each.amount
            assert left[each.item.id] * each.item.left >= 0
        assert len({each.item.party for each in one.allocations}) <= 1
        draft = payment(one, rounding_account="7740")
        assert sum(line.amount for line in draft.lines) == 0
    # Within the caps (j).
    sizes = [abs(one.payment.amount) for one in found.certain]
    assert terms.largest is None or all(size <= terms.largest for size in sizes)
    assert terms.per_night is None or sum(sizes) <= terms.per_night
    # What is suggested could be posted as it is, and deciding again decides the same (c, k).
    for one in found.unclear:
        for offered in one.suggestions:
            said = suggestion.answer(offered.match)
            now = {each.id: replace(each, left=left[each.id]) for each in items}
            assert suggestion.sum_of(suggestion.match_of(one.payment, said, now)) == one.payment.amount
    again = decide(
        list(reversed(payments)), items, payers=KNOWN, rules=RULES, payouts=[PAYOUT], sent=sent, terms=terms
    )
    assert again == found

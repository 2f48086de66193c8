"""Bank rules from being written to being taken back: what they may be, what they do, and when they stop."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank.actions import bank_rules, payouts
from nattbok.bank.models import (
    BankRule,
    BankRuleHit,
    BankRuleProposal,
    BankRuleVersion,
    Movement,
    PayoutReport,
)
from nattbok.bank.queries import bank_rules as known
from nattbok.bank.queries.rule_effects import back_test, effects
from nattbok.bank.rules.bank_rules import (
    BadPattern,
    BadRule,
    amount_in,
    conditions,
    patterns,
    posting,
    written,
)
from nattbok.bank.rules.bank_rules.learning import Booked, proposals, recurring
from nattbok.desk.models import Question
from nattbok.formats.bank.shape import Kind
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry, Line
from nattbok.ledger.rules import PartyKind
from tests.bank.test_actions import ACCOUNT, camt_file, line, take
from tests.web.visitors import a_person
from tests.world import TODAY, a_party, an_invoice

KARI = "person:7"
FEE = bank_rules.RuleDraft(
    "Gebyr", {"contains": ["GEBYR"], "direction": "out"}, {"parts": [{"account": "7770"}]}
)
WRONG_PATTERNS = [
    "(a+)+b",
    "(?:a|b)c",
    ".*x.*y.*z",
    "a**",
    "[",
    "(a",
    "a|b",
    r"(a)\1",
    "(?=a)",
    "a{1,999}",
    "",
    "x*",
    "a" * 201,
]


@pytest.mark.parametrize("pattern", WRONG_PATTERNS)
def test_a_pattern_that_could_take_long_is_refused(pattern):
    with pytest.raises(BadPattern):
        patterns.compiled(pattern)


@given(st.text("aab.*+?()[]{}1,\\d ", min_size=1, max_size=14))
def test_what_is_allowed_ends_on_whatever_text(pattern):
    try:
        patterns.compiled(pattern)
    except BadPattern:
        return
    patterns.found(pattern, "a" * 5000)  # would never end, if it could explode
    patterns.found(pattern, "a1" * 2500 + "b")


@pytest.mark.parametrize(
    "text, amount",
    [
        ("10000,00", "10000.00"), ("1 234,50", "1234.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("500", "500.00"), ("1.234", None), ("12,5", None), ("", None), ("1,2,3", None), ("-5,00", None),
    ],
)  # fmt: skip
def test_an_amount_in_a_text(text, amount):
    assert amount_in(text) == (amount and Decimal(amount))


@pytest.mark.parametrize(
    "when",
    [
        {}, {"direction": "in"}, {"contains": ["a"]}, {"payer": "Kari", "least": "-1"},
        {"payer": "Kari", "unknown": 1},
        {"payer": "Kari", "least": "20", "most": "10"}, {"payer": "Kari", "first_day": 40, "last_day": 41},
        {"payer": "Kari", "direction": "up"}, {"payer": "x" * 300}, {"payer": "Kari", "least": "1.001"},
    ],
)  # fmt: skip
def test_conditions_that_say_too_little_or_nonsense_are_refused(when):
    with pytest.raises(BadRule):
        conditions(when)


@pytest.mark.parametrize(
    "post",
    [
        {}, {"parts": []}, {"parts": [{}]}, {"parts": [{"account": "1", "party": 2}]},
        {"parts": [{"account": "1"}, {"account": "2"}]}, {"kind": "settlement"}, {"kind": "magic"},
        {"parts": [{"account": "1", "takes": "percent", "amount": "101"}]},
        {"parts": [{"account": "1", "takes": "group", "pattern": "[0-9]+"}]},
        {"parts": [{"party": 1, "vat_code": "1"}]}, {"parts": "all"},
    ],
)  # fmt: skip
def test_postings_that_cannot_be_are_refused(post):
    with pytest.raises(BadRule):
        posting(post)


def test_what_is_kept_reads_back_the_same():
    asked = conditions(
        {"contains": ["GEBYR"], "most": "500", "direction": "out", "first_day": 28, "last_day": 3}
    )
    assert conditions(written(asked)) == asked
    says = posting({"parts": [{"account": "1"}, {"account": "2", "takes": "percent", "amount": "2.5"}]})
    assert posting(written(says)) == says


@pytest.fixture
def havn(fjord):
    bank.open_account(fjord, ACCOUNT)
    return fjord


_names = iter(range(1, 10_000))


def come(client, *told, day=TODAY):
    """Lines of (amount, text) on the statement, read and matched."""
    rows = [line(amount, f"R{next(_names)}", "", text=text) for amount, text in told]
    return take(
        client, camt_file(Kind.STATEMENT, *rows, message=f"M{next(_names)}", number=f"S{next(_names)}")
    )


def asked(client):
    return sorted(
        Question.objects.filter(client=client, closed_at__isnull=True).values_list("kind", flat=True)
    )


def booked(client):
    rows = Line.objects.filter(client=client, entry__series__code="B").order_by("entry", "number")
    return [(number, str(amount)) for number, amount in rows.values_list("account__number", "amount")]


def test_a_rule_posts_only_when_a_person_has_let_it(havn):
    version = bank_rules.write(havn, FEE, by=KARI)
    assert come(havn, ("-50.00", "GEBYR MARS")).posted == 0
    assert asked(havn) == ["bank.rule"]
    bank_rules.approve(havn, version.rule_id, by=KARI)
    assert bank.match(havn, by="robot:match_payments").posted == 0  # it came before: the backlog
    assert come(havn, ("-60.00", "GEBYR APRIL")).posted == 1
    assert booked(havn) == [("1920", "-60.00"), ("7770", "60.00")]
    (hit,) = BankRuleHit.objects.filter(client=havn)
    assert (hit.version.number, hit.by_robot) == (2, True)
    said = Entry.objects.get(client=havn, series__code="B").act.evidence
    assert (said["rule"], said["version"], said["approved_by"]) == (version.rule_id, 2, KARI)
    assert bank_rules.apply_backlog(havn, version.rule_id, by=KARI) == 1
    assert bank_rules.apply_backlog(havn, version.rule_id, by=KARI) == 0
    assert asked(havn) == []


def test_the_robot_lets_no_rule_post(havn):
    with pytest.raises(bank_rules.NotAPerson):
        bank_rules.write(havn, FEE, by="robot:match_payments", approve=True)


def test_a_version_stands_as_it_was_written(havn):
    version = bank_rules.write(havn, FEE, by=KARI)
    for change in ({"name": "Noe annet"}, {"mode": "post", "approved_by": KARI}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BankRuleVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM bank_bankruleversion WHERE id = %s", [version.pk])


def test_a_rule_names_accounts_that_are_there(havn):
    with pytest.raises(bank_rules.NoSuchRuleAccount):
        bank_rules.write(
            havn, bank_rules.RuleDraft("x", FEE.conditions, {"parts": [{"account": "9999"}]}), by=KARI
        )
    with pytest.raises(bank_rules.NoSuchRuleAccount):  # a control account is posted on with a party
        bank_rules.write(
            havn, bank_rules.RuleDraft("x", FEE.conditions, {"parts": [{"account": "1500"}]}), by=KARI
        )
    with pytest.raises(bank_rules.NoSuchRuleParty):
        bank_rules.write(
            havn, bank_rules.RuleDraft("x", FEE.conditions, {"parts": [{"party": 2**40}]}), by=KARI
        )


def test_order_switching_and_deleting(havn):
    first = bank_rules.write(havn, FEE, by=KARI, approve=True).rule_id
    wide = bank_rules.RuleDraft("Alt ut", {"contains": ["MARS"]}, {"parts": [{"account": "7790"}]})
    second = bank_rules.write(havn, wide, by=KARI, approve=True).rule_id
    bank_rules.order(havn, [second, first], by=KARI)
    come(havn, ("-50.00", "GEBYR MARS"))
    assert booked(havn)[-1] == ("7790", "50.00")
    bank_rules.switch(havn, second, on=False, by=KARI)
    come(havn, ("-51.00", "GEBYR MARS"))
    assert booked(havn)[-1] == ("7770", "51.00")
    bank_rules.delete(havn, first, by=KARI)
    assert come(havn, ("-52.00", "GEBYR MARS")).posted == 0
    assert BankRule.objects.filter(client=havn).count() == 2  # kept, with what they did


def test_an_answer_of_a_rule_is_posted_exactly_and_once(havn):
    bank_rules.write(havn, FEE, by=KARI)
    come(havn, ("-50.00", "GEBYR MARS"))
    (question,) = Question.objects.filter(client=havn, closed_at__isnull=True)
    movement = int(question.subject.partition(":")[2])
    bank.accept(havn, movement, question.candidates[0]["answer"], by=KARI)
    assert booked(havn) == [("1920", "-50.00"), ("7770", "50.00")]
    assert asked(havn) == []
    with pytest.raises(bank.matching.AlreadySettled):
        bank.accept(havn, movement, question.candidates[0]["answer"], by=KARI)
    assert [hit.by_robot for hit in BankRuleHit.objects.filter(client=havn)] == [False]


def test_money_on_a_ledger_is_offered_against_open_items(havn):
    customer = a_party(havn, PartyKind.CUSTOMER, "Havna Fisk")
    item = an_invoice(havn, "100.00", customer=customer)
    draft = bank_rules.RuleDraft("Havna", {"contains": ["HAVNA"]}, {"parts": [{"party": customer}]})
    bank_rules.write(havn, draft, by=KARI, approve=True)
    assert come(havn, ("100.00", "HAVNA MARS")).posted == 1
    (question,) = Question.objects.filter(client=havn, closed_at__isnull=True)
    assert question.candidates[0]["answer"] == {"do": "offset", "item": item.pk}
    bank.offset(havn, int(question.subject.partition(":")[2]), item.pk, by=KARI)
    item.refresh_from_db()
    assert item.left == 0 and asked(havn) == []


def test_a_rule_that_errs_beyond_its_budget_only_suggests(havn):
    rule = bank_rules.write(havn, FEE, by=KARI, approve=True).rule_id
    come(havn, *[(f"-{n}.00", "GEBYR") for n in range(10, 15)])
    entries = list(Entry.objects.filter(client=havn, series__code="B").values_list("pk", flat=True))
    ledger.reverse(havn, entries[:1], by=KARI, why="feil")
    assert bank_rules.review(havn, TODAY, by="robot:x") == 0  # one slip is within it
    ledger.reverse(havn, entries[1:3], by=KARI, why="feil")
    assert bank_rules.review(havn, TODAY, by="robot:x") == 1
    (last,) = known.last_versions(havn)
    assert (last.mode, last.number, last.author) == ("suggest", 2, "robot:x")
    assert "bank.rule_demoted" in asked(havn)
    assert bank_rules.review(havn, TODAY, by="robot:x") == 0
    bank_rules.approve(havn, rule, by=KARI)
    assert "bank.rule_demoted" not in asked(havn)


def test_the_past_tells_what_a_rule_would_have_done(havn):
    bank_rules.write(havn, FEE, by=KARI, approve=True)
    come(havn, ("-50.00", "GEBYR MARS"), ("-60.00", "GEBYR APRIL"))
    other = bank_rules.RuleDraft("Annet", FEE.conditions, {"parts": [{"account": "7790"}]})
    version = bank_rules.write(havn, other, by=KARI)
    (same, otherwise) = known.rules(havn)
    assert (back_test(havn, same).count, back_test(havn, same).percent) == (2, 100)
    assert back_test(havn, otherwise).other == 2
    come(havn, ("-70.00", "GEBYR MAI"))
    assert effects(havn, otherwise) == [] and version.number == 1


def habit(n, *, account="7770", amount="-50.00", day=None, payer="Strøm AS", by_person=True):
    day = day or TODAY.replace(month=n)
    return Booked(n, day, Decimal(amount), payer, "", f"faktura {n}", "", account, "", by_person)


def test_what_people_do_three_times_is_proposed():
    (one,) = proposals([habit(n) for n in (1, 2, 3)])
    assert one.posting == {"parts": [{"account": "7770"}]} and one.conditions["payer"] == "Strøm AS"
    assert one.evidence["monthly"]["last_on"] == "2026-03-12"
    assert proposals([habit(n) for n in (1, 2)]) == []
    assert proposals([habit(n, by_person=False) for n in (1, 2, 3)]) == []  # the robot is no teacher
    assert proposals([habit(1), habit(2), habit(3), habit(4, account="6340")]) == []  # one in four otherwise
    assert proposals([habit(n, account="") for n in (1, 2, 3)]) == []  # invoices that were paid


def test_monthly_lines_are_those_that_come_monthly():
    assert recurring([habit(n) for n in (1, 2, 3)])
    assert not recurring([habit(n) for n in (1, 2, 4)])
    assert not recurring([habit(1), habit(2), habit(3, amount="-90.00")])


def test_a_rejected_proposal_stays_rejected_and_an_accepted_one_is_expected_monthly(havn):
    person = f"person:{a_person().pk}"
    come(havn, *[("-50.00", "HUSLEIE LOKALE") for _n in range(3)])
    for place, movement in enumerate(Movement.objects.filter(client=havn).order_by("pk")):
        Movement.objects.filter(pk=movement.pk).update(booked_on=TODAY.replace(month=place + 1))
        said = {"do": "settle", "lines": [{"account": "6300", "amount": "50.00"}]}
        bank.accept(havn, movement.pk, said, by=person)
    assert bank_rules.review(havn, TODAY, by="robot:x") == 1
    (proposal,) = BankRuleProposal.objects.filter(client=havn)
    bank_rules.reject_proposal(havn, proposal.pk, by=person, why="nei")
    assert bank_rules.review(havn, TODAY, by="robot:x") == 0
    BankRuleProposal.objects.filter(pk=proposal.pk).update(state="open")
    bank_rules.accept_proposal(havn, proposal.pk, by=person, approve=True)
    assert bank_rules.review(havn, TODAY + datetime.timedelta(days=30), by="robot:x") == 0
    assert bank_rules.review(havn, TODAY + datetime.timedelta(days=50), by="robot:x") == 1
    assert "bank.recurring_missing" in asked(havn)
    assert come(havn, ("-55.00", "HUSLEIE LOKALE")).posted == 1
    assert come(havn, ("-500.00", "HUSLEIE LOKALE")).posted == 0
    bank_rules.review(havn, TODAY, by="robot:x")
    assert "bank.recurring_differs" in asked(havn)


def test_a_settlement_report_is_kept_once_and_its_payout_posted(havn):
    rows = (Row(RowKind.SALE, Decimal("100.00"), Decimal("2.50")),)
    report = Settlement(
        "vipps", "V1", "", TODAY, "NOK", Decimal("100.00"), Decimal("2.50"), Decimal(0), Decimal(0),
        Decimal("97.50"), rows,
    )  # fmt: skip
    for _time in range(2):
        payouts.keep(havn, [report], name="a", by=KARI)
    assert PayoutReport.objects.filter(client=havn).count() == 1
    come(havn, ("97.50", "Utbetaling V1"))
    assert asked(havn) == ["bank.settlement"]  # nobody has said where it goes
    payouts.set_accounts(havn, "vipps", by=KARI, clearing="1579", fee="7770")
    assert bank.match(havn, by="test").posted == 1
    assert booked(havn) == [("1920", "97.50"), ("1579", "-100.00"), ("7770", "2.50")]
    assert asked(havn) == []


def test_a_sum_line_whose_details_do_not_come_is_asked_about(havn):
    from tests.bank.test_actions import SUM, TWO

    take(havn, camt_file(Kind.STATEMENT, SUM))
    bank.match(havn, by="test", today=TODAY + datetime.timedelta(days=1))
    assert asked(havn) == []
    bank.match(havn, by="test", today=TODAY + datetime.timedelta(days=6))
    assert asked(havn) == ["bank.details_missing"]
    take(havn, camt_file(Kind.NOTICE, *TWO))
    bank.match(havn, by="test", today=TODAY + datetime.timedelta(days=6))
    assert "bank.details_missing" not in asked(havn)

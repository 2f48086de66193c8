"""Which account each line of a bill gets, and why: settings, office rules, two methods that must agree."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.base.dates import Month
from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.countries.known import country
from nattbok.documents.rules import parts as bill_parts
from nattbok.documents.rules import shares as split_keys
from nattbok.documents.rules.bill import Group
from nattbok.documents.rules.coding import CodedLine, Known, PastBill, Setting, Unclear, code, read, written
from nattbok.documents.rules.decision import Ask, Certain, Twin, decide
from nattbok.documents.rules.entry import purchase
from nattbok.documents.rules.habits import PastCost, PastPart
from nattbok.documents.rules.lessons import lessons
from nattbok.documents.rules.likeness import Seen, opinion
from nattbok.documents.rules.office_rules import (
    BadRange,
    Coding,
    Conditions,
    EmptyRule,
    OfficeRule,
    RuleWithoutCoding,
    read_coding,
    read_conditions,
)
from nattbok.documents.rules.parts import Part, Terms, parts, shared_vat, text_key
from nattbok.documents.rules.shares import Share, divided
from nattbok.ledger.rules import WaitsOn
from nattbok.ledger.rules.templates import Size, Template, TemplateLine
from tests.documents.test_rules import (
    ACCOUNTS,
    HABIT,
    NO,
    SUPPLIER,
    WAITS_ON,
    a_bill,
    past,
    suppliers,
    the_books,
)

D = Decimal
STANDARD = Group("S", D(25), D("1000.00"), D("250.00"), "/vat[1]")


def terms(*lines: tuple[str, str], group: Group = STANDARD, allowances=()) -> dict:
    """A reading with these lines: text and net."""
    return {
        "lines": [
            {"number": str(place), "name": text, "net": net, "vat_category": group.category,
             "vat_rate": str(group.rate)}
            for place, (text, net) in enumerate(lines, 1)
        ],
        "line_count": len(lines),
        "allowances_charges": list(allowances),
    }  # fmt: skip


def taught(entry: int, *went: tuple[str, str], owed: str = "1250.00") -> PastBill:
    """A bill of which it is known where each text went."""
    return PastBill(
        entry,
        D(owed),
        tuple(("1", account) for _text, account in went),
        parts=tuple(PastPart("1", account, text_key(text)) for text, account in went),
    )


def coded(reading: dict | None = None, *, bill=None, setting=Setting(), **known):  # noqa: B008
    bill = bill or a_bill()
    return code(
        bill,
        supplier=SUPPLIER,
        setting=setting,
        known=Known(**({"law": NO, "accounts": ACCOUNTS} | known)),
        parts=parts(bill, reading) if reading else (),
    )


def shown(lines) -> list[tuple[str, str, str]]:
    assert not isinstance(lines, Unclear), str(lines.reason)
    return [(line.account, str(line.net), str(line.vat)) for line in lines]


SEEN = Seen(own={"strøm": {"6340": 3}, "bredbånd": {"6907": 3}}, own_all={"6340": 3, "6907": 3, "6300": 20})
STROM_OG_NETT = {
    "seen": SEEN,
    "history": [taught(n, ("Strøm", "6340"), ("Bredbånd", "6907")) for n in (11, 12, 13)],
}


def test_a_bill_is_coded_line_by_line_as_its_lines_were_before():
    lines = coded(terms(("Strøm mars 2026", "700.00"), ("Bredbånd", "300.00")), **STROM_OG_NETT)
    assert shown(lines) == [("6340", "700.00", "175.00"), ("6907", "300.00", "75.00")]
    assert str(lines[0].reason) == "as “Strøm mars 2026” on the last 3 bills from Fjord Prøve AS"
    assert [line.places for line in lines] == [(0,), (1,)]


def test_a_discount_on_the_whole_bill_goes_where_its_largest_line_goes():
    off = {"is_charge": False, "amount": "50.00", "vat_category": "S", "vat_rate": "25", "reason": "Rabatt"}
    lines = coded(terms(("Strøm", "750.00"), ("Bredbånd", "300.00"), allowances=[off]), **STROM_OG_NETT)
    assert shown(lines) == [("6340", "700.00", "175.00"), ("6907", "300.00", "75.00")]


def test_a_line_that_was_never_seen_is_asked_about_where_others_went_several_ways():
    found = coded(terms(("Strøm", "700.00"), ("Overspenningsvern", "300.00")), **STROM_OG_NETT)
    assert isinstance(found, Unclear) and found.kind == "documents.account"
    assert found.proposals


def test_a_line_that_once_went_elsewhere_is_not_carried_along_by_the_others():
    history = [*HABIT, taught(20, ("Strøm", "6340")), taught(21, ("Gave til kunde", "7420"))]
    found = coded(terms(("Gave til kunde", "1000.00")), history=history)
    assert isinstance(found, Unclear)
    assert found.proposals[0][0].account == "7420"


def test_lines_that_do_not_come_to_their_group_are_not_trusted():
    found = parts(a_bill(), terms(("Strøm", "700.00"), ("Bredbånd", "299.99")))
    assert [(part.net, part.places) for part in found] == [(D("1000.00"), (0, 1))]


def test_the_words_can_speak_against_what_was_done_before():
    """The one thing always went to 6340; everybody's julebord goes to 7350, and this is one."""
    seen = Seen(
        own={"julebord": {"7350": 9}, "ansatte": {"7350": 7}},
        own_all={"6340": 30, "7350": 9},
        office={"julebord": {"7350": 40}},
        office_all={"6340": 90, "7350": 40},
    )
    agreeing = coded(terms(("Strøm", "1000.00")), history=HABIT, seen=seen)
    assert shown(agreeing) == [("6340", "1000.00", "250.00")]
    found = coded(terms(("Julebord for ansatte", "1000.00")), history=HABIT, seen=seen)
    assert isinstance(found, Unclear)
    assert "its words say" in str(found.reason) or "do not bear that out" in str(found.reason)
    accounts = [proposal[0].account for proposal in found.proposals]
    assert accounts[0] == "6340" and "7350" in accounts


def test_an_opinion_says_what_weighed_most():
    seen = Seen(own={"bredbånd": {"6907": 4, "6340": 1}}, own_all={"6340": 10, "6907": 5})
    found = opinion(("bredbånd", "måned"), seen, accounts=ACCOUNTS)
    assert found is not None and found.account == "6907"
    assert [(each.word, each.hits, each.of) for each in found.because] == [("bredbånd", 4, 5)]
    assert opinion(("ukjent",), seen, accounts=ACCOUNTS) is None


@pytest.mark.parametrize(
    "accounts, is_sure",
    [
        ("666", True),
        ("66", False),  # too few
        ("667", False),  # not consistent
        ("666667", True),  # one that was otherwise, long ago, among six
        ("766666", False),  # but not the last one
        ("66666677", False),  # nor two
        ("66667", False),  # nor among five
    ],
)
def test_how_much_is_a_habit(accounts, is_sure):
    """The accounts of the bills before, the latest first."""
    names = {"6": "6340", "7": "6540"}
    history = [past(("1", names[each]), entry=100 - place) for place, each in enumerate(accounts)]
    assert isinstance(coded(history=history), tuple) is is_sure


def test_a_bill_is_shared_as_the_bills_before_were():
    def shared(entry, first, second):
        costs = (
            PastCost("1", "6340", D(first), (("department", "1"),)),
            PastCost("1", "6340", D(second), (("department", "2"),)),
        )
        return PastBill(entry, D("1250.00"), (("1", "6340"),), costs)

    history = [shared(1, "600.00", "400.00"), shared(2, "300.03", "200.02"), shared(3, "60.01", "40.00")]
    lines = coded(history=history)
    assert shown(lines) == [("6340", "600.00", "150.00"), ("6340", "400.00", "100.00")]
    assert [line.dimensions for line in lines] == [{"department": "1"}, {"department": "2"}]
    assert isinstance(coded(history=[*history, shared(4, "50.00", "50.00")]), Unclear)


def test_vat_that_was_never_deducted_before_is_not_deducted_now():
    lines = coded(history=[past(("0", "7350"), entry=n) for n in (1, 2, 3)])
    assert [(line.account, line.vat_code) for line in lines] == [("7350", "0")]
    assert isinstance(coded(history=[past(("0", "7350"), entry=n) for n in (1, 2)]), Unclear)


@pytest.mark.parametrize(
    "setting, lines",
    [
        (Setting("6300"), [("6300", "1000.00", "250.00")]),
        (
            Setting(shares=(Share(D(60), "6300"), Share(D(40), "6340"))),
            [("6300", "600.00", "150.00"), ("6340", "400.00", "100.00")],
        ),
        (
            Setting("6300", shares=tuple(Share(D(1), dimensions={"p": str(n)}) for n in range(3))),
            [("6300", "333.34", "83.34"), ("6300", "333.33", "83.33"), ("6300", "333.33", "83.33")],
        ),
        (Setting(template="leie"), [("6300", "700.00", "175.00"), ("6340", "300.00", "75.00")]),
    ],
)
def test_what_is_set_for_a_supplier_decides(setting, lines):
    templates = {
        "leie": Template(
            "leie",
            "Leie og strøm",
            (TemplateLine("6300", size=Size.REST), TemplateLine("6340", size=Size.SHARE, of=D(30))),
        )
    }
    assert shown(coded(setting=setting, templates=templates)) == lines


@pytest.mark.parametrize(
    "setting", [Setting(template="borte"), Setting("6300", shares=(Share(D(1), "9999"),))]
)
def test_a_setting_that_cannot_be_used_is_asked_about(setting):
    assert isinstance(coded(setting=setting, history=HABIT), Unclear)


def test_a_cost_of_a_year_waits_on_the_balance_and_its_vat_is_posted_at_once():
    bill = a_bill()
    lines = code(
        bill,
        supplier=SUPPLIER,
        setting=Setting("6300", months=12),
        known=Known(NO, ACCOUNTS),
        from_month=Month(2026, 4),
    )
    draft = purchase(bill, lines, supplier=5, law=NO, waits_on=WAITS_ON, on=bill.issued_on)
    assert [(line.account, str(line.amount)) for line in draft.lines] == [
        (NO.accounts.prepaid, "1000.00"), ("2710", "250.00"), ("2400", "-1250.00"),
    ]  # fmt: skip
    spread = draft.lines[0].spread
    assert (spread.account, spread.months, spread.first) == ("6300", 12, Month(2026, 4))


@pytest.mark.parametrize("account, waits_on", [("6300", "1749"), ("3960", "2965")])
def test_what_is_spread_waits_where_the_client_lets_it_wait(account, waits_on):
    """A bonus that comes as a credit note is income: it is owed to the months to come, not paid ahead."""
    own = WaitsOn("1749", "2965", frozenset({"3960"}))
    bill = a_bill()
    line = CodedLine(
        account, "1", bill.net, bill.vat, Words("by hand"), "/vat[1]", months=3, first=Month(2026, 4)
    )
    draft = purchase(bill, [line], supplier=5, law=NO, on=bill.issued_on, waits_on=own)
    assert (draft.lines[0].account, draft.lines[0].spread.account) == (waits_on, account)


# Office rules

RULE = OfficeRule(12, 3, "Strøm", "NO", Conditions(texts=("strøm",)), Coding("6340"), "Kari")


@pytest.mark.parametrize(
    "conditions, holds",
    [
        (Conditions(texts=("Strøm",)), True),
        (Conditions(texts=("strøm til bygg",)), True),
        (Conditions(texts=("bygg strøm",)), False),
        (Conditions(texts=("trøm",)), False),  # whole words
        (Conditions(org_numbers=(SUPPLIER.org_number,)), True),
        (Conditions(org_numbers=("310410012",)), False),
        (Conditions(org_numbers=(SUPPLIER.org_number,), least=D("1250.00")), True),
        (Conditions(org_numbers=(SUPPLIER.org_number,), least=D("1250.01")), False),
        (Conditions(org_numbers=(SUPPLIER.org_number,), most=D("1249.99")), False),
        (Conditions(commodities=("8310",)), True),
        (Conditions(commodities=("99",)), False),
        (Conditions(texts=("strøm",), commodities=("99",)), False),  # all that is asked for
    ],
)
def test_when_a_rule_holds(conditions, holds):
    part = Part(STANDARD, D("1000.00"), "STRØM til bygg 4, mars", commodity="83101800")
    from nattbok.documents.rules import office_rules

    assert office_rules.holds(replace(RULE, conditions=conditions), part, a_bill()) is holds


def test_a_rule_of_the_office_codes_what_has_no_history_and_says_who_decided():
    lines = coded(terms(("Strøm", "1000.00")), rules=[RULE])
    assert shown(lines) == [("6340", "1000.00", "250.00")]
    assert str(lines[0].reason) == "office rule 12, version 3: Strøm"
    assert lines[0].evidence["office_rule"] == 12


def test_what_is_set_at_the_client_outranks_the_office_and_the_first_rule_the_second():
    second = replace(RULE, number=13, coding=Coding("6540"))
    reading = terms(("Strøm", "1000.00"))
    assert shown(coded(reading, rules=[RULE, second]))[0][0] == "6340"
    assert shown(coded(reading, rules=[second, RULE]))[0][0] == "6540"
    assert shown(coded(reading, rules=[RULE], setting=Setting("6300")))[0][0] == "6300"
    assert isinstance(coded(reading, rules=[replace(RULE, country="SE")]), Unclear)


@pytest.mark.parametrize(
    "rule, kind",
    [
        (replace(RULE, coding=Coding("9999")), "documents.account"),
        (replace(RULE, coding=Coding(template="borte")), "documents.account"),
        (replace(RULE, coding=Coding("6340", "86")), "documents.vat"),
    ],
)
def test_a_rule_that_cannot_be_used_is_asked_about(rule, kind):
    found = coded(terms(("Strøm", "1000.00")), rules=[rule])
    assert isinstance(found, Unclear) and found.kind == kind
    str(found.reason)


@pytest.mark.parametrize(
    "conditions, coding, refusal",
    [
        ({}, {"account": "6340"}, EmptyRule),
        ({"texts": "12; 34"}, {"account": "6340"}, EmptyRule),  # nothing but numbers is no text
        ({"least": "10"}, {"account": "6340"}, EmptyRule),
        ({"texts": "strøm", "least": "10", "most": "9"}, {"account": "6340"}, BadRange),
        ({"texts": "strøm", "least": "ti"}, {"account": "6340"}, BadRange),
        ({"texts": "strøm", "least": "NaN"}, {"account": "6340"}, BadRange),
        ({"texts": "strøm"}, {}, RuleWithoutCoding),
        ({"texts": "strøm"}, {"shares": [{"share": "0", "account": "6340"}]}, split_keys.BadShares),
        ({"texts": "strøm"}, {"shares": [{"share": "1e30", "account": "6340"}]}, split_keys.BadShares),
        ({"texts": "strøm"}, {"shares": [{"share": "1"}]}, split_keys.ShareWithoutAccount),
    ],
)
def test_a_rule_that_says_nothing_is_refused(conditions, coding, refusal):
    with pytest.raises(refusal):
        read_conditions(conditions)
        read_coding(coding)


# The guard rails, each with its case; those that need the books' tables are in test_posting.py.

KNOWN = the_books()


@pytest.mark.parametrize(
    "kind, bill, books",
    [
        ("documents.first_bill", a_bill(), replace(KNOWN, history={}, rules=[
            replace(RULE, conditions=Conditions(org_numbers=(SUPPLIER.org_number,)))])),
        ("documents.vat", a_bill(), replace(KNOWN, settings={5: Setting("6300", charges_vat=False)})),
        ("documents.vat", a_bill(), replace(KNOWN, settings={5: Setting("6300", "1")}, deducts_vat=False)),
        ("documents.own", a_bill(), replace(KNOWN, own_number=SUPPLIER.org_number)),
        ("documents.credit", a_bill(Group("S", D(25), D("-100.00"), D("-25.00"), ""), kind="credit_note"),
         KNOWN),
        ("documents.credit", a_bill(Group("S", D(25), D("-100.00"), D("-25.00"), ""), kind="credit_note"),
         replace(KNOWN, terms={1: Terms(preceding=("88-1",))})),
        ("documents.credit", a_bill(Group("S", D(25), D("-100.00"), D("-25.00"), ""), kind="credit_note"),
         replace(KNOWN, terms={1: Terms(preceding=("88-1",))}, invoices={5: {"881": D("124.99")}})),
        ("documents.duplicate", a_bill(),
         replace(KNOWN, twins={1: [Twin("document 4", D("1250.00"), "F-1B")]})),
        ("documents.amount", a_bill(), replace(KNOWN, history={
            5: [past(("1", "6340"), entry=n, owed="800.00") for n in range(5)]})),
        ("documents.vat", a_bill(Group("AE", ZERO, D("1000.00"), ZERO, ""), seller_country="SE",
                                 currency="SEK"),
         replace(KNOWN, law=country("SE"), currency="SEK", **suppliers(replace(SUPPLIER, country="SE")))),
    ],
)  # fmt: skip
def test_a_guard_rail_asks(kind, bill, books):
    found = decide(bill, books)
    assert isinstance(found, Ask)
    assert found.kind == kind
    str(found.reason)


def test_both_documents_are_named_when_one_was_sent_twice():
    twin = Twin("document 4", D("1250.00"))
    found = decide(a_bill(), replace(KNOWN, twins={1: [twin]}))
    assert "sent twice" in str(found.reason)
    assert (found.reason.values["document"], found.reason.values["twin"]) == (1, "document 4")


def test_a_credit_note_for_a_known_invoice_is_posted():
    credit = a_bill(Group("S", D(25), D("-1000.00"), D("-250.00"), ""), kind="credit_note")
    books = replace(KNOWN, terms={1: Terms(preceding=("88-1",))}, invoices={5: {"881": D("1250.00")}})
    assert isinstance(decide(credit, books), Certain)


def test_a_client_that_may_not_deduct_has_the_vat_as_cost():
    found = decide(a_bill(), replace(KNOWN, deducts_vat=False, settings={5: Setting("6340")}))
    assert isinstance(found, Certain)
    assert [(line.account, str(line.amount)) for line in found.draft.lines] == [
        ("6340", "1250.00"), ("2400", "-1250.00"),
    ]  # fmt: skip


# Properties

AMOUNTS = some.decimals("-99999.99", "99999.99", places=2)
WEIGHTS = some.lists(some.decimals("0.0001", "9999", places=4).filter(bool), min_size=1, max_size=12)


@settings(max_examples=60)
@given(AMOUNTS, WEIGHTS)
def test_a_split_key_sums_exactly_and_no_part_goes_the_other_way(amount, weights):
    found = divided(amount, [Share(weight, "6340") for weight in weights])
    assert sum(found) == amount
    assert all(part * amount >= 0 for part in found)
    whole = sum(weights)
    assert all(
        abs(part - amount * weight / whole) < D("0.01") for part, weight in zip(found, weights, strict=True)
    )


@settings(max_examples=60)
@given(AMOUNTS, some.lists(AMOUNTS, max_size=8))
def test_vat_is_shared_without_losing_or_adding_an_ore(vat, nets):
    assert sum(shared_vat(vat, nets), ZERO) == (vat if nets else ZERO)


TEXTS = some.sampled_from(["Strøm", "Bredbånd", "Leie", "Gebyr", "Kaffe", ""])
ROWS = some.lists(some.tuples(TEXTS, AMOUNTS), min_size=1, max_size=6)
KEYS = some.sampled_from(
    [
        Setting(),
        Setting("6300"),
        Setting(shares=(Share(D(1), "6300"), Share(D(2), "6340"), Share(D("0.5"), "6540"))),
        Setting("6300", dimensions={"department": "1"}, months=12),
    ]
)


@settings(max_examples=80)
@given(some.lists(ROWS, min_size=1, max_size=3), KEYS, some.randoms(use_true_random=False))
def test_coding_never_loses_or_adds_an_ore(grouped, setting, chance):
    groups, lines = [], []
    for place, rows in enumerate(grouped):
        rate = D((25, 15, 12)[place])
        net = sum((amount for _text, amount in rows), ZERO)
        groups.append(Group("S", rate, net, (net * rate / 100).quantize(D("0.01")), f"/vat[{place}]"))
        lines += [
            {"name": text, "net": str(amount), "vat_category": "S", "vat_rate": str(rate)}
            for text, amount in rows
        ]
    bill = a_bill(*groups)
    history = [taught(n, ("Strøm", "6340"), ("Bredbånd", "6907"), ("Leie", "6300")) for n in (1, 2, 3)]
    found = coded({"lines": lines}, bill=bill, setting=setting, history=history)
    for lines_ in found.proposals if isinstance(found, Unclear) else (found,):
        for group in groups:
            of = [line for line in lines_ if line.source == group.source]
            assert sum((line.net for line in of), ZERO) == group.net or not (group.net or group.vat)
            assert sum((line.vat for line in of), ZERO) == group.vat or not (group.net or group.vat)
        assert [read(written(line)) for line in lines_] == list(lines_)
        if bill.owed:
            draft = purchase(bill, lines_, supplier=5, law=NO, waits_on=WAITS_ON, on=bill.issued_on)
            assert sum(line.amount for line in draft.lines) == 0


PAST = some.lists(
    some.builds(
        lambda entry, account, text, owed: PastBill(
            entry, owed, (("1", account),), parts=(PastPart("1", account, text_key(text)),)
        ),
        some.integers(1, 40),
        some.sampled_from(["6340", "6340", "6340", "6540"]),
        some.sampled_from(["Strøm", "Bredbånd", ""]),
        some.decimals("100", "9999", places=2),
    ),
    max_size=14,
    unique_by=lambda each: each.entry,
)


@settings(max_examples=60)
@given(PAST, some.randoms(use_true_random=False))
def test_the_decision_is_the_same_in_any_order_of_the_history(history, chance):
    mixed = list(history)
    chance.shuffle(mixed)
    reading = {1: Terms(parts(a_bill(), terms(("Strøm", "1000.00"))))}
    one = decide(a_bill(), replace(KNOWN, history={5: history}, terms=reading))
    other = decide(a_bill(), replace(KNOWN, history={5: mixed}, terms=reading))
    assert one == other


# What each of these adds to the books brings a rail of its own; none may take another's away.
RAILS = {
    "documents.duplicate": {"twins": {1: [Twin("document 4", D("1250.00"))]}},
    "documents.closed": {"closed_through": a_bill().issued_on},
    "documents.limit": {"limit": D("1.00")},
    "documents.own": {"own_number": SUPPLIER.org_number},
    "documents.approval": {"may_post": False},
    "documents.date": {"years_begin": a_bill().issued_on.replace(year=2027)},
    "documents.account": {"history": {}},
}


@settings(max_examples=60)
@given(some.sets(some.sampled_from(sorted(RAILS)), min_size=1), some.sampled_from(sorted(RAILS)))
def test_a_rail_never_vanishes_when_evidence_of_another_kind_is_added(some_rails, another):
    def kinds(names):
        found = decide(a_bill(), replace(KNOWN, **{k: v for name in names for k, v in RAILS[name].items()}))
        assert isinstance(found, Ask)
        return {found.kind, *found.also}

    assert kinds(some_rails) <= kinds({*some_rails, another})
    assert some_rails <= kinds(some_rails)


def test_a_posted_bill_teaches_where_its_lines_went_whoever_wrote_them():
    bill = a_bill()
    found = parts(bill, terms(("Strøm mars", "700.00"), ("Bredbånd", "300.00")))
    lines = coded(terms(("Strøm mars", "700.00"), ("Bredbånd", "300.00")), **STROM_OG_NETT)
    assert {(each.key, each.account) for each in lessons(bill, found, lines)} == {
        ("strøm", "6340"), ("bredbånd", "6907"),
    }  # fmt: skip
    # A person writes lines that say nothing of the document's: the amounts tell which is which.
    typed = [replace(line, places=(), source="") for line in lines]
    assert {(each.key, each.account) for each in lessons(bill, found, typed)} == {
        ("strøm", "6340"), ("bredbånd", "6907"),
    }  # fmt: skip
    halved = [replace(line, net=D("500.00"), vat=D("125.00"), places=()) for line in lines]
    assert lessons(bill, found, halved) == []


@settings(max_examples=60)
@given(some.text(max_size=200))
def test_any_text_has_a_key(text):
    key = text_key(text)
    assert text_key(key) == key or len(key) == 120
    assert not any(sign.isdigit() for sign in key)


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.text(max_size=9) | some.integers(),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["net", "name", "vat_category", "vat_rate"]), inner, max_size=4)
    ),
)


@settings(max_examples=40)
@given(ANYTHING)
def test_whatever_a_reading_holds_the_parts_are_the_groups(line):
    reading = {"lines": [line] if isinstance(line, dict) else [], "allowances_charges": []}
    found = bill_parts.terms(a_bill(), reading).parts
    assert sum(part.net for part in found) == D("1000.00")

"""The page of bank rules: from a bank line to a rule that books, and what is refused on the way."""

from nattbok.bank import actions as bank
from nattbok.bank.actions import bank_rules
from nattbok.bank.models import BankRule, BankRuleProposal, BankRuleVersion, Movement
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import Entry
from tests.bank.test_actions import ACCOUNT, camt_file, line, take
from tests.web.visitors import a_person, logged_in

FORM = {"name": "Gebyr", "direction": "out", "contains": "GEBYR", "kind": "account", "account": "7770"}


def two_fees(client):
    bank.open_account(client, ACCOUNT)
    fees = line("-50.00", "B1", "", text="GEBYR MARS"), line("-60.00", "B2", "", text="GEBYR APRIL")
    take(client, camt_file(Kind.STATEMENT, *fees))


def entries(client):
    return Entry.objects.filter(client=client, series__code="B").count()


def test_a_rule_is_made_from_a_line_and_the_backlog_is_a_choice_of_its_own(fjord, office):
    two_fees(fjord)
    browser, base = logged_in(a_person(office)), f"/clients/{fjord.pk}/bank-rules/"
    movement = Movement.objects.filter(client=fjord).first()
    page = browser.get(f"{base}new?from={movement.pk}").content.decode()
    assert "GEBYR MARS" in page
    assert 'name="backlog" value="1">' in page  # not ticked
    seen = browser.post(f"{base}preview", FORM).content.decode()
    assert seen.count("GEBYR") == 2
    assert entries(fjord) == 0
    assert browser.post(f"{base}save", FORM | {"approve": "1"}).status_code == 302
    assert entries(fjord) == 0
    (rule,) = BankRule.objects.filter(client=fjord)
    assert browser.post(f"{base}{rule.pk}/do", {"do": "backlog"}).status_code == 302
    assert entries(fjord) == 2
    assert browser.get(base).status_code == browser.get(f"{base}{rule.pk}/").status_code == 200
    changed = FORM | {"rule": rule.pk, "account": "7790", "largest": "100"}
    assert browser.post(f"{base}save", changed).status_code == 302
    assert BankRuleVersion.objects.filter(client=fjord, rule=rule).count() == 2
    for do in ("off", "on", "down", "up", "approve", "delete"):
        assert browser.post(f"{base}{rule.pk}/do", {"do": do}).status_code == 302, do


def test_a_rule_that_is_none_is_told_and_nothing_is_kept(fjord, office):
    browser, base = logged_in(a_person(office)), f"/clients/{fjord.pk}/bank-rules/"
    for wrong in (
        {"contains": ""}, {"account": "9999"}, {"pattern": "(a+)+"}, {"least": "x"}, {"name": ""},
        {"valid_from": "i fjor"}, {"kind": "party", "party": "99999999"},
        {"kind": "split", "fee_account": "7770"},
        {"largest": "mye"}, {"party": "x", "kind": "party"}, {"rule": "x", "contains": "a"},
    ):  # fmt: skip
        browser.post(f"{base}preview", FORM | wrong)
        assert browser.post(f"{base}save", FORM | wrong).status_code == 409, wrong
    assert not BankRule.objects.filter(client=fjord).exists()


def test_every_kind_of_posting_comes_back_into_its_form(fjord, office):
    browser, base = logged_in(a_person(office)), f"/clients/{fjord.pk}/bank-rules/"
    for more in (
        {"kind": "split", "gross_pattern": "BRUTTO ([0-9]+,[0-9]{2})", "fee_account": "7770",
         "fee_pattern": "GEBYR ([0-9]+,[0-9]{2})", "account": "1579"},
        {"kind": "settlement", "account": "1579", "fee_account": "7770"},
    ):  # fmt: skip
        answer = browser.post(f"{base}save", FORM | more)
        assert answer.status_code == 302
        page = browser.get(answer.url).content.decode()
        assert all(f'value="{value}"' in page for value in more.values())


def test_a_proposal_is_accepted_or_rejected(fjord, office):
    two_fees(fjord)
    browser, base = logged_in(a_person(office)), f"/clients/{fjord.pk}/bank-rules/"
    draft = bank_rules.RuleDraft("x", {"contains": ["GEBYR"]}, {"parts": [{"account": "7770"}]})
    act = bank_rules.write(fjord, draft, by="person:1").act
    for key in ("a", "b"):
        BankRuleProposal.objects.create(
            client=fjord, key=key, name=f"Lært {key}", conditions=draft.conditions, posting=draft.posting,
            evidence={"for": 3, "against": 0}, act=act,
        )  # fmt: skip
    first, second = BankRuleProposal.objects.filter(client=fjord).order_by("key")
    assert "Lært a" in browser.get(base).content.decode()
    assert browser.post(f"{base}proposals/{first.pk}/do", {"do": "accept"}).status_code == 302
    assert browser.post(f"{base}proposals/{second.pk}/do", {"do": "reject", "why": "nei"}).status_code == 302
    assert "Lært" not in browser.get(base).content.decode().split("<table")[0]
    assert browser.post(f"{base}proposals/{second.pk}/do", {"do": "accept"}).status_code == 404

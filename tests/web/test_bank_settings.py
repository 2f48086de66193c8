"""The bank's settings in a page: each form does its deed, refuses in words, and shows what is set."""

from decimal import Decimal

import pytest

from nattbok.bank import actions as bank
from nattbok.bank.models import AcquirerAccounts, MatchingTerms, ReferenceAgreement, SupplierTerms
from nattbok.bank.queries.payments.deciding import payees
from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.ledger.actions.books import confirm_account
from nattbok.ledger.models import Party
from nattbok.ledger.rules import PartyKind
from tests.web.visitors import a_person, logged_in
from tests.world import a_party

ACCOUNT, THEIRS = "99990000006", "99990244851"


@pytest.fixture
def page(fjord, office):
    bank.open_account(fjord, ACCOUNT, title="Drift")
    browser, at = logged_in(a_person(office)), f"/clients/{fjord.pk}/bank/settings/"
    return lambda **form: browser.post(at, form) if form else browser.get(at)


def shown(answer) -> str:
    return answer.content.decode()


def test_what_the_robot_may_post(page, fjord):
    assert page(do="terms", unique_may_post="1", largest="10 000,50", error_budget="1.5").status_code == 302
    kept = MatchingTerms.objects.get(client=fjord)
    assert (kept.unique_may_post, kept.fx_may_post, kept.largest, kept.per_night) == (
        True, False, Decimal("10000.50"), None,
    )  # fmt: skip
    assert 'value="10000.50"' in shown(page())
    for wrong in ({"largest": "-1"}, {"largest": "ten"}, {"error_budget": "101"}):
        refused = page(do="terms", **wrong)
        assert refused.status_code == 409 and 'role="alert"' in shown(refused)
    assert MatchingTerms.objects.get(client=fjord).largest == Decimal("10000.50")


def test_where_payouts_go(page, fjord):
    assert (
        page(
            do="acquirer", source="Vipps", payer="Vipps AS", clearing="1900 Kontanter", fee="7770"
        ).status_code
        == 302
    )
    kept = AcquirerAccounts.objects.get(client=fjord)
    assert (kept.source, kept.clearing, kept.fee) == ("vipps", "1900", "7770")
    assert "Vipps AS" in shown(page())
    for wrong in ({"clearing": "0000"}, {"fee": ""}, {"fee_vat_code": "??"}, {"clearing": "1500"}):
        assert (
            page(**({"do": "acquirer", "source": "x", "clearing": "1900", "fee": "7770"} | wrong)).status_code
            == 409
        )
    assert AcquirerAccounts.objects.count() == 1


def test_how_a_supplier_is_paid(page, fjord):
    party = a_party(fjord, PartyKind.SUPPLIER, name="Torsken AS")
    confirm_account(fjord, party, THEIRS)
    told = {"do": "supplier", "party": f"{Party.objects.get(pk=party).number} Torsken AS"}
    assert page(**told, percent="2,5", days="10", pay_to=THEIRS).status_code == 302
    [payee] = [one for one in payees(fjord).values() if one.pay_to]
    assert (payee.pay_to, payee.discount.percent, payee.is_held) == (THEIRS, Decimal("2.50"), False)
    for wrong in ({"percent": "2"}, {"percent": "100", "days": "1"}, {"days": "x"}, {"pay_to": ACCOUNT}):
        assert page(**told, **wrong).status_code == 409
    assert page(do="supplier", party="nobody").status_code == 409
    assert page(**told, is_held="1").status_code == 302
    kept = SupplierTerms.objects.get(client=fjord)
    assert (kept.is_held, kept.percent, kept.pay_to) == (True, None, "")


def test_an_agreement_from_order_to_end(page, fjord):
    account = bank.open_account(fjord, ACCOUNT).pk
    assert page(do="order", account=account, number="123456", lengths="13", method="mod10").status_code == 302
    one = ReferenceAgreement.objects.get(client=fjord)
    assert (one.state, one.lengths, one.methods) == ("ordered", [13], ["mod10"])
    for deed, state in (("activate", "active"), ("end", "ended")):
        assert page(do=deed, agreement=one.pk).status_code == 302
        one.refresh_from_db()
        assert one.state == state
    assert page(do="activate", agreement=one.pk).status_code == 409
    assert page(do="order", account=account, number="--").status_code == 409
    assert page(do="order", account=account, number="7", lengths="99").status_code == 409


def test_who_only_reads_sees_and_changes_nothing(page, fjord):
    reader = a_person()
    give_access(fjord, reader, Role.OWNER)
    browser, at = logged_in(reader), f"/clients/{fjord.pk}/bank/settings/"
    assert 'name="do"' not in shown(browser.get(at))
    assert browser.post(at, {"do": "terms"}).status_code >= 400
    assert not MatchingTerms.objects.exists()

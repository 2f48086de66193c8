"""Second factors: set up by who knows the password, shown to nobody, each code used once."""

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.approvals import actions
from nattbok.approvals.actions.factors import waiting_secret
from nattbok.approvals.models import Factor, RecoveryCode
from nattbok.approvals.queries import own_factor
from nattbok.approvals.rules import factors as rules
from nattbok.approvals.rules.content import fingerprint
from tests.bank.paying import Payer
from tests.web.visitors import PASSWORD, a_person

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CONTENT = fingerprint("anything")


@pytest.mark.parametrize("drift, is_known", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_one_step_off(drift, is_known):
    at = 1_770_000_000
    code = pyotp.TOTP(SECRET).at(at + drift * rules.STEP)
    assert (rules.step_of(SECRET, code, at=at) is not None) is is_known


@given(st.text(max_size=12))
def test_what_is_no_code_is_none(text):
    if rules.step_of(SECRET, text, at=1_770_000_000) is not None:
        assert len("".join(text.split())) == rules.DIGITS


def test_it_is_set_up_by_who_knows_the_password_and_confirmed_by_a_code(office):
    person = a_person(office)
    with pytest.raises(rules.WrongPassword):
        actions.begin_totp(person, password="guessed")
    secret = actions.begin_totp(person, password=PASSWORD)
    assert waiting_secret(person) == secret and own_factor(person) is None
    with pytest.raises(rules.WrongCode):
        actions.confirm_totp(person, "000000")
    codes = actions.confirm_totp(person, pyotp.TOTP(secret).now())
    assert len(set(codes)) == rules.RECOVERY_CODES and own_factor(person).recovery_codes_left == 10
    assert waiting_secret(person) == ""


def test_nothing_of_it_is_kept_in_clear(office):
    person = a_person(office)
    secret = actions.begin_totp(person, password=PASSWORD)
    codes = actions.confirm_totp(person, pyotp.TOTP(secret).now())
    factor = Factor.objects.get(person=person)
    assert secret.encode() not in bytes(factor.secret)
    kept = set(RecoveryCode.objects.filter(factor=factor).values_list("digest", flat=True))
    assert not kept & {rules.plain(code) for code in codes}


def test_another_phone_needs_the_one_before_it_or_a_recovery_code(fjord):
    kari = Payer(fjord)
    with pytest.raises(rules.WrongCode):
        actions.begin_totp(kari.person, password=PASSWORD)  # the password alone is not enough any more
    secret = actions.begin_totp(kari.person, code=kari.recovery[0])
    actions.confirm_totp(kari.person, pyotp.TOTP(secret).now())
    with pytest.raises(rules.WrongCode):
        actions.prove(kari.person, kari.recovery[1], sha256=CONTENT)  # the old phone's codes ended with it


def test_a_code_is_spent_by_whoever_is_first(fjord):
    kari = Payer(fjord)
    code = kari.code()
    assert actions.prove(kari.person, code, sha256=CONTENT).person == kari.person.pk
    with pytest.raises(rules.UsedCode):
        actions.prove(kari.person, code, sha256=fingerprint("other"))


def test_a_wrong_code_costs_time_and_a_right_one_begins_anew(fjord):
    kari = Payer(fjord)
    for _try in range(rules.FREE_TRIES - 1):
        with pytest.raises(rules.WrongCode):
            actions.prove(kari.person, "000000", sha256=CONTENT)
    actions.prove(kari.person, kari.code(), sha256=CONTENT)
    with pytest.raises(rules.WrongCode):
        actions.prove(kari.person, "000000", sha256=CONTENT)
    assert [rules.wait(failures) for failures in (0, 4, 5, 6, 30)] == [0, 0, 15, 30, 3600]

"""The routines around the matching: settlement reports before it, the review of rules after it."""

import datetime
from types import SimpleNamespace

from nattbok.bank import actions as bank
from nattbok.bank.actions import bank_rules
from nattbok.robot.routine import routines
from tests.bank.test_bank_rules import ACCOUNT, FEE, KARI, come
from tests.world import TODAY

TONIGHT = SimpleNamespace(id=None, date=TODAY, by="robot:test")


def test_settlement_reports_are_read_before_payments_are_matched_and_rules_reviewed_after():
    order = [routine.name for routine in routines()]
    assert order.index("read_settlement_reports") < order.index("match_payments")
    assert order.index("match_payments") < order.index("review_bank_rules")


def test_with_nothing_to_do_they_do_nothing_and_twice_is_once(fjord):
    bank.open_account(fjord, ACCOUNT)
    bank_rules.write(fjord, FEE, by=KARI, approve=True)
    come(fjord, ("-50.00", "GEBYR MARS"))
    by_name = {routine.name: routine for routine in routines()}
    for _time in range(2):
        for name in ("read_settlement_reports", "review_bank_rules"):
            outcome = by_name[name].run(fjord, TONIGHT)
            assert (outcome.done, outcome.left) == (0, 0), name
    assert TONIGHT.date == datetime.date(2026, 3, 12)

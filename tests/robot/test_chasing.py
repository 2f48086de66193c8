"""The robot reminds approvers: one mail for each person and day, however often it is run."""

import datetime

from django.utils import timezone

from nattbok.robot.routine import Tonight
from nattbok.robot.routines.chase_approvals import chase_approvals
from nattbok.robot.rules import Outcome
from tests.documents.approving import a_waiting_bill, mails, named, somebody, yes


def test_chase_approvals_reminds_until_somebody_has_answered(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    night = Tonight(None, tomorrow, "chase_approvals")
    assert chase_approvals.run(fjord, night) == Outcome(done=1, left=1)
    assert chase_approvals.run(fjord, night) == Outcome(done=0, left=1)
    assert len(mails(ola)) == 2
    yes(fjord, document, ola)
    assert chase_approvals.run(fjord, night) == Outcome()

"""The routine post_spreads: what is spread over months is posted in the night, whoever keeps the books."""

import datetime
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.ledger.models import Entry
from nattbok.ledger.rules import LineDraft, Spread
from nattbok.robot.routine import Tonight, routines
from tests.world import an_entry, posted

TONIGHT = Tonight(7, datetime.date(2026, 5, 2), "post_spreads")


def test_the_night_posts_the_months_that_have_come(skog):
    line = LineDraft("1790", Decimal("1200.00"), text="Försäkring", spread=Spread("6310", 12, Month(2026, 3)))
    posted(skog, an_entry(skog, line, ("1930", "-1200.00")))
    routine = next(one for one in routines() if one.name == "post_spreads")
    assert [routine.run(skog, TONIGHT).done for _run in range(2)] == [2, 0]
    entry = Entry.objects.filter(client=skog, series__code="P").select_related("act").last()
    assert entry.act.by == "robot:post_spreads" and entry.act.night == 7
    assert entry.act.evidence["month"] == "2026-04"

"""A cost that is spread: posted when each month comes, in an open period, and taken back as one."""

from datetime import date
from decimal import Decimal

import pytest

from nattbok.base.dates import Month
from nattbok.desk import actions as desk
from nattbok.desk.models import Question
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Account, Entry
from nattbok.ledger.queries import accruals, months_of
from nattbok.ledger.rules import LineDraft, NoSuchAccount, PartyMissing, Spread
from nattbok.ledger.rules.spreading import TooManyMonths
from nattbok.recurring.actions import post_spreads
from nattbok.recurring.queries import spreads
from nattbok.robot import undoing
from nattbok.robot.undoing import What
from tests.world import a_party, an_entry, booked, posted

KARI = "person:1"
D = Decimal


def insurance(client, amount="1000.00", months=3, first=Month(2026, 3), on=date(2026, 3, 12)):  # noqa: B008
    """Paid now, for several months."""
    (entry,) = posted(
        client,
        an_entry(
            client,
            LineDraft("1700", D(amount), text="Forsikring", spread=Spread("7500", months, first)),
            LineDraft("1920", -D(amount)),
            on=on,
        ),
    )
    return entry


def months(client, today, **fields):
    return post_spreads(client, today=today, by="robot:post_spreads", **fields)


def test_each_month_is_posted_when_it_has_come(fjord):
    insurance(fjord)
    assert months(fjord, date(2026, 3, 30)).posted == 0
    assert months(fjord, date(2026, 4, 1)).posted == 1
    for _night in range(2):
        months(fjord, date(2026, 12, 31))
    assert booked(fjord, series="P") == (
        "1  2026-03-31  7500  333.34\n1  2026-03-31  1700  -333.34\n"
        "2  2026-04-30  7500  333.33\n2  2026-04-30  1700  -333.33\n"
        "3  2026-05-31  7500  333.33\n3  2026-05-31  1700  -333.33"
    )
    (row,) = spreads(fjord)
    assert (row.posted, row.left) == (3, 0)


def test_income_received_ahead_is_posted_month_by_month(fjord):
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "1000.00"),
            LineDraft("2965", D("-1000.00"), text="Abonnement", spread=Spread("3000", 3, Month(2026, 3))),
            on=date(2026, 3, 12),
        ),
    )
    for _night in range(2):
        months(fjord, date(2026, 4, 30))
    assert booked(fjord, series="P") == (
        "1  2026-03-31  3000  -333.34\n1  2026-03-31  2965  333.34\n"
        "2  2026-04-30  3000  -333.33\n2  2026-04-30  2965  333.33"
    )
    assert spreads(fjord)[0].left == D("-333.33")


def test_the_months_before_the_entry_are_dated_as_it_is(fjord):
    insurance(fjord, first=Month(2026, 1), months=2)
    months(fjord, date(2026, 3, 12))
    days = Entry.objects.filter(client=fjord, series__code="P").values_list("date", flat=True)
    assert set(days) == {date(2026, 3, 12)}


def test_nothing_is_posted_in_a_closed_period(fjord):
    insurance(fjord)
    ledger.close_through(fjord, date(2026, 4, 30), by=KARI, why="levert")
    assert months(fjord, date(2026, 4, 30)).posted == 0  # the first open day has not come
    assert months(fjord, date(2026, 5, 1)).posted == 2
    assert set(Entry.objects.filter(client=fjord, series__code="P").values_list("date", flat=True)) == {
        date(2026, 5, 1)
    }


def test_taking_the_entry_back_takes_its_months_along_and_stops_it(fjord):
    entry = insurance(fjord)
    months(fjord, date(2026, 4, 30))
    what = What(entries=(entry.id,))
    plan = undoing.plan(fjord, what)
    assert len(plan.depends.entries) == 2
    undoing.undo(fjord, what, by=KARI, why="feil", shown=plan.hash, along=True)
    assert months(fjord, date(2026, 12, 31)).posted == 0
    assert accruals(fjord, is_running=True) == [] and spreads(fjord) == []
    assert months_of(fjord, [entry.id]) == []
    assert (
        sum(line.amount for line in _lines(fjord, "1700"))
        == 0
        == sum(line.amount for line in _lines(fjord, "7500"))
    )


def test_reversing_is_as_one_by_itself_too(fjord):
    entry = insurance(fjord)
    months(fjord, date(2026, 4, 30))
    assert len(ledger.reverse(fjord, [entry.id], by=KARI, why="feil")) == 3
    again = ledger.post_again(fjord, entry.id, by=KARI, why="likevel")
    assert months(fjord, date(2026, 4, 30)).posted == 2  # a spread of its own
    assert len(months_of(fjord, [again.id])) == 2


def _lines(client, account):
    from nattbok.ledger.models import Line

    return Line.objects.filter(client=client, account__number=account)


def test_a_month_that_was_taken_back_is_asked_about_once(fjord):
    entry = insurance(fjord)
    months(fjord, date(2026, 3, 31))
    (march,) = months_of(fjord, [entry.id])
    ledger.reverse(fjord, [march], by=KARI, why="feil måned")
    assert months(fjord, date(2026, 3, 31)) == type(months(fjord, date(2026, 3, 31)))(0, 1)
    (question,) = Question.objects.filter(client=fjord, kind="recurring.taken_back", closed_at__isnull=True)
    desk.answer(fjord, question.pk, 1, by=KARI, today=date(2026, 4, 1))  # leave it
    assert months(fjord, date(2026, 4, 1)).left == 0
    assert spreads(fjord)[0].months[0].is_taken_back


def test_a_month_can_be_posted_again(fjord):
    entry = insurance(fjord)
    months(fjord, date(2026, 3, 31))
    (march,) = months_of(fjord, [entry.id])
    ledger.reverse(fjord, [march], by=KARI, why="feil")
    months(fjord, date(2026, 3, 31))
    question = Question.objects.get(client=fjord, kind="recurring.taken_back")
    desk.answer(fjord, question.pk, 2, by=KARI, today=date(2026, 4, 1))
    assert len(months_of(fjord, [entry.id])) == 1
    assert spreads(fjord)[0].posted == 1


def test_an_account_out_of_use_is_a_question_and_the_others_go_on(fjord):
    insurance(fjord)
    other = insurance(fjord)
    (first, _second) = accruals(fjord)
    Account.objects.filter(client=fjord, number="7500").update(is_active=False)
    assert months(fjord, date(2026, 3, 31)) == type(months(fjord, date(2026, 3, 31)))(0, 2)
    Account.objects.filter(client=fjord, number="7500").update(is_active=True)
    assert months(fjord, date(2026, 3, 31)).posted == 2
    assert not Question.objects.filter(
        client=fjord, kind="recurring.account", closed_at__isnull=True
    ).exists()
    assert first.entry != other.id


@pytest.mark.parametrize(
    "spread, refusal",
    [
        (Spread("9999", 3, Month(2026, 3)), NoSuchAccount),
        (Spread("1700", 3, Month(2026, 3)), NoSuchAccount),
        (Spread("1500", 3, Month(2026, 3)), PartyMissing),
        (Spread("7500", 1, Month(2026, 3)), TooManyMonths),
    ],
)
def test_a_spread_that_cannot_be_is_refused(fjord, spread, refusal):
    draft = an_entry(fjord, LineDraft("1700", D("10.00"), spread=spread), ("1920", "-10.00"))
    with pytest.raises(refusal):
        posted(fjord, draft)
    assert not Entry.objects.filter(client=fjord).exists()


def test_the_same_entry_with_another_spread_is_other_content(fjord):
    from nattbok.ledger.rules import OriginConflict

    def draft(months):
        line = LineDraft("1700", D("10.00"), spread=Spread("7500", months, Month(2026, 3)))
        return an_entry(fjord, line, ("1920", "-10.00"), origin="voucher:x")

    posted(fjord, draft(3))
    assert posted(fjord, draft(3))[0].was_there
    with pytest.raises(OriginConflict):
        posted(fjord, draft(4))


def test_what_is_spread_of_a_party_line_is_refused(fjord):
    line = LineDraft("1500", D("10.00"), party=a_party(fjord), spread=Spread("7500", 3, Month(2026, 3)))
    with pytest.raises(PartyMissing):
        posted(fjord, an_entry(fjord, line, ("1920", "-10.00")))

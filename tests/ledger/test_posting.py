"""Posting, as an accountant would tell it."""

import datetime
import json
import os
import subprocess
import sys
import threading
from decimal import Decimal

import pytest
from django.db import connections

from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger import rules
from nattbok.ledger.models import Account, Entry, Line, OpenItem, Series
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, PartyKind, Settles
from nattbok.trail.actions import act
from tests.world import TODAY, a_client, a_party, an_entry, an_invoice, booked, posted


def test_an_entry_gets_the_next_number_of_its_series(fjord):
    posted(
        fjord,
        an_entry(fjord, ("1920", "100.00"), ("3000", "-100.00")),
        an_entry(fjord, ("6300", "40.00"), ("1920", "-40.00")),
    )
    assert booked(fjord) == "\n".join(
        [
            "1  2026-03-12  1920  100.00",
            "1  2026-03-12  3000  -100.00",
            "2  2026-03-12  6300  40.00",
            "2  2026-03-12  1920  -40.00",
        ]
    )


def test_a_payment_settles_what_it_pays(fjord):
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer)
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft(
                "1500", Decimal("-100.00"), party=customer, settles=(Settles(item.pk, Decimal("100.00")),)
            ),
        ),
    )
    item.refresh_from_db()
    assert item.left == Decimal("25.00")
    assert OpenItem.objects.filter(client=fjord, left=0).count() == 1
    assert prove(fjord).fault is None
    assert prove(fjord).entries == 2


def even(client, origin: str = "", amount: str = "100.00", **fields):
    return an_entry(client, ("1920", amount), ("3000", f"-{amount}"), origin=origin, **fields)


def test_many_at_once_get_consecutive_numbers_over_series_and_years(fjord):
    next_year = datetime.date(2027, 1, 2)
    entries = posted(
        fjord,
        even(fjord, series="A"),
        even(fjord, series="B"),
        even(fjord, series="A", on=next_year),
        even(fjord, series="A"),
        even(fjord, series="B"),
        even(fjord, series="A", on=next_year),
    )
    assert [(entry.series, entry.number) for entry in entries] == [
        ("A", 1), ("B", 1), ("A", 1), ("A", 2), ("B", 2), ("A", 2),
    ]  # fmt: skip
    positions = list(Entry.objects.filter(client=fjord).order_by("pk").values_list("position", flat=True))
    assert positions == [1, 2, 3, 4, 5, 6]
    more = posted(fjord, even(fjord, series="B"), even(fjord, series="A", on=next_year))
    assert [(entry.series, entry.number) for entry in more] == [("B", 3), ("A", 3)]
    assert prove(fjord).fault is None


def test_each_line_that_waits_gives_its_item(fjord):
    customer = a_party(fjord)
    (entry,) = posted(
        fjord,
        an_entry(
            fjord,
            ("3000", "-100.00"),
            LineDraft("1500", Decimal("60"), party=customer),
            LineDraft("1500", Decimal("40"), party=customer),
        ),
    )
    assert entry.items[0] is None
    assert [OpenItem.objects.get(pk=item).amount for item in entry.items[1:]] == [Decimal(60), Decimal(40)]


def test_the_same_drafts_again_are_the_same_entries(fjord):
    drafts = [even(fjord), even(fjord), even(fjord)]
    first = posted(fjord, *drafts)
    before = booked(fjord)
    again = posted(fjord, *drafts)
    assert [entry.id for entry in again] == [entry.id for entry in first]
    assert [entry.was_there for entry in first] == [False] * 3
    assert [entry.was_there for entry in again] == [True] * 3
    assert booked(fjord) == before


def test_some_of_them_again_post_only_the_rest(fjord):
    one, two, three = even(fjord), even(fjord), even(fjord)
    posted(fjord, two)
    assert [entry.was_there for entry in posted(fjord, one, two, three)] == [False, True, False]
    assert Entry.objects.filter(client=fjord).count() == 3
    assert prove(fjord).fault is None


def test_the_same_draft_twice_in_one_call_is_one_entry(fjord):
    draft = even(fjord)
    one, two = posted(fjord, draft, draft)
    assert one.id == two.id
    with pytest.raises(rules.OriginConflict):
        posted(fjord, even(fjord, "twice", "1.00"), even(fjord, "twice", "2.00"))
    assert Entry.objects.filter(client=fjord).count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "100.01"},
        {"text": "other"},
        {"on": TODAY + datetime.timedelta(days=1)},
        {"series": "B"},
    ],
)
def test_other_content_under_the_same_origin_is_refused(fjord, changes):
    posted(fjord, even(fjord, "movement:1"))
    with pytest.raises(rules.OriginConflict):
        posted(fjord, even(fjord, "movement:1", **changes))
    assert Entry.objects.filter(client=fjord).count() == 1


def test_a_reversed_origin_may_be_posted_anew(fjord):
    (first,) = posted(fjord, even(fjord, "movement:1"))
    ledger.reverse(fjord, [first.id], by="test", why="wrong account")
    (anew,) = posted(fjord, even(fjord, "movement:1", "99.00"))
    assert not anew.was_there
    assert posted(fjord, even(fjord, "movement:1", "99.00"))[0].id == anew.id
    ledger.reverse(fjord, [anew.id], by="test", why="again")
    (third,) = posted(fjord, even(fjord, "movement:1"))
    assert Entry.objects.get(pk=third.id).round == 2
    assert prove(fjord).fault is None


def party_line(**fields):
    return lambda client: LineDraft("1500", Decimal("100.00"), party=a_party(client), **fields)


@pytest.mark.parametrize(
    "lines, refusal",
    [
        ([("1920", "100.00"), ("3000", "-99.99")], rules.Unbalanced),
        ([("1920", "0.00")], rules.TooFewLines),
        ([], rules.TooFewLines),
        ([("1920", "100.005"), ("3000", "-100.005")], rules.BadAmount),
        ([("1920", "NaN"), ("3000", "0.00")], rules.BadAmount),
        ([("1920", "Infinity"), ("3000", "-1")], rules.BadAmount),
        ([("1920", "1E+30"), ("3000", "-1E+30")], rules.BadAmount),
        ([("1920", "100000000000000.00"), ("3000", "-100000000000000.00")], rules.BadAmount),
        ([("9", "1.00"), ("3000", "-1.00")], rules.NoSuchAccount),
        ([("1500", "1.00"), ("3000", "-1.00")], rules.PartyMissing),
        ([LineDraft("1920", Decimal(1), party=1), ("3000", "-1.00")], rules.PartyMissing),
        ([LineDraft("1500", Decimal(1), party=2**40), ("3000", "-1.00")], rules.NoSuchParty),
        ([party_line(currency="EUR"), ("3000", "-100.00")], rules.BadCurrency),
        ([party_line(currency="EUR", currency_amount=Decimal("-9")), ("3000", "-100.00")], rules.BadCurrency),
        (
            [party_line(currency="EUR", currency_amount=Decimal("9.001")), ("3000", "-100.00")],
            rules.BadAmount,
        ),
        ([party_line(currency="NOK", currency_amount=Decimal("9")), ("3000", "-100.00")], rules.BadCurrency),
        ([party_line(currency="EURO", currency_amount=Decimal("9")), ("3000", "-100.00")], rules.BadText),
        (
            [
                party_line(currency="EUR", currency_amount=Decimal("9"), rate=Decimal("0")),
                ("3000", "-100.00"),
            ],
            rules.BadAmount,
        ),
        ([LineDraft("1920", Decimal(1), vat_base=Decimal("0.001")), ("3000", "-1.00")], rules.BadAmount),
        ([LineDraft("1920", Decimal(1), text="x" * 301), ("3000", "-1.00")], rules.BadText),
        ([LineDraft("1920", Decimal(1), text="x\0"), ("3000", "-1.00")], rules.BadText),
        ([LineDraft("1920", Decimal(1), reference="\ud800"), ("3000", "-1.00")], rules.BadText),
        (
            [LineDraft("1920", Decimal(1), settles=(Settles(1, Decimal(1)),)), ("3000", "-1.00")],
            rules.NotOnePartys,
        ),
        (
            [
                LineDraft(
                    "1920", Decimal("99999999999999.99"), currency="EUR", currency_amount=Decimal("0.01")
                ),
                ("3000", "-99999999999999.99"),
            ],
            rules.BadAmount,
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_leaves_nothing(fjord, lines, refusal):
    made = [line(fjord) if callable(line) else line for line in lines]
    with pytest.raises(refusal) as caught:
        posted(fjord, even(fjord), an_entry(fjord, *made))
    assert "{" not in str(caught.value)
    assert Entry.objects.filter(client=fjord).count() == 0
    posted(fjord, even(fjord))
    assert prove(fjord).fault is None


def test_a_closed_period_is_refused_in_words(fjord):
    ledger.close_through(fjord, TODAY, by="test", why="filed")
    with pytest.raises(rules.PeriodClosed, match="2026-03-12"):
        posted(fjord, even(fjord))


def test_a_day_far_from_every_year_is_refused(fjord):
    with pytest.raises(rules.OutsideYears):
        posted(fjord, even(fjord, on=datetime.date(2062, 3, 12)))


def test_all_or_none(fjord):
    with pytest.raises(rules.Unbalanced):
        posted(fjord, even(fjord), even(fjord), an_entry(fjord, ("1920", "1.00"), ("3000", "-2.00")))
    assert booked(fjord) == ""
    assert Series.objects.filter(client=fjord, last_number__gt=0).count() == 0


def test_an_account_out_of_use_takes_nothing_new_but_gives_back(fjord):
    (entry,) = posted(fjord, even(fjord))
    Account.objects.filter(client=fjord, number="3000").update(is_active=False)
    with pytest.raises(rules.NoSuchAccount):
        posted(fjord, even(fjord))
    ledger.reverse(fjord, [entry.id], by="test", why="wrong")
    assert prove(fjord).fault is None


def test_what_a_line_says_is_kept(fjord):
    posted(
        fjord,
        an_entry(
            fjord,
            LineDraft(
                "1500",
                Decimal("1173.46"),
                text="Brügge",
                currency="EUR",
                currency_amount=Decimal("100.00"),
                rate=Decimal("11.7346"),
                party=a_party(fjord),
                due_on=TODAY,
                number="F77",
                reference="0077",
                dimensions={"project": "Bro", "avdeling": "2"},
            ),
            LineDraft("3000", Decimal("-938.77"), vat_code="3", vat_amount=Decimal("-234.69")),
            LineDraft("2700", Decimal("-234.69"), vat_code="3", vat_base=Decimal("-938.77")),
        ),
    )
    first, second, third = Line.objects.filter(client=fjord).order_by("number")
    assert (first.currency, first.currency_amount, first.rate) == ("EUR", Decimal(100), Decimal("11.7346"))
    assert (first.text, first.due_on, first.reference) == ("Brügge", TODAY, "0077")
    assert first.dimensions == {"project": "Bro", "avdeling": "2"}
    assert (second.vat_code, second.vat_amount, second.vat_base) == ("3", Decimal("-234.69"), None)
    assert (third.vat_code, third.vat_amount, third.vat_base) == ("3", None, Decimal("-938.77"))
    assert (second.currency, second.currency_amount, second.rate) == ("NOK", Decimal("-938.77"), Decimal(1))
    item = OpenItem.objects.get(client=fjord)
    assert (item.number, item.reference, item.due_on) == ("F77", "0077", TODAY)
    assert (item.currency, item.currency_amount) == ("EUR", Decimal(100))
    assert prove(fjord).fault is None


def test_the_rate_follows_from_the_two_amounts(fjord):
    line = LineDraft("1920", Decimal("1000.00"), currency="EUR", currency_amount=Decimal("90.00"))
    posted(fjord, an_entry(fjord, line, ("3000", "-1000.00")))
    assert Line.objects.get(client=fjord, number=1).rate == Decimal("11.11111111")
    assert prove(fjord).fault is None


def test_a_zero_with_a_sign_is_a_zero(fjord):
    posted(fjord, an_entry(fjord, ("1920", "-0.00"), ("3000", "0")))
    assert prove(fjord).fault is None


def test_more_than_is_left_cannot_be_settled(fjord):
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer).pk
    payment = an_entry(
        fjord,
        ("1920", "126.00"),
        LineDraft("1500", Decimal("-126.00"), party=customer, settles=(Settles(item, Decimal("126.00")),)),
    )
    with pytest.raises(rules.SettledBeyond, match=r"125\.00"):
        posted(fjord, payment)
    with pytest.raises(rules.NotOnePartys):
        ledger.settle(fjord, item, [Settles(item, Decimal("1.00"))], act=act(fjord, "test", "test"))


def test_settle_and_part_are_opposites(fjord):
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer)
    (paid,) = posted(
        fjord, an_entry(fjord, ("1920", "100.00"), LineDraft("1500", Decimal("-100"), party=customer))
    )
    settled = ledger.settle(
        fjord, paid.items[1], [Settles(item.pk, Decimal("99.99"))], act=act(fjord, "test", "test")
    )
    item.refresh_from_db()
    assert item.left == Decimal("25.01")
    assert ledger.part(fjord, settled, act=act(fjord, "test", "test")) == 1
    assert ledger.part(fjord, settled, act=act(fjord, "test", "test")) == 0
    item.refresh_from_db()
    assert item.left == Decimal("125.00")
    assert prove(fjord).fault is None


def test_holding_and_releasing(fjord):
    supplier = a_party(fjord, PartyKind.SUPPLIER)
    (bill,) = posted(
        fjord,
        an_entry(fjord, ("6300", "50.00"), LineDraft("2400", Decimal("-50"), party=supplier, on_hold=True)),
    )
    assert OpenItem.objects.get(pk=bill.items[1]).on_hold
    assert ledger.release(fjord, [bill.items[1]], by="person:1", why="approved") == 1
    assert ledger.release(fjord, [bill.items[1]], by="person:1", why="approved") == 0
    assert ledger.hold(fjord, [bill.items[1]], by="person:1", why="a doubt") == 1


def test_posters_in_threads_take_turns(fjord):
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            with scope([fjord.pk]):
                for round_ in range(5):
                    posted(
                        fjord, *[even(fjord, f"{number}:{round_}:{n}", series="AB"[n % 2]) for n in range(4)]
                    )
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    for series in ("A", "B"):
        found = Entry.objects.filter(client=fjord, series__code=series).order_by("number")
        assert list(found.values_list("number", flat=True)) == list(range(1, 41))
    assert prove(fjord).fault is None


def test_posters_of_the_same_origins_post_each_once(fjord):
    drafts = [even(fjord, f"same:{n}") for n in range(5)]
    answers: list[list] = []

    def run() -> None:
        with scope([fjord.pk]):
            answers.append(posted(fjord, *drafts))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({tuple(entry.id for entry in answer) for answer in answers}) == 1
    assert sum(not entry.was_there for answer in answers for entry in answer) == 5
    assert prove(fjord).entries == 5


POSTER = """
import json, sys
import django
django.setup()
from nattbok.clients.models import Client
from nattbok.db.scope import scope
from tests.world import an_entry, posted
pk, name = int(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
with scope([pk]):
    client = Client.objects.get(pk=pk)
    for n in range(10):
        posted(client, *[an_entry(client, ("1920", "1.00"), ("3000", "-1.00"), origin=f"{name}:{n}:{m}")
                         for m in range(3)])
print("done")
"""


def test_posters_in_processes_take_turns(office):
    client = a_client("NO", office=office)
    posters = [
        subprocess.Popen(
            [sys.executable, "-c", POSTER, str(client.pk), f"process {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "nattbok.site.settings"},
        )
        for number in range(3)
    ]
    for poster in posters:
        poster.stdin.write("go\n")
        poster.stdin.flush()
    for poster in posters:
        out, _errors = poster.communicate(timeout=90)
        assert out == "done\n", json.dumps(out)
    with scope([client.pk]):
        numbers = Entry.objects.filter(client=client).order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, 91))
        assert prove(client).fault is None

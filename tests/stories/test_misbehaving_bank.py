"""Days with a bank that misbehaves: nothing paid twice, nothing lost, nothing posted wrong, all noticed.

The whole way over real sockets: the robot proposes, two people approve, the file goes, the bank answers as it
likes, and each night the robot fetches, reads, matches and reconciles. `bench.bank_month` plays whole months.
"""

from random import Random

import pytest
from bench.month.checks import check
from bench.month.days import FORMS, ONLY, go_through, month
from bench.month.notices import NOTICES

from nattbok.bank.models import Payment
from nattbok.db.scope import scope
from nattbok.sandbox.bank.shape import Fault
from tests.world import a_client

DAYS = 6
PAIRS = [tuple(sorted(Random(seed).sample(list(Fault), 2))) for seed in range(1, 6)]


def form_for(*faults):
    """A way over which all of them can strike, another for each."""
    ways = [way for way in FORMS if all(way in ONLY.get(fault, FORMS) for fault in faults)]
    return ways[sum(list(Fault).index(fault) for fault in faults) % len(ways)]


def play(office, *faults, days=DAYS):
    """The days of one client, and what does not hold when they are over; the faults that struck."""
    country = ("NO", "SE")[sum(len(fault) for fault in faults) % 2]
    client = a_client(country, office=office)
    with month(office, [(client, form_for(*faults))], faults=faults, days=days, seed=1) as made:
        go_through(made, days)
        (played,) = made.played
        with scope([client.pk]):
            return check(made, played) + made.trouble, made.struck(played)


def test_a_bank_that_behaves(office):
    client = a_client("NO", office=office)
    with month(office, [(client, "sftp")], faults=(), days=DAYS, seed=1) as made:
        go_through(made, DAYS)
        (played,) = made.played
        with scope([client.pk]):
            assert check(made, played) + made.trouble == []
            assert Payment.objects.filter(client=client, state="accepted").count() >= DAYS - 2
            told = {kind for kind, _reason in played.morning}
            known = {notice.kind for notices in NOTICES.values() for notice in notices}
            assert told & known == set(), "nothing is noticed where nothing is wrong"


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_alone(fault, office):
    broken, struck = play(office, fault)
    assert broken == []
    assert struck == {fault}


@pytest.mark.parametrize("faults", PAIRS, ids="+".join)
def test_faults_in_pairs(faults, office):
    broken, _struck = play(office, *faults)
    assert broken == []


def test_the_list_of_faults_is_complete():
    assert NOTICES.keys() == set(Fault)

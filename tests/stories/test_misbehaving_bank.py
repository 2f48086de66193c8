"""Days with a bank that misbehaves: nothing paid twice, nothing lost, nothing posted wrong, all noticed.

The whole way over real sockets: the robot proposes, two people approve, the file goes, the bank answers as it
likes, and each night the robot fetches, reads, matches and reconciles. Each fault strikes one client alone;
the clients of a world bank side by side, so that one client's fault is also seen to be no other's.
`bench.bank_month` plays whole months.
"""

from functools import cache
from random import Random

import pytest
from bench.month.checks import check
from bench.month.days import FORMS, ONLY, go_through, month
from bench.month.notices import NOTICES

from nattbok.bank.models import Payment
from nattbok.db.scope import scope
from nattbok.sandbox.bank.shape import Fault
from tests.world import a_client, an_office

DAYS, LONGER = 4, 5  # what comes back after three days needs the longer
NONE = ()
ALONE = [(fault,) for fault in Fault]
PAIRS = [tuple(sorted(Random(seed).sample(list(Fault), 2))) for seed in range(1, 6)]
# A host's key is shown before anybody has said who they are: it changes for all of a world.
FOR_ALL = [faults for faults in (*ALONE, *PAIRS) if Fault.HOST_KEY_CHANGED in faults]
SLOW = [faults for faults in ((Fault.RETURN_AFTER_SETTLED,), *PAIRS) if faults not in FOR_ALL]
SIDE_BY_SIDE = [faults for faults in (NONE, *ALONE) if faults not in (*FOR_ALL, *SLOW)]
WORLDS = [*([faults] for faults in FOR_ALL), SLOW, *(SIDE_BY_SIDE[at::4] for at in range(4))]


def form_for(*faults):
    """A way over which all of them can strike, another for each."""
    ways = [way for way in FORMS if all(way in ONLY.get(fault, FORMS) for fault in faults)]
    return ways[sum(list(Fault).index(fault) for fault in faults) % len(ways)]


@cache
def played(world):
    """Faults → the client that they struck, when the days of a world are over."""
    office = an_office()
    clients = [
        (a_client(("NO", "SE")[sum(map(len, faults)) % 2], office=office), form_for(*faults), faults)
        for faults in WORLDS[world]
    ]
    days = DAYS if all(faults in SIDE_BY_SIDE for faults in WORLDS[world]) else LONGER
    with month(office, clients, days=days, seed=1) as made:
        go_through(made, days)
        return {
            faults: became(made, one)
            for one, (_client, _form, faults) in zip(made.played, clients, strict=True)
        }


def became(made, one):
    """What does not hold of a client, what struck it, what its people were told of, and its payments."""
    with scope([one.client.pk]):
        paid = Payment.objects.filter(client=one.client, state="accepted").count()
        return check(made, one), made.struck(one), {kind for kind, _reason in one.morning}, paid


def cases(kinds):
    """World by world, so that each is played once; or twice, where two processes share it."""
    return [
        pytest.param(world, faults, id="+".join(faults))
        for world, struck in enumerate(WORLDS)
        for faults in struck
        if faults in kinds
    ]


@pytest.mark.parametrize(("world", "faults"), cases(ALONE))
def test_each_fault_alone(world, faults):
    broken, struck, _told, _paid = played(world)[faults]
    assert broken == []
    assert struck == set(faults)


@pytest.mark.parametrize(("world", "faults"), cases(PAIRS))
def test_faults_in_pairs(world, faults):
    broken, _struck, _told, _paid = played(world)[faults]
    assert broken == []


def test_whose_bank_behaves_notices_nothing_of_the_others():
    (world,) = (world for world, struck in enumerate(WORLDS) if NONE in struck)
    broken, struck, told, paid = played(world)[NONE]
    assert broken == []
    assert struck == set()
    assert paid >= DAYS - 2
    assert told.isdisjoint(notice.kind for notices in NOTICES.values() for notice in notices)


def test_the_list_of_faults_is_complete():
    assert NOTICES.keys() == set(Fault)

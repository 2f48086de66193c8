"""Nights whose right answer is known: every line posted as it should be, or left, in any order of files."""

import itertools

import pytest
from bench import worlds

from nattbok.db.scope import scope
from nattbok.ledger.models import Entry
from nattbok.ledger.queries.proof import prove
from nattbok.sandbox.bank.nights import make_night
from tests.world import a_client

SHARED = {"no_20260312": "NO", "se_20260312": "SE"}


def play(country, world, expected, *nights, office):
    """The night run with the files in each order, one after the other; what is not as it should be."""
    client = a_client(country, office=office)
    with scope([client.pk]):
        books = worlds.load(client, world)
        counts = set()
        for files in nights:
            worlds.night(books, files)
            counts.add(Entry.objects.filter(client=client).count())
        rows = worlds.judge(books, expected, worlds.became(books))
        assert prove(client).fault is None
        assert worlds.balance_off(books, expected) == 0
        assert len(counts) == 1  # nothing is posted twice
        return [row for row in rows if row["wrong"] or row["missed"]]


@pytest.mark.parametrize("name, order", [(name, order) for name in SHARED for order in (0, 3, 5)])
def test_a_night_of_every_kind_of_payment(name, order, office, shared_data):
    world, expected, files = worlds.read(shared_data / "bank" / "scenarios" / name)
    assert len(files) == 3
    first = list(itertools.permutations(files))[order]
    assert play(SHARED[name], world, expected, first, files, office=office) == []


@pytest.mark.parametrize("seed", range(20_001, 20_025))
def test_random_nights(seed, office):
    country = ("NO", "SE")[seed % 2]
    night = make_night(seed, country)
    assert play(country, night.world, night.expected, night.files, night.files[::-1], office=office) == []

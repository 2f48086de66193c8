"""Acts: kept, told, and undone once."""

import pytest
from django.db import DatabaseError, transaction

from nattbok.clients.models import Client
from nattbok.db.scope import scope
from nattbok.trail.actions import act, record
from nattbok.trail.models import Act
from nattbok.trail.queries import deed, fingerprints
from nattbok.trail.rules import ActDraft, means
from tests.world import a_client

DONE = means("test.done", "{count} things were done: {why}")


def test_an_act_is_told_in_its_sentence(fjord):
    pk = act(fjord, DONE, "person:1", night=7, count=2, why="so", amount="1.00")
    found = deed(fjord, pk)
    assert str(found.title) == "2 things were done: so"
    assert (found.by, found.night, found.evidence["amount"], found.undone_by) == ("person:1", 7, "1.00", None)


def test_many_at_once_keep_their_order(fjord):
    ids = record(fjord, [ActDraft(DONE, "test", {"count": n, "why": "ß ' \" \\ 🙂"}) for n in range(50)])
    found = {one.pk: one.evidence for one in Act.objects.filter(pk__in=ids)}
    assert [found[pk]["count"] for pk in ids] == list(range(50))
    assert found[ids[0]]["why"] == "ß ' \" \\ 🙂"
    assert record(fjord, []) == []


def test_an_act_is_undone_once(fjord):
    first = act(fjord, DONE, "test", count=1, why="x")
    (undoing,) = record(fjord, [ActDraft("test.undone", "test", {}, undoes=first)])
    assert deed(fjord, first).undone_by == undoing
    with pytest.raises(DatabaseError, match="act_undone_once"), transaction.atomic():
        record(fjord, [ActDraft("test.undone", "test", {}, undoes=first)])


def test_another_clients_act_is_not_found_nor_undone(fjord, office):
    other: Client = a_client("NO", office=office)
    with scope([fjord.pk, other.pk]):
        theirs = act(other, DONE, "test", count=1, why="x")
        with pytest.raises(Act.DoesNotExist):
            deed(fjord, theirs)
        with pytest.raises(DatabaseError, match="act_undoes_same_client"), transaction.atomic():
            record(fjord, [ActDraft("test.undone", "test", {}, undoes=theirs)])
        assert fingerprints(fjord, [theirs]) == {}


def test_a_fingerprint_is_of_all_that_the_act_says(fjord):
    one = act(fjord, DONE, "test", count=1, why="x")
    two = act(fjord, DONE, "test", count=1, why="y")
    found = fingerprints(fjord, [one, two])
    assert len(set(found.values())) == 2
    assert found == fingerprints(fjord, [one, two])

"""What came is kept as it came."""

import hashlib

import pytest
from django.core.files.storage import default_storage

from nattbok.db.scope import scope
from nattbok.files.actions import add_source, keep, path_of
from nattbok.files.models import Arrival, File
from nattbok.files.queries import Damaged, data, sources
from tests.world import a_client


def test_the_same_bytes_again_are_the_same_file(fjord):
    first = keep(fjord, b"one", name="a.xml", came_by="folder")
    again = keep(fjord, b"one", name="b.xml", came_by="upload")
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert first.file == again.file
    assert data(first.file) == b"one"
    assert first.file.sha256 == hashlib.sha256(b"one").hexdigest()
    arrivals = Arrival.objects.filter(client=fjord).order_by("pk").values_list("name", "is_repeat")
    assert list(arrivals) == [("a.xml", False), ("b.xml", True)]


def test_two_clients_with_the_same_bytes_have_a_file_each(fjord, office):
    other = a_client("NO", office=office)
    mine = keep(fjord, b"shared", name="a", came_by="upload").file
    with scope([other.pk]):
        kept = keep(other, b"shared", name="a", came_by="upload")
        assert not kept.is_repeat
        assert kept.file != mine
        assert list(File.objects.all()) == [kept.file]


def test_a_very_long_name_keeps_its_ending(fjord):
    assert keep(fjord, b"named", name="x" * 400 + ".xml", came_by="mail").file.name.endswith("x.xml")


def test_changed_bytes_are_noticed_when_they_are_read(fjord):
    kept = keep(fjord, f"mine {fjord.pk}".encode(), name="a", came_by="upload").file
    with open(default_storage.path(path_of(kept.sha256)), "ab") as stored:
        stored.write(b"!")
    with pytest.raises(Damaged):
        data(kept)


def test_a_place_is_one_clients(fjord):
    place = f"/in/{fjord.pk}"
    first = add_source(fjord, kind="folder", address=place, title="Bank")
    assert add_source(fjord, kind="folder", address=place, title="Bank") == first
    assert sources(fjord) == [first]

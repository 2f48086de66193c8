"""What a folder gives, and when."""

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.base.errors import Unreachable
from nattbok.channels.channel import Incoming
from nattbok.channels.folder import Folder
from nattbok.formats.finding import Finding


def names(folder: Folder) -> list[str]:
    return [found.name for found in folder.fetch() if isinstance(found, Incoming)]


def findings(folder: Folder) -> dict[str, str]:
    return {found.where: found.code for found in folder.fetch() if isinstance(found, Finding)}


def test_a_file_is_given_until_it_is_done(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"<a/>")
    folder = Folder(tmp_path, settle=0)
    (first,), (second,) = folder.fetch(), folder.fetch()
    assert first == second
    assert (first.name, first.data) == ("a.xml", b"<a/>")
    folder.done(first.handle)
    assert list(folder.fetch()) == []
    (moved,) = (tmp_path / "done").iterdir()
    assert moved.name.endswith("-a.xml") and moved.read_bytes() == b"<a/>"
    folder.done(first.handle)  # said again, nothing happens


def test_the_same_name_again_never_replaces_what_is_done(tmp_path):
    folder = Folder(tmp_path, settle=0)
    for content in (b"1", b"2", b"3"):
        (tmp_path / "a.xml").write_bytes(content)
        (incoming,) = folder.fetch()
        folder.done(incoming.handle)
    assert sorted(file.read_bytes() for file in (tmp_path / "done").iterdir()) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("name", [".hidden", "a.xml.tmp", "a.part", "A.FILEPART", "a.crdownload", "a.xml~"])
def test_unfinished_names_are_left_alone(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    assert list(Folder(tmp_path, settle=0).fetch()) == []


def test_files_are_not_moved_out_through_a_link(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "a.xml").write_bytes(b"x")
    (inside / "done").symlink_to(outside)
    folder = Folder(inside, settle=0)
    (incoming,) = folder.fetch()
    with pytest.raises(Unreachable):
        folder.done(incoming.handle)
    assert (inside / "a.xml").exists() and not any(outside.iterdir())


def test_a_time_yet_to_come_is_told_instead_of_waited_for(tmp_path, monkeypatch):
    (tmp_path / "a.xml").write_bytes(b"x")
    monkeypatch.setattr("nattbok.channels.folder.AHEAD", -10)  # any file is from a time yet to come
    assert findings(Folder(tmp_path, settle=0)) == {"a.xml": "folder.clock"}


def test_a_file_must_rest_first(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"x")
    os.utime(tmp_path / "a.xml", (0, 0))  # what the sender says of its age is not asked
    folder = Folder(tmp_path, settle=0.3)
    assert names(folder) == []
    time.sleep(0.35)
    assert names(folder) == ["a.xml"]


def test_a_file_that_another_process_writes_is_left_until_it_is_closed(tmp_path):
    code = "import sys; f = open(sys.argv[1], 'wb'); f.write(b'half'); f.flush(); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "a.xml"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        writer.stdout.readline()
        (tmp_path / "b.xml").write_bytes(b"x")
        assert names(Folder(tmp_path, settle=0)) == ["b.xml"]
        writer.communicate(b"\n")
    assert names(Folder(tmp_path, settle=0)) == ["a.xml", "b.xml"]


def test_a_file_replaced_since_it_was_read_is_not_moved(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"old")
    folder = Folder(tmp_path, settle=0)
    (incoming,) = folder.fetch()
    (tmp_path / "new").write_bytes(b"another")
    os.replace(tmp_path / "new", tmp_path / "a.xml")
    folder.done(incoming.handle)
    assert names(folder) == ["a.xml"]


def test_what_is_no_file_is_reported_and_not_read(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "large", "wb") as file:
        file.truncate(1001)
    (tmp_path / "empty").touch()
    assert findings(Folder(tmp_path, settle=0, largest=1000)) == {
        "link": "folder.link",
        "folder": "folder.folder",
        "pipe": "folder.not_a_file",
        "large": "folder.too_large",
        "empty": "folder.empty",
    }


@pytest.mark.parametrize("path", ["missing", "a_file/in"])
def test_a_folder_that_is_not_there_is_unreachable(tmp_path, path):
    (tmp_path / "a_file").touch()
    with pytest.raises(Unreachable, match="cannot be read"):
        list(Folder(tmp_path / path).fetch())


@given(st.binary(min_size=1, max_size=60).filter(lambda name: not set(name) & {0, 47} and name != b"done"))
def test_any_name_can_be_taken_and_done(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("in")
    if name in {b".", b".."}:
        return
    with open(os.path.join(os.fsencode(path), name), "wb") as file:
        file.write(b"x")
    folder = Folder(path, settle=0)
    for incoming in folder.fetch():
        incoming.name.encode()  # can be kept and shown
        folder.done(incoming.handle)
        assert len(os.listdir(path / "done")) == 1
    assert list(folder.fetch()) == []

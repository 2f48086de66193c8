"""E-invoices from an access point, over real sockets: kept first, said after; what is not ours stays."""

import datetime

import pytest

from nattbok.base.errors import Unreachable
from nattbok.channels import trouble
from nattbok.channels.channel import Incoming
from nattbok.channels.network import Standing
from nattbok.channels.peppol import AccessPoint, Network, NotUnderstood
from nattbok.channels.remembered import Remembered
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.sftp import Sftp
from nattbok.channels.ssh_keys import make_key_pair
from nattbok.channels.ssh_line import SftpSettings
from nattbok.formats import envelope
from nattbok.sandbox.network import point as network
from nattbok.sandbox.network.door import Door
from nattbok.sandbox.network.folders import FolderDoor
from nattbok.sandbox.network.point import Fault
from nattbok.sandbox.writing.sbdh import envelope as written

US, THEM, SENDER = "0192:310000019", "0192:310000027", "0192:310000035"
UBL = b"<Invoice xmlns='urn:x'><ID>1</ID></Invoice>"
KEYS = make_key_pair("tests")


@pytest.fixture
def point():
    made = network.AccessPoint()
    made.register(US)
    made.register(THEM)
    return made


@pytest.fixture
def inbox(point):
    with Door(point) as door:
        settings = RestSettings(door.address, token=point.token, connect_seconds=5, answer_seconds=5)
        yield Network(AccessPoint(settings, US), [US])


def numbers(found) -> list[str]:
    return [envelope.read(one.data).instance_id for one in found if isinstance(one, Incoming)]


def codes(found) -> list[str]:
    return [one.code for one in found if not isinstance(one, Incoming)]


def test_a_message_is_given_until_it_is_said_to_be_kept(point, inbox):
    point.send(UBL, sender=SENDER, receiver=US, number="a")
    point.send(UBL, sender=SENDER, receiver=US, number="b", looks=1)  # late
    (found,) = inbox.fetch()
    inbox.done(found.handle)
    inbox.done(found.handle)  # said twice does no harm
    assert numbers(inbox.fetch()) == ["b"]
    assert numbers(inbox.fetch()) == ["b"]


def test_what_is_for_somebody_else_is_not_taken(point, inbox):
    point.send(UBL, sender=SENDER, receiver=THEM, number="theirs", inbox=US)
    point.send(UBL, sender=SENDER, receiver=US, number="ours")
    found = list(inbox.fetch())
    assert (numbers(found), codes(found)) == (["ours"], ["peppol.wrong_receiver"])
    assert THEM in str(next(one for one in found if not isinstance(one, Incoming)).words)


def test_half_a_message_is_left_and_comes_whole_the_next_time(point, inbox):
    point.send(UBL, sender=SENDER, receiver=US, number="a")
    point.faults.add(Fault.HALF)
    assert codes(inbox.fetch()) == ["peppol.half"]
    point.faults = {Fault.CUT}
    with pytest.raises(trouble.ConnectionCut):
        list(inbox.fetch())
    point.faults.clear()
    assert numbers(inbox.fetch()) == ["a"]


def test_what_is_no_envelope_is_told_of(point, inbox):
    point.put(US, UBL)
    point.put(US, b"\0\1\2")
    assert codes(inbox.fetch()) == ["peppol.not_an_envelope", "peppol.xml_not_xml"]


def test_an_answer_that_is_lost_does_no_harm(point, inbox):
    point.send(UBL, sender=SENDER, receiver=US, number="a")
    (found,) = inbox.fetch()
    point.faults.add(Fault.DEAF)
    with pytest.raises(Unreachable):
        inbox.done(found.handle)
    point.faults.clear()
    assert list(inbox.fetch()) == []


@pytest.mark.parametrize(
    "fault, refusal", [(Fault.DEAD, trouble.ConnectionCut), (Fault.BUSY, trouble.BankClosed)]
)
def test_a_dead_access_point_is_told_of(point, inbox, fault, refusal):
    point.faults.add(fault)
    with pytest.raises(refusal):
        list(inbox.fetch())


def test_a_wrong_token_and_a_closed_port(point, inbox):
    settings = inbox.channel.settings
    point.token = "another"
    with pytest.raises(trouble.TokenRefused):
        list(inbox.fetch())
    with pytest.raises(trouble.NobodyAnswers):
        list(AccessPoint(RestSettings("http://127.0.0.1:1", connect_seconds=5), US).fetch())
    assert settings.token not in repr(settings)


def test_registration_and_the_directory(point, inbox):
    door = inbox.channel
    other = AccessPoint(door.settings, "0192:310000043")
    assert (other.standing(), other.directory().access_point) == (Standing("none"), "")
    assert other.register() == other.register() == Standing("active")
    assert other.directory().access_point == point.name and other.directory().document_types
    point.move("0192:310000043", "Annet aksesspunkt")
    assert other.directory().access_point == "Annet aksesspunkt"
    assert other.unregister() == Standing("none")
    point.faults.add(Fault.REFUSING)
    assert other.register() == Standing("refused", "registered with another access point")


def test_answers_that_cannot_be_read_are_no_messages(point, inbox, monkeypatch):
    monkeypatch.setattr(network.AccessPoint, "register", lambda self, number: ("perhaps", ""))
    with pytest.raises(NotUnderstood):
        inbox.channel.register()


def sftp(door: FolderDoor, archive: str) -> Sftp:
    settings = SftpSettings(
        host=door.host, port=door.port, username="nattbok", private_key=KEYS.private,
        host_keys=(door.host_key,), download_folder="in", archive_folder=archive, settle_seconds=0,
    )  # fmt: skip
    return Sftp(settings)


def test_envelopes_in_an_sftp_folder(tmp_path):
    for name in ("in", "done"):
        (tmp_path / name).mkdir()
    at = datetime.datetime(2026, 3, 12, tzinfo=datetime.UTC)
    whole = written(UBL, number="a", sender=SENDER, receiver=US, at=at)
    (tmp_path / "in" / "1.xml").write_bytes(whole)
    (tmp_path / "in" / "2.xml").write_bytes(whole[:-40])  # half a file
    (tmp_path / "in" / "3.xml.part").write_bytes(whole)
    (tmp_path / "in" / "4.xml").write_bytes(whole.replace(US.encode(), THEM.encode()))
    with FolderDoor(tmp_path, KEYS.public) as door:
        inbox = Network(sftp(door, "done"), [US])
        found = list(inbox.fetch())
        assert (numbers(found), codes(found)) == (["a"], ["peppol.xml_malformed", "peppol.wrong_receiver"])
        inbox.done(found[0].handle)
        (tmp_path / "in" / "2.xml").write_bytes(whole)
        assert numbers(inbox.fetch()) == ["a"]
    assert (tmp_path / "done" / "1.xml").read_bytes() == whole


def test_files_that_stay_are_taken_once_and_again_when_they_change(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("en")
    (tmp_path / "in" / "b.txt").write_text("to")
    with FolderDoor(tmp_path, KEYS.public) as door:
        first = Remembered(sftp(door, ""))
        found = list(first.fetch())
        first.done(found[0].handle)
        second = Remembered(sftp(door, ""), first.position)
        assert [one.name for one in second.fetch()] == ["b.txt"]
        (tmp_path / "in" / "a.txt").write_text("en til")
        third = Remembered(sftp(door, ""), second.position)
        assert [one.name for one in third.fetch()] == ["a.txt", "b.txt"]
        (tmp_path / "in" / "a.txt").unlink()
        list(third.fetch())
        assert third.position == {"kept": []}


def test_files_that_stay_are_fetched_once_and_not_again(tmp_path):
    keys = make_key_pair("tests")
    (tmp_path / "in").mkdir()
    for name in ("a.xml", "b.xml"):
        (tmp_path / "in" / name).write_bytes(name.encode())
    with FolderDoor(tmp_path, keys.public) as door:
        settings = SftpSettings(
            door.host, "nattbok", keys.private, (door.host_key,), port=door.port, download_folder="in",
            archive_folder="", settle_seconds=0.0,
        )  # fmt: skip
        first = Remembered(Sftp(settings))
        for found in list(first.fetch()):
            first.done(found.handle)
        read = []

        class Counting(Sftp):
            async def _read(self, sftp, handle):
                read.append(handle.name)
                return await super()._read(sftp, handle)

        (tmp_path / "in" / "c.xml").write_bytes(b"ny")
        again = Remembered(Counting(settings), first.position)
        assert [found.name for found in again.fetch()] == read == ["c.xml"]
        assert [row[0] for row in again.position["kept"]] == ["a.xml", "b.xml"]

"""The test bank by itself: a real process, its doors, and the commands that move it."""

import contextlib
import io
import json
import signal
import socket
import subprocess
import sys
from typing import NamedTuple

import pytest

from nattbok.channels import trouble
from nattbok.channels.bank_rest import BankRest
from nattbok.channels.channel import Incoming, Outgoing
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.sftp import Sftp
from nattbok.channels.ssh_line import SftpSettings
from nattbok.site import cli

COMMAND = [sys.executable, "-m", "nattbok.site.cli", "sandbox"]


def start(folder, *arguments):
    """The bank, once it says that it is open."""
    process = subprocess.Popen(
        [*COMMAND, "bank", "--folder", folder, "--port-sftp", "0", "--port-rest", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    else:
        pytest.fail("".join(said) + process.stderr.read())
    return process, "".join(said)


@contextlib.contextmanager
def running(folder, *arguments):
    process, said = start(folder, *arguments)
    try:
        yield said
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0, process.stderr.read()
    finally:
        process.kill()
        process.communicate()


class Ended(NamedTuple):
    """What a command said and ended with."""

    returncode: int
    stdout: str
    stderr: str


def ask(folder, *arguments):
    """A command that speaks to the bank, or refuses to be one; in this process, which is quicker."""
    out, wrong = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(wrong):
        ended = cli.main(["sandbox", *arguments, "--folder", str(folder)])
    return Ended(ended, out.getvalue(), wrong.getvalue())


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")


def how(folder, customer):
    return json.loads((folder / "customers" / customer / "how.json").read_text())


def sftp(folder, customer="c1001"):
    about = how(folder, customer)["sftp"]
    with open(about["private_key"], "rb") as file:
        key = file.read()
    return Sftp(
        SftpSettings(
            about["host"],
            about["username"],
            key,
            (about["host_key"],),
            port=about["port"],
            connect_seconds=10,
            answer_seconds=10,
            settle_seconds=0,
        )
    )


def rest(folder, customer="c1001", **settings):
    about = how(folder, customer)["rest"]
    with open(about["token"]) as file:
        return BankRest(RestSettings(about["address"], token=file.read(), settle_seconds=0, **settings))


def names(channel):
    return [found.name for found in channel.fetch() if isinstance(found, Incoming)]


def test_the_bank_by_itself_is_used_moved_broken_and_started_again(tmp_path):
    folder = tmp_path / "bank"
    with running(folder, "--country", "NO", "--date", "2026-03-02") as said:
        assert "its day is 2026-03-02" in said
        assert [step.ok for step in sftp(folder).probe()] == [True] * 7
        assert [step.ok for step in rest(folder).probe()] == [True] * 6
        assert sftp(folder).send(Outgoing("P001.xml", b"no payment file")).size == 15
        assert rest(folder).find("P001.xml").reference == "1"

        account = how(folder, "c1001")["accounts"][0]["number"]
        happened = ask(folder, "happen", account, "money_in", "amount=125.00", "text=Hei")
        assert happened.returncode == 0, happened.stderr
        moved = ask(folder, "advance", "2")
        assert "2026-03-04" in moved.stdout
        assert any("camt053" in name for name in names(sftp(folder)))

        assert "on for c1001: key_revoked" in ask(folder, "fault", "key_revoked", "--who", "c1001").stdout
        with pytest.raises(trouble.LoginRefused):
            names(sftp(folder))
        names(sftp(folder, "c1002"))
        assert "has struck 1 times: key_revoked" in ask(folder, "fault").stdout
        assert "on for" not in ask(folder, "fault", "key_revoked", "--who", "c1001", "--off").stdout
        wrong = ask(folder, "fault", "no_such_fault")
        assert wrong.returncode == 2 and "no_such_fault" in wrong.stderr
        second = ask(folder, "bank", "--port-sftp", "0", "--port-rest", "0")
        assert second.returncode == 2 and "already" in second.stderr
        waiting = names(sftp(folder))

    gone = ask(folder, "advance")
    assert gone.returncode == 2 and "No test bank runs" in gone.stderr
    with running(folder) as said:
        assert "its day is 2026-03-04" in said
        assert names(sftp(folder)) == waiting and waiting
        with pytest.raises(trouble.NameTaken):  # what came before is not taken once more
            sftp(folder).send(Outgoing("P001.xml", b"another"))


def test_only_the_owner_may_read_the_keys(tmp_path):
    folder = tmp_path / "bank"
    with running(folder, "--country", "SE", "--port-tls", "0"):
        about = how(folder, "c1002")
        assert about["accounts"][0]["number"].startswith("SE") and about["accounts"][0]["bankgiro"]
        secret = [
            file
            for file in folder.rglob("*")
            if file.name.endswith(("key", "token", ".json")) and file.is_file()
        ]
        assert len(secret) > 8
        assert {oct(file.stat().st_mode & 0o777) for file in secret} == {"0o600"}
        tls = about["rest_tls"]
        data = {}
        for name in ("authority", "certificate", "certificate_key"):
            with open(tls[name], "rb") as file:
                data[name] = file.read()
        with open(about["rest"]["token"]) as file:
            channel = BankRest(RestSettings(tls["address"], token=file.read(), **data))
        assert [step.ok for step in channel.probe()] == [True] * 6


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    ended = ask(tmp_path, "bank")
    assert ended.returncode == 2 and "other things" in ended.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_taken_port_and_a_second_day_are_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = ask(tmp_path / "a", "bank", "--port-sftp", port, "--port-rest", "0")
    assert ended.returncode == 2 and "cannot be listened on" in ended.stderr
    ended = ask(tmp_path / "a", "bank", "--date", "2026-03-02")
    assert ended.returncode == 2 and "goes on from" in ended.stderr


def test_a_broken_journal_is_told(tmp_path):
    (tmp_path / "this is a test bank").touch()
    (tmp_path / "journal").write_text("nonsense\n")
    ended = ask(tmp_path, "bank", "--port-sftp", "0", "--port-rest", "0")
    assert ended.returncode == 2 and "line 1 of the journal" in ended.stderr

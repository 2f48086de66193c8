"""The command that takes in mail, as a process of its own."""

import os
import signal
import subprocess
import sys

import pytest

from nattbok.db.scope import scope
from nattbok.documents.actions import intake
from nattbok.files.models import Mail
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.mail.serving import MailServer

COMMAND = [sys.executable, "-m", "nattbok.site.cli", "mail-in"]


@pytest.fixture
def address(fjord):
    return intake.open_address(fjord, by="person:1")


def test_mail_is_taken_in_and_the_command_ends_when_told(fjord, address):
    process = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline()
        port = int(said.rsplit(":", 1)[1])
        assert send("127.0.0.1", port, [address], a_mail(("a.pdf", b"%PDF-1"))) == {}
        assert Mail.objects.filter(client=fjord, recipient=address).count() == 1
        # Killed at any moment, what was answered for is kept; and the door opens again.
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_a_mailbox_for_all_is_emptied_once(fjord, address):
    boxes = Mailboxes(catch_all="alle")
    boxes.add_user("alle", "hemmelig", "Nattbok done", "Nattbok held")
    with MailServer(boxes) as server:
        for recipient in (address, "ukjent@mail.invalid"):
            send(server.host, server.smtp_port, [recipient], a_mail(("a.pdf", b"%PDF-1")))
        place = f"alle@{server.host}:{server.imap_port}"
        done = subprocess.run(
            [*COMMAND, "--imap", place, "--security", "none", "--once"],
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"NATTBOK_MAIL_PASSWORD": "hemmelig"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "1 mails were kept, 1 are held in the folder “Nattbok held”\n"
        wrong = subprocess.run(
            [*COMMAND, "--imap", place, "--security", "none", "--once"],
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"NATTBOK_MAIL_PASSWORD": "feil"},
        )
    assert wrong.returncode == 2 and "feil" not in wrong.stderr.replace("nattbok: ", "").split("log-in")[0]
    with scope([fjord.pk]):
        assert Mail.objects.count() == 1

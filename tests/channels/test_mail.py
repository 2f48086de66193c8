"""Mails out of a mailbox, over a real line: kept first, moved after; nothing lost and nothing forgotten."""

import pytest

from nattbok.base.errors import Unreachable
from nattbok.channels import trouble
from nattbok.channels.channel import Incoming
from nattbok.channels.mail import (
    Imap,
    ImapSettings,
    MailboxMissing,
    NotEncryptedMail,
    NotMovedThere,
    recipient_of,
)
from nattbok.formats.finding import Finding
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.mail.serving import MailServer

USER = "post@byraa.example"


@pytest.fixture
def boxes():
    made = Mailboxes()
    made.add_user(USER, "hemmelig å", "Kept æ&b")
    return made


@pytest.fixture
def server(boxes):
    with MailServer(boxes) as opened:
        yield opened


def settings(server, **given) -> ImapSettings:
    fields = {"password": "hemmelig å", "security": "none", "answer_seconds": 5.0} | given
    return ImapSettings(server.host, USER, port=server.imap_port, **fields)


def post(server, *subjects: str) -> None:
    for subject in subjects:
        send(server.host, server.smtp_port, [USER], a_mail(subject=subject))


def subjects(found) -> list[str]:
    texts = [one.data.decode() for one in found if isinstance(one, Incoming)]
    return [text.split("Subject: ")[1].splitlines()[0] for text in texts]


def uids(boxes, folder: str = "INBOX") -> list[int]:
    return [stored.uid for stored in boxes.users[USER].folders[folder].mails]


@pytest.mark.parametrize("faults", [set(), {"no_move"}])
def test_a_mail_is_given_until_it_is_kept_and_then_moved(server, boxes, faults):
    boxes.faults |= faults
    boxes.users[USER].folders["Kept &AOY-&-b"] = boxes.users[USER].folders.pop(
        "Kept æ&b"
    )  # as IMAP writes it
    post(server, "en", "to")
    with Imap(settings(server, done_folder="Kept æ&b")) as mailbox:
        assert subjects(mailbox.fetch()) == ["en", "to"]
        first, _second = found = list(mailbox.fetch())
        assert subjects(found) == ["en", "to"]
        mailbox.done(first.handle)
        assert subjects(mailbox.fetch()) == ["to"]
        mailbox.done(first.handle)  # said twice does no harm
    assert (len(uids(boxes)), len(uids(boxes, "Kept &AOY-&-b"))) == (1, 1)


def test_where_nothing_may_be_moved_the_uids_are_remembered(server, boxes):
    post(server, "en", "to", "tre")
    mailbox = Imap(settings(server))
    found = list(mailbox.fetch())
    mailbox.done(found[0].handle)
    mailbox.done(found[2].handle)  # the second was not kept
    mailbox.close()
    position = mailbox.position
    assert position == {"validity": 1, "through": 3, "held": [2]}
    post(server, "fire")
    again = Imap(settings(server), position)
    assert subjects(again.fetch()) == ["to", "fire"]
    boxes.renumber(USER)  # the server was moved: UIDs mean nothing any more
    again.close()
    assert subjects(Imap(settings(server), position).fetch()) == ["en", "to", "tre", "fire"]


def test_a_handle_of_another_mailbox_moves_nothing(server, boxes):
    post(server, "en")
    (found,) = Imap(settings(server)).fetch()
    boxes.renumber(USER)
    mailbox = Imap(settings(server))
    mailbox.done(found.handle)
    assert mailbox.position == {}
    assert uids(boxes) == [1]


def test_a_mail_too_large_is_told_of_and_the_others_come(server, boxes):
    post(server, "en")
    boxes.users[USER].folders["INBOX"].add(b"Subject: stor\r\n\r\n" + b"x" * 20_000)
    post(server, "to")
    found = list(Imap(settings(server, largest=10_000)).fetch())
    assert [one.code for one in found if isinstance(one, Finding)] == ["mail.too_large"]
    assert subjects(found) == ["en", "to"]


@pytest.mark.parametrize(
    "fault, given, refusal",
    [
        ("refuse_login", {}, trouble.LoginRefused),
        ("silent", {"answer_seconds": 0.3}, trouble.NoAnswerInTime),
        ("cut_in_fetch", {}, trouble.ConnectionCut),
        ("", {"folder": "Borte"}, MailboxMissing),
        ("", {"password": "feil"}, trouble.LoginRefused),
        ("", {"security": "starttls"}, NotEncryptedMail),
        ("", {"security": "tls"}, trouble.ConnectionCut),
    ],
)
def test_what_is_wrong_is_said_in_words(server, boxes, fault, given, refusal):
    post(server, "en")
    boxes.faults |= {fault}
    with pytest.raises(refusal) as said:
        list(Imap(settings(server, **given)).fetch())
    assert "hemmelig" not in str(said.value)
    boxes.faults.clear()
    assert uids(boxes) == [1]  # nothing is lost


def test_a_password_never_goes_unencrypted_over_a_network():
    with pytest.raises(NotEncryptedMail):
        list(Imap(ImapSettings("mail.example.com", USER, "p", security="none")).fetch())


def test_nobody_there(server):
    far = ImapSettings(server.host, USER, "p", port=1, security="none")
    with pytest.raises(trouble.NobodyAnswers):
        list(Imap(far).fetch())


def test_a_folder_that_is_missing_is_told_of_and_the_mail_stays(server, boxes):
    post(server, "en")
    mailbox = Imap(settings(server, done_folder="Borte"))
    (found,) = mailbox.fetch()
    with pytest.raises(NotMovedThere):
        mailbox.done(found.handle)
    assert uids(boxes) == [1]


def test_cut_while_moving_the_next_look_finds_it_moved(server, boxes):
    boxes.users[USER].folders["Kept"] = type(boxes.users[USER].folders["INBOX"])()
    post(server, "en")
    mailbox = Imap(settings(server, done_folder="Kept"))
    (found,) = mailbox.fetch()
    boxes.faults.add("cut_after_move")
    with pytest.raises(Unreachable):
        mailbox.done(found.handle)
    boxes.faults.clear()
    assert list(mailbox.fetch()) == []
    assert len(uids(boxes, "Kept")) == 1


@pytest.mark.parametrize(
    "head, recipient",
    [
        (b"Delivered-To: a@x\r\nDelivered-To: b@x\r\n", "a@x"),  # the topmost is the last server's
        (b"X-Original-To: <c@x>\r\n", "c@x"),
        (b"To: d@x\r\nCc: e@x\r\n", ""),  # what the sender wrote counts for nothing
        (b"Subject: x\r\n\r\nDelivered-To: f@x\r\n", ""),
        (b"Delivered-To:\r\n g@x\r\n", "g@x"),
    ],
)
def test_whom_a_mail_was_delivered_to(head, recipient):
    assert recipient_of(head + b"\r\nhei", ["Delivered-To", "X-Original-To"]) == recipient

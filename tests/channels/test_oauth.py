"""Mailboxes that are entered by access tokens, over real lines: a token server and a mail server that err."""

import pytest

from nattbok.channels import oauth, trouble
from nattbok.channels.mail import Imap, ImapSettings
from nattbok.channels.oauth import Grant
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.mail.tokens import PROGRAM, TokenServer

USER = "bilag@byraa.example"


@pytest.fixture(scope="module")
def doors():
    boxes = Mailboxes()
    with MailServer(boxes) as server, TokenServer(boxes) as tokens:
        yield boxes, server, tokens


@pytest.fixture
def boxes(doors):
    boxes, _server, _tokens = doors
    boxes.faults.clear()
    boxes.add_user(USER, "aldri brukt")
    boxes.deliver(USER, a_mail(("a.pdf", b"%PDF-1"), subject="en"))
    return boxes


def a_grant(doors, **given) -> Grant:
    boxes, _server, tokens = doors
    return Grant(
        **(
            {"token_address": tokens.address, "client_id": PROGRAM[0], "refresh_token": boxes.grant(USER)}
            | given
        )
    )


def mails(doors, grant: Grant, renewed=lambda token: None) -> int:
    _boxes, server, _tokens = doors
    settings = ImapSettings(
        server.host, USER, port=server.imap_port, security="none", answer_seconds=5.0,
        token=lambda: oauth.access_token(grant, USER, renewed),
    )  # fmt: skip
    return len(list(Imap(settings).fetch()))


@pytest.mark.parametrize("fault", ["", "no_bearer"])
def test_a_mailbox_is_entered_with_a_token_and_the_new_grant_is_told(doors, boxes, fault):
    boxes.faults |= {fault}
    kept = []
    grant = a_grant(doors)
    assert mails(doors, grant, kept.append) == 1
    (new,) = kept
    with pytest.raises(oauth.GrantEnded):  # the old one is over
        mails(doors, grant)
    assert mails(doors, a_grant(doors, refresh_token=new)) == 1


def test_the_program_itself_is_let_in_by_its_secret(doors, boxes):
    assert mails(doors, a_grant(doors, refresh_token="", client_secret=PROGRAM[1])) == 1
    with pytest.raises(oauth.ProgramUnknown):
        mails(doors, a_grant(doors, refresh_token="", client_secret="feil"))


@pytest.mark.parametrize(
    "fault, refusal",
    [
        ("expired", oauth.GrantEnded),
        ("revoked", trouble.TokenRefused),
        ("unknown_program", oauth.ProgramUnknown),
        ("dead", trouble.ConnectionCut),
        ("busy", trouble.BankClosed),
        ("babbling", oauth.NoToken),
        ("no_oauth", oauth.NoOAuthThere),
    ],
)
def test_what_goes_wrong_says_who_must_do_what(doors, boxes, fault, refusal):
    boxes.faults.add(fault)
    grant = a_grant(doors)
    with pytest.raises(refusal) as told:
        mails(doors, grant)
    assert grant.refresh_token not in str(told.value)
    boxes.faults.clear()
    assert mails(doors, a_grant(doors)) == 1


def test_a_token_server_that_is_not_there_or_not_encrypted(doors, boxes):
    with pytest.raises(trouble.NobodyAnswers):
        mails(doors, a_grant(doors, token_address="http://127.0.0.1:1/token"))
    with pytest.raises(trouble.NotEncrypted):
        mails(doors, a_grant(doors, token_address="http://tokens.example/token"))


def test_secrets_are_not_shown():
    grant = Grant("https://t.example", "id", "s", "hemmelig", "hemmelig")
    assert "hemmelig" not in repr(grant)


@pytest.mark.parametrize(
    "mechanism, said",
    [
        ("XOAUTH2", b"user=a,b=c\1auth=Bearer t\1\1"),
        ("OAUTHBEARER", b"n,a=a=2Cb=3Dc,\1host=h\1port=993\1auth=Bearer t\1\1"),
    ],
)
def test_what_the_server_is_told(mechanism, said):
    assert oauth.said(mechanism, "a,b=c", "t", "h", 993) == said

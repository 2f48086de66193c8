"""A client's mailbox at a host that takes no passwords: fetched by token, and told of when the grant ends."""

import pytest

from nattbok.desk.queries import waiting
from nattbok.documents.actions import intake, ways
from nattbok.documents.queries import intake as queries
from nattbok.documents.rules.intake import OAuthSecret, WrongSetting, imap_draft
from nattbok.files.actions import secret_of
from nattbok.files.models import Mail, Source
from nattbok.robot.routine import Tonight
from nattbok.robot.routines import collect_files as collecting
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.mail.tokens import PROGRAM, TokenServer
from nattbok.trail.models import Act
from tests.documents.invoices import PERSON
from tests.world import TODAY


@pytest.fixture
def boxes():
    return Mailboxes()


@pytest.fixture
def given(client, boxes):
    """What the page's form says of a mailbox of the client, its doors open."""
    user = f"post{client.pk}@byraa.example"
    boxes.add_user(user, "")
    with MailServer(boxes) as server, TokenServer(boxes) as tokens:
        yield {
            "host": server.host, "port": str(server.imap_port), "username": user, "security": "none",
            "by": "oauth", "token_address": tokens.address, "client_id": PROGRAM[0],
            "refresh_token": boxes.grant(user), "client_secret": "", "scope": "mail",
        }  # fmt: skip


def a_night(client, boxes, given, night: int) -> tuple[int, list[str]]:
    """How many mails are kept after a night in which one more came, and what is asked."""
    boxes.deliver(given["username"], a_mail(("a.pdf", b"%PDF-1"), subject=str(night)))
    collecting.collect_files.run(client, Tonight(night, TODAY, "collect_files"))
    asked = [str(question.reason) for question in waiting([client])]
    return Mail.objects.filter(client=client).count(), asked


def test_night_after_night_the_new_token_is_used_and_nothing_secret_is_kept_open(client, boxes, given):
    source = intake.add(client, imap_draft(given), by=PERSON)
    assert [a_night(client, boxes, given, night) for night in (1, 2, 3)] == [(1, []), (2, []), (3, [])]
    kept = bytes(Source.objects.get(pk=source).secret)
    told = f"{Source.objects.get(pk=source).settings}{list(Act.objects.filter(client=client).values())}"
    for token in (given["refresh_token"], *boxes.grants, *boxes.tokens):
        assert token.encode() not in kept and token not in told


def test_when_the_grant_ends_the_office_is_told_who_must_log_in(client, boxes, given):
    source = intake.add(client, imap_draft(given), by=PERSON)
    boxes.grants.clear()
    kept, asked = a_night(client, boxes, given, 1)
    assert kept == 0 and f"no longer lets us into {given['username']}" in asked[0]
    with pytest.raises(WrongSetting):
        intake.renew_grant(client, source, by=PERSON)
    intake.renew_grant(client, source, by=PERSON, refresh_token=boxes.grant(given["username"]))
    assert a_night(client, boxes, given, 2) == (2, [])
    (row,) = queries.sources(client)
    assert row.is_by_token


def test_a_new_token_is_kept_also_when_the_mailbox_refuses_the_log_in(client, boxes, given):
    intake.add(client, imap_draft(given), by=PERSON)
    boxes.faults.add("revoked")  # a token comes, and ends the grant before it; then the mail server says no
    kept, asked = a_night(client, boxes, given, 1)
    assert kept == 0 and len(asked) == 1
    boxes.faults.clear()
    assert a_night(client, boxes, given, 2) == (2, [])


def test_what_a_person_gives_meanwhile_stands(client, boxes, given):
    pk = intake.add(client, imap_draft(given), by=PERSON)
    found = ways.channel(Source.objects.get(pk=pk))
    intake.renew_grant(client, pk, by=PERSON, client_secret="new")
    boxes.deliver(given["username"], a_mail(("a.pdf", b"%PDF-1")))
    assert len(list(found.fetch())) == 1
    found.close()
    kept = OAuthSecret.opened(secret_of(Source.objects.get(pk=pk)))
    assert kept.client_secret == "new" and kept.refresh_token in boxes.grants


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_address": "http://tokens.example/token"},
        {"token_address": "file:///etc/passwd"},
        {"token_address": f"https://tokens.example/{'x' * 500}"},
        {"client_id": ""},
        {"refresh_token": "", "client_secret": ""},
    ],
)
def test_a_token_is_never_asked_for_in_the_open_or_with_nothing(client, given, wrong):
    with pytest.raises(WrongSetting):
        imap_draft(given | wrong)

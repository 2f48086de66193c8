"""Mail leaves once, over a real SMTP server on loopback."""

import contextlib
import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller
from django.test import override_settings

from nattbok.outbox import actions
from nattbok.outbox.models import Mail


class Inbox:
    def __init__(self):
        self.got = []

    async def handle_DATA(self, server, session, envelope):
        if b"REFUSE" in envelope.content:
            return "554 no"
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@contextlib.contextmanager
def smtp(port: int = 0):
    """A server that keeps what it gets, and settings that point at it."""
    inbox = Inbox()
    port = port or free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
            yield inbox
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(autouse=True)
def _nothing_waits(request):
    """What other tests left waiting is not sent here."""
    Mail.objects.filter(sent_at__isnull=True).delete()


def put(office, key="night:1", subject="Natten", text="Alt vel æøå"):
    return actions.mail(office, key, ["a@byra.no", "b@byra.no"], subject, text, "<p>Alt vel æøå</p>")


def test_a_mail_is_sent_once(office):
    assert put(office) is True
    assert put(office) is False
    with smtp() as inbox:
        assert actions.send_waiting() == actions.Sent(sent=1)
        assert actions.send_waiting() == actions.Sent()
    (message,) = inbox.got
    assert message["Subject"] == "Natten"
    assert message["To"] == "a@byra.no, b@byra.no"
    assert message["Message-ID"] == Mail.objects.get(office=office).message_id
    assert message.get_body(("plain",)).get_content().strip() == "Alt vel æøå"
    assert "<p>Alt vel æøå</p>" in message.get_body(("html",)).get_content()


def test_without_a_server_in_the_settings_mails_wait(office):
    put(office)
    with override_settings(EMAIL_HOST=""):
        assert actions.send_waiting() == actions.Sent()
    row = Mail.objects.get(office=office)
    assert (row.tries, row.trouble, row.sent_at) == (0, "", None)


def test_a_server_that_is_down_gets_the_mail_when_it_is_up(office):
    put(office)
    port = free_port()
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        assert actions.send_waiting() == actions.Sent(failed=1)
    row = Mail.objects.get(office=office)
    assert row.tries == 1 and "refused" in row.trouble
    with smtp(port) as inbox:
        assert actions.send_waiting() == actions.Sent(sent=1)
    assert len(inbox.got) == 1
    assert Mail.objects.get(office=office).trouble == ""


def test_a_mail_that_is_refused_does_not_stop_the_others(office):
    put(office, "1", text="REFUSE")
    put(office, "2")
    with smtp() as inbox:
        assert actions.send_waiting() == actions.Sent(sent=1, failed=1)
    assert len(inbox.got) == 1
    assert "554" in Mail.objects.get(office=office, key="1").trouble


def test_a_mail_that_another_process_is_sending_is_left_to_it(office):
    """The row is locked while it is sent."""
    from django.db import connections

    put(office)
    other = connections.create_connection("default")
    other.ensure_connection()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM outbox_mail WHERE office_id = %s FOR UPDATE", [office.pk])
        with smtp() as inbox:
            assert actions.send_waiting() == actions.Sent()
            assert inbox.got == []
            other.rollback()
            assert actions.send_waiting() == actions.Sent(sent=1)
    finally:
        other.close()


def test_a_deed_that_is_taken_back_takes_its_mail_with_it(office):
    from django.db import transaction

    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        put(office)
        raise ZeroDivisionError
    assert not Mail.objects.filter(office=office).exists()


def test_nobody_to_write_to_is_no_mail(office):
    assert actions.mail(office, "x", [], "s", "t") is False

"""What we log in at a bank with: made, shown, tested, used, and wiped when its time is over.

A key is changed with an overlap: the next one is made and its public half given to the bank while the old
one still works; only when the next has been seen to work does it take the old one's place.
"""

from django.db import transaction
from django.utils import timezone

from nattbok.bank.models import Connection, ConnectionKey
from nattbok.bank.queries.connections import ConnectionRow
from nattbok.bank.queries.connections import connection as connection_row
from nattbok.bank.queries.ways import RestSecret, purpose, way_over
from nattbok.bank.rules.connections import Form, KeyState, directions
from nattbok.base.errors import NattbokError, Refused
from nattbok.base.words import _
from nattbok.channels.channel import Step
from nattbok.channels.ssh_keys import fingerprint, make_key_pair
from nattbok.clients.models import Client
from nattbok.db import vault
from nattbok.trail.actions import act
from nattbok.trail.rules import means

KEY_MADE = means("bank.key_made", _("A new key was made for {title}: {fingerprint}"))
KEY_CHANGED = means("bank.key_changed", _("{title} now logs in with the key {fingerprint}"))
TOKEN_SET = means("bank.token_set", _("A token was put in for {title}"))
TESTED = means("bank.connection_tested", _("The connection {title} was tested"))


class NoSuchForm(Refused):
    """Keys are for SFTP, tokens for REST."""

    message = _("The connection {title} does not log in that way.")


class NextKeyNotTested(Refused):
    """The old key is kept until the new one is seen to work."""

    message = _("Test the new key first: the bank must let us in with it before the old one is given up.")


class NotAToken(Refused):
    """Nothing, or something that cannot stand in a request."""

    message = _("This cannot be a token: it is empty, too long, or has other than plain characters.")


def make_key(client: Client, row: Connection, state: KeyState) -> ConnectionKey:
    """A new key pair for the connection, its private half sealed. In the caller's transaction."""
    pair = make_key_pair(f"nattbok-{client.org_number}-{row.pk}")
    return ConnectionKey.objects.create(
        client=client,
        connection=row,
        state=state.value,
        public_key=pair.public,
        fingerprint=fingerprint(pair.public),
        secret=vault.sealed(pair.private, purpose=purpose(row.pk)),
        made_at=timezone.now(),
    )


def _locked(client: Client, connection: int, form: Form) -> Connection:
    row = Connection.objects.select_for_update().get(client=client, pk=connection)
    if Form(row.form) is not form:
        raise NoSuchForm(title=row.title)
    return row


@transaction.atomic
def make_next_key(client: Client, connection: int, *, by: str) -> None:
    """Make the key that is to follow the present one; one that waits already is kept. Raises NoSuchForm."""
    row = _locked(client, connection, Form.SFTP)
    if ConnectionKey.objects.filter(client=client, connection=row, state=KeyState.NEXT).exists():
        return
    key = make_key(client, row, KeyState.NEXT)
    act(client, KEY_MADE, by, title=row.title, connection=row.pk, fingerprint=key.fingerprint)


@transaction.atomic
def use_next_key(client: Client, connection: int, *, by: str) -> None:
    """Log in with the next key from now on; the old one's private half is wiped.

    Raises NextKeyNotTested until a test with it has let us in both ways.
    """
    row = Connection.objects.select_for_update().get(client=client, pk=connection)
    keys = ConnectionKey.objects.select_for_update().filter(client=client, connection=row)
    following = keys.filter(state=KeyState.NEXT).first()
    if following is None or following.tested_at is None:
        raise NextKeyNotTested()
    _retire(client, row)
    following.state = KeyState.CURRENT.value
    following.save(update_fields=["state"])
    act(client, KEY_CHANGED, by, title=row.title, connection=row.pk, fingerprint=following.fingerprint)


def _retire(client: Client, row: Connection) -> None:
    ConnectionKey.objects.filter(client=client, connection=row, state=KeyState.CURRENT).update(
        state=KeyState.RETIRED.value, secret=b"", retired_at=timezone.now()
    )


@transaction.atomic
def set_token(
    client: Client,
    connection: int,
    token: str,
    *,
    by: str,
    certificate: str = "",
    certificate_key: str = "",
) -> None:
    """Keep the token that the bank gave for its REST door, and our certificate (PEM) where it asks for one.

    The connection is then to be tested anew. Raises NoSuchForm, NotAToken. What is given is in no act, log
    or page.
    """
    row = _locked(client, connection, Form.REST)
    token = token.strip()
    if not token or len(token) > 4000 or not token.isascii() or not token.isprintable() or " " in token:
        raise NotAToken()
    secret = RestSecret(token, certificate.strip(), certificate_key.strip())
    _retire(client, row)
    ConnectionKey.objects.create(
        client=client,
        connection=row,
        state=KeyState.CURRENT.value,
        secret=vault.sealed(secret.closed(), purpose=purpose(row.pk)),
        made_at=timezone.now(),
    )
    if row.state == "active":
        row.state = "registered"
    row.is_tested_out = row.is_tested_in = False
    row.save(update_fields=["state", "is_tested_out", "is_tested_in"])
    act(client, TOKEN_SET, by, title=row.title, connection=row.pk)


def try_out(client: Client, connection: int, *, by: str, key: KeyState = KeyState.CURRENT) -> list[Step]:
    """Try the connection in both directions, with the present key or the next; every step in plain words.

    Outside any transaction, since the bank may take its time. What was changed meanwhile is not called
    tested.
    """
    before = connection_row(client, connection)
    try:
        steps = way_over(client, before, key=key).probe()
    except NattbokError as trouble:
        steps = [Step("reach", _("Reach the bank"), False, trouble.words)]
    _keep_test(client, before, steps, by, key)
    return steps


@transaction.atomic
def _keep_test(client: Client, before: ConnectionRow, steps: list[Step], by: str, key: KeyState) -> None:
    row = Connection.objects.select_for_update().get(client=client, pk=before.id)
    out, in_ = directions(steps)
    now = connection_row(client, before.id)
    is_same = (now.address, now.username, now.host_key, now.profile) == (
        before.address, before.username, before.host_key, before.profile,
    )  # fmt: skip
    if key is KeyState.NEXT:
        if out and in_ and is_same:
            ConnectionKey.objects.filter(client=client, connection=row, state=KeyState.NEXT).update(
                tested_at=timezone.now()
            )
    else:
        row.tested_at = timezone.now()
        row.test_steps = [_written(step) for step in steps]
        # A live connection that fails a test stays live: the bank may only be closed for the moment.
        if is_same and (row.state != "active" or (out and in_)):
            row.is_tested_out, row.is_tested_in = out, in_
        row.save(update_fields=["tested_at", "test_steps", "is_tested_out", "is_tested_in"])
    failed = next((step.name for step in steps if step.ok is False), "")
    act(
        client,
        TESTED,
        by,
        title=row.title,
        connection=row.pk,
        key=key.value,
        out=out,
        back=in_,
        failed=failed,
    )


def _written(step: Step) -> dict:
    return {
        "name": step.name,
        "title": step.title,
        "ok": step.ok,
        "words": [step.words.text, step.words.values] if step.words else None,
        "advice": [step.advice.text, step.advice.values] if step.advice else None,
    }

"""The ways in of a client, set up by people: addresses, sources, and reception of e-invoices."""

import datetime
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from nattbok.base.errors import NattbokError
from nattbok.base.words import Words, _
from nattbok.channels.ssh_keys import make_key_pair
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as heading
from nattbok.documents.actions.ways import access_point, agreement, mail_domain
from nattbok.documents.rules.intake import (
    AddressTaken,
    Kind,
    OAuthSecret,
    PlaceTaken,
    ReceivedAlready,
    SourceDraft,
    WrongSetting,
    local_part,
    local_part_from,
)
from nattbok.files.actions import add_source, secret_of, set_secret
from nattbok.files.models import Address, Reception, Source
from nattbok.trail.actions import act
from nattbok.trail.rules import means

ADDRESS_OPENED = means("intake.address_opened", _("The e-mail address {address} was opened for documents"))
ADDRESS_CLOSED = means("intake.address_closed", _("The e-mail address {address} was closed"))
SOURCE_ADDED = means("intake.source_added", _("The source {title} was added"))
SOURCE_STOPPED = means("intake.source_stopped", _("The source {title} was stopped"))
SOURCE_STARTED = means("intake.source_started", _("The source {title} was started again"))
GRANT_RENEWED = means("intake.grant_renewed", _("A new log-in was given for the source {title}"))
RECEPTION_ASKED = means("intake.reception_asked", _("Reception of e-invoices was asked for {participant}"))
RECEPTION_TOLD = means(
    "intake.reception_told", _("Reception of e-invoices for {participant} is now: {state}")
)
RECEPTION_TROUBLE = heading("intake.reception", _("E-invoices do not reach the client"))

GUESS_BYTES = 5  # of what nobody can guess in an address: 40 bits
CHECK_HOURS = 20  # between two looks in the directory


@transaction.atomic
def open_address(client: Client, *, by: str, chosen: str = "") -> str:
    """An e-mail address of the client's own, whole. Without a chosen one nobody can guess it.

    One of the client's own closed addresses is opened again. Raises AddressNotPlain and AddressTaken.
    """
    local = (
        local_part(chosen) if chosen else local_part_from(client.name, secrets.token_bytes(GUESS_BYTES).hex())
    )
    address = f"{local}@{mail_domain()}"
    mine = Address.objects.select_for_update().filter(client=client, local=local).first()
    if mine is not None and mine.is_active:
        return address
    if mine is not None:
        mine.is_active = True
        mine.save(update_fields=["is_active"])
    else:
        try:
            with transaction.atomic():
                Address.objects.create(client=client, local=local, made_at=timezone.now())
        except IntegrityError as error:
            raise AddressTaken(address=address) from error
    act(client, ADDRESS_OPENED, by, address=address)
    return address


@transaction.atomic
def close_address(client: Client, address: int, *, by: str) -> None:
    """Take no more mail for the address. It stays the client's."""
    found = Address.objects.select_for_update().get(client=client, pk=address)
    if found.is_active:
        found.is_active = False
        found.save(update_fields=["is_active"])
        act(client, ADDRESS_CLOSED, by, address=f"{found.local}@{mail_domain()}")


@transaction.atomic
def add(client: Client, draft: SourceDraft, *, by: str) -> int:
    """A place that the client's files are fetched from; its id. Raises PlaceTaken.

    For SFTP a key pair is made; its public half is in the settings, to be given to whoever runs the server.
    """
    settings, secret = dict(draft.settings), draft.secret
    if draft.kind in (Kind.SFTP, Kind.PEPPOL_SFTP) and not secret:
        pair = make_key_pair(f"nattbok-{client.number}")
        settings["public_key"], secret = pair.public, pair.private
    try:
        with transaction.atomic():
            source = Source.objects.create(
                client=client,
                kind=draft.kind.value,
                address=draft.address,
                title=draft.title,
                settings=settings,
                minutes=draft.minutes,
            )
    except IntegrityError as error:
        raise PlaceTaken() from error
    if secret:
        set_secret(source, secret)
    act(client, SOURCE_ADDED, by, title=source.title, source=source.pk, place=draft.kind.value)
    return source.pk


@transaction.atomic
def switch(client: Client, source: int, *, on: bool, by: str) -> None:
    """Fetch from the source, or no longer."""
    found = Source.objects.select_for_update().get(client=client, pk=source)
    if found.is_active != on:
        found.is_active = on
        found.save(update_fields=["is_active"])
        act(client, SOURCE_STARTED if on else SOURCE_STOPPED, by, title=found.title, source=found.pk)


@transaction.atomic
def renew_grant(
    client: Client, source: int, *, by: str, refresh_token: str = "", client_secret: str = ""
) -> None:
    """Take a new refresh token or client secret for a mailbox; what is blank stays. Looked into at once.

    Raises WrongSetting when both are blank, or the mailbox is entered by a password.
    """
    found = Source.objects.select_for_update().get(client=client, pk=source)
    if not found.settings.get("oauth") or not (refresh_token or client_secret):
        raise WrongSetting(name="refresh_token", written="")
    before = OAuthSecret.opened(secret_of(found))
    now = OAuthSecret(client_secret or before.client_secret, refresh_token or before.refresh_token)
    set_secret(found, now.closed())
    Source.objects.filter(client=client, pk=source).update(asked_at=None)
    act(client, GRANT_RENEWED, by, title=found.title, source=found.pk)


def look_soon(client: Client) -> None:
    """Have all the client's sources looked at in the next round, whenever they were looked at last."""
    Source.objects.filter(client=client, is_active=True).update(asked_at=None)


def participant_of(client: Client) -> str:
    """Who the client is in the e-invoice network, by its organisation number."""
    law = country(client.country)
    return f"{law.org_scheme}:{law.normal_org_number(client.org_number) or client.org_number}"


def activate_reception(client: Client, *, by: str) -> Reception:
    """Have e-invoices to the client received: asked for here and now, and again in each round until it is so.

    Raises NoAccessPoint, and ReceivedAlready. An access point that is silent is asked again later.
    """
    agreement()
    participant = participant_of(client)
    with transaction.atomic():
        before = Reception.objects.select_for_update().filter(client=client, participant=participant).first()
        if before is not None and before.state == "active":
            raise ReceivedAlready()
        source = add_source(client, kind=Kind.PEPPOL.value, address=participant, title="Peppol")
        Source.objects.filter(client=client, pk=source.pk).update(is_active=True)
        row = before or Reception(client=client, participant=participant, source=source)
        row.state, row.asked_at, row.words = "asked", timezone.now(), {}
        row.save()
        act(client, RECEPTION_ASKED, by, participant=participant, source=source.pk)
    look_at_reception(client, row, by=by)
    row.refresh_from_db()
    return row


def end_reception(client: Client, *, by: str) -> None:
    """Have the access point receive no longer. What it holds already is still fetched."""
    row = Reception.objects.get(client=client, participant=participant_of(client))
    access_point(row.participant).unregister()
    _note(client, row, "ended", Words(""), by=by, night=None)


def reception_due(client: Client) -> list[Reception]:
    """Receptions that are not yet active, and those whose entry in the directory was not looked at today."""
    before = timezone.now() - datetime.timedelta(hours=CHECK_HOURS)
    rows = Reception.objects.filter(client=client).exclude(state="ended")
    return [
        row for row in rows if row.state in ("asked",) or row.checked_at is None or row.checked_at < before
    ]


def look_at_reception(client: Client, row: Reception, *, by: str, night: int | None = None) -> str:
    """Ask the access point and the directory how it stands; the state. Trouble is a question."""
    point = agreement()
    door = access_point(row.participant)
    try:
        standing = door.standing() if row.state in ("active", "moved") else door.register()
        entry = door.directory() if standing.state == "active" else None
    except NattbokError as trouble:
        _ask(client, row, trouble.words, by=by, night=night)
        return row.state
    words = Words("{reason}", {"reason": standing.reason}) if standing.reason else Words("")
    match standing.state:
        case "active" if entry is not None and not entry.access_point:
            state, words = "asked", Words(_("The network's directory does not name the client yet."))
        case "active" if entry is not None and point.name and entry.access_point != point.name:
            state = "moved"
            words = Words(
                _("The network's directory names another access point, {other}: invoices go there."),
                {"other": entry.access_point},
            )
        case "active":
            state = "active"
        case "pending":
            state = "asked"
        case "refused":
            state = "refused"
            words = Words(_("The access point refused: {reason}"), {"reason": standing.reason or "?"})
        case _:
            state = "moved"
            words = Words(_("The access point no longer receives for the client."))
    _note(client, row, state, words, by=by, night=night)
    return state


@transaction.atomic
def _note(client: Client, row: Reception, state: str, words: Words, *, by: str, night: int | None) -> None:
    now = timezone.now()
    if state != row.state:
        act(client, RECEPTION_TOLD, by, night=night, participant=row.participant, state=state)
    row.state, row.checked_at = state, now
    row.words = {"text": words.text, "values": dict(words.values)} if words.text else {}
    if state == "active" and row.active_at is None:
        row.active_at = now
    row.save()
    if state in ("refused", "moved"):
        _ask(client, row, words, by=by, night=night)
    else:
        desk.close(client, [_subject(row)], by=by, night=night)


def _ask(client: Client, row: Reception, words: Words, *, by: str, night: int | None) -> None:
    draft = QuestionDraft(RECEPTION_TROUBLE, _subject(row), words, evidence={"participant": row.participant})
    desk.ask(client, [draft], by=by, night=night)


def _subject(row: Reception) -> str:
    return f"reception:{row.pk}"

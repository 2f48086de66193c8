"""Agreements with banks: ordered, registered, tested, activated; and which account uses which."""

import datetime
from collections.abc import Sequence
from datetime import date

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from django.db import transaction
from django.utils import timezone

from nattbok.bank.actions.connection_keys import make_key
from nattbok.bank.models import AccountConnection, BankAccount, Connection
from nattbok.bank.rules import profiles
from nattbok.bank.rules.connections import (
    Form,
    KeyState,
    NotTested,
    State,
    Step,
    after,
    checked_address,
)
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.channels.ssh_keys import host_line
from nattbok.clients.models import Client
from nattbok.trail.actions import act
from nattbok.trail.rules import means

ORDERED = means("bank.connection_ordered", _("A connection with {bank} was ordered"))
REGISTERED = means("bank.connection_registered", _("The bank has confirmed the connection {title}"))
CHANGED = means("bank.connection_changed", _("The settings of the connection {title} were changed"))
HOST_KEY = means("bank.host_key_confirmed", _("The bank's key for {title} was confirmed: {fingerprint}"))
ACTIVATED = means("bank.connection_activated", _("The connection {title} was activated"))
SUSPENDED = means("bank.connection_suspended", _("The connection {title} was suspended"))
RESUMED = means("bank.connection_resumed", _("The connection {title} was taken up again"))
MOVED = means("bank.account_moved", _("{account} now goes over {title}"))
LEFT = means("bank.account_left", _("{account} no longer goes over any connection"))


class FormNotOffered(Refused):
    """A bank that does not take files that way, as far as we can do it."""

    message = _("{bank} does not offer this form here.")


class CountryNotServed(Refused):
    """A bank's service is for the accounts of its countries."""

    message = _("{bank} is not in the list for accounts in {country}.")


class AgreementMissing(Refused):
    """The bank tells its customers apart by this number, which stands in each payment file."""

    message = _("{bank} needs the agreement id, and the division where there is one.")


class NotACertificate(Refused):
    """What was given as a certificate is none."""

    message = _("This is not a certificate in PEM form.")


class NoHostKey(Refused):
    """Without it anyone could answer in the bank's place."""

    message = _("Confirm the bank's key first.")


@transaction.atomic
def order(
    client: Client,
    *,
    bank: str,
    form: Form,
    accounts: Sequence[int],
    by: str,
    title: str = "",
    agreement_id: str = "",
    division: str = "",
    is_test: bool = False,
) -> int:
    """Order a connection for these accounts; its id.

    For SFTP a key pair is made, whose public half goes to the bank with the order. The accounts keep the
    connection they have until this one is taken into use.
    """
    profile = profiles.profile(bank)
    if form not in profile.forms:
        raise FormNotOffered(bank=profile.title)
    if client.country not in profile.countries:
        raise CountryNotServed(bank=profile.title, country=client.country)
    row = Connection.objects.create(
        client=client,
        profile=bank,
        form=form.value,
        title=(title.strip() or profile.title)[:100],
        agreement_id=agreement_id.strip()[:35],
        division=division.strip()[:35],
        state=State.ORDERED.value,
        is_test=is_test,
        ordered_at=timezone.now(),
    )
    if form is Form.SFTP:
        make_key(client, row, KeyState.CURRENT)
    deed = act(
        client, ORDERED, by, bank=profile.title, connection=row.pk, form=form.value, accounts=list(accounts)
    )
    found = BankAccount.objects.filter(client=client, pk__in=list(accounts), is_active=True)
    for account in found:
        AccountConnection.objects.create(client=client, account=account, connection=row, act_id=deed)
    return row.pk


def _locked(client: Client, connection: int) -> Connection:
    return Connection.objects.select_for_update().get(client=client, pk=connection)


def _move(row: Connection, step: Step) -> None:
    row.state = after(State(row.state), step).value


@transaction.atomic
def registered(
    client: Client,
    connection: int,
    *,
    by: str,
    on: date | None = None,
    address: str = "",
    username: str = "",
    agreement_id: str | None = None,
    division: str | None = None,
    settings: dict | None = None,
) -> None:
    """The bank has confirmed the order, with what it said. A file-based connection is in use from now on.

    Raises AgreementMissing, NotAnAddress, WrongBankSetting.
    """
    row = _locked(client, connection)
    _move(row, Step.REGISTER)
    row.registered_at = row.registered_at or timezone.now()
    _put(row, address, username, agreement_id, division, settings)
    row.save()
    deed = act(client, REGISTERED, by, title=row.title, connection=row.pk)
    if Form(row.form) is Form.FILE:
        row.active_from = row.active_from or on or timezone.localdate()
        row.save(update_fields=["active_from"])
        _take_into_use(client, row, on or timezone.localdate(), deed)


@transaction.atomic
def change(
    client: Client,
    connection: int,
    *,
    by: str,
    address: str | None = None,
    username: str | None = None,
    agreement_id: str | None = None,
    division: str | None = None,
    title: str | None = None,
    settings: dict | None = None,
) -> None:
    """Change what the bank said. A direct connection is then to be tested and activated anew.

    Raises AgreementMissing, NotAnAddress, WrongBankSetting, NotInThisState before the bank's confirmation.
    """
    row = _locked(client, connection)
    if title is not None and title.strip():
        row.title = title.strip()[:100]
    if row.state == State.ACTIVE and Form(row.form).is_direct:
        row.state = State.REGISTERED.value
    _put(row, address, username, agreement_id, division, settings)
    row.save()
    act(client, CHANGED, by, title=row.title, connection=row.pk)


def _put(
    row: Connection,
    address: str | None,
    username: str | None,
    agreement_id: str | None,
    division: str | None,
    settings: dict | None,
) -> None:
    before = (row.address, row.username, row.settings)
    form = Form(row.form)
    if address and form.is_direct:
        row.address = checked_address(form, address)
    if username is not None and form.is_direct and username.strip():
        row.username = username.strip()[:100]
    if agreement_id is not None:
        row.agreement_id = agreement_id.strip()[:35]
    if division is not None:
        row.division = division.strip()[:35]
    if settings is not None:
        row.settings = profiles.checked(settings)
    profile = profiles.profile(row.profile, row.settings)
    unsure_division = "division" not in profile.unsure and profile.needs_division
    if profile.needs_agreement_id and not row.agreement_id:
        raise AgreementMissing(bank=profile.title)
    if unsure_division and "needs_division" not in profile.unsure and not row.division:
        raise AgreementMissing(bank=profile.title)
    if before != (row.address, row.username, row.settings):
        row.is_tested_out = row.is_tested_in = False


@transaction.atomic
def confirm_host_key(client: Client, connection: int, host_key: str, *, by: str) -> None:
    """Pin the bank's key, which a person has held against what the bank told. Raises UnusableHostKey.

    For REST it is the certificate (PEM) of the authority that the bank's own is held to, where the bank has
    one of its own; NotACertificate when it is none. The connection is then to be tested and activated
    anew, since another may answer under the new key.
    """
    row = _locked(client, connection)
    if Form(row.form) is Form.REST:
        line, shown = _certificate(host_key)
    else:
        key = host_line(host_key.strip())
        line, shown = key.export_public_key().decode().strip(), key.get_fingerprint()
    if row.host_key != line:
        if row.state == State.ACTIVE:
            row.state = State.REGISTERED.value
        row.host_key = line
        row.is_tested_out = row.is_tested_in = False
        row.trouble, row.trouble_values, row.trouble_code = "", {}, ""
        row.save()
    act(client, HOST_KEY, by, title=row.title, connection=row.pk, fingerprint=shown)


def _certificate(pem: str) -> tuple[str, str]:
    try:
        found = x509.load_pem_x509_certificate(pem.strip().encode())
    except ValueError as error:
        raise NotACertificate() from error
    fingerprint = found.fingerprint(hashes.SHA256()).hex(":").upper()
    return found.public_bytes(serialization.Encoding.PEM).decode(), f"SHA256 {fingerprint}"


@transaction.atomic
def activate(client: Client, connection: int, *, by: str, on: date | None = None) -> None:
    """Let files go and come from now on, and move the agreed accounts to it.

    Refused until both directions were tested with the settings as they are: NotTested, NoHostKey,
    NotInThisState.
    """
    row = _locked(client, connection)
    step = Step.ACTIVATE
    form = Form(row.form)
    if form is Form.SFTP and not row.host_key:
        raise NoHostKey()
    if form.is_direct and not (row.is_tested_out and row.is_tested_in):
        raise NotTested()
    _move(row, step)
    day = on or timezone.localdate()
    row.activated_at = timezone.now()
    row.active_from = day
    row.trouble, row.trouble_values, row.trouble_code = "", {}, ""
    row.save()
    deed = act(client, ACTIVATED, by, title=row.title, connection=row.pk)
    _take_into_use(client, row, day, deed)


def _take_into_use(client: Client, row: Connection, day: date, deed: int) -> None:
    """The accounts agreed for this connection leave the ones they had."""
    agreed = AccountConnection.objects.select_for_update().filter(
        client=client, connection=row, from_on__isnull=True, through_on__isnull=True
    )
    for use in agreed:
        _leave(client, use.account_id, day)
        use.from_on, use.act_id = day, deed
        use.save(update_fields=["from_on", "act"])


def _leave(client: Client, account: int, day: date) -> None:
    before = AccountConnection.objects.filter(
        client=client, account=account, from_on__isnull=False, through_on__isnull=True
    )
    for use in before:
        use.through_on = max(day - datetime.timedelta(days=1), use.from_on)
        use.save(update_fields=["through_on"])


@transaction.atomic
def use(client: Client, account: int, connection: int | None, *, by: str, on: date | None = None) -> None:
    """Let an account's files go over this connection from a day on; None: over no connection.

    A connection that is not yet in use gets the account when it is taken into use. Raises
    BankAccount.DoesNotExist, Connection.DoesNotExist.
    """
    found = BankAccount.objects.select_for_update().get(client=client, pk=account)
    day = on or timezone.localdate()
    agreed = AccountConnection.objects.filter(client=client, account=found, from_on__isnull=True)
    if connection is None:
        deed = act(client, LEFT, by, account=found.title, number=found.number)
        agreed.delete()
        _leave(client, found.pk, day)
        return
    row = _locked(client, connection)
    live = AccountConnection.objects.filter(
        client=client, account=found, from_on__isnull=False, through_on__isnull=True
    ).first()
    if live is not None and live.connection_id == row.pk:
        return
    deed = act(
        client, MOVED, by, account=found.title, number=found.number, title=row.title, connection=row.pk
    )
    agreed.filter(connection=row).delete()
    AccountConnection.objects.create(client=client, account=found, connection=row, act_id=deed)
    is_in_use = row.state == State.ACTIVE or (row.form == Form.FILE and row.state == State.REGISTERED)
    if is_in_use:
        _take_into_use(client, row, day, deed)


@transaction.atomic
def suspend(client: Client, connection: int, *, by: str, why: str = "") -> None:
    """Nothing is sent or fetched any more, until a person takes it up again."""
    row = _locked(client, connection)
    _move(row, Step.SUSPEND)
    row.suspended_at = timezone.now()
    row.save(update_fields=["state", "suspended_at"])
    act(client, SUSPENDED, by, title=row.title, connection=row.pk, why=why[:300])


@transaction.atomic
def resume(client: Client, connection: int, *, by: str) -> None:
    """Take a suspended connection up again: it is registered, and tested and activated as at first."""
    row = _locked(client, connection)
    _move(row, Step.RESUME)
    row.is_tested_out = row.is_tested_in = False
    row.save(update_fields=["state", "is_tested_out", "is_tested_in"])
    act(client, RESUMED, by, title=row.title, connection=row.pk)


@transaction.atomic
def switch(client: Client, connection: int, form: Form, *, by: str) -> int:
    """Order the same agreement in another form, for the accounts that use this one; the new one's id.

    The old one stays in use until the new one is: no day is without files.
    """
    row = _locked(client, connection)
    if Form(row.form) is form:
        return row.pk
    accounts = AccountConnection.objects.filter(client=client, connection=row, through_on__isnull=True)
    return order(
        client,
        bank=row.profile,
        form=form,
        accounts=list(accounts.values_list("account_id", flat=True)),
        by=by,
        title=row.title,
        agreement_id=row.agreement_id,
        division=row.division,
        is_test=row.is_test,
    )

"""Agreements with banks about files: how they come and go, with which keys, and what was seen there."""

from django.db import models

from nattbok.bank.models.statements import BankAccount, of_client
from nattbok.bank.rules.connections import Form, KeyState, State
from nattbok.db.fields import ClientKey, SameClient
from nattbok.files.models import File
from nattbok.trail.models import Act


class Connection(models.Model):
    """One agreement with one bank. Several of the client's accounts may share it."""

    client = of_client()
    profile = models.CharField(max_length=30, help_text="the bank: a name in bank.rules.profiles.PROFILES")
    form = models.CharField(max_length=10, choices=[(f.value, f.value) for f in Form if f is not Form.NONE])
    title = models.CharField(max_length=100)
    agreement_id = models.CharField(max_length=35, blank=True)
    division = models.CharField(max_length=35, blank=True)
    address = models.CharField(max_length=200, blank=True, help_text="host or host:port; for rest a URL")
    username = models.CharField(max_length=100, blank=True)
    host_key = models.TextField(blank=True, help_text="the bank's, confirmed by a person and pinned")
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State])
    settings = models.JSONField(default=dict, help_text="what the bank said otherwise than its profile")
    is_test = models.BooleanField(default=False, help_text="the bank's test system: no real money")
    ordered_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    active_from = models.DateField(null=True, help_text="from this bank day on its files are expected")
    suspended_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    test_steps = models.JSONField(default=list, help_text="each step of the last test and how it went")
    is_tested_out = models.BooleanField(default=False, help_text="with the settings as they are now")
    is_tested_in = models.BooleanField(default=False, help_text="with the settings as they are now")
    last_fetched_at = models.DateTimeField(null=True, help_text="the last time the bank answered in full")
    last_fetched_on = models.DateField(null=True, help_text="the day that was fetched for")
    tried_at = models.DateTimeField(null=True, help_text="the last time that files were asked for")
    trouble = models.TextField(blank=True, help_text="what went wrong the last time, English, with {names}")
    trouble_values = models.JSONField(default=dict)
    trouble_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="connection_of_client"),
            models.CheckConstraint(
                condition=~models.Q(state=State.ACTIVE.value)
                | models.Q(form=Form.FILE.value)
                | models.Q(is_tested_out=True, is_tested_in=True),
                name="connection_active_when_tested",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.ACTIVE.value, form=Form.SFTP.value) | ~models.Q(host_key=""),
                name="connection_active_with_host_key",
            ),
        ]


class ConnectionKey(models.Model):
    """A key pair, or a token, that we log in with. Its secret is sealed, and wiped when it is retired."""

    client = of_client()
    connection = ClientKey(Connection)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in KeyState])
    public_key = models.TextField(blank=True, help_text="OpenSSH form; blank for a token")
    fingerprint = models.CharField(max_length=100, blank=True)
    secret = models.BinaryField(
        help_text="sealed by the vault for the purpose connection:<connection>:<key>; empty when retired"
    )
    made_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "connection", "state"],
                condition=~models.Q(state=KeyState.RETIRED.value),
                name="connection_key_of_state_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=KeyState.RETIRED.value) | models.Q(secret=b""),
                name="connection_key_retired_is_wiped",
            ),
            SameClient("connection", name="connection_key_connection_same_client"),
        ]


class AccountConnection(models.Model):
    """Which connection an account's files went over, and when. An account without a row has none."""

    client = of_client()
    account = ClientKey(BankAccount)
    connection = ClientKey(Connection)
    from_on = models.DateField(null=True, help_text="the first day; null: agreed, and not yet in use")
    through_on = models.DateField(null=True, help_text="the last day; null: still")
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "account"],
                condition=models.Q(from_on__isnull=False, through_on__isnull=True),
                name="account_connection_live_once",
            ),
            models.UniqueConstraint(
                fields=["client", "account", "connection"],
                condition=models.Q(through_on__isnull=True),
                name="account_connection_agreed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(through_on__isnull=True) | models.Q(through_on__gte=models.F("from_on")),
                name="account_connection_days",
            ),
            SameClient("account", name="account_connection_account_same_client"),
            SameClient("connection", name="account_connection_connection_same_client"),
            SameClient("act", name="account_connection_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "connection"], name="account_connection_by_conn")]


class RemoteFile(models.Model):
    """A file that the bank gave: kept here first, and then archived there. The same again is the same row."""

    client = of_client()
    connection = ClientKey(Connection)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    file = ClientKey(File)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    seen_on = models.DateField(help_text="the day it was first fetched for")
    times = models.PositiveIntegerField(default=1, help_text="how often it was given")
    archived_at = models.DateTimeField(null=True, help_text="when the bank was told that it is kept")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "connection", "name", "sha256"], name="remote_file_once"
            ),
            SameClient("connection", name="remote_file_connection_same_client"),
            SameClient("file", name="remote_file_file_same_client"),
        ]
        indexes = [models.Index(fields=["client", "connection", "seen_on"], name="remote_file_by_day")]

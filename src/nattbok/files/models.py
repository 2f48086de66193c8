"""Files, and where they come from."""

from django.db import models

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, SameClient


class File(models.Model):
    """A file that came or went, kept unchanged under its SHA-256."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="bytes")
    name = models.CharField(max_length=255, help_text="as the sender called it")
    source = ClientKey("files.Source", null=True)
    format = models.CharField(
        max_length=30, blank=True, help_text="what its content says it is; blank: unknown"
    )
    came_by = models.CharField(max_length=20, help_text="folder, upload, mail, sftp, peppol, api")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "sha256"], name="file_once"),
            models.UniqueConstraint(fields=["client", "id"], name="file_of_client"),
            SameClient("source", name="file_source_same_client"),
        ]
        indexes = [models.Index(fields=["client", "received_at"], name="file_by_time")]


class Source(models.Model):
    """A place that a client's files are fetched from."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, help_text="folder, sftp, imap, peppol, peppol_sftp")
    address = models.CharField(
        max_length=500, help_text="a folder's path; host, port and folder of a server; who receives in Peppol"
    )
    title = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    settings = models.JSONField(default=dict, help_text="what the channel needs beside the secret")
    secret = models.BinaryField(
        default=b"", help_text="a password, a token or a key, sealed by the vault for source:<id>"
    )
    position = models.JSONField(
        default=dict, help_text="how far a mailbox was fetched: uidvalidity, through, held"
    )
    minutes = models.PositiveSmallIntegerField(
        default=10, help_text="how long by day between two looks; 0: only in the night"
    )
    asked_at = models.DateTimeField(null=True, help_text="when it was looked at last")

    class Meta:
        constraints = [
            # Over all clients: what lies at a place can be only one's.
            models.UniqueConstraint(fields=["kind", "address"], name="source_once"),
            models.UniqueConstraint(fields=["client", "id"], name="source_of_client"),
        ]


class Arrival(models.Model):
    """That a file came: also the second and third time, when it is known and nothing is done with it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = ClientKey(File)
    source = ClientKey(Source, null=True)
    name = models.CharField(max_length=255)
    is_repeat = models.BooleanField()
    at = models.DateTimeField()
    night = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            SameClient("file", name="arrival_file_same_client"),
            SameClient("source", name="arrival_source_same_client"),
        ]
        indexes = [models.Index(fields=["client", "night"], name="arrival_by_night")]


class Address(models.Model):
    """An e-mail address of the client's own. Never given to another, also when it is closed."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    local = models.CharField(max_length=64, help_text="what stands before the @, in small letters")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["local"], name="address_once"),
            models.CheckConstraint(
                condition=models.Q(local__regex=r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$"),
                name="address_is_plain",
            ),
        ]
        indexes = [models.Index(fields=["client"], name="address_of_client")]


class Mail(models.Model):
    """A mail that came, kept whole; whom it was for is what its envelope said, never its headers."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = ClientKey(File, help_text="the mail's bytes")
    source = ClientKey(Source, null=True)
    recipient = models.CharField(max_length=320, blank=True)
    envelope_sender = models.CharField(max_length=320, blank=True)
    sender = models.CharField(max_length=320, blank=True, help_text="as the mail says; proves nothing")
    subject = models.CharField(max_length=255, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    sent_at = models.DateTimeField(null=True, help_text="as the mail says")
    received_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, help_text="when its attachments were taken out")
    outcome = models.CharField(
        max_length=20, blank=True, help_text="taken, repeat, nothing, automatic, unreadable"
    )
    repeats = ClientKey("files.Mail", null=True, help_text="the mail that came before under the same id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file"], name="kept_mail_once"),
            models.UniqueConstraint(fields=["client", "id"], name="mail_of_client"),
            SameClient("file", name="mail_file_same_client"),
            SameClient("source", name="mail_source_same_client"),
            SameClient("repeats", name="mail_repeats_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "message_id"], name="mail_by_message_id"),
            models.Index(fields=["client"], name="mail_unopened", condition=models.Q(opened_at__isnull=True)),
        ]


class Attachment(models.Model):
    """A file that lay in a mail, and where in it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    mail = ClientKey(Mail)
    file = ClientKey(File)
    place = models.CharField(max_length=60, help_text="the part's number within the mail: 2 or 1.3")
    name = models.CharField(max_length=255)
    is_repeat = models.BooleanField(help_text="the same bytes were known before")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "mail", "place"], name="attachment_once"),
            SameClient("mail", name="attachment_mail_same_client"),
            SameClient("file", name="attachment_file_same_client"),
        ]
        indexes = [models.Index(fields=["client", "file"], name="attachment_by_file")]


class NetworkMessage(models.Model):
    """A message of the e-invoice network: its envelope (SBDH) as it came, and the document that lay in it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = ClientKey(Source)
    instance_id = models.CharField(max_length=255, help_text="the envelope's own number")
    sender = models.CharField(max_length=100, help_text="0192:123456785")
    receiver = models.CharField(max_length=100)
    document_type = models.CharField(max_length=500)
    process = models.CharField(max_length=200, blank=True)
    envelope = ClientKey(File)
    file = ClientKey(File)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The sender's access point may give a message twice; another content under its number is another.
            models.UniqueConstraint(
                fields=["client", "instance_id", "envelope"], name="network_message_once"
            ),
            SameClient("source", name="network_message_source_same_client"),
            SameClient("envelope", name="network_message_envelope_same_client"),
            SameClient("file", name="network_message_file_same_client"),
        ]
        indexes = [models.Index(fields=["client", "file"], name="network_message_by_file")]


class Reception(models.Model):
    """That the client receives e-invoices: who it is in the network, and how far that has come."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    participant = models.CharField(max_length=100, help_text="0192:123456785")
    source = ClientKey(Source)
    state = models.CharField(max_length=20, help_text="asked, active, refused, moved, ended")
    asked_at = models.DateTimeField()
    active_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="when the directory was asked last")
    words = models.JSONField(default=dict, help_text="what the access point or the directory said")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "participant"], name="reception_once"),
            SameClient("source", name="reception_source_same_client"),
        ]

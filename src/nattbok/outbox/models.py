"""What is to leave the house."""

from django.db import models

from nattbok.clients.models import Client, Office
from nattbok.db.fields import ClientKey, SameClient
from nattbok.files.models import File, Source
from nattbok.outbox.rules import UNDECIDED, State
from nattbok.trail.models import Act


class Mail(models.Model):
    """An e-mail, written in the transaction of the deed that it tells of, and sent once."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, help_text="what it is: the same key is never sent twice")
    to = models.JSONField(help_text="addresses")
    reply_to = models.CharField(
        max_length=320, blank=True, db_default="", help_text="whom an answer is for; blank: the sender"
    )
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    secrets = models.BinaryField(
        default=b"", help_text="sealed: what the text's marks stand for, until it is sent"
    )
    message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "key"], name="mail_once")]
        indexes = [models.Index(fields=["id"], name="mail_waiting", condition=models.Q(sent_at__isnull=True))]


class Sending(models.Model):
    """A file on its way to a bank, written in the transaction of the deed that it carries, and sent once.

    Its name, content and connection never change, whatever happens on the way.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200, help_text="what it is: the same key is never sent twice")
    connection = models.BigIntegerField(help_text="the bank connection; the departments know it")
    name = models.CharField(max_length=200, help_text="what the file is called at the bank")
    file = ClientKey(File)
    act = ClientKey(Act)
    state = models.CharField(max_length=10, default="waiting", choices=[(s.value, s.value) for s in State])
    created_at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    may_be_there_since = models.DateTimeField(
        null=True, help_text="from then on it may be at the bank, whatever we know; null: certainly not"
    )
    sent_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True, help_text="the day it was sent, as the robot's night counts days")
    sent_by = models.CharField(max_length=60, blank=True, help_text="robot:<routine>, person:<id>")
    receipt_at = models.DateTimeField(null=True, help_text="when the bank's first answer came")
    trouble = models.TextField(blank=True, help_text="what went wrong the last time, English, with {names}")
    trouble_values = models.JSONField(default=dict)
    trouble_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="sending_once"),
            models.UniqueConstraint(fields=["client", "connection", "name"], name="sending_name_once"),
            models.UniqueConstraint(
                fields=["client", "connection", "file"],
                condition=~models.Q(state=State.WITHDRAWN.value),
                name="sending_content_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.SENT.value, sent_at__isnull=False)
                | (~models.Q(state=State.SENT.value) & models.Q(sent_at__isnull=True)),
                name="sending_sent_has_its_moment",
            ),
            SameClient("file", name="sending_file_same_client"),
            SameClient("act", name="sending_act_same_client"),
        ]
        indexes = [
            models.Index(
                fields=["client", "connection", "id"],
                name="sending_waiting",
                condition=models.Q(state__in=[state.value for state in UNDECIDED]),
            )
        ]


class NetworkSending(models.Model):
    """A message on its way into the e-invoice network, written in the transaction of its deed, and sent once.

    The envelope is made then too: its number is the message's own, whatever happens on the way, so an access
    point that is given it twice knows it for one.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=200, help_text="what it is: the same key is never sent twice")
    source = ClientKey(Source, help_text="the access point's door, which is the client's way in as well")
    name = models.CharField(max_length=200, help_text="the envelope's number")
    receiver = models.CharField(max_length=100, help_text="0192:123456785")
    file = ClientKey(File, help_text="the envelope, as it leaves")
    act = ClientKey(Act)
    state = models.CharField(max_length=10, default="waiting", choices=[(s.value, s.value) for s in State])
    created_at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    may_be_there_since = models.DateTimeField(
        null=True, help_text="from then on it may be at the access point; null: certainly not"
    )
    sent_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True, help_text="the day it was sent, as the robot's night counts days")
    sent_by = models.CharField(max_length=60, blank=True, help_text="robot:<routine>, person:<id>")
    receipt = models.CharField(
        max_length=10, blank=True, help_text="delivered, failed; blank: nothing has been said yet"
    )
    receipt_at = models.DateTimeField(null=True, help_text="when the access point said so")
    trouble = models.TextField(blank=True, help_text="what went wrong the last time, English, with {names}")
    trouble_values = models.JSONField(default=dict)
    trouble_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="network_sending_once"),
            models.UniqueConstraint(fields=["client", "name"], name="network_sending_name_once"),
            models.CheckConstraint(
                condition=models.Q(state=State.SENT.value, sent_at__isnull=False)
                | (~models.Q(state=State.SENT.value) & models.Q(sent_at__isnull=True)),
                name="network_sending_sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(receipt="") | models.Q(state=State.SENT.value),
                name="network_sending_receipt_of_the_sent",
            ),
            SameClient("source", name="network_sending_source_same_client"),
            SameClient("file", name="network_sending_file_same_client"),
            SameClient("act", name="network_sending_act_same_client"),
        ]
        indexes = [
            models.Index(
                fields=["client", "source", "id"],
                name="network_sending_waiting",
                condition=models.Q(state__in=[state.value for state in UNDECIDED]),
            ),
            models.Index(
                fields=["client", "id"],
                name="network_sending_unanswered",
                condition=models.Q(state=State.SENT.value, receipt=""),
            ),
        ]

    @property
    def evidence(self) -> dict:
        """What an act about it says."""
        return {
            "name": self.name,
            "receiver": self.receiver,
            "message": self.pk,
            "key": self.key,
            "file": self.file_id,
        }

"""What is to leave the house."""

from django.db import models

from nattbok.clients.models import Client, Office
from nattbok.db.fields import ClientKey, SameClient
from nattbok.files.models import File
from nattbok.outbox.rules import UNDECIDED, State
from nattbok.trail.models import Act


class Mail(models.Model):
    """An e-mail, written in the transaction of the deed that it tells of, and sent once."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, help_text="what it is: the same key is never sent twice")
    to = models.JSONField(help_text="addresses")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
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

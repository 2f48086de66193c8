"""What is to leave the house."""

from django.db import models

from nattbok.clients.models import Office


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

"""The nights, and what each routine did for each client in them."""

from django.db import models

from nattbok.clients.models import Client, Office
from nattbok.db.fields import ClientKey, SameClient
from nattbok.trail.models import Act


class Night(models.Model):
    """One office's night. Started again after a halt it is the same night, and goes on."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    date = models.DateField(help_text="the day whose morning it prepares")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    starts = models.PositiveIntegerField(default=1, help_text="how many times it was started")
    round = models.PositiveIntegerField(
        default=1, help_text="how many times it is gone through: one more when it is started after its end"
    )
    covers_all = models.BooleanField(default=True, help_text="not only the clients that somebody chose")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "date"], name="night_once")]


class Run(models.Model):
    """One routine for one client in one night."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="+")
    routine = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    starts = models.PositiveIntegerField(default=1)
    round = models.PositiveIntegerField(default=1, help_text="the night's, when it last ran")
    counted = models.PositiveIntegerField(default=0)
    skipped = models.CharField(
        max_length=40,
        blank=True,
        help_text="why it did not run: client, office, nobody, earlier, not_enrolled",
    )
    trouble = models.TextField(blank=True, help_text="why it failed, English, with {names}")
    trouble_values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "night", "routine"], name="run_once"),
        ]


class Undoing(models.Model):
    """That a person had something taken back for many clients: what, why, and how far it has come."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    what = models.JSONField(help_text="what is taken back, as robot.undoing.rules.What writes it")
    along = models.BooleanField(help_text="what depends on it goes along")
    by = models.CharField(max_length=60)
    why = models.CharField(max_length=500)
    asked_at = models.DateTimeField()


class UndoingPart(models.Model):
    """An undoing in one client's books: waiting, done, or refused and why."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    undoing = models.ForeignKey(Undoing, on_delete=models.PROTECT, related_name="+")
    plan = models.CharField(max_length=64, blank=True, help_text="the hash of the plan that was shown")
    ended_at = models.DateTimeField(null=True)
    act = ClientKey(Act, null=True)
    counts = models.JSONField(default=dict, help_text="what was taken back, in numbers")
    trouble = models.TextField(blank=True, help_text="why it was refused, English, with {names}")
    trouble_values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "undoing"], name="undoing_part_once"),
            SameClient("act", name="undoing_part_act_same_client"),
        ]

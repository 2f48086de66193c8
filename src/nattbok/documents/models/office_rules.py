"""Rules of an office, inherited by its clients. They have no client: their policy is in guards.sql."""

from django.db import models

from nattbok.clients.models import Office, Person


class OfficeRule(models.Model):
    """A rule of the office by its number; what it says is in its versions."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text="counted from 1 in each office")
    place = models.PositiveIntegerField(help_text="the first that holds is used")
    is_on = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, help_text="the one in force")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="office_rule_number_once"),
            models.UniqueConstraint(fields=["office", "id"], name="office_rule_of_office"),
        ]


class OfficeRuleVersion(models.Model):
    """What a rule said from one moment on; kept as it was written."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.ForeignKey(OfficeRule, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text="counted from 1")
    name = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    conditions = models.JSONField()
    coding = models.JSONField()
    clients = models.JSONField(null=True, help_text="ids of those it is for; null: all of its country")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="office_rule_version_once"),
        ]

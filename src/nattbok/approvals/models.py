"""What waits for a yes, who gave one, and by what they proved to be themselves."""

from django.db import models
from django.db.models import Q

from nattbok.approvals.rules.policy import LIGHT, STRONG
from nattbok.clients.models import Client, Person
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.trail.models import Act


def _client() -> models.ForeignKey:
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)


def _person() -> models.ForeignKey:
    return models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")


class Demand(models.Model):
    """What a client demands for a kind of approval: how many people, and whether who registered it may."""

    client = _client()
    kind = models.CharField(max_length=30, help_text="payments, salaries, documents")
    people = models.PositiveSmallIntegerField(default=1, help_text="0: the approval is given elsewhere")
    two_above = MoneyField(null=True, help_text="above this amount two must")
    registrant_may = models.BooleanField(default=True, help_text="who registered it may be among them")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "kind"], name="demand_once"),
            models.CheckConstraint(condition=Q(people__lte=2), name="demand_at_most_two"),
        ]


class Right(models.Model):
    """That a person may see and approve a kind for a client, up to a limit."""

    client = _client()
    person = _person()
    kind = models.CharField(max_length=30)
    limit = MoneyField(null=True, help_text="the largest amount; none: any")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "person", "kind"], name="right_once"),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gt=0), name="right_limit_positive"
            ),
        ]


class Request(models.Model):
    """A frozen content that waits for its yes. What changes is a new request; the old one is withdrawn."""

    client = _client()
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=100, help_text="payment_batch:12, document:7")
    content = models.TextField(help_text="canonical JSON of exactly what is approved")
    sha256 = models.CharField(max_length=64, help_text="of the content")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    people = models.PositiveSmallIntegerField(help_text="how many must say yes")
    registrant_may = models.BooleanField()
    registered_by = models.JSONField(default=list, help_text="ids of the people who registered or changed it")
    proof = models.CharField(
        max_length=10,
        default=STRONG,
        db_default=STRONG,
        help_text="strong: proven by a second factor; light: by a log-in or a one-time link",
    )
    act = ClientKey(Act)
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True, help_text="approved, withdrawn; blank: waits")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="request_of_client"),
            models.UniqueConstraint(fields=["client", "id", "sha256"], name="request_with_content"),
            models.UniqueConstraint(
                fields=["client", "subject"], name="request_live_once", condition=~Q(outcome="withdrawn")
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True)
                | Q(outcome__in=["approved", "withdrawn"], ended_at__isnull=False),
                name="request_outcome",
            ),
            models.CheckConstraint(condition=Q(proof__in=[STRONG, LIGHT]), name="request_proof"),
            SameClient("act", name="request_act_same_client"),
        ]


class Factor(models.Model):
    """Something a person has: a phone with one-time codes, or an electronic id. One person's alone."""

    person = _person()
    method = models.CharField(max_length=30, help_text="totp, or the electronic id's name")
    secret = models.BinaryField(default=b"", help_text="sealed with the installation's key")
    subject = models.CharField(max_length=200, blank=True, help_text="whom the electronic id knows them as")
    made_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "method"],
                name="factor_live_once",
                condition=Q(confirmed_at__isnull=False, removed_at__isnull=True),
            ),
            # No shared users: one electronic id is one person.
            models.UniqueConstraint(
                fields=["method", "subject"],
                name="factor_of_one_person",
                condition=Q(removed_at__isnull=True) & ~Q(subject=""),
            ),
        ]


class RecoveryCode(models.Model):
    """A way in for who lost the phone; used once."""

    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="keyed hash of the code")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")]


class Proof(models.Model):
    """That a person proved to be themselves, for one content alone. A code or a signing is one proof."""

    person = _person()
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=30)
    reference = models.CharField(max_length=200, help_text="the code's time step, or the signing's own id")
    sha256 = models.CharField(max_length=64, help_text="of what it was given for")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "reference"], name="proof_once")]


class Link(models.Model):
    """A one-time link: lets one person see one content and decide on it, without a log-in, for a while.

    The token that the person holds is not kept; only its digest is.
    """

    client = _client()
    request = ClientKey(Request)
    sha256 = models.CharField(max_length=64, help_text="of the content it was made for")
    person = _person()
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, help_text="when it decided; once")
    deeds = models.PositiveIntegerField(default=0, help_text="how often something was sent by it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="link_of_client"),
            SameClient(
                name="link_of_this_content",
                columns=("client_id", "request_id", "sha256"),
                to="approvals_request",
                to_columns=("client_id", "id", "sha256"),
            ),
        ]
        indexes = [models.Index(fields=["client", "request", "person"], name="link_by_request")]


class Yes(models.Model):
    """A person's yes to exactly the content with this SHA-256. Two in union are two rows."""

    client = _client()
    request = ClientKey(Request)
    sha256 = models.CharField(max_length=64)
    person = _person()
    proof = models.OneToOneField(Proof, on_delete=models.PROTECT, related_name="+", null=True)
    method = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="without a proof: login or link"
    )
    link = ClientKey(Link, null=True)
    said_at = models.DateTimeField()
    act = ClientKey(Act)

    class Meta:
        verbose_name_plural = "yes"
        constraints = [
            models.UniqueConstraint(fields=["client", "request", "person"], name="yes_once_each"),
            models.UniqueConstraint(fields=["link"], name="yes_once_by_link"),
            models.CheckConstraint(
                condition=Q(proof__isnull=False, method="", link__isnull=True)
                | Q(proof__isnull=True, method="login", link__isnull=True)
                | Q(proof__isnull=True, method="link", link__isnull=False),
                name="yes_by_one_way",
            ),
            SameClient("act", name="yes_act_same_client"),
            SameClient("link", name="yes_link_same_client"),
            SameClient(
                name="yes_of_this_content",
                columns=("client_id", "request_id", "sha256"),
                to="approvals_request",
                to_columns=("client_id", "id", "sha256"),
            ),
        ]


class Attempt(models.Model):
    """A try with a code, kept a day, so that guessing is slowed down over all processes."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["person", "at"], name="attempt_by_person")]

"""Offices, clients, people, and what each may and wants."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from nattbok.clients.rules import Doer, Profile, Role, Service


class Office(models.Model):
    """A firm that keeps books for others."""

    name = models.CharField(max_length=200)
    org_number = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=2)
    night_at = models.TimeField(help_text="local time at which the night begins")
    time_zone = models.CharField(max_length=50)
    report_to = models.JSONField(default=list, help_text="e-mail addresses that get the night's report")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "org_number"], name="office_once"),
        ]

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager):
    """Makes people; the e-mail address is the log-in name, in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "Person":
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str) -> "Person":
        return self.get(email=username.strip().lower())


class Person(AbstractBaseUser):
    """Someone who logs in, at an office or at a client."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="nb")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = People()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person works at an office, for all of its clients or for those that Access names."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    sees_all_clients = models.BooleanField(default=False)
    is_manager = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "person"], name="membership_once"),
        ]


class Client(models.Model):
    """A company whose books the office keeps."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    org_number = models.CharField(max_length=20)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    year_starts = models.PositiveSmallIntegerField(default=1, help_text="first month of the fiscal year")
    profile = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Profile])
    is_enrolled = models.BooleanField(default=True, help_text="the robot runs for it")
    may_post_documents = models.BooleanField(
        default=False, help_text="documents that are certain are posted without an approval"
    )
    document_limit = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, help_text="above this a person posts"
    )
    hands_over_at_once = models.BooleanField(
        default=False, help_text="what its own people add goes to accounting without being handed over"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="client_number_once"),
            models.UniqueConstraint(fields=["office", "country", "org_number"], name="client_once"),
            models.CheckConstraint(condition=models.Q(year_starts__range=(1, 12)), name="client_year_starts"),
        ]

    def __str__(self) -> str:
        return self.name


class Access(models.Model):
    """What a person may do in a client's books."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    rights = models.JSONField(null=True, help_text="what was chosen; null is what the role begins with")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "person"], name="access_once"),
        ]


class ClientService(models.Model):
    """Who does one kind of work for one client: the robot, the office, the client, or nobody."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Service])
    done_by = models.CharField(max_length=10, choices=[(d.value, d.value) for d in Doer])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "service"], name="client_service_once"),
        ]


class LoginAttempt(models.Model):
    """A try to log in, kept a day, so that guessing can be slowed down over all processes."""

    email = models.CharField(max_length=254)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True)
    succeeded = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["email", "at"]), models.Index(fields=["address", "at"])]


class ViewSetting(models.Model):
    """How a person has set up one list: which columns it shows in which order, and the view it opens with."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=40, help_text="documents.inbox, documents.coding")
    settings = models.JSONField(default=dict, help_text="{columns: [name, …], view: id}")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "page"], name="view_setting_once"),
        ]


class SavedView(models.Model):
    """A list as a person wants it, under a name: filters, order and columns; of whichever client is shown."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="filters and order as in the address")
    columns = models.JSONField(default=list, help_text="[name, …]")
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, related_name="+", help_text="whose people see it too"
    )
    deleted_at = models.DateTimeField(null=True, help_text="deleted, and can be had back")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "page", Lower("name"), name="saved_view_once", condition=models.Q(deleted_at=None)
            ),
        ]
        indexes = [models.Index(fields=["office", "page"])]

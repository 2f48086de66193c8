"""What is kept of inviting; who has access, and to what, is the clients' own table."""

from django.db import models

from nattbok.clients.models import Person
from nattbok.db.fields import ClientKey, SameClient
from nattbok.ledger.models import of_client
from nattbok.trail.models import Act


class Invitation(models.Model):
    """A link by which a new person chooses a password, once. Only the digest of its token is kept."""

    client = of_client()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="invitation_of_client"),
            SameClient("act", name="invitation_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "person", "-id"], name="invitation_latest")]

"""What is kept of the approval of documents: flows, who is responsible for what, who is asked, what was said.

guards.sql holds what constraints cannot: that nothing under approval is posted, or released to be paid.
"""

from django.db import models
from django.db.models import Q

from nattbok.approvals.models import Request
from nattbok.clients.models import Person
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.documents.models.documents import Document, of_client
from nattbok.trail.models import Act


def _person(**fields) -> models.ForeignKey:
    return models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", **fields)


class ApprovalFlow(models.Model):
    """One version of a client's approval flow. What is changed is a new version; none is ever altered."""

    client = of_client()
    version = models.PositiveIntegerField()
    content = models.JSONField(help_text="the steps and limits, see rules/approval/flow.py")
    made_at = models.DateTimeField()
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "version"], name="approval_flow_version_once"),
            models.UniqueConstraint(fields=["client", "id"], name="approval_flow_of_client"),
            SameClient("act", name="approval_flow_act_same_client"),
        ]


class Responsible(models.Model):
    """Who manages a project or a department: what is coded to it goes to them."""

    client = of_client()
    dimension = models.CharField(max_length=30, help_text="project, department")
    code = models.CharField(max_length=60, help_text="the project's or department's own code")
    person = _person()
    budget = MoneyField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "dimension", "code"], name="responsible_once"),
        ]


class Absence(models.Model):
    """That a person is away, and who stands in for them at this client meanwhile."""

    client = of_client()
    person = _person()
    stand_in = _person()
    from_on = models.DateField()
    through_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "person", "from_on"], name="absence_once"),
            models.CheckConstraint(
                condition=Q(through_on__gte=models.F("from_on")) & ~Q(person=models.F("stand_in")),
                name="absence_makes_sense",
            ),
        ]
        indexes = [models.Index(fields=["client", "through_on"], name="absence_by_end")]


class Approval(models.Model):
    """One round of approval of a document: of exactly one content, by one version of the flow.

    With outcome `policy` nobody was asked: `reason` says which rule let it pass.
    """

    client = of_client()
    document = ClientKey(Document)
    flow = ClientKey(ApprovalFlow, null=True, help_text="null: nothing was ever set")
    request = ClientKey(Request, null=True, help_text="null: nobody was asked")
    sha256 = models.CharField(max_length=64, help_text="of the content")
    content = models.TextField(help_text="canonical JSON of what is approved")
    before = models.CharField(max_length=10, help_text="posting, payment: what waits for it")
    steps = models.JSONField(default=list, help_text="who must, how many, in which order, and why")
    reason = models.TextField(blank=True, help_text="why it was or was not asked, English, with {names}")
    values = models.JSONField(default=dict)
    outcome = models.CharField(
        max_length=10,
        blank=True,
        help_text="approved, policy, declined, retracted, changed; blank: waits",
    )
    sent_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="approval_of_client"),
            models.UniqueConstraint(
                fields=["client", "document"], name="approval_waits_once", condition=Q(outcome="")
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True, request__isnull=False)
                | Q(outcome="policy", ended_at__isnull=False, request__isnull=True)
                | Q(
                    outcome__in=["approved", "declined", "retracted", "changed"],
                    ended_at__isnull=False,
                    request__isnull=False,
                ),
                name="approval_outcome",
            ),
            models.CheckConstraint(condition=Q(before__in=["posting", "payment"]), name="approval_before"),
            SameClient("document", name="approval_document_same_client"),
            SameClient("flow", name="approval_flow_same_client"),
            SameClient("act", name="approval_act_same_client"),
            SameClient(
                name="approval_of_this_content",
                columns=("client_id", "request_id", "sha256"),
                to="approvals_request",
                to_columns=("client_id", "id", "sha256"),
            ),
        ]
        indexes = [
            models.Index(fields=["client", "document", "-id"], name="approval_latest"),
            models.Index(fields=["client"], name="approval_waiting", condition=Q(outcome="")),
        ]


class Asked(models.Model):
    """That a person is asked in a step of an approval, how they came to be, and whether they handed it on."""

    client = of_client()
    approval = ClientKey(Approval)
    step = models.PositiveSmallIntegerField()
    person = _person()
    how = models.CharField(max_length=10, help_text="flow, forwarded, stand_in, escalated, sent")
    place = models.BigIntegerField(
        help_text="whose place it is: the person who was asked first; a place is filled by one yes"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="when they handed it on")
    chased_on = models.DateField(null=True, help_text="the last day they were reminded")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="asked_of_client"),
            models.UniqueConstraint(fields=["client", "approval", "step", "person"], name="asked_once"),
            SameClient("approval", name="asked_approval_same_client"),
        ]
        indexes = [models.Index(fields=["person", "client"], name="asked_by_person")]


class Remark(models.Model):
    """What was said or done about a document's approval, in order; kept as it was said."""

    client = of_client()
    document = ClientKey(Document)
    approval = ClientKey(Approval, null=True)
    kind = models.CharField(
        max_length=10,
        help_text="sent, yes, no, question, answer, comment, forwarded, retracted, changed, coded, "
        "escalated, approved",
    )
    step = models.PositiveSmallIntegerField(default=0)
    person = _person(null=True)
    to_person = _person(null=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="remark_of_client"),
            SameClient("document", name="remark_document_same_client"),
            SameClient("approval", name="remark_approval_same_client"),
            SameClient("act", name="remark_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "document", "id"], name="remark_by_document")]

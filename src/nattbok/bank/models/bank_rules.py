"""What a client has said of payments without a reference of ours: rules, acquirers' accounts, terms."""

from django.db import models
from django.db.models import Q

from nattbok.bank.models.statements import Movement, of_client
from nattbok.bank.rules.bank_rules import Mode
from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.trail.models import Act


class BankRule(models.Model):
    """A rule through all its versions. Deleted, it is kept, with what it did."""

    client = of_client()
    place = models.PositiveIntegerField(help_text="the lowest is asked first")
    is_on = models.BooleanField(default=True)
    is_deleted = models.BooleanField(default=False)
    proposal = ClientKey("BankRuleProposal", null=True)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="bank_rule_of_client"),
            SameClient("proposal", name="bank_rule_proposal_same_client"),
            SameClient("act", name="bank_rule_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "place"], name="bank_rule_by_place")]


class BankRuleVersion(models.Model):
    """A rule as it was written once; the last one is in force. Never changed (guards.sql)."""

    client = of_client()
    rule = ClientKey(BankRule)
    number = models.PositiveIntegerField(help_text="from 1")
    name = models.CharField(max_length=100)
    conditions = models.JSONField()
    posting = models.JSONField()
    mode = models.CharField(max_length=10, choices=[(m.value, m.value) for m in Mode])
    largest = MoneyField(null=True, help_text="beyond it the rule suggests")
    valid_from = models.DateField(null=True)
    valid_through = models.DateField(null=True)
    despite_open_items = models.BooleanField(
        default=False, help_text="also when the payer has open items that this may pay"
    )
    author = models.CharField(max_length=100, help_text="person:7, robot:match_payments")
    approved_by = models.CharField(
        max_length=100, blank=True, help_text="the person who let it post by itself"
    )
    after_movement = models.BigIntegerField(
        default=0, help_text="what came before it is the backlog, which it only suggests for"
    )
    written_at = models.DateTimeField()
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="bank_rule_version_of_client"),
            models.UniqueConstraint(fields=["client", "rule", "number"], name="bank_rule_version_once"),
            models.CheckConstraint(
                condition=Q(mode=Mode.SUGGEST.value) | Q(approved_by__startswith="person:"),
                name="bank_rule_posts_when_approved",
            ),
            SameClient("rule", name="bank_rule_version_rule_same_client"),
            SameClient("act", name="bank_rule_version_act_same_client"),
        ]


class BankRuleHit(models.Model):
    """That a version of a rule posted a movement, by itself or after a person's yes."""

    client = of_client()
    version = ClientKey(BankRuleVersion)
    movement = ClientKey(Movement)
    act = ClientKey(Act)
    by_robot = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "act"], name="bank_rule_hit_once"),
            SameClient("version", name="bank_rule_hit_version_same_client"),
            SameClient("movement", name="bank_rule_hit_movement_same_client"),
            SameClient("act", name="bank_rule_hit_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "version"], name="bank_rule_hit_by_version")]


class BankRuleProposal(models.Model):
    """A rule that was learnt and not yet wanted. A rejected one is kept, so that it never comes back."""

    client = of_client()
    key = models.CharField(max_length=64, help_text="SHA-256 of what tells its payments from others")
    name = models.CharField(max_length=100)
    conditions = models.JSONField()
    posting = models.JSONField()
    evidence = models.JSONField(help_text="movements for it and against it")
    state = models.CharField(
        max_length=10,
        default="open",
        choices=[(one, one) for one in ("open", "accepted", "rejected")],
    )
    why = models.CharField(max_length=300, blank=True, help_text="why it was rejected")
    act = ClientKey(Act)
    answered = ClientKey(Act, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="bank_rule_proposal_of_client"),
            models.UniqueConstraint(fields=["client", "key"], name="bank_rule_proposal_once"),
            SameClient("act", name="bank_rule_proposal_act_same_client"),
            SameClient("answered", name="bank_rule_proposal_answered_same_client"),
        ]


class AcquirerAccounts(models.Model):
    """Where an acquirer's payouts are posted. A blank source is for all without accounts of their own."""

    client = of_client()
    source = models.CharField(max_length=40, blank=True, help_text="vipps, stripe, klarna; blank: all others")
    payer = models.CharField(
        max_length=200,
        blank=True,
        help_text="stands in the payer's name of its payouts: they wait for a report",
    )
    clearing = models.CharField(max_length=10)
    fee = models.CharField(max_length=10)
    fee_vat_code = models.CharField(max_length=10, blank=True)
    refund = models.CharField(max_length=10, blank=True)
    reserve = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "source"], name="acquirer_accounts_once")]


class PayoutReport(models.Model):
    """An acquirer's settlement report of one payout, as a file gave it. Each payout is kept once."""

    client = of_client()
    file = ClientKey(File, null=True)
    source = models.CharField(max_length=40)
    payout_id = models.CharField(max_length=100)
    reference = models.CharField(max_length=100, blank=True, help_text="what stands on the bank's line")
    paid_on = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    gross = MoneyField()
    fee = MoneyField()
    refund = MoneyField()
    reserve = MoneyField(help_text="held back; negative when paid out again")
    net = MoneyField()
    adds_up = models.BooleanField()
    rows = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="payout_report_of_client"),
            models.UniqueConstraint(fields=["client", "source", "payout_id"], name="payout_report_once"),
            SameClient("file", name="payout_report_file_same_client"),
        ]


class PayoutFile(models.Model):
    """A settlement report's file that was read. Read once, whatever came of it."""

    client = of_client()
    file = ClientKey(File)
    outcome = models.CharField(max_length=10, help_text="accept or refuse")
    payouts = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file"], name="payout_file_once"),
            SameClient("file", name="payout_file_file_same_client"),
        ]


class MatchingTerms(models.Model):
    """What a client lets the robot post by itself."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    unique_may_post = models.BooleanField(default=False)
    fx_may_post = models.BooleanField(default=False)
    closed_reference_holds = models.BooleanField(default=False)
    largest = MoneyField(null=True, help_text="of one payment")
    per_night = MoneyField(null=True, help_text="of all payments of a night together")
    is_first_open_day = models.BooleanField(
        default=False, help_text="a closed day's payment is posted on the first open day instead of held"
    )
    error_budget = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=2,
        help_text="percent of a rule's bookings that may be corrected",
    )

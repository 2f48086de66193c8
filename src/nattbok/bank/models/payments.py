"""Payments out: what is to be paid, what was handed to the bank, and what the bank said of it.

How far a payment has come is kept only as far as the bank's receipts go. That it was executed follows from
the ledger: an unreversed entry of the movement that executed it.
"""

from django.db import models
from django.db.models import Q

from nattbok.bank.models.statements import BankAccount, Movement, of_client
from nattbok.bank.rules.payments import Kind, State
from nattbok.clients.models import Person
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.formats.payment.shape import AccountKind
from nattbok.ledger.models import Account, OpenItem, Party
from nattbok.trail.models import Act


class PaymentBatch(models.Model):
    """Payments of one kind from one account, frozen and approved together, and sent as one file."""

    client = of_client()
    account = ClientKey(BankAccount)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in Kind])
    message_id = models.CharField(max_length=35, help_text="MsgId: from the content, never from the clock")
    sha256 = models.CharField(max_length=64, help_text="of the content that is approved")
    count = models.PositiveIntegerField()
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    in_bank = models.BooleanField(default=False, help_text="approved in the bank and not here")
    frozen_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    file = ClientKey(File, null=True)
    made_on = models.DateField(null=True, help_text="the day the file was made: nothing in it is paid before")
    act = ClientKey(Act)

    class Meta:
        verbose_name_plural = "payment batches"
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="payment_batch_of_client"),
            models.UniqueConstraint(fields=["message_id"], name="payment_batch_message_once"),
            models.UniqueConstraint(
                fields=["client", "file"], name="payment_batch_file_once", condition=Q(file__isnull=False)
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, count__gt=0), name="payment_batch_not_empty"),
            models.CheckConstraint(
                condition=Q(file__isnull=True) | Q(withdrawn_at__isnull=True),
                name="payment_batch_file_or_withdrawn",
            ),
            SameClient("account", name="payment_batch_account_same_client"),
            SameClient("file", name="payment_batch_file_same_client"),
            SameClient("act", name="payment_batch_act_same_client"),
        ]


class Payment(models.Model):
    """Money to one account on one day. Drafted it may change; in a batch its content is frozen."""

    client = of_client()
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in Kind])
    account = ClientKey(BankAccount, help_text="it is paid from")
    party = ClientKey(Party, null=True)
    payee = models.CharField(max_length=60, help_text="who it is paid to, lastingly: party:12, employee:7")
    payee_name = models.CharField(max_length=140)
    payee_account = models.CharField(max_length=40, blank=True, help_text="in normal form")
    payee_account_kind = models.CharField(
        max_length=4, blank=True, choices=[(k.value, k.value) for k in AccountKind]
    )
    payee_country = models.CharField(max_length=2, blank=True)
    payee_bic = models.CharField(max_length=11, blank=True)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    discount = MoneyField(default=0, help_text="what the payee takes off when it is paid so early")
    reference = models.CharField(max_length=35, blank=True, help_text="KID, OCR")
    message = models.CharField(max_length=140, blank=True)
    invoices = models.JSONField(default=list, help_text="number, amount and whether it is a credit note")
    against = ClientKey(Account, null=True, help_text="what it is posted on, when it pays no open item")
    due_on = models.DateField(null=True)
    pay_on = models.DateField(help_text="a bank day; it is not paid before")
    end_to_end_id = models.CharField(max_length=35, help_text="all that comes back is known by it")
    state = models.CharField(
        max_length=10, default=State.DRAFTED.value, choices=[(s.value, s.value) for s in State]
    )
    is_held = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True, help_text="why it is held or was postponed")
    account_check = models.CharField(
        max_length=10, blank=True, help_text="new, changed: a second person must confirm the payee's account"
    )
    entered_by = models.JSONField(default=list, help_text="ids of the people who entered or changed it")
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    batch = ClientKey(PaymentBatch, null=True)
    payment_info_id = models.CharField(max_length=35, blank=True, help_text="of its part of the file")
    created_at = models.DateTimeField()
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="payment_of_client"),
            models.UniqueConstraint(fields=["end_to_end_id"], name="payment_end_to_end_id_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(batch__isnull=False) | Q(state__in=[State.DRAFTED.value, State.CANCELLED.value]),
                name="payment_leaves_in_a_batch",
            ),
            SameClient("account", name="payment_account_same_client"),
            SameClient("party", name="payment_party_same_client"),
            SameClient("against", name="payment_against_same_client"),
            SameClient("batch", name="payment_batch_same_client"),
            SameClient("act", name="payment_act_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "state"], name="payment_by_state"),
            models.Index(fields=["client", "batch"], name="payment_by_batch"),
            models.Index(fields=["client", "payee"], name="payment_by_payee"),
        ]


class SupplierTerms(models.Model):
    """How a supplier is paid: what it takes off when it is paid early, on which account, or not at all."""

    client = of_client()
    party = ClientKey(Party)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    days = models.PositiveSmallIntegerField(null=True, help_text="from the date of the bill")
    pay_to = models.CharField(
        max_length=40, blank=True, help_text="of its accounts, where the bill does not say; in normal form"
    )
    is_held = models.BooleanField(default=False, help_text="nothing is proposed to be paid to it")

    class Meta:
        verbose_name_plural = "supplier terms"
        constraints = [
            models.UniqueConstraint(fields=["client", "party"], name="supplier_terms_once"),
            models.CheckConstraint(
                condition=Q(percent=None, days=None) | Q(percent__gt=0, percent__lt=100, days__gte=0),
                name="supplier_terms_percent",
            ),
            SameClient("party", name="supplier_terms_party_same_client"),
        ]


class PaymentItem(models.Model):
    """That a payment pays an open item: positive of a bill, negative of a credit note that is deducted.

    `is_live` falls when the payment is executed, rejected, cancelled or returned.
    """

    client = of_client()
    payment = ClientKey(Payment)
    item = ClientKey(OpenItem)
    amount = MoneyField()
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "item"], name="item_in_one_live_payment", condition=Q(is_live=True)
            ),
            models.UniqueConstraint(fields=["client", "payment", "item"], name="payment_item_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="payment_item_not_zero"),
            SameClient("payment", name="payment_item_payment_same_client"),
            SameClient("item", name="payment_item_item_same_client"),
        ]


class ReceiptFile(models.Model):
    """A receipt from the bank (pain.002) that was read. Read once."""

    client = of_client()
    file = ClientKey(File)
    message_id = models.CharField(max_length=100, blank=True)
    batch = ClientKey(PaymentBatch, null=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file"], name="receipt_file_once"),
            SameClient("file", name="receipt_file_file_same_client"),
            SameClient("batch", name="receipt_file_batch_same_client"),
        ]


class PaymentStatus(models.Model):
    """What was said of a payment, by the bank or by the house, in the order it was heard; kept for good."""

    client = of_client()
    payment = ClientKey(Payment)
    code = models.CharField(max_length=40, help_text="the bank's (ACCP, RJCT), or ours in lower case")
    state = models.CharField(max_length=10, blank=True, help_text="the state it led to; blank: none")
    is_contrary = models.BooleanField(default=False, help_text="it contradicts what was known")
    reasons = models.JSONField(default=list, help_text="code and the bank's own text")
    executes_on = models.DateField(null=True)
    file = ClientKey(File, null=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "payment statuses"
        constraints = [
            SameClient("payment", name="payment_status_payment_same_client"),
            SameClient("file", name="payment_status_file_same_client"),
        ]
        indexes = [models.Index(fields=["client", "payment"], name="payment_status_by_payment")]


class PaymentExecution(models.Model):
    """That a movement is the execution of a payment. It counts while the movement's entry stands."""

    client = of_client()
    payment = ClientKey(Payment)
    movement = ClientKey(Movement)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "payment", "movement"], name="payment_execution_once"),
            SameClient("payment", name="payment_execution_payment_same_client"),
            SameClient("movement", name="payment_execution_movement_same_client"),
            SameClient("act", name="payment_execution_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "movement"], name="payment_execution_by_movement")]

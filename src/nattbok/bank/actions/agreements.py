"""Agreements on references: ordered, active, ended."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from nattbok.bank import models
from nattbok.bank.rules.agreements import (
    AgreementState,
    NoAgreementNumber,
    agreement_subject,
    check_step,
    number_of,
)
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.trail.actions import act
from nattbok.trail.rules import means

ORDERED = means("bank.agreement_ordered", _("The agreement {number} on references was ordered for {title}"))
ACTIVATED = means("bank.agreement_active", _("The agreement {number} on references is active for {title}"))
ENDED = means("bank.agreement_ended", _("The agreement {number} on references has ended for {title}"))

UNKNOWN = asks("bank.unknown_agreement", _("A file under an agreement that is not told of"))
UNKNOWN_TEXT = _(
    "{name} is sent under agreement {number} for {account}, which is not told of here. Its payments are "
    "read; see in the bank settings whether the agreement is the client's."
)


@transaction.atomic
def order_agreement(
    client: Client,
    account: int,
    number: str,
    *,
    on: date,
    by: str,
    lengths: Sequence[int] = (),
    methods: Sequence[str] = (),
) -> models.ReferenceAgreement:
    """An agreement on references has been ordered from the bank. Safe to repeat."""
    number = number_of(number)[:40]
    if not number:
        raise NoAgreementNumber()
    of = models.BankAccount.objects.select_for_update().get(client=client, pk=account)
    found, is_new = models.ReferenceAgreement.objects.get_or_create(
        client=client,
        account=of,
        number=number,
        defaults={
            "state": AgreementState.ORDERED.value,
            "ordered_on": on,
            "lengths": list(lengths),
            "methods": list(methods),
        },
    )
    if is_new:
        close(client, [agreement_subject(of.pk, number)], by=by)
        act(client, ORDERED, by, number=number, title=of.title, account=of.pk, lengths=list(lengths))
    return found


@transaction.atomic
def activate_agreement(client: Client, agreement: int, *, on: date, by: str) -> None:
    """The bank has confirmed it: what it says of lengths and check digits holds for the account from now.

    One that was active on the same account is ended, since a payment has one reference.
    """
    one = _locked(client, agreement)
    if one.state == AgreementState.ACTIVE:
        return
    check_step(one.number, AgreementState(one.state), AgreementState.ACTIVE)
    for other in models.ReferenceAgreement.objects.filter(
        client=client, account=one.account, state=AgreementState.ACTIVE.value
    ):
        end_agreement(client, other.pk, on=on, by=by)
    one.state, one.active_on = AgreementState.ACTIVE.value, on
    one.save(update_fields=["state", "active_on"])
    models.BankAccount.objects.filter(client=client, pk=one.account_id).update(
        reference_lengths=one.lengths, reference_methods=one.methods
    )
    act(client, ACTIVATED, by, number=one.number, title=one.account.title, account=one.account_id,
        lengths=one.lengths, methods=one.methods)  # fmt: skip


@transaction.atomic
def end_agreement(client: Client, agreement: int, *, on: date, by: str) -> None:
    """It has ended. References that customers still write are matched as before, and the person is told."""
    one = _locked(client, agreement)
    if one.state == AgreementState.ENDED:
        return
    check_step(one.number, AgreementState(one.state), AgreementState.ENDED)
    one.state, one.ended_on = AgreementState.ENDED.value, on
    one.save(update_fields=["state", "ended_on"])
    act(client, ENDED, by, number=one.number, title=one.account.title, account=one.account_id)


def look_at_agreement(
    client: Client, account: models.BankAccount, written: str, *, name: str, by: str, night: int | None
) -> None:
    """Ask when a file is sent under an agreement that nobody has told of, where others are told of."""
    number = number_of(written)
    if not number:
        return
    rows = models.ReferenceAgreement.objects.filter(client=client, account=account)
    told = set(rows.values_list("number", flat=True))
    if told and number not in told:
        words = Words(UNKNOWN_TEXT, {"name": name, "number": number, "account": account.title})
        draft = QuestionDraft(UNKNOWN, agreement_subject(account.pk, number), words, about=account.title)
        ask(client, [draft], by=by, night=night)


def _locked(client: Client, agreement: int) -> models.ReferenceAgreement:
    """It, with nobody else changing the account's agreements meanwhile."""
    one = models.ReferenceAgreement.objects.select_related("account").get(client=client, pk=agreement)
    models.BankAccount.objects.select_for_update().get(client=client, pk=one.account_id)
    one.refresh_from_db(fields=["state", "active_on", "ended_on"])
    return one

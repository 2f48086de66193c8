"""Seal the days on which each bank account agrees with its bank, and tell of those that do not."""

from nattbok.bank.actions.reconciliation import Reconciled, reconcile
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.outbox import actions as outbox
from nattbok.robot.language import translate
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome

SUBJECT = _("{client}: {account} does not agree with the bank")


@routine(title=_("Reconcile bank accounts"), service=Service.BANK, after=("match_payments",))
def reconcile_accounts(client: Client, tonight: Tonight) -> Outcome:
    """Every account, every night: what was sealed may have been changed since."""
    found = reconcile(client, by=tonight.by, night=tonight.id)
    for account in found:
        _tell(client, account)
    return Outcome(
        done=sum(account.sealed for account in found),
        left=sum(account.notice is not None for account in found),
    )


def _tell(client: Client, account: Reconciled) -> None:
    """A mail to those who get the office's report; the same difference is told once."""
    if account.notice is None or account.last is None:
        return
    office = client.office
    subject = Words(SUBJECT, {"client": client.name, "account": account.title})
    said = "|".join(f"{value}" for name, value in sorted(account.notice.values.items()) if name != "date")
    outbox.mail(
        office,
        f"reconciliation:{client.pk}:{account.account}:{said}"[:200],
        office.report_to,
        translate(subject, office.language),
        translate(account.notice, office.language),
    )

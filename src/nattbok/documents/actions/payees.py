"""Whose account it is that a document asks to be paid to: a new one takes two people, or is not paid."""

from collections.abc import Collection, Sequence

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.desk.models import Question
from nattbok.documents.models import Approval, Document
from nattbok.documents.queries import deciding
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.decision import sellers
from nattbok.documents.rules.identity import Supplier, by_number
from nattbok.documents.rules.payee_questions import PAYEE_ON_HOLD
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, Entry, OpenItem
from nattbok.trail.actions import act
from nattbok.trail.models import Act
from nattbok.trail.rules import means

YES = ("approved", "policy")  # the outcomes of a round after which a bill may be paid
CONFIRMED = means("documents.account_confirmed", _("{accounts} was confirmed as the account of {supplier}"))


class SecondPersonNeeded(Refused):
    """A new account is seen by two people, as it is when it is paid."""

    message = _("Somebody else must confirm the account: you posted the document, or confirmed it before.")


class NotOnHold(Refused):
    """There is no account to confirm."""

    message = _("The document does not wait for its account to be confirmed.")


class OtherAccountNamed(Refused):
    """An account is confirmed as the person saw it."""

    message = _("The document asks for payment to {accounts}, which is not what was confirmed.")


def unconfirmed(client: Client, bill: Bill, supplier: Supplier, *, by: str) -> list[str]:
    """The document's accounts that are not the supplier's by the word of anybody but `by`.

    An account that the person confirmed alone is no more sure for being posted by the same person, where the
    supplier had another account before.
    """
    unknown = [account for account in bill.accounts if account not in supplier.accounts]
    known = [account for account in bill.accounts if account in supplier.accounts]
    if not known or len(supplier.accounts) == 1 or not by.startswith("person:"):
        return unknown
    said = _confirmers(client, supplier)
    return unknown + [account for account in known if said.get(account) == {by}]


def _confirmers(client: Client, supplier: Supplier) -> dict[str, set[str]]:
    """Account → who confirmed it, of the accounts that were confirmed from a document."""
    found: dict[str, set[str]] = {}
    rows = Act.objects.filter(client=client, kind=CONFIRMED, evidence__supplier_id=supplier.id)
    for who, evidence in rows.values_list("by", "evidence"):
        for account in str(evidence.get("accounts", "")).split(", "):
            found.setdefault(account, set()).add(who)
    return found


def keep_confirmed(
    client: Client, bill: Bill, supplier: Supplier, accounts: Sequence[str], *, by: str
) -> int:
    """Keep that the accounts were confirmed as the supplier's, with the act; within the caller's deed."""
    for account in dict.fromkeys(accounts):
        ledger.confirm_account(client, supplier.id, account)
    return act(
        client, CONFIRMED, by, supplier=supplier.name, supplier_id=supplier.id, document=bill.document,
        accounts=", ".join(accounts), payee=bill.payee, sha256=bill.sha256,
    )  # fmt: skip


@transaction.atomic
def confirm_payee(client: Client, document_id: int, *, accounts: Sequence[str], by: str) -> int:
    """A second person's word that the accounts of a posted document are its supplier's: it may be paid.

    How many open items were released; one that waits for approval stays on hold until that is given. Raises
    SecondPersonNeeded for whoever posted the document or confirmed the account before.
    """
    Books.objects.select_for_update().get(client=client)
    found = deciding.with_entry(client).select_related("file").filter(pk=document_id).first()
    if found is None or found.entry is None or document_id not in payment_holds(client, [document_id]):
        raise NotOnHold()
    bill = deciding.bill_of(client, found)
    if not set(accounts) <= set(bill.accounts) or not accounts:
        raise OtherAccountNamed(accounts=", ".join(bill.accounts) or "–")
    known = deciding.suppliers(client)
    (supplier,) = sellers(bill, by_number(known), {each.id: each for each in known})
    poster = Entry.objects.values_list("act__by", flat=True).get(client=client, pk=found.entry)
    if by == poster or not by.startswith("person:"):
        raise SecondPersonNeeded()
    said = _confirmers(client, supplier)
    if any(by in said.get(account, ()) for account in accounts):
        raise SecondPersonNeeded()
    keep_confirmed(client, bill, supplier, accounts, by=by)
    desk.close(
        client,
        [questions.subject(document_id)],
        by=by,
        answer={"do": "confirm_payee", "accounts": list(accounts)},
    )
    if _waits_for_approval(client, found):
        return 0
    items = OpenItem.objects.filter(client=client, line__entry=found.entry).values_list("pk", flat=True)
    return ledger.release(client, list(items), by=by, why=str(bill.number))


def payment_holds(client: Client, documents: Collection[int]) -> set[int]:
    """Those of the documents whose payment waits for a second person to confirm the account."""
    subjects = {questions.subject(document): document for document in documents}
    there = Question.objects.filter(
        client=client, kind=PAYEE_ON_HOLD, closed_at__isnull=True, subject__in=list(subjects)
    )
    return {subjects[subject] for subject in there.values_list("subject", flat=True)}


def _waits_for_approval(client: Client, found: Document) -> bool:
    """Whether its latest round, if any, is no yes: it waits, was declined, taken back or made void."""
    rounds = Approval.objects.filter(client=client, document=found).order_by("-pk")
    outcome = rounds.values_list("outcome", flat=True).first()
    return outcome not in (None, *YES)

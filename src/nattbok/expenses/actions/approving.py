"""A handed-in claim is approved and posted, or returned with what is to be put right."""

import datetime

from django.db import transaction

from nattbok.approvals import actions as approvals
from nattbok.approvals.models import Request
from nattbok.approvals.rules.policy import Light, May, OtherContent, RegisteredIt
from nattbok.base.plain import plain
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.clients.queries import check_right
from nattbok.clients.rules import Right
from nattbok.countries.known import country
from nattbok.expenses import queries
from nattbok.expenses.models import ExpenseClaim
from nattbok.expenses.rules import checking, entry, shape
from nattbok.expenses.rules.shape import State
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.models import Books, Party, PartyAccount
from nattbok.ledger.queries import unreversed
from nattbok.ledger.rules import PartyKind, Posted
from nattbok.trail.actions import act
from nattbok.trail.rules import means

APPROVED = means("expenses.approved", _("{approver} approved the expense claim of {person}: {total}"))
POSTED = means("expenses.posted", _("Posted the expenses of {person}: {purpose}, {total} to be paid back"))
RETURNED = means("expenses.returned", _("An expense claim was returned: {why}"))
TAKEN_BACK = means("expenses.taken_back", _("The entry of an expense claim was taken back: {why}"))

PARTY = "U"  # begins the supplier number of a person who is paid back


def _waiting(client: Client, claim: int, *states: State) -> ExpenseClaim:
    Books.objects.select_for_update().get(client=client)
    found = ExpenseClaim.objects.select_for_update(of=("self",)).filter(client=client, pk=claim).first()
    if found is None:
        raise shape.NotYourClaim()
    if found.state not in {state.value for state in states}:
        raise shape.NotHandedIn()
    return found


@transaction.atomic
def approve(
    client: Client, claim: int, person: Person, *, sha256: str, today: datetime.date
) -> Posted | None:
    """The person's yes to the claim as it was shown; posted with the last yes that is demanded.

    `sha256` is of the content that the person saw. Nobody approves their own claim.
    """
    found = _waiting(client, claim, State.HANDED_IN)
    check_right(person, client, Right.APPROVE)
    if found.person_id == person.pk:
        raise shape.OwnClaim()
    whole, files = queries.kept_claim(client, claim)
    if checking.print_of(whole, files) != sha256:
        raise shape.ChangedSince()
    request = Request.objects.filter(client=client, subject=entry.origin(claim), outcome="").first()
    if request is None:
        raise shape.NotHandedIn()
    try:
        is_enough = approvals.say_yes(client, request, person, Light(), sha256=sha256, right=May())
    except OtherContent as trouble:
        raise shape.ChangedSince() from trouble
    except RegisteredIt as trouble:
        raise shape.OwnClaim() from trouble
    if not is_enough:
        return None
    by = f"person:{person.pk}"
    deed = act(
        client, APPROVED, by, claim=claim, approver=str(person), person=whole.name, total=str(whole.total),
        sha256=sha256,
    )  # fmt: skip
    ExpenseClaim.objects.filter(client=client, pk=claim).update(state=State.APPROVED.value, act_id=deed)
    return post(client, claim, by=by, today=today)


@transaction.atomic
def post(client: Client, claim: int, *, by: str, today: datetime.date) -> Posted:
    """Post an approved claim, maybe once more after it was taken back; what is owed is an open item."""
    Books.objects.select_for_update().get(client=client)
    found = ExpenseClaim.objects.filter(client=client, pk=claim, state=State.APPROVED.value).first()
    if found is None or unreversed(client, [entry.origin(claim)]):
        raise shape.NotApproved()
    whole, files = queries.kept_claim(client, claim)
    law = country(client.country)
    closed = Books.objects.values_list("closed_through", flat=True).get(client=client)
    on = entry.posting_day(whole, closed, today)
    draft = entry.entry(
        whole, party=_party(client, whole), law=law, currency=client.currency, on=on, due_on=today
    )
    deed = act(
        client, POSTED, by, claim=claim, person=whole.name, purpose=whole.purpose, total=str(whole.total),
        account=whole.account, sha256=checking.print_of(whole, files), files=sorted(files.values()),
        receipts=[_evidence(one, law, client.currency) for one in whole.receipts],
    )  # fmt: skip
    (posted,) = ledger.post(client, [draft], acts=[deed])
    return posted


def _evidence(one: shape.Receipt, law, currency: str) -> dict:
    code, vat = checking.vat_code(one, law=law, currency=currency)
    return {
        "shop": one.shop,
        "paid_on": str(one.paid_on),
        "paid": str(one.paid),
        "currency": one.currency,
        "rate": "" if one.rate is None else str(one.rate),
        "amount": str(one.amount),
        "category": one.category,
        "vat_code": code,
        "vat": str(vat),
    }


def _party(client: Client, whole: shape.Claim) -> int:
    """Whom the money goes to: a supplier-like party for the person, with this account and no other.

    A new account number is a new party, so that a payment never has two accounts to choose between.
    """
    numbers = Party.objects.filter(
        client=client, kind=PartyKind.SUPPLIER.value, number__startswith=f"{PARTY}{whole.person}-"
    )
    with_account = PartyAccount.objects.filter(
        client=client, party__in=numbers.values("pk"), number=whole.account
    )
    known = with_account.order_by("pk").values_list("party_id", flat=True).first()
    if known is not None:
        ledger.confirm_account(client, known, whole.account)
        return known
    number = f"{PARTY}{whole.person}-{numbers.count() + 1}"
    (party,) = ledger.add_parties(
        client,
        [PartyDraft(PartyKind.SUPPLIER, number, whole.name[:200], accounts=((whole.account, 1),))],
    )
    return party


@transaction.atomic
def give_back(client: Client, claim: int, person: Person, *, why: str) -> None:
    """Return a claim that waits, or whose entry was taken back, with what is to be put right."""
    why = plain(why, 300)
    if not why:
        raise shape.NoReturnReason()
    _waiting(client, claim, State.HANDED_IN, State.APPROVED)
    check_right(person, client, Right.APPROVE)
    if unreversed(client, [entry.origin(claim)]):
        raise shape.StandsInTheBooks()
    by = f"person:{person.pk}"
    approvals.withdraw(client, entry.origin(claim), by=by, why=why)
    deed = act(client, RETURNED, by, claim=claim, why=why)
    ExpenseClaim.objects.filter(client=client, pk=claim).update(
        state=State.OPEN.value, returned_why=why, returned_by=str(person)[:60], handed_in_at=None, act_id=deed
    )


@transaction.atomic
def take_back(client: Client, claim: int, *, by: str, why: str) -> None:
    """Take a posted claim's entry back by a reversal; the claim may then be posted again or returned."""
    why = plain(why, 300)
    if not why:
        raise shape.NoReturnReason()
    standing = unreversed(client, [entry.origin(claim)])
    if not standing:
        raise shape.NotApproved()
    ledger.reverse(client, list(standing.values()), by=by, why=why, on=None)
    deed = act(client, TAKEN_BACK, by, claim=claim, why=why)
    ExpenseClaim.objects.filter(client=client, pk=claim).update(act_id=deed)

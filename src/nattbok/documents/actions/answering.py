"""A person's answers: what to post, whom it is from, whose account it is, or that it is not to be posted."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.rules import answered_by
from nattbok.documents import queries
from nattbok.documents.actions import controlling, payees, rounds, undoing
from nattbok.documents.actions.lessons import keep_lessons
from nattbok.documents.actions.posting import POSTED, Done, code
from nattbok.documents.models import Document
from nattbok.documents.queries import deciding
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules import payee_questions, questions
from nattbok.documents.rules.bill import NOT_OURS, POSTABLE, UNREADABLE, Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.decision import Certain, evidence, sellers
from nattbok.documents.rules.entry import posting_day, purchase
from nattbok.documents.rules.identity import Supplier, by_number
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.models import Books, Party
from nattbok.ledger.queries import waits_on
from nattbok.ledger.rules import PartyKind, Posted
from nattbok.trail.actions import act
from nattbok.trail.rules import means

DECLINED = means("documents.declined", _("A document was set aside: {why}"))
TAKEN_UP = means("documents.taken_up", _("A document was taken up again: {why}"))
REGISTERED = means("documents.supplier_registered", _("{supplier} was registered as a supplier"))
CHOSEN = means("documents.supplier_chosen", _("A document was said to be from {supplier}"))


class NotOurs(Refused):
    """Somebody else's bill is never posted."""

    message = _("The document is for somebody else, so it is not posted here.")


class NotAccepted(Refused):
    """What is wrong in a document is first accepted, with a reason."""

    message = _("Something in the document is wrong; accept it with a reason first.")


class NothingRead(Refused):
    """A file of which nothing was read has no amounts to prove the lines against."""

    message = _("Nothing could be read from the file, so it cannot be posted from here.")


class OtherCurrency(Refused):
    """Amounts in another currency cannot be posted as they stand."""

    message = _("The document is in {currency}; that is not posted from here yet.")


class AlreadyPosted(Refused):
    """What is posted is first reversed."""

    message = _("The document is posted; reverse its entry first.")


class WasDeclined(Refused):
    """A person said no; it stays so until somebody takes the document up again."""

    message = _("The document was set aside; take it up again first.")


class NoSuchDocument(Refused):
    """Not one of this client's."""

    message = _("There is no such document.")


class NoSupplier(Refused):
    """The supplier must be known before its bill is posted."""

    message = _("It is not known which supplier the document is from.")


class NoReasonGiven(Refused):
    """Setting a document aside is explained."""

    message = _("Say why.")


class NoAnswer(Refused):
    """The answer is not one that can be carried out."""

    message = _("That is no answer to the question.")


class AnotherAccount(Refused):
    """An account is confirmed as the person saw it."""

    message = _("The document asks for payment to {accounts}, which is not what was confirmed.")


def answer(
    client: Client, document_id: int, given: Mapping, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """Carry out a question's answer, as the candidate that was chosen gives it."""
    match given:
        case {"do": "post", "lines": list(lines)}:
            post_as(client, document_id, lines, by=by, today=today)
        case {"do": "register_supplier", "accounts": list(accounts)}:
            register_supplier(client, document_id, accounts=accounts, by=by, today=today)
        case {"do": "choose_supplier", "supplier": int(supplier)}:
            choose_supplier(client, document_id, supplier, by=by, today=today)
        case {"do": "confirm_account", "accounts": list(accounts)}:
            confirm_account(client, document_id, accounts=accounts, by=by, today=today)
        case {"do": "confirm_payee", "accounts": list(accounts)}:
            payees.confirm_payee(client, document_id, accounts=accounts, by=by)
        case {"do": "decline"}:
            decline(client, document_id, why=why or "–", by=by)
        case {"do": "let_go"}:
            undoing.let_go(client, [document_id], by=by, today=today)
        case {"do": "again"}:
            undoing.post_again(client, document_id, by=by, why=why)
        case _:
            raise NoAnswer()


def _answer_to(
    client: Client, subject: str, given: Mapping, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """As the desk asks for it: the answer to a question about `document:<id>`."""
    answer(client, int(subject.partition(":")[2]), given, by=by, today=today, why=why)


answered_by("documents", _answer_to)


@transaction.atomic
def post_as(
    client: Client,
    document_id: int,
    lines: Sequence[Mapping | CodedLine],
    *,
    by: str,
    today: datetime.date,
    on_hold: bool = False,
    night: int | None = None,
) -> Posted | None:
    """Post the document as a person says: `lines` have an account, a VAT code, `net` and `vat`.

    None when the client's flow asks for approval first: it is sent to approval, coded so, and posted after.

    Whatever the person chooses, the lines must come to what the document asks for. `today` dates a document
    without a date. With `on_hold` its open item may not yet be paid; nor may it where the document asks for
    payment to an account that no second person has confirmed, which is then asked about.
    """
    bill = openly(client, document_id)
    if Document.objects.filter(client=client, pk=document_id, is_held=True).exists():
        raise NotAccepted()
    if bill.currency and bill.currency != client.currency:
        raise OtherCurrency(currency=bill.currency)
    law = country(client.country)
    supplier = _supplier(client, bill)
    coding = tuple(_as_chosen(line) for line in lines)
    books = Books.objects.get(client=client)
    on = posting_day(bill.issued_on or today, books.closed_through)
    unknown = payees.unconfirmed(client, bill, supplier, by=by)
    draft = purchase(
        bill,
        coding,
        supplier=supplier.id,
        law=law,
        on=on,
        waits_on=waits_on(client),
        on_hold=on_hold or bool(unknown),
    )
    certain = Certain(supplier, coding, draft)
    gated = rounds.by_hand(client, bill, certain, by=by, today=today, night=night)
    if not gated.certain:
        _sent_to_approval(client, document_id, certain, by=by, night=night)
        return None
    ((_bill, certain),) = gated.certain
    proof = evidence(bill, certain, law)
    deed = act(client, POSTED, by, night=night, **proof)
    (posted,) = ledger.post(client, [certain.draft], acts=[deed])
    rounds.keep_passed(client, {document_id: (bill, coding, supplier.id, deed)}, gated)
    keep_lessons(client, [(bill, supplier.id, coding, posted)])
    controlling.keep(client, document_id, by=by, act_id=deed, entry=posted.id)
    Document.objects.filter(client=client, pk=document_id).update(
        supplier=supplier.id, coding=[codings.written(line) for line in coding], waits_for=""
    )
    desk.close(client, [questions.subject(document_id)], by=by, night=night, answer={"do": "post"})
    if unknown:
        desk.ask(client, [payee_questions.payee_on_hold(bill, supplier, unknown)], by=by, night=night)
    return posted


def _sent_to_approval(
    client: Client, document_id: int, found: Certain, *, by: str, night: int | None
) -> None:
    """Keep the coding that the approvers are asked about; the document is with the client from now on."""
    Document.objects.filter(client=client, pk=document_id).update(
        supplier=found.supplier.id, coding=[codings.written(line) for line in found.coding], waits_for=""
    )
    if by.startswith("person:"):
        controlling.control(client, document_id, by=by)
    desk.close(client, [questions.subject(document_id)], by=by, night=night, answer={"do": "post"})


def _as_chosen(line: Mapping | CodedLine) -> CodedLine:
    if isinstance(line, CodedLine):
        return line
    try:
        read = codings.read(line)
    except (KeyError, InvalidOperation, TypeError, ValueError):
        raise NoAnswer() from None
    if not (_is_amount(read.net) and _is_amount(read.vat)):
        raise NoAnswer()
    return read


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and amount == round(amount, 2)


@transaction.atomic
def register_supplier(
    client: Client,
    document_id: int,
    *,
    accounts: Sequence[str] = (),
    number: str = "",
    by: str,
    today: datetime.date,
) -> int:
    """Register the document's seller as a supplier, with these bank accounts, then code again; its id.

    A seller that is registered meanwhile is not registered twice; its accounts are confirmed all the same.
    """
    bill = openly(client, document_id)
    _check_accounts(bill, accounts)
    known = deciding.suppliers(client)
    found = sellers(bill, by_number(known), {each.id: each for each in known})
    if found:
        party = found[0].id
        for account in accounts:
            ledger.confirm_account(client, party, account)
    else:
        org_number = bill.seller_org_number or bill.seller_vat_number
        if bill.seller_country == client.country:
            org_number = country(client.country).normal_org_number(org_number) or org_number
        (party,) = ledger.add_parties(
            client,
            [
                PartyDraft(
                    PartyKind.SUPPLIER,
                    number or _next_number(client),
                    bill.seller,
                    org_number[:20],
                    bill.seller_country[:2],
                    tuple((account, 1) for account in dict.fromkeys(accounts)),
                )
            ],
        )
    act(
        client, REGISTERED, by, supplier=bill.seller, supplier_id=party, document=document_id,
        number=bill.seller_org_number, accounts=list(accounts), sha256=bill.sha256,
    )  # fmt: skip
    # Told by its number from now on; a seller without one is this supplier because a person says so.
    Document.objects.filter(client=client, pk=document_id).update(supplier=party)
    _code_alike(client, bill, by=by, today=today)
    return party


def _next_number(client: Client) -> str:
    """The number after the largest supplier number that is one; the books are locked."""
    numbers = Party.objects.filter(client=client, kind=PartyKind.SUPPLIER.value).values_list(
        "number", flat=True
    )
    return str(max((int(each) for each in numbers if each.isascii() and each.isdigit()), default=20000) + 1)


@transaction.atomic
def confirm_account(
    client: Client, document_id: int, *, accounts: Sequence[str], by: str, today: datetime.date
) -> Done:
    """Say that the document's accounts, named as the person saw them, are its supplier's; code again."""
    bill = openly(client, document_id)
    _check_accounts(bill, accounts)
    supplier = _supplier(client, bill)
    for account in dict.fromkeys(accounts):
        ledger.confirm_account(client, supplier.id, account)
    payees.keep_confirmed(client, bill, supplier, accounts, by=by)
    return _code_alike(client, bill, by=by, today=today)


@transaction.atomic
def choose_supplier(
    client: Client, document_id: int, supplier: int, *, by: str, today: datetime.date
) -> Done:
    """Say which supplier the document is from, where its numbers do not; code again."""
    bill = openly(client, document_id)
    chosen = next((each for each in deciding.suppliers(client) if each.id == supplier), None)
    if chosen is None:
        raise NoSupplier()
    Document.objects.filter(client=client, pk=document_id).update(supplier=supplier)
    act(
        client, CHOSEN, by, supplier=chosen.name, supplier_id=supplier, document=document_id,
        number=bill.number, sha256=bill.sha256,
    )  # fmt: skip
    return code(client, by=by, today=today, only=[document_id])


@transaction.atomic
def decline(client: Client, document_id: int, *, why: str, by: str) -> None:
    """Say that the document is not to be posted; it stays so until somebody takes it up again."""
    if not why.strip():
        raise NoReasonGiven()
    locked(client, document_id)
    changed = Document.objects.filter(client=client, pk=document_id, is_declined=False).update(
        is_declined=True
    )
    if changed:
        act(client, DECLINED, by, document=document_id, why=why)
    answered = {"do": "decline", "why": why}
    desk.close(client, [questions.subject(document_id)], by=by, answer=answered)


@transaction.atomic
def take_up(client: Client, document_id: int, *, why: str, by: str) -> None:
    """Let a document that was set aside be decided on again."""
    if not why.strip():
        raise NoReasonGiven()
    locked(client, document_id)
    taken_up = Document.objects.filter(client=client, pk=document_id, is_declined=True)
    if taken_up.update(is_declined=False, waits_for=""):
        act(client, TAKEN_UP, by, document=document_id, why=why)


def _code_alike(client: Client, bill: Bill, *, by: str, today: datetime.date) -> Done:
    """Code again what waits from the same seller: the answer may have been all that it waited for."""
    waiting = deciding.bills_of(client, queries.undecided(client))
    alike = [each.document for each in waiting if each.seller_key == bill.seller_key]
    return code(client, by=by, today=today, only=alike)


def locked(client: Client, document_id: int, *, also_posted: bool = False) -> Document:
    """The document, with the client's books locked; refused when it is posted or not there."""
    Books.objects.select_for_update().get(client=client)
    found = deciding.with_entry(client).select_related("file").filter(pk=document_id).first()
    if found is None:
        raise NoSuchDocument()
    if found.entry is not None and not also_posted:
        raise AlreadyPosted()
    return found


def openly(client: Client, document_id: int) -> Bill:
    """A document that a person may let be posted."""
    found = locked(client, document_id)
    if found.is_declined:
        raise WasDeclined()
    if found.kind == NOT_OURS:
        raise NotOurs()
    if found.kind == UNREADABLE or found.kind not in POSTABLE:
        raise NothingRead()
    return deciding.bill_of(client, found)


def _supplier(client: Client, bill: Bill) -> Supplier:
    known = deciding.suppliers(client)
    found = sellers(bill, by_number(known), {each.id: each for each in known})
    if len(found) != 1:
        raise NoSupplier()
    return found[0]


def _check_accounts(bill: Bill, accounts: Sequence[str]) -> None:
    if not set(accounts) <= set(bill.accounts):
        raise AnotherAccount(accounts=", ".join(bill.accounts) or "–")

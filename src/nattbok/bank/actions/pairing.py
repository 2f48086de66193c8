"""A person's answers for bank lines. Each is one deed: an act, taken back whole, never by the robot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction

from nattbok.bank import queries
from nattbok.bank.actions import matching, undoing
from nattbok.bank.models import (
    BankAccount,
    Movement,
    PairedLine,
    PairedMovement,
    Pairing,
    Postponement,
)
from nattbok.bank.rules import by_hand, posting, suggestion
from nattbok.bank.rules.by_hand import Part, Rest
from nattbok.bank.rules.shape import Match, Payment
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.desk.actions import close
from nattbok.ledger.models import Account, Books, Entry, Line
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import OpenItem
from nattbok.trail.actions import act
from nattbok.trail.rules import means

PAID = means("bank.hand.paid", _("{count} bank lines were matched with {items} open items by hand"))
SPLIT = means("bank.hand.split", _("A bank line of {amount} was posted in {parts} parts by hand"))
MOVED = means("bank.hand.moved", _("A bank line of {amount} was posted as moved between own accounts"))
PAIRED = means("bank.hand.paired", _("{count} bank lines were paired with {lines} lines in the books"))
PROVEN = means("bank.paired", _("{count} bank lines were paired with the books: certainly the same money"))
PUT_OFF = means("bank.hand.postponed", _("A bank line was put off: {note}"))
ASKED_CLIENT = means("bank.hand.asked", _("The client was asked about a bank line: {note}"))
ACCEPTED = means("bank.hand.accepted", _("Suggestion {place} for a bank line of {amount} was accepted"))
KINDS = (ACCEPTED, PAID, SPLIT, MOVED, PAIRED, PUT_OFF, ASKED_CLIENT)


class NoSuchLine(Refused):
    """The bank line is not this client's."""

    message = _("There is no such bank line.")


class NoNote(Refused):
    """What is put off is explained, to whoever takes it up again."""

    message = _("Say why it is put off.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for a part of a bank line; as `Part`, with the open item by its id."""

    amount: Decimal | None = None
    item: int | None = None
    account: str = ""
    vat_code: str = ""
    text: str = ""
    party: int | None = None


@transaction.atomic
def pay(
    client: Client,
    movements: Sequence[int],
    items: Mapping[int, Decimal | None],
    *,
    by: str,
    rest: Rest = Rest.NONE,
) -> int:
    """Let bank lines pay open items (item → how much of it, None for all); the deed's act."""
    payments = _waiting(client, movements)
    chosen = _items(client, items)
    matches = by_hand.pay(
        payments, [(chosen[pk], amount) for pk, amount in items.items()], rest=rest, law=_law(client)
    )
    deed = _deed(client, PAID, by, payments, count=len(payments), items=len(chosen), rest=rest.value)
    _settle(client, matches, deed, by)
    return deed


@transaction.atomic
def split(client: Client, movement: int, choices: Sequence[Choice], *, by: str) -> int:
    """Post a bank line over items, accounts and parties; the deed's act. A voucher is a split in one part."""
    (payment,) = _waiting(client, [movement])
    chosen = _items(client, [choice.item for choice in choices if choice.item is not None])
    parts = [_part(client, choice, chosen) for choice in choices]
    match = by_hand.split(payment, parts, law=_law(client))
    deed = _deed(client, SPLIT, by, [payment], amount=str(payment.amount), parts=len(parts))
    _settle(client, [match], deed, by)
    return deed


def voucher(
    client: Client,
    movement: int,
    *,
    account: str,
    by: str,
    vat_code: str = "",
    text: str = "",
    party: int | None = None,
) -> int:
    """Post a whole bank line on one account, with its VAT code and text, or on a party's ledger."""
    return split(client, movement, [Choice(None, None, account, vat_code, text, party)], by=by)


@transaction.atomic
def transfer(
    client: Client, movement: int, *, by: str, other: int | None = None, account: int | None = None
) -> int:
    """Post a bank line as moved to or from another own account; the deed's act.

    `other` is the line on that account, when the bank has told of it: the two meet. Otherwise `account`
    says which it is, and its line is paired when it comes.
    """
    if other == movement:
        raise by_hand.NotATransfer()
    payments = _waiting(client, [movement, *([other] if other else [])])
    payment = payments[0]
    meets = payments[1] if other else None
    if meets is not None:
        account = meets.bank_account
        if meets.amount != -payment.amount or meets.waits_for == "currency":
            raise by_hand.NotATransfer()
    to = BankAccount.objects.select_related("account").filter(client=client, pk=account).first()
    if to is None or to.pk == payment.bank_account or to.currency != client.currency:
        raise by_hand.NotATransfer()
    match = by_hand.transfer(payment, to=to.account.number, text=to.title)
    deed = _deed(client, MOVED, by, payments, amount=str(payment.amount))
    _settle(client, [match], deed, by)
    if meets is not None:
        line = Line.objects.get(
            client=client, entry__act__evidence__deed=deed, account=to.account, entry__act__by=by
        )
        _pair(client, to.pk, [meets.id], [line.pk], deed)
        close(client, [posting.origin(meets.id)], by=by)
    return deed


@transaction.atomic
def pair(client: Client, movements: Sequence[int], lines: Sequence[int], *, by: str) -> int:
    """Say that bank lines and lines already in the books are the same money; the deed's act."""
    payments = _waiting(client, movements)
    deed = _deed(client, PAIRED, by, payments, count=len(payments), lines=len(set(lines)))
    _pair_checked(client, payments, lines, deed)
    close(client, [posting.origin(one.id) for one in payments], by=by)
    return deed


def _pair_checked(client: Client, payments: Sequence[Payment], lines: Sequence[int], deed: int) -> None:
    if not payments or not lines:
        raise by_hand.NothingChosen()
    accounts = {one.bank_account for one in payments}
    if len(accounts) != 1:
        raise by_hand.NotPairable()
    (pk,) = accounts
    account = BankAccount.objects.get(client=client, pk=pk)
    found = list(
        Line.objects.filter(client=client, pk__in=set(lines), account=account.account_id)
        .exclude(pk__in=PairedLine.objects.filter(client=client, is_live=True).values("line_id"))
        .exclude(entry__reverses__isnull=False)
        .exclude(entry__in=Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id"))
        .values_list("pk", "amount", "currency_amount", "entry__origin")
    )
    if len(found) != len(set(lines)) or _answering(client, account, [one[3] for one in found]):
        raise by_hand.NotPairable()
    is_foreign = account.currency != client.currency
    books = sum((foreign if is_foreign else own for _pk, own, foreign, _origin in found), ZERO)
    bank = sum((one.amount for one in payments), ZERO)
    if books != bank:
        raise by_hand.DoesNotPair(bank=bank, books=books)
    _pair(client, account.pk, [one.id for one in payments], [one[0] for one in found], deed)


def _answering(client: Client, account: BankAccount, origins: Sequence[str]) -> bool:
    """Whether one of these entries was made from a bank line of the account itself."""
    made_from = [
        int(origin[9:]) for origin in origins if origin.startswith("movement:") and origin[9:].isdigit()
    ]
    return Movement.objects.filter(
        client=client, pk__in=made_from, account__account_id=account.account_id
    ).exists()


def _pair(client: Client, account: int, movements: Sequence[int], lines: Sequence[int], deed: int) -> None:
    pairing = Pairing.objects.create(client=client, account_id=account, act_id=deed)
    bulk.insert(
        PairedMovement,
        {
            "client_id": [client.pk] * len(movements),
            "pairing_id": [pairing.pk] * len(movements),
            "movement_id": list(movements),
            "is_live": [True] * len(movements),
        },
    )
    bulk.insert(
        PairedLine,
        {
            "client_id": [client.pk] * len(lines),
            "pairing_id": [pairing.pk] * len(lines),
            "line_id": list(lines),
            "is_live": [True] * len(lines),
        },
    )


@transaction.atomic
def pair_proven(
    client: Client,
    groups: Sequence[tuple[Sequence[int], Sequence[int]]],
    *,
    by: str,
    night: int | None = None,
) -> int:
    """Pair bank lines with the lines in the books that have their day and amount; how many were paired.

    Called by the reconciliation, which has proven that the day is at zero with them and that both sides
    have as many. A line that waits for a person, because it was taken back, is left to them.
    """
    there = {
        one.id: one
        for one in queries.unsettled(client, [pk for movements, _lines in groups for pk in movements])
        if not one.waits_for
    }
    groups = [(movements, lines) for movements, lines in groups if all(pk in there for pk in movements)]
    if not groups:
        return 0
    count = sum(len(movements) for movements, _lines in groups)
    deed = act(
        client, PROVEN, by, night=night, count=count,
        pairs=[{"movements": list(movements), "lines": list(lines), "amount": str(there[movements[0]].amount)}
               for movements, lines in groups],
    )  # fmt: skip
    for movements, lines in groups:
        _pair_checked(client, [there[pk] for pk in movements], lines, deed)
    close(
        client, [posting.origin(pk) for movements, _lines in groups for pk in movements], by=by, night=night
    )
    return count


@transaction.atomic
def postpone(
    client: Client, movement: int, *, note: str, by: str, until: date | None = None, is_asked: bool = False
) -> int:
    """Put a bank line off with a note, perhaps until a day; or note that the client was asked about it."""
    (payment,) = _waiting(client, [movement])
    note = " ".join(note.replace("\0", "").split())[:500]
    if not note:
        raise NoNote()
    deed = _deed(
        client, ASKED_CLIENT if is_asked else PUT_OFF, by, [payment],
        note=note, until=None if until is None else str(until),
    )  # fmt: skip
    Postponement.objects.filter(client=client, movement=movement, ended_by__isnull=True).update(ended_by=deed)
    Postponement.objects.create(
        client=client, movement_id=movement, note=note, until=until, is_asked=is_asked, act_id=deed
    )
    return deed


@transaction.atomic
def accept(client: Client, movement: int, place: int, *, by: str) -> int:
    """Say yes to a suggestion: the one at `place`, from 0, in the line's open question; the deed's act.

    0 when the answer was to let the robot go on, or to post it again as it was: that is no deed of its own.
    """
    (payment,) = _waiting(client, [movement])
    found = queries.candidates(client, movement)
    if not 0 <= place < len(found):
        raise by_hand.NothingChosen()
    answer = found[place]
    if answer.get("do") != "settle":
        undoing.answer(client, posting.origin(movement), answer, by=by)
        return 0
    ids = [int(item) for item, _amount in answer.get("pays", ()) if str(item).isdigit()]
    said = suggestion.match_of(payment, answer, {item.id: item for item in open_items(client, ids=ids)})
    deed = _deed(client, ACCEPTED, by, [payment], amount=str(payment.amount), place=place + 1)
    _settle(client, [said], deed, by, answer=answer)
    return deed


def _law(client: Client):
    return country(client.country)


def _waiting(client: Client, movements: Sequence[int]) -> list[Payment]:
    """The bank lines, which must be waiting, in the order asked for; nobody else answers meanwhile."""
    Books.objects.select_for_update().get(client=client)
    wanted = list(dict.fromkeys(movements))
    if not wanted:
        raise by_hand.NothingChosen()
    there = {one.id: one for one in queries.unsettled(client, wanted)}
    if any(pk not in there for pk in wanted):
        if Movement.objects.filter(client=client, pk__in=wanted).count() < len(wanted):
            raise NoSuchLine()
        raise by_hand.AlreadyAnswered()
    return [there[pk] for pk in wanted]


def _items(client: Client, wanted: Sequence[int] | Mapping[int, object]) -> dict[int, OpenItem]:
    found = {item.id: item for item in open_items(client, ids=list(wanted))}
    if any(pk not in found for pk in wanted):
        raise by_hand.NothingChosen()
    return found


def _part(client: Client, choice: Choice, items: Mapping[int, OpenItem]) -> Part:
    account = choice.account
    if choice.party and not account:
        control = (
            Account.objects.filter(client=client, control__in=["customer", "supplier"])
            .filter(control__in=queries.kind_of_party(client, choice.party))
            .order_by("number")
            .first()
        )
        account = control.number if control else ""
    return Part(
        choice.amount,
        items.get(choice.item) if choice.item is not None else None,
        account,
        choice.vat_code,
        choice.text,
        choice.party or 0,
    )


def _deed(client: Client, kind: str, by: str, payments: Sequence[Payment], **evidence: object) -> int:
    """The act that a whole deed is taken back by; the acts of its entries name it."""
    return act(
        client, kind, by,
        movements=[one.id for one in payments],
        accounts=sorted({one.bank_account for one in payments}),
        about=[{"date": str(one.booked_on), "amount": str(one.amount), "payer": one.payer_name}
               for one in payments[:20]],
        **evidence,
    )  # fmt: skip


def _settle(client: Client, matches: Sequence[Match], deed: int, by: str, answer: dict | None = None) -> None:
    ids = [one.payment.id for one in matches]
    Movement.objects.filter(client=client, pk__in=ids, waits_for=undoing.UNDONE).update(waits_for="")
    matching.settle(
        client,
        [replace(one, evidence=one.evidence | {"deed": deed}) for one in matches],
        by=by,
        answer=answer,
    )
    # Whoever left a rest on an account has answered what the robot would ask about it.
    close(client, [f"rest:{pk}" for pk in ids], by=by)
    Postponement.objects.filter(client=client, movement__in=ids, ended_by__isnull=True).update(ended_by=deed)

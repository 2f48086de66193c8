"""Drafting payments: from the suppliers' open items, and as other departments ask for them."""

import datetime
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.bank.models import BankAccount, Payment, PaymentItem
from nattbok.bank.queries.payments import deciding
from nattbok.bank.queries.payments.rights import may_prepare, visible_kinds
from nattbok.bank.rules.payments import Kind
from nattbok.bank.rules.payments import proposal as rules
from nattbok.bank.rules.payments.proposal import Left, Wanted, account_kind, pay_on
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.ledger.models import Account, Books
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import PartyKind, check_amount
from nattbok.trail.actions import act
from nattbok.trail.rules import means

PROPOSED = means("bank.payments_proposed", _("{count} payments were proposed, due through {through}"))
ADDED = means("bank.payments_added", _("{count} payments were entered ({what})"))

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ID_LENGTH = 22  # 110 bits: the same id is never made twice, also when a database is brought back from a copy


class MayNotPrepare(Refused):
    """A person who only reads these books, or may not see this kind of payment."""

    message = _("You have no right to prepare these payments.")


class NoBankAccount(Refused):
    """There is nothing to pay from."""

    message = _("The client has no bank account that can be paid from.")


class ItemBusy(Refused):
    """One item, one payment under way."""

    message = _("{number} is already in a payment that is under way.")


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that somebody asks for: a salary, a tax, or what a person enters.

    It pays open items (id, positive amount), or is posted on a plain account, `against`. `payee` says
    lastingly who it is: party:12, employee:7, tax:NO. Amounts are positive, in the bank account's currency.
    """

    kind: Kind
    payee: str
    payee_name: str
    payee_account: str
    amount: Decimal
    pay_on: datetime.date
    items: tuple[tuple[int, Decimal], ...] = ()
    against: str = ""  # an account's number
    party: int | None = None
    reference: str = ""
    message: str = ""
    payee_country: str = ""
    payee_bic: str = ""
    from_account: int | None = None
    invoices: tuple = field(default=())


@dataclass(frozen=True, slots=True)
class Proposed:
    """The payments that were drafted, and what was left for a person."""

    payments: tuple[int, ...]
    left: tuple[Left, ...]


def check_may(client: Client, person: Person | None, kinds: Iterable[Kind] = ()) -> None:
    """MayNotPrepare unless the person may prepare all these kinds; None is the robot, which may."""
    if person is None:
        return
    if not may_prepare(client, person) or set(kinds) - set(visible_kinds(client, person)):
        raise MayNotPrepare()


@transaction.atomic
def propose(
    client: Client,
    wanted: Wanted,
    *,
    by: str,
    today: datetime.date,
    person: Person | None = None,
    from_account: int | None = None,
    night: int | None = None,
    also_rejected: bool = True,
) -> Proposed:
    """Draft payments for what the suppliers are owed and is wanted. Run again it drafts nothing twice.

    Nothing is approved. With `also_rejected` False what the bank sent back is left until a person looks.
    """
    check_may(client, person)
    Books.objects.select_for_update().get(client=client)  # one at a time in a client's books
    account = _from(client, from_account)
    if account is None:
        raise NoBankAccount()
    law = country(client.country)
    items = open_items(client, kind=PartyKind.SUPPLIER)
    busy = deciding.busy(client, also_rejected=not also_rejected)
    waiting = [item for item in items if item.left < 0 and item.id not in busy]
    found = rules.propose(
        items,
        wanted,
        payees=deciding.payees(client),
        billed=deciding.billed(client, waiting),
        busy=busy,
        references=law.references,
        currency=account.currency,
        country=client.country,
        today=today,
        bank_day=law.next_bank_day,
    )
    if not found.drafts:
        return Proposed((), found.left)
    deed = act(
        client, PROPOSED, by, night=night, count=len(found.drafts), through=str(wanted.through),
        total=str(sum((draft.amount for draft in found.drafts), ZERO)),
    )  # fmt: skip
    return Proposed(
        tuple(_insert(client, account, [_of(draft) for draft in found.drafts], deed, person)), found.left
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A payment about to be inserted."""

    order: Order
    due_on: datetime.date | None
    discount: Decimal
    account_check: str


def _of(draft: rules.Draft) -> _Row:
    order = Order(
        kind=Kind.SUPPLIER,
        payee=f"party:{draft.party}",
        payee_name=draft.payee_name,
        payee_account=draft.account,
        amount=draft.amount,
        pay_on=draft.pay_on,
        items=draft.items,
        party=draft.party,
        reference=draft.reference,
        message=draft.message,
        payee_country=draft.payee_country,
        invoices=draft.invoices,
    )
    return _Row(order, draft.due_on, draft.discount, draft.account_check)


@transaction.atomic
def add_payments(
    client: Client,
    orders: Sequence[Order],
    *,
    by: str,
    today: datetime.date,
    person: Person | None = None,
    night: int | None = None,
) -> list[int]:
    """Draft payments that a department or a person asks for; their ids, in the same order.

    A payee that was never paid to this account must be confirmed by a second person before it goes. The day
    is moved to a bank day, never to an earlier one.
    """
    if not orders:
        return []
    check_may(client, person, {order.kind for order in orders})
    Books.objects.select_for_update().get(client=client)
    law = country(client.country)
    busy = deciding.busy(client)
    numbers = {item: number for order in orders for item, number in order.items}
    for item in numbers:
        if item in busy:
            raise ItemBusy(number=item)
    kinds = sorted({order.kind.value for order in orders})
    deed = act(client, ADDED, by, night=night, count=len(orders), what=", ".join(kinds))
    payees = deciding.payees(client) if any(order.party for order in orders) else {}
    rows, accounts = [], {}
    for order in orders:
        check_amount(order.amount)
        account = accounts.setdefault(order.from_account, _from(client, order.from_account))
        if account is None:
            raise NoBankAccount()
        known = law.normal_account(order.payee_account) or order.payee_account
        payee = payees.get(order.party or 0) or rules.Payee(
            paid_before=deciding.paid_before(client, order.payee)
        )
        day = pay_on(order.pay_on, today=today, bank_day=law.next_bank_day)
        rows.append(
            (account, _Row(_with(order, known, day), order.pay_on, ZERO, rules.account_check(known, payee)))
        )
    ids: list[int] = []
    for account, row in rows:
        ids += _insert(client, account, [row], deed, person)
    return ids


def _with(order: Order, account: str, day: datetime.date) -> Order:
    return Order(
        **{name: getattr(order, name) for name in Order.__slots__} | {"payee_account": account, "pay_on": day}
    )


def _from(client: Client, chosen: int | None) -> BankAccount | None:
    """The account to pay from: the chosen one, else the one on the country's usual ledger account."""
    rows = BankAccount.objects.filter(client=client, is_active=True)
    if chosen is not None:
        return rows.filter(pk=chosen).first()
    own = rows.filter(currency=client.currency)
    usual = own.filter(account__number=country(client.country).accounts.bank)
    return usual.order_by("pk").first() or own.order_by("pk").first()


def _insert(
    client: Client, account: BankAccount, rows: Sequence[_Row], deed: int, person: Person | None
) -> list[int]:
    ids, moment = bulk.ids(Payment, len(rows)), timezone.now()
    against = dict(
        Account.objects.filter(
            client=client, number__in={row.order.against for row in rows} - {""}
        ).values_list("number", "pk")
    )
    orders = [row.order for row in rows]
    bulk.insert(
        Payment,
        {
            "id": ids,
            "client_id": [client.pk] * len(rows),
            "kind": [order.kind.value for order in orders],
            "account_id": [account.pk] * len(rows),
            "party_id": [order.party for order in orders],
            "payee": [order.payee for order in orders],
            "payee_name": [order.payee_name for order in orders],
            "payee_account": [order.payee_account for order in orders],
            "payee_account_kind": [_kind(order) for order in orders],
            "payee_country": [order.payee_country or _country(client, order) for order in orders],
            "payee_bic": [order.payee_bic for order in orders],
            "amount": [order.amount for order in orders],
            "currency": [account.currency] * len(rows),
            "discount": [row.discount for row in rows],
            "reference": [order.reference for order in orders],
            "message": [order.message for order in orders],
            "invoices": [
                [[one.number, str(one.amount), one.is_credit_note] for one in order.invoices]
                for order in orders
            ],
            "against_id": [against[order.against] if order.against else None for order in orders],
            "due_on": [row.due_on for row in rows],
            "pay_on": [order.pay_on for order in orders],
            "end_to_end_id": [end_to_end_id() for _row in rows],
            "state": ["drafted"] * len(rows),
            "is_held": [False] * len(rows),
            "note": [""] * len(rows),
            "account_check": [row.account_check for row in rows],
            "entered_by": [[person.pk] if person else [] for _row in rows],
            "payment_info_id": [""] * len(rows),
            "created_at": [moment] * len(rows),
            "act_id": [deed] * len(rows),
        },
    )
    pairs = [
        (pk, item, amount) for pk, order in zip(ids, orders, strict=True) for item, amount in order.items
    ]
    bulk.insert(
        PaymentItem,
        {
            "client_id": [client.pk] * len(pairs),
            "payment_id": [pk for pk, _item, _amount in pairs],
            "item_id": [item for _pk, item, _amount in pairs],
            "amount": [amount for _pk, _item, amount in pairs],
            "is_live": [True] * len(pairs),
        },
    )
    return ids


def _kind(order: Order) -> str:
    kind = account_kind(order.payee_account)
    return kind.value if kind else ""


def _country(client: Client, order: Order) -> str:
    kind = account_kind(order.payee_account)
    return order.payee_account[:2] if kind and kind.value == "IBAN" else client.country


def end_to_end_id() -> str:
    """A fresh EndToEndId: random, so that it is unique for ever whatever becomes of the database."""
    return "NB" + "".join(secrets.choice(LETTERS) for _place in range(ID_LENGTH))

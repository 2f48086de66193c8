"""What proposing, checking and freezing payments needs to know. One statement for all, never one for each."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules.payments.checks import Checked, Paid, Trouble, troubles
from nattbok.bank.rules.payments.content import Debtor, Frozen
from nattbok.bank.rules.payments.proposal import Discount, Payee
from nattbok.bank.rules.payments.states import AT_THE_BANK, ON_THE_WAY, Kind, State
from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.known import read_any
from nattbok.formats.payment.shape import AccountKind, PaidInvoice
from nattbok.ledger.models import Entry, Party, PartyAccount
from nattbok.ledger.queries import unreversed
from nattbok.ledger.rules import OpenItem

REMEMBERED = timedelta(days=400)  # so long back a payment may be the double of another
READ_AT_MOST = 5_000_000  # bytes of a bill
_SIGNS = re.compile(r"[^0-9A-Za-z]")


def settled(client: Client, payments: Collection[int]) -> dict[int, int]:
    """Payment → the movement that executed it, of those whose movement stands in the books."""
    rows = list(
        models.PaymentExecution.objects.filter(client=client, payment_id__among=list(payments)).values_list(
            "payment_id", "movement_id"
        )
    )
    standing = unreversed(client, [f"movement:{movement}" for _payment, movement in rows])
    paired = set(
        models.PairedMovement.objects.filter(
            client=client, is_live=True, movement_id__among=[movement for _payment, movement in rows]
        ).values_list("movement_id", flat=True)
    )
    return {
        payment: movement
        for payment, movement in rows
        if f"movement:{movement}" in standing or movement in paired
    }


def busy(client: Client, *, also_rejected: bool = False) -> set[int]:
    """The open items that a payment under way pays; with those the bank rejected and nobody has looked at.

    Also those of a payment that was executed and whose posting was taken back: the money has left.
    """
    live = models.PaymentItem.objects.filter(client=client, payment__state__in=[s.value for s in ON_THE_WAY])
    rows = list(live.values_list("item_id", "payment_id", "payment__state"))
    done = settled(client, {payment for _item, payment, state in rows if state in AT_THE_BANK})
    found = {item for item, payment, _state in rows if payment not in done}
    if also_rejected:
        rejected = models.PaymentItem.objects.filter(
            client=client, payment__state__in=[State.REJECTED.value, State.RETURNED.value]
        )
        found |= set(rejected.values_list("item_id", flat=True))
    return found


def payees(client: Client) -> dict[int, Payee]:
    """Party → the accounts it may be paid to, and those it was paid to before."""
    accounts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for party, number, confirmed in PartyAccount.objects.filter(client=client).values_list(
        "party_id", "number", "confirmed"
    ):
        accounts[party].append((number, confirmed))
    before: dict[int, set[str]] = defaultdict(set)
    for payee, account in _paid_before(client):
        kind, _colon, pk = payee.partition(":")
        if kind == "party":
            before[int(pk)].add(account)
    terms = {
        party: (None if percent is None else Discount(percent, days), pay_to, is_held)
        for party, percent, days, pay_to, is_held in models.SupplierTerms.objects.filter(
            client=client
        ).values_list("party_id", "percent", "days", "pay_to", "is_held")
    }
    return {
        pk: Payee(tuple(accounts[pk]), frozenset(before[pk]), land, *terms.get(pk, ()))
        for pk, land in Party.objects.filter(client=client, kind="supplier").values_list("pk", "country")
    }


def paid_before(client: Client, payee: str) -> frozenset[str]:
    """The accounts that a payee (employee:7) was paid to by payments that the bank executed."""
    return frozenset(account for one, account in _paid_before(client) if one == payee)


def _paid_before(client: Client) -> set[tuple[str, str]]:
    executed = models.PaymentExecution.objects.filter(client=client).values("payment_id")
    rows = models.Payment.objects.filter(client=client, pk__in=executed).exclude(state=State.RETURNED.value)
    return set(rows.values_list("payee", "payee_account").distinct())


def billed(client: Client, items: Iterable[OpenItem]) -> dict[int, str]:
    """Item → the account its bill asks to be paid to, as the kept file says it, in normal form.

    Nothing for an item whose file is not a bill that programs read, or names several accounts.
    """
    entries = {item.entry: item.id for item in items}
    rows = Entry.objects.filter(client=client, pk__among=list(entries), file__isnull=False)
    by_file = {file: entries[entry] for entry, file in rows.values_list("pk", "file_id")}
    law, found = country(client.country), {}
    for file in File.objects.filter(client=client, pk__in=list(by_file), size__lte=READ_AT_MOST):
        if account := _asked(law, file):
            found[by_file[file.pk]] = account
    return found


def _asked(law: Country, file: File) -> str:
    if not file.format:
        return ""
    try:
        content = read_any(files.data(file)).content
    except (Unreadable, files.Damaged):
        return ""
    if not isinstance(content, Invoice):
        return ""
    accounts = set()
    for means in content.payment_means:
        giro = (means.branch or "").upper().partition(":")[2]
        if means.account:
            known = law.normal_account(f"{giro}{means.account}") or law.normal_account(means.account)
            accounts.add(known or giro + _SIGNS.sub("", means.account).upper())
    return accounts.pop() if len(accounts) == 1 else ""


def funds(client: Client, kinds: Collection[Kind] = tuple(Kind)) -> dict[int, tuple[Decimal, date | None]]:
    """Bank account → what is on it as far as is known, and through which day the bank's statements have come.

    The latest statement's closing balance and what was reported since, less the payments of these kinds that
    are on their way to the bank. An account without a statement is not among them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (account_id) account_id, ends_on, closing FROM bank_statement
            WHERE client_id = %s AND kind = 'statement' AND NOT is_held
                AND closing IS NOT NULL AND ends_on IS NOT NULL
            ORDER BY account_id, ends_on DESC, id DESC
            """,
            [client.pk],
        )
        closed = {account: (ends_on, closing) for account, ends_on, closing in cursor.fetchall()}
        cursor.execute(
            """
            SELECT account_id, booked_on, sum(amount) FROM bank_movement
            WHERE client_id = %s AND part_of_id IS NULL AND booked_on >= %s GROUP BY 1, 2
            """,
            [client.pk, min((ends_on for ends_on, _closing in closed.values()), default=date.max)],
        )
        since: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for account, booked_on, amount in cursor.fetchall():
            if account in closed and booked_on > closed[account][0]:
                since[account] += amount
    gone = models.Payment.objects.filter(
        client=client,
        state__in=[state.value for state in AT_THE_BANK],
        kind__in=[kind.value for kind in kinds],
    )
    rows = list(gone.values_list("pk", "account_id", "amount"))
    done = settled(client, [pk for pk, _account, _amount in rows])
    for pk, account, amount in rows:
        if pk not in done:
            since[account] -= amount
    return {account: (closing + since[account], on) for account, (on, closing) in closed.items()}


def checks(client: Client, payments: Collection[int] | None = None) -> dict[int, list[Trouble]]:
    """Drafted payment → all that is wrong with it, seen beside everything else that is paid."""
    law = country(client.country)
    rows = checked(client)
    asked = {
        pk
        for pk, (_row, state) in rows.items()
        if state == State.DRAFTED.value and (payments is None or pk in payments)
    }
    others = [
        row for row, state in rows.values() if state not in (State.REJECTED, State.CANCELLED, State.RETURNED)
    ]
    near: dict[tuple, list[Checked]] = defaultdict(list)
    for row in others:
        near[row.amount, row.currency].append(row)
    return {
        pk: troubles(
            rows[pk][0],
            near[rows[pk][0].amount, rows[pk][0].currency],
            references=law.references,
            normal_account=law.normal_account,
        )
        for pk in sorted(asked)
    }


def checked(client: Client) -> dict[int, tuple[Checked, str]]:
    """Every payment under way or done lately as the checks see it, with its state."""
    latest = (
        models.Payment.objects.filter(client=client)
        .order_by("-pay_on")
        .values_list("pay_on", flat=True)
        .first()
    )
    rows = models.Payment.objects.filter(
        client=client, pay_on__gte=(latest or date.max) - REMEMBERED
    ).select_related("account")
    items: dict[int, list[Paid]] = defaultdict(list)
    drafted = models.PaymentItem.objects.filter(client=client, payment__state=State.DRAFTED.value)
    for payment, number, amount, left, on_hold in drafted.values_list(
        "payment_id", "item__number", "amount", "item__left", "item__on_hold"
    ):
        items[payment].append(Paid(number, amount, -left, on_hold))
    return {
        row.pk: (
            Checked(
                row.pk,
                row.payee,
                row.payee_name,
                row.payee_account,
                AccountKind(row.payee_account_kind) if row.payee_account_kind else None,
                row.amount,
                row.currency,
                row.account.currency,
                row.pay_on,
                row.reference,
                row.message,
                _invoices(row.invoices),
                tuple(items[row.pk]),
                row.is_held,
                row.note,
                row.account_check,
                row.confirmed_by_id is not None,
            ),
            row.state,
        )
        for row in rows
    }


def _invoices(rows: list) -> tuple[PaidInvoice, ...]:
    return tuple(PaidInvoice(number, Decimal(amount), is_credit) for number, amount, is_credit in rows)


def frozen(client: Client, payments: Collection[int]) -> list[Frozen]:
    """The payments as they lie in the database now, as they are approved and written."""
    items: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for payment, item, amount in models.PaymentItem.objects.filter(
        client=client, payment_id__among=list(payments)
    ).values_list("payment_id", "item_id", "amount"):
        items[payment].append((item, amount))
    rows = models.Payment.objects.filter(client=client, pk__in=list(payments)).select_related("against")
    return [
        Frozen(
            row.end_to_end_id,
            Kind(row.kind),
            row.payee,
            row.payee_name,
            row.payee_account,
            AccountKind(row.payee_account_kind),
            row.payee_country,
            row.payee_bic,
            row.amount,
            row.currency,
            row.reference,
            row.message,
            _invoices(row.invoices),
            row.pay_on,
            row.against.number if row.against else "",
            tuple(sorted(items[row.pk])),
        )
        for row in rows.order_by("end_to_end_id")
    ]


def debtor(client: Client, account: models.BankAccount) -> Debtor:
    """The client as the payer from one of its accounts."""
    return Debtor(
        client.name,
        client.org_number,
        client.country,
        account.number,
        tuple(account.other_numbers),
        account.currency,
    )


def items_of(client: Client, payments: Collection[int]) -> list[tuple[int, Decimal]]:
    """What the payments pay: open item, and how much of it (negative of a credit note)."""
    rows = models.PaymentItem.objects.filter(client=client, payment_id__among=list(payments))
    return list(rows.values_list("item_id", "amount"))

"""Claims to decide on and to show."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.expenses.models import ExchangeRate, ExpenseClaim, ExpenseReceipt
from nattbok.expenses.rules import checking, entry
from nattbok.expenses.rules.shape import TITLES, Claim, Receipt, State
from nattbok.ledger.queries import open_items, unreversed
from nattbok.ledger.rules import PartyKind

POSTED, PAID = "posted", "paid"


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in a list. `state` is its own, or what the books say of it: posted, paid."""

    id: int
    person: int
    name: str
    purpose: str
    from_on: datetime.date | None
    to_on: datetime.date | None
    state: str
    is_returned: bool
    total: Decimal
    receipts: int
    begun_at: datetime.datetime
    handed_in_at: datetime.datetime | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt to show: what it says, what was read of it, and what it may be the double of."""

    receipt: Receipt
    key: str
    title: str  # of its category, marked
    sha256: str
    rate_source: str
    reading: dict
    lacks: tuple[Words, ...]
    alike: tuple[int, ...]  # claims with such a receipt
    vat_code: str
    deducted: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class ClaimDetail:
    """A claim whole."""

    row: ClaimRow
    claim: Claim
    receipts: tuple[ReceiptRow, ...]
    missing: tuple[Words, ...]
    returned_why: str
    returned_by: str
    sha256: str  # of the content that a yes is bound to
    act: int


def receipt_of(found: ExpenseReceipt) -> Receipt:
    """A receipt's row as the rules know it."""
    return Receipt(
        found.pk,
        found.category,
        found.shop,
        found.paid_on,
        found.currency,
        found.currency_amount,
        found.rate,
        found.rate_on,
        found.amount,
        found.vat,
        found.text,
        found.file_id,
        found.why_no_file,
        tuple(sorted(found.dimensions.items())),
    )


def _receipts(client: Client, claims_: Collection[int]) -> dict[int, list[ExpenseReceipt]]:
    found: dict[int, list[ExpenseReceipt]] = defaultdict(list)
    rows = ExpenseReceipt.objects.filter(client=client, claim__in=list(claims_), is_removed=False)
    for one in rows.select_related("file").order_by("paid_on", "pk"):
        found[one.claim_id].append(one)
    return found


def claim_of(found: ExpenseClaim, receipts: Iterable[ExpenseReceipt]) -> Claim:
    """A claim's row and its receipts as the rules know them."""
    return Claim(
        found.pk,
        found.person_id,
        str(found.person),
        found.purpose,
        found.from_on,
        found.to_on,
        found.account,
        tuple(receipt_of(one) for one in receipts),
    )


def kept_claim(client: Client, claim_id: int) -> tuple[Claim, dict[int, str]]:
    """A claim as the rules know it, and the SHA-256 of each of its files."""
    found = ExpenseClaim.objects.select_related("person").get(client=client, pk=claim_id)
    receipts = _receipts(client, [claim_id])[claim_id]
    return claim_of(found, receipts), {one.file_id: one.file.sha256 for one in receipts if one.file_id}


def claims(
    client: Client, *, person: int | None = None, states: Collection[str] = (), limit: int = 200
) -> list[ClaimRow]:
    """The client's claims, or one person's; those that wait first, then the newest."""
    found = ExpenseClaim.objects.filter(client=client).select_related("person")
    if person is not None:
        found = found.filter(person=person)
    if states:
        found = found.filter(state__in=list(states))
    return _rows(client, list(found.order_by("-pk")[:limit]))


def _rows(client: Client, found: list[ExpenseClaim]) -> list[ClaimRow]:
    receipts = _receipts(client, [one.pk for one in found])
    approved = [entry.origin(one.pk) for one in found if one.state == State.APPROVED.value]
    standing = unreversed(client, approved) if approved else {}
    numbers = [entry.number(int(origin.partition(":")[2])) for origin in standing]
    settled = {
        item.number
        for item in (open_items(client, kind=PartyKind.SUPPLIER, numbers=numbers) if numbers else ())
        if item.left == 0
    }
    rows = []
    for one in found:
        posted = standing.get(entry.origin(one.pk))
        state = one.state
        if posted is not None:
            state = PAID if entry.number(one.pk) in settled else POSTED
        mine = receipts.get(one.pk, [])
        rows.append(
            ClaimRow(
                one.pk,
                one.person_id,
                str(one.person),
                one.purpose,
                one.from_on,
                one.to_on,
                state,
                bool(one.returned_why) and one.state == State.OPEN.value,
                sum((receipt.amount or ZERO for receipt in mine), ZERO),
                len(mine),
                one.begun_at,
                one.handed_in_at,
                posted,
            )
        )
    return rows


def claim(client: Client, claim_id: int, *, today: datetime.date) -> ClaimDetail:
    """One claim whole; raises ExpenseClaim.DoesNotExist when it is not this client's."""
    found = ExpenseClaim.objects.select_related("person").get(client=client, pk=claim_id)
    (row,) = _rows(client, [found])
    kept = _receipts(client, [claim_id])[claim_id]
    whole, law = claim_of(found, kept), country(client.country)
    others = _others(client, whole)
    shown = []
    for place, one in enumerate(kept, start=1):
        receipt = receipt_of(one)
        lacks = checking.lacking(receipt, law=law, currency=client.currency, today=today)
        values = {"place": place, "shop": one.shop or "–"}
        code, deducted = checking.vat_code(receipt, law=law, currency=client.currency)
        category = law.expenses.get(one.category)
        alike = {other.id for other in checking.alike(receipt, [each for _claim, each in others])}
        shown.append(
            ReceiptRow(
                receipt,
                one.key,
                TITLES.get(one.category, ""),
                one.file.sha256 if one.file_id else "",
                one.rate_source,
                one.reading,
                tuple(Words(text, values) for text in lacks),
                tuple(sorted({claim_ for claim_, each in others if each.id in alike})),
                code,
                deducted,
                category.account if category else "",
            )
        )
    files = {one.file_id: one.file.sha256 for one in kept if one.file_id}
    return ClaimDetail(
        row,
        whole,
        tuple(shown),
        tuple(checking.missing(whole, law=law, currency=client.currency, today=today)),
        found.returned_why,
        found.returned_by,
        checking.print_of(whole, files),
        found.act_id,
    )


def _others(client: Client, whole: Claim) -> list[tuple[int, Receipt]]:
    """Receipts of the same days and amounts, of this claim and others, with their claims."""
    wanted = Q(pk__in=[])
    for one in whole.receipts:
        if one.paid_on is not None and one.paid is not None:
            wanted |= Q(paid_on=one.paid_on, currency_amount=one.paid)
    rows = ExpenseReceipt.objects.filter(wanted, client=client, is_removed=False).exclude(
        claim__state=State.WITHDRAWN.value
    )
    return [(one.claim_id, receipt_of(one)) for one in rows[:500]]


def open_claim(client: Client, person: int) -> int | None:
    """The claim that a person gathers receipts on, the latest begun."""
    found = ExpenseClaim.objects.filter(client=client, person=person, state=State.OPEN.value)
    return found.order_by("-pk").values_list("pk", flat=True).first()


def sent_before(client: Client, person: int, key: str) -> tuple[int, int] | None:
    """The claim and the receipt that the person's phone sent under this id, whatever became of the claim."""
    found = ExpenseReceipt.objects.filter(client=client, claim__person=person, key=key)
    return found.order_by("pk").values_list("claim_id", "pk").first()


def is_open(client: Client, person: int, claim: int) -> bool:
    """Whether the claim is the person's, and receipts can be added to it."""
    return ExpenseClaim.objects.filter(
        client=client, person=person, pk=claim, state=State.OPEN.value
    ).exists()


def last_account(client: Client, person: int) -> str:
    """The account that the person was last to be paid to."""
    found = ExpenseClaim.objects.filter(client=client, person=person).exclude(account="")
    return found.order_by("-pk").values_list("account", flat=True).first() or ""


def rates(client: Client, currency: str) -> list[tuple[datetime.date, Decimal, str]]:
    """The rates that were typed for a currency, each with its day and who says so, the latest first."""
    found = ExchangeRate.objects.filter(client=client, currency=currency).order_by("-on")
    return list(found.values_list("on", "rate", "source")[:400])


def latest_rates(client: Client) -> list[tuple[str, datetime.date, Decimal, str]]:
    """The newest rates that were typed: currency, day, rate and who says so."""
    found = ExchangeRate.objects.filter(client=client).order_by("-on", "currency")
    return list(found.values_list("currency", "on", "rate", "source")[:20])


def counts(client: Client, person: int) -> dict[str, int]:
    """How many claims wait: `handed_in` by others, for an approval; and the person's own that are `open`."""
    claims = ExpenseClaim.objects.filter(client=client)
    return claims.aggregate(
        handed_in=Count("pk", filter=Q(state=State.HANDED_IN.value) & ~Q(person=person)),
        open=Count("pk", filter=Q(state=State.OPEN.value, person=person)),
    )


def file_of(client: Client, file: int, *, person: int | None, approves: bool = False) -> int | None:
    """The claim that a picture is in; only the person's own, and those handed in to who `approves`.

    None as the person: any claim.
    """
    found = ExpenseReceipt.objects.filter(client=client, file=file)
    if person is not None:
        mine = Q(claim__person=person)
        found = found.filter(mine | ~Q(claim__state=State.OPEN.value) if approves else mine)
    return found.values_list("claim_id", flat=True).first()

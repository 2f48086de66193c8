"""A person gathers receipts on a claim, over days and from the phone, and hands it in when it is complete."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.approvals import actions as approvals
from nattbok.approvals.queries import policy as approval_policy
from nattbok.approvals.rules.policy import LIGHT
from nattbok.base.money import ORE, ZERO
from nattbok.base.plain import plain
from nattbok.base.words import _
from nattbok.base.written import NotAnAmount, ThousandsOrDecimals, read_amount, read_day, read_number
from nattbok.clients.models import Client, Person
from nattbok.countries.known import NotAnAccount, country
from nattbok.expenses import queries
from nattbok.expenses.models import ExchangeRate, ExpenseClaim, ExpenseReceipt
from nattbok.expenses.rules import checking, entry, shape
from nattbok.expenses.rules.shape import State
from nattbok.files.actions import keep
from nattbok.files.models import File
from nattbok.trail.actions import act
from nattbok.trail.rules import means

BEGUN = means("expenses.begun", _("An expense claim was begun"))
CHANGED = means("expenses.changed", _("An expense claim was changed"))
ADDED = means("expenses.receipt_added", _("A receipt was added to an expense claim"))
CORRECTED = means("expenses.receipt_changed", _("A receipt was changed"))
REMOVED = means("expenses.receipt_removed", _("A receipt was taken out of an expense claim"))
HANDED_IN = means("expenses.handed_in", _("An expense claim of {total} was handed in: {purpose}"))
WITHDRAWN = means("expenses.withdrawn", _("An expense claim was withdrawn"))
RATE_SET = means("expenses.rate_set", _("The rate of {currency} on {on} is {rate}, by {source}"))

KIND = "expenses"  # of approval
CAME_BY = "expense"
FORMAT = "receipt"  # so that no other department takes the file for a bill
LARGEST_AMOUNT = Decimal("99999999.99")
LENGTHS = {"shop": 200, "text": 200, "why_no_file": 200, "category": 20}


@dataclass(frozen=True, slots=True)
class Added:
    """A receipt that was added, and whether it was there already."""

    claim: int
    receipt: int
    is_repeat: bool


@transaction.atomic
def begin(client: Client, person: Person, *, key: str, purpose: str = "", by: str) -> int:
    """A claim of the person's, open for receipts; its id. Begun again with its key it is the same one."""
    there = ExpenseClaim.objects.filter(client=client, person=person, key=key[:64]).first()
    if there is not None:
        return there.pk
    claim, _is_new = ExpenseClaim.objects.get_or_create(
        client=client,
        person=person,
        key=key[:64],
        defaults={
            "purpose": plain(purpose, 200),
            "account": queries.last_account(client, person.pk),
            "begun_at": timezone.now(),
            "act_id": act(client, BEGUN, by, purpose=plain(purpose, 200)),
        },
    )
    return claim.pk


def mine(client: Client, claim: int, person: Person) -> ExpenseClaim:
    """The person's own open claim, locked; refused when it is not theirs, or handed in."""
    found = ExpenseClaim.objects.select_for_update(of=("self",)).filter(
        client=client, pk=claim, person=person
    )
    one = found.first()
    if one is None:
        raise shape.NotYourClaim()
    if one.state != State.OPEN.value:
        raise shape.ClaimClosed()
    return one


@transaction.atomic
def change(client: Client, claim: int, person: Person, values: Mapping[str, str], *, by: str) -> None:
    """Change what is given of a claim's purpose, from_on, to_on and account."""
    one = mine(client, claim, person)
    new: dict[str, object] = {}
    if "purpose" in values:
        new["purpose"] = plain(values["purpose"], 200)
    for name in ("from_on", "to_on"):
        if name in values:
            new[name] = read_day(values[name], near=timezone.localdate())
    if "account" in values:
        new["account"] = account(client, values["account"])
    old = {name: getattr(one, name) for name in new}
    changed = {name: value for name, value in new.items() if value != old[name]}
    if changed:
        deed = act(
            client, CHANGED, by, claim=claim,
            old={name: text(old[name]) for name in changed},
            new={name: text(value) for name, value in changed.items()},
        )  # fmt: skip
        ExpenseClaim.objects.filter(client=client, pk=claim).update(**changed, act_id=deed)


def text(value: object) -> str:
    """A value as evidence has it."""
    return "" if value is None else str(value)


def account(client: Client, written: str) -> str:
    """The account number in its normal form; blank stays blank."""
    written = plain(written, 60)
    if not written:
        return ""
    found = country(client.country).normal_account(written)
    if not found:
        raise NotAnAccount(number=written)
    return found


def number(written: str, refusal: type[shape.Refused], *, places: Decimal) -> Decimal | None:
    """A number as people write it: 1 234,50; blank is none. `refusal` when it is not positive and exact."""
    try:
        found = read_amount(written) if places == ORE else read_number(written)
    except ThousandsOrDecimals:
        raise
    except NotAnAmount as unread:
        raise refusal(written=written[:40]) from unread
    if found is None:
        return None
    if not 0 <= found <= LARGEST_AMOUNT or found != found.quantize(places):
        raise refusal(written=written[:40])
    return found.quantize(places)


@transaction.atomic
def add_receipt(
    client: Client,
    claim: int,
    person: Person,
    *,
    key: str,
    values: Mapping[str, str] | None = None,
    picture: tuple[str, bytes] | None = None,
    by: str,
) -> Added:
    """Add a receipt, with its picture (name, bytes) when there is one; sent twice with one key it is one.

    The bytes are kept unchanged before the row. The same picture in another claim is refused, and so is one
    that came as a document of the company.
    """
    one = mine(client, claim, person)
    there = ExpenseReceipt.objects.filter(client=client, claim=one, key=key[:64]).first()
    if there is not None:
        return Added(claim, there.pk, is_repeat=True)
    if ExpenseReceipt.objects.filter(client=client, claim=one).count() >= shape.MOST_RECEIPTS:
        raise shape.TooManyReceipts(most=shape.MOST_RECEIPTS)
    file = None
    if picture is not None:
        name, data = picture
        kept = keep(client, data, name=name, came_by=CAME_BY, format_name=FORMAT)
        file = kept.file
        same = _with_file(client, file)
        if same is not None and same.claim_id == claim:
            return Added(claim, same.pk, is_repeat=True)
        _check_file(file, same)
    made = ExpenseReceipt.objects.create(
        client=client, claim=one, key=key[:64], file=file, currency=client.currency
    )
    deed = act(
        client, ADDED, by, claim=claim, receipt=made.pk, sha256=file.sha256 if file else "", key=key[:64]
    )
    ExpenseClaim.objects.filter(client=client, pk=claim).update(act_id=deed)
    if values:
        change_receipt(client, claim, made.pk, person, values, by=by)
    return Added(claim, made.pk, is_repeat=False)


def _with_file(client: Client, file: File) -> ExpenseReceipt | None:
    found = ExpenseReceipt.objects.filter(client=client, file=file, is_removed=False)
    return found.select_related("claim", "claim__person").first()


def _check_file(file: File, same: ExpenseReceipt | None) -> None:
    if same is not None:
        claim = same.claim
        raise shape.ReceiptOfAnother(claim=f"{claim.person}: {claim.purpose or claim.pk}")
    if file.came_by != CAME_BY:
        raise shape.ReceiptIsADocument(date=file.received_at.date(), name=file.name)


@transaction.atomic
def change_receipt(
    client: Client, claim: int, receipt: int, person: Person, values: Mapping[str, str], *, by: str
) -> None:
    """Change what is given of a receipt; what follows from it, as the amount in kroner, is worked out anew.

    `values` are as people write them: category, shop, paid_on, currency, paid, rate, vat, text, why_no_file,
    project, department. The old and the new are kept in the act.
    """
    mine(client, claim, person)
    one = ExpenseReceipt.objects.get(client=client, claim=claim, pk=receipt, is_removed=False)
    before = _written(one)
    for name, longest in LENGTHS.items():
        if name in values:
            setattr(one, name, plain(values[name], longest))
    law = country(client.country)
    if one.category == shape.MILEAGE:
        raise shape.MileageIsPay()
    if one.category and one.category not in law.expenses:
        raise shape.UnknownCategory()
    if "paid_on" in values:
        one.paid_on = read_day(values["paid_on"], near=timezone.localdate())
    if "currency" in values:
        one.currency = _currency(values["currency"]) or client.currency
    if "paid" in values:
        one.currency_amount = number(values["paid"], shape.NotAReceiptAmount, places=ORE) or None
    if "vat" in values:
        one.vat = number(values["vat"], shape.NotAReceiptAmount, places=ORE) or ZERO
    for name in ("project", "department"):
        if name in values:
            one.dimensions = {key: code for key, code in one.dimensions.items() if key != name}
            if code := plain(values[name], 40):
                one.dimensions[name] = code
    _convert(client, one, values.get("rate"))
    if one.vat and one.amount is not None:
        checking.check_vat(one.amount, one.vat, law=law, on=one.paid_on or timezone.localdate())
    elif one.vat:
        one.vat = ZERO
    one.save()
    after = _written(one)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        deed = act(
            client, CORRECTED, by, claim=claim, receipt=receipt,
            old={name: before[name] for name in changed}, new={name: after[name] for name in changed},
        )  # fmt: skip
        ExpenseClaim.objects.filter(client=client, pk=claim).update(act_id=deed)


def _currency(written: str) -> str:
    found = "".join(written.split()).upper()
    if found and not (len(found) == 3 and found.isascii() and found.isalpha()):
        raise shape.NotACurrency(written=written[:10])
    return found


def _convert(
    client: Client,
    one: ExpenseReceipt,
    typed: str | None,
    rates: Sequence[tuple[datetime.date, Decimal, str]] | None = None,
) -> None:
    """The amount in the client's currency: as typed, by the kept rate of the day, or not known yet.

    `rates` are those kept for its currency, for whoever has read them for several receipts.
    """
    if one.currency in ("", client.currency):
        one.rate, one.rate_on, one.rate_source = None, None, ""
        one.amount = one.currency_amount
        return
    one.vat = ZERO  # another country's VAT is cost
    rate = number(typed, shape.NotARate, places=Decimal("0.00000001")) if typed is not None else None
    if rate:
        one.rate, one.rate_on, one.rate_source = rate, one.paid_on, "typed"
    elif one.paid_on is not None and one.rate_source != "typed":
        kept = rates if rates is not None else queries.rates(client, one.currency)
        found = checking.rate_of(kept, one.paid_on)
        one.rate_on, one.rate, one.rate_source = found or (None, None, "")
    known = one.rate is not None and one.currency_amount is not None
    one.amount = checking.converted(one.currency_amount, one.rate) if known else None
    if one.amount is not None and one.amount <= 0:
        raise shape.NotAReceiptAmount(written=str(one.currency_amount))


def _written(one: ExpenseReceipt) -> dict[str, str]:
    names = ("category", "shop", "paid_on", "currency", "currency_amount", "rate", "amount", "vat", "text")
    found = {name: text(getattr(one, name)) for name in (*names, "why_no_file")}
    return found | {"dimensions": ", ".join(f"{key} {code}" for key, code in sorted(one.dimensions.items()))}


@transaction.atomic
def keep_reading(
    client: Client, claim: int, receipt: int, person: Person, reading: Mapping, *, by: str
) -> None:
    """Keep what was read of a receipt, and fill in what the person has not: shop, day, amount, VAT, currency.

    `reading` is {field: {"value", "confidence", …}}, by the names of nattbok.reading. What cannot be taken in
    is left for the person to type.
    """
    mine(client, claim, person)
    one = ExpenseReceipt.objects.get(client=client, claim=claim, pk=receipt, is_removed=False)
    ExpenseReceipt.objects.filter(pk=one.pk).update(reading=dict(reading))
    given = {
        ours: str(reading[theirs]["value"])
        for ours, theirs in (
            ("shop", "supplier_name"),
            ("paid_on", "issue_date"),
            ("currency", "currency"),
            ("paid", "total"),
            ("vat", "vat_total"),
        )
        if theirs in reading and not _is_typed(client, one, ours)
    }
    for name in ("currency", "paid", "shop", "paid_on", "vat"):
        if name not in given:
            continue
        try:
            with transaction.atomic():
                change_receipt(client, claim, receipt, person, {name: given[name]}, by=by)
        except shape.Refused:
            continue  # read wrongly: the person types it


def _is_typed(client: Client, one: ExpenseReceipt, name: str) -> bool:
    match name:
        case "currency":
            return one.currency not in ("", client.currency)
        case "paid":
            return one.currency_amount is not None
        case "vat":
            return bool(one.vat)
        case _:
            return bool(getattr(one, name))


@transaction.atomic
def remove_receipt(client: Client, claim: int, receipt: int, person: Person, *, by: str) -> None:
    """Take a receipt out of an open claim; its picture is kept, and may be added again."""
    mine(client, claim, person)
    found = ExpenseReceipt.objects.filter(client=client, claim=claim, pk=receipt, is_removed=False)
    if found.update(is_removed=True):
        deed = act(client, REMOVED, by, claim=claim, receipt=receipt)
        ExpenseClaim.objects.filter(client=client, pk=claim).update(act_id=deed)


@transaction.atomic
def hand_in(client: Client, claim: int, person: Person, *, by: str, today: datetime.date) -> None:
    """Hand the claim in; NotComplete names all that is missing. Handed in again it stays as it is."""
    there = ExpenseClaim.objects.filter(client=client, pk=claim, person=person).first()
    if there is not None and there.state in (State.HANDED_IN.value, State.APPROVED.value):
        return
    mine(client, claim, person)
    whole, files = queries.kept_claim(client, claim)
    found = checking.missing(whole, law=country(client.country), currency=client.currency, today=today)
    if found:
        raise shape.NotComplete(count=len(found))
    ask(client, whole, files, by=by)
    deed = act(
        client, HANDED_IN, by, claim=claim, total=str(whole.total), purpose=whole.purpose,
        receipts=len(whole.receipts), account=whole.account, files=sorted(files.values()),
        sha256=checking.print_of(whole, files),
    )  # fmt: skip
    ExpenseClaim.objects.filter(client=client, pk=claim).update(
        state=State.HANDED_IN.value, handed_in_at=timezone.now(), returned_why="", returned_by="", act_id=deed
    )


@transaction.atomic
def withdraw(client: Client, claim: int, person: Person, *, by: str) -> None:
    """Give up an open claim; its pictures may be handed in with another."""
    mine(client, claim, person)
    ExpenseReceipt.objects.filter(client=client, claim=claim, is_removed=False).update(is_removed=True)
    deed = act(client, WITHDRAWN, by, claim=claim)
    ExpenseClaim.objects.filter(client=client, pk=claim).update(state=State.WITHDRAWN.value, act_id=deed)


@transaction.atomic
def set_rate(client: Client, currency: str, on: datetime.date, rate: str, *, source: str, by: str) -> None:
    """Keep what one unit of a currency cost on a day; receipts without a rate of their own then use it."""
    code = _currency(currency)
    found = number(rate, shape.NotARate, places=Decimal("0.00000001"))
    if not code or code == client.currency:
        raise shape.NotACurrency(written=currency[:10])
    if not found:
        raise shape.NotARate(written=rate[:40])
    ExchangeRate.objects.update_or_create(
        client=client, currency=code, on=on, defaults={"rate": found, "source": plain(source, 40) or "–"}
    )
    act(client, RATE_SET, by, currency=code, on=str(on), rate=str(found), source=plain(source, 40) or "–")
    waiting = list(
        ExpenseReceipt.objects.select_for_update(of=("self",)).filter(
            client=client,
            currency=code,
            rate__isnull=True,
            is_removed=False,
            claim__state=State.OPEN.value,
            paid_on__gte=on,
            paid_on__lte=on + checking.RATE_DAYS,
        )
    )
    rates = queries.rates(client, code)
    converted = [one for one in waiting if _is_converted(client, one, rates)]
    ExpenseReceipt.objects.bulk_update(converted, ["rate", "rate_on", "rate_source", "amount", "vat"])


def _is_converted(
    client: Client, one: ExpenseReceipt, rates: Sequence[tuple[datetime.date, Decimal, str]]
) -> bool:
    """Whether the receipt has its amount by these rates; one that would come to nothing keeps waiting."""
    try:
        _convert(client, one, None, rates)
    except shape.NotAReceiptAmount:
        return False
    return True


def ask(client: Client, whole: shape.Claim, files: Mapping[int, str], *, by: str) -> None:
    """Wait for the yes to exactly this claim; what was asked for before is void."""
    subject = entry.origin(whole.id)
    approvals.withdraw(client, subject, by=by, why="handed in again")
    approvals.ask_for(
        client,
        KIND,
        subject,
        checking.content(whole, files),
        amount=whole.total,
        currency=client.currency,
        registered_by=[whole.person],
        by=by,
        policy=replace(approval_policy(client, KIND), registrant_may=False),
        proof=LIGHT,
    )

"""The night's payments: which kinds there are, what of it must stand in the books before, and the truth."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Remittance, Transaction
from nattbok.sandbox.making.amounts import kroner, ore
from nattbok.sandbox.making.books import Books, Sale, SoldItem, plan_sale
from nattbok.sandbox.making.parties import Beginning
from nattbok.sandbox.office import Customer, PaymentTruth

# How many of 90 payments are of each kind.
KINDS = {
    "kid_exact": 44,
    "kid_partial": 6,
    "kid_over": 4,
    "kid_closed": 3,
    "kid_unknown": 4,
    "kid_wrong_check": 3,
    "list_structured": 6,
    "list_credit_note": 3,
    "list_text": 4,
    "number_and_amount": 5,
    "no_reference": 5,
    "longer_number": 3,
}
IN_BATCH = ("kid_exact", "kid_partial", "kid_over", "kid_closed", "kid_unknown")  # what the giro reports
_PER_KIND = {"list_structured": 3, "list_text": 3, "list_credit_note": 2}  # invoices they need
CODE_REFERENCE, CODE_OTHER = "PMNT-RCDT-VCOM", "PMNT-RCDT-DMCT"


@dataclass(frozen=True, slots=True)
class Plan:
    """A payment to come: its kind and who pays."""

    tag: str
    kind: str
    customer: Customer


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as the bank sees it, with what is right to do."""

    plan: Plan
    line: Transaction
    truth: PaymentTruth

    @property
    def is_giro(self) -> bool:
        """Whether the giro centre takes it: it has a reference whose check digit is right."""
        return self.plan.kind in IN_BATCH


def kinds(count: int, random: Random) -> list[str]:
    """The kinds of `count` payments; of every 90 the numbers above."""
    every = [kind for kind, number in KINDS.items() for _ in range(number)]
    found: list[str] = []
    while len(found) < count:
        random.shuffle(every)
        found += every
    return found[:count]


def plans(one: Beginning, wanted: list[str], random: Random) -> list[Plan]:
    """Who pays in each of the wanted ways."""
    return [Plan(f"pay{place}", kind, random.choice(one.customers)) for place, kind in enumerate(wanted)]


def needed_sales(one: Beginning, plan: Plan, before: date, random: Random) -> list[Sale]:
    """The invoices that must stand in the books for the payment to be what it is."""
    count = _PER_KIND.get(plan.kind, 0 if plan.kind == "kid_unknown" else 1)
    found = [
        plan_sale(
            one,
            plan.customer,
            before - timedelta(days=random.randint(20, 60)),
            random,
            net=kroner(random, 900, 24_000),
            is_paid=plan.kind == "kid_closed",
            tag=plan.tag,
        )
        for _ in range(count)
    ]
    if plan.kind == "list_credit_note":
        credited = found[0]
        later = credited.date + timedelta(days=9)
        found.append(replace(credited, date=later, net=ore(-credited.net / 10)))
    return found


def pay(one: Beginning, books: Books, plan: Plan, on: date, reference: str, random: Random) -> Paid:
    """The payment booked on the day `on`, which the bank calls `reference`."""
    items = books.tagged(plan.tag)
    blank = Transaction(
        amount=ZERO,
        booked_on=on,
        value_on=on,
        bank_reference=reference,
        counterparty_name=plan.customer.name,
        counterparty_account=plan.customer.account,
        bank_code=CODE_REFERENCE if plan.kind in IN_BATCH else CODE_OTHER,
    )
    truth = PaymentTruth(
        client=one.number,
        bank_reference=reference,
        also_called=(),
        amount=ZERO,
        step="NONE",
        outcome="hold",
        why="",
        customer=plan.customer.key,
    )
    line, truth = _MAKERS[plan.kind](one, books, items, blank, truth, random)
    return Paid(plan, line, replace(truth, amount=line.amount))


_Made = tuple[Transaction, PaymentTruth]


def _with_reference(line: Transaction, reference: str, amount: Decimal) -> Transaction:
    return replace(
        line,
        amount=amount,
        reference=reference,
        remittances=(Remittance(reference=reference),),
        bank_code=CODE_REFERENCE,
    )


def _exact(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    return _with_reference(line, item.reference, item.amount), replace(
        truth,
        step="KID_EXACT",
        outcome="post",
        why="the reference and the amount are of one open item",
        allocations=((item.key, item.amount),),
    )


def _partial(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    amount = ore(Decimal(int(item.amount * random.randint(3, 8) / 10)))
    return _with_reference(line, item.reference, amount), replace(
        truth,
        step="KID_PARTIAL",
        outcome="post",
        why="the reference is right and part of the invoice is paid",
        allocations=((item.key, amount),),
    )


def _over(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    more = ore(Decimal(random.randint(40, 900)))
    return _with_reference(line, item.reference, item.amount + more), replace(
        truth,
        step="KID_OVER",
        outcome="post",
        why="the invoice is paid, and the rest is the customer's",
        allocations=((item.key, item.amount),),
        unallocated=more,
    )


def _closed(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    return _with_reference(line, item.reference, item.amount), replace(
        truth,
        step="KID_CLOSED",
        outcome="post_on_account",
        why="the invoice is paid already, so the money is the customer's",
        unallocated=item.amount,
    )


def _unknown(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    known = {item.reference for item in books.sold}
    agreed = one.agreement
    reference = ""
    while not reference or reference in known:
        number = f"77{random.randrange(10**6):06}"
        reference = one.law.references.make(number, method=agreed.method, length=agreed.length)
    line = replace(line, counterparty_name="", counterparty_account="")
    return _with_reference(line, reference, kroner(random, 500, 9_000)), replace(
        truth, step="KID_UNKNOWN", why="the reference is well formed and nobody's", customer=""
    )


def _wrong_check(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    known = {sold.reference for sold in books.sold}
    choices = (f"{item.reference[:-1]}{digit}" for digit in random.sample("0123456789", 10))
    reference = next(
        one_try for one_try in choices if one_try not in known and not one.law.references.is_valid(one_try)
    )
    return _with_reference(line, reference, item.amount), replace(
        truth, step="KID_INVALID", why="the check digit of the reference is wrong", customer=""
    )


def _list_structured(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    with_references = random.random() < 0.5
    remittances = tuple(
        Remittance(
            reference=item.reference if with_references and item.amount > 0 else "",
            invoice=item.number,
            amount=item.amount,
            is_credit_note=item.amount < 0,
        )
        for item in items
    )
    total = sum((item.amount for item in items), ZERO)
    references = [remittance.reference for remittance in remittances if remittance.reference]
    line = replace(
        line,
        amount=total,
        remittances=remittances,
        reference=references[0] if len(references) == 1 else "",
        bank_code=CODE_REFERENCE,
    )
    return line, replace(
        truth,
        step="LIST",
        outcome="post",
        why="the list names open items of one customer and adds up",
        allocations=tuple((item.key, item.amount) for item in items),
    )


def _list_text(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    words = one.flavour.words
    numbers = [item.number for item in items]
    text = f"{words['invoice']} {', '.join(numbers[:-1])} {words['and']} {numbers[-1]}"
    line = replace(line, amount=sum((item.amount for item in items), ZERO), text=text)
    return line, replace(
        truth,
        step="LIST",
        outcome="post",
        why="the text names invoices of one customer, and what is open of them is what was paid",
        allocations=tuple((item.key, item.amount) for item in items),
    )


def _number_and_amount(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    text = random.choice(("{word} {number}", "{word} nr {number}", "{number}"))
    line = replace(
        line, amount=item.amount, text=text.format(word=one.flavour.words["invoice"], number=item.number)
    )
    return line, replace(
        truth,
        step="REF_AMOUNT",
        outcome="post",
        why="the text has the number of one open item, and the amount is what is open",
        allocations=((item.key, item.amount),),
    )


def _no_reference(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    text = random.choice(("", one.flavour.words["greeting"], one.flavour.words["payment"]))
    return replace(line, amount=item.amount, text=text), replace(
        truth, why="nothing but the amount points to an item", customer=""
    )


def _longer_number(
    one: Beginning,
    books: Books,
    items: list[SoldItem],
    line: Transaction,
    truth: PaymentTruth,
    random: Random,
) -> _Made:
    (item,) = items
    known = {sold.reference for sold in books.sold} | {sold.number for sold in books.sold}
    longer = ""
    while not longer or longer in known or one.law.is_org_number(longer):
        longer = f"{random.randint(11, 99)}{item.number}{random.randint(100, 999)}"
    return replace(line, amount=item.amount, text=f"Ref {longer}"), replace(
        truth, why="the invoice number is only part of a longer number", customer=""
    )


_MAKERS: dict[str, Callable[..., _Made]] = {
    "kid_exact": _exact,
    "kid_partial": _partial,
    "kid_over": _over,
    "kid_closed": _closed,
    "kid_unknown": _unknown,
    "kid_wrong_check": _wrong_check,
    "list_structured": _list_structured,
    "list_credit_note": _list_structured,
    "list_text": _list_text,
    "number_and_amount": _number_and_amount,
    "no_reference": _no_reference,
    "longer_number": _longer_number,
}

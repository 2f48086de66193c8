"""Comparing what was posted in a night with the truth.

Nothing here reads a database: whoever judges a night says what it posted in the two dataclasses below.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.sandbox.office import BillTruth, PaymentTruth, World

POSTED = ("post", "post_on_account")
AS_IT_SHOULD_BE = ("post", "either")  # a bill that is posted must be so; "either" may be left as well


@dataclass(frozen=True, slots=True)
class PostedPayment:
    """A bank line that was posted.

    `bank_reference` is what any of the files calls the line. `allocations` are what of it went to each open
    item, by the item's key in the world: positive for an invoice, negative for a credit note used up.
    `unallocated` is what was left on the customer. `account` is where a line was posted that is nobody's: a
    fee, interest.
    """

    client: str
    bank_reference: str
    allocations: Mapping[str, Decimal]
    unallocated: Decimal = ZERO
    account: str = ""


@dataclass(frozen=True, slots=True)
class PostedBill:
    """A bill that was posted.

    `lines` are all lines of its entry summed by account number, the supplier's control account among them;
    debit positive.
    """

    client: str
    supplier_org_number: str
    number: str
    lines: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Judged:
    """One payment or bill, and what is to be said of it."""

    kind: str  # "payment" or "bill"
    client: str
    name: str  # the bank reference, or the bill's number
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a night's postings are worth. `wrong` must be empty; `missed` is a matter of yield."""

    right: tuple[Judged, ...]  # posted as it should be
    wrong: tuple[Judged, ...]  # posted though it should not be, or otherwise than it should be
    left: tuple[Judged, ...]  # left for a person, as it should be
    missed: tuple[Judged, ...]  # left, though it should have been posted


def judge(
    world: World, *, payments: Iterable[PostedPayment] = (), bills: Iterable[PostedBill] = ()
) -> Verdict:
    """Compare postings with the truth. What the world does not know is wrong, and so is a second posting."""
    verdict = _Verdict()
    _judge_payments((*world.payments, *world.other_lines), payments, verdict)
    _judge_bills(world.bills, bills, verdict)
    return Verdict(tuple(verdict.right), tuple(verdict.wrong), tuple(verdict.left), tuple(verdict.missed))


class _Verdict:
    def __init__(self) -> None:
        self.right: list[Judged] = []
        self.wrong: list[Judged] = []
        self.left: list[Judged] = []
        self.missed: list[Judged] = []


def _judge_payments(
    truths: Iterable[PaymentTruth], posted: Iterable[PostedPayment], verdict: _Verdict
) -> None:
    truths = list(truths)
    by_name = {
        (truth.client, name): truth for truth in truths for name in (truth.bank_reference, *truth.also_called)
    }
    seen: set[tuple[str, str]] = set()
    for payment in posted:
        truth = by_name.get((payment.client, payment.bank_reference))
        if truth is None:
            why = "posted, and no such line is in the world"
        elif (truth.client, truth.bank_reference) in seen:
            why = "posted twice"
        elif truth.outcome not in POSTED:
            why = f"posted, but should be left: {truth.why}"
        else:
            why = _payment_difference(truth, payment)
        name = payment.bank_reference if truth is None else truth.bank_reference
        (verdict.wrong if why else verdict.right).append(Judged("payment", payment.client, name, why))
        seen.add((payment.client, name))
    for truth in truths:
        if (truth.client, truth.bank_reference) not in seen:
            lot = verdict.missed if truth.outcome in POSTED else verdict.left
            lot.append(Judged("payment", truth.client, truth.bank_reference, f"{truth.step}: {truth.why}"))


def _payment_difference(truth: PaymentTruth, payment: PostedPayment) -> str:
    got = {key: amount for key, amount in payment.allocations.items() if amount}
    if got != dict(truth.allocations):
        return f"allocated {_told(got)}, should be {_told(dict(truth.allocations))}"
    if payment.unallocated != truth.unallocated:
        return f"left {payment.unallocated} unallocated, should be {truth.unallocated}"
    if truth.account and payment.account != truth.account:
        return f"posted on {payment.account or 'several accounts'}, should be on {truth.account}"
    return ""


def _judge_bills(truths: Iterable[BillTruth], posted: Iterable[PostedBill], verdict: _Verdict) -> None:
    # The same bill sent twice is two truths with one name: one to post, one to ask about.
    order = ("post", "either", "ask")
    expected: dict[tuple[str, str, str], list[BillTruth]] = {}
    for truth in truths:
        expected.setdefault((truth.client, truth.supplier_org_number, truth.number), []).append(truth)
    for waiting in expected.values():
        waiting.sort(key=lambda truth: order.index(truth.outcome))
    for bill in posted:
        waiting = expected.get((bill.client, bill.supplier_org_number, bill.number), [])
        if not waiting:
            why = "posted twice, or no such bill is in the world"
        else:
            truth = waiting.pop(0)
            why = (
                _bill_difference(truth, bill)
                if truth.outcome in AS_IT_SHOULD_BE
                else f"posted, but should be asked about: {truth.reason}"
            )
        (verdict.wrong if why else verdict.right).append(Judged("bill", bill.client, bill.number, why))
    for waiting in expected.values():
        for truth in waiting:
            lot = verdict.missed if truth.outcome == "post" else verdict.left
            why = truth.reason or ("should have been posted" if lot is verdict.missed else "may be left")
            lot.append(Judged("bill", truth.client, truth.number, why))


@dataclass(frozen=True, slots=True)
class Touchless:
    """E-invoices from suppliers that the books know, and how many of them were posted with no hand."""

    known: int = 0
    posted: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when there was none."""
        return self.posted / self.known if self.known else 1.0


def touchless(world: World, bills: Iterable[PostedBill]) -> Touchless:
    """How much of the e-invoices from known suppliers went on by itself, right or wrong."""
    new = {(one.number, each.key) for one in world.clients for each in one.suppliers if each.is_new}
    names = {(bill.client, bill.supplier_org_number, bill.number) for bill in bills}
    known = [truth for truth in world.bills if (truth.client, truth.supplier) not in new]
    # Of a bill that came twice, one is posted.
    posted = {
        (truth.client, truth.supplier_org_number, truth.number)
        for truth in known
        if (truth.client, truth.supplier_org_number, truth.number) in names
    }
    return Touchless(len(known), len(posted))


def _bill_difference(truth: BillTruth, bill: PostedBill) -> str:
    got = {account: amount for account, amount in bill.lines.items() if amount}
    if got == dict(truth.lines):
        return ""
    return f"posted {_told(got)}, should be {_told(dict(truth.lines))}"


def _told(amounts: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in sorted(amounts.items())) or "nothing"

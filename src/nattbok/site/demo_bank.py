"""The demo's bank: the clients' connections to it, and what people do between the nights.

Most clients are connected directly, by SFTP or REST; every fourth carries files by hand and approves in the
net bank. Each day two people approve what the robot proposed, the bank does its day, and the next night
begins where that left off.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from nattbok.approvals import actions as approvals
from nattbok.approvals.actions.factors import enrolment_of
from nattbok.approvals.rules.factors import Signed
from nattbok.approvals.rules.policy import May, Policy
from nattbok.bank import actions as bank
from nattbok.bank.actions import bank_rules, payments, uploading
from nattbok.bank.models import BankAccount
from nattbok.bank.queries import connections
from nattbok.bank.queries import payments as payment_queries
from nattbok.bank.queries.loose import loose
from nattbok.bank.queries.payments.rights import PAYMENTS
from nattbok.bank.queries.payments.showing import Filter
from nattbok.bank.queries.reconciliation import account_days, sealed_days
from nattbok.bank.queries.ways import way_to
from nattbok.bank.rules.connections import Form
from nattbok.bank.rules.payments import Kind, State
from nattbok.bank.rules.payments.proposal import Wanted
from nattbok.bank.rules.reconciliation import Day, Trouble, explain
from nattbok.base.money import ZERO
from nattbok.clients import actions as clients
from nattbok.clients.access import enter_client
from nattbok.clients.models import Client, Office, Person
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.outbox import actions as outbox
from nattbok.sandbox import office as sandbox
from nattbok.sandbox.bank.doors.serving import Serving
from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.night_world import FEE, INTEREST
from nattbok.sandbox.bank.shape import Customer
from nattbok.sandbox.bank.world import customer_id, make_bank, make_plan, token
from nattbok.sandbox.eid import NAME as EID
from nattbok.sandbox.eid import TestId
from nattbok.site.demo_books import BY, Loaded

AHEAD = timedelta(days=14)  # what falls due within this is paid
LARGEST_BY_RULE = Decimal("500.00")  # a larger fee is for a person
BY_HAND = 4  # every so many clients carries files by hand


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of the demo's own payments, in numbers of payments."""

    sent: int = 0
    executed: int = 0  # by the bank
    settled: int = 0  # in the books
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """How the bank accounts stand, in numbers of account days that a statement tells of."""

    sealed: int = 0
    explained: int = 0  # each line of the difference is named
    unexplained: int = 0


@dataclass
class DemoBank:
    """The bank with its doors open, its customers connected, and two people to approve payments."""

    world: sandbox.World
    office: Office
    loaded: Sequence[Loaded]
    engine: Bank
    doors: Serving
    eid: TestId = field(default_factory=TestId)
    people: list[Person] = field(default_factory=list)
    truths: list[tuple[date, sandbox.PaymentTruth]] = field(default_factory=list)

    def connect(self, days: int) -> None:
        """Order, confirm, test and activate each client's connection, and plan what is paid in these days."""
        self.people = [self._approver("ola@demo.example", "Ola Demo")]
        for place, one in enumerate(self.loaded):
            with enter_client(one.client) as client:
                self._connect(client, self.world.client(one.number), place)
        plan = make_plan(self.world, max(days, 1))
        days_of = [one.on for one in plan.injections]
        self.truths = list(zip(days_of, plan.play(self.engine), strict=True))

    def approver(self, person: Person) -> None:
        """Let this person approve for all the clients."""
        self._enrol(person)
        self.people.append(person)
        for one in self.loaded:
            with enter_client(one.client) as client:
                approvals.let(client, person, PAYMENTS, May(), by=BY)

    def write_rules(self, person: Person) -> None:
        """What an office sets up on the first day: the bank's fees and interest are posted by themselves."""
        for one in self.loaded:
            law = country(self.world.client(one.number).country)
            with enter_client(one.client) as client:
                for name, conditions, account in _rules(law):
                    rule = bank_rules.RuleDraft(
                        name, conditions, {"parts": [{"account": account}]}, largest=LARGEST_BY_RULE
                    )
                    bank_rules.write(client, rule, by=f"person:{person.pk}", approve=True)

    def by_rule(self, truths: Sequence[sandbox.PaymentTruth]) -> list[sandbox.PaymentTruth]:
        """What is right to do with these lines, now that there are rules for some of them."""
        laws = {one.number: country(one.country) for one in self.world.clients}
        return [_by_rule(truth, laws[truth.client]) for truth in truths]

    def _approver(self, email: str, name: str) -> Person:
        person = Person.objects.create_user(email, None, name=name)
        clients.employ(self.office, person, is_manager=True)
        self._enrol(person)
        return person

    def _enrol(self, person: Person) -> None:
        approvals.enrol_id(person, EID, self._signed(person, enrolment_of(person)))

    def _signed(self, person: Person, sha256: str) -> Signed:
        found = self.eid.sign(person.email, sha256)
        return Signed(found.subject, found.reference, found.sha256)

    def _connect(self, client: Client, of: sandbox.Client, place: int) -> None:
        by_hand = place % BY_HAND == BY_HAND - 1
        form = Form.FILE if by_hand else Form.SFTP if place % 2 == 0 else Form.REST
        account = BankAccount.objects.get(client=client)
        made = bank.order(client, bank="test", form=form, accounts=[account.pk], by=BY, is_test=True)
        policy = Policy(0) if by_hand else Policy(2)
        approvals.demand(client, PAYMENTS, policy, by=BY)
        for person in self.people:
            approvals.let(client, person, PAYMENTS, May(), by=BY)
        day = self.world.night
        if form is Form.FILE:
            bank.registered(client, made, by=BY, on=day)
            return
        customer = customer_id(of)
        address = (
            self.doors.rest_address if form is Form.REST else f"{self.doors.host}:{self.doors.sftp_port}"
        )
        if form is Form.SFTP:
            (key,) = connections.keys(client, made)
            known = next(one for one in self.engine.customers() if one.id == customer)
            self.engine.change_customer(_with_key(known, key.public_key))
        bank.registered(client, made, by=BY, on=day, address=address, username=customer)
        if form is Form.REST:
            bank.set_token(client, made, token(self.world, of), by=BY)
        else:
            bank.confirm_host_key(client, made, self.doors.host_keys[0], by=BY)
        bank.try_out(client, made, by=BY)
        bank.activate(client, made, by=BY, on=day)

    def lay_out(self, files: Sequence[sandbox.NightFile]) -> list[sandbox.NightFile]:
        """Put the night's bank files of directly connected clients at the bank; the others."""
        places = {one.number: place for place, one in enumerate(self.loaded)}
        left = []
        for file in files:
            is_direct = places[file.client] % BY_HAND != BY_HAND - 1
            if is_direct and b"oasis" not in file.data[:3000]:
                self.engine.deliver(customer_id(file.client), file.name, file.data)
            else:
                left.append(file)
        return left

    def day(self) -> date:
        """What people and the bank do until the next night; the date of that night.

        What the robot proposed is frozen and approved by two, or by hand at the bank; the bank's day goes
        by; and who carries files by hand brings home what it has.
        """
        today = self.engine.today
        for place, one in enumerate(self.loaded):
            with enter_client(one.client) as client:
                self._pay(client, today, by_hand=place % BY_HAND == BY_HAND - 1)
        self._send()
        night = self.engine.advance()
        for place, one in enumerate(self.loaded):
            if place % BY_HAND == BY_HAND - 1:
                with enter_client(one.client) as client:
                    self._bring_home(client)
        return night

    def _pay(self, client: Client, today: date, *, by_hand: bool) -> None:
        first = self.people[0]
        try:
            payments.propose(
                client, Wanted(through=today + AHEAD), by=f"person:{first.pk}", today=today, person=first
            )
        except payments.NoBankAccount:
            return
        wanted = Filter(is_loose=True)
        rows = payment_queries.payments(client, [Kind.SUPPLIER], wanted)
        ready = [row.id for row in rows if not row.is_blocked and not row.is_held]
        if not ready:
            return
        for batch in payments.freeze(client, ready, person=first, today=today):
            shown = payment_queries.batch(client, batch, [Kind.SUPPLIER])
            if by_hand:
                payments.hand_over(client, batch, person=first, sha256=shown.sha256, today=today)
                name, data = payments.fetch_file(client, batch, person=first, today=today)
                self._leave_at_bank(client, name, data)
            else:
                for person in self.people:
                    signed = (EID, self._signed(person, shown.request.sha256))
                    payments.approve(
                        client, batch, person=person, sha256=shown.sha256, today=today, signed=signed
                    )

    def _leave_at_bank(self, client: Client, name: str, data: bytes) -> None:
        customer = customer_id(client.number)
        uploaded = self.engine.upload(customer, name, data)
        order = self.engine.status(customer, uploaded.number)
        if order.waits_for_approval:
            self.engine.approve(customer, uploaded.number, self.people[0].name)

    def _send(self) -> None:
        """What the worker does within a minute of an approval."""
        for one in self.loaded:
            with enter_client(one.client) as client:
                outbox.send_files(client, way_to(client), by=BY, on=self.engine.today)

    def _bring_home(self, client: Client) -> None:
        customer = customer_id(client.number)
        files = [(one.name, self.engine.read(customer, one.name)) for one in self.engine.waiting(customer)]
        if files:
            uploading.upload(client, files, by=f"person:{self.people[0].pk}")
            for name, _data in files:
                self.engine.archive(customer, name)

    def happened(self) -> list[sandbox.PaymentTruth]:
        """The truths of what the bank has reported so far."""
        return self.by_rule([truth for day, truth in self.truths if day < self.engine.today])


def _rules(law: Country) -> tuple[tuple[str, dict[str, str], str], ...]:
    """The name, conditions and account of each rule."""
    return (
        ("Bankgebyr", {"direction": "out", "bank_code": FEE}, law.accounts.bank_charges),
        ("Renter fra banken", {"direction": "in", "bank_code": INTEREST}, law.accounts.interest_income),
    )


def _by_rule(truth: sandbox.PaymentTruth, law: Country) -> sandbox.PaymentTruth:
    account = {"FEE": law.accounts.bank_charges, "INTEREST": law.accounts.interest_income}.get(truth.step)
    if account is None or abs(truth.amount) > LARGEST_BY_RULE:
        return truth
    return replace(truth, outcome="post", account=account, why=f"{truth.why}; a rule says where it belongs")


def _with_key(customer: Customer, key: str) -> Customer:
    return replace(customer, public_keys=(*customer.public_keys, key))


@contextlib.contextmanager
def opened(
    world: sandbox.World, office: Office, loaded: Sequence[Loaded], folder: Path
) -> Iterator[DemoBank]:
    """The bank with its doors open until the block ends."""
    engine = make_bank(world, path=folder / "bank" / "journal")
    with Serving(engine) as doors:
        yield DemoBank(world, office, loaded, engine, doors)
    engine.close()


def paid(demo: DemoBank) -> Paid:
    """What became of the demo's own payments, at the bank and in the books."""
    sent = executed = rejected = settled = 0
    for customer in demo.engine.customers():
        for order in demo.engine.orders(customer):
            sent += len(order.payments)
            executed += sum(one.booked_on is not None and not one.reason for one in order.payments)
            rejected += sum(bool(one.reason) for one in order.payments)
    for one in demo.loaded:
        with enter_client(one.client) as client:
            rows = payment_queries.payments(client, [Kind.SUPPLIER], Filter(tuple(State)), limit=100_000)
            settled += sum(row.state in (State.SETTLED, State.RECONCILED) for row in rows)
    return Paid(sent, executed, settled, rejected)


def accounts(demo: DemoBank) -> Sealed:
    """How every account's days stand."""
    sealed = explained = unexplained = 0
    for one in demo.loaded:
        with enter_client(one.client) as client:
            for account in BankAccount.objects.filter(client=client):
                closed = sealed_days(account)
                for day in account_days(account):
                    if closed.get(day.day) == "sealed":
                        sealed += 1
                    elif _is_explained(account, day):
                        explained += 1
                    else:
                        unexplained += 1
    return Sealed(sealed, explained, unexplained)


def _is_explained(account: BankAccount, day: Day) -> bool:
    if day.bank is None or day.trouble is not Trouble.NONE:
        return False
    return explain(day.bank - day.books, loose(account, day.day), day.day).rest == ZERO

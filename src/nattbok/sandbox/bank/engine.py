"""The bank itself: what its doors and whoever plays with it may ask, one at a time.

All that changes it goes through `_do`, which keeps it as a line of a journal. The bank follows from its
journal alone, so that a bank opened on a journal is the bank that wrote it, to the byte: nothing here looks
at a clock or at chance. A line cut off in the middle of being written is as if it had never been asked for.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from nattbok.sandbox.bank import executing, orders, reports
from nattbok.sandbox.bank.core import BookedLine, Core, Planned, StoredFile
from nattbok.sandbox.bank.faults import Switches
from nattbok.sandbox.bank.injections import INJECTIONS, INSIDE, Event
from nattbok.sandbox.bank.journal import Journal
from nattbok.sandbox.bank.orders import Order
from nattbok.sandbox.bank.payment_file import BadPaymentFile, read
from nattbok.sandbox.bank.shape import (
    Account,
    BankFile,
    Customer,
    Movement,
    OrderState,
    OrderView,
    Uploaded,
)

CHECKING = timedelta(minutes=1)  # how far an upload moves the clock
LAST_MINUTE = time(23, 58)
MOST_DAYS = 366


class Bank:
    """A bank with Norwegian and Swedish customers, one lock around all of it."""

    def __init__(self, starts_on: date, *, path: Path | None = None) -> None:
        """A new bank on the first bank day from `starts_on`. With `path` its journal is kept in that file.

        Raises ValueError when there is a bank in it already: see `open`.
        """
        self._lock = threading.RLock()
        self._journal = Journal(path)
        self._begin(starts_on)
        self._journal.add("begin", {"starts_on": starts_on})

    @classmethod
    def open(cls, path: Path) -> "Bank":
        """The bank of a journal, which goes on being kept there. Raises ValueError when it is none."""
        bank = cls.__new__(cls)
        bank._lock = threading.RLock()
        bank._journal, deeds = Journal.open(path)
        if not deeds or deeds[0][0] != "begin":
            bank._journal.close()
            raise ValueError(f"{path} is not the journal of a bank")
        bank._begin(deeds[0][1]["starts_on"])
        for name, about in deeds[1:]:
            bank._replay(name, about)
        return bank

    def close(self) -> None:
        """Let go of the journal's file; what is asked afterwards is not kept there."""
        with self._lock:
            self._journal.close()

    def save(self, path: Path) -> None:
        """Write the journal so far to another file, whole or not at all."""
        with self._lock:
            self._journal.copy(path)

    def _begin(self, starts_on: date) -> None:
        self._is_replaying = False
        self.faults = Switches(self._keep)
        self._core = Core(datetime.combine(starts_on, time(8)), self.faults)
        self._core.now = self._core.morning(starts_on)
        self._orders: list[Order] = []
        self._answers: dict[tuple[str, str], Uploaded] = {}

    def _keep(self, deed: str, /, **about: Any) -> None:
        with self._lock:
            if not self._is_replaying:
                self._journal.add(deed, about)

    def _do(self, deed: str, /, **about: Any) -> Any:
        """Keep what is asked and do it. What cannot be done is kept too: it is refused again in replay."""
        with self._lock:
            self._keep(deed, **about)
            return getattr(self, f"_do_{deed}")(**about)

    def _replay(self, name: str, about: dict[str, Any]) -> None:
        self._is_replaying = True
        try:
            if name == "strike":
                self.faults.strikes(**about)
            elif name == "switch":
                self.faults.switch(**about)
            else:
                getattr(self, f"_do_{name}")(**about)
        except Exception:  # noqa: BLE001, S110  it failed in the same way when it was asked, and left the same
            pass
        finally:
            self._is_replaying = False

    # What is there.

    @property
    def today(self) -> date:
        """The bank's day."""
        with self._lock:
            return self._core.today

    @property
    def now(self) -> datetime:
        """The bank's clock, without zone."""
        with self._lock:
            return self._core.now

    def customers(self) -> list[Customer]:
        """All, in the order they came."""
        with self._lock:
            return list(self._core.customers.values())

    def customer_by_key(self, public_key_openssh: str) -> Customer | None:
        """Whose key this is; its comment does not matter."""
        wanted = public_key_openssh.split()[:2]
        with self._lock:
            for one in self._core.customers.values():
                if len(wanted) == 2 and any(key.split()[:2] == wanted for key in one.public_keys):
                    return one
        return None

    def customer_by_token(self, token: str) -> Customer | None:
        """Whose token this is."""
        with self._lock:
            owners = (one for one in self._core.customers.values() if token and token in one.tokens)
            return next(owners, None)

    def accounts(self, customer: Customer | str) -> list[Account]:
        """A customer's accounts."""
        with self._lock:
            return self._core.accounts_of(_id(customer))

    def balance(self, account: str) -> Decimal:
        """What is booked on an account. Raises KeyError."""
        with self._lock:
            return self._core.balance(account)

    def totals(self) -> Mapping[str, Decimal]:
        """What all accounts of the bank's books come to in each currency: zero."""
        with self._lock:
            return self._core.books.totals()

    def movements(self, customer: Customer | str, account: str) -> list[Movement]:
        """What is booked on an account, oldest first. Raises KeyError when it is not the customer's."""
        with self._lock:
            one = self._core.account(account)
            if one.customer != _id(customer):
                raise KeyError(account)
            lines = self._core.lines[one.number]
            moved = sum((line.amount for line in lines), Decimal("0.00"))
            balance = self._core.balance(one.number) - moved  # the funds it was opened with
            found = []
            for line in lines:
                balance += line.amount
                first = line.details[0]
                is_one = len(line.details) == 1
                found.append(
                    Movement(
                        account=one.number,
                        booked_on=line.on,
                        amount=line.amount,
                        balance=balance,
                        bank_reference=line.reference,
                        text=first.text if is_one else "",
                        counterparty=first.counterparty_name if is_one else "",
                        reference=first.reference if is_one else "",
                        end_to_end_id=first.end_to_end_id if is_one else "",
                        details=len(line.details),
                    )
                )
            return found

    def lines(self, account: str) -> list[BookedLine]:
        """What is booked on an account, each line with its payments, oldest first. Raises KeyError."""
        with self._lock:
            return list(self._core.lines[self._core.account(account).number])

    def waiting(self, customer: Customer | str) -> list[BankFile]:
        """Files that lie ready, oldest first."""
        return self._seen(customer, archived=False)

    def archived(self, customer: Customer | str) -> list[BankFile]:
        """Files that have been put away, oldest first."""
        return self._seen(customer, archived=True)

    def _seen(self, customer: Customer | str, *, archived: bool) -> list[BankFile]:
        with self._lock:
            files = self._core.files[_id(customer)].values()
            now = self._core.now
            return [one.seen for one in files if one.is_archived is archived and one.seen_from <= now]

    def read(self, customer: Customer | str, name: str) -> bytes:
        """A file's bytes, waiting or archived. Raises KeyError."""
        with self._lock:
            one = self._core.files[_id(customer)][name]
            if one.seen_from > self._core.now:
                raise KeyError(name)
            return one.bytes

    def orders(self, customer: Customer | str) -> list[OrderView]:
        """Payment files, newest first."""
        with self._lock:
            return [one.view for one in reversed(self._orders) if one.customer == _id(customer)]

    def status(self, customer: Customer | str, number: int) -> OrderView:
        """One payment file. Raises KeyError."""
        with self._lock:
            return self._order(customer, number).view

    def _order(self, customer: Customer | str, number: int) -> Order:
        for one in self._orders:
            if one.number == number and one.customer == _id(customer):
                return one
        raise KeyError(number)

    # What may be done.

    def open_customer(self, customer: Customer) -> None:
        """A new customer. Raises ValueError when the id is taken."""
        self._do("open_customer", customer=customer)

    def change_customer(self, customer: Customer) -> None:
        """Its name, ways in and ways of reporting; the country stays. Raises KeyError, ValueError."""
        self._do("change_customer", customer=customer)

    def open_account(self, account: Account, funds: Decimal = Decimal("0.00")) -> None:
        """A new account with funds. Raises ValueError."""
        self._do("open_account", account=account, funds=funds)

    def upload(
        self, customer: Customer | str, name: str, data: bytes, *, idempotency_key: str = ""
    ) -> Uploaded:
        """Take a payment file. The same key gives the first answer again."""
        about = {"customer": _id(customer), "name": name, "data": data}
        return self._do("upload", **about, idempotency_key=idempotency_key)

    def archive(self, customer: Customer | str, name: str) -> None:
        """Put a waiting file away; nothing when it already is. Raises KeyError."""
        self._do("archive", customer=_id(customer), name=name)

    def again(self, customer: Customer | str, name: str) -> str:
        """Put a file out anew as it should have been, on request; its new name. Raises KeyError."""
        return self._do("again", customer=_id(customer), name=name)

    def deliver(self, customer: Customer | str, name: str, data: bytes) -> None:
        """Lay out a file made elsewhere, as of the days before the bank's own began. Raises KeyError,
        ValueError when there is one of the name."""
        self._do("deliver", customer=_id(customer), name=name, data=data)

    def intraday(self, customer: Customer | str) -> str:
        """Put out a camt.052 of what is booked so far today; its name. Raises KeyError."""
        return self._do("intraday", customer=_id(customer))

    def approve(self, customer: Customer | str, number: int, by: str) -> OrderView:
        """Approve a waiting payment file in the net bank. Raises KeyError, ValueError."""
        return self._do("approve", customer=_id(customer), number=number, by=by)

    def cancel(self, customer: Customer | str, number: int, by: str) -> OrderView:
        """Take back what is not paid yet of a payment file. Raises KeyError, ValueError."""
        return self._do("cancel", customer=_id(customer), number=number, by=by)

    def inject(self, account: str, kind: str, **about: Any) -> str:
        """Something happens to an account from outside; its bank reference. `on` is a later day.

        The kinds are `injections.INJECTIONS`, and "return" of the payment `end_to_end_id`. Raises KeyError
        and ValueError when it cannot happen.
        """
        return self._do("inject", account=account, kind=kind, about=about)

    def set_time(self, at: time) -> None:
        """Move the clock on to a later time of today. Raises ValueError when it is earlier."""
        self._do("set_time", at=at.isoformat())

    def advance(self, days: int = 1) -> date:
        """Do the work of today and of the next bank days; the new today."""
        return self._do("advance", days=days)

    # How it is done.

    def _do_open_customer(self, customer: Customer) -> None:
        self._core.open_customer(customer)

    def _do_change_customer(self, customer: Customer) -> None:
        before = self._core.customers[customer.id]
        if before.country != customer.country:
            raise ValueError("a customer stays in its country")
        self._core.customers[customer.id] = customer

    def _do_open_account(self, account: Account, funds: Decimal) -> None:
        self._core.open_account(account, funds)

    def _do_upload(self, customer: str, name: str, data: bytes, idempotency_key: str) -> Uploaded:
        if customer not in self._core.customers:
            raise KeyError(customer)
        key = (customer, idempotency_key)
        if idempotency_key and key in self._answers:
            return self._answers[key]
        order = Order(
            number=len(self._orders) + 1,
            customer=customer,
            name=name,
            received_at=self._core.now,
            message_id="",
            digest=sha256(data).hexdigest(),
        )
        earlier = [one for one in self._orders if one.customer == customer]
        self._orders.append(order)
        self._take(order, data, earlier)
        self._tick()
        answer = Uploaded(order.number, order.state, order.message)
        if not order.refused:
            answer = replace(answer, status=OrderState.RECEIVED)
        if idempotency_key:
            self._answers[key] = answer
        return answer

    def _take(self, order: Order, data: bytes, earlier: list[Order]) -> None:
        core = self._core
        try:
            file = read(data)
        except BadPaymentFile as error:
            order.refused, order.message = OrderState.REJECTED, f"FF01: {error}"
            order.message_id = error.message_id
            if error.message_id:
                executing.tell_received(core, order)
            return
        order.message_id, order.file = file.message_id, file
        # A file that was refused as a whole may be mended and sent under its own name again.
        taken = [one for one in earlier if not one.refused]
        if any(one.message_id == file.message_id or one.digest == order.digest for one in taken):
            order.message = f"DU01: the file {file.message_id} has been sent before"
        agreement = core.customers[order.customer].agreement
        if agreement and file.agreement != agreement:
            order.message = f"BE05: the agreement {file.agreement!r} is unknown"
        if order.message:
            order.refused = OrderState.REJECTED
            executing.tell_received(core, order)
            return
        paid = {
            one.transfer.end_to_end_id
            for each in taken
            for one in each.payments
            if one.state is not OrderState.REJECTED
        }
        orders.take(core, order, file, paid)
        if not order.refused:
            executing.tell_received(core, order)
        self._tick()
        executing.tell_checked(core, order)

    def _tick(self) -> None:
        if self._core.now.time() < LAST_MINUTE:
            self._core.now += CHECKING

    def _do_archive(self, customer: str, name: str) -> None:
        self._core.files[customer][name].is_archived = True

    def _do_again(self, customer: str, name: str) -> str:
        one = self._core.files[customer][name]
        ending = one.name.rpartition(".")[2]
        return self._core.put(customer, one.kind, one.right or one.data, ending=ending)

    def _do_deliver(self, customer: str, name: str, data: bytes) -> None:
        files = self._core.files[self._core.customers[customer].id]
        if name in files:
            raise ValueError(f"there is a file {name} already")
        now = self._core.now
        files[name] = StoredFile(name, "delivered", data, now, now, None, False)

    def _do_intraday(self, customer: str) -> str:
        return reports.intraday(self._core, self._core.customers[customer])

    def _do_approve(self, customer: str, number: int, by: str) -> OrderView:
        order = self._order(customer, number)
        waiting = [one for one in order.payments if one.state is OrderState.WAITING]
        if not waiting:
            raise ValueError(f"nothing in payment file {number} waits for approval")
        order.approved_by = by
        for one in waiting:
            orders.accept(self._core, order, one)
        executing.tell_checked(self._core, order)
        self._tick()
        return order.view

    def _do_cancel(self, customer: str, number: int, by: str) -> OrderView:
        order = self._order(customer, number)
        left = [one for one in order.payments if one.is_due_for or one.state is OrderState.WAITING]
        if not left:
            raise ValueError(f"nothing in payment file {number} can be taken back")
        for one in left:
            one.state, one.reason = OrderState.CANCELLED, "DS02"
        executing.tell_cancelled(self._core, order, left)
        self._tick()
        return order.view

    def _do_inject(self, account: str, kind: str, about: dict[str, Any]) -> str:
        core = self._core
        if kind not in INJECTIONS and kind != "return":
            raise ValueError(f"{kind} is not something that happens; {', '.join(sorted(INJECTIONS))} are")
        one = core.account(account)
        about = dict(about)
        on = about.pop("on", None) or core.today
        on = core.law(one.customer).next_bank_day(max(_day(on), core.today))
        planned = Planned(on, one.number, kind, about, core.reference())
        if on == core.today:
            return self._happens(planned)
        core.planned.append(planned)
        return planned.reference

    def _happens(self, planned: Planned) -> str:
        core, about = self._core, planned.about
        account = core.accounts[planned.account]
        if planned.kind == "return":
            name = about["end_to_end_id"]
            for order in self._orders:
                for one in order.payments:
                    if one.transfer.end_to_end_id == name and one.account == account.number:
                        text = "Retur"
                        reason = str(about.get("reason", "AC04"))
                        return executing.send_back(core, one, reason, planned.reference, text)
            raise KeyError(name)
        happen = INJECTIONS.get(planned.kind) or INSIDE[planned.kind]
        try:
            return happen(Event(core, account, about, planned.reference))
        except (TypeError, AttributeError, ArithmeticError) as error:
            raise ValueError(f"{planned.kind} cannot be told so: {error!r}") from None

    def _do_set_time(self, at: str) -> None:
        wanted = datetime.combine(self._core.today, time.fromisoformat(at))
        if wanted < self._core.now:
            raise ValueError(f"it is {self._core.now:%H:%M} already")
        self._core.now = wanted

    def _do_advance(self, days: int) -> date:
        if not 0 <= days <= MOST_DAYS:
            raise ValueError(f"the bank goes on by at most {MOST_DAYS} days at once, not {days}")
        for _ in range(days):
            self._close_day()
        return self._core.today

    def _close_day(self) -> None:
        core = self._core
        core.now = max(core.now, datetime.combine(core.today, time(16)))
        now = [one for one in core.planned if one.on <= core.today]
        core.planned = [one for one in core.planned if one.on > core.today]
        for one in now:
            try:
                self._happens(one)
            except (KeyError, ValueError):
                continue  # planned for what is no longer so: a return of what was returned already
        executing.execute(core, self._orders)
        open_today = [one for one in core.customers.values() if core.law(one.id).is_bank_day(core.today)]
        for customer in open_today:
            for account in core.accounts_of(customer.id):
                core.sum_up(account)
        for customer in open_today:
            reports.report(core, customer)
        core.now = core.morning(core.today + timedelta(days=1))


def _id(customer: Customer | str) -> str:
    return customer if isinstance(customer, str) else customer.id


def _day(told: date | str) -> date:
    return told if isinstance(told, date) else date.fromisoformat(told)

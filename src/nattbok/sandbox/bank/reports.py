"""What the bank tells its customers of a day: statements, notices and giro files, and their faults."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from lxml import etree

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Transaction
from nattbok.sandbox.bank.core import BIC, BookedLine, Core
from nattbok.sandbox.bank.shape import Account, Customer, Fault
from nattbok.sandbox.writing import bgmax, camt, ocr_giro

NOTICES, STATEMENTS, INTRADAYS = time(2, 10), time(3), time(13)
_MESSAGES = {Kind.STATEMENT: "053", Kind.NOTICE: "054", Kind.INTRADAY: "052"}
_LETTERS = {Kind.STATEMENT: "S", Kind.NOTICE: "N", Kind.INTRADAY: "I"}
_KINDS = {Kind.STATEMENT: "camt053", Kind.INTRADAY: "camt052"}
Build = Callable[[str], bytes]  # message id → the file


def report(core: Core, customer: Customer) -> None:
    """All files of today for a customer. Its accounts' next statements begin where these end."""
    accounts = core.accounts_of(customer.id)
    if not accounts:
        return
    silent = {
        one.number
        for one in accounts
        if any(len(line.details) > 1 for line in _today(core, one))
        and core.strikes(Fault.DETAILS_NEVER_COME, one)
    }
    reporter = _Reporter(core, customer, silent)
    groups = [accounts] if customer.reporting.one_statement_file else [[one] for one in accounts]
    if customer.reporting.details:
        reporter.notices(accounts)
    for group in groups:
        reporter.statements(group)
    if customer.reporting.giro_file and customer.reporting.sums_giro:
        reporter.giro(accounts)


def intraday(core: Core, customer: Customer) -> str:
    """A camt.052 of what is booked so far today; the file's name."""
    return _Reporter(core, customer, set()).intraday(core.accounts_of(customer.id))


def _today(core: Core, account: Account) -> list[BookedLine]:
    return [line for line in core.lines[account.number] if line.on == core.today]


class _Reporter:
    """One customer's files of one day."""

    def __init__(self, core: Core, customer: Customer, silent: set[str]) -> None:
        self._core, self._customer, self._silent = core, customer, silent
        self._law = core.law(customer.id)
        self._made_on = core.today + timedelta(days=1)

    def statements(self, accounts: Sequence[Account]) -> None:
        """camt.053 with the closing balances of the day."""
        core = self._core
        whole = [self._statement(one) for one in accounts]
        right = self._camt(Kind.STATEMENT, whole, STATEMENTS)
        told = [
            replace(one, transactions=one.transactions[:-1])
            if one.transactions and core.strikes(Fault.LINE_MISSING, account)
            else one
            for one, account in zip(whole, accounts, strict=True)
        ]
        if (other := self._other_account()) and self._hit(Fault.FOREIGN_ACCOUNT, accounts):
            told.append(self._statement(other, is_for_another=True))
        late = self._hit(Fault.STATEMENT_LATE, accounts)
        build = right if told == whole else self._camt(Kind.STATEMENT, told, STATEMENTS)
        if self._hit(Fault.LATIN_1, accounts):
            build = _in_latin_1(build)
        self._put("camt053", build, right, accounts, STATEMENTS, late=late)
        if self._hit(Fault.HUGE_FILE, accounts):
            core.put(
                self._customer.id,
                "camt053",
                right(core.message("S")),
                made_at=datetime.combine(self._made_on, STATEMENTS),
                is_huge=True,
            )

    def notices(self, accounts: Sequence[Account]) -> None:
        """camt.054 of money in and of money out, where there is any."""
        for kind, is_in in (("camt054c", True), ("camt054d", False)):
            told = []
            for account in accounts:
                lines = [
                    one
                    for line in _today(self._core, account)
                    if (line.amount > 0) is is_in
                    and not (account.number in self._silent and len(line.details) > 1)
                    for one in line.details
                ]
                if lines:
                    told.append(self._part(account, Kind.NOTICE, lines))
            if not told:
                continue
            right = self._camt(Kind.NOTICE, told, NOTICES)
            has_sum = any(one.batch_reference for part in told for one in part.transactions)
            build = right
            if has_sum and self._hit(Fault.DETAILS_DO_NOT_SUM, accounts):
                build = _with_wrong_detail(right)
            self._put(kind, build, right, accounts, NOTICES)

    def intraday(self, accounts: Sequence[Account]) -> str:
        """camt.052 without balances."""
        told = [self._part(one, Kind.INTRADAY, self._lines(one)) for one in accounts]
        build = self._camt(Kind.INTRADAY, told, self._core.now.time(), self._core.today)
        return self._core.put(self._customer.id, "camt052", build(self._core.message("I")))

    def giro(self, accounts: Sequence[Account]) -> None:
        """OCR giro (NO) or BgMax (SE) of the day's payments with references."""
        found = [
            (one, [detail for line in _today(self._core, one) if line.is_giro for detail in line.details])
            for one in accounts
            if one.number not in self._silent
        ]
        found = [(account, lines) for account, lines in found if lines]
        is_norwegian = self._law.code == "NO"
        if is_norwegian:
            found = [(account, lines) for account, lines in found if account.currency == "NOK"]
        else:
            found = [(account, lines) for account, lines in found if account.bankgiro]
        if not found:
            return
        data = self._ocr(found) if is_norwegian else self._bgmax(found)
        self._core.put(
            self._customer.id,
            "ocr" if is_norwegian else "bgmax",
            data,
            ending="txt",
            made_at=datetime.combine(self._made_on, NOTICES),
        )

    def _hit(self, fault: Fault, accounts: Sequence[Account]) -> bool:
        return self._core.faults.hit(fault, *(one.number for one in accounts), self._customer.id)

    def _put(
        self,
        kind: str,
        build: Build,
        right: Build,
        accounts: Sequence[Account],
        at: time,
        *,
        late: bool = False,
    ) -> None:
        core, customer = self._core, self._customer
        made_at = datetime.combine(self._made_on, at)
        seen_from = made_at
        if late:
            seen = self._law.next_bank_day(self._made_on)
            seen_from = datetime.combine(core.next_bank_day(customer.id, seen), at)
        message = core.message(kind[4:7])
        data = build(message)
        spoilt = right(message)
        keep = spoilt if spoilt != data else None
        times = 2 if self._hit(Fault.FILE_TWICE, accounts) else 1
        for _ in range(times):
            core.put(customer.id, kind, data, made_at=made_at, seen_from=seen_from, right=keep)
        if self._hit(Fault.NEW_MESSAGE_ID, accounts):
            again = build(core.message(kind[4:7]))
            core.put(customer.id, kind, again, made_at=made_at, seen_from=seen_from, right=keep)

    def _camt(self, kind: Kind, parts: Sequence[Statement], at: time, made_on: date | None = None) -> Build:
        customer = self._customer
        made_on = made_on or self._made_on
        if self._hit(Fault.CLOCK_SKEW, self._core.accounts_of(customer.id)):
            made_on += timedelta(days=1)
        created = datetime.combine(made_on, at).isoformat(timespec="seconds")

        def build(message_id: str) -> bytes:
            file = BankFile(
                message=f"camt.{_MESSAGES[kind]}.001.{customer.reporting.version}",
                kind=kind,
                message_id=message_id,
                created=created,
                statements=tuple(parts),
            )
            return camt.write(file, owner=customer.name, bic=BIC[customer.country])

        return build

    def _statement(self, account: Account, *, is_for_another: bool = False) -> Statement:
        """The day's; its number is the account's next, unless another customer sees it by mistake."""
        core = self._core
        lines = self._lines(account)
        opening = core.closings[account.number]
        closing = opening + sum((line.amount for line in _today(core, account)), ZERO)
        sequence = core.sequence[account.number] + 1
        if is_for_another:
            opening, closing = core.balance(account.number) - closing + opening, core.balance(account.number)
        else:
            sequence += core.strikes(Fault.SEQUENCE_GAP, account)
            core.sequence[account.number] = sequence
            core.closings[account.number] = closing
        return replace(
            self._part(account, Kind.STATEMENT, lines),
            opening=opening,
            closing=closing,
            sequence=sequence,
        )

    def _part(self, account: Account, kind: Kind, lines: Iterable[Transaction]) -> Statement:
        on = self._core.today
        as_iban = self._customer.reporting.as_iban
        return Statement(
            account=account.iban if as_iban and account.iban else account.number,
            currency=account.currency,
            kind=kind,
            number=f"{_LETTERS[kind]}{on:%y%j}{account.number[-6:]}",
            starts_on=on,
            ends_on=on,
            transactions=tuple(lines),
        )

    def _lines(self, account: Account) -> list[Transaction]:
        """As they stand on a statement: a sum line for what is summed, else the details."""
        found: list[Transaction] = []
        reporting = self._customer.reporting
        for line in _today(self._core, account):
            is_summed = len(line.details) > 1 and (
                line.is_giro or account.number in self._silent or not reporting.lists_debit_details
            )
            found += [_sum(line)] if is_summed else line.details
        return found

    def _other_account(self) -> Account | None:
        """Another customer's, by mistake."""
        others = (one for one in self._core.accounts.values() if one.customer != self._customer.id)
        return next(others, None)

    def _ocr(self, found: Sequence[tuple[Account, list[Transaction]]]) -> bytes:
        on = self._core.today
        assignments = []
        for place, (account, lines) in enumerate(found, 1):
            batch = f"{on:%Y%m%d}-1-{place:05}"
            told = tuple(
                replace(
                    one,
                    batch_reference=batch,
                    bank_code="13",
                    value_on=None,
                    text="",
                    counterparty_account=_bban(one.counterparty_account),
                )
                for one in lines
            )
            assignments.append(
                Statement(
                    account=account.number,
                    currency=account.currency,
                    kind=Kind.GIRO,
                    number=f"{place:07}",
                    transactions=told,
                )
            )
        return ocr_giro.write(
            assignments,
            transmission=int(f"{on:%j}1"),
            recipient="00105625",
            agreement="001008566",
            on=self._made_on,
        )

    def _bgmax(self, found: Sequence[tuple[Account, list[Transaction]]]) -> bytes:
        on = self._core.today
        deposits = []
        for account, lines in found:
            told = tuple(
                replace(
                    one,
                    bank_reference=f"18{one.bank_reference}",
                    remittances=(Remittance(reference=one.reference),),
                    counterparty_account=_bankgiro(one.counterparty_account),
                    bank_code="1",
                )
                for one in lines
            )
            deposits.append(
                Statement(
                    account=account.bankgiro,
                    currency=account.currency,
                    kind=Kind.GIRO,
                    number=str(on.timetuple().tm_yday),
                    ends_on=on,
                    transactions=told,
                )
            )
        account = found[0][0].iban[7:] or "0"
        return bgmax.write(deposits, created=f"{self._made_on:%Y%m%d}021000000000", account=account)


def _sum(line: BookedLine) -> Transaction:
    first = line.details[0]
    batches = {one.payment_info_id for one in line.details}
    return Transaction(
        amount=line.amount,
        booked_on=line.on,
        value_on=line.on,
        bank_reference=line.reference,
        batch_reference=line.reference,
        payment_info_id=batches.pop() if len(batches) == 1 else "",
        bank_code=first.bank_code,
        sums_up=len(line.details),
    )


def _bban(number: str) -> str:
    """As OCR giro has room for it."""
    return number if number.isdigit() and len(number) == 11 else ""


def _bankgiro(number: str) -> str:
    return number if number.isdigit() and len(number) <= 8 else ""


def _in_latin_1(build: Build) -> Build:
    """Still called UTF-8, and with a sign outside ASCII in any case."""

    def spoilt(message_id: str) -> bytes:
        text = f"{build(message_id).decode('utf-8')}<!-- Øre og öre -->\n"
        return text.encode("iso-8859-1", "replace")

    return spoilt


def _with_wrong_detail(build: Build) -> Build:
    """One detail of a sum line says a krone more than it is."""

    def spoilt(message_id: str) -> bytes:
        root = etree.fromstring(build(message_id))
        entry = next(one for one in root.iterfind(".//{*}Ntry") if len(one.findall(".//{*}TxDtls")) > 1)
        detail = entry.findall(".//{*}TxDtls")[0]
        for amount in (*detail.iterfind("{*}Amt"), *detail.iterfind("{*}AmtDtls/{*}TxAmt/{*}Amt")):
            amount.text = str(Decimal(amount.text or "0") + 1)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    return spoilt

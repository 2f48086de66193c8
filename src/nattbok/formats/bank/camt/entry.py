"""One entry (Ntry) of a statement, and the payments it consists of.

A payment's amount is what moved on the account: the details' when they are given in the account's currency
and add up to the entry, the entry's when there is one detail. Where the details do not say how the entry
is shared between them, the entry becomes one line that sums them up: it is never shared by a guess.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.bank.camt.detail import Detail, detail
from nattbok.formats.bank.camt.names import Names, bank_code, charges, direction, money
from nattbok.formats.bank.findings import Findings
from nattbok.formats.bank.identity import occurrence
from nattbok.formats.bank.shape import Status, Transaction

_ONCE = frozenset(("Amt", "CdtDbtInd", "RvslInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef"))
_STATUSES = {
    "BOOK": Status.BOOKED,
    "PDNG": Status.PENDING,
    "FUTR": Status.PENDING,
    "INFO": Status.INFORMATION,
}


@dataclass(slots=True)
class Entry:
    """What an Ntry says of all its payments."""

    amount: Decimal  # signed
    is_out: bool
    currency: str
    status: Status
    booked_on: date | None
    value_on: date | None
    is_reversal: bool
    reference: str  # the bank's
    text: str
    bank_code: str
    charges: Decimal | None
    where: str
    batch: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Lines:
    """The entries of one statement while it is read, and what they come to."""

    names: Names
    transactions: list[Transaction] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    entries: int = 0
    payments: int = 0
    not_booked: int = 0
    booked_in: Decimal = ZERO
    booked_out: Decimal = ZERO
    waiting_in: Decimal = ZERO
    waiting_out: Decimal = ZERO
    credits: int = 0  # entries in, booked or not
    booked_credits: int = 0
    reversed: Decimal = ZERO  # signed sum of the booked reversals
    by_value_day: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    currencies: dict[str, str] = field(default_factory=dict)  # currency -> where it is first met
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, node: xml.Element) -> None:
        """Read one Ntry."""
        parts, groups = self._parts(node)
        entry = self._entry(node, parts)
        self._count(entry)
        details, listed = self._details(entry, groups)
        self.payments += len(details) or 1
        fees = sum((one.charges for one in details if one.charges is not None), ZERO)
        if not details:
            # A batch without details is a sum line, also when it does not say of how many.
            self._append(entry, None, entry.amount, "", listed or int(bool(entry.batch)))
        elif len(details) == 1:
            self._one_detail(entry, details[0], listed, fees)
        else:
            self._several(entry, details, listed, fees)

    def _parts(self, node: xml.Element) -> tuple[dict[str, xml.Element], list[xml.Element]]:
        names, parts, groups = self.names, {}, []
        for child in node:
            name = names[child.tag]
            if name == "NtryDtls":
                groups.append(child)
            elif name in parts and name in _ONCE:
                raise Unreadable(
                    _("{name} is given twice."), where=xml.place(child), code="camt_twice", name=name
                )
            else:
                parts[name] = child
        return parts, groups

    def _entry(self, node: xml.Element, parts: dict[str, xml.Element]) -> Entry:
        names = self.names
        given = money(parts.get("Amt"))
        status = parts.get("Sts")
        if given is None or status is None:
            raise Unreadable(
                _("The entry has no amount or no status."), where=xml.place(node), code="camt_incomplete"
            )
        says = (status.text or "").strip() or (status[0].text or "" if len(status) else "").strip()
        sign = direction(parts.get("CdtDbtInd"), node)
        reversal = parts.get("RvslInd")
        reference = parts.get("AcctSvcrRef")
        text = parts.get("AddtlNtryInf")
        return Entry(
            amount=given[0] * sign if given[0] else ZERO,
            is_out=sign < 0,
            currency=given[1],
            status=_STATUSES.get(says, Status.INFORMATION),
            booked_on=names.day(parts.get("BookgDt")),
            value_on=names.day(parts.get("ValDt")),
            is_reversal=reversal is not None and (reversal.text or "").strip() in ("true", "1"),
            reference="" if reference is None else (reference.text or "").strip(),
            text="" if text is None else (text.text or "").strip(),
            bank_code=bank_code(names, parts.get("BkTxCd")),
            charges=charges(names, parts.get("Chrgs"), given[1]),
            where=f"line {node.sourceline}, Ntry {self.entries + 1}",
        )

    def _count(self, entry: Entry) -> None:
        amount = entry.amount
        self.entries += 1
        self.currencies.setdefault(entry.currency, entry.where)
        booked = entry.status is Status.BOOKED
        if not entry.is_out:
            self.credits += 1
            self.booked_credits += booked
        if not booked:
            self.not_booked += 1
            if amount >= 0:
                self.waiting_in += amount
            else:
                self.waiting_out -= amount
            return
        if amount >= 0:
            self.booked_in += amount
        else:
            self.booked_out -= amount
        if entry.is_reversal:
            self.reversed += amount
        if entry.value_on is not None:
            self.by_value_day[entry.value_on] += amount
        if entry.booked_on is None:
            self.findings.hold(
                "missing_booking_date",
                entry.where,
                _("The booked entry of {amount} has no date."),
                amount=amount,
            )

    def _details(self, entry: Entry, groups: list[xml.Element]) -> tuple[list[Detail], int]:
        """The details, and how many the batch says there are (0 when it does not say)."""
        names = self.names
        details: list[Detail] = []
        listed = 0
        for group in groups:
            for child in group:
                name = names[child.tag]
                if name == "TxDtls":
                    details.append(
                        detail(
                            names,
                            child,
                            is_out=entry.is_out,
                            is_reversal=entry.is_reversal,
                            currency=entry.currency,
                        )
                    )
                elif name == "Btch":
                    entry.batch = names.texts(child)
                    number = entry.batch.get("NbOfTxs", "")
                    listed += int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
                    self._check_total(entry, child)
        return details, listed

    def _check_total(self, entry: Entry, batch: xml.Element) -> None:
        total = money(self.names.down(batch, "TtlAmt"), is_information=True)
        if total is not None and total[1] == entry.currency and total[0] != abs(entry.amount):
            self.findings.note(
                "batch_total_differs",
                entry.where,
                _("The batch was of {total}, the entry is of {amount}."),
                total=total[0],
                amount=abs(entry.amount),
            )

    def _one_detail(self, entry: Entry, one: Detail, listed: int, fees: Decimal) -> None:
        """The entry is the payment, whatever the detail says; what it says is checked."""
        if one.amount is None:
            if one.is_foreign:
                self.findings.note(
                    "detail_in_other_currency",
                    entry.where,
                    _("The detail is in {currency} only; the entry's {amount} counts."),
                    currency=one.instructed_currency,
                    amount=entry.amount,
                )
        elif one.amount != entry.amount and (fees or entry.charges or ZERO) != one.amount - entry.amount:
            if one.booked == entry.amount:
                self._amounts_differ(entry)
            else:
                self._do_not_sum(entry, one.amount)
        # A batch of several told by one detail without more than the amount is a sum line.
        self._append(entry, one, entry.amount, one.reference or entry.reference, listed if listed > 1 else 0)

    def _several(self, entry: Entry, details: list[Detail], listed: int, fees: Decimal) -> None:
        if listed and listed != len(details):
            self.findings.hold(
                "batch_count_mismatch",
                entry.where,
                _("The batch is of {listed} payments, but {given} are given."),
                listed=listed,
                given=len(details),
            )
        amounts = self._shares(entry, details, fees)
        if amounts is None:
            self._append(entry, _together(details), entry.amount, entry.reference, len(details))
            return
        own = Counter(one.reference for one in details)
        for number, (one, amount) in enumerate(zip(details, amounts, strict=True), 1):
            reference = one.reference or entry.reference
            if reference and (reference == entry.reference or own[reference] > 1):
                reference = f"{reference}#{number}"
            self._append(entry, one, amount, reference, 0, number)
        if entry.charges and sum(amounts, ZERO) - entry.charges == entry.amount:
            self._append(entry, None, -entry.charges, f"{entry.reference}#charges", 0)

    def _shares(self, entry: Entry, details: list[Detail], fees: Decimal) -> list[Decimal] | None:
        """Each detail's amount; None when they do not say. Holds what does not add up."""
        amounts = [one.amount for one in details if one.amount is not None]
        total = sum(amounts, ZERO)
        if len(amounts) < len(details):
            if not amounts and not any(one.is_foreign for one in details):
                self.findings.note(
                    "split_unknown",
                    entry.where,
                    _("The entry of {amount} is of {number} payments whose amounts are not given."),
                    amount=entry.amount,
                    number=len(details),
                )
            else:
                self._do_not_sum(entry, total)
            return None
        if total == entry.amount:
            return amounts
        if fees and total - fees == entry.amount:
            self.findings.note(
                "charges_between",
                entry.where,
                _("The details are before charges of {charges}."),
                charges=fees,
            )
            return [amount - (one.charges or ZERO) for one, amount in zip(details, amounts, strict=True)]
        if entry.charges and total - entry.charges == entry.amount:
            self.findings.note(
                "charges_between",
                entry.where,
                _("The details are before charges of {charges}."),
                charges=entry.charges,
            )
            return amounts
        booked = [one.booked for one in details if one.booked is not None]
        if len(booked) == len(details) and sum(booked, ZERO) == entry.amount:
            self._amounts_differ(entry)
            return booked
        self._do_not_sum(entry, total)
        return amounts

    def _do_not_sum(self, entry: Entry, total: Decimal) -> None:
        self.findings.hold(
            "details_do_not_sum",
            entry.where,
            _("The details come to {total}, the entry is {amount}, and no charges explain it."),
            total=total,
            amount=entry.amount,
        )

    def _amounts_differ(self, entry: Entry) -> None:
        self.findings.note(
            "amounts_differ",
            entry.where,
            _("Ordered and booked amounts differ; the booked ones come to the entry's {amount}."),
            amount=entry.amount,
        )

    def _append(
        self, entry: Entry, one: Detail | None, amount: Decimal, reference: str, sums_up: int, number: int = 0
    ) -> None:
        if one is None:
            one = _NO_DETAIL
            reference = reference or entry.reference
        if entry.status is Status.BOOKED:
            reference = occurrence(reference, self.seen)
        where = f"{entry.where}, TxDtls {number}" if number else entry.where
        if one.remitted is not None and one.remitted != amount:
            self.findings.note(
                "remittance_differs",
                where,
                _("The invoices named come to {named}, the payment is {amount}."),
                named=one.remitted,
                amount=amount,
            )
        text = one.text
        if entry.text and entry.text not in text:
            text = f"{text}\n{entry.text}" if text else entry.text
        batch = entry.batch
        self.transactions.append(
            Transaction(
                amount=amount,
                booked_on=entry.booked_on,
                value_on=entry.value_on,
                status=entry.status,
                bank_reference=reference,
                batch_reference=entry.reference or batch.get("PmtInfId", ""),
                end_to_end_id=one.end_to_end_id,
                payment_info_id=one.payment_info_id or batch.get("PmtInfId", ""),
                message_id=one.message_id or batch.get("MsgId", ""),
                reference=one.only_reference,
                remittances=one.remittances,
                text=text,
                counterparty_name=one.name,
                counterparty_account=one.account,
                counterparty_org_number=one.org_number,
                bank_code=one.bank_code or entry.bank_code,
                is_reversal=entry.is_reversal,
                return_reason=one.return_reason,
                instructed_amount=one.instructed_amount,
                instructed_currency=one.instructed_currency,
                charges=one.charges if one.charges is not None else entry.charges,
                sums_up=sums_up,
                where=where,
            )
        )


_NO_DETAIL = Detail()


def _together(details: list[Detail]) -> Detail:
    """All that several details say which one line can carry."""
    return Detail(
        remittances=tuple(remittance for one in details for remittance in one.remittances),
        text="\n".join(one.text for one in details if one.text),
    )

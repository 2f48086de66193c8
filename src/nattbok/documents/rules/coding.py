"""Coding: which account and VAT code each part of a bill gets, and why.

What is not certain is Unclear, with the likely answers: nothing is guessed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatCode, VatDirection
from nattbok.documents.rules.bill import Bill, Group
from nattbok.documents.rules.identity import Supplier

LAST_BILLS = 12  # as far back as history is asked
ENOUGH_BILLS = 3  # fewer are not a habit
MOST_CANDIDATES = 3
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a person has set for a supplier."""

    account: str = ""
    vat_code: str = ""
    limit: Decimal | None = None
    may_post: bool = True
    dimensions: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PastBill:
    """How one bill of a supplier was posted: its cost lines' VAT codes and accounts."""

    entry: int
    owed: Decimal
    lines: tuple[tuple[str, str], ...]  # VAT code, account


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One cost line of a bill: `net` and `vat` are the document's, signed as owed."""

    account: str
    vat_code: str
    net: Decimal
    vat: Decimal
    reason: Words
    rate: Decimal | None = None
    source: str = ""  # where in the file the amounts stand
    text: str = ""
    dimensions: Mapping[str, str] | None = None
    entries: tuple[int, ...] = ()  # the history it follows


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a person must decide, and the codings that are likely, the likeliest first."""

    kind: str
    reason: Words
    proposals: tuple[tuple[CodedLine, ...], ...] = ()


def vat_code(group: Group, *, bill: Bill, law: Country, override: str = "") -> str | Words:
    """The code of one VAT group, or why there is none that is certain.

    A supplier's own code counts instead where it can be the group's: without VAT (then the VAT is cost),
    with the rate that is stated, or owed by the buyer on what is stated without VAT.
    """
    on = bill.supplied_on
    values = {
        "category": group.category,
        "rate": "" if group.rate is None else f"{group.rate.normalize():f}",
        "country": bill.seller_country,
    }
    if on is None:
        return Words(_("There is no date that decides the VAT rate."))
    code = override or law.purchase_vat_code(group.category, group.rate, bill.seller_country, on)
    if code is None:
        return Words(
            _("VAT category {category} {rate} % from a seller in “{country}” does not tell which VAT code."),
            values,
        )
    found = law.vat_codes.get(code)
    if found is None or not _goes(found, group, on):
        return Words(
            _("VAT code {code} does not go with category {category} {rate} %."), values | {"code": code}
        )
    return code


def _goes(code: VatCode, group: Group, on: date) -> bool:
    if code.direction is VatDirection.NONE:
        return True
    if code.direction is VatDirection.OUTPUT or code.rates[0][0] > on:
        return False
    if code.direction is VatDirection.REVERSE:
        return group.vat == 0
    return code.rate(on) == group.rate


def code(
    bill: Bill,
    *,
    supplier: Supplier,
    setting: Setting,
    history: Sequence[PastBill],
    law: Country,
    accounts: Mapping[str, str],
) -> tuple[CodedLine, ...] | Unclear:
    """The bill's cost lines, each with its reason; or why not, with likely codings.

    `accounts` are those in use: number → name. `history` is the supplier's bills, the latest first.
    """
    groups = [group for group in bill.groups if group.net or group.vat]
    codes = [vat_code(group, bill=bill, law=law, override=setting.vat_code) for group in groups]
    for found in codes:
        if isinstance(found, Words):
            return Unclear("documents.vat", found)
    if setting.account:
        if setting.account not in accounts:
            return Unclear(
                "documents.account",
                Words(
                    _("{supplier} is set to account {account}, which is not in use."),
                    {"supplier": supplier.name, "account": setting.account},
                ),
            )
        reason = Words(_("the setting of {supplier}"), {"supplier": supplier.name})
        return tuple(
            _line(bill, group, code, setting.account, reason, setting)
            for group, code in zip(groups, codes, strict=True)
        )
    coded = list(zip(groups, codes, strict=True))
    return _by_history(bill, coded, supplier, setting, history[:LAST_BILLS], law, accounts)


@dataclass(frozen=True, slots=True)
class _Habit:
    """What the bills before say of one VAT code: accounts by frequency, the entries, and any doubt."""

    accounts: tuple[str, ...]
    entries: tuple[int, ...]
    doubt: Words | None


def _habit(code: str, supplier: Supplier, history: Sequence[PastBill], accounts: Mapping[str, str]) -> _Habit:
    seen = [past for past in history if any(found == code for found, _account in past.lines)]
    counts = Counter(account for past in seen for found, account in past.lines if found == code)
    used = tuple(account for account, _count in counts.most_common() if account in accounts)
    values = {"supplier": supplier.name, "code": code}
    doubt = None
    if len(seen) < ENOUGH_BILLS:
        doubt = Words(
            _("{supplier} has {count} bills with VAT code {code} before; {enough} make a habit."),
            values | {"count": len(seen), "enough": ENOUGH_BILLS},
        )
    elif len(counts) > 1:
        doubt = Words(
            _("Bills from {supplier} with VAT code {code} went to several accounts: {accounts}."),
            values | {"accounts": ", ".join(sorted(counts))},
        )
    elif not used:
        doubt = Words(
            _("Bills from {supplier} went to account {account}, which is no longer in use."),
            values | {"account": next(iter(counts))},
        )
    return _Habit(used, tuple(past.entry for past in seen), doubt)


def _by_history(
    bill: Bill,
    coded: Sequence[tuple[Group, str]],
    supplier: Supplier,
    setting: Setting,
    history: Sequence[PastBill],
    law: Country,
    accounts: Mapping[str, str],
) -> tuple[CodedLine, ...] | Unclear:
    """As the supplier's bills were posted before, when all of them say the same."""
    codes = {code for _group, code in coded}
    habits = {code: _habit(code, supplier, history, accounts) for code in sorted(codes)}
    doubts = [habit.doubt for habit in habits.values() if habit.doubt]
    unlike = [past for past in history if codes.isdisjoint(code for code, _account in past.lines)]
    if unlike:
        # Whoever posted those may have known what this document does not say.
        doubts.append(
            Words(
                _("{count} of the last {bills} bills from {supplier} were posted with other VAT codes."),
                {"count": len(unlike), "bills": len(history), "supplier": supplier.name},
            )
        )

    def lines(place: int) -> tuple[CodedLine, ...]:
        found = []
        for group, code in coded:
            habit = habits[code]
            likely = habit.accounts or _fallbacks(bill, law, accounts)
            if not likely:
                return ()
            account = likely[min(place, len(likely) - 1)]
            reason = _as_before(supplier, len(habit.entries))
            found.append(_line(bill, group, code, account, reason, setting, habit.entries))
        return tuple(found)

    if not doubts:
        return lines(0)
    proposals: list[tuple[CodedLine, ...]] = []
    for place in range(MOST_CANDIDATES):
        proposed = lines(place)
        if proposed and proposed not in proposals:
            proposals.append(proposed)
    return Unclear("documents.account", doubts[0], tuple(proposals))


def _as_before(supplier: Supplier, count: int) -> Words:
    if not count:
        return Words(_("{supplier} has no bills to go by"), {"supplier": supplier.name})
    return Words(_("as the last {count} bills from {supplier}"), {"count": count, "supplier": supplier.name})


def _fallbacks(bill: Bill, law: Country, accounts: Mapping[str, str]) -> list[str]:
    """Without a history: the account the seller repeats as ours, then that of purchases. Only to suggest."""
    return [each for each in (bill.account_code, law.accounts.purchases) if each in accounts]


def _line(
    bill: Bill,
    group: Group,
    code: str,
    account: str,
    reason: Words,
    setting: Setting,
    entries: tuple[int, ...] = (),
) -> CodedLine:
    return CodedLine(
        account=account,
        vat_code=code,
        net=group.net,
        vat=group.vat,
        reason=reason,
        rate=group.rate,
        source=group.source,
        text=f"{bill.seller} {bill.number}"[:300],
        dimensions=setting.dimensions,
        entries=entries,
    )


def reverse_vat(line: CodedLine, code: VatCode, on: date) -> Decimal:
    """The VAT that the buyer owes on a line, in whole øre: it is on no document."""
    return rounded(line.net * code.rate(on) / _HUNDRED)


def gross(lines: Sequence[CodedLine]) -> Decimal:
    """What the lines ask for in all, with the VAT the document states."""
    return sum((line.net + line.vat for line in lines), ZERO)


def written(line: CodedLine) -> dict:
    """A coded line as JSON can hold it."""
    return {
        "account": line.account,
        "vat_code": line.vat_code,
        "net": str(line.net),
        "vat": str(line.vat),
        "rate": None if line.rate is None else str(line.rate),
        "reason": {"text": line.reason.text, "values": line.reason.values},
        "source": line.source,
        "text": line.text,
        "dimensions": dict(line.dimensions) if line.dimensions else None,
        "entries": list(line.entries),
    }


def read(kept: Mapping) -> CodedLine:
    """A coded line as it was kept."""
    reason = kept.get("reason") or {"text": CHOSEN, "values": {}}
    rate = kept.get("rate")
    return CodedLine(
        account=str(kept["account"]),
        vat_code=str(kept.get("vat_code") or ""),
        net=Decimal(kept["net"]),
        vat=Decimal(kept.get("vat") or "0.00"),
        reason=Words(reason["text"], reason["values"]),
        rate=Decimal(rate) if rate else None,
        source=kept.get("source") or "",
        text=kept.get("text") or "",
        dimensions=kept.get("dimensions"),
        entries=tuple(kept.get("entries") or ()),
    )


CHOSEN = _("chosen by a person")

"""The first method: how a supplier's own bills were posted before, line by line where the lines are known.

Order does not count but for what came last: the bills are sorted here, by the entry.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO, split
from nattbok.base.words import Words, _
from nattbok.documents.rules.parts import Part
from nattbok.documents.rules.shares import Share

LAST_BILLS = 12  # as far back as history is asked
ENOUGH_BILLS = 3  # fewer are not a habit
FORGIVING_FROM = 6  # as many bills outweigh one that went elsewhere,
LATEST = 3  # unless it is among these
_HUNDRED = Decimal(100)
_CENT = Decimal("0.01")

Dimensions = tuple[tuple[str, str], ...]
Target = tuple[tuple[str, Dimensions, Decimal], ...]  # account, dimensions, percent: where a part goes


@dataclass(frozen=True, slots=True)
class PastCost:
    """A cost line of an entry: what was posted, without saying of which line of the bill."""

    vat_code: str
    account: str
    net: Decimal = ZERO
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True)
class PastPart:
    """Where one line of a bill went."""

    vat_code: str
    account: str
    key: str = ""
    item: str = ""
    commodity: str = ""
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True)
class PastBill:
    """How one bill of a supplier was posted: its cost lines' VAT codes and accounts, and more where known."""

    entry: int
    owed: Decimal
    lines: tuple[tuple[str, str], ...]  # VAT code, account
    costs: tuple[PastCost, ...] = ()
    parts: tuple[PastPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Habit:
    """What the bills before say of a part: where they went by frequency, the entries, and any doubt."""

    targets: tuple[Target, ...] = ()
    entries: tuple[int, ...] = ()
    doubt: Words | None = None
    by: str = ""  # what it was told by: "item", "text", "commodity", or "" for the VAT code alone


def one(account: str, dimensions: Dimensions = ()) -> Target:
    """All of it on one account."""
    return ((account, dimensions, _HUNDRED),)


def frozen(dimensions: Mapping[str, str] | None) -> Dimensions:
    """Dimensions as they can be compared."""
    return tuple(sorted((str(name), str(value)) for name, value in (dimensions or {}).items()))


def shares(target: Target) -> tuple[Share, ...]:
    """A target as a split key."""
    return tuple(Share(percent, account, dict(dimensions) or None) for account, dimensions, percent in target)


def latest_first(history: Sequence[PastBill]) -> list[PastBill]:
    """The bills in the one order that deciding knows, whatever order they come in; at most LAST_BILLS."""
    return sorted(history, key=lambda past: -past.entry)[:LAST_BILLS]


def habit(
    part: Part,
    code: str,
    history: Sequence[PastBill],
    *,
    supplier: str,
    accounts: Mapping[str, str],
) -> Habit:
    """Where `part` went before: by the item, the text or the class of goods, else by its VAT code.

    `history` is latest first. With few bills that name the part itself, the VAT code's habit holds if those
    few went the same way.
    """
    few: list[tuple[int, Target]] = []
    for by, attribute in (("item", "item"), ("text", "key"), ("commodity", "commodity")):
        wanted = getattr(part, attribute)
        if not wanted:
            continue
        seen = [
            (past.entry, one(each.account, each.dimensions))
            for past in history
            for each in dict.fromkeys(past.parts)
            if each.vat_code == code and getattr(each, attribute) == wanted
        ]
        if len({entry for entry, _target in seen}) >= ENOUGH_BILLS:
            return _judged(seen, code, supplier, accounts, by)
        few += seen
    found = _judged(_by_code(code, history), code, supplier, accounts, "")
    differing = {target for _entry, target in few} - set(found.targets[:1])
    if found.doubt is None and differing:
        account = sorted(differing)[0][0][0]
        doubt = Words(
            _("“{text}” went to account {account} before, unlike other lines from {supplier}."),
            {"text": part.text[:80], "account": account, "supplier": supplier},
        )
        likely = dict.fromkeys((*(target for _entry, target in few), *found.targets))
        return Habit(tuple(likely), found.entries, doubt)
    if few:
        likely = dict.fromkeys((*(target for _entry, target in few), *found.targets))
        usable = tuple(target for target in likely if all(each[0] in accounts for each in target))
        return Habit(usable, found.entries, found.doubt)
    return found


def _by_code(code: str, history: Sequence[PastBill]) -> list[tuple[int, Target]]:
    """Each bill with the VAT code, and how its costs with that code were shared."""
    found: list[tuple[int, Target]] = []
    for past in history:
        if past.costs:
            found += [(past.entry, target) for target in _shared(code, past.costs)]
        else:
            accounts = sorted({account for each, account in past.lines if each == code})
            found += [(past.entry, one(account)) for account in accounts]
    return found


def _shared(code: str, costs: Sequence[PastCost]) -> list[Target]:
    """The one way the costs were shared; where that is no split key, each account by itself."""
    nets: dict[tuple[str, Dimensions], Decimal] = {}
    for cost in costs:
        if cost.vat_code == code:
            place = (cost.account, cost.dimensions)
            nets[place] = nets.get(place, ZERO) + cost.net
    if len(nets) <= 1:
        return [one(*place) for place in nets]
    total = sum(nets.values(), ZERO)
    if total and all(net * total > 0 for net in nets.values()):
        percents = [round(_HUNDRED * net / total, 1) for net in nets.values()]
        if all(percents) and sum(percents) == _HUNDRED:
            again = split(total, percents)
            if all(abs(a - b) <= _CENT for a, b in zip(again, nets.values(), strict=True)):
                target = sorted(
                    (account, dimensions, percent.normalize())
                    for (account, dimensions), percent in zip(nets, percents, strict=True)
                )
                return [tuple(target)]
    return [one(*place) for place in sorted(nets)]


def _judged(
    seen: Sequence[tuple[int, Target]], code: str, supplier: str, accounts: Mapping[str, str], by: str
) -> Habit:
    """The habit that these bills make, latest first, or what speaks against one."""
    entries = tuple(dict.fromkeys(entry for entry, _target in seen))
    counts = Counter(target for _entry, target in seen)
    ordered = sorted(counts, key=lambda target: (-counts[target], target))
    used = tuple(target for target in ordered if all(account in accounts for account, *_rest in target))
    values: dict[str, str | int | None] = {"supplier": supplier, "code": code}
    doubt = None
    if len(entries) < ENOUGH_BILLS:
        doubt = Words(
            _("{supplier} has {count} bills with VAT code {code} before; {enough} make a habit."),
            values | {"count": len(entries), "enough": ENOUGH_BILLS},
        )
    elif len(counts) > 1 and not _is_forgiven(seen, ordered[0]):
        told = sorted({"+".join(account for account, *_rest in target) for target in counts})
        doubt = Words(
            _("Bills from {supplier} with VAT code {code} went to several accounts: {accounts}."),
            values | {"accounts": ", ".join(told)},
        )
        if len(told) == 1:
            doubt = Words(
                _("Bills from {supplier} went to account {account} with several departments or projects."),
                values | {"account": told[0]},
            )
    elif not used or used[0] != ordered[0]:
        gone = next(account for account, *_rest in ordered[0] if account not in accounts)
        doubt = Words(
            _("Bills from {supplier} went to account {account}, which is no longer in use."),
            values | {"account": gone},
        )
    return Habit(used, entries, doubt, by)


def _is_forgiven(seen: Sequence[tuple[int, Target]], usual: Target) -> bool:
    """Whether one bill that went elsewhere may be passed over: there are many others, and it is not new."""
    others = {entry for entry, target in seen if target != usual}
    entries = list(dict.fromkeys(entry for entry, _target in seen))
    return len(entries) >= FORGIVING_FROM and len(others) == 1 and others.isdisjoint(entries[:LATEST])

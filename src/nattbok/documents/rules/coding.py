"""Coding: which account and VAT code each part of a bill gets, and why.

What a person has set for the supplier decides; else a rule of the office; else two methods that must agree:
how that supplier's bills were posted before, and what words and sellers like these went to for all.
What is not certain is Unclear, with the likely answers: nothing is guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatDirection
from nattbok.documents.rules import habits, placing
from nattbok.documents.rules import parts as bill_parts
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coded_lines import CHOSEN, CodedLine, gross, read, reverse_vat, written
from nattbok.documents.rules.habits import ENOUGH_BILLS, LAST_BILLS, Habit, PastBill, Target, latest_first
from nattbok.documents.rules.identity import Supplier
from nattbok.documents.rules.likeness import Opinion, Seen, opinion
from nattbok.documents.rules.office_rules import Coding, OfficeRule, match
from nattbok.documents.rules.parts import Part
from nattbok.documents.rules.placing import Placed
from nattbok.documents.rules.shares import Share
from nattbok.documents.rules.vat import vat_code
from nattbok.ledger.rules.templates import Template

__all__ = [
    "CHOSEN", "ENOUGH_BILLS", "LAST_BILLS", "CodedLine", "PastBill", "Setting", "Unclear", "code", "gross",
    "read", "reverse_vat", "vat_code", "written",
]  # fmt: skip

MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """What a person has set for a supplier."""

    account: str = ""
    vat_code: str = ""
    limit: Decimal | None = None
    may_post: bool = True
    dimensions: Mapping[str, str] | None = None
    shares: tuple[Share, ...] = ()  # a split key
    template: str = ""  # a template's key
    months: int = 0  # spread over so many, from the month that the bill is for
    approver: int | None = None  # a person
    charges_vat: bool | None = None  # as the VAT register says; None: not looked up
    version: int = 0

    @property
    def decides(self) -> bool:
        """Whether it says where the cost goes."""
        return bool(self.account or self.shares or self.template)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a person must decide, and the codings that are likely, the likeliest first."""

    kind: str
    reason: Words
    proposals: tuple[tuple[CodedLine, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What coding goes by, beside the supplier itself."""

    law: Country
    accounts: Mapping[str, str]  # those in use: number → name
    history: Sequence[PastBill] = ()  # the supplier's bills
    seen: Seen = field(default_factory=Seen)
    rules: Sequence[OfficeRule] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    deducts_vat: bool = True


def code(
    bill: Bill,
    *,
    supplier: Supplier,
    setting: Setting,
    known: Known,
    parts: Sequence[Part] = (),
    from_month: Month | None = None,
) -> tuple[CodedLine, ...] | Unclear:
    """The bill's cost lines, each with its reason and evidence; or why not, with likely codings.

    `parts` are the bill's, by its lines where they are known; `from_month` is the first that it is for.
    """
    known = replace(known, history=latest_first(known.history))
    found = bill_parts.merged(parts) or list(bill_parts.without_lines(bill))
    codes: dict[str, str] = {}
    for group in dict.fromkeys(part.group for part in found):
        answer = vat_code(
            group, bill=bill, law=known.law, override=setting.vat_code, deducts=known.deducts_vat
        )
        if isinstance(answer, Words):
            return Unclear("documents.vat", answer)
        codes[group.source] = answer
    if not setting.vat_code:
        codes = _as_posted_before(codes, found, known)
    first = from_month or (Month.of(bill.issued_on) if bill.issued_on else None)
    case = _Case(bill, found, codes, supplier, setting, known, first)
    try:
        return _by_setting(case) if setting.decides else _by_evidence(case)
    except Refused as refused:  # a template or a split key that cannot be used on this bill
        return Unclear("documents.account", refused.words)


@dataclass(frozen=True, slots=True)
class _Case:
    """A bill that is to be coded, with all that it is coded by."""

    bill: Bill
    parts: Sequence[Part]
    codes: Mapping[str, str]  # source of a VAT group → VAT code
    supplier: Supplier
    setting: Setting
    known: Known
    first: Month | None  # the month that it is for, or the first of them

    def code_of(self, part: Part) -> str:
        """The VAT code of a part."""
        return self.codes[part.group.source]


def _as_posted_before(codes: dict[str, str], parts: Sequence[Part], known: Known) -> dict[str, str]:
    """The codes, but where all the supplier's bills had one other code without deduction: then that one.

    So a person who chose three times not to deduct is not asked a fourth time. Only for a bill of one group.
    """
    if len(codes) != 1 or len(known.history) < ENOUGH_BILLS:
        return codes
    ((source, code_),) = codes.items()
    before = {each for past in known.history for each, _account in past.lines}
    if len(before) != 1 or code_ in before or not all(part.group.vat for part in parts):
        return codes
    (other,) = before
    there = known.law.vat_codes.get(other)
    is_cost = there is not None and there.direction is VatDirection.NONE
    return {source: other} if is_cost else codes


def _by_setting(case: _Case) -> tuple[CodedLine, ...] | Unclear:
    """As a person has set for the supplier."""
    setting, supplier, known = case.setting, case.supplier, case.known
    coding = Coding(setting.account, "", setting.shares, setting.template, setting.months)
    reason = Words(_("the setting of {supplier}"), {"supplier": supplier.name})
    for account in sorted(placing.accounts_of(coding, known.templates)):
        if account not in known.accounts:
            return Unclear(
                "documents.account",
                Words(
                    _("{supplier} is set to account {account}, which is not in use."),
                    {"supplier": supplier.name, "account": account},
                ),
            )
    evidence = {"by": "setting", "version": setting.version}
    placed = [
        Placed(part, case.code_of(part), coding, reason, setting.dimensions, evidence=evidence)
        for part in case.parts
    ]
    return placing.lines(case.bill, placed, known.templates, case.first)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is known of one part: an office rule, or both methods' words; and any doubt."""

    part: Part
    vat_code: str
    rule: OfficeRule | None = None
    habit: Habit = field(default_factory=Habit)
    opinion: Opinion | None = None
    doubt: Words | None = None
    kind: str = "documents.account"


def _by_evidence(case: _Case) -> tuple[CodedLine, ...] | Unclear:
    """By the office's rules, else by both methods where they agree on every part."""
    parts = case.parts
    leading = [part for part in parts if not part.follows] or list(parts)
    following = [part for part in parts if part.follows and part not in leading]
    judged = [_judge(part, case) for part in leading]
    doubts = [(each.kind, each.doubt) for each in judged if each.doubt]
    if any(each.rule is None for each in judged) and (unlike := _unlike(judged, case)):
        doubts.append(("documents.account", unlike))

    def coded(place: int) -> tuple[CodedLine, ...]:
        there = [placed for each in judged if (placed := _placed(each, place, case)) is not None]
        if len(there) < len(judged):
            return ()
        there += [placing.following(part, there, case.code_of(part)) for part in following]
        return placing.lines(case.bill, there, case.known.templates, case.first)

    if not doubts:
        return coded(0)
    proposals: list[tuple[CodedLine, ...]] = []
    for place in range(MOST_CANDIDATES):
        proposed = coded(place)
        if proposed and all(_goods(proposed) != _goods(each) for each in proposals):
            proposals.append(proposed)
    return Unclear(*doubts[0], tuple(proposals))


def _unlike(judged: Sequence[_Judged], case: _Case) -> Words | None:
    """Why the supplier's bills before speak against the codes; None when they do not.

    Whoever posted those with other codes may have known what this document does not say.
    """
    history = case.known.history
    used = {each.vat_code for each in judged}
    unlike = [past for past in history if used.isdisjoint(each for each, _account in past.lines)]
    if not unlike or _is_past(unlike, history):
        return None
    return Words(
        _("{count} of the last {bills} bills from {supplier} were posted with other VAT codes."),
        {"count": len(unlike), "bills": len(history), "supplier": case.supplier.name},
    )


def _is_past(unlike: Sequence[PastBill], history: Sequence[PastBill]) -> bool:
    """Whether one bill with another code is outweighed, as `habits` outweighs one on another account."""
    latest = [past.entry for past in history[: habits.LATEST]]
    return len(history) >= habits.FORGIVING_FROM and len(unlike) == 1 and unlike[0].entry not in latest


def _goods(lines: Sequence[CodedLine]) -> list[tuple]:
    return [(line.account, line.vat_code, line.net, line.vat, line.dimensions) for line in lines]


def _judge(part: Part, case: _Case) -> _Judged:
    code_, known, supplier = case.code_of(part), case.known, case.supplier
    rule = match(part, case.bill, known.rules, country=known.law.code)
    if rule is not None:
        return _by_rule(part, rule, case)
    habit = habits.habit(part, code_, known.history, supplier=supplier.name, accounts=known.accounts)
    counted: dict[str, int] = {}
    for past in known.history:
        for each, account in past.lines:
            if each == code_:
                counted[account] = counted.get(account, 0) + 1
    words = bill_parts.words(part, case.bill)
    second = opinion(words, known.seen, accounts=known.accounts, supplier=counted)
    doubt = habit.doubt
    if doubt is None:
        doubt = _disagreement(part, habit.targets[0], second)
    return _Judged(part, code_, None, habit, second, doubt)


def _disagreement(part: Part, target: Target, second: Opinion | None) -> Words | None:
    usual = {account for account, *_rest in target}
    values = {"text": part.text[:80], "account": "+".join(sorted(usual))}
    if second is None:
        text = _("Bills before say account {account} for “{text}”, but its words do not bear that out.")
        return Words(text, values)
    if second.account in usual:
        return None
    text = _("Bills before say account {account} for “{text}”, its words say account {other}.")
    return Words(text, values | {"other": second.account})


def _by_rule(part: Part, rule: OfficeRule, case: _Case) -> _Judged:
    code_, known = case.code_of(part), case.known
    values: dict[str, str | int | None] = {"number": rule.number, "version": rule.version}
    kind, doubt = "documents.account", None
    if rule.coding.vat_code:
        answer = vat_code(
            part.group,
            bill=case.bill,
            law=known.law,
            override=rule.coding.vat_code,
            deducts=known.deducts_vat,
        )
        if isinstance(answer, Words):
            kind, doubt = "documents.vat", answer
        else:
            code_ = answer
    if rule.coding.template and rule.coding.template not in known.templates:
        text = _("Office rule {number}, version {version} codes with template {key}, which is not there.")
        doubt = Words(text, values | {"key": rule.coding.template})
    missing = sorted(placing.accounts_of(rule.coding, known.templates) - set(known.accounts))
    if missing and doubt is None:
        text = _("Office rule {number}, version {version} codes with account {account}, which is not in use.")
        doubt = Words(text, values | {"account": missing[0]})
    return _Judged(part, code_, rule, doubt=doubt, kind=kind)


def _placed(judged: _Judged, place: int, case: _Case) -> Placed | None:
    """Where the part goes by the `place`-th likely answer; None when nothing is likely."""
    setting, known = case.setting, case.known
    if judged.rule is not None:
        rule = judged.rule
        if placing.accounts_of(rule.coding, known.templates) - set(known.accounts) or (
            rule.coding.template and rule.coding.template not in known.templates
        ):
            return None
        evidence = {"by": "office_rule", "office_rule": rule.number, "office_version": rule.version,
                    "author": rule.author}  # fmt: skip
        return Placed(judged.part, judged.vat_code, rule.coding, rule.reason, setting.dimensions,
                      evidence=evidence)  # fmt: skip
    likely = _likely(judged, case)
    if not likely:
        return None
    target = likely[min(place, len(likely) - 1)]
    coding = Coding(shares=habits.shares(target), months=setting.months)
    if len(target) == 1:
        coding = Coding(account=target[0][0], months=setting.months)
    own = dict(target[0][1]) if len(target) == 1 and target[0][1] else None
    return Placed(
        judged.part,
        judged.vat_code,
        coding,
        _reason(judged, target, case.supplier),
        setting.dimensions or own,
        judged.habit.entries,
        _evidence(judged),
    )


def _likely(judged: _Judged, case: _Case) -> list[Target]:
    """The targets by how likely they are: as before, as its words say, as the seller repeats, purchases.

    Where bills before are no habit yet, the words are asked first.
    """
    bill, known = case.bill, case.known
    before = list(judged.habit.targets)
    said = [habits.one(judged.opinion.account)] if judged.opinion else []
    fallbacks = [
        habits.one(each)
        for each in (bill.account_code, known.law.accounts.purchases)
        if each in known.accounts
    ]
    told = (*before, *said) if before else (*said, *fallbacks)
    return list(dict.fromkeys(told))


def _reason(judged: _Judged, target: Target, supplier: Supplier) -> Words:
    habit, count = judged.habit, len(judged.habit.entries)
    if target not in habit.targets:
        if judged.opinion is not None and habits.one(judged.opinion.account) == target:
            words = ", ".join(each.word for each in judged.opinion.because if each.word.isalpha())
            if words:
                return Words(_("as other lines with the words {words}"), {"words": words})
            return Words(_("as other lines from this seller at the office’s clients"))
        if not count:
            return Words(_("{supplier} has no bills to go by"), {"supplier": supplier.name})
        return Words(_("none of the bills from {supplier} went there"), {"supplier": supplier.name})
    if habit.by in ("text", "item") and judged.part.key:
        return Words(
            _("as “{text}” on the last {count} bills from {supplier}"),
            {"text": judged.part.text[:80], "count": count, "supplier": supplier.name},
        )
    if not count:
        return Words(_("as the same line on a bill from {supplier} before"), {"supplier": supplier.name})
    values = {"count": count, "supplier": supplier.name}
    if count == 1:
        return Words(_("as the last bill from {supplier}"), {"supplier": supplier.name})
    if len(habit.targets) > 1:
        return Words(_("as some of the last {count} bills from {supplier}"), values)
    return Words(_("as the last {count} bills from {supplier}"), values)


def _evidence(judged: _Judged) -> dict:
    """Both methods' words, as data."""
    habit, second = judged.habit, judged.opinion
    return {
        "by": "history",
        "before": {
            "told_by": habit.by or "vat_code",
            "bills": len(habit.entries),
            "targets": [[account for account, *_rest in target] for target in habit.targets[:4]],
        },
        "words": None
        if second is None
        else {
            "account": second.account,
            "likelihood": f"{second.likelihood:.3f}",
            "because": [[each.word, each.hits, each.of] for each in second.because],
        },
    }

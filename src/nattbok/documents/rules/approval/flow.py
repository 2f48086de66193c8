"""A client's approval flow: its steps, their limits and conditions, and what passes without anybody.

Amounts are positive Decimal in the client's currency, including VAT; a credit note counts as its amount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.words import _

MOST_STEPS = 8
MOST_PEOPLE = 30  # named in one step
DAYS = range(1, 61)
DIMENSIONS = ("project", "department")


class BadFlow(Refused):
    """A flow that could not be carried out is not kept."""

    message = _("Something in the flow is not what it should be.")

    def __init__(self, sentence: str = "") -> None:
        super().__init__()
        self.message = sentence or self.message


class Before(StrEnum):
    """What waits for the last yes."""

    POSTING = "posting"
    PAYMENT = "payment"


class Who(StrEnum):
    """How a step finds its people."""

    PERSONS = "persons"  # those it names
    ROLE = "role"  # all who have a role at the client
    RESPONSIBLE = "responsible"  # whoever manages the document's project or department
    SUPPLIER = "supplier"  # whom the supplier's setting names


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a document must be for a step. All that is said must hold; nothing said: every document.

    Accounts are told by their first digits: 63 is all of 6300 to 6399.
    """

    above: Decimal | None = None
    suppliers: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who, how many of them, and for which documents."""

    who: Who
    persons: tuple[int, ...] = ()
    role: str = ""
    dimension: str = ""
    people: int = 1
    two_above: Decimal | None = None  # above this amount two must, in union
    only: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Flow:
    """How a client's documents are approved. One that is off lets all pass, by policy."""

    is_on: bool = False
    before: Before = Before.PAYMENT
    steps: tuple[Step, ...] = ()
    free_through: Decimal | None = None  # up to and with this amount nobody is asked
    free_suppliers: tuple[int, ...] = ()
    registrant_may: bool = True  # whether who handed a document in may approve it
    batch_through: Decimal | None = None  # several at once, each up to this; none: one by one
    escalate_after: int = 5  # days without an answer
    link_days: int = 7  # that a link from a mail may be used


def check(flow: Flow) -> None:
    """BadFlow, with its cause in words, unless the flow can be carried out."""
    if flow.is_on and not flow.steps:
        raise BadFlow(_("The flow has no steps."))
    if len(flow.steps) > MOST_STEPS:
        raise BadFlow(_("A flow has eight steps at most."))
    if flow.escalate_after not in DAYS or flow.link_days not in DAYS:
        raise BadFlow(_("Days are from 1 to 60."))
    for limit in (flow.free_through, flow.batch_through):
        _check_limit(limit)
    for step in flow.steps:
        _check_step(step)


def _check_step(step: Step) -> None:
    if step.people not in (1, 2):
        raise BadFlow(_("One or two approve in a step."))
    _check_limit(step.two_above)
    _check_limit(step.only.above)
    if step.who is Who.PERSONS and not 0 < len(set(step.persons)) <= MOST_PEOPLE:
        raise BadFlow(_("A step names nobody, or too many."))
    if step.who is Who.PERSONS and len(set(step.persons)) < step.people:
        raise BadFlow(_("A step that two must approve names only one person."))
    if step.who is Who.ROLE and step.role not in ("owner", "approver", "accountant"):
        raise BadFlow(_("A step asks a role that nobody can have."))
    if step.who is Who.RESPONSIBLE and step.dimension not in DIMENSIONS:
        raise BadFlow(_("A step asks whoever is responsible, and does not say of what."))
    if step.people == 2 and step.who in (Who.RESPONSIBLE, Who.SUPPLIER):
        raise BadFlow(_("A project, a department or a supplier has one approver, so two cannot approve."))


def _check_limit(limit: Decimal | None) -> None:
    if limit is not None and not 0 < limit < Decimal(10) ** 14:
        raise BadFlow(_("A limit in the flow is a positive amount."))


def written(flow: Flow) -> dict:
    """A flow as JSON can hold it."""
    return {
        "is_on": flow.is_on,
        "before": flow.before.value,
        "steps": [_step_written(step) for step in flow.steps],
        "free_through": _text(flow.free_through),
        "free_suppliers": list(flow.free_suppliers),
        "registrant_may": flow.registrant_may,
        "batch_through": _text(flow.batch_through),
        "escalate_after": flow.escalate_after,
        "link_days": flow.link_days,
    }


def _step_written(step: Step) -> dict:
    return {
        "who": step.who.value,
        "persons": list(step.persons),
        "role": step.role,
        "dimension": step.dimension,
        "people": step.people,
        "two_above": _text(step.two_above),
        "only": {
            "above": _text(step.only.above),
            "suppliers": list(step.only.suppliers),
            "accounts": list(step.only.accounts),
            "projects": list(step.only.projects),
            "departments": list(step.only.departments),
        },
    }


def read(kept: Mapping) -> Flow:
    """A flow as it was kept, or came as JSON; BadFlow when it is none."""
    try:
        flow = Flow(
            is_on=bool(kept.get("is_on")),
            before=Before(kept.get("before") or Before.PAYMENT),
            steps=tuple(_step(step) for step in kept.get("steps") or ()),
            free_through=_amount(kept.get("free_through")),
            free_suppliers=_numbers(kept.get("free_suppliers")),
            registrant_may=bool(kept.get("registrant_may", True)),
            batch_through=_amount(kept.get("batch_through")),
            escalate_after=int(kept.get("escalate_after") or 5),
            link_days=int(kept.get("link_days") or 7),
        )
    except (AttributeError, InvalidOperation, KeyError, OverflowError, TypeError, ValueError) as wrong:
        raise BadFlow() from wrong
    check(flow)
    return flow


def _step(kept: Mapping) -> Step:
    only = kept.get("only") or {}
    return Step(
        who=Who(kept["who"]),
        persons=_numbers(kept.get("persons")),
        role=str(kept.get("role") or ""),
        dimension=str(kept.get("dimension") or ""),
        people=int(kept.get("people") or 1),
        two_above=_amount(kept.get("two_above")),
        only=Conditions(
            _amount(only.get("above")),
            _numbers(only.get("suppliers")),
            _codes(only.get("accounts")),
            _codes(only.get("projects")),
            _codes(only.get("departments")),
        ),
    )


def _numbers(given: Sequence | None) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(each) for each in given or ()))


def _codes(given: Sequence | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for each in given or () if (code := str(each).strip()[:60])))


def _amount(given: object) -> Decimal | None:
    if given in (None, ""):
        return None
    amount = Decimal(str(given))
    if not amount.is_finite():
        raise ValueError(given)
    return round(amount, 2)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"

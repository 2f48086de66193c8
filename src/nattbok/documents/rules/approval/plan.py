"""From a flow and a document to who is asked, in which order, and why; or why nobody is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from nattbok.base.words import Words, _
from nattbok.documents.rules.approval.flow import Conditions, Flow, Step, Who

TWO = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What a flow asks of a document. `owed` is its amount without a sign."""

    owed: Decimal
    supplier: int | None = None
    supplier_name: str = ""
    accounts: frozenset[str] = frozenset()
    dimensions: frozenset[tuple[str, str]] = frozenset()  # ("project", "P7")
    registered_by: frozenset[int] = frozenset()
    approver: int | None = None  # whom the supplier's setting names
    is_own_currency: bool = True  # else no limit says anything of the amount, and none lets it pass

    def is_within(self, limit: Decimal) -> bool:
        """Whether it is known to be no more than `limit`, which is in the client's currency."""
        return self.is_own_currency and self.owed <= limit

    def codes(self, dimension: str) -> frozenset[str]:
        """The projects, or departments, that its lines are coded to."""
        return frozenset(code for name, code in self.dimensions if name == dimension)


@dataclass(frozen=True, slots=True)
class People:
    """Who can be asked at a client: names by person, those of each role, and who manages what."""

    names: Mapping[int, str]
    roles: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    responsible: Mapping[tuple[str, str], int] = field(default_factory=dict)
    away: Mapping[int, int] = field(default_factory=dict)  # today: person → stand-in

    def stand_in(self, person: int) -> int | None:
        """Who stands in for somebody who is away: the first along the row who is there and can be asked.

        None where nobody is away, and where all stand in for each other in a ring.
        """
        seen = {person}
        other = self.away.get(person)
        while other is not None and other not in seen:
            if other in self.names and other not in self.away:
                return other
            seen.add(other)
            other = self.away.get(other)
        return None


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of this document: any `people` of `persons`, and why it is there."""

    people: int
    persons: tuple[int, ...]
    reason: Words


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, in order, and the steps that fell away, each with its reason."""

    steps: tuple[Planned, ...]
    skipped: tuple[Words, ...] = ()

    @property
    def people(self) -> int:
        """So many different people must say yes, whoever they turn out to be."""
        return max(step.people for step in self.steps)


@dataclass(frozen=True, slots=True)
class Passes:
    """Nobody is asked: approved by policy, for this reason."""

    reason: Words


@dataclass(frozen=True, slots=True)
class Nobody:
    """It needs approval, and there is nobody who could give it."""

    reason: Words


def plan(flow: Flow, facts: Facts, people: People) -> Plan | Passes | Nobody:
    """Who is asked about a document with these facts.

    A step that does not concern the document falls away; one that does and finds nobody stops it.
    """
    passes = _passes(flow, facts)
    if passes is not None:
        return Passes(passes)
    steps: list[Planned] = []
    skipped: list[Words] = []
    for number, step in enumerate(flow.steps, 1):
        why_not = _not_concerned(number, step, facts)
        if why_not is not None:
            skipped.append(why_not)
            continue
        found = _planned(number, step, flow, facts, people)
        if isinstance(found, Nobody):
            return found
        steps.append(found)
    if not steps:
        return Passes(skipped[0] if len(skipped) == 1 else Words(_("No step of the flow is for it.")))
    return Plan(tuple(steps), tuple(skipped))


def chosen(persons: Sequence[int], facts: Facts, people: People, *, registrant_may: bool) -> Plan | Nobody:
    """A plan of the people that somebody chose for one document: each a step, in the order given."""
    steps = []
    for person in dict.fromkeys(persons):
        if person not in people.names:
            return Nobody(Words(_("Somebody who was chosen cannot approve for this client.")))
        if not registrant_may and person in facts.registered_by:
            return Nobody(
                Words(
                    _("{name} handed the document in, and may not approve it."),
                    {"name": people.names[person]},
                )
            )
        steps.append(Planned(1, (person,), Words(_("chosen for this document"))))
    return Plan(tuple(steps)) if steps else Nobody(Words(_("Nobody was chosen.")))


def besides(asked: Plan, flow: Plan | Passes | Nobody) -> Plan | Nobody:
    """The people chosen for one document, and then those whom the flow asks: to choose some goes around none.

    Whoever is in both says yes once.
    """
    match flow:
        case Plan():
            return Plan(asked.steps + flow.steps, flow.skipped)
        case Nobody():
            return flow
        case _:
            return asked


def _passes(flow: Flow, facts: Facts) -> Words | None:
    """Why no approval is needed at all."""
    if not flow.is_on:
        return Words(_("This client demands no approval."))
    if flow.free_through is not None and facts.is_within(flow.free_through):
        return Words(
            _("{owed} is within {limit}, up to which nobody is asked."),
            {"owed": f"{facts.owed:.2f}", "limit": f"{flow.free_through:.2f}"},
        )
    if facts.supplier is not None and facts.supplier in flow.free_suppliers:
        return Words(_("Bills from {supplier} need no approval."), {"supplier": facts.supplier_name})
    return None


def _not_concerned(number: int, step: Step, facts: Facts) -> Words | None:
    """Why a step is not for this document."""
    if _fails(step.only, facts):
        return Words(_("Step {number} is not for such documents."), {"number": number})
    if step.who is Who.RESPONSIBLE and not facts.codes(step.dimension):
        texts = {
            "project": _("Step {number} is for documents with a project."),
            "department": _("Step {number} is for documents with a department."),
        }
        return Words(texts[step.dimension], {"number": number})
    if step.who is Who.SUPPLIER and facts.approver is None:
        return Words(_("Step {number} is for suppliers with an approver of their own."), {"number": number})
    return None


def _fails(only: Conditions, facts: Facts) -> bool:
    """Whether one of the conditions does not hold."""
    return (
        (only.above is not None and facts.is_within(only.above))
        or (bool(only.suppliers) and facts.supplier not in only.suppliers)
        or (bool(only.accounts) and not any(each.startswith(only.accounts) for each in facts.accounts))
        or (bool(only.projects) and facts.codes("project").isdisjoint(only.projects))
        or (bool(only.departments) and facts.codes("department").isdisjoint(only.departments))
    )


def _planned(number: int, step: Step, flow: Flow, facts: Facts, people: People) -> Planned | Nobody:
    found: list[int] = []
    for person in _named(step, facts, people):
        if isinstance(person, Words):
            return Nobody(person)
        if person not in people.names or (not flow.registrant_may and person in facts.registered_by):
            continue
        found.append(person)
    needed = step.people
    if step.two_above is not None and not facts.is_within(step.two_above):
        needed = TWO
    persons = tuple(dict.fromkeys(found))
    if step.who is Who.RESPONSIBLE:
        needed = max(needed, len(persons))  # each of those whose projects it is on
    if len(persons) < needed:
        return Nobody(
            Words(
                _("Step {number} needs {needed} people, and {count} can be asked."),
                {"number": number, "needed": needed, "count": len(persons)},
            )
        )
    return Planned(needed, persons, _why(step, facts, needed))


def _named(step: Step, facts: Facts, people: People) -> Iterator[int | Words]:
    """The people of a step; a sentence where one is missing."""
    match step.who:
        case Who.PERSONS:
            yield from step.persons
        case Who.ROLE:
            yield from people.roles.get(step.role, ())
        case Who.SUPPLIER:
            if facts.approver is not None:
                yield facts.approver
        case Who.RESPONSIBLE:
            for code in sorted(facts.codes(step.dimension)):
                person = people.responsible.get((step.dimension, code))
                if person is None:
                    yield Words(_("Nobody is set as responsible for {code}."), {"code": code})
                else:
                    yield person


def _why(step: Step, facts: Facts, needed: int) -> Words:
    """Why these are asked."""
    if step.two_above is not None and needed == TWO and step.people < TWO:
        if not facts.is_own_currency:
            return Words(_("in another currency than the limits, so two must approve"))
        return Words(_("above {limit} two must approve"), {"limit": f"{step.two_above:.2f}"})
    match step.who:
        case Who.RESPONSIBLE:
            codes = ", ".join(sorted(facts.codes(step.dimension)))
            texts = {
                "project": _("responsible for the project {codes}"),
                "department": _("responsible for the department {codes}"),
            }
            return Words(texts[step.dimension], {"codes": codes})
        case Who.SUPPLIER:
            return Words(_("approves what comes from {supplier}"), {"supplier": facts.supplier_name})
        case Who.ROLE:
            texts = {
                "owner": _("one of those who decide at the client"),
                "approver": _("one of the client’s approvers"),
                "accountant": _("one of those who keep the books"),
            }
            return Words(texts[step.role])
    return Words(_("named in the flow"))

"""The form in which a flow is written: from a flow to fields, and from fields to a flow."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.base.written import read_amount
from nattbok.clients.models import Client
from nattbok.documents.rules.approval import Flow
from nattbok.documents.rules.approval.flow import MOST_STEPS, read, written
from nattbok.ledger.queries import parties
from nattbok.ledger.rules import PartyKind
from nattbok.web import shown

WHO = {
    "persons": _("these people"),
    "role": _("a role"),
    "responsible": _("who is responsible"),
    "supplier": _("the supplier’s own approver"),
}
ROLES = {
    "owner": _("those who decide at the client"),
    "approver": _("the client’s approvers"),
    "accountant": _("those who keep the books"),
}
DIMENSIONS = {"project": _("the project"), "department": _("the department")}
BEFORE = {"posting": _("before it is posted"), "payment": _("before it is paid")}


class NoSupplierNumbered(Refused):
    """Suppliers are named by their numbers."""

    message = _("{number} is not the number of a supplier.")


@dataclass(slots=True)
class StepForm:
    """One step as it stands in the form."""

    number: int
    who: str = ""
    persons: list[int] = field(default_factory=list)
    role: str = "approver"
    dimension: str = "project"
    people: str = "1"
    two_above: str = ""
    above: str = ""
    suppliers: str = ""
    accounts: str = ""
    projects: str = ""
    departments: str = ""

    @property
    def whos(self) -> list[tuple[str, str]]:
        """How a step can find its people."""
        return list(WHO.items())

    @property
    def roles(self) -> list[tuple[str, str]]:
        """The roles that can be asked."""
        return list(ROLES.items())

    @property
    def dimensions(self) -> list[tuple[str, str]]:
        """What somebody can be responsible for."""
        return list(DIMENSIONS.items())


@dataclass(slots=True)
class FlowForm:
    """A flow as it stands in the form."""

    is_on: bool
    before: str
    free_through: str
    free_suppliers: str
    registrant_may: bool
    batch_through: str
    escalate_after: str
    link_days: str
    steps: list[StepForm]

    @property
    def befores(self) -> list[tuple[str, str]]:
        """What can wait for an approval."""
        return list(BEFORE.items())


def blank(client: Client, flow: Flow) -> FlowForm:
    """The form of a flow, with one empty step after its own."""
    numbers = {one.id: one.number for one in parties(client, PartyKind.SUPPLIER)}
    kept = written(flow)
    steps = [
        StepForm(
            place,
            who=step["who"],
            persons=step["persons"],
            role=step["role"] or "approver",
            dimension=step["dimension"] or "project",
            people=str(step["people"]),
            two_above=_typed(step["two_above"]),
            above=_typed(step["only"]["above"]),
            suppliers=", ".join(numbers.get(pk, "") for pk in step["only"]["suppliers"]),
            accounts=", ".join(step["only"]["accounts"]),
            projects=", ".join(step["only"]["projects"]),
            departments=", ".join(step["only"]["departments"]),
        )
        for place, step in enumerate(kept["steps"], 1)
    ]
    return FlowForm(
        flow.is_on,
        kept["before"],
        _typed(kept["free_through"]),
        ", ".join(numbers.get(pk, "") for pk in flow.free_suppliers),
        flow.registrant_may,
        _typed(kept["batch_through"]),
        str(flow.escalate_after),
        str(flow.link_days),
        [*steps, StepForm(len(steps) + 1)][:MOST_STEPS],
    )


def grid(post: QueryDict) -> FlowForm:
    """The form as the person wrote it, so that nothing is typed twice."""
    return FlowForm(
        post.get("is_on") == "1",
        post.get("before", ""),
        post.get("free_through", ""),
        post.get("free_suppliers", ""),
        post.get("registrant_may") == "1",
        post.get("batch_through", ""),
        post.get("escalate_after", ""),
        post.get("link_days", ""),
        [_step(post, place) for place in range(1, MOST_STEPS + 1) if f"who-{place}" in post],
    )


def _step(post: QueryDict, place: int) -> StepForm:
    return StepForm(
        place,
        post.get(f"who-{place}", ""),
        [pk for each in post.getlist(f"persons-{place}") if (pk := number(each)) is not None],
        *(
            post.get(f"{name}-{place}", "")
            for name in (
                "role",
                "dimension",
                "people",
                "two_above",
                "above",
                "suppliers",
                "accounts",
                "projects",
                "departments",
            )
        ),
    )


def flow_from(client: Client, post: QueryDict) -> Flow:
    """The flow that the form says; a step without a who is left out. Refused when it is none."""
    form = grid(post)
    ids = {one.number: one.id for one in parties(client, PartyKind.SUPPLIER)}
    return read(
        {
            "is_on": form.is_on,
            "before": form.before,
            "free_through": _money_text(form.free_through),
            "free_suppliers": _suppliers(form.free_suppliers, ids),
            "registrant_may": form.registrant_may,
            "batch_through": _money_text(form.batch_through),
            "escalate_after": form.escalate_after.strip() or 5,
            "link_days": form.link_days.strip() or 7,
            "steps": [
                {
                    "who": step.who,
                    "persons": step.persons if step.who == "persons" else [],
                    "role": step.role if step.who == "role" else "",
                    "dimension": step.dimension if step.who == "responsible" else "",
                    "people": step.people or 1,
                    "two_above": _money_text(step.two_above),
                    "only": {
                        "above": _money_text(step.above),
                        "suppliers": _suppliers(step.suppliers, ids),
                        "accounts": _codes(step.accounts),
                        "projects": _codes(step.projects),
                        "departments": _codes(step.departments),
                    },
                }
                for step in form.steps
                if step.who
            ],
        }
    )


def _codes(written_codes: str) -> list[str]:
    return [each for each in re.split(r"[\s,;]+", written_codes) if each]


def _suppliers(written_numbers: str, ids: dict[str, int]) -> list[int]:
    found = []
    for each in _codes(written_numbers):
        if each not in ids:
            raise NoSupplierNumbered(number=each[:40])
        found.append(ids[each])
    return found


def _money_text(text: str) -> str | None:
    found = money(text)
    return None if found is None else str(found)


def money(text: str) -> Decimal | None:
    """An amount as it is written; None for nothing."""
    return read_amount(text) if text.strip() else None


def number(text: str) -> int | None:
    """A whole number; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _typed(text: str | None) -> str:
    if text is None:
        return ""
    return text if shown.language() == "en" else text.replace(".", ",")

"""A bank rule as a form: from what is kept to fields, and from fields to what is kept."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from nattbok.bank.actions.bank_rules import RuleDraft
from nattbok.bank.queries.rule_rows import VersionRow
from nattbok.bank.rules.bank_rules import BadRule, Kind, Takes
from nattbok.bank.rules.bank_rules.reading import NOT_AMOUNT
from nattbok.bank.rules.shape import Payment
from nattbok.base.written import NotAnAmount, read_amount, read_day

CONDITIONS = (
    "direction", "payer", "payer_account", "contains", "words", "pattern", "least", "most", "bank_code",
    "first_day", "last_day",
)  # fmt: skip
POSTING = (
    "kind",
    "account",
    "vat_code",
    "party",
    "gross_pattern",
    "fee_account",
    "fee_pattern",
    "fee_vat_code",
)
OTHERS = ("name", "largest", "valid_from", "valid_through", "despite_open_items")
FIELDS = (*OTHERS, *CONDITIONS, *POSTING)


def empty() -> dict[str, str]:
    """A form with nothing in it."""
    return dict.fromkeys(FIELDS, "") | {"kind": "account"}


def from_movement(one: Payment) -> dict[str, str]:
    """What a line suggests: its payer, or else the words of its text."""
    said = " ".join(one.text.split())
    words = " ".join(word for word in said.split() if not any(sign.isdigit() for sign in word))
    return empty() | {
        "name": (one.payer_name or words or said)[:100],
        "direction": "in" if one.amount > 0 else "out",
        "payer": one.payer_name,
        "contains": "" if one.payer_name else (words or said)[:80],
        "bank_code": "" if one.payer_name or words else one.bank_code,
    }


def from_version(version: VersionRow) -> dict[str, str]:
    """The fields of a rule as it stands."""
    told = empty() | {name: _written(version.conditions.get(name)) for name in CONDITIONS}
    for name in OTHERS:
        value = getattr(version, name)
        told[name] = ("1" if value else "") if isinstance(value, bool) else _written(value)
    posting = version.posting
    if posting.get("kind") == Kind.SETTLEMENT:
        return told | {
            "kind": "settlement",
            "account": posting["clearing"],
            "fee_account": posting["fee"],
            "fee_vat_code": posting.get("fee_vat_code", ""),
        }
    first, *others = posting["parts"]
    told |= {name: _written(first.get(name)) for name in ("account", "vat_code", "party")}
    told["kind"] = "party" if first.get("party") else "account"
    fee = next((part for part in others if part.get("is_deducted")), None)
    if fee is not None:
        told |= {
            "kind": "split",
            "gross_pattern": first.get("pattern", ""),
            "fee_account": fee["account"],
            "fee_pattern": fee.get("pattern", ""),
            "fee_vat_code": fee.get("vat_code", ""),
        }
    return told


def _written(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    return "" if value in (None, 0) else str(value)


def draft(form: Mapping[str, str], *, today: date) -> RuleDraft:
    """The rule that the fields say. Raises BadRule, or NotADay, when a field cannot be read."""
    said = {name: str(form.get(name, "")).strip() for name in FIELDS}
    conditions: dict = {name: said[name] for name in CONDITIONS if said[name]}
    for name in ("contains", "words"):
        if name in conditions:
            conditions[name] = [part.strip() for part in conditions[name].split(";") if part.strip()]
    return RuleDraft(
        name=said["name"],
        conditions=conditions,
        posting=_posting(said),
        largest=_amount(said["largest"]),
        valid_from=read_day(said["valid_from"], near=today),
        valid_through=read_day(said["valid_through"], near=today),
        despite_open_items=bool(said["despite_open_items"]),
    )


def _posting(said: Mapping[str, str]) -> dict:
    match said["kind"]:
        case "settlement":
            return {
                "kind": Kind.SETTLEMENT.value,
                "clearing": said["account"],
                "fee": said["fee_account"],
                "fee_vat_code": said["fee_vat_code"],
            }
        case "party":
            return {"parts": [{"party": said["party"]}]}
        case "split":
            gross = {"account": said["account"], "vat_code": said["vat_code"]}
            if said["gross_pattern"]:
                gross |= {"takes": Takes.GROUP.value, "pattern": said["gross_pattern"]}
            fee = {
                "account": said["fee_account"],
                "takes": Takes.GROUP.value,
                "pattern": said["fee_pattern"],
                "is_deducted": True,
                "vat_code": said["fee_vat_code"],
            }
            return {"parts": [gross, fee]}
        case _:
            return {"parts": [{"account": said["account"], "vat_code": said["vat_code"]}]}


def _amount(said: str) -> Decimal | None:
    try:
        return read_amount(said)
    except NotAnAmount:
        raise BadRule(NOT_AMOUNT, text=said[:40]) from None

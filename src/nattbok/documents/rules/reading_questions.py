"""What is asked of a person about a document that was read from its pages, with what is likely."""

from collections.abc import Mapping, Sequence

from nattbok.base.words import Words, _
from nattbok.desk.rules import Candidate, QuestionDraft, means
from nattbok.documents.rules.bill import NO_BILL, POSTABLE, Bill, Kept
from nattbok.documents.rules.questions import DECLINE, about, held, subject
from nattbok.documents.rules.reading import Doubt
from nattbok.reading.shape import Kind

DOUBTFUL = means("documents.reading", _("Documents that were read with doubt"))
ILLEGIBLE = means("documents.illegible", _("Pictures that are to be taken again"))
IS_NO_BILL = means("documents.no_bill", _("Documents that are no bills"))
SEVERAL = means("documents.several", _("Files that seem to hold several documents"))
KINDS = (DOUBTFUL, ILLEGIBLE, IS_NO_BILL, SEVERAL)

MOST_CANDIDATES = 6

_IS = {
    "supplier_orgno": _("The supplier’s organisation number is {value}"),
    "invoice_no": _("The invoice number is {value}"),
    "issue_date": _("The invoice date is {value}"),
    "due_date": _("The due date is {value}"),
    "currency": _("The currency is {value}"),
    "net": _("The amount without VAT is {value}"),
    "vat_total": _("The VAT is {value}"),
    "total": _("The total is {value}"),
    "payment_ref": _("The payment reference is {value}"),
    "bank_account": _("The account is {value}"),
    "bankgiro": _("The bankgiro number is {value}"),
    "plusgiro": _("The plusgiro number is {value}"),
    "iban": _("The IBAN is {value}"),
    "buyer_orgno": _("It is for this client"),
    "kind": _("It is to be paid: an invoice"),
}


def question(document: int, kept: Kept, doubts: Sequence[Doubt], bill: Bill) -> QuestionDraft:
    """The question about a document that its reading holds."""
    reading = kept.reading or {}
    if len(reading.get("pieces", ())) > 1:
        return _several(document, kept, bill)
    first = held(document, kept.kind, kept.findings, bill)
    if reading.get("is_illegible"):
        kind, candidates = ILLEGIBLE, []
    elif kept.kind == NO_BILL:
        kind, candidates = IS_NO_BILL, [_as_kind(Kind.INVOICE), _as_kind(Kind.CREDIT_NOTE)]
    elif kept.kind in POSTABLE:
        kind, candidates = DOUBTFUL, _likely(reading, doubts)
    else:
        kind, candidates = first.kind, []
    return QuestionDraft(
        kind,
        subject(document),
        _reason(kept, doubts) or first.reason,
        (*candidates, Candidate(DECLINE, {"do": "decline"})),
        bill.owed,
        bill.currency,
        first.evidence | {"kind": reading.get("kind", ""), "engine": reading.get("engine", "")}
        | {"fields": [_told(reading, each) for each in doubts]},
        about(bill),
    )  # fmt: skip


def _reason(kept: Kept, doubts: Sequence[Doubt]) -> Words | None:
    """What the reader itself holds it for, else the doubt, else how many there are."""
    if kept.kind not in POSTABLE:
        return None
    own = [finding for finding in kept.findings if finding.code != "doubt"]
    if own:
        return own[0].words
    if len(doubts) > 1:
        return Words(
            _("{count} things that were read are not certain; each is marked, with what is likely."),
            {"count": len(doubts)},
        )
    return doubts[0].words if doubts else None


def _told(reading: Mapping, doubt: Doubt) -> dict:
    """A doubtful field as evidence: what was read, what proves it, and what else it may be."""
    field = reading.get("fields", {}).get(doubt.name, {})
    return {
        "name": doubt.name,
        "value": doubt.value,
        "second": doubt.second,
        "confidence": field.get("confidence"),
        "proof": field.get("proof", ""),
        "reason": doubt.words.text,
    }


def _likely(reading: Mapping, doubts: Sequence[Doubt]) -> list[Candidate]:
    """That all is right as it was read, where the sums say the same; else each value by itself."""
    named = [each for each in doubts if each.name in _IS and each.value]
    found = []
    if named and len(named) == len([each for each in doubts if each.name not in ("vat", "sums")]):
        values = {each.name: each.value for each in named}
        if any(each.name == "vat" for each in doubts):
            values |= _amounts(reading)
        if all(each.name != "sums" for each in doubts):
            shown = " · ".join(each.value for each in named if each.name not in ("kind", "buyer_orgno"))
            label = (
                Words(_("All is right as it was read: {values}"), {"values": shown})
                if shown and len(named) > 1
                else Words(_IS[named[0].name], {"value": named[0].value})
            )
            found.append(Candidate(label, {"do": "correct", "values": values}, named[0].why))
    elif not named and [each.name for each in doubts] == ["vat"]:
        values = _amounts(reading)
        label = Words(_("All is right as it was read: {values}"), {"values": " · ".join(values.values())})
        found.append(Candidate(label, {"do": "correct", "values": values}))
    for each in named:
        for one in dict.fromkeys((each.value, each.second)):
            candidate = Candidate(
                Words(_IS[each.name], {"value": one}), {"do": "correct", "values": {each.name: one}}, each.why
            )
            if one and all(candidate.answer != other.answer for other in found):
                found.append(candidate)
    return found[:MOST_CANDIDATES]


def _amounts(reading: Mapping) -> dict[str, str]:
    """The amounts as they were read, which a person says yes to together."""
    fields = reading["fields"]
    names = [name for name in ("net", "vat_total", "total") if name in fields]
    return {name: fields[name]["value"] for name in names}


def _as_kind(kind: Kind) -> Candidate:
    text = {Kind.INVOICE: _("It is an invoice all the same"), Kind.CREDIT_NOTE: _("It is a credit note")}[
        kind
    ]
    return Candidate(Words(text), {"do": "correct", "values": {"kind": kind.value}})


def _several(document: int, kept: Kept, bill: Bill) -> QuestionDraft:
    """The question about a file that seems to hold several documents: where it would be cut."""
    pieces = (kept.reading or {})["pieces"]
    cuts = [[piece["first"], piece["last"]] for piece in pieces]
    shown = ", ".join(f"{first + 1}" if first == last else f"{first + 1}–{last + 1}" for first, last in cuts)
    values = {"count": len(cuts), "pages": shown}
    return QuestionDraft(
        SEVERAL,
        subject(document),
        Words(_("The file seems to hold {count} documents: pages {pages}."), values),
        (
            Candidate(
                Words(_("Cut it into {count} documents: pages {pages}"), values),
                {"do": "split", "pieces": cuts},
                Words(pieces[1]["text"], pieces[1]["values"]),
            ),
            Candidate(Words(_("It is one document")), {"do": "split", "pieces": [[cuts[0][0], cuts[-1][1]]]}),
            Candidate(DECLINE, {"do": "decline"}),
        ),
        evidence={"pieces": cuts, "sha256": bill.sha256},
        about=about(bill),
    )  # fmt: skip

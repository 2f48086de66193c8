"""What is asked of a person about a document, with its likely answers.

An answer is data that `documents.actions.answer` carries out: {"do": …} and what it needs.
"""

from collections.abc import Sequence

from nattbok.base.words import Words, _
from nattbok.desk.rules import Candidate, QuestionDraft, means
from nattbok.documents.rules.bill import NOT_OURS, UNREADABLE, Bill, first_holding, title
from nattbok.documents.rules.coding import CodedLine, written
from nattbok.documents.rules.decision import Ask
from nattbok.formats.finding import Finding

UNREADABLE_FILE = means("documents.unreadable", _("Files that cannot be read"))
NOT_FOR_CLIENT = means("documents.not_ours", _("Documents for somebody else"))
HELD = means("documents.held", _("Documents with something wrong in them"))
means("documents.sums", _("Documents whose amounts do not add up"))
means("documents.currency", _("Documents in another currency"))
means("documents.prepaid", _("Documents that are partly paid"))
means("documents.paid_otherwise", _("Documents that are paid without a transfer"))
means("documents.date", _("Documents with an unlikely date"))
means("documents.duplicate", _("Documents that may have been sent twice"))
means("documents.which_supplier", _("Several suppliers with the same number"))
means("documents.new_supplier", _("New suppliers"))
means("documents.changed_account", _("New bank accounts of suppliers"))
means("documents.vat", _("Documents whose VAT code is uncertain"))
means("documents.account", _("Documents without a certain account"))
means("documents.amount", _("Unusually large documents"))
means("documents.round", _("Documents of a round sum"))
means("documents.purpose", _("Documents whose purpose must be told"))
means("documents.closed", _("Documents dated in a closed period"))
means("documents.first_bill", _("First bills of suppliers"))
means("documents.credit", _("Credit notes without their invoice"))
means("documents.own", _("Documents from the client itself"))
means("documents.limit", _("Documents above a limit"))
means("documents.approval", _("Documents ready to be posted"))
REFUSED = means("documents.refused", _("Documents that the books refused"))

TAKEN_IN = means("documents.accepted", _("Documents taken in although something in them is wrong"))
TAKEN_BACK = means("documents.undone", _("Documents whose posting was taken back"))

DECLINE = Words(_("Do not post it"))


def subject(document: int) -> str:
    """What a question about the document is about."""
    return f"document:{document}"


def held(document: int, kind: str, findings: Sequence[Finding], bill: Bill | None = None) -> QuestionDraft:
    """The question about a document that its own findings hold: the cause, and its place in the file.

    A person may post it all the same, with lines of their own, unless it is for somebody else.
    """
    finding = first_holding(findings)
    reason = finding.words if finding else Words(_("It cannot be posted by itself."))
    place = None
    if finding and finding.where:
        place = Words(
            _("It is at {where} in the file ({code})."), {"where": finding.where, "code": finding.code}
        )
    asked = {UNREADABLE: UNREADABLE_FILE, NOT_OURS: NOT_FOR_CLIENT}.get(kind, HELD)
    return QuestionDraft(
        asked,
        subject(document),
        reason,
        (Candidate(DECLINE, {"do": "decline"}, place),),
        bill.owed if bill else None,
        bill.currency if bill else "",
        {
            "where": finding.where if finding else "",
            "code": finding.code if finding else "",
            "findings": [each.code for each in findings][:50],
        },
        about(bill) if bill else "",
    )


def refused(bill: Bill, reason: Words, coding: Sequence[CodedLine]) -> QuestionDraft:
    """The question about a document whose entry the books did not take."""
    return QuestionDraft(
        REFUSED,
        subject(bill.document),
        reason,
        (_post(bill, coding), Candidate(DECLINE, {"do": "decline"})),
        bill.owed,
        bill.currency,
        about=about(bill),
    )


def accepted(
    bill: Bill, why: str, reason: Words | None, proposals: Sequence[Sequence[CodedLine]]
) -> QuestionDraft:
    """The question about a document that a person took in although something in it is wrong.

    `reason` is what else would have been asked about it.
    """
    return QuestionDraft(
        TAKEN_IN,
        subject(bill.document),
        reason or Words(_("It was taken in ({why}) and is never posted by itself."), {"why": why}),
        (*(_post(bill, coding) for coding in proposals if coding), Candidate(DECLINE, {"do": "decline"})),
        bill.owed,
        bill.currency,
        {"sha256": bill.sha256, "number": bill.number, "seller": bill.seller, "why": why},
        about(bill),
    )


def taken_back(
    bill: Bill,
    values: dict,
    *,
    before: Sequence[Candidate] = (),
    entry: tuple[int, str] | None = None,
) -> QuestionDraft:
    """The question about a document whose entry a person took back. `values` say `who`, and `why`.

    `before` are the answers that it had when it was asked about before; `entry` is what was posted then.
    """
    ours = ("again", "let_go", "decline")
    candidates = [each for each in before if each.answer.get("do") not in ours]
    if entry is not None:
        words = Words(_("Post it again as it was, as entry {entry}"), {"entry": entry[1]})
        candidates.append(Candidate(words, {"do": "again"}))
    candidates.append(Candidate(Words(_("Let the robot go on with it")), {"do": "let_go"}))
    candidates.append(Candidate(DECLINE, {"do": "decline"}))
    return QuestionDraft(
        TAKEN_BACK,
        subject(bill.document),
        Words(
            _("{who} took back what was posted of it: {why}. The robot leaves it until you let it go on."),
            values,
        ),
        tuple(candidates),
        bill.owed,
        bill.currency,
        {"sha256": bill.sha256, "number": bill.number, "seller": bill.seller},
        about(bill),
    )


def about(bill: Bill) -> str:
    """What a person knows a bill by: its day, its seller and its number."""
    return " · ".join(filter(None, (str(bill.issued_on or ""), bill.seller, bill.number)))


def question(bill: Bill, ask: Ask) -> QuestionDraft:
    """The question about a bill that hit a guard rail."""
    return QuestionDraft(
        ask.kind,
        subject(bill.document),
        ask.reason,
        (*_answers(bill, ask), Candidate(DECLINE, {"do": "decline"})),
        bill.owed,
        bill.currency,
        {"also": list(ask.also), "sha256": bill.sha256, "number": bill.number, "seller": bill.seller},
        about(bill),
    )


def _answers(bill: Bill, ask: Ask) -> list[Candidate]:
    if ask.kind == "documents.new_supplier":
        return [_register(bill)]
    if ask.kind == "documents.which_supplier":
        return [
            Candidate(
                Words(_("It is {supplier}"), {"supplier": each.name}),
                {"do": "choose_supplier", "supplier": each.id},
            )
            for each in ask.suppliers
        ]
    if ask.kind == "documents.changed_account" and ask.supplier is not None:
        return [
            Candidate(
                Words(
                    _("{accounts} belongs to {supplier}; I have asked them by another way"),
                    {"accounts": ", ".join(bill.accounts), "supplier": ask.supplier.name},
                ),
                {"do": "confirm_account", "accounts": list(bill.accounts)},
            )
        ]
    if ask.kind == "documents.duplicate":
        return []  # declining it is the likely answer
    return [_post(bill, coding) for coding in ask.proposals]


def _register(bill: Bill) -> Candidate:
    number = bill.seller_org_number or bill.seller_vat_number
    if bill.accounts:
        label = Words(
            _("Register {seller} ({number}), paid to {accounts}"),
            {"seller": bill.seller, "number": number, "accounts": ", ".join(bill.accounts)},
        )
    else:
        label = Words(_("Register {seller} ({number})"), {"seller": bill.seller, "number": number})
    # The accounts are named, so that it is these and no later ones that the person confirms.
    return Candidate(label, {"do": "register_supplier", "accounts": list(bill.accounts)}, title(bill))


def _post(bill: Bill, coding: Sequence[CodedLine]) -> Candidate:
    accounts = ", ".join(dict.fromkeys(line.account for line in coding))
    codes = ", ".join(dict.fromkeys(line.vat_code for line in coding))
    return Candidate(
        Words(
            _("Post {owed} to {accounts}, VAT code {codes}"),
            {"owed": str(bill.owed), "accounts": accounts, "codes": codes},
        ),
        {"do": "post", "lines": [written(line) for line in coding]},
        coding[0].reason if coding else None,
    )

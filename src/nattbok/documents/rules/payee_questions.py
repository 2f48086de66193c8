"""What is asked of a second person about the account that a posted document asks to be paid to."""

from collections.abc import Sequence

from nattbok.base.words import Words, _
from nattbok.desk.rules import Candidate, QuestionDraft, means
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.identity import Supplier

PAYEE_ON_HOLD = means(
    "documents.payee_on_hold", _("Posted, but on hold: a second person confirms the account")
)


def payee_on_hold(bill: Bill, supplier: Supplier, accounts: Sequence[str]) -> QuestionDraft:
    """The question whether `accounts` are the supplier's, about a bill that is posted and on hold for it."""
    told = ", ".join(accounts)
    return QuestionDraft(
        PAYEE_ON_HOLD,
        questions.subject(bill.document),
        Words(
            _("It is posted, and not paid before somebody else confirms that {accounts} is {supplier}’s."),
            {"accounts": told, "supplier": supplier.name},
        ),
        (
            Candidate(
                Words(
                    _("{accounts} belongs to {supplier}; I have asked them by another way"),
                    {"accounts": told, "supplier": supplier.name},
                ),
                {"do": "confirm_payee", "accounts": list(accounts)},
            ),
        ),
        bill.owed,
        bill.currency,
        {"sha256": bill.sha256, "number": bill.number, "seller": bill.seller, "accounts": list(accounts)},
        questions.about(bill),
    )

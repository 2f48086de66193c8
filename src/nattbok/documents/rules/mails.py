"""What becomes of a mail: whether a person is asked about it, and what."""

from collections.abc import Sequence
from enum import StrEnum

from nattbok.base.words import Words, _
from nattbok.desk.rules import Candidate, QuestionDraft, means
from nattbok.formats.finding import Finding

NOTHING = means("mails.nothing", _("Mails without a document"))
LEFT_OUT = means("mails.left_out", _("Mails with files that were not taken"))
UNREADABLE = means("mails.unreadable", _("Mails that cannot be opened"))
# What may well hide a document; other things beside a document are nothing to ask about.
HIDING = {"mail.winmail", "mail.encrypted", "mail.archive", "mail.coding", "mail.elsewhere"}
SEEN = Candidate(Words(_("There is nothing to take")), {"do": "seen"})


class MailOutcome(StrEnum):
    """What became of a mail."""

    TAKEN = "taken"
    REPEAT = "repeat"  # it came before, and nothing new lay in it
    NOTHING = "nothing"
    AUTOMATIC = "automatic"  # a program's answer, with no file
    UNREADABLE = "unreadable"


def outcome(*, taken: int, new: int, came_before: bool, left_out: int, is_automatic: bool) -> MailOutcome:
    """What became of a mail with so many files taken, so many of them new."""
    if came_before and not new:
        return MailOutcome.REPEAT
    if taken:
        return MailOutcome.TAKEN
    return MailOutcome.AUTOMATIC if is_automatic and not left_out else MailOutcome.NOTHING


def question(
    mail: int, became: MailOutcome, left_out: Sequence[Finding], *, about: str, evidence: dict
) -> QuestionDraft | None:
    """What a person is asked about the mail; None when there is nothing to ask."""
    hiding = [finding for finding in left_out if finding.code in HIDING]
    if became is MailOutcome.NOTHING:
        reason = left_out[0].words if left_out else Words(_("The mail has no file that can be a document."))
        return QuestionDraft(NOTHING, f"mail:{mail}", reason, (SEEN,), evidence=evidence, about=about)
    if became is MailOutcome.TAKEN and hiding:
        return QuestionDraft(
            LEFT_OUT, f"mail:{mail}", hiding[0].words, (SEEN,), evidence=evidence, about=about
        )
    return None

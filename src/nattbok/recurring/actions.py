"""Posting what is spread, month by month."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.desk.models import Question
from nattbok.desk.rules import Candidate, QuestionDraft, answered_by
from nattbok.desk.rules import means as asks
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Account, Books
from nattbok.ledger.queries import accruals, last_posted, unreversed
from nattbok.recurring import rules
from nattbok.recurring.rules import Due
from nattbok.trail.actions import record
from nattbok.trail.rules import ActDraft, means

POSTED = means("recurring.month", _("{month} of what entry {series} {number} spreads over {months} months"))
TAKEN_BACK = asks("recurring.taken_back", _("Months of what is spread that were taken back"))
NO_ACCOUNT = asks("recurring.account", _("What is spread, and its account is no longer in use"))
WHY_TAKEN_BACK = _(
    "{month} of what entry {entry} spreads was taken back. It is not posted again unless you say so."
)
WHY_NO_ACCOUNT = _("Account {account} is no longer in use, so {month} of entry {entry} waits.")


@dataclass(frozen=True, slots=True)
class Spreads:
    """How many months were posted, and how many wait for a person."""

    posted: int = 0
    left: int = 0


@transaction.atomic
def post_spreads(client: Client, *, today: datetime.date, by: str, night: int | None = None) -> Spreads:
    """Post the months that have come of all that is spread; safe to repeat, since each has its own origin.

    A month that somebody took back is not posted again: it is a question, once. So is one whose account is
    out of use. The others go on.
    """
    books = Books.objects.select_for_update().filter(client=client).first()
    if books is None:
        return Spreads()
    found = rules.come(accruals(client, is_running=True), today=today, closed_through=books.closed_through)
    before = last_posted(client, [due.origin for due in found])
    standing = unreversed(client, list(before))
    new = [due for due in found if due.origin not in before]
    in_use = set(
        Account.objects.filter(client=client, is_active=True, control="").values_list("number", flat=True)
    )
    ready = [due for due in new if not rules.unusable(due, in_use)]
    acts = record(client, [ActDraft(POSTED, by, rules.evidence(due), night) for due in ready])
    ledger.post(client, [rules.entry_of(due) for due in ready], acts=acts)
    waiting = [
        *(_no_account(client, due, rules.unusable(due, in_use)) for due in new if due not in ready),
        *_once(
            client,
            [
                _taken_back(client, due, before[due.origin])
                for due in found
                if due.origin in before and due.origin not in standing
            ],
        ),
    ]
    desk.ask(client, waiting, by=by, night=night)
    desk.close(client, [f"{due.origin}:account" for due in ready], by=by, night=night)
    return Spreads(len(ready), len(waiting))


def _once(client: Client, drafts: list[QuestionDraft]) -> list[QuestionDraft]:
    """Those that were never asked: a person who leaves a month taken back is not asked every night."""
    asked = set(
        Question.objects.filter(
            client=client, kind=TAKEN_BACK, subject__in=[draft.subject for draft in drafts]
        ).values_list("subject", flat=True)
    )
    return [draft for draft in drafts if draft.subject not in asked]


def _taken_back(client: Client, due: Due, last: tuple[int, str]) -> QuestionDraft:
    entry, name = last
    values = {"month": str(due.part.month), "entry": f"{due.accrual.series} {due.accrual.number}"}
    return QuestionDraft(
        TAKEN_BACK,
        f"{due.origin}:{entry}",
        Words(WHY_TAKEN_BACK, values),
        (
            Candidate(Words(_("Leave it")), {"do": "leave"}),
            Candidate(
                Words(_("Post it again as it was, as entry {entry}"), {"entry": name}), {"do": "again"}
            ),
        ),
        due.part.amount,
        client.currency,
        {"entry": due.accrual.entry},
        due.accrual.text[:200],
    )


def _no_account(client: Client, due: Due, account: str) -> QuestionDraft:
    values = {
        "month": str(due.part.month),
        "entry": f"{due.accrual.series} {due.accrual.number}",
        "account": account,
    }
    return QuestionDraft(
        NO_ACCOUNT,
        f"{due.origin}:account",
        Words(WHY_NO_ACCOUNT, values),
        (),
        due.part.amount,
        client.currency,
        {"entry": due.accrual.entry},
        due.accrual.text[:200],
    )


@transaction.atomic
def answer(
    client: Client, subject: str, given: Mapping, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """Carry out the answer to the question about a month that was taken back."""
    if given.get("do") == "again":
        origin, _colon, entry = subject.rpartition(":")
        last = last_posted(client, [origin]).get(origin)
        if last is None or str(last[0]) != entry:
            raise rules.NotTakenBackMonth()
        ledger.post_again(client, last[0], by=by, why=why or "–")
    desk.close(client, [subject], by=by, answer=dict(given))


answered_by("recurring", answer)

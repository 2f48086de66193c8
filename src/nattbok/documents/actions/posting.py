"""Coding and posting: what is certain is posted, the rest is asked."""

import datetime
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.models import Question
from nattbok.desk.rules import QuestionDraft
from nattbok.documents import queries
from nattbok.documents.actions.lessons import keep_lessons
from nattbok.documents.actions.rounds import Gated, gate, keep_passed
from nattbok.documents.queries import deciding
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.decision import Ask, Certain, decide, evidence
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books
from nattbok.trail.actions import record
from nattbok.trail.rules import ActDraft, means

POSTED = means("documents.posted", _("Posted {number} from {supplier}: {owed} {currency}"))

AT_ONCE = 500  # documents in one transaction


@dataclass(frozen=True, slots=True)
class Done:
    """How many documents were posted, and how many wait for a person."""

    posted: int = 0
    left: int = 0


def code(
    client: Client,
    *,
    by: str,
    today: datetime.date,
    only: Collection[int] | None = None,
    night: int | None = None,
) -> Done:
    """Decide on all documents that wait, or on `only` these: post the certain ones, ask about the rest.

    Run again it posts nothing twice and asks nothing twice; a question whose document is posted closes.
    """
    posted = left = 0
    ids = queries.undecided(client, only)
    for start in range(0, len(ids), AT_ONCE):
        done = _code(client, ids[start : start + AT_ONCE], by=by, today=today, night=night)
        posted += done.posted
        left += done.left
    return Done(posted, left)


@transaction.atomic
def _code(client: Client, ids: Sequence[int], *, by: str, today: datetime.date, night: int | None) -> Done:
    # One at a time: what another has posted or asked since, is seen after the lock.
    Books.objects.select_for_update().get(client=client)
    bills = deciding.bills_of(client, queries.undecided(client, ids))
    books = deciding.books(client, bills, today=today)
    decided = [(bill, decide(bill, books)) for bill in bills]
    gated = gate(client, decided, books, by=by, today=today, night=night)
    refused = _post(client, gated.certain, gated, by=by, night=night)
    drafts = [questions.question(bill, found) for bill, found in gated.asks] + refused + gated.questions
    keep_coding(client, [(bill, found) for bill, found in decided if bill.document not in gated.frozen])
    close_stale(client, bills, drafts, by=by, night=night)
    desk.ask(client, drafts, by=by, night=night)
    return Done(len(gated.certain) - len(refused), len(drafts))


def _post(
    client: Client, certain: Sequence[tuple[Bill, Certain]], gated: Gated, *, by: str, night: int | None
) -> list[QuestionDraft]:
    """Post them all in one call; if the books refuse one, one by one, and ask about those refused."""
    law = country(client.country)
    try:
        with transaction.atomic():
            _post_some(client, certain, gated, law, by=by, night=night)
    except Refused as error:
        if len(certain) == 1:
            ((bill, found),) = certain
            return [questions.refused(bill, error.words, found.coding)]
        return [question for one in certain for question in _post(client, [one], gated, by=by, night=night)]
    return []


def _post_some(
    client: Client,
    certain: Sequence[tuple[Bill, Certain]],
    gated: Gated,
    law: Country,
    *,
    by: str,
    night: int | None,
) -> None:
    acts = record(
        client, [ActDraft(POSTED, by, evidence(bill, found, law), night) for bill, found in certain]
    )
    posted = ledger.post(client, [found.draft for _bill, found in certain], acts=acts)
    keep_lessons(
        client,
        [
            (bill, found.supplier.id, found.coding, entry)
            for (bill, found), entry in zip(certain, posted, strict=True)
        ],
    )
    keep_passed(
        client,
        {
            bill.document: (bill, found.coding, found.supplier.id, act)
            for (bill, found), act in zip(certain, acts, strict=True)
        },
        gated,
    )


def keep_coding(client: Client, decided: Sequence[tuple[Bill, Certain | Ask]]) -> None:
    """Keep each document's supplier and proposed lines, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE documents_document document
            SET supplier_id = coalesce(given.supplier, document.supplier_id), coding = given.coding::jsonb
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS given (id, supplier, coding)
            WHERE document.client_id = %s AND document.id = given.id
                AND (document.supplier_id IS DISTINCT FROM coalesce(given.supplier, document.supplier_id)
                    OR document.coding <> given.coding::jsonb)
            """,
            [
                [bill.document for bill, _found in decided],
                [found.supplier.id if found.supplier else None for _bill, found in decided],
                [json.dumps([codings.written(line) for line in _lines(found)]) for _bill, found in decided],
                client.pk,
            ],
        )


def _lines(found: Certain | Ask) -> Sequence[CodedLine]:
    if isinstance(found, Ask) and not found.coding:
        return found.proposals[0] if found.proposals else ()
    return found.coding


def close_stale(
    client: Client, bills: Sequence[Bill], drafts: Sequence[QuestionDraft], *, by: str, night: int | None
) -> None:
    """Close the questions about these documents that are not asked any more."""
    asked = {(draft.kind, draft.subject) for draft in drafts}
    subjects = [questions.subject(bill.document) for bill in bills]
    there = Question.objects.filter(client=client, closed_at__isnull=True, subject__in=subjects)
    stale = {
        subject for kind, subject in there.values_list("kind", "subject") if (kind, subject) not in asked
    }
    desk.close(client, stale, by=by, night=night)

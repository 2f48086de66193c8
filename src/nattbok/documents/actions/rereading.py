"""Reading papers again that wait with doubt, when their supplier's papers have become better known.

A document lies on the desk as it was read until the new reading leaves less doubt: then that is kept in its
place. What a person has corrected or coded is theirs, and is not read again.
"""

import time
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.documents.actions import reading
from nattbok.documents.actions.reading import Eyes
from nattbok.documents.models import Document
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import deciding
from nattbok.documents.queries import reading as queries
from nattbok.documents.rules import reading as rules
from nattbok.documents.rules import reading_questions as questions
from nattbok.ledger.models import Books
from nattbok.reading.shape import Own, Reading
from nattbok.trail.actions import act
from nattbok.trail.rules import means

READ_AGAIN = means(
    "documents.read_again",
    _("A document was read again by what its supplier’s papers have taught: {before} doubtful, now {doubts}"),
)


def read_again(
    client: Client,
    eyes: Eyes,
    *,
    by: str,
    night: int | None = None,
    own_accounts: frozenset[str] | set[str] = frozenset(),
    is_over: Callable[[], bool] = lambda: False,
) -> tuple[int, ...]:
    """Read anew what waits with doubt and is older than its supplier's memory; those that became certain.

    Each is read once for each state of the memory, whatever comes of it.
    """
    own = Own(
        frozenset([country(client.country).normal_org_number(client.org_number)]), frozenset(own_accounts)
    )
    waiting, certain = queries.outdated(client), []
    memories = queries.memories(client) if waiting else []
    for pk in waiting:
        if is_over():
            break
        begun = timezone.now(), time.perf_counter()
        found = reading.look(client, pk, eyes, own, memories, by, night)
        if _keep(client, pk, found, begun, by=by, night=night):
            certain.append(pk)
    return tuple(certain)


@transaction.atomic
def _keep(
    client: Client, pk: int, found: Reading | None, begun: tuple, *, by: str, night: int | None
) -> bool:
    """Keep the new reading where it leaves less doubt; whether the document is certain now."""
    Books.objects.select_for_update().get(client=client)
    is_theirs = pk not in queries.outdated(client)  # corrected, coded or declined while it was read
    Work.objects.filter(client=client, document=pk).update(read_at=begun[0])
    if found is None or is_theirs:
        return False
    law = country(client.country)
    document = Document.objects.select_related("file").get(client=client, pk=pk)
    before = rules.doubts(document.reading, law=law, org_number=client.org_number)
    told = rules.written(found, is_addressed=rules.is_named(found.pages, client.name, client.org_number))
    doubts = rules.doubts(told, law=law, org_number=client.org_number)
    if len(doubts) >= len(before) or not found.fields:
        return False
    reading.keep_pages(client, document, found)
    kept = reading.write(client, document, told, night=night)
    act(
        client, READ_AGAIN, by, night=night, document=pk, sha256=document.file.sha256,
        engine=told["engine"] or "–", before=len(before), doubts=len(doubts),
        seconds=f"{time.perf_counter() - begun[1]:.3f}", is_held=kept.is_held, values={
            name: {"value": one["value"], "proof": one["proof"], "confidence": one["confidence"]}
            for name, one in told["fields"].items()
        },
    )  # fmt: skip
    desk.close(client, [f"document:{pk}"], by=by, night=night, answer={"do": "read_again"})
    if kept.is_held:
        bill = deciding.bill_of(client, document)
        desk.ask(client, [questions.question(pk, kept, doubts, bill)], by=by, night=night)
    return not kept.is_held

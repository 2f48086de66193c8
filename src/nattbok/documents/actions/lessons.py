"""Keeping what posted bills teach, so that the next one is coded as they were."""

from collections.abc import Sequence

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.documents.models import Lesson
from nattbok.documents.queries import deciding
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coded_lines import CodedLine
from nattbok.documents.rules.lessons import lessons
from nattbok.documents.rules.parts import Terms
from nattbok.ledger.rules import Posted


def keep_lessons(
    client: Client,
    posted: Sequence[tuple[Bill, int, Sequence[CodedLine], Posted]],
) -> None:
    """Keep the lessons of these bills, each with its supplier, coding and entry, in two statements.

    What was posted before has taught already. Part of the caller's transaction.
    """
    stated = deciding.terms_of(client, [bill for bill, *_rest in posted])
    rows = [
        (entry.id, supplier, lesson)
        for bill, supplier, coding, entry in posted
        if not entry.was_there
        for lesson in lessons(bill, stated.get(bill.document, Terms()).parts, coding)
    ]
    bulk.insert(
        Lesson,
        {
            "client_id": [client.pk] * len(rows),
            "entry_id": [entry for entry, _supplier, _lesson in rows],
            "supplier_id": [supplier for _entry, supplier, _lesson in rows],
            "account": [lesson.account for *_rest, lesson in rows],
            "vat_code": [lesson.vat_code for *_rest, lesson in rows],
            "key": [lesson.key for *_rest, lesson in rows],
            "item": [lesson.item for *_rest, lesson in rows],
            "commodity": [lesson.commodity for *_rest, lesson in rows],
            "dimensions": [[list(pair) for pair in lesson.dimensions] for *_rest, lesson in rows],
            "words": [" ".join(lesson.words) for *_rest, lesson in rows],
        },
    )

"""What sellers have been told, and what they are to be told by themselves."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.documents.models import AnswerSetting, Document, SellerAnswer
from nattbok.documents.rules import answers as rules
from nattbok.documents.rules.bill import POSTABLE
from nattbok.files.models import NetworkMessage
from nattbok.formats.invoice.invoice_response import ANSWERS, Answer
from nattbok.ledger.models import OpenItem, Settlement
from nattbok.ledger.queries import unreversed
from nattbok.outbox import queries as outbox

STATES = {
    "waiting": _("is being sent"),
    "uncertain": _("perhaps sent: it is looked for before it is sent again"),
    "sent": _("handed to the access point"),
    "delivered": _("delivered"),
    "failed": _("could not be delivered"),
    "kept": _("kept with the files: there is no way into the network"),
}


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that was written. `state` is waiting, uncertain, sent, delivered, failed or kept."""

    answer: Answer
    title: str  # marked for translation
    reason: str
    text: str
    on: datetime.date
    file: int
    state: str
    trouble: Words | None

    @property
    def state_words(self) -> str:
        """How far it has come, marked for translation."""
        return STATES.get(self.state, self.state)


def chosen(client: Client) -> tuple[str, ...]:
    """What the client's sellers are told by themselves."""
    row = AnswerSetting.objects.filter(client=client).first()
    return tuple(row.answers) if row is not None else ()


def given(client: Client, document: int) -> list[GivenAnswer]:
    """What the document's seller was told, the oldest first, and how far each answer has come."""
    rows = list(SellerAnswer.objects.filter(client=client, document=document).order_by("pk"))
    keys = [row.key for row in rows if row.key]
    messages = outbox.messages(client, keys) if keys else {}
    return [
        GivenAnswer(
            Answer(row.answer),
            ANSWERS[Answer(row.answer)],
            row.reason,
            row.text,
            row.on,
            row.file_id,
            _state(messages.get(row.key)),
            messages[row.key].trouble if row.key in messages else None,
        )
        for row in rows
    ]


def _state(message: outbox.MessageRow | None) -> str:
    if message is None:
        return "kept"  # as a file: there was no way into the network
    return message.receipt or {"sending": "waiting"}.get(message.state.value, message.state.value)


def answers_due(client: Client, *, limit: int) -> list[tuple[int, Answer]]:
    """(document, answer) for what is to be told by itself now, the oldest documents first."""
    setting = AnswerSetting.objects.filter(client=client).first()
    if setting is None or not setting.answers:
        return []
    told: dict[int, set[str]] = defaultdict(set)
    for document, answer in SellerAnswer.objects.filter(client=client).values_list("document", "answer"):
        told[document].add(answer)
    rows = [
        row
        for row in Document.objects.filter(
            client=client,
            received_at__gte=setting.since_at,
            kind__in=POSTABLE,
            file__in=NetworkMessage.objects.filter(client=client).values("file"),
        )
        .order_by("pk")
        .values("pk", "is_declined", "is_held", "supplier_org_number", "number")
        if set(setting.answers) - told[row["pk"]]
    ]
    found = _standings(client, rows) if rows else []
    due = [
        (standing.document, answer)
        for standing in found
        for answer in rules.due(standing, told[standing.document], setting.answers)
    ]
    return due[:limit]


def _standings(client: Client, rows: list[dict]) -> list[rules.Standing]:
    entry_of = unreversed(client, [f"document:{row['pk']}" for row in rows])
    items: dict[int, list[OpenItem]] = defaultdict(list)
    for item in OpenItem.objects.filter(client=client, line__entry__in=list(entry_of.values())).annotate(
        entry=F("line__entry_id")
    ):
        items[item.entry].append(item)
    paid = _paid_by_bank(client, [one.pk for lot in items.values() for one in lot if not one.left])
    numbers = {row["number"] for row in rows if row["number"]}
    standing = Document.objects.filter(client=client, is_declined=False, number__in=numbers)
    open_ones = set(standing.values_list("supplier_org_number", "number", "pk"))
    known = {(org_number, number) for org_number, number, _pk in open_ones}
    found = []
    for row in rows:
        entry = entry_of.get(f"document:{row['pk']}")
        own = items.get(entry, []) if entry is not None else []
        found.append(
            rules.Standing(
                document=row["pk"],
                is_readable=not row["is_held"],
                is_declined=row["is_declined"],
                is_known_elsewhere=row["is_declined"]
                and (row["supplier_org_number"], row["number"]) in known,
                is_posted=entry is not None,
                is_payable=not any(one.on_hold for one in own),
                is_paid=bool(own) and all(one.pk in paid for one in own),
            )
        )
    return found


def _paid_by_bank(client: Client, items: list[int]) -> set[int]:
    """Which of these settled items money alone settled: a credit note that takes a bill back pays nothing."""
    sums: dict[int, list[bool]] = defaultdict(list)
    for credit, origin, amount in Settlement.objects.filter(client=client, credit__in=items).values_list(
        "credit", "debit__line__entry__origin", "amount"
    ):
        sums[credit].append(origin.startswith("movement:") or amount < 0)
    return {item for item, are_money in sums.items() if all(are_money)}


def asked_before(client: Client, kind: str) -> set[str]:
    """The subjects that a question of this kind was ever asked about."""
    return set(Question.objects.filter(client=client, kind=kind).values_list("subject", flat=True))

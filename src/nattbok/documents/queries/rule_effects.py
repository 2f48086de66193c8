"""What an office rule would code of what waits now, over all the clients in scope."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef

from nattbok.clients.models import Client, Office
from nattbok.documents.models import Document, SupplierSetting
from nattbok.documents.queries.deciding import bill_of, with_entry_of
from nattbok.documents.rules.bill import POSTABLE
from nattbok.documents.rules.office_rules import OfficeRule, holds
from nattbok.documents.rules.parts import terms, without_lines

MOST_LOOKED_AT = 400  # documents that wait


@dataclass(frozen=True, slots=True)
class Effect:
    """A document that waits, and what of it the rule would code."""

    client: int
    client_name: str
    document: int
    supplier: str
    number: str
    issued_on: datetime.date | None
    owed: Decimal | None
    net: Decimal  # of the parts that it would code
    texts: tuple[str, ...]
    is_set: bool  # the client's own setting for the supplier decides instead


@dataclass(frozen=True, slots=True)
class Effects:
    """What was looked at, and what the rule would code of it."""

    found: tuple[Effect, ...]
    looked_at: int
    is_all: bool


def effects(
    office: Office, clients: Sequence[Client], rule: OfficeRule, chosen: Collection[int] | None
) -> Effects:
    """What `rule` would code of what waits at the clients of its country: all, or those `chosen`.

    Two queries however many clients there are; the newest documents are looked at first.
    """
    asked = {
        client.pk: client
        for client in clients
        if client.office_id == office.pk
        and client.country == rule.country
        and (chosen is None or client.pk in chosen)
    }
    decides = SupplierSetting.objects.filter(
        client=OuterRef("client"), supplier=OuterRef("supplier")
    ).exclude(account="", template="", shares=[])
    rows = list(
        with_entry_of(asked)
        .filter(entry__isnull=True, kind__in=POSTABLE, is_declined=False)
        .annotate(is_set=Exists(decides))
        .select_related("file")
        .order_by("-pk")[: MOST_LOOKED_AT + 1]
    )
    found = [each for row in rows[:MOST_LOOKED_AT] if (each := _effect(asked[row.client_id], row, rule))]
    return Effects(tuple(found), len(rows[:MOST_LOOKED_AT]), len(rows) <= MOST_LOOKED_AT)


def _effect(client: Client, row: Document, rule: OfficeRule) -> Effect | None:
    bill = bill_of(client, row)
    stated = terms(bill, row.reading)
    held = [part for part in stated.parts or without_lines(bill) if holds(rule, part, bill)]
    if not held:
        return None
    texts = dict.fromkeys(part.text[:80] for part in held)
    return Effect(
        client.pk,
        client.name,
        row.pk,
        row.supplier_name,
        row.number,
        row.issued_on,
        row.owed,
        sum((part.net for part in held), Decimal("0.00")),
        tuple(text for text in texts if text)[:3],
        row.is_set,
    )

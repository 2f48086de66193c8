"""A person's coding of a document that is not posted yet: it goes on to those who approve it."""

import datetime
from collections.abc import Sequence

from django.db import transaction

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.documents.actions.answering import OtherCurrency, openly
from nattbok.documents.models import Document
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.entry import purchase
from nattbok.ledger.queries import waits_on
from nattbok.trail.actions import act
from nattbok.trail.rules import means

CODED = means("documents.coded_by_hand", _("{number} from {supplier} was coded by hand"))


@transaction.atomic
def code_as(client: Client, document: int, lines: Sequence[CodedLine], *, by: str) -> None:
    """Keep `lines` as the document's coding. They must come to what it asks for, as when it is posted.

    The coding that is there already is left as it is.
    """
    bill = openly(client, document)
    if bill.currency and bill.currency != client.currency:
        raise OtherCurrency(currency=bill.currency)
    on = bill.issued_on or datetime.date.max
    law = country(client.country)
    purchase(bill, lines, supplier=0, law=law, on=on, waits_on=waits_on(client))  # refused if it is uneven
    coding = [codings.written(line) for line in lines]
    if not Document.objects.filter(client=client, pk=document).exclude(coding=coding).update(coding=coding):
        return
    act(
        client, CODED, by, document=document, supplier=bill.seller, number=bill.number, lines=coding,
        sha256=bill.sha256,
    )  # fmt: skip

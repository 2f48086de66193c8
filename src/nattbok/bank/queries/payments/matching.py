"""What was sent to the bank, as the matching takes it."""

import datetime
from collections import defaultdict
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from nattbok.bank import models
from nattbok.bank.queries.payments.deciding import settled
from nattbok.bank.rules.payments.states import ENDED
from nattbok.bank.rules.shape import SentPayment
from nattbok.clients.models import Client

RETURNS_WITHIN = datetime.timedelta(days=400)  # a payment that is done is known so long, for its return


def sent_payments(client: Client) -> list[SentPayment]:
    """The payments that the bank has or had: those not in the books, and for a time those that are."""
    rows = list(
        models.Payment.objects.filter(client=client, batch__isnull=False, batch__file__isnull=False)
        .annotate(made_on=Max("batch__made_on"))
        .order_by("pk")
        .values_list(
            "pk",
            "end_to_end_id",
            "amount",
            "state",
            "payment_info_id",
            "party_id",
            "against__number",
            "made_on",
        )
    )
    done = settled(client, [row[0] for row in rows])
    items: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for payment, item, amount in models.PaymentItem.objects.filter(
        client=client, payment__in=[row[0] for row in rows]
    ).values_list("payment_id", "item_id", "amount"):
        items[payment].append((item, amount))
    oldest = timezone.now().date() - RETURNS_WITHIN
    return [
        SentPayment(
            end_to_end_id=end_to_end_id,
            amount=amount,
            items=tuple(sorted(items[pk])),
            is_rejected=state in ENDED,
            payment_info_id=info_id,
            party=party or 0,
            is_executed=pk in done,
            against=against or "",
        )
        for pk, end_to_end_id, amount, state, info_id, party, against, made_on in rows
        if not (pk in done and made_on < oldest)
    ]

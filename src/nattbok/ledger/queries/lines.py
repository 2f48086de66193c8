"""The lines of entries, as drafts of the same."""

from collections.abc import Collection

from nattbok.base.dates import Month
from nattbok.clients.models import Client
from nattbok.ledger.models import Accrual, Line, OpenItem
from nattbok.ledger.rules import LineDraft, Spread


def lines_of(client: Client, entries: Collection[int]) -> dict[int, list[LineDraft]]:
    """Entry → its lines as they were drafted, without what they settled; in the order of their numbers."""
    found: dict[int, list[LineDraft]] = {entry: [] for entry in entries}
    numbers = dict(
        OpenItem.objects.filter(client=client, line__entry__in=list(entries)).values_list("line_id", "number")
    )
    spreads = {
        line: Spread(account, months, Month.of(first))
        for line, account, months, first in Accrual.objects.filter(
            client=client, line__entry__in=list(entries)
        ).values_list("line_id", "account__number", "months", "first")
    }
    for line in (
        Line.objects.filter(client=client, entry__among=list(entries))
        .select_related("account")
        .order_by("entry", "number")
    ):
        found[line.entry_id].append(
            LineDraft(
                account=line.account.number,
                amount=line.amount,
                text=line.text,
                currency=line.currency,
                currency_amount=line.currency_amount,
                rate=line.rate,
                vat_code=line.vat_code,
                vat_base=line.vat_base,
                vat_amount=line.vat_amount,
                party=line.party_id,
                due_on=line.due_on,
                number=numbers.get(line.pk, ""),
                reference=line.reference,
                dimensions=line.dimensions,
                spread=spreads.get(line.pk),
            )
        )
    return found

"""What of a client's bills comes as e-invoices, and what still comes on paper."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from nattbok.clients.models import Client
from nattbok.documents.models import Document
from nattbok.documents.rules.bill import POSTABLE
from nattbok.files.models import File

DAYS = 365
E_INVOICES = ("peppol_bis3",)  # as files are read: by whatever way they came
MOST = 50  # suppliers named


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A supplier whose bills come on paper."""

    supplier: int | None
    name: str
    org_number: str
    bills: int
    last_on: datetime.date


@dataclass(frozen=True, slots=True)
class Digital:
    """How many of the last year's bills came as e-invoices and on paper, and who still sends paper."""

    e_invoices: int
    on_paper: int
    suppliers: tuple[OnPaper, ...]

    @property
    def percent(self) -> int:
        """How much of it is digital."""
        total = self.e_invoices + self.on_paper
        return round(100 * self.e_invoices / total) if total else 0


def digital(client: Client, *, today: datetime.date) -> Digital:
    """What came in the year up to `today`. A supplier that has sent an e-invoice is not one of paper."""
    since = datetime.datetime.combine(today - datetime.timedelta(days=DAYS), datetime.time(), datetime.UTC)
    as_file = File.objects.filter(client=client, pk=OuterRef("file"), format__in=E_INVOICES)
    rows = (
        Document.objects.filter(client=client, kind__in=POSTABLE, received_at__gte=since, is_declined=False)
        .annotate(is_digital=Exists(as_file))
        .values_list("supplier", "supplier_name", "supplier_org_number", "received_at", "is_digital")
    )
    paper: dict[str, list[tuple]] = defaultdict(list)
    digital_ones: set[str] = set()
    count = 0
    for supplier, name, org_number, at, is_digital in rows:
        key = org_number or name
        if is_digital:
            count += 1
            digital_ones.add(key)
        else:
            paper[key].append((at.date(), supplier, name, org_number))
    found = [
        OnPaper(lot[-1][1], lot[-1][2], lot[-1][3], len(lot), lot[-1][0])
        for key, lot in ((key, sorted(lot, key=lambda one: one[0])) for key, lot in paper.items())
        if key and key not in digital_ones
    ]
    found.sort(key=lambda one: (-one.bills, one.name))
    return Digital(count, sum(len(lot) for lot in paper.values()), tuple(found[:MOST]))

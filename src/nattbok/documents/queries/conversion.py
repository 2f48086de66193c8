"""Suppliers on their way from paper to e-invoices: for one client, or over all of an office's."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.documents.models import DirectoryLook, Document, EInvoiceRequest
from nattbok.documents.queries.digital import DAYS, E_INVOICES
from nattbok.documents.rules.bill import POSTABLE
from nattbok.documents.rules.conversion import (
    LOOK_AGAIN,
    Month,
    Standing,
    months_through,
    participant,
    standing,
)
from nattbok.files.models import Attachment
from nattbok.ledger.models import Party
from nattbok.ledger.rules import PartyKind

NOTHING = (0, 0, None, 0, None, 0)  # counted of a supplier that sent nothing


@dataclass(frozen=True, slots=True)
class Looked:
    """What the directory said of a supplier, and when."""

    participant: str
    is_there: bool
    takes_invoices: bool
    access_point: str
    asked_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """That a supplier was asked; `to` is "" when a person took the text elsewhere."""

    on: datetime.date
    by: str
    to: str


@dataclass(frozen=True, slots=True)
class Converting:
    """A supplier of which paper came in the last twelve months."""

    client: int
    client_name: str
    supplier: int
    name: str
    org_number: str
    participant: str  # what the directory is asked about; "" when there is no number to ask by
    papers: int
    by_hand: int  # of them, those that a person posted
    last_paper_on: datetime.date | None
    e_invoices: int
    first_e_invoice_on: datetime.date | None  # since it was asked, where it was
    papers_since: int  # paper that came after that all the same
    looked: Looked | None
    asked: Asked | None
    standing: Standing


def converting(clients: Sequence[Client], *, today: datetime.date) -> list[Converting]:
    """All suppliers of these clients, all in scope, that sent paper in the last year, by how much."""
    by_id = {client.pk: client for client in clients}
    pairs = {(client, one): values for client, one, *values in _counted(list(by_id), since(today), None)}
    rows = _rows(by_id, pairs)
    rows.sort(key=lambda row: (-row.papers, row.name, row.client_name))
    return rows


def converting_one(client: Client, supplier: int, *, today: datetime.date) -> Converting:
    """The same of one supplier, also when no paper came from it; raises Party.DoesNotExist."""
    counted = [values for _client, _one, *values in _counted([client.pk], since(today), supplier)]
    rows = _rows({client.pk: client}, {(client.pk, supplier): counted[0] if counted else NOTHING})
    if not rows:
        raise Party.DoesNotExist
    return rows[0]


def _rows(by_id: Mapping[int, Client], pairs: Mapping[tuple[int, int], Sequence]) -> list[Converting]:
    """The suppliers (client and id) with what was counted, what the directory said, and what was asked."""
    clients, suppliers = list(by_id), [supplier for _client, supplier in pairs]
    parties = {
        (party.client_id, party.pk): party
        for party in Party.objects.filter(
            client__in=clients, kind=PartyKind.SUPPLIER.value, pk__among=suppliers
        )
    }
    looks = {
        (row.client_id, row.supplier_id): Looked(
            row.participant, row.is_there, row.takes_invoices, row.access_point, row.asked_at
        )
        for row in DirectoryLook.objects.filter(client__in=clients, supplier__among=suppliers)
    }
    requests = {
        (row.client_id, row.supplier_id): Asked(row.asked_on, row.by, row.to)
        for row in EInvoiceRequest.objects.filter(client__in=clients, supplier__among=suppliers)
    }
    rows = []
    for key, party in parties.items():
        papers, by_hand, last_paper, e_invoices, first, papers_since = pairs[key]
        client = by_id[key[0]]
        looked, asked = looks.get(key), requests.get(key)
        number = participant(party.org_number, party.country or client.country)
        rows.append(
            Converting(
                client.pk, client.name, party.pk, party.name, party.org_number, number, papers, by_hand,
                _day(last_paper), e_invoices, _day(first), papers_since, looked, asked,
                standing(
                    converted=first is not None, asked=asked is not None,
                    is_there=looked.is_there if looked else None,
                    takes=bool(looked and looked.takes_invoices), has_number=bool(number),
                ),
            )
        )  # fmt: skip
    return rows


def _counted(clients: list[int], at: datetime.datetime, supplier: int | None) -> list[tuple]:
    """Client, supplier, papers, by hand, the last paper, e-invoices, the first of them, papers after that."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH came AS (
                SELECT document.client_id, document.id, document.supplier_id, document.received_at,
                    file.format = ANY (%(e_invoices)s) AS is_digital,
                    min(document.received_at) FILTER (
                        WHERE file.format = ANY (%(e_invoices)s)
                            AND document.received_at >= coalesce(request.at, '-infinity')
                    ) OVER (PARTITION BY document.client_id, document.supplier_id) AS first_at
                FROM documents_document document
                JOIN files_file file ON file.client_id = document.client_id AND file.id = document.file_id
                LEFT JOIN documents_einvoicerequest request
                    ON request.client_id = document.client_id AND request.supplier_id = document.supplier_id
                WHERE document.client_id = ANY (%(clients)s) AND document.supplier_id IS NOT NULL
                    AND document.received_at >= %(since)s AND document.kind = ANY (%(kinds)s)
                    AND NOT document.is_declined
                    AND (%(supplier)s::bigint IS NULL OR document.supplier_id = %(supplier)s)
            ), posted AS (
                SELECT came.client_id, came.id
                FROM came
                JOIN ledger_entry entry ON entry.client_id = came.client_id
                    AND entry.origin = 'document:' || came.id
                    AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
                        WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id)
                JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
                WHERE NOT came.is_digital AND act.by LIKE 'person:%%'
            )
            SELECT came.client_id, came.supplier_id,
                count(*) FILTER (WHERE NOT came.is_digital),
                count(posted.id),
                max(came.received_at) FILTER (WHERE NOT came.is_digital),
                count(*) FILTER (WHERE came.is_digital),
                min(came.first_at),
                count(*) FILTER (WHERE NOT came.is_digital AND came.received_at > came.first_at)
            FROM came
            LEFT JOIN posted ON posted.client_id = came.client_id AND posted.id = came.id
            GROUP BY came.client_id, came.supplier_id
            HAVING count(*) FILTER (WHERE NOT came.is_digital) > 0 OR %(supplier)s::bigint IS NOT NULL
            """,
            {
                "clients": clients,
                "since": at,
                "kinds": list(POSTABLE),
                "e_invoices": list(E_INVOICES),
                "supplier": supplier,
            },
        )
        return cursor.fetchall()


def months(clients: Sequence[Client], *, today: datetime.date) -> list[Month]:
    """The last twelve months' bills of these clients, all in scope, those without a supplier too."""
    first_days = months_through(today)
    is_digital = Q(file__format__in=E_INVOICES)
    rows = (
        Document.objects.filter(
            client__in=[client.pk for client in clients],
            kind__in=POSTABLE,
            is_declined=False,
            received_at__gte=_instant(first_days[0]),
        )
        .order_by()
        .values(month=TruncMonth("received_at"))
        .annotate(digital=Count("pk", filter=is_digital), papers=Count("pk", filter=~is_digital))
        .values_list("month", "digital", "papers")
    )
    counted = {month.date(): count for month, *count in rows}
    return [Month(on, *counted.get(on, (0, 0))) for on in first_days]


def due_for_look(client: Client, *, today: datetime.date, now: datetime.datetime) -> list[tuple[int, str]]:
    """Suppliers on paper to ask the directory about now, each with its participant: those never asked about
    first, then those whose answer is oldest. One that has sent an e-invoice needs no asking."""
    rows = [
        row
        for row in converting([client], today=today)
        if row.participant
        and row.standing is not Standing.CONVERTED
        and (row.looked is None or row.looked.asked_at <= now - LOOK_AGAIN)
    ]
    rows.sort(key=lambda row: row.looked.asked_at.timestamp() if row.looked else 0.0)
    return [(row.supplier, row.participant) for row in rows]


def address_of(client: Client, supplier: int) -> str:
    """The e-mail address that the supplier's last mail with a document says it is from; "" when none does.

    Anybody can write any address there: it is proposed to a person, and never written to by itself.
    """
    files = Document.objects.filter(client=client, supplier=supplier).values("file")
    last = (
        Attachment.objects.filter(client=client, file__in=files)
        .order_by("-pk")
        .values_list("mail__sender", "mail__envelope_sender")
        .first()
    )
    return next((found for written in last or () if "@" in (found := parseaddr(written)[1])), "")


def since(today: datetime.date) -> datetime.datetime:
    """The beginning of the year that is counted."""
    return _instant(today - datetime.timedelta(days=DAYS))


def _instant(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _day(moment: datetime.datetime | None) -> datetime.date | None:
    return timezone.localtime(moment).date() if moment else None

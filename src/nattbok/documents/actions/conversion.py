"""Suppliers on paper are looked up in the network's directory, and asked once to send e-invoices."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.channels.network import Entry
from nattbok.clients.models import Client
from nattbok.documents.actions.intake import participant_of
from nattbok.documents.actions.ways import access_point
from nattbok.documents.models import DirectoryLook, EInvoiceRequest
from nattbok.documents.queries.conversion import due_for_look
from nattbok.documents.queries.intake import reception
from nattbok.documents.rules import conversion as rules
from nattbok.ledger.models import Party
from nattbok.ledger.rules import PartyKind
from nattbok.outbox.actions import mail
from nattbok.trail.actions import act
from nattbok.trail.rules import means

LOOKED_UP = means(
    "documents.directory_asked",
    _("The e-invoice network's directory was asked about {count} suppliers on paper: {found} are in it"),
)
ASKED = means("documents.e_invoices_asked", _("{supplier} was asked to send e-invoices, at {to}"))
ASKED_ELSEWHERE = means(
    "documents.e_invoices_asked_elsewhere", _("A person asked {supplier} to send e-invoices")
)
TOGETHER = 25  # answers of the directory in one transaction


@dataclass(frozen=True, slots=True)
class LookedUp:
    """How many suppliers the directory was asked about, and how many are left for another night."""

    done: int = 0
    left: int = 0


def look_up_suppliers(
    client: Client, *, by: str, today: datetime.date, night: int | None = None, at_once: int = rules.AT_ONCE
) -> LookedUp:
    """Ask the directory about the suppliers on paper whose turn it is; outside any transaction.

    What was answered is kept in sets, so whoever is stopped goes on from there. When the access point is
    silent the rest is left for another night. Raises NoAccessPoint.
    """
    door = access_point(participant_of(client))
    due = due_for_look(client, today=today, now=timezone.now())
    entries = door.entries([number for _supplier, number in due[:at_once]])
    answered = _answered(due[:at_once], entries)
    done = 0
    while some := list(islice(answered, TOGETHER)):
        _keep(client, some, by=by, night=night)
        done += len(some)
    return LookedUp(done, len(due) - done)


def _answered(due: Sequence[tuple[int, str]], entries: Iterator[Entry]) -> Iterator[tuple[int, str, Entry]]:
    """What the directory says of each, until the access point falls silent."""
    try:
        for (supplier, number), entry in zip(due, entries, strict=True):
            yield supplier, number, entry
    except Unreachable:
        return


@transaction.atomic
def _keep(client: Client, answered: Sequence[tuple[int, str, Entry]], *, by: str, night: int | None) -> None:
    """The answers in one statement, and one act that tells of them."""
    now = timezone.now()
    rows = [
        DirectoryLook(
            client=client,
            supplier_id=supplier,
            participant=number,
            is_there=bool(entry.access_point),
            takes_invoices=rules.takes_invoices(entry.document_types),
            access_point=entry.access_point,
            asked_at=now,
        )
        for supplier, number, entry in answered
    ]
    DirectoryLook.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["client", "supplier"],
        update_fields=["participant", "is_there", "takes_invoices", "access_point", "asked_at"],
    )
    act(
        client,
        LOOKED_UP,
        by,
        night=night,
        count=len(rows),
        found=sum(row.is_there for row in rows),
        participants={row.participant: row.access_point for row in rows},
    )


@transaction.atomic
def ask_for_e_invoices(
    client: Client,
    supplier: int,
    *,
    by: str,
    on: datetime.date,
    subject: str,
    text: str,
    to: str = "",
    reply_to: str = "",
) -> None:
    """Note that the supplier was asked, and write to it when `to` is an e-mail address; once for each.

    Raises NotReceivedFor, NotAMailAddress, LetterEmpty and AskedAlready.
    """
    receiving = reception(client)
    if receiving is None or receiving.state != "active":
        raise rules.NotReceivedFor()
    party = Party.objects.get(client=client, kind=PartyKind.SUPPLIER.value, pk=supplier)
    to, subject, text = to.strip(), subject.strip(), text.replace("\r\n", "\n").strip()
    if to:
        _check_address(to)
    if not subject or not text or len(text) > rules.LONGEST_LETTER:
        raise rules.LetterEmpty(most=rules.LONGEST_LETTER)
    key = f"e_invoice_request:{client.pk}:{supplier}" if to else ""
    try:
        with transaction.atomic():
            EInvoiceRequest.objects.create(
                client=client, supplier=party, to=to, mail_key=key, text=f"{subject}\n\n{text}", by=by,
                at=timezone.now(), asked_on=on,
            )  # fmt: skip
    except IntegrityError as error:
        before = EInvoiceRequest.objects.get(client=client, supplier=party)
        raise rules.AskedAlready(supplier=party.name, day=before.asked_on.isoformat()) from error
    if to:
        mail(client.office, key, [to], subject, text, reply_to=reply_to)
    act(client, ASKED if to else ASKED_ELSEWHERE, by, supplier=party.name, supplier_id=supplier, to=to)


def _check_address(written: str) -> None:
    try:
        validate_email(written)
    except ValidationError as error:
        raise rules.NotAMailAddress(written=written[:80]) from error

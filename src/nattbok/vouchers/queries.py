"""What a voucher must know of the books, and those that are being written."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from nattbok.clients.models import Client
from nattbok.countries.country import AccountKind
from nattbok.countries.known import country
from nattbok.files.models import File
from nattbok.ledger.models import Account, Books, Entry, Party
from nattbok.ledger.queries import templates
from nattbok.ledger.queries.lines import lines_of
from nattbok.ledger.rules import LineDraft, WaitsOn
from nattbok.ledger.rules.templates import Template
from nattbok.vouchers.models import Attachment, VoucherDraft
from nattbok.vouchers.rules.judging import AccountFact, Facts, PartyFact
from nattbok.vouchers.rules.written import Row, Voucher, read

MOST_FOUND = 30


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a voucher, by the name it came with."""

    id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A voucher that somebody is writing, in a list."""

    token: str
    text: str
    date: str
    updated_at: datetime.datetime
    corrects: int | None


def facts(client: Client, rows: Sequence[Row], *, today: datetime.date) -> Facts:
    """What the judge must know for these lines."""
    law = country(client.country)
    books = Books.objects.get(client=client)
    chart = accounts(client)
    return Facts(
        chart,
        _parties_of(client, rows),
        law.vat_codes,
        client.currency,
        WaitsOn(
            books.prepaid_account or law.accounts.prepaid,
            books.deferred_account or law.accounts.deferred,
            {number for number, each in chart.items() if each.kind == AccountKind.INCOME.value},
        ),
        books.closed_through,
        templates_of(client),
        today,
    )


def facts_of(client: Client, known: Facts, rows: Sequence[Row]) -> Facts:
    """What is known of the books, for other lines: their customers and suppliers are looked up."""
    return replace(known, parties=_parties_of(client, rows))


def _parties_of(client: Client, rows: Sequence[Row]) -> list[PartyFact]:
    return parties(client, {row.party for row in rows if row.party})


def templates_of(client: Client) -> dict[str, Template]:
    """The templates by their keys; which are valid on the voucher's day is asked when one is used."""
    return templates(client)


def accounts(client: Client) -> dict[str, AccountFact]:
    """The chart by number, those out of use as well."""
    rows = Account.objects.filter(client=client).order_by("number")
    return {
        row[0]: AccountFact(*row)
        for row in rows.values_list("number", "name", "kind", "control", "vat_code", "is_active")
    }


def parties(client: Client, typed: Collection[str]) -> list[PartyFact]:
    """The customers and suppliers that may be meant by what is typed: a number first in it, or a name."""
    if not typed:
        return []
    numbers = {each.split(" ", 1)[0] for each in typed}
    wanted = Q(number__in=numbers)
    for each in typed:
        wanted |= Q(name__iexact=each)
    return [
        PartyFact(*row)
        for row in Party.objects.filter(wanted, client=client)
        .order_by("number")
        .values_list("id", "kind", "number", "name")[: 10 * MOST_FOUND]
    ]


def parties_like(client: Client, typed: str, kind: str = "") -> list[PartyFact]:
    """Customers and suppliers whose number begins so, or whose name has it; for a list to choose from."""
    typed = typed.strip()
    found: QuerySet = Party.objects.filter(client=client, is_active=True)
    if kind:
        found = found.filter(kind=kind)
    if typed:
        found = found.filter(Q(number__startswith=typed.split(" ", 1)[0]) | Q(name__icontains=typed))
    rows = found.order_by("name", "number").values_list("id", "kind", "number", "name")
    return [PartyFact(*row) for row in rows[:MOST_FOUND]]


def drafts(client: Client, person: int) -> list[DraftRow]:
    """What the person is writing in these books, the latest first."""
    found = VoucherDraft.objects.filter(client=client, person=person).order_by("-updated_at")
    return [
        DraftRow(token, content.get("text", ""), content.get("date", ""), updated_at, content.get("corrects"))
        for token, content, updated_at in found.values_list("token", "content", "updated_at")
    ]


def draft(client: Client, person: int, token: str) -> Voucher | None:
    """A voucher that the person is writing, as it was left."""
    found = VoucherDraft.objects.filter(client=client, person=person, token=token).first()
    return read(found.token, found.content) if found else None


def files(client: Client, ids: Collection[int]) -> list[AttachedFile]:
    """These files, in the order of `ids`; those that are not this client's are left out."""
    rows = {
        row[0]: AttachedFile(*row)
        for row in File.objects.filter(client=client, pk__among=list(ids)).values_list("id", "name", "size")
    }
    return [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]


def attachments(client: Client, entry: int) -> list[AttachedFile]:
    """The files of an entry that was written by hand, in their order."""
    ids = list(
        Attachment.objects.filter(client=client, entry=entry).order_by("place").values_list("file", flat=True)
    )
    return files(client, ids) if ids else []


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry as drafts of its lines, to be copied or corrected."""

    id: int
    name: str
    date: datetime.date
    text: str
    origin: str
    lines: tuple[LineDraft, ...]
    parties: dict[int, str]  # id → number
    files: tuple[int, ...]
    is_reversed: bool
    is_reversal: bool


def posted_entry(client: Client, entry: int) -> PostedEntry:
    """One entry to be copied or corrected; raises Entry.DoesNotExist when it is not this client's."""
    found = Entry.objects.select_related("series").get(client=client, pk=entry)
    lines = lines_of(client, [found.pk])[found.pk]
    named = {line.party for line in lines if line.party is not None}
    attached = list(
        Attachment.objects.filter(client=client, entry=entry).order_by("place").values_list("file", flat=True)
    )
    return PostedEntry(
        found.pk,
        f"{found.series.code} {found.number}",
        found.date,
        found.text,
        found.origin,
        tuple(lines),
        dict(Party.objects.filter(client=client, pk__among=named).values_list("id", "number")),
        tuple(attached or ([found.file_id] if found.file_id else [])),
        Entry.objects.filter(client=client, reverses=found).exists(),
        found.reverses_id is not None,
    )

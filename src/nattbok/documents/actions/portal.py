"""What a client's own people do with documents: add, gather, complete, say that they are paid, hand over."""

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client, Person
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.documents.actions.answering import NoAnswer, locked, openly
from nattbok.documents.actions.posting import code
from nattbok.documents.actions.uploading import Added, upload
from nattbok.documents.models import Document, Gathered
from nattbok.documents.queries import deciding
from nattbok.documents.queries.whereabouts import CLIENT, GATHERED
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import POSTABLE
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.entry import DoesNotAddUp, MoreVatThanStated, NoSuchVatCode
from nattbok.files.models import File
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Account, Books, OpenItem
from nattbok.ledger.rules import EntryDraft, LineDraft, Settles
from nattbok.trail.actions import act
from nattbok.trail.rules import means

GATHERED_ACT = means("documents.gathered", _("{name} was added by the client’s people"))
HANDED_OVER = means("documents.handed_over", _("{count} documents were handed over to accounting"))
CODED = means("documents.coded_by_client", _("The client’s people coded {number} from {supplier}"))
PAID = means("documents.said_paid", _("{number} from {supplier} was said to be paid on {on}: {means}"))
UNPAID = means("documents.said_unpaid", _("{number} from {supplier} is not paid after all"))
PAYMENT = means("documents.payment_posted", _("The payment of {number} from {supplier} was posted"))
CODED_ASKED = asks("documents.client_coded", _("Documents that the client has coded"))

CLIENT_CODED = "client_coded"  # what such a document waits for, when it is with the office
BY_CLIENT = _("chosen by {who} at the client")
SENT_BEFORE = Words(_("This was sent before, and is there once."))
MOST_LINES = 100
PAYMENT_SERIES = "B"
MEANS = {"bank": _("bank"), "cash": _("cash"), "private": _("private money")}


class NotGathered(Refused):
    """Only what somebody at the client added, and nobody handed over."""

    message = _("There is no such document to hand over, or it is handed over already.")


class NotWithYou(Refused):
    """What accounting has, accounting changes."""

    message = _("The document is with accounting now, and is not changed here any more.")


class NoSuchMeans(Refused):
    """Bank, cash or private money."""

    message = _("Choose how it was paid, and from which account.")


class PaidInTheFuture(Refused):
    """What will be paid is not paid."""

    message = _("{on} is yet to come. What is to be paid is added to payment instead.")


class NothingToPay(Refused):
    """It is paid, or is a credit note."""

    message = _("Nothing is left to pay of this document.")


class UnusableAccount(Refused):
    """An account in use, which is not a subledger."""

    message = _("Account {account} cannot be used for a cost.")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as a phone or a browser sends it: with an id of its own, made before it is sent."""

    key: str
    name: str
    data: bytes


def add(client: Client, person: Person, given: Sequence[Sent]) -> list[Added]:
    """Keep these files and read them; what became of each, in order. Sent again with its key, none is new.

    Unless the client wants them handed over at once they are with the client's people until somebody does.
    """
    by = f"person:{person.pk}"
    new = _gather(client, given, by)
    read = iter(upload(client, [(one.name, one.data) for one in given if one.key in new], by=by))
    return [
        next(read) if one.key in new else Added(one.name, True, SENT_BEFORE, is_repeat=True) for one in given
    ]


@transaction.atomic
def _gather(client: Client, given: Sequence[Sent], by: str) -> set[str]:
    """The keys of those that were not sent before; noted as gathered before their bytes are read."""
    Books.objects.select_for_update().get(client=client)
    keys = {one.key[:64] for one in given}
    there = set(Gathered.objects.filter(client=client, by=by, key__in=keys).values_list("key", flat=True))
    of = {one.key: hashlib.sha256(one.data).hexdigest() for one in given}
    known = set(File.objects.filter(client=client, sha256__in=of.values()).values_list("sha256", flat=True))
    known |= set(
        Gathered.objects.filter(client=client, sha256__in=of.values()).values_list("sha256", flat=True)
    )
    moment = timezone.now()
    for one in given:
        if one.key[:64] in there or of[one.key] in known or not one.data:
            continue  # the same bytes, come some way before, stay where they are
        known.add(of[one.key])
        name = one.name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[-255:]
        Gathered.objects.create(
            client=client,
            sha256=of[one.key],
            key=one.key[:64],
            name=name,
            by=by,
            at=moment,
            handed_over_by=by if client.hands_over_at_once else "",
            handed_over_at=moment if client.hands_over_at_once else None,
            act_id=act(client, GATHERED_ACT, by, name=name, sha256=of[one.key]),
        )
    return {one.key for one in given if one.key[:64] not in there}


@transaction.atomic
def hand_over(client: Client, gathered: Collection[int], *, by: str, today: datetime.date) -> int:
    """Hand gathered files over to accounting, one or together, with what was coded and said; how many.

    From now on they stand in the office's queue. What the client's people coded waits there with that coding;
    the robot decides on the rest as on all others. Handed over again they stay as they are.
    """
    Books.objects.select_for_update().get(client=client)
    rows = list(Gathered.objects.filter(client=client, pk__in=list(gathered)).order_by("pk"))
    if len(rows) != len(set(gathered)):
        raise NotGathered()
    rows = [row for row in rows if row.handed_over_at is None]
    if not rows:
        return 0
    prints = [row.sha256 for row in rows]
    act(client, HANDED_OVER, by, count=len(rows), files=prints, names=[row.name for row in rows])
    Gathered.objects.filter(client=client, pk__in=[row.pk for row in rows]).update(
        handed_over_by=by, handed_over_at=timezone.now()
    )
    documents = Document.objects.filter(client=client, file__sha256__in=prints, waits_for=GATHERED)
    coded = [found for found in documents.order_by("pk") if is_coded_by_client(found.coding)]
    plain = list(documents.exclude(pk__in=[found.pk for found in coded]).values_list("pk", flat=True))
    Document.objects.filter(client=client, pk__in=plain).update(waits_for="")
    Document.objects.filter(client=client, pk__in=[found.pk for found in coded]).update(
        waits_for=CLIENT_CODED
    )
    _ask(client, coded, by=by)
    if plain:
        code(client, by=by, today=today, only=plain)
    return len(rows)


def is_coded_by_client(coding: Sequence[Mapping]) -> bool:
    """Whether a document's kept lines were chosen by the client's people."""
    return bool(coding) and all((line.get("reason") or {}).get("text") == BY_CLIENT for line in coding)


def _ask(client: Client, documents: Sequence[Document], *, by: str) -> None:
    drafts = []
    for found in documents:
        values = found.coding[0]["reason"]["values"]
        accounts = ", ".join(dict.fromkeys(line["account"] for line in found.coding))
        drafts.append(
            QuestionDraft(
                CODED_ASKED,
                questions.subject(found.pk),
                Words(_("{who} at the client coded it; somebody at the office posts it."), values),
                (
                    Candidate(
                        Words(_("Post it to {accounts}, as the client coded it"), {"accounts": accounts}),
                        {"do": "post", "lines": found.coding},
                    ),
                    Candidate(questions.DECLINE, {"do": "decline"}),
                ),
                found.owed,
                found.currency,
                about=" · ".join(filter(None, (found.supplier_name, found.number)))[:200],
            )
        )
    desk.ask(client, drafts, by=by)


@transaction.atomic
def set_coding(
    client: Client, document: int, lines: Sequence[Mapping[str, object]], *, person: Person
) -> None:
    """Say which accounts, VAT codes, projects and departments a document's parts go to.

    Each line has account, vat_code, net, vat, and may have text and dimensions; together they come to what
    the document asks for, and hold no more VAT than it states. No lines: the choice is left to accounting.
    """
    bill = openly(client, document)
    found = Document.objects.get(client=client, pk=document)
    if found.waits_for not in (GATHERED, CLIENT):
        raise NotWithYou()
    coding = _checked(client, bill, lines, str(person))
    old, new = found.coding, [codings.written(line) for line in coding]
    Document.objects.filter(client=client, pk=document).update(coding=new)
    act(
        client, CODED, f"person:{person.pk}", document=document, supplier=bill.seller, number=bill.number,
        sha256=bill.sha256, old=old, new=new,
    )  # fmt: skip


def _checked(client: Client, bill, lines: Sequence[Mapping[str, object]], who: str) -> list[CodedLine]:
    if len(lines) > MOST_LINES:
        raise NoAnswer()
    law = country(client.country)
    usable = set(
        Account.objects.filter(client=client, is_active=True, control="").values_list("number", flat=True)
    )
    coding = []
    for given in lines:
        try:
            line = codings.read({**given, "reason": {"text": BY_CLIENT, "values": {"who": who}}})
        except (ArithmeticError, KeyError, TypeError, ValueError):
            raise NoAnswer() from None
        if not all(each.is_finite() and each == round(each, 2) for each in (line.net, line.vat)):
            raise NoAnswer()
        if line.account not in usable:
            raise UnusableAccount(account=line.account)
        vat_code = law.vat_codes.get(line.vat_code) if line.vat_code else None
        if line.vat_code and (vat_code is None or vat_code.direction is VatDirection.OUTPUT):
            raise NoSuchVatCode(code=line.vat_code)
        coding.append(line)
    if not coding:
        return []
    asked = codings.gross(coding)
    if bill.owed is None or asked not in (bill.owed, bill.owed - bill.rounding):
        raise DoesNotAddUp(lines=asked, owed=bill.owed)
    vat = abs(sum((line.vat for line in coding), Decimal(0)))
    if bill.vat is not None and vat > abs(bill.vat):
        raise MoreVatThanStated(vat=vat, stated=bill.vat)
    return coding


@transaction.atomic
def say_paid(
    client: Client, document: int, *, on: datetime.date, by_means: str, by: str, today: datetime.date
) -> None:
    """Say that the document is paid, when and by what: it is posted as paid, and never offered for payment.

    One that stands in the books as owed gets an entry for its payment, which settles it.
    """
    law = country(client.country)
    account = law.paid_from.get(by_means)
    if account is None or not Account.objects.filter(client=client, number=account, is_active=True).exists():
        raise NoSuchMeans()
    if on > today:
        raise PaidInTheFuture(on=on)
    found = locked(client, document, also_posted=True)
    said = {"on": on.isoformat(), "means": by_means, "account": account, "by": by}
    deed = act(
        client, PAID, by, document=document, supplier=found.supplier_name, number=found.number,
        on=str(on), means=by_means, account=account, old=found.paid, sha256=found.file.sha256,
    )  # fmt: skip
    if found.entry is not None:
        _post_payment(client, found, on, account, deed, by=by)
    Document.objects.filter(client=client, pk=document).update(paid=said)
    if found.entry is None and found.kind in POSTABLE and not found.waits_for and not found.is_held:
        code(client, by=by, today=today, only=[document])


def _post_payment(
    client: Client, found: Document, on: datetime.date, account: str, deed: int, *, by: str
) -> None:
    items = list(
        OpenItem.objects.filter(client=client, line__entry=found.entry)
        .exclude(left=0)
        .select_related("account")
    )
    if not items:
        raise NothingToPay()
    closed = Books.objects.values_list("closed_through", flat=True).get(client=client)
    day = on if closed is None or on > closed else closed + datetime.timedelta(days=1)
    lines = [
        LineDraft(
            item.account.number,
            -item.left,
            text=found.number,
            party=item.party_id,
            settles=(Settles(item.pk, abs(item.left)),),
        )
        for item in items
    ]
    lines.append(LineDraft(account, sum((item.left for item in items), Decimal(0)), text=found.number))
    proof = act(
        client, PAYMENT, by, document=found.pk, supplier=found.supplier_name, number=found.number, said=deed
    )
    draft = EntryDraft(
        date=max(day, items[0].date),
        series=PAYMENT_SERIES,
        origin=f"document_payment:{found.pk}",
        text=f"{found.supplier_name} {found.number}"[:300],
        lines=tuple(lines),
        file=found.file_id,
    )
    ledger.post(client, [draft], acts=[proof])


@transaction.atomic
def say_unpaid(client: Client, document: int, *, by: str) -> None:
    """Take back that a document is paid, while it is not posted yet."""
    found = locked(client, document)
    if found.paid:
        act(
            client, UNPAID, by, document=document, supplier=found.supplier_name, number=found.number,
            old=found.paid,
        )  # fmt: skip
        Document.objects.filter(client=client, pk=document).update(paid=None)


def item_to_pay(client: Client, document: int) -> int:
    """The open item that paying the document pays; refused when nothing of it is owed, or it is on hold."""
    found = deciding.with_entry(client).get(pk=document)
    item = (
        OpenItem.objects.filter(client=client, line__entry=found.entry, left__lt=0, on_hold=False)
        .order_by("pk")
        .first()
        if found.entry is not None
        else None
    )
    if item is None:
        raise NothingToPay()
    return item.pk

"""Settlement reports from acquirers: kept, so that their payouts can be posted."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.bank import models
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk.actions import ask
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.files.models import File
from nattbok.files.queries import data
from nattbok.formats.known import read_any
from nattbok.formats.sales_day.shape import Settlement, SettlementReport
from nattbok.ledger.models import Account, Books
from nattbok.ledger.rules import NoSuchAccount
from nattbok.ledger.rules.vat import UnknownVatCode
from nattbok.trail.actions import act
from nattbok.trail.rules import means

RECEIVED = means("bank.payouts_received", _("{name}: {count} settlement reports"))
ACCOUNTS = means("bank.acquirer_accounts", _("The accounts for payouts from {source} were set"))
REFUSED = asks("bank.payouts_refused", _("A settlement report cannot be read"))
DIFFERS = asks("bank.payout_differs", _("Settlement reports that were told differently before"))
REFUSED_TEXT = _("{name}, {where}: {text}")
DIFFERS_TEXT = _(
    "{name} says that payout {payout_id} is {net}; an earlier report said {before}. The first stands."
)


def unread(client: Client) -> list[File]:
    """The kept settlement reports that have not been read, the oldest first."""
    return list(
        File.objects.filter(client=client, format__startswith="settlement_")
        .exclude(pk__in=models.PayoutFile.objects.filter(client=client).values("file_id"))
        .order_by("received_at", "pk")
    )


@transaction.atomic
def receive(client: Client, file: File, *, by: str, night: int | None = None) -> int:
    """Read one kept settlement report; how many payouts were new. Safe to repeat."""
    Books.objects.select_for_update().get(client=client)
    if models.PayoutFile.objects.filter(client=client, file=file).exists():
        return 0
    read = read_any(data(file))
    report = read.content if isinstance(read.content, SettlementReport) else None
    is_right = report is not None and not report.is_refused
    settlements: Sequence[Settlement] = report.settlements if is_right else ()
    models.PayoutFile.objects.create(
        client=client,
        file=file,
        outcome="accept" if is_right else "refuse",
        payouts=len(settlements),
        read_at=timezone.now(),
    )
    if not is_right:
        worst = read.findings[0] if read.findings else None
        values = {"where": worst.where, "text": str(worst.words)} if worst else {"where": "", "text": ""}
        words = Words(REFUSED_TEXT, {"name": file.name, **values})
        ask(client, [QuestionDraft(REFUSED, f"file:{file.pk}", words)], by=by, night=night)
        return 0
    new = keep(client, settlements, name=file.name, file=file.pk, by=by, night=night)
    act(client, RECEIVED, by, night=night, name=file.name, file=file.pk, count=len(settlements), new=new)
    return new


def keep(
    client: Client,
    settlements: Sequence[Settlement],
    *,
    name: str,
    by: str,
    file: int | None = None,
    night: int | None = None,
) -> int:
    """Keep each payout once; how many were new. One that is told differently again is asked about.

    Part of the caller's transaction.
    """
    new = 0
    for one in settlements:
        payout_id = (one.payout_id or one.payment_reference)[:100]
        if not payout_id:
            continue  # nothing on the bank's line could name it
        report, is_new = models.PayoutReport.objects.get_or_create(
            client=client,
            source=one.source[:40],
            payout_id=payout_id,
            defaults={
                "file_id": file,
                "reference": one.payment_reference[:100],
                "paid_on": one.on,
                "currency": one.currency[:3],
                "gross": one.gross,
                "fee": one.fee,
                "refund": one.refunds,
                "reserve": -one.other,
                "net": one.net,
                "adds_up": one.adds_up,
                "rows": [_row(row) for row in one.rows],
            },
        )
        new += is_new
        before = (report.gross, report.fee, report.refund, report.reserve, report.net)
        if not is_new and before != (one.gross, one.fee, one.refunds, -one.other, one.net):
            values = {"name": name, "payout_id": payout_id, "net": str(one.net), "before": str(report.net)}
            draft = QuestionDraft(DIFFERS, f"payout:{report.pk}", Words(DIFFERS_TEXT, values))
            ask(client, [draft], by=by, night=night)
    return new


def _row(row) -> dict:
    said = {"kind": row.kind.value, "amount": str(row.amount), "fee": str(row.fee), "order": row.order}
    said |= {"fee_vat": str(row.fee_vat)} if row.fee_vat else {}
    return said | ({"on": str(row.on)} if row.on else {})


@transaction.atomic
def set_accounts(client: Client, source: str, *, by: str, **said: str) -> models.AcquirerAccounts:
    """Where payouts from an acquirer are posted; a blank source is all that have no accounts of their own.

    Raises NoSuchAccount for an account that is not in use, and UnknownVatCode for a code that is none.
    """
    for name in ("clearing", "fee", "refund", "reserve"):
        number = said.get(name, "")
        is_needed = name in ("clearing", "fee")
        in_use = Account.objects.filter(client=client, number=number, is_active=True, control="")
        if (number or is_needed) and not in_use.exists():
            raise NoSuchAccount(account=number or "–")
    code = said.get("fee_vat_code", "")
    if code and code not in country(client.country).vat_codes:
        raise UnknownVatCode(code=code[:10], date=timezone.localdate())
    kept, _is_new = models.AcquirerAccounts.objects.update_or_create(
        client=client, source=source, defaults=said
    )
    act(client, ACCOUNTS, by, source=source or "*", **said)
    return kept

"""What the tests of payments out share: a bank account with money, bills, people with rights and codes."""

import datetime
from decimal import Decimal

import pyotp
from django.utils import timezone

from nattbok.approvals import actions as approvals
from nattbok.approvals.rules.factors import STEP
from nattbok.approvals.rules.policy import May, Policy
from nattbok.bank import actions as bank
from nattbok.bank.actions import payments
from nattbok.bank.models import BankAccount, Movement, Payment, PaymentBatch
from nattbok.bank.queries.payments.rights import PAYMENTS, SALARIES
from nattbok.bank.rules.payments.proposal import Wanted
from nattbok.clients import actions as clients
from nattbok.clients.models import Client, Person
from nattbok.clients.rules import Role
from nattbok.countries.known import country
from nattbok.files.actions import keep
from nattbok.ledger.models import OpenItem
from nattbok.ledger.rules import LineDraft, PartyKind
from tests.web.visitors import a_person
from tests.world import a_party, an_entry, posted

TODAY = datetime.date(2026, 3, 12)  # a Thursday
OURS = {"NO": "15062995960", "SE": "SE4550000000058398257466"}
THEIRS = {"NO": "86011117947", "SE": "9912346"}
OTHER = {"NO": "12345678903", "SE": "50506861"}
BANKGIRO = "58056201"


def an_account(client: Client) -> BankAccount:
    """The client's bank account; a Swedish one with its bankgiro."""
    others = [BANKGIRO] if client.country == "SE" else []
    return bank.open_account(client, OURS[client.country], title="Drift", other_numbers=others)


def a_supplier(client: Client, name: str = "Nordlys Strøm", *, account: str = "", confirmed: int = 2) -> int:
    """A supplier whose account is known, unless said otherwise."""
    number = account or THEIRS[client.country]
    return a_party(client, PartyKind.SUPPLIER, name, accounts=((number, confirmed),) if confirmed else ())


def a_bill(
    client: Client,
    amount: str,
    *,
    supplier: int,
    reference: str = "",
    number: str = "",
    due_on: datetime.date = TODAY,
    on_hold: bool = False,
) -> OpenItem:
    """A bill from a supplier (a credit note when negative), posted; its open item."""
    law = country(client.country).accounts
    (entry,) = posted(
        client,
        an_entry(
            client,
            (law.purchases, amount),
            LineDraft(
                law.suppliers,
                -Decimal(amount),
                party=supplier,
                number=number,
                reference=reference,
                due_on=due_on,
                on_hold=on_hold,
            ),
            on=TODAY,
        ),
    )
    return OpenItem.objects.get(client=client, line__entry=entry.id)


class Payer:
    """A person who may approve, with the phone that shows their codes."""

    def __init__(
        self, client: Client, *, rights: tuple[str, ...] = (PAYMENTS,), limit: str = "", name: str = ""
    ):
        self.person: Person = a_person(client.office, name=name or "Kari Nordmann")
        self.totp = pyotp.TOTP(approvals.begin_totp(self.person, password="a long enough one"))
        # The code that confirms the factor is spent: it is one of the step before.
        self.last = now() - 1
        self.recovery = approvals.confirm_totp(self.person, self.totp.generate_otp(self.last))
        for right in rights:
            give(client, self.person, right, limit)

    def code(self) -> str:
        """A code not used before; a recovery code when the phone must wait for its next one."""
        step = max(self.last + 1, now())
        if step > now() + 1:
            return self.recovery.pop()
        self.last = step
        return self.totp.generate_otp(step)


def now() -> int:
    """The time step that phones are in."""
    return int(timezone.now().timestamp()) // STEP


def give(client: Client, person: Person, right: str = PAYMENTS, limit: str = "") -> None:
    """The right to approve."""
    approvals.let(client, person, right, May(Decimal(limit) if limit else None), by="test")


def two_in_union(client: Client, *, registrant_may: bool = True) -> None:
    """The client demands two people for every payment."""
    approvals.demand(client, PAYMENTS, Policy(2, None, registrant_may), by="test")


def proposed(client: Client, through: datetime.date = TODAY, **wanted) -> list[Payment]:
    """Payments drafted by the robot."""
    found = payments.propose(client, Wanted(through=through, **wanted), by="robot:test", today=TODAY)
    return list(Payment.objects.filter(pk__in=found.payments).order_by("pk"))


def a_batch(
    client: Client, by: Payer, *, amount: str = "1250.00", supplier: int | None = None
) -> PaymentBatch:
    """A frozen batch of one bill, that waits for its yes."""
    if not BankAccount.objects.filter(client=client).exists():
        an_account(client)
    a_bill(client, amount, supplier=supplier or a_supplier(client), number="F77")
    ids = [payment.pk for payment in proposed(client)]
    (batch,) = payments.freeze(client, ids, person=by.person, today=TODAY)
    return PaymentBatch.objects.get(pk=batch)


def approved(client: Client, batch: PaymentBatch, *people: Payer) -> PaymentBatch:
    """The batch after each has said yes."""
    for one in people:
        payments.approve(
            client, batch.pk, person=one.person, sha256=batch.sha256, today=TODAY, code=one.code()
        )
    batch.refresh_from_db()
    return batch


def receipt(
    batch: PaymentBatch, *statuses: tuple[str, str, str], group: str = "", number: str = "1", reason: str = ""
) -> bytes:
    """A pain.002.001.03 about the batch: (EndToEndId, status, reason) for each payment, and of the whole."""
    rows = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{end}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else "")
        + "</TxInfAndSts>"
        for end, status, why in statuses
    )
    whole = f"<GrpSts>{group}</GrpSts>" if group else ""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    info = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch.message_id}-001</OrgnlPmtInfId>{rows}</OrgnlPmtInfAndSts>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>R{batch.pk}-{number}</MsgId><CreDtTm>2026-03-12T12:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.message_id}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>{whole}{why}</OrgnlGrpInfAndSts>"
        f"{info if rows else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


def heard(client: Client, data: bytes) -> payments.receipts.Answered:
    """A receipt that came and was read."""
    file = keep(client, data, name="pain002.xml", came_by="folder").file
    assert file.format == "pain002"
    return payments.read_receipt(client, file, by="robot:test")


def debited(client: Client, payment: Payment, *, on: datetime.date = TODAY, **fields) -> Movement:
    """The bank's line that it executed the payment."""
    account = BankAccount.objects.get(client=client, pk=payment.account_id)
    return Movement.objects.create(
        client=client,
        account=account,
        key=f"test:{payment.end_to_end_id}:{fields.get('amount', '')}",
        amount=fields.pop("amount", -payment.amount),
        booked_on=on,
        end_to_end_id=payment.end_to_end_id,
        first_reported_at=timezone.now(),
        **fields,
    )


def an_owner(client: Client) -> Person:
    """The client's own person."""
    person = a_person()
    clients.give_access(client, person, Role.OWNER)
    return person


__all__ = ["PAYMENTS", "SALARIES"]

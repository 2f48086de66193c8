"""What is set for a client's bank: what the robot may post, acquirers' accounts, how suppliers are paid."""

from dataclasses import dataclass
from decimal import Decimal

from nattbok.bank import models
from nattbok.clients.models import Client


@dataclass(frozen=True, slots=True)
class TermsRow:
    """What the robot may post by itself, as it is set; amounts in the client's currency, None: no limit."""

    unique_may_post: bool = False
    fx_may_post: bool = False
    closed_reference_holds: bool = False
    is_first_open_day: bool = False
    largest: Decimal | None = None
    per_night: Decimal | None = None
    error_budget: Decimal = Decimal(2)  # percent


@dataclass(frozen=True, slots=True)
class AcquirerRow:
    """Where payouts from an acquirer are posted; a blank source is all others."""

    source: str
    payer: str
    clearing: str
    fee: str
    fee_vat_code: str
    refund: str
    reserve: str


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """How a supplier is paid."""

    party: int
    number: str
    name: str
    percent: Decimal | None
    days: int | None
    pay_to: str
    is_held: bool


def matching_terms(client: Client) -> TermsRow:
    """The client's, or those that hold when nothing is set."""
    found = models.MatchingTerms.objects.filter(client=client).values_list(*TermsRow.__slots__).first()
    return TermsRow(*found) if found else TermsRow()


def acquirer_accounts(client: Client) -> list[AcquirerRow]:
    """By source."""
    rows = models.AcquirerAccounts.objects.filter(client=client).order_by("source")
    return [AcquirerRow(*row) for row in rows.values_list(*AcquirerRow.__slots__)]


def supplier_terms(client: Client) -> list[SupplierRow]:
    """The suppliers that something is set for, by name."""
    rows = models.SupplierTerms.objects.filter(client=client).order_by("party__name", "party_id")
    return [
        SupplierRow(*row)
        for row in rows.values_list(
            "party_id", "party__number", "party__name", "percent", "days", "pay_to", "is_held"
        )
    ]

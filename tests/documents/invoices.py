"""Builders for the documents' tests: a supplier with a habit, and an e-invoice to a client."""

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.documents import actions
from nattbok.files import actions as files
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.rules import LineDraft, PartyKind
from tests.formats.invoice import written_invoices as ubl
from tests.formats.invoice.written_invoices import Company, Line
from tests.world import TODAY, an_entry, org_number, posted

BY = "robot:test"
PERSON = "person:7"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Seller:
    """A supplier of a client, as its invoices and as the books know it."""

    company: Company
    party: int
    account: str = "15031200455"
    extra: dict = field(default_factory=dict)


def a_company(country_code: str = "NO", name: str = "Fjellstrøm Prøve AS") -> Company:
    return Company(name, org_number(country_code), country_code)


def a_seller(
    client: Client,
    *,
    bills: int = 3,
    account: str = "6340",
    vat_code: str = "",
    amount: str = "1250.00",
    bank_account: str = "15031200455",
    known_account: bool = True,
) -> Seller:
    """A supplier with `bills` bills posted before, all to `account`."""
    company = a_company(client.country)
    law = country(client.country)
    (party,) = ledger.add_parties(
        client,
        [
            PartyDraft(
                PartyKind.SUPPLIER,
                f"{next(_numbers)}",
                company.name,
                company.number,
                company.country,
                ((law.normal_account(bank_account) or bank_account, 1),) if known_account else (),
            )
        ],
    )
    gross = Decimal(amount)
    net = (gross / Decimal("1.25")).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    code = vat_code or law.purchase_vat_code("S", Decimal(25), client.country, TODAY)
    drafts = [
        an_entry(
            client,
            LineDraft(account, net, vat_code=code, vat_amount=gross - net),
            LineDraft(law.vat_codes[code].input_account, gross - net, vat_code=code, vat_base=net),
            LineDraft(law.accounts.suppliers, -gross, party=party, number=f"OLD-{next(_numbers)}"),
            on=TODAY - timedelta(days=30),
        )
        for _bill in range(bills)
    ]
    posted(client, *drafts)
    return Seller(company, party, bank_account)


def an_e_invoice(
    client: Client,
    seller: Seller | Company,
    *lines: Line,
    issued_on: date | None = None,
    buyer: Company | None = None,
    **fields,
) -> str:
    """The invoice as text; one line of 1 000 and its VAT when no lines are given."""
    company = seller.company if isinstance(seller, Seller) else seller
    if isinstance(seller, Seller):
        fields.setdefault("account", seller.account)
    if client.country == "SE":
        fields.setdefault("branch", "SE:BANKGIRO")
    fields.setdefault("currency", client.currency)
    fields.setdefault("number", f"F-{next(_numbers)}")
    text = ubl.written(
        lines or (Line("Strøm", "1", "1000"),),
        seller=company,
        buyer=buyer or Company(client.name, client.org_number, client.country),
        **fields,
    )
    if issued_on:
        text = text.replace("<cbc:IssueDate>2026-03-02<", f"<cbc:IssueDate>{issued_on}<")
    return text


def kept(client: Client, data: str | bytes, name: str = "faktura.xml") -> int:
    """The bytes as a kept file of the client; its id."""
    data = data.encode() if isinstance(data, str) else data
    return files.keep(client, data, name=name, came_by="test").file.pk


def received(client: Client, *data: str | bytes) -> list[int]:
    """The data as documents of the client, in order."""
    made = actions.receive(client, [kept(client, each) for each in data], by=BY)
    return list(made.documents)


def coded(client: Client, today: date = TODAY, **fields) -> actions.Done:
    """The client's waiting documents, decided on."""
    return actions.code(client, by=BY, today=today, **fields)


def unattended(client: Client) -> Client:
    """The client, whose certain documents are posted without a person."""
    client.may_post_documents = True
    client.save()
    return client

"""What the ladder says of a client's movements, with all that is known tonight."""

from collections.abc import Sequence

from nattbok.bank.queries import bank_rules as known
from nattbok.bank.queries.in_books import booked_lines
from nattbok.bank.queries.payments import sent_payments
from nattbok.bank.queries.waiting import payers
from nattbok.bank.rules import ladder
from nattbok.bank.rules.bank_rules import Rule
from nattbok.bank.rules.in_books import InBooks, same_money
from nattbok.bank.rules.shape import Found, Payment, SentPayment
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.ledger.models import Books
from nattbok.ledger.queries import open_items


def decide(
    client: Client,
    payments: Sequence[Payment],
    *,
    night: int | None = None,
    rule: Rule | None = None,
    sent: Sequence[SentPayment] = (),
    in_books: InBooks | None = None,
) -> Found:
    """What the ladder says of these movements now, with `rule` as it might be written. Writes nothing.

    `sent` are payments that left by another system. `in_books` is what `told_before` said.
    """
    if in_books is None:
        in_books = told_before(client, payments, sent=sent)
    law = country(client.country)
    quoted = {payment.reference for payment in payments if payment.reference}
    quoted |= {one.reference for payment in payments for one in payment.remittances if one.reference}
    return ladder.match(
        payments,
        open_items(client, references=quoted),
        references=law.references,
        is_org_number=law.is_org_number,
        payers=payers(client),
        sent=[*sent_payments(client), *sent],
        closed_through=Books.objects.get(client=client).closed_through,
        terms=known.terms(client),
        rules=[*(one for one in known.rules(client) if one.id != rule.id), rule]
        if rule
        else known.rules(client),
        payouts=known.payouts(client),
        acquirers=known.acquirers(client),
        blocked=known.blocked_suppliers(client),
        vat_codes=law.vat_codes,
        accounts=law.accounts,
        in_books=in_books.perhaps,
        posted_tonight=known.posted_of_night(client, night),
    )


def told_before(client: Client, payments: Sequence[Payment], *, sent: Sequence[SentPayment] = ()) -> InBooks:
    """Which of these movements a person has booked already, certainly or perhaps."""
    lines = booked_lines(client, payments)
    if not lines:
        return InBooks()
    ours = {one.end_to_end_id for one in (*sent_payments(client), *sent)}
    return same_money(payments, lines, is_org_number=country(client.country).is_org_number, ours=ours)

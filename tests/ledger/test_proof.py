"""Whoever changes the books past every guard is found out, and told what it is that changed."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, Settles
from tests.ledger.tampering import tamper
from tests.world import TODAY, a_party, an_entry, an_invoice, posted


@pytest.fixture
def books(fjord):
    """An invoice paid in part, one line in a foreign currency, a reversal, and an entry at the end."""
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer, number="F1", reference="0017")
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft(
                "1500", Decimal("-100"), party=customer, settles=(Settles(item.pk, Decimal("100.00")),)
            ),
        ),
        an_entry(
            fjord,
            LineDraft(
                "6300",
                Decimal("1100.00"),
                text="leie",
                currency="EUR",
                currency_amount=Decimal("100.00"),
                vat_code="1",
                vat_amount=Decimal("275.00"),
                dimensions={"avdeling": "2"},
            ),
            ("1920", "-1100.00"),
        ),
    )
    (wrong,) = posted(fjord, an_entry(fjord, ("1920", "7.00"), ("3000", "-7.00")))
    ledger.reverse(fjord, [wrong.id], by="person:1", why="wrong")
    posted(fjord, an_entry(fjord, ("1920", "9.00"), ("3000", "-9.00"), text="the last"))
    assert prove(fjord).fault is None
    return fjord


def entry_id(client, position: int) -> str:
    return str(Entry.objects.get(client=client, position=position).pk)


THIRD = "(SELECT id FROM ledger_entry WHERE client_id = {client} AND position = 3)"
TAMPERED = {
    # what is changed: (statements, the promise that breaks, a word of the sentence)
    "an amount and its counterpart": (
        [f"UPDATE ledger_line SET amount = amount + sign(amount) * 0.01 WHERE entry_id = {THIRD}"],
        "totals equal their lines",
        "1920",
    ),
    "an amount, its counterpart and the totals": (
        [
            f"UPDATE ledger_line SET amount = amount + sign(amount) * 0.01 WHERE entry_id = {THIRD}",
            "UPDATE ledger_total SET debit = debit + 0.01 WHERE client_id = {client} AND account_id = "
            "(SELECT id FROM ledger_account WHERE client_id = {client} AND number = '6300')",
            "UPDATE ledger_total SET credit = credit - 0.01 WHERE client_id = {client} AND account_id = "
            "(SELECT id FROM ledger_account WHERE client_id = {client} AND number = '1920')",
        ],
        "posted is posted",
        "A 3",
    ),
    "one amount": (
        [f"UPDATE ledger_line SET amount = amount + 0.01 WHERE number = 1 AND entry_id = {THIRD}"],
        "entries balance",
        "A 3",
    ),
    "an entry's text": (
        [f"UPDATE ledger_entry SET text = 'prøvd' WHERE id = {THIRD}"], "posted is posted", "A 3",
    ),
    "a line's text": (
        [f"UPDATE ledger_line SET text = 'leia' WHERE number = 1 AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a currency amount": (
        [f"UPDATE ledger_line SET currency_amount = 101 WHERE number = 1 AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a rate": (
        [f"UPDATE ledger_line SET rate = 10 WHERE number = 1 AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a VAT code": (
        [f"UPDATE ledger_line SET vat_code = '0' WHERE number = 1 AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a VAT amount": (
        [f"UPDATE ledger_line SET vat_amount = 274 WHERE number = 1 AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a dimension": (
        [f"UPDATE ledger_line SET dimensions = '{{{{\"avdeling\": \"3\"}}}}' WHERE number = 1 "
         f"AND entry_id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "a reference": (
        ["UPDATE ledger_line SET reference = '0018' WHERE client_id = {client} AND reference = '0017'"],
        "posted is posted",
        "A 1",
    ),
    "an act's reason": (
        ["UPDATE trail_act SET evidence = evidence || '{{\"why\": \"right\"}}' "
         "WHERE client_id = {client} AND kind = 'ledger.reversed'"],
        "posted is posted",
        "A 5",
    ),
    "who did it": (
        ["UPDATE trail_act SET \"by\" = 'person:2' WHERE client_id = {client} AND kind = 'ledger.reversed'"],
        "posted is posted",
        "A 5",
    ),
    "for which act": (
        ["UPDATE ledger_entry SET act_id = (SELECT min(id) FROM trail_act WHERE client_id = {client}) "
         f"WHERE id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "when it was posted": (
        [f"UPDATE ledger_entry SET posted_at = posted_at + interval '1 second' WHERE id = {THIRD}"],
        "posted is posted",
        "A 3",
    ),
    "an origin": (
        [f"UPDATE ledger_entry SET origin = 'other' WHERE id = {THIRD}"], "posted is posted", "A 3",
    ),
    "a link": (
        [f"UPDATE ledger_entry SET link = repeat('0', 64) WHERE id = {THIRD}"], "posted is posted", "A 3",
    ),
    "a settlement": (
        ["UPDATE ledger_settlement SET amount = amount - 1 WHERE client_id = {client} AND amount = 100"],
        "settlements are never above the item",
        "100.00 of it is settled|99.00 of it is settled",
    ),
    "what is left of an item": (
        ['UPDATE ledger_openitem SET "left" = "left" - 5 WHERE client_id = {client} AND number = \'F1\''],
        "settlements are never above the item",
        "20.00 left",
    ),
    "an item's amount": (
        ["UPDATE ledger_openitem SET amount = amount + 1 WHERE client_id = {client} AND number = 'F1'"],
        "open items are as their lines",
        "126.00",
    ),
    "a total": (
        ["UPDATE ledger_total SET debit = debit + 0.01 WHERE client_id = {client} AND account_id = "
         "(SELECT id FROM ledger_account WHERE client_id = {client} AND number = '6300')"],
        "totals equal their lines",
        "6300",
    ),
    "a series' counter": (
        ["UPDATE ledger_series SET last_number = last_number + 1 WHERE client_id = {client}"],
        "numbers have no gaps",
        "A ends at 6",
    ),
    "the books' counter": (
        ["UPDATE ledger_books SET entries = entries - 1 WHERE client_id = {client}"],
        "positions have no gaps",
        "count 5",
    ),
    "the chain's head": (
        ["UPDATE ledger_books SET head = repeat('0', 64) WHERE client_id = {client}"],
        "posted is posted",
        "books say",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_changed_is_found(books, what):
    statements, promise, word = TAMPERED[what]
    tamper(*[statement.format(client=books.pk) for statement in statements])
    fault = prove(books).fault
    assert fault is not None
    assert fault.promise == promise, str(fault.words)
    assert any(one in str(fault.words) for one in word.split("|")), str(fault.words)


def test_a_date_that_is_changed_everywhere_is_found(books):
    """The reference from line to entry holds the date, so it must be lifted as well."""
    tamper(
        "ALTER TABLE ledger_line ALTER CONSTRAINT line_entry_same_client DEFERRABLE",
        "SET CONSTRAINTS line_entry_same_client DEFERRED",
        f"UPDATE ledger_entry SET date = date + 1 WHERE id = {entry_id(books, 3)}",
        f"UPDATE ledger_line SET date = date + 1 WHERE entry_id = {entry_id(books, 3)}",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE ledger_line ALTER CONSTRAINT line_entry_same_client NOT DEFERRABLE",
    )
    fault = prove(books).fault
    assert fault.promise == "posted is posted"
    assert "A 3" in str(fault.words)


def remove_the_last(client, *also: str) -> None:
    last = entry_id(client, 6)
    tamper(
        f"UPDATE ledger_total t SET lines = t.lines - 1, debit = t.debit - greatest(l.amount, 0), "
        f"credit = t.credit - least(l.amount, 0) FROM ledger_line l WHERE l.entry_id = {last} "
        f"AND t.client_id = l.client_id AND t.account_id = l.account_id",
        # the line is referred to by its entry, and the entry by its line: both go in one statement
        f"WITH gone AS (DELETE FROM ledger_line WHERE entry_id = {last}) "
        f"DELETE FROM ledger_entry WHERE id = {last}",
        *also,
    )


def test_a_tail_that_is_cut_off_is_found(books):
    remove_the_last(books)
    fault = prove(books).fault
    assert fault.promise == "numbers have no gaps"


def test_a_tail_that_is_cut_off_with_its_counters_is_found(books):
    client = books.pk
    remove_the_last(
        books,
        f"UPDATE ledger_series SET last_number = last_number - 1 WHERE client_id = {client}",
        f"UPDATE ledger_books SET entries = entries - 1 WHERE client_id = {client}",
    )
    fault = prove(books).fault
    assert fault.promise == "posted is posted"
    assert "the books say" in str(fault.words)


def test_it_reads_one_moment_while_others_post(books):
    """A posting that is committed between two of its questions is not half seen."""
    import threading

    from django.db import connections

    from nattbok.db.scope import scope
    from nattbok.ledger.queries import proof

    def post_one() -> None:
        with scope([books.pk]):
            posted(books, an_entry(books, ("1920", "1.00"), ("3000", "-1.00")))
        connections.close_all()

    with proof.one_moment():
        before = Entry.objects.filter(client=books).count()
        thread = threading.Thread(target=post_one)
        thread.start()
        thread.join(20)
        assert Entry.objects.filter(client=books).count() == before
        assert prove(books).entries == before
    found = prove(books)
    assert (found.entries, found.fault) == (before + 1, None)


def test_it_can_be_asked_inside_a_transaction(books):
    with transaction.atomic():
        posted(books, an_entry(books, ("1920", "1.00"), ("3000", "-1.00"), on=TODAY))
        assert prove(books).fault is None
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)

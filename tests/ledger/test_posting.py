"""Posting, as an accountant would tell it."""

from decimal import Decimal

from nattbok.ledger.models import OpenItem
from nattbok.ledger.rules import LineDraft, Settles
from tests.world import a_party, an_entry, an_invoice, booked, posted


def test_an_entry_gets_the_next_number_of_its_series(fjord):
    posted(
        fjord,
        an_entry(fjord, ("1920", "100.00"), ("3000", "-100.00")),
        an_entry(fjord, ("6300", "40.00"), ("1920", "-40.00")),
    )
    assert booked(fjord) == "\n".join(
        [
            "1  2026-03-12  1920  100.00",
            "1  2026-03-12  3000  -100.00",
            "2  2026-03-12  6300  40.00",
            "2  2026-03-12  1920  -40.00",
        ]
    )


def test_a_payment_settles_what_it_pays(fjord):
    customer = a_party(fjord)
    item = an_invoice(fjord, "125.00", customer=customer)
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft(
                "1500", Decimal("-100.00"), party=customer, settles=(Settles(item.pk, Decimal("100.00")),)
            ),
        ),
    )
    item.refresh_from_db()
    assert item.left == Decimal("25.00")
    assert OpenItem.objects.filter(client=fjord, left=0).count() == 1


def test_the_books_prove_themselves(fjord):
    from nattbok.ledger.queries.proof import prove

    test_a_payment_settles_what_it_pays(fjord)
    proof = prove(fjord)
    assert proof.fault is None
    assert proof.entries == 2

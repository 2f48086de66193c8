"""A mistake is corrected by a reversal and a new entry, in one deed."""

from decimal import Decimal

import pytest

from nattbok.ledger import actions
from nattbok.ledger.models import Entry, OpenItem
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, Settles, Unbalanced
from nattbok.trail.models import Act
from tests.world import a_party, an_entry, an_invoice, booked, posted


def test_the_new_entry_stands_for_what_the_wrong_one_stood_for(fjord):
    customer = a_party(fjord)
    item = an_invoice(fjord, "100.00", customer=customer)
    (paid,) = posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft(
                "1500", Decimal("-100.00"), party=customer, settles=(Settles(item.pk, Decimal("100")),)
            ),
            origin="movement:7",
            series="B",
        ),
    )
    back, right = actions.correct(
        fjord,
        paid.id,
        an_entry(fjord, ("1920", "100.00"), ("3000", "-100.00"), series="B"),
        by="person:1",
        why="a cash sale",
    )
    assert booked(fjord, "B") == "\n".join(
        [
            "1  2026-03-12  1920  100.00",
            "1  2026-03-12  1500  -100.00",
            "2  2026-03-12  1920  -100.00",
            "2  2026-03-12  1500  100.00",
            "3  2026-03-12  1920  100.00",
            "3  2026-03-12  3000  -100.00",
        ]
    )
    new = Entry.objects.get(pk=right.id)
    assert (new.origin, new.round) == ("movement:7", 1)
    assert Act.objects.get(pk=new.act_id).evidence["reversal"] == back.id
    assert OpenItem.objects.get(pk=item.pk).left == Decimal("100.00")
    assert prove(fjord).fault is None


def test_a_correction_that_cannot_be_posted_changes_nothing(fjord):
    (paid,) = posted(fjord, an_entry(fjord, ("1920", "10.00"), ("3000", "-10.00")))
    before = booked(fjord)
    with pytest.raises(Unbalanced):
        actions.correct(
            fjord, paid.id, an_entry(fjord, ("1920", "10.00"), ("3000", "-9.00")), by="person:1", why="typo"
        )
    assert booked(fjord) == before

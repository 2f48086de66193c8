"""Books begin with what stood in the old ones."""

import datetime
from decimal import Decimal

import pytest

from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.opening import ItemsDiffer, OpeningItem, OpeningUnbalanced
from nattbok.ledger.models import Entry
from nattbok.ledger.queries import open_items, trial_balance
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import OriginConflict, PartyKind
from nattbok.trail.models import Act
from tests.world import a_party, booked

NEW_YEAR = datetime.date(2026, 1, 1)


def kr(amount: str) -> Decimal:
    return Decimal(amount)


def test_books_begin_with_balances_and_open_invoices(fjord):
    havna, kaia = a_party(fjord), a_party(fjord, name="Kaia")
    supplier = a_party(fjord, PartyKind.SUPPLIER)
    entry = ledger.opening_balance(
        fjord,
        NEW_YEAR,
        {"1920": kr("500.00"), "1500": kr("300.00"), "2050": kr("-600.00"), "2400": kr("-200.00")},
        [
            OpeningItem("1500", havna, kr("350.00"), number="F1", reference="00123", due_on=NEW_YEAR),
            OpeningItem("1500", kaia, kr("-50.00")),
            OpeningItem("2400", supplier, kr("-200.00"), number="77"),
        ],
        by="person:1",
    )
    assert (entry.series, entry.number, entry.was_there) == ("IB", 1, False)
    assert booked(fjord) == "\n".join(
        [
            "1  2026-01-01  1920  500.00",
            "1  2026-01-01  2050  -600.00",
            "1  2026-01-01  1500  350.00",
            "1  2026-01-01  1500  -50.00",
            "1  2026-01-01  2400  -200.00",
        ]
    )
    items = open_items(fjord)
    assert [(item.number, str(item.left), item.reference, item.is_invoice) for item in items] == [
        ("F1", "350.00", "00123", True),
        ("", "-50.00", "", False),
        ("77", "-200.00", "", True),
    ]
    closings = {row.number: str(row.closing) for row in trial_balance(fjord, NEW_YEAR, NEW_YEAR)}
    assert closings == {"1500": "300.00", "1920": "500.00", "2050": "-600.00", "2400": "-200.00"}
    assert prove(fjord).fault is None


def test_the_difference_is_named(fjord):
    with pytest.raises(OpeningUnbalanced, match=r"differ by 0\.50"):
        ledger.opening_balance(fjord, NEW_YEAR, {"1920": kr("100.50"), "2050": kr("-100.00")}, by="test")
    assert not Entry.objects.filter(client=fjord).exists()


def test_what_customers_owe_is_their_account(fjord):
    item = OpeningItem("1500", a_party(fjord), kr("90.00"))
    balances = {"1500": kr("100.00"), "2050": kr("-100.00")}
    with pytest.raises(ItemsDiffer, match=r"1500 opens with 100\.00.*sum to 90\.00.*10\.00 apart"):
        ledger.opening_balance(fjord, NEW_YEAR, balances, [item], by="test")
    with pytest.raises(ItemsDiffer, match=r"sum to 0\.00"):
        ledger.opening_balance(fjord, NEW_YEAR, balances, by="test")


def test_the_same_balances_again_change_nothing(fjord):
    balances = {"1920": kr("100.00"), "2050": kr("-100.00")}
    first = ledger.opening_balance(fjord, NEW_YEAR, balances, by="test")
    acts = Act.objects.filter(client=fjord).count()
    again = ledger.opening_balance(fjord, NEW_YEAR, balances, by="test")
    assert (again.id, again.was_there) == (first.id, True)
    assert Act.objects.filter(client=fjord).count() == acts
    other = {"1920": kr("101.00"), "2050": kr("-101.00")}
    with pytest.raises(OriginConflict):
        ledger.opening_balance(fjord, NEW_YEAR, other, by="test")
    ledger.reverse(fjord, [first.id], by="person:1", why="the old books were corrected")
    ledger.opening_balance(fjord, NEW_YEAR, other, by="test")
    closing = {row.number: row.closing for row in trial_balance(fjord, NEW_YEAR, NEW_YEAR)}
    assert closing["1920"] == kr("101.00")
    assert prove(fjord).fault is None

"""The bank itself behind its doors: payments go in, are approved, and come back as receipts and reports."""

from dataclasses import replace
from decimal import Decimal

import pytest

from nattbok.channels.channel import Incoming, Outgoing
from nattbok.formats.bank import camt
from nattbok.sandbox.bank.shape import Fault, OrderState
from tests.channels.bank_doors import KEYS, doors_of
from tests.sandbox.bank.paying import FJORD, a_bank, a_file, three
from tests.sandbox.bank.test_doors import Browser


@pytest.fixture
def doors():
    bank = a_bank(approves_in_bank=True)
    (fjord,) = [one for one in bank.customers() if one.id == "fjord"]
    fjord = replace(fjord, public_keys=(KEYS.public,), tokens=("token-1",))
    bank.change_customer(fjord)
    with doors_of(bank, fjord) as opened:
        yield opened


def fetched(channel) -> dict[str, bytes]:
    """All that waits, put away."""
    found = {}
    with channel:
        for one in channel.fetch():
            assert isinstance(one, Incoming), one
            found[one.name] = one.data
            channel.done(one.handle)
    return found


@pytest.mark.parametrize("way", ["sftp", "rest"])
def test_a_payment_file_is_sent_approved_executed_and_reported(doors, way):
    channel = getattr(doors, way)()
    channel.send(Outgoing("pay.xml", a_file(three())))
    (order,) = doors.bank.orders("fjord")
    assert order.state is OrderState.WAITING and order.waits_for_approval

    kari = Browser(doors)
    kari.press("/login", customer="fjord")
    assert "600.00" in kari.get("/orders/1")[1]
    assert kari.press("/orders/1/approve", by="Kari")[0] == 303
    assert kari.press("/advance", days="1")[0] == 303

    came = fetched(channel)
    kinds = sorted(name.split("_")[0] for name in came)
    assert {"pain002", "camt053", "camt054d"} <= set(kinds)
    (statement,) = [data for name, data in came.items() if name.startswith("camt053")]
    booked = [
        line.amount
        for part in camt.read(statement).statements
        if part.account == FJORD
        for line in part.transactions
    ]
    assert sum(booked) == Decimal("-600.00")
    assert fetched(channel) == {}
    assert len(doors.bank.archived("fjord")) == len(came)
    assert doors.bank.status("fjord", 1).state is OrderState.SETTLED
    assert "Settled (ACSC)" in kari.get("/orders/1")[1]


@pytest.mark.parametrize("way", ["sftp", "rest"])
def test_a_file_of_200_megabytes_is_told_of_and_the_others_come(doors, way):
    doors.bank.faults.switch(FJORD, Fault.HUGE_FILE, times=1)
    doors.bank.inject(FJORD, "money_in", amount="125.00")
    doors.bank.advance(2)
    found = list(getattr(doors, way)().fetch())
    codes = [one.code for one in found if not isinstance(one, Incoming)]
    assert codes == [f"{way}.too_large"]
    assert [one for one in found if isinstance(one, Incoming)]

"""The routine reconcile_accounts: days seal themselves, and a difference is told once."""

import datetime

from nattbok.bank.models import BankDay
from nattbok.outbox.models import Mail
from nattbok.robot.routine import Tonight, routines
from tests.bank.test_reconciliation import KID, MONDAY, asked, day_file, havn, money, paid, take  # noqa: F401
from tests.world import an_entry, an_invoice, posted

TONIGHT = Tonight(1, datetime.date(2026, 3, 12), "reconcile_accounts")


def run(client):
    routine = next(one for one in routines() if one.name == "reconcile_accounts")
    assert "match_payments" in routine.after
    return routine.run(client, TONIGHT)


def test_a_night_seals_and_tells_of_a_difference_once(havn, office):  # noqa: F811
    office.report_to = ["kari@fjord.example"]
    office.save()
    havn.refresh_from_db()
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    take(havn, day_file(MONDAY, "1000.00", paid("100.00", "B1", reference=KID)))
    found = run(havn)
    assert (found.done, found.left) == (1, 0)
    assert not Mail.objects.filter(office=office, key__startswith=f"reconciliation:{havn.pk}:").exists()

    posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
    for _night in range(2):
        assert run(havn).left == 1
    (mail,) = Mail.objects.filter(office=office, key__startswith=f"reconciliation:{havn.pk}:")
    assert mail.to == ["kari@fjord.example"] and "Drift" in mail.subject and "40,00" in mail.text
    assert BankDay.objects.get(client=havn).sealed_at is None
    assert asked(havn)[0]["difference"] == str(money("40.00"))

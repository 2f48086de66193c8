"""What a person says of what came: the same money or other money, and whose account a list is of."""

import pytest

from nattbok.bank import actions as bank
from nattbok.bank.actions.receiving import unread
from nattbok.bank.actions.telling_apart import (
    NotAList,
    NotTwoReports,
    may_be,
    name_account,
    not_the_same,
    the_same,
)
from nattbok.bank.models import Movement, Report
from nattbok.bank.queries import faults
from nattbok.desk.models import Question
from nattbok.files.actions import keep
from nattbok.formats.bank.shape import Kind
from nattbok.trail.models import Act
from tests.bank.test_reconciliation import ACCOUNT, KID, MONDAY, _day, day_file, paid, take
from tests.world import an_invoice

LIST = (
    "Dato;Forklaring;Rentedato;Ut fra konto;Inn på konto\n"
    '"09.03.2026";"VISA 100 KIOSK";"09.03.2026";"45,50";""\n'
    '"10.03.2026";"Innbetaling";"10.03.2026";"";"100,00"\n'
)


@pytest.fixture
def twice(fjord):
    """A payment told on Monday by a notice and, without the bank's reference, on Tuesday by a statement."""
    bank.open_account(fjord, ACCOUNT)
    take(
        fjord,
        day_file(MONDAY, "1000.00", paid("100.00", "", reference=KID), kind=Kind.NOTICE),
        day_file(MONDAY + _day, "1000.00", paid("100.00", "", MONDAY + _day, reference=KID)),
    )
    (waiting,) = Movement.objects.filter(client=fjord, waits_for="maybe_twice")
    (other,) = Movement.objects.filter(client=fjord).exclude(pk=waiting.pk)
    return fjord, waiting.pk, other.pk


def test_other_money_may_be_posted(twice):
    client, waiting, other = twice
    assert may_be(client, waiting) == [other]
    not_the_same(client, waiting, by="person:1")
    an_invoice(client, "100.00", reference=KID, on=MONDAY)
    bank.match(client, by="robot:match_payments")
    assert Movement.objects.filter(client=client, waits_for="").count() == 2
    with pytest.raises(NotTwoReports):
        not_the_same(client, waiting, by="person:1")


def test_the_same_money_is_one_line_that_both_files_told_of(twice):
    client, waiting, other = twice
    with pytest.raises(NotTwoReports):
        the_same(client, waiting, waiting, by="person:1")
    the_same(client, waiting, other, by="person:1")
    assert list(Movement.objects.filter(client=client).values_list("pk", flat=True)) == [other]
    assert set(Report.objects.filter(client=client, movement=other).values_list("kind", flat=True)) == {
        "notice", "statement",
    }  # fmt: skip
    assert Act.objects.get(client=client, kind="bank.told_twice").evidence["said"]["reference"] == KID
    assert not Question.objects.filter(client=client, subject=f"movement:{waiting}", closed_at=None).exists()
    assert list(faults(client)) == []
    # The files come again: nothing is told anew.
    take(client, day_file(MONDAY + _day, "1000.00", paid("100.00", "", MONDAY + _day, reference=KID)))
    assert Movement.objects.filter(client=client).count() == 1


def test_a_list_without_its_account_is_of_the_only_one_or_asked_about(fjord):
    first = bank.open_account(fjord, ACCOUNT)
    file = keep(fjord, LIST.encode(), name="transaksjoner.csv", came_by="upload").file
    if file.format != "bank_csv":
        pytest.skip("the list is not known as one")
    bank.open_account(fjord, "99990000006", title="Skatt")
    assert [bank.receive(fjord, one, by="test") for one in unread(fjord)] == [0]
    (question,) = Question.objects.filter(client=fjord, kind="bank.which_account", closed_at=None)
    assert [one["answer"]["do"] for one in question.candidates] == ["account", "account"]
    assert name_account(fjord, file.pk, first.pk, by="person:1") == 2
    assert set(Movement.objects.filter(client=fjord).values_list("account", flat=True)) == {first.pk}
    assert not Question.objects.filter(client=fjord, kind="bank.which_account", closed_at=None).exists()
    with pytest.raises(NotAList):
        name_account(fjord, file.pk, first.pk, by="person:1")

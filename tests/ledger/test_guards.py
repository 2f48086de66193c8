"""What the database promises, held against rows written past the actions, as the running system's role."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction

from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Account, Books, Entry, OpenItem, Series, Settlement
from nattbok.ledger.rules import LineDraft, PartyKind, Settles
from tests.ledger.raw import entry_row, item_row, line_rows, refused, settlement_row
from tests.world import TODAY, a_client, a_party, an_entry, an_invoice, posted


@pytest.fixture
def books(fjord):
    """A client with one entry, A 1."""
    posted(fjord, an_entry(fjord, ("1920", "100.00"), ("3000", "-100.00"), origin="first"))
    return fjord


def test_a_raw_entry_that_keeps_every_promise_is_accepted(books):
    """Else the refusals below would prove nothing."""
    with transaction.atomic():
        line_rows(books, entry_row(books))
        transaction.set_rollback(True)


@pytest.mark.parametrize("second", ["-99.99", "-100.01", "100.00", "0.00"])
def test_entries_balance(books, second):
    with refused("entry_balances"):
        line_rows(books, entry_row(books), (("1920", "100.00"), ("3000", second)))


def test_two_entries_that_balance_only_together_are_refused(books):
    with refused("entry_balances"):
        one = entry_row(books)
        number = Series.objects.get(client=books).last_number
        other = entry_row(books, number=number + 2, position=3)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO ledger_line (client_id, entry_id, number, date, account_id, amount, currency,
                       currency_amount, rate, text, vat_code, reference)
                   SELECT %s, entry, number, %s, (SELECT min(id) FROM ledger_account WHERE number = '1920'),
                       amount, 'NOK', amount, 1, '', '', ''
                   FROM (VALUES (%s, 1, 100.00), (%s, 2, -90.00), (%s, 1, -100.00), (%s, 2, 90.00))
                       AS given (entry, number, amount)""",
                [books.pk, TODAY, one, one, other, other],
            )


def test_a_line_cannot_be_added_later(books):
    entry = Entry.objects.get(client=books)
    with refused("entry_balances"):
        line_rows(books, entry.pk, (("1920", "0.00"),), first=3)
    with refused("entry_balances"):
        line_rows(books, entry.pk, (("1920", "5.00"), ("3000", "-5.00")), first=3)


def test_lines_do_not_arrive_in_two_statements(books):
    with refused("entry_balances"):
        entry = entry_row(books, line_count=4)
        line_rows(books, entry)
        line_rows(books, entry, first=3)


def test_an_entry_without_lines_is_refused_at_commit(books):
    with refused("entry_is_complete"):
        entry_row(books)


@pytest.mark.parametrize("count", [3, 200])
def test_an_entry_has_as_many_lines_as_it_says(books, count):
    with refused("entry_balances"):
        line_rows(books, entry_row(books, line_count=count))


@pytest.mark.parametrize("count", [0, 1])
def test_an_entry_of_less_than_two_lines_is_refused(books, count):
    with refused("entry_has_lines"):
        entry_row(books, line_count=count)


def test_lines_are_numbered_from_one(books):
    with refused("entry_balances"):
        line_rows(books, entry_row(books, line_count=3), first=2)


def test_numbers_have_no_gaps(books):
    with refused("entry_number_has_no_gap"):
        line_rows(books, entry_row(books, number=3))


def test_positions_have_no_gaps(books):
    with refused("entry_position_has_no_gap"):
        line_rows(books, entry_row(books, position=3))


def test_a_number_is_given_once(books):
    with refused("entry_number_once"):
        line_rows(books, entry_row(books, number=1))


def test_a_position_is_given_once(books):
    with refused("entry_position_once"):
        line_rows(books, entry_row(books, position=1))


@pytest.mark.parametrize("number", [0, -1])
def test_numbers_begin_with_one(books, number):
    with pytest.raises(DatabaseError), transaction.atomic():
        line_rows(books, entry_row(books, number=number))


def test_an_origin_is_posted_once(books):
    with refused("entry_origin_once"):
        line_rows(books, entry_row(books, origin="first"))


def test_an_origin_is_not_posted_anew_before_it_is_reversed(books):
    with refused("entry_origin_once"):
        line_rows(books, entry_row(books, origin="first", round=1))


def test_a_round_cannot_be_skipped(books):
    with refused("entry_origin_round_follows"):
        line_rows(books, entry_row(books, origin="first", round=2))


def test_an_origin_is_posted_anew_after_its_reversal(books):
    first = Entry.objects.get(client=books)
    ledger.reverse(books, [first.pk], by="test", why="wrong")
    with transaction.atomic():
        line_rows(books, entry_row(books, origin="first", round=1))
        transaction.set_rollback(True)


def test_a_reversal_takes_back_exactly_what_it_names(books):
    first = Entry.objects.get(client=books)
    with refused("entry_reverses_exactly"):
        line_rows(books, entry_row(books, reverses_id=first.pk))  # the same sign
    with refused("entry_reverses_exactly"):
        line_rows(
            books, entry_row(books, reverses_id=first.pk), (("1920", "-99.00"), ("3000", "99.00"))
        )  # another amount
    with refused("entry_reverses_exactly"):
        line_rows(
            books, entry_row(books, reverses_id=first.pk), (("1910", "-100.00"), ("3000", "100.00"))
        )  # another account


def test_a_reversal_is_not_itself_reversed(books):
    first = Entry.objects.get(client=books)
    (back,) = ledger.reverse(books, [first.pk], by="test", why="wrong")
    with refused("entry_reverses_exactly"):
        line_rows(books, entry_row(books, reverses_id=back.id))


def test_an_entry_is_reversed_once(books):
    first = Entry.objects.get(client=books)
    ledger.reverse(books, [first.pk], by="test", why="wrong")
    with refused("entry_reversed_once"):
        line_rows(books, entry_row(books, reverses_id=first.pk), (("1920", "-100.00"), ("3000", "100.00")))


def test_closed_periods_stay_closed(books):
    ledger.close_through(books, TODAY, by="test", why="the month is done")
    with refused("entry_period_is_open"):
        line_rows(books, entry_row(books))
    after = TODAY + datetime.timedelta(days=1)
    with transaction.atomic():
        line_rows(books, entry_row(books, date=after), on=after)
        transaction.set_rollback(True)


@pytest.mark.parametrize("day", [datetime.date(2025, 12, 31), datetime.date(2027, 1, 1)])
def test_an_entry_lies_in_its_series_year(books, day):
    with refused("entry_in_its_year"):
        line_rows(books, entry_row(books, date=day), on=day)


def test_a_line_has_its_entrys_date(books):
    with refused("line_entry_same_client"):
        line_rows(books, entry_row(books), on=TODAY + datetime.timedelta(days=1))


def test_an_entry_has_its_act(books):
    with refused("entry_act_same_client"):
        line_rows(books, entry_row(books, act_id=2**40))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_settlement (client_id, act_id) VALUES (%s, NULL)", [books.pk])


def test_a_control_account_has_a_party_on_every_line(books):
    with refused("line_party_goes_with_control_account"):
        line_rows(books, entry_row(books), (("1500", "100.00"), ("3000", "-100.00")))


def test_no_other_account_has_a_party(books):
    with refused("line_party_goes_with_control_account"):
        line_rows(books, entry_row(books), (("1920", "100.00", a_party(books)), ("3000", "-100.00")))


def test_a_line_with_a_party_has_its_open_item(books):
    with refused("line_has_its_item"):
        line_rows(books, entry_row(books), (("1500", "100.00", a_party(books)), ("3000", "-100.00")))


@pytest.mark.parametrize(
    "changes", [{"amount": Decimal("90"), "left": Decimal("90")}, {"left": Decimal("90")}]
)
def test_an_open_item_is_as_its_line(books, changes):
    with refused("open_item_as_its_line"):
        line, _sales = line_rows(
            books, entry_row(books), (("1500", "100.00", a_party(books)), ("3000", "-100.00"))
        )
        item_row(books, line, **changes)


def test_what_is_left_follows_from_settlements_and_is_never_written(books):
    item = an_invoice(books, "125.00")
    for change in ('"left" = 0', "amount = 1", "party_id = party_id", "line_id = line_id"):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_openitem SET {change} WHERE id = %s", [item.pk])
    with connection.cursor() as cursor:  # what may change does
        cursor.execute(
            "UPDATE ledger_openitem SET on_hold = true, due_on = %s WHERE id = %s", [TODAY, item.pk]
        )


def test_totals_follow_from_lines_and_are_never_written(books):
    for statement in (
        "UPDATE ledger_total SET debit = 0",
        "DELETE FROM ledger_total",
        "TRUNCATE ledger_total",
        "INSERT INTO ledger_total (client_id, account_id, month, debit, credit, lines) "
        "SELECT client_id, account_id, '2027-01-01', 0, 0, 1 FROM ledger_total LIMIT 1",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def owed(books):
    """An invoice of 125.00 and a payment on account of 100.00, of one customer: (client, debit, credit)."""
    customer = a_party(books)
    invoice = an_invoice(books, "125.00", customer=customer)
    (paid,) = posted(
        books,
        an_entry(books, ("1920", "100.00"), LineDraft("1500", Decimal("-100.00"), party=customer)),
    )
    return books, invoice.pk, paid.items[1]


def left(*items: int) -> list[str]:
    found = dict(OpenItem.objects.filter(pk__in=items).values_list("pk", "left"))
    return [str(found[item]) for item in items]


def test_a_settlement_takes_from_both(owed):
    client, debit, credit = owed
    settlement_row(client, debit, credit, "60.00")
    assert left(debit, credit) == ["65.00", "-40.00"]


@pytest.mark.parametrize("amount", ["100.01", "125.00", "99999999.00"])
def test_nothing_is_settled_beyond_itself(owed, amount):
    client, debit, credit = owed
    with refused("open_item_settled_within_itself"):
        settlement_row(client, debit, credit, amount)


def test_nor_by_two_settlements_together(owed):
    client, debit, credit = owed
    settlement_row(client, debit, credit, "60.00")
    with refused("open_item_settled_within_itself"):
        settlement_row(client, debit, credit, "40.01")


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_a_settlement_is_positive(owed, amount):
    client, debit, credit = owed
    with refused("settlement_sign"):
        settlement_row(client, debit, credit, amount)


def test_a_settlement_joins_a_debit_and_a_credit(owed):
    client, debit, credit = owed
    with refused("settlement_of_one_party"):
        settlement_row(client, credit, debit, "10.00")
    with refused("settlement_of_one_party"):
        settlement_row(client, debit, debit, "10.00")


def test_a_settlement_is_of_one_party(owed):
    client, _debit, credit = owed
    with refused("settlement_of_one_party"):
        settlement_row(client, an_invoice(client, "125.00").pk, credit, "10.00")


def test_a_settlement_is_of_one_account(owed):
    client, debit, _credit = owed
    supplier = a_party(client, PartyKind.SUPPLIER)
    (bill,) = posted(
        client, an_entry(client, ("6300", "50.00"), LineDraft("2400", Decimal("-50.00"), party=supplier))
    )
    with refused("settlement_of_one_party"):
        settlement_row(client, debit, bill.items[1], "10.00")


def test_a_parting_is_the_exact_opposite(owed):
    client, debit, credit = owed
    settlement_row(client, debit, credit, "60.00")
    settlement = Settlement.objects.get(client=client)
    with refused("settlement_parts_exactly"):
        settlement_row(client, debit, credit, "-59.00", parts_id=settlement.pk)
    other = an_invoice(client, "60.00", customer=OpenItem.objects.get(pk=debit).party_id)
    with refused("settlement_parts_exactly"):
        settlement_row(client, other.pk, credit, "-60.00", parts_id=settlement.pk)
    settlement_row(client, debit, credit, "-60.00", parts_id=settlement.pk)
    assert left(debit, credit) == ["125.00", "-100.00"]


def test_a_settlement_is_parted_once(owed):
    client, debit, credit = owed
    settlement_row(client, debit, credit, "60.00")
    settlement = Settlement.objects.get(client=client)
    settlement_row(client, debit, credit, "-60.00", parts_id=settlement.pk)
    with refused("settlement_parted_once"):
        settlement_row(client, debit, credit, "-60.00", parts_id=settlement.pk)


def test_a_parting_is_not_parted(owed):
    client, debit, credit = owed
    settlement_row(client, debit, credit, "60.00")
    first = Settlement.objects.get(client=client)
    settlement_row(client, debit, credit, "-60.00", parts_id=first.pk)
    parting = Settlement.objects.get(client=client, parts=first)
    with refused("settlement_sign"):
        settlement_row(client, debit, credit, "60.00", parts_id=parting.pk)


def test_a_temporary_table_does_not_stand_in_for_a_real_one(books):
    """The guards run as the owner and name tables; somebody's own table of that name must not be asked."""
    ledger.close_through(books, TODAY, by="test", why="the month is done")
    with refused("entry_period_is_open"):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE ledger_books ON COMMIT DROP AS SELECT * FROM ledger_books")
            cursor.execute("UPDATE pg_temp.ledger_books SET closed_through = NULL")
        counter = Series.objects.get(client=books)
        line_rows(books, entry_row(books, number=counter.last_number + 1, position=2))


REFERENCES = {
    "line_account_same_client": lambda mine, other: line_rows(
        mine, entry_row(mine), account_id=_account(other)
    ),
    "entry_act_same_client": lambda mine, other: line_rows(
        mine, entry_row(mine, act_id=Entry.objects.get(client=other, position=1).act_id)
    ),
    "entry_series_same_client": lambda mine, other: line_rows(
        mine, entry_row(mine, number=1, series_id=Series.objects.get(client=other).pk)
    ),
    "entry_reverses_same_client": lambda mine, other: line_rows(
        mine, entry_row(mine, reverses_id=Entry.objects.get(client=other, position=1).pk)
    ),
    "line_party_same_client": lambda mine, other: line_rows(
        mine, entry_row(mine), (("1500", "100.00", a_party(other)), ("3000", "-100.00"))
    ),
    "line_entry_same_client": lambda mine, other: line_rows(
        mine, Entry.objects.get(client=other, position=1).pk, first=3
    ),
    "settlement_debit_same_client": lambda mine, other: _settled_across(mine, other),
}


def _account(client) -> int:
    return Account.objects.get(client=client, number="1920").pk


def _settled_across(mine, other) -> None:
    credit = OpenItem.objects.filter(client=mine, amount__lt=0).first()
    debit = OpenItem.objects.filter(client=other, amount__gt=0).first()
    settlement_row(mine, debit.pk, credit.pk, "10.00")


@pytest.mark.parametrize("promise", REFERENCES)
def test_references_stay_within_a_client(owed, office, promise):
    """Also for one who has both clients in scope."""
    mine = owed[0]
    other = a_client("NO", office=office)
    with scope([mine.pk, other.pk]):
        posted(other, an_entry(other, ("1920", "100.00"), ("3000", "-100.00")))
        an_invoice(other, "100.00")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            REFERENCES[promise](mine, other)
        earlier = {
            "settlement_debit_same_client": "settlement_of_one_party",
            "line_entry_same_client": "entry_balances",
        }  # refused by another promise before this one is asked
        found = caught.value.__cause__.diag.constraint_name
        assert found in {promise, earlier.get(promise)}


def test_a_payment_settles_what_it_pays_for_the_same_act(owed):
    client, debit, _credit = owed
    customer = OpenItem.objects.get(pk=debit).party_id
    (paid,) = posted(
        client,
        an_entry(
            client,
            ("1920", "125.00"),
            LineDraft(
                "1500", Decimal("-125.00"), party=customer, settles=(Settles(debit, Decimal("125.00")),)
            ),
        ),
    )
    settlement = Settlement.objects.get(client=client, debit=debit)
    assert settlement.act_id == Entry.objects.get(pk=paid.id).act_id
    assert left(debit) == ["0.00"]


def test_closing_waits_for_whoever_posts(books):
    """An entry on its way into the period when it is closed is either in before, or refused."""
    done = threading.Event()

    def close() -> None:
        with scope([books.pk]):
            ledger.close_through(books, TODAY, by="test", why="the month is done")
        done.set()
        connections.close_all()

    closer = threading.Thread(target=close)
    with transaction.atomic():
        line_rows(books, entry_row(books))
        closer.start()
        assert not done.wait(0.4)
        transaction.set_rollback(True)
    closer.join(10)
    assert Books.objects.get(client=books).closed_through == TODAY

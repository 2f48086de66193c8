"""The trial balance is read from kept totals; here it is held against the lines themselves."""

import datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.db.scope import scope
from nattbok.ledger.queries import account_lines, entries, trial_balance
from tests.world import a_client, an_entry, an_office, posted

FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2027, 12, 31)
ACCOUNTS = ["1920", "1910", "3000", "6300", "7770"]

# Days near a month's ends find mistakes that days in its middle do not.
days = st.one_of(
    st.dates(FIRST, LAST),
    st.builds(
        lambda year, month, off: datetime.date(year, month, 1) + datetime.timedelta(days=off),
        st.integers(2025, 2027),
        st.integers(1, 12),
        st.sampled_from([-1, 0, 1]),
    ).filter(lambda day: FIRST <= day <= LAST),
)
amounts = st.decimals(min_value="-9999.99", max_value="9999.99", places=2)
postings = st.lists(
    st.tuples(days, st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), amounts), min_size=1, max_size=25
)
spans = st.lists(st.tuples(days, days).map(sorted), min_size=1, max_size=12)


def naive(done, starts_on, ends_on) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Account → opening, debit, credit, line by line."""
    found: dict[str, list[Decimal]] = {}
    for day, debit, credit, amount in done:
        for account, signed in ((debit, amount), (credit, -amount)):
            if day <= ends_on:
                row = found.setdefault(account, [Decimal(0)] * 3)
                row[0 if day < starts_on else 1 if signed > 0 else 2] += signed
    return {account: tuple(row) for account, row in found.items()}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(postings, spans)
def test_it_equals_the_sums_of_the_lines(done, asked):
    client = a_client("NO", office=an_office())
    with scope([client.pk]):
        middle = an_entry(client, ("1920", "0.00"), ("3000", "0.00"), on=datetime.date(2026, 6, 1))
        posted(client, middle)
        posted(
            client,
            *[
                an_entry(client, (debit, str(amount)), (credit, str(-amount)), on=day)
                for day, debit, credit, amount in done
            ],
        )
        for starts_on, ends_on in asked:
            rows = trial_balance(client, starts_on, ends_on)
            expected = naive(done, starts_on, ends_on)
            found = {row.number: (row.opening, row.debit, row.credit) for row in rows}
            zero = (Decimal(0),) * 3
            assert {n: row for n, row in found.items() if row != zero} == {
                n: row for n, row in expected.items() if row != zero
            }
            assert set(expected) <= set(found)
            assert [row.number for row in rows] == sorted(found)
            assert sum(row.closing for row in rows) == 0
            for row in rows:
                balance, lines = account_lines(client, row.number, starts_on, ends_on)
                running = balance.opening
                for line in lines:
                    running += line.amount
                    assert line.balance == running
                assert running == balance.closing == row.closing


def test_a_span_within_one_month(fjord):
    for day, amount in ((1, "1.00"), (10, "20.00"), (20, "300.00"), (31, "4000.00")):
        on = datetime.date(2026, 3, day)
        posted(fjord, an_entry(fjord, ("1920", amount), ("3000", f"-{amount}"), on=on))
    bank, sales = trial_balance(fjord, datetime.date(2026, 3, 10), datetime.date(2026, 3, 20))
    assert (bank.number, bank.opening, bank.debit, bank.credit, bank.closing) == (
        "1920", Decimal("1.00"), Decimal("320.00"), Decimal("0.00"), Decimal("321.00"),
    )  # fmt: skip
    assert (sales.number, sales.closing) == ("3000", Decimal("-321.00"))


def test_lines_by_page_go_on_with_the_balance(fjord):
    for n in range(7):
        posted(fjord, an_entry(fjord, ("1920", f"{n + 1}.00"), ("3000", f"-{n + 1}.00")))
    span = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
    _balance, all_lines = account_lines(fjord, "1920", *span)
    pages = [account_lines(fjord, "1920", *span, limit=3, offset=offset)[1] for offset in (0, 3, 6)]
    assert [line for page in pages for line in page] == all_lines
    assert [str(line.balance) for line in all_lines][-1] == "28.00"


def test_the_journal_by_page(fjord):
    posted(
        fjord, *[an_entry(fjord, ("1920", f"{n}.00"), ("3000", f"-{n}.00"), text=f"nr {n}") for n in range(7)]
    )
    first = entries(fjord, limit=4)
    second = entries(fjord, limit=4, before=first[-1].id)
    assert [row.number for row in first + second] == [7, 6, 5, 4, 3, 2, 1]
    assert [row.text for row in entries(fjord, text="nr 3")] == ["nr 3"]
    assert [str(row.amount) for row in entries(fjord, account="1920", limit=1)] == ["6.00"]

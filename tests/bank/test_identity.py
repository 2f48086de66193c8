"""One movement for each payment, whichever files tell of it, in any order and any number of times."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nattbok.bank.rules.identity import Known, Reported, place
from nattbok.formats.bank.shape import Kind

DAY = date(2026, 3, 12)


class Kept:
    """What the database would hold: movements, and the reports that led to them."""

    def __init__(self) -> None:
        self.movements: list[Known] = []
        self.reports: dict[tuple[Kind, str], int] = {}
        self.waiting: set[int] = set()

    def take(self, kind: Kind, reports: list[Reported]) -> None:
        placed = place(
            reports,
            kind,
            known=self.movements,
            known_reports={key: movement for (of, key), movement in self.reports.items() if of is kind},
        )
        for report, where in zip(reports, placed, strict=True):
            if where.is_repeat:
                continue
            movement = where.movement
            if movement is None:
                movement = len(self.movements) + 1
                self.movements.append(
                    Known(
                        movement, where.new_key, report.amount, report.booked_on,
                        report.bank_reference if kind is not Kind.GIRO else "", report.reference,
                        report.sums_up, {kind},
                    )
                )  # fmt: skip
                if where.waits_for:
                    self.waiting.add(movement)
            else:
                next(known for known in self.movements if known.id == movement).kinds.add(kind)
            assert (kind, where.report_key) not in self.reports
            self.reports[kind, where.report_key] = movement


payments = st.lists(
    st.tuples(
        st.sampled_from(["100.00", "250.50"]),  # few amounts, so that twins are common
        st.sampled_from(["0001000105898", "0002000105920", ""]),
        st.integers(0, 12),  # day
    ),
    max_size=8,
)


def files(paid) -> list[tuple[Kind, list[Reported]]]:
    """Every payment told by a giro file, a notice and a statement of its day."""
    found: dict[tuple[Kind, int], list[Reported]] = {}
    for number, (amount, reference, day) in enumerate(paid):
        on = DAY + timedelta(days=day)
        if reference:
            found.setdefault((Kind.GIRO, day), []).append(
                Reported(Decimal(amount), on, f"ocr-{number}", reference)
            )
        for kind in (Kind.NOTICE, Kind.STATEMENT):
            found.setdefault((kind, day), []).append(
                Reported(Decimal(amount), on, f"bank-{number}", reference)
            )
    return [(kind, reports) for (kind, _day), reports in found.items()]


@given(paid=payments, data=st.data())
def test_every_payment_is_one_movement(paid, data):
    told = files(paid)
    order = data.draw(st.permutations(told))
    again = data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    kept = Kept()
    for kind, reports in [*order, *again]:
        kept.take(kind, reports)
    assert sorted((m.amount, m.booked_on, m.reference) for m in kept.movements) == sorted(
        (Decimal(amount), DAY + timedelta(days=day), reference) for amount, reference, day in paid
    )


def test_two_equal_payments_on_a_day_are_two():
    twin = Reported(Decimal("599.00"), DAY, "", "", "99990244851", "kaffe")
    kept = Kept()
    kept.take(Kind.STATEMENT, [twin, twin])
    kept.take(Kind.STATEMENT, [twin, twin])
    assert len(kept.movements) == 2


def test_the_banks_same_reference_in_a_notice_is_the_same_payment():
    told = Reported(Decimal("4100.00"), DAY, "260700287", "0009000106519")
    kept = Kept()
    kept.take(Kind.NOTICE, [told, told])
    assert len(kept.movements) == 1


def test_the_same_reference_on_another_day_in_another_kind_of_file_waits_for_a_person():
    kept = Kept()
    kept.take(Kind.GIRO, [Reported(Decimal("100.00"), DAY, "ocr-1", "0001000105898")])
    kept.take(Kind.NOTICE, [Reported(Decimal("100.00"), DAY + timedelta(days=1), "bank-1", "0001000105898")])
    assert len(kept.movements) == 2
    assert len(kept.waiting) == 1


def test_a_single_line_on_the_statement_is_the_payment_that_giro_file_and_notice_told_of():
    kept = Kept()
    kept.take(Kind.GIRO, [Reported(Decimal("100.00"), DAY, "ocr-1", "0001000105898")])
    kept.take(Kind.NOTICE, [Reported(Decimal("100.00"), DAY, "bank-1", "0001000105898")])
    kept.take(Kind.STATEMENT, [Reported(Decimal("100.00"), DAY, "bank-1", "0001000105898")])
    assert len(kept.movements) == 1

"""Swedish bank days: public holidays, and the three eves on which the banks are closed as well.

Source: lag (1989:253) om allmänna helgdagar, as in the `holidays` package; lag (1930:173) om beräkning av
lagstadgad tid, for the eves.
"""

from datetime import date, timedelta

from nattbok.countries.bank_days import BankDays

FRIDAY = 4


def _eves(year: int) -> frozenset[date]:
    """Midsummer Eve (the Friday of 19-25 June), Christmas Eve and New Year's Eve."""
    first = date(year, 6, 19)
    midsummer_eve = first + timedelta(days=(FRIDAY - first.weekday()) % 7)
    return frozenset({midsummer_eve, date(year, 12, 24), date(year, 12, 31)})


BANK_DAYS = BankDays("SE", also_closed=_eves)

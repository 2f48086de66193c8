"""Norwegian bank days: weekdays that are not public holidays. Christmas Eve and New Year's Eve are open.

Source: lov om helligdager og helligdagsfred, as in the `holidays` package.
"""

from nattbok.countries.bank_days import BankDays

BANK_DAYS = BankDays("NO", also_closed=lambda year: frozenset())

"""The Norwegian chart and the accounts that postings need.

The chart is our own selection and wording on the conventional numbers, each account with its grouping
category and code for SAF-T Financial 1.30. It can be replaced by a client's own.
"""

from nattbok.countries.chart import chart
from nattbok.countries.country import StandardAccounts

CHART = chart(__package__)

ACCOUNTS = StandardAccounts(
    bank="1920",
    customers="1500",
    suppliers="2400",
    sales="3000",
    purchases="4300",
    rounding="7740",
    bank_charges="7770",
    equity="2050",
    interest_income="8050",
    interest_cost="8150",
    exchange_gain="8060",
    exchange_loss="8160",
    vat_settlement="2740",
    unallocated="1579",
    prepaid="1700",
    deferred="2965",
)

"""The Swedish chart and the accounts that postings need.

The chart is our own selection and wording on the conventional numbers, enough to begin with; it is not
BAS, which may not be copied. A client that comes from elsewhere brings its own chart in a SIE file.
"""

from nattbok.countries.chart import chart
from nattbok.countries.country import StandardAccounts

CHART = chart(__package__)

ACCOUNTS = StandardAccounts(
    bank="1930",
    customers="1510",
    suppliers="2440",
    sales="3001",
    purchases="4010",
    rounding="3740",
    bank_charges="6570",
    equity="2091",
    interest_income="8310",
    interest_cost="8410",
    exchange_gain="3960",
    exchange_loss="7960",
    vat_settlement="2650",
    unallocated="2999",
    prepaid="1790",
    deferred="2970",
)

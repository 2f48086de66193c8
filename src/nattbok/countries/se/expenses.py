"""What employees pay for a Swedish company: accounts, and the VAT that may be deducted.

VAT on entertainment is deducted on at most 300 kronor a person (mervärdesskattelagen 13 kap.), which a
receipt does not say: the office does it, by correcting the claim's entry.
"""

from nattbok.countries.country import ExpenseCategory

EXPENSES = {
    "food": ExpenseCategory("5800", ("I12", "I6")),
    "phone": ExpenseCategory("6200", ("I25",)),
    "purchase": ExpenseCategory("5460", ("I25", "I12", "I6")),
    "travel": ExpenseCategory("5800", ("I6", "I12", "I25")),
    "representation": ExpenseCategory("6071", (), needs_participants=True),
}
ENTERTAINMENT = frozenset(("6071", "6072"))
NO_VAT_CODE = "0"
PAID_FROM = {"bank": "1930", "cash": "1910", "private": "2820"}

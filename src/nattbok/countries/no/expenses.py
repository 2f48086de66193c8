"""What employees pay for a Norwegian company: accounts, and the VAT that may be deducted.

No VAT is deducted on serving of food and drink or on entertainment (merverdiavgiftsloven § 8-3).
"""

from nattbok.countries.country import ExpenseCategory

EXPENSES = {
    "food": ExpenseCategory("5990", ()),
    "phone": ExpenseCategory("6900", ("1",)),
    "purchase": ExpenseCategory("6800", ("1", "11")),
    "travel": ExpenseCategory("7140", ("13", "1")),
    "representation": ExpenseCategory("7350", (), needs_participants=True),
}
ENTERTAINMENT = frozenset(("7350", "7360"))
NO_VAT_CODE = "0"
PAID_FROM = {"bank": "1920", "cash": "1900", "private": "2910"}

"""What people pay for the company and get back."""

from django.apps import AppConfig


class ExpensesConfig(AppConfig):
    """What people pay for the company and get back."""

    name = "nattbok.expenses"
    label = "expenses"

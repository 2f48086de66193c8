"""Months of bank days with a bank that misbehaves: the clients, their people, the days, and what must hold.

Shared by the measurement (`bench.bank_month`) and the tests.
"""

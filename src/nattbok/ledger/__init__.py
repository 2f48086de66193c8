"""Accounts, series, entries, lines, open items, settlements."""

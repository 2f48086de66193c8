"""Accounts, movements, matching, reconciliation."""

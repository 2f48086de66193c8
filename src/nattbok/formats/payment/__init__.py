"""Payments out and their receipts: pain.001 is written (and read back), pain.002 is read."""

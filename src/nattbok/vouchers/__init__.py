"""Entries that people write by hand: the voucher while it is written, and its attachments."""

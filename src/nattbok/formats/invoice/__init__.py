"""Invoices and credit notes as programs read them."""

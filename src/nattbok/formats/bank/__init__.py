"""Statements and giro files in: each module has `looks_like(head)` and `read(data)`."""

"""A bank that never was: it takes payments, keeps its own books, reports each day, and misbehaves on order."""

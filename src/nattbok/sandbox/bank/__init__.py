"""A bank that never was: it takes payments, keeps its own books, reports every day, and misbehaves on order."""

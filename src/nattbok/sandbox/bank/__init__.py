"""A bank that never was: it takes payments, keeps its books, reports each day, and misbehaves on order."""

"""PostgreSQL, made strict."""

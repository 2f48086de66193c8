"""A client's own people."""

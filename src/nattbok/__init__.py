"""Nattbok keeps the books at night and explains every act."""

__version__ = "0.1.0"

"""Every file that came or went, kept under its SHA-256."""

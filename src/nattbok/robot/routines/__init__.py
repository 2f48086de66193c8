"""One file per routine."""

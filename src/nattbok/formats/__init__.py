"""Files to and from frozen dataclasses. Pure: bytes in, dataclasses and findings out."""

"""A file's way in: received, read, coded, approved, posted."""

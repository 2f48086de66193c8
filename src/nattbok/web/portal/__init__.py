"""The clients' own door: pages for a client's own people, in plain words and for the phone first."""

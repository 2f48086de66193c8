"""The world outside, played for demos and tests: an office, its clients, their banks and their suppliers."""

"""What is measured, each a command that prints its figures."""

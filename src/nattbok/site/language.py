"""Sentences in the reader's language, for the commands."""

from nattbok.robot.language import amount, shown, translate

__all__ = ["amount", "shown", "translate"]

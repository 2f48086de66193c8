"""Payments out: what is proposed, what is checked, how far a payment may go, and what is approved of it."""

from nattbok.bank.rules.payments.states import Kind, State, Story, after, heard

__all__ = ["Kind", "State", "Story", "after", "heard"]

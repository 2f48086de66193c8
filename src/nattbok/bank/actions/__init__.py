"""Reading bank files in, and posting what is certain of them."""

from nattbok.bank.actions.accounts import open_account
from nattbok.bank.actions.matching import match, settle
from nattbok.bank.actions.receiving import FORMATS, receive

__all__ = ["FORMATS", "match", "open_account", "receive", "settle"]

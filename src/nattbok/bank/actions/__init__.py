"""Reading bank files in, and posting what is certain of them; and the connections they come over."""

from nattbok.bank.actions.accounts import open_account
from nattbok.bank.actions.connection_keys import make_next_key, set_token, try_out, use_next_key
from nattbok.bank.actions.connections import (
    activate,
    change,
    confirm_host_key,
    order,
    registered,
    resume,
    suspend,
    switch,
    use,
)
from nattbok.bank.actions.fetching import Fetched, fetch
from nattbok.bank.actions.matching import accept, match, offset, settle
from nattbok.bank.actions.receiving import FORMATS, receive
from nattbok.bank.actions.watching import watch, watch_receipts

__all__ = [
    "FORMATS",
    "Fetched",
    "accept",
    "activate",
    "change",
    "confirm_host_key",
    "fetch",
    "make_next_key",
    "match",
    "offset",
    "open_account",
    "order",
    "receive",
    "registered",
    "resume",
    "set_token",
    "settle",
    "suspend",
    "switch",
    "try_out",
    "use",
    "use_next_key",
    "watch",
    "watch_receipts",
]

"""The states of an expense claim in plain words."""

from nattbok.base.words import _

STATES = {
    "open": _("Open"),
    "handed_in": _("Waits for approval"),
    "approved": _("Approved"),
    "posted": _("Booked, to be paid to you"),
    "paid": _("Paid"),
    "withdrawn": _("Withdrawn"),
}

"""Holding an e-invoice to its schema and to the whole published rule sets.

`check` is the default: the schemas of UBL 2.1 and the rules of EN 16931 and of the network, in pure Python.
`official` runs the publishers' own rules in a process apart, from a store that an administrator fills.
Both say a finding for each rule that does not hold, under the publisher's own id.
"""

from nattbok.formats.invoice.checking.rules import RULES, check

__all__ = ["RULES", "check"]

"""The number of the invoice that a credit note takes back, as its label has it.

It is only what the paper says. Whether that is an invoice of this supplier is for whoever holds the invoices.
"""

import re
from collections.abc import MutableMapping

from nattbok.reading import candidates
from nattbok.reading.decided import Decided
from nattbok.reading.labels import Label
from nattbok.reading.print import Print
from nattbok.reading.shape import Proof

CLEAR = 0.88  # a label this strong is read right and stands right at its value
LEAST_DIGITS = 2  # fewer may be a count or a page
NAME = "credited_number"


def decide(document: Print, fields: MutableMapping[str, Decided]) -> None:
    """Add the number to what was decided of the document: the one that is said, or none where several are."""
    said = [
        one
        for one in candidates.invoice_numbers(document, Label.CREDITED)
        if one.hit.strength(Label.CREDITED) >= CLEAR and len(re.sub(r"\D", "", one.value)) >= LEAST_DIGITS
    ]
    # Below a label that has its number beside it stands something else.
    beside = [one for one in said if one.hit.left is not None and one.hit.left.label is Label.CREDITED]
    numbers = {one.value for one in beside or said}
    own = fields["invoice_no"].value if "invoice_no" in fields else ""
    if len(numbers) == 1 and own not in numbers:
        first = max(beside or said, key=lambda one: one.hit.strength(Label.CREDITED))
        fields[NAME] = Decided(first.value, Proof.LABELLED, first.hit, is_clear=True)

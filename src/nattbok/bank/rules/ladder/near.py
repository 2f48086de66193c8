"""Known references that a mistyped one may have been meant as, found without looking at all of them."""

from collections import defaultdict
from collections.abc import Sequence

from nattbok.countries import likeness
from nattbok.countries.country import References

SIGNS = "0123456789-"  # what a reference is written with
CONTROLS = (1, 2)  # how many signs at a reference's end follow from the rest: a check digit, a length digit
LONGEST = 30  # what is longer is no mistyped reference


class Near:
    """The references of unpaid invoices, to be asked which of them a wrong one was meant as."""

    def __init__(self, references: References, known: Sequence[str]) -> None:
        self.references = references
        self.place = {reference: place for place, reference in enumerate(known)}
        self.lengths = set(map(len, known))
        self.signs = "".join(sign for sign in SIGNS if sign.isdigit() or any(sign in one for one in known))
        self.by_end: dict[tuple[int, str], list[str]] = defaultdict(list)
        for reference in known:
            for control in CONTROLS:
                self.by_end[control, _end(reference, control)].append(reference)

    def slipped(self, reference: str) -> list[str]:
        """Those that are one slip of the hand from it, and nothing less alike."""
        if not reference or len(reference) > LONGEST:
            return []
        return sorted(self._slips(reference), key=self.place.__getitem__)

    def of(self, reference: str) -> list[str]:
        """As the country's own rule says, asked about those alone that it could be true of."""
        if not reference or len(reference) > LONGEST:
            return []
        alike = self._slips(reference)
        for control in CONTROLS:
            end = _end(reference, control)
            if len(end) == likeness.LEAST_DIGITS_IN_COMMON:
                alike.update(self.by_end.get((control, end), ()))
        return self.references.near(reference, sorted(alike, key=self.place.__getitem__)) if alike else []

    def _slips(self, reference: str) -> set[str]:
        """The known ones among its slips. What no known one is as long as, or has, is not made."""
        return self.place.keys() & likeness.slips(reference, self.signs, self.lengths)


def _end(reference: str, control: int) -> str:
    """The last digits before what follows from the rest."""
    return reference[-control - likeness.LEAST_DIGITS_IN_COMMON : -control]

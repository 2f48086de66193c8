"""A value chosen for a field, of all that it may be."""

from dataclasses import dataclass

from nattbok.reading.print import Hit
from nattbok.reading.shape import Proof


@dataclass(frozen=True, slots=True)
class Decided:
    """A value chosen for a field: what it rests on, where it stands, and the next best."""

    value: str
    proof: Proof
    hit: Hit | None = None
    second: str | None = None
    is_clear: bool = False  # a strong label, no rival


def by_label(hit: Hit, proof: Proof) -> Proof:
    """The proof, or the supplier's memory where that is what speaks for the place."""
    return Proof.MEMORY if hit.is_remembered and proof is Proof.LABELLED else proof

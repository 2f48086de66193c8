"""How often values with each kind of proof were right: what a field's confidence is.

Counted by `bench/reading.py --calibrate` over documents whose answers are known, and kept in trust.json as
right and counted; a little doubt is added, so that few cases never give certainty.
"""

import json
from functools import cache
from importlib.resources import files

from nattbok.reading.shape import ACCOUNTS, AMOUNTS, PROVING, Proof

SURE_SIGNS = 0.9  # the models' own sureness of a word that has no check digit
SURE_FIGURES = 0.8  # and of one that has
# What is believed of each kind of proof before anything is counted, worth BELIEFS documents.
BELIEFS = 8
_BELIEVED = {
    Proof.XML: 0.999,
    Proof.CODE: 0.995,
    Proof.CHECKED: 0.99,
    Proof.CHECKED_MARKED: 0.99,
    Proof.CHECKED_ONLY: 0.75,
    Proof.SUMS: 0.99,
    Proof.SUMS_ONLY: 0.85,
    Proof.DERIVED: 0.8,
    Proof.CONFIRMED: 0.985,
    Proof.LABELLED: 0.9,
    Proof.MEMORY: 0.97,
    Proof.PLACED: 0.6,
    Proof.DEFAULT: 0.85,
    Proof.DOUBTFUL: 0.3,
}


def group(field: str) -> str:
    """The fields that are counted together."""
    if field in AMOUNTS:
        return "amount"
    return "account" if field in ACCOUNTS else field


def key(field: str, proof: Proof, is_text: bool) -> str:
    """The row of the table that a value counts in."""
    return f"{group(field)}/{proof}/{'text' if is_text else 'picture'}"


def confidence(field: str, proof: Proof, is_text: bool, sharpness: float = 1.0) -> float:
    """The share of such values that were right, a little less from a picture that is hard to read."""
    right, counted = counts().get(key(field, proof, is_text), (0, 0))
    share = (right + BELIEFS * _BELIEVED[proof]) / (counted + BELIEFS)
    if not is_text and sharpness < 0.95 and proof not in (Proof.CODE, Proof.XML):
        share *= max(0.3, 1 - 2 * (0.95 - sharpness))
    return round(min(share, 0.999), 3)


def is_proven(proof: Proof, is_text: bool, sharpness: float) -> bool:
    """Whether a value with this proof, of so sharp a word, may be used with nobody looking."""
    if proof not in PROVING:
        return False
    # A check digit lets one misreading in ten or eleven through, so the figures must be read well as well.
    return is_text or sharpness >= (SURE_SIGNS if proof is Proof.CONFIRMED else SURE_FIGURES)


@cache
def counts() -> dict[str, tuple[int, int]]:
    """Right and counted, by the rows of the table."""
    told = json.loads(files("nattbok.reading").joinpath("trust.json").read_text(encoding="utf-8"))
    return {name: (right, counted) for name, (right, counted) in told.items()}

"""Whether a picture can be read at all, told from what the models made of it."""

from collections.abc import Mapping, Sequence

from nattbok.reading.shape import Field
from nattbok.reading.words import Page, Source, Word

LEAST_WORDS = 8  # fewer lines of text on a page, and it is no bill or no picture of one
HOPELESS = 0.72  # models as unsure as this read nothing that can be used
POOR = 0.9  # and less sure than this, they cannot be relied on in any figure
BLURRED = 0.945  # and less sure than this, all that matters must be proven all the same
MISSING = 3  # of what matters, and no sum that agrees
MATTER = ("supplier_orgno", "total", "issue_date", "invoice_no")


def share(words: Sequence[Word]) -> float:
    """How sure the models were on average, each word by its length; 0 where there is nothing."""
    signs = sum(len(word.text) for word in words)
    return sum(word.sureness * len(word.text) for word in words) / signs if signs else 0.0


def is_hopeless(pages: Sequence[Page]) -> bool:
    """Whether reading once more with the larger model is of no use."""
    seen = [page for page in pages if page.source is not Source.TEXT]
    return bool(seen) and all(len(page.words) < LEAST_WORDS or page.sharpness < HOPELESS for page in seen)


def is_illegible(pages: Sequence[Page], fields: Mapping[str, Field], agrees: bool) -> bool:
    """Whether a new picture is needed: too little was read, or what matters was not proven by a poor one."""
    seen = [page for page in pages if page.source is not Source.TEXT]
    if not seen or len(seen) < len(pages):
        return False
    if is_hopeless(pages):
        return True
    sharpness = min(page.sharpness for page in seen)
    missing = sum(name not in fields for name in MATTER) + (not agrees)
    is_unproven = any(name not in fields or not fields[name].is_proven for name in MATTER)
    return sharpness < POOR or missing >= MISSING or (is_unproven and sharpness < BLURRED)

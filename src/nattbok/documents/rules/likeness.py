"""The second opinion on an account: what words and sellers like these went to, over all suppliers.

It counts, for every word of a part, which accounts lines with that word were posted to: the client's own
lines fully, those of the office's other clients as far as `OFFICE_COUNTS`. Each word moves the odds of an
account by how much more often it goes there than lines do in general. So it can say why: the words that
weighed most, with their counts.

It is a naive Bayes classifier written by the odds: P(account | word) / P(account), smoothed towards the
general share by one line. It knows nothing of the order or the date of bills, which the other method goes by.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OFFICE_COUNTS = 0.3  # of a line of another client: habits differ
SURE = 0.6  # less likely than this is no opinion
_SMOOTHING = 0.5  # lines that say what is general
_WORD_WEIGHT = 0.6  # words of one text say partly the same
_TOLD = 3

Counts = Mapping[str, Mapping[str, int]]  # word → account → lines


@dataclass(frozen=True, slots=True)
class Seen:
    """What lines were posted to: by word, and in all. Of the client itself, and of the office's others."""

    own: Counts = field(default_factory=dict)
    office: Counts = field(default_factory=dict)
    own_all: Mapping[str, int] = field(default_factory=dict)
    office_all: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Because:
    """How often lines with a word went to the account, of how many."""

    word: str
    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """The likeliest account, how likely (0 to 1, for comparing only), and the words that weighed most."""

    account: str
    likelihood: float
    because: tuple[Because, ...] = ()


def opinion(
    words: Sequence[str],
    seen: Seen,
    *,
    accounts: Mapping[str, str],
    supplier: Mapping[str, int] | None = None,
) -> Opinion | None:
    """The account that lines of these words go to; None when nothing is known, or nothing is likely enough.

    `supplier` counts the lines that this supplier's bills had on each account in the client's own books.
    """
    evidence = [(word, _blended(seen, word), _WORD_WEIGHT) for word in dict.fromkeys(words)]
    if supplier:
        evidence.append(("", {each: float(count) for each, count in supplier.items()}, 1.0))
    evidence = [(word, counts, weight) for word, counts, weight in evidence if counts]
    if not evidence:
        return None
    general = _general(seen, [counts for _word, counts, _weight in evidence])
    usable = sorted({each for _word, counts, _weight in evidence for each in counts} & set(accounts))
    if not usable:
        return None
    everything = sum(general.values())
    scores = {}
    for account in usable:
        share = general[account] / everything
        score = math.log(share)
        for _word, counts, weight in evidence:
            told = (counts.get(account, 0.0) + _SMOOTHING * share) / (sum(counts.values()) + _SMOOTHING)
            score += weight * (math.log(told) - math.log(share))
        scores[account] = score
    best = max(usable, key=lambda account: (scores[account], account))
    # Those that no word speaks for share what the general odds leave; they never win, so they are not asked.
    likelihood = 1 / sum(math.exp(min(scores[each] - scores[best], 0.0)) for each in usable)
    if likelihood < SURE:
        return None
    return Opinion(best, likelihood, _because(best, words, seen))


def _blended(seen: Seen, word: str) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for account, lines in seen.own.get(word, {}).items():
        found[account] += lines
    for account, lines in seen.office.get(word, {}).items():
        found[account] += OFFICE_COUNTS * lines
    return dict(found)


def _general(seen: Seen, told: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How often lines go to each account in general, at least once for each that is spoken of."""
    found: dict[str, float] = defaultdict(float)
    for account, lines in seen.own_all.items():
        found[account] += lines
    for account, lines in seen.office_all.items():
        found[account] += OFFICE_COUNTS * lines
    for counts in told:
        for account in counts:
            found[account] = max(found[account], 1.0)
    return dict(found)


def _because(account: str, words: Sequence[str], seen: Seen) -> tuple[Because, ...]:
    found = []
    for word in dict.fromkeys(words):
        own, office = seen.own.get(word, {}), seen.office.get(word, {})
        hits = own.get(account, 0) + office.get(account, 0)
        if hits:
            found.append(Because(word, hits, sum(own.values()) + sum(office.values())))
    found.sort(key=lambda each: (-each.hits / each.of, -each.hits, each.word))
    return tuple(found[:_TOLD])

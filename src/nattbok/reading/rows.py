"""Words put in rows as a person reads them, also where the page leans or bends, and rows cut in cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy

from nattbok.reading.words import Box, Page, Source, Word

SAME_ROW = 0.55  # of a letter's height: how far apart the middles of a row's words may be
GAP = 0.9  # of a letter's height: a wider gap begins a new cell
MOST_WORDS = 6_000  # of a page
LONG = 0.06  # of the page's width: shorter words do not tell how their line leans


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together. `edges[i]` is where sign i begins, and the last where the text ends."""

    text: str
    box: Box
    page: int
    row: int  # counted through the whole document
    column: int  # its place in the row
    edges: tuple[float, ...]
    sureness: float

    def part(self, start: int, end: int) -> Box:
        """The place of text[start:end]."""
        return Box(self.edges[start], self.box.top, self.edges[max(end, start + 1)], self.box.bottom)


Row = tuple[Cell, ...]


def rows(pages: Sequence[Page]) -> list[Row]:
    """The rows of all pages from the top down, each from the left, cut where there is a gap."""
    found: list[Row] = []
    for page in pages:
        words = [word for word in page.words[:MOST_WORDS] if not word.turned]
        chained = _by_height(words) if page.source is Source.TEXT else _by_neighbours(words)
        for row in chained:
            cells = _cells(row, page, len(found))
            if cells:
                found.append(cells)
        found += _margins(page, len(found))
    return found


def _margins(page: Page, first: int) -> list[Row]:
    """What is written up or down along the page, each line a row of one cell, after all others."""
    found: list[Row] = []
    for way in (90, 270):
        turned = [word for word in page.words[:MOST_WORDS] if word.turned == way]
        for line in _by_height([_level(word) for word in turned]):
            words = [replace(word, box=_back(word)) for word in line]
            found.append((_along(words, page.number, first + len(found)),))
    return found


def _level(word: Word) -> Word:
    """The word as if the page were turned so that it lies level."""
    box = word.box
    if word.turned == 90:
        level = Box(1 - box.bottom, box.left, 1 - box.top, box.right)
    else:
        level = Box(box.top, 1 - box.right, box.bottom, 1 - box.left)
    return replace(word, box=level)


def _back(word: Word) -> Box:
    """Where a word that was laid level stands on the page."""
    box = word.box
    if word.turned == 90:
        return Box(box.top, 1 - box.right, box.bottom, 1 - box.left)
    return Box(1 - box.bottom, box.left, 1 - box.top, box.right)


def _along(words: Sequence[Word], page: int, row: int) -> Cell:
    """One cell of a turned line; its signs are taken to stand side by side across it."""
    text = " ".join(word.text for word in words)
    box = words[0].box
    for word in words:
        box = box.around(word.box)
    step = (box.right - box.left) / max(len(text), 1)
    edges = tuple(box.left + step * place for place in range(len(text) + 1))
    return Cell(text, box, page, row, 0, edges, min(word.sureness for word in words))


def _by_height(words: Sequence[Word]) -> list[list[Word]]:
    """Rows of a page that does not lean."""
    found: list[list[Word]] = []
    middle = 0.0
    for word in sorted(words, key=lambda word: (word.box.middle, word.box.left)):
        if found and abs(word.box.middle - middle) <= SAME_ROW * min(
            word.box.height, found[-1][-1].box.height
        ):
            found[-1].append(word)
        else:
            found.append([word])
        middle = sum(one.box.middle for one in found[-1]) / len(found[-1])
    return [sorted(row, key=lambda word: word.box.left) for row in found]


def _by_neighbours(words: Sequence[Word]) -> list[list[Word]]:
    """Rows as chains: each word with the nearest one to its right on the line it leans along."""
    if not words:
        return []
    left = numpy.array([word.box.left for word in words])
    right = numpy.array([word.box.right for word in words])
    middle = numpy.array([word.box.middle for word in words])
    leans = _leans(words, middle)
    width = right - left
    height = numpy.maximum(numpy.array([word.box.height for word in words]) - numpy.abs(leans) * width, 0.002)
    begins, ends = middle - leans * width / 2, middle + leans * width / 2
    gap = left[None, :] - right[:, None]
    off = numpy.abs(ends[:, None] + (leans[:, None] + leans[None, :]) / 2 * gap - begins[None, :])
    fits = (gap > -0.3 * height[:, None] - 0.005) & (left[None, :] > left[:, None] + 0.2 * width[:, None])
    fits &= off <= SAME_ROW * numpy.minimum(height[:, None], height[None, :])
    cost = numpy.where(fits, gap + off, numpy.inf)
    numpy.fill_diagonal(cost, numpy.inf)
    follows: dict[int, int] = {}
    taken: set[int] = set()
    order = numpy.dstack(numpy.unravel_index(numpy.argsort(cost, axis=None), cost.shape))[0]
    for one, other in order[: int(numpy.isfinite(cost).sum())]:
        if int(one) not in follows and int(other) not in taken:
            follows[int(one)] = int(other)
            taken.add(int(other))
    chains = []
    for start in range(len(words)):
        if start in taken:
            continue
        chain, at = [words[start]], start
        while at in follows:
            at = follows[at]
            chain.append(words[at])
        chains.append(chain)
    return sorted(chains, key=lambda chain: chain[0].box.middle - leans.mean() * chain[0].box.left)


def _leans(words: Sequence[Word], middle: numpy.ndarray) -> numpy.ndarray:
    """How the line of each word leans, from the long words near it in height."""
    long = [place for place, word in enumerate(words) if word.box.right - word.box.left >= LONG]
    if len(long) < 3:
        return numpy.array([word.lean for word in words])
    at = middle[long]
    lean = numpy.array([words[place].lean for place in long])
    weight = numpy.exp(-(((middle[:, None] - at[None, :]) / 0.1) ** 2)) + 1e-6
    # A weighted median would be better; what is far off is left out instead.
    kept = numpy.abs(lean - numpy.median(lean)) <= 0.08
    weight = weight * kept[None, :]
    return (weight * lean[None, :]).sum(axis=1) / weight.sum(axis=1)


def _cells(row: Sequence[Word], page: Page, number: int) -> Row:
    shape = page.width / max(page.height, 1.0)
    groups: list[list[Word]] = []
    for word in row:
        if groups:
            before = groups[-1][-1]
            size = min(
                before.box.height - abs(before.lean) * (before.box.right - before.box.left),
                word.box.height - abs(word.lean) * (word.box.right - word.box.left),
            )
            if (word.box.left - before.box.right) * shape <= GAP * max(size, 0.002):
                groups[-1].append(word)
                continue
        groups.append([word])
    return tuple(_cell(group, page.number, number, column) for column, group in enumerate(groups))


def _cell(words: Sequence[Word], page: int, row: int, column: int) -> Cell:
    text, edges = "", []
    box = words[0].box
    for word in words:
        box = box.around(word.box)
        if text:
            text += " "
            edges.append(word.box.left)
        step = (word.box.right - word.box.left) / max(len(word.text), 1)
        edges += [word.box.left + step * place for place in range(len(word.text))]
        text += word.text
    edges.append(words[-1].box.right)
    sureness = min(word.sureness for word in words)
    return Cell(text, box, page, row, column, tuple(edges), sureness)

"""Words with their places: what every way of reading a page comes to."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """How the words of a page were come by."""

    TEXT = "text"  # the file's own text layer
    SMALL = "ocr_small"  # read from the picture, by the larger model
    TINY = "ocr_tiny"  # read from the picture, by the quick one


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, as shares of its width and height from the upper left corner: 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """How tall it is."""
        return self.bottom - self.top

    def around(self, other: "Box") -> "Box":
        """The smallest place that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """What stands at one place. `sureness` is the engine's own, 0 to 1; of a text layer 1."""

    text: str
    box: Box
    page: int  # from 0
    sureness: float = 1.0
    lean: float = 0.0  # how much of the page's height its line falls for each page width to the right
    turned: int = 0  # degrees anticlockwise that it is written: 90 up along the margin, 270 down


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright: its words, and the size it was read at (points or pixels)."""

    number: int  # from 0
    words: tuple[Word, ...]
    width: float
    height: float
    source: Source
    turned: int = 0  # degrees clockwise that the page was turned when it was scanned
    sharpness: float = 1.0  # 0 to 1: how much of the picture can be read at all

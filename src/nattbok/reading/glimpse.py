"""Whether a picture is far too blurred or dim to be read, told in a moment and by no engine.

A process of its own, as all that opens what strangers send; it is there in half a second and takes a tenth of
what the engines take. It says only what is beyond doubt: the rest is for who reads.
"""

import os
import resource
import struct
import sys
from dataclasses import dataclass, field

import cv2
import numpy

from nattbok.base.apart import Apart
from nattbok.base.errors import Unreachable, Unreadable
from nattbok.reading import pictures
from nattbok.reading.pictures import Pixels

LONGER_SIDE = 1_600  # pixels that a picture is measured at
TILE = 64  # pixels of a square of it
BEST = (
    50  # the sharpest fiftieth of the squares says how sharp the picture is: paper may be a small part of it
)
EDGES = 97  # of a square's pixels, the percentile that lies on the edges of letters
# Shades from light to dark at the edges of letters. In 63 pictures those beyond reading had 113 to 307, of
# hard ones 335 to 492, of good ones 463 and more; print so faint that it is hardly seen, but sharp, 204.
HOPELESS = 190.0

START, PATIENCE = 10.0, 5.0  # seconds
MEMORY = 1_500_000_000  # bytes of address space
RECYCLED = 500
_SHARP, _BLURRED, _UNKNOWN = b"sharp", b"blurred", b"unknown"


def sharpness(pixels: Pixels) -> float:
    """How strong the edges are where they are strongest: shades of 255 by Sobel, as HOPELESS has them."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    scale = LONGER_SIDE / max(grey.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how)
    edges = cv2.magnitude(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))
    rows, columns = edges.shape[0] // TILE, edges.shape[1] // TILE
    if not rows or not columns:
        return 0.0
    tiles = edges[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE).swapaxes(1, 2)
    each = numpy.sort(numpy.percentile(tiles.reshape(-1, TILE * TILE), EDGES, axis=1))[::-1]
    return float(each[len(each) // BEST])


@dataclass
class Glimpse:
    """The process that looks for a moment. One thread at a time."""

    process: Apart = field(
        default_factory=lambda: Apart(
            "nattbok.reading.glimpse",
            (str(MEMORY),),
            {"OMP_NUM_THREADS": "1"},
            start=START,
            recycled=RECYCLED,
        )
    )

    def is_hopeless(self, data: bytes) -> bool:
        """Whether the picture's first page is beyond reading, without doubt; never raises."""
        try:
            return self.process.ask(struct.pack(">I", len(data)) + data, PATIENCE) == _BLURRED
        except Unreachable:
            self.process.close()
            return False

    def start(self) -> None:
        """Have the process ready before there is anything to look at."""
        self.process.begin()

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()


def main(memory: int) -> None:
    """Answer until the other end closes. What a library prints must not come among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    _say(answers, b"ready")
    while head := sys.stdin.buffer.read(4):
        (size,) = struct.unpack(">I", head)
        _say(answers, _answer(sys.stdin.buffer.read(size)))


def _answer(data: bytes) -> bytes:
    try:
        seen = next(pictures.pages(data), None)
    except Unreadable:
        return _UNKNOWN  # the reading says what is wrong with it
    if seen is None:
        return _UNKNOWN
    return _BLURRED if sharpness(seen) < HOPELESS else _SHARP


def _say(answers, frame: bytes) -> None:
    answers.write(struct.pack(">I", len(frame)) + frame)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""One page of a PDF or picture drawn as PNG, in a process of its own: what strangers send is never trusted.

    python -m nattbok.web.drawing PAGE TURNED < file > page.png

The process has limits of time and memory, and ends with its page. The first line of what it writes says how
many pages there are; the rest is the picture. Ends with 1 when the file cannot be drawn.
"""

import io
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from django.conf import settings

from nattbok.reading.sniff import is_picture

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 1_600  # pixels of the longer side
MOST_PAGES = 40
SECONDS, BYTES = 20, 1_500_000_000
TURNS = (0, 90, 180, 270)

_PDF = re.compile(rb"%PDF-")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as PNG, and how many pages the file has."""

    png: bytes
    pages: int


def can_be_drawn(data: bytes) -> bool:
    """Whether the bytes begin as a PDF or a picture does; its name and what it calls itself say nothing."""
    return is_pdf(data) or is_picture(data)


def is_pdf(data: bytes) -> bool:
    """Whether the bytes begin as a PDF does."""
    return _PDF.search(data[:1024]) is not None


def page(data: bytes, sha256: str, number: int, turned: int = 0) -> Drawn | None:
    """The page `number` (from 1) of the file with that SHA-256; None when it cannot be drawn.

    A page that lies `turned` degrees clockwise in the file (0, 90, 180 or 270) is turned back. What was drawn
    once is kept beside the installation's files, and may be deleted at any time.
    """
    if not (1 <= number <= MOST_PAGES and turned in TURNS and can_be_drawn(data)):
        return None
    name = f"{sha256}-{number}-{turned}" if turned else f"{sha256}-{number}"
    kept = Path(settings.HOME) / "pictures" / sha256[:2] / name
    if kept.exists():
        return _parted(kept.read_bytes())
    try:
        done = subprocess.run(  # noqa: S603  ourselves, and two numbers
            [sys.executable, "-m", "nattbok.web.drawing", str(number), str(turned)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    kept.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=kept.parent, delete=False) as written:
        written.write(done.stdout)
    Path(written.name).replace(kept)
    return _parted(done.stdout)


def _parted(told: bytes) -> Drawn:
    pages, _line, png = told.partition(b"\n")
    return Drawn(png, int(pages))


def main(number: int, turned: int) -> int:
    """Draw the page that is asked for from standard input to standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    data = sys.stdin.buffer.read()
    try:
        drawn, pages = _of_pdf(data, number) if is_pdf(data) else _of_picture(data, number)
        png = _png(drawn.rotate(turned, expand=True) if turned else drawn)
    except Exception as trouble:  # noqa: BLE001  the libraries raise their own and plain ones alike
        sys.stderr.write(f"{type(trouble).__name__}\n")
        return 1
    sys.stdout.buffer.write(f"{pages}\n".encode() + png)
    return 0


def _of_pdf(data: bytes, number: int) -> tuple["Image", int]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    pages = len(document)
    drawn = document[number - 1]
    scale = LONGEST / max(drawn.get_width(), drawn.get_height(), 1.0)
    return drawn.render(scale=min(scale, 4.0)).to_pil(), pages


def _of_picture(data: bytes, number: int) -> tuple["Image", int]:
    from nattbok.reading import pictures

    count = pictures.count(data)
    for place, frame in enumerate(pictures.frames(data), start=1):
        if place == number:
            if frame.format == "JPEG":
                frame.draft("RGB", (LONGEST, LONGEST))
            upright = pictures.plain(frame)
            upright.thumbnail((LONGEST, LONGEST))
            return upright, count
    raise IndexError(number)


def _png(picture: object) -> bytes:
    written = io.BytesIO()
    picture.convert("RGB").save(written, "PNG")
    return written.getvalue()


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2])))

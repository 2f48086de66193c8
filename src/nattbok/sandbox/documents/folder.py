"""A folder of papers in every layout that is sketched, with the truth of each, to measure reading on.

`truth.json` has the form of ../shared/data/documents: see its README. Each paper is drawn as a PDF with text,
scanned and photographed.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from nattbok.sandbox.documents import pictures
from nattbok.sandbox.documents.sketches import Drawn, draw, sketches

QUALITIES = ("text", "scan200", "photo")
DPI = 200


def write(folder: Path, *, each: int = 1, qualities: Sequence[str] = QUALITIES) -> None:
    """`each` papers of every layout, in every one of the qualities."""
    truths = []
    for sketch in sketches():
        for seed in range(each):
            drawn = draw(sketch, seed)
            for quality, name, data in _files(drawn, f"{sketch.name} {seed}".replace(" ", "-"), qualities):
                (folder / name).write_bytes(data)
                truths.append(_truth(drawn, quality, name))
    told = {"note": "Invented papers, drawn from sketches.", "documents": truths}
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _files(drawn: Drawn, name: str, qualities: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """Quality, name and bytes of each file of a paper; one of several pages is not photographed."""
    pdf = drawn.pdf()
    pages = pictures.drawn(pdf, dpi=DPI) if set(qualities) - {"text"} else []
    for quality in qualities:
        random = Random(f"{name}/{quality}")
        if quality == "text":
            yield quality, f"{name}.pdf", pdf
        elif quality.startswith("scan") and len(pages) > 1:
            scans = [pictures.scanned(page, random) for page in pages]
            yield quality, f"{name}-{quality}.tiff", pictures.tiff(scans, is_bilevel=False)
        elif quality.startswith("scan"):
            yield quality, f"{name}-{quality}.jpg", pictures.jpeg(pictures.scanned(pages[0], random))
        elif len(pages) == 1:
            yield quality, f"{name}-{quality}.jpg", pictures.jpeg(pictures.photographed(pages[0], random))


def _truth(drawn: Drawn, quality: str, name: str) -> dict:
    return {
        "id": f"{drawn.layout}/{name}",
        "file": name,
        "quality": quality,
        "country": drawn.country,
        "kind": drawn.kind,
        "template": drawn.layout,
        "supplier_key": drawn.truth["supplier_orgno"] or drawn.supplier,
        "fields": {**drawn.truth, "vat_lines": list(drawn.vat_lines)},
    }

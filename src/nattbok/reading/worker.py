"""The process that reads, started by `process.Reader`: files in on standard input, readings out."""

import json
import os
import pickle
import resource
import struct
import sys
from collections.abc import Callable
from datetime import date, datetime

from nattbok.base.errors import Unreadable
from nattbok.formats.finding import Finding
from nattbok.reading import ocr, reader, searchable, upright
from nattbok.reading.memory import Memory
from nattbok.reading.pdf_file import About
from nattbok.reading.process import found, nothing, unreadable
from nattbok.reading.shape import Own, Reading
from nattbok.reading.words import Box, Page, Source, Word


def main(memory: int) -> None:
    """Answer until the other end closes. What a library prints must not come among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    upright.load()
    ocr.load(Source.TINY)
    say(answers, b"ready")
    while head := sys.stdin.buffer.read(8):
        asked_size, data_size = struct.unpack(">II", head)
        asked = json.loads(sys.stdin.buffer.read(asked_size))
        data = sys.stdin.buffer.read(data_size)
        told = copy if "searchable" in asked else answer
        say(answers, pickle.dumps(told(asked, data, lambda: say(answers, b"page"))))


def copy(asked: dict, data: bytes, on_page: Callable[[], None]) -> bytes | Finding:
    """The searchable PDF, or why there is none."""
    moment = asked["searchable"].pop("made_at")
    about = About(**asked["searchable"], made_at=datetime.fromisoformat(moment) if moment else None)
    try:
        return searchable.made(data, [_page(one) for one in asked["pages"]], about, on_page=on_page)
    except Unreadable as trouble:
        return found(trouble)
    except MemoryError:
        raise
    except Exception as trouble:  # noqa: BLE001  as below
        return reader.failed(trouble)


def _page(told: dict) -> Page:
    words = tuple(Word(**word | {"box": Box(**word["box"])}) for word in told.pop("words"))
    return Page(**told | {"words": words, "source": Source(told["source"])})


def answer(asked: dict, data: bytes, on_page: Callable[[], None]) -> Reading:
    """The reading, or one that says why there is none."""
    try:
        if asked.get("glance"):
            on = date.fromisoformat(asked["on"])
            return reader.glance(data, country=asked["country"], on=on, on_page=on_page)
        return reader.read(
            data,
            country=asked["country"],
            own=Own(frozenset(asked["org_numbers"]), frozenset(asked["accounts"])),
            memories=[Memory.of_json(one) for one in asked["memories"]],
            on=date.fromisoformat(asked["on"]),
            only=tuple(asked["only"]) if asked.get("only") else None,
            on_page=on_page,
        )
    except Unreadable as trouble:
        return unreadable(trouble)
    except MemoryError:
        raise  # the process is of no more use; the other end says so
    except Exception as trouble:  # noqa: BLE001  a fault of ours on one file must not stop the others
        return nothing(reader.failed(trouble))


def say(answers, frame: bytes) -> None:
    """One frame to the other end."""
    answers.write(struct.pack(">I", len(frame)) + frame)
    answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Reading in a process apart: what hangs, dies or wants too much leaves a finding; the next file is read."""

import os
import signal
import threading
import time
from datetime import date

import pytest

from nattbok.reading.process import Reader
from tests.reading.papers import Sale, stacked

ON = date(2026, 4, 1)


@pytest.fixture(scope="module")
def page() -> bytes:
    """A scanned page."""
    return stacked(Sale()).jpeg()


@pytest.fixture(scope="module")
def reader():
    """One process for all the tests here; those that end it get another."""
    with Reader(patience=60) as made:
        yield made


def codes(found) -> list[str]:
    """The findings' codes."""
    return [finding.code for finding in found.findings]


def test_a_page_is_read_in_another_process(reader, page):
    found = reader.read(page, country="NO", on=ON)
    assert found.value("total") == stacked(Sale()).truth["total"]
    assert reader.process_id not in (None, os.getpid())


def test_what_cannot_be_opened_is_a_finding(reader):
    assert codes(reader.read(b"%PDF-1.7 bare tull", country="NO", on=ON)) == ["pdf_broken"]
    assert codes(reader.read(b"hei", country="NO", on=ON)) == ["unknown_format"]


def test_a_process_that_is_killed_is_made_anew(reader, page):
    reader.read(b"hei", country="NO", on=ON)
    first = reader.process_id
    killer = threading.Timer(0.05, os.kill, (first, signal.SIGKILL))
    killer.start()
    found = reader.read(page, country="NO", on=ON)
    killer.join()
    assert codes(found) == ["reading_given_up"] or found.value("total")
    again = reader.read(page, country="NO", on=ON)
    assert again.value("total") == stacked(Sale()).truth["total"]
    assert reader.process_id != first


def test_a_process_that_hangs_is_given_up(reader, page):
    reader.read(b"hei", country="NO", on=ON)
    stopped = reader.process_id
    os.kill(stopped, signal.SIGSTOP)
    reader.patience = 1
    try:
        assert codes(reader.read(page, country="NO", on=ON)) == ["reading_given_up"]
    finally:
        reader.patience = 60
    for _try in range(50):
        try:
            os.kill(stopped, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("the process is still there")


def test_what_wants_more_memory_than_is_given(page):
    with Reader(patience=60, memory=700_000_000) as small:
        found = small.read(b"\xff\xd8\xff" + b"\0" * 90_000_000, country="NO", on=ON)
    assert codes(found) and not found.fields


def test_nothing_is_left_when_it_is_closed():
    with Reader(patience=60) as made:
        made.read(b"hei", country="NO", on=ON)
        number = made.process_id
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)

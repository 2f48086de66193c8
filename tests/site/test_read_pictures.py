"""`nattbok read` on pictures and PDFs, run as people and programs run it."""

import json

import pytest

from tests.reading.papers import Sale, stacked
from tests.site.test_read import nattbok


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A page as a picture, with a name that says something else."""
    file = tmp_path_factory.mktemp("lest") / "faktura.pdf"
    file.write_bytes(stacked(Sale()).jpeg())
    return file


def test_a_picture_as_json(photo, tmp_path):
    broken = tmp_path / "kuttet.pdf"
    broken.write_bytes(b"%PDF-1.7 og ikke mer")
    ran = nattbok("read", "--json", "--own", Sale().buyer_org, photo, broken)
    said, cut = (json.loads(line) for line in ran.stdout.splitlines())
    paper = stacked(Sale())
    assert (said["format"], said["outcome"]) == ("picture", "accept")
    assert {name: said["invoice"][name] for name in paper.truth} == paper.truth
    assert said["invoice"]["vat_lines"] == [{"rate": 25, "base": "4180.40", "vat": "1045.10"}]
    assert said["invoice"]["plusgiro"] is None
    assert set(said["confidence"]) == {name for name in said["confidence"] if said["invoice"][name]}
    assert all(0 < one <= 1 for one in said["confidence"].values())
    assert said["place"]["total"]["page"] == 1 and len(said["place"]["total"]["box"]) == 4
    assert said["engine"] in ("ocr_tiny", "ocr_small") and said["seconds"] > 0
    assert (cut["outcome"], cut["findings"][0]["code"]) == ("refuse", "pdf_broken")
    assert ran.returncode == 2


def test_a_picture_as_a_page(photo):
    ran = nattbok("read", "--language", "nb", photo)
    text = ran.stdout.decode()
    assert "5 225,50" in text and "Kontrollsifferet stemmer" in text and "Lyngdal" in text

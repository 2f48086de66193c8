"""What strangers wrote is kept as it is seen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nattbok.base.plain import plain, visible


@pytest.mark.parametrize(
    "written, seen",
    [
        ("faktura\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "fakturafdp.exe"),
        ("Fjell\N{ZERO WIDTH SPACE}strøm\N{SOFT HYPHEN} AS", "Fjellstrøm AS"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}a\0b\x1b[31m\x07", "ab[31m"),
        ("a\r\nb\tc \N{NO-BREAK SPACE}d\N{LINE SEPARATOR}e", "a b c d e"),
        (
            "half \ud83d and escaped \udcff",
            "half \N{REPLACEMENT CHARACTER} and escaped \N{REPLACEMENT CHARACTER}",
        ),
        ("Ærlig Öl & Sønn <b>", "Ærlig Öl & Sønn <b>"),
    ],
)
def test_one_line_of_what_can_be_seen(written, seen):
    assert plain(written, 100) == seen


def test_lines_stay_where_they_may():
    assert visible("a\n\tb\N{RIGHT-TO-LEFT OVERRIDE}c") == "a\n\tbc"


@given(some.text(alphabet=some.characters() | some.characters(categories=["Cs"]), max_size=60))
def test_whatever_is_written_can_be_kept(written):
    for seen in (plain(written, 50), visible(written)):
        seen.encode()
        assert "\0" not in seen
        assert not {unicodedata.bidirectional(sign) for sign in seen} & {"LRE", "RLE", "LRO", "RLO", "PDF"}
        assert visible(seen) == seen
    assert len(plain(written, 50)) <= 50 and "\n" not in plain(written, 50)

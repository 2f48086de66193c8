"""Values in the reader's form."""

import pytest

from nattbok.base.words import Words
from nattbok.site.language import translate


@pytest.mark.parametrize(
    "value, language, answer",
    [
        ("1234.50", "nb", "1\u00a0234,50"),
        ("-1234567.00", "sv", "-1\u00a0234\u00a0567,00"),
        ("1234.50", "en", "1,234.50"),
        ("0.05", "nb", "0,05"),
        ("2026-03-12", "nb", "12.03.2026"),
        ("2026-03-12", "sv", "2026-03-12"),
        ("1.234", "nb", "1.234"),
        (1234, "nb", "1234"),
        (None, "nb", ""),
        ("{x}", "nb", "{x}"),
    ],
)
def test_values(value, language, answer):
    assert translate(Words("{v}", {"v": value}), language) == answer


def test_a_sentence_with_a_name_that_has_no_value_is_shown_as_it_is():
    assert translate(Words("Pay {amount}", {}), "nb") == "Pay {amount}"
    assert translate(Words(""), "nb") == ""

"""When a mail is tried again."""

import datetime

import pytest

from nattbok.outbox import rules


@pytest.mark.parametrize(
    "tries, minutes, answer",
    [
        (0, 0, True),
        (4, 0, True),
        (5, 0, False),
        (5, 1, True),
        (8, 7, False),
        (8, 8, True),
        (40, 6 * 24 * 60, False),
        (1, 8 * 24 * 60, False),  # given up
    ],
)
def test_is_due(tries, minutes, answer):
    assert rules.is_due(tries, datetime.timedelta(minutes=minutes)) is answer


def test_a_subject_is_one_line():
    assert rules.one_line("hei\r\nBcc: alle@example.org") == "hei Bcc: alle@example.org"


def test_every_try_has_the_same_message_id():
    assert rules.message_id(1, "night:1", "Natt <natt@byra.no>") == rules.message_id(
        1, "night:1", "Natt <natt@byra.no>"
    )
    assert rules.message_id(1, "a", "x@byra.no") != rules.message_id(2, "a", "x@byra.no")
    assert rules.message_id(1, "a", "Natt <natt@byra.no>").endswith("@byra.no>")

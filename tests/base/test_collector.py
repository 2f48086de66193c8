"""The collector of cycles is left off for a while, and always comes back."""

import gc

import pytest

from nattbok.base.collector import uncollected


def test_the_collector_is_off_meanwhile_and_on_again_after_a_fault():
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()  # the inner one leaves it as it was
        _ = 1 / 0
    assert gc.isenabled()

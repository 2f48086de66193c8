"""What the channels are tried against."""

import pytest

from tests.channels.bank_doors import open_doors


@pytest.fixture
def doors():
    """A stand-in bank with open doors, as nobody has used it yet."""
    with open_doors() as opened:
        yield opened

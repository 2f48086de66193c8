"""The pages are tested in the reader's language, so the catalogs must be made; some in a real browser."""

import pytest

from nattbok.site.catalogs import compile_all

compile_all()


@pytest.fixture(scope="module")
def chromium():
    """A browser, for all tests of a module one after the other."""
    from tests.web.browsing import a_browser

    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def served():
    """The address of the pages, on a port of their own."""
    from tests.web import browsing

    with browsing.served() as address:
        yield address

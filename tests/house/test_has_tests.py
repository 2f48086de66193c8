"""What is added to the house is tested there: every routine, every format, every country."""

import importlib
import pkgutil
import re

import nattbok.formats
from nattbok.countries.known import codes
from nattbok.robot import routines
from tests.house.sources import PACKAGE, ROOT

TESTS = ROOT / "tests"


def written_in(folder: str) -> str:
    """All the tests of one folder."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((TESTS / folder).rglob("*.py")))


def test_every_routine_is_tested():
    """Rule: a routine is named in the tests of the robot or in a story."""
    told = written_in("robot") + written_in("stories")
    names = [info.name for info in pkgutil.iter_modules(routines.__path__)]
    assert [name for name in names if not re.search(rf"\b{name}\b", told)] == []


def formats() -> dict[str, list]:
    """Every family of formats with its readers: the modules that have `looks_like` and `read`."""
    found: dict[str, list] = {}
    for family in pkgutil.iter_modules(nattbok.formats.__path__):
        if not family.ispkg:
            continue
        package = importlib.import_module(f"nattbok.formats.{family.name}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            if hasattr(module, "looks_like") and hasattr(module, "read"):
                found.setdefault(family.name, []).append(module)
    return found


def test_every_format_has_samples_and_is_tested():
    """Rule: a reader has samples in its family's folder that look like its own, and tests that name it."""
    assert formats()
    for family, readers in formats().items():
        samples = [
            file
            for file in (TESTS / "formats" / family / "samples").glob("*/*")
            if file.suffix != ".json" and file.is_file()
        ]
        told = written_in(f"formats/{family}")
        for reader in readers:
            name = reader.__name__.rsplit(".", 1)[1]
            assert any(reader.looks_like(file.read_bytes()) for file in samples), f"no sample of {name}"
            assert re.search(rf"\b{name}\b", told), f"no test names {name}"


def test_every_sample_says_what_it_reads_as():
    """Rule: a sample lies in a folder of its own, beside what it should read as."""
    folders = [folder for folder in (TESTS / "formats").glob("*/samples/*") if folder.is_dir()]
    assert folders
    assert [str(folder) for folder in folders if not list(folder.glob("*.json"))] == []


def test_every_country_is_tested():
    """Rule: every package of a country has tests of its own, beside those that all countries share."""
    told = written_in("countries")
    packages = [
        folder.name for folder in (PACKAGE / "countries").iterdir() if (folder / "__init__.py").exists()
    ]
    assert sorted(packages) == sorted(code.lower() for code in codes())
    for package in packages:
        assert f"nattbok.countries.{package}" in told or f"nattbok.countries import {package}" in told, (
            package
        )


def test_every_app_is_mirrored_in_the_tests():
    """Rule: whoever looks for an app's tests finds them where the app is in the package."""
    apps = {file.parent.name for file in PACKAGE.glob("*/actions*")}
    assert [app for app in sorted(apps) if not list((TESTS / app).rglob("test_*.py"))] == []

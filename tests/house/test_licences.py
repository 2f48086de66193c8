"""What we build on may be built on: each dependency is in the decision on licences."""

import re
from importlib.metadata import PackageNotFoundError, distribution

from tests.house.sources import ROOT


def plain(name: str) -> str:
    """A package's name in the one form that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(name: str, found: set[str]) -> set[str]:
    """The installed packages that `name` needs when it runs, all the way down."""
    for requirement in distribution(name).requires or ():
        other = plain(re.match(r"[\w.-]+", requirement).group())
        if other in found:
            continue
        try:
            distribution(other)
        except PackageNotFoundError:
            continue  # for another platform, or an extra that we do not use
        is_extra = "extra ==" in requirement
        if not is_extra or other.startswith("psycopg"):
            found.add(other)
            needed(other, found)
    return found


def test_every_dependency_is_in_the_decision():
    """Rule: a new dependency's licence is looked up and written down before it is used."""
    page = (ROOT / "docs" / "decisions" / "0001-licence.md").read_text(encoding="utf-8")
    told = {plain(name) for name in re.findall(r"[A-Za-z][\w.-]+", page)}
    found = needed("nattbok", set())
    assert {"django", "psycopg", "python-stdnum"} <= found
    assert sorted(found - told) == []


def test_the_licence_is_the_whole_text():
    """Rule: LICENSE is the text of the Apache License as it is published."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text and "APPENDIX: How to apply the Apache License" in text
    assert len(text.split()) == 1581

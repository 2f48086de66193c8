"""What the project says of itself is so: links lead somewhere, and the commands are those there are."""

import re
from xml.etree import ElementTree

import pytest

from nattbok.robot.routine import routines
from nattbok.site.cli import COMMANDS
from tests.house.sources import PACKAGE, ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Rule: a link within the project leads to a file that is there."""
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    inside = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_are_there(page):
    """Rule: a place in the tree that a page names is there."""
    named = re.findall(
        r"`((?:src|tests|docs|bench|\.ci)/[\w./-]*[\w/]|CONTRIBUTING\.md|LICENSE|NOTICE)`",
        page.read_text(encoding="utf-8"),
    )
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_the_readme_tells_of_every_command():
    """Rule: the table of commands in README.md is that of the `nattbok` command, and each is there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `nattbok ([\w-]+)", readme, re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)
    missing = [
        name for name, command in COMMANDS.items() if not (PACKAGE / "site" / f"{command.module}.py").exists()
    ]
    assert missing == []


def test_the_readme_tells_of_every_floor():
    """Rule: whoever looks for a package finds it in README.md's table of places."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    packages = [folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()]
    assert [name for name in packages if not re.search(rf"[/`]{name}`", text)] == []


def test_operators_are_told_of_every_routine():
    """Rule: the table of routines in docs/operating.md names each that runs, and when."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \| (yes)? *\|$", text, re.MULTILINE)
    assert sorted(told) == sorted((each.name, "yes" if each.by_day else "") for each in routines())


def test_every_page_is_found_from_the_readme():
    """Rule: README.md leads to every how-to and to what operators read."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]
    assert [page.name for page in pages if f"({page.relative_to(ROOT).as_posix()})" not in text] == []


def test_make_does_what_the_pages_say():
    """Rule: every target that the pages name is in the Makefile, with its one line of help."""
    targets = set(
        re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    told = set()
    for page in ("README.md", "CONTRIBUTING.md"):
        told |= set(
            re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert {"demo", "test", "bench", "lint"} <= targets and told <= targets


def test_decisions_are_numbered_without_gaps():
    """Rule: a decision keeps its number, and the next one takes the next."""
    names = sorted(file.name for file in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        text = (ROOT / "docs" / "decisions" / name).read_text(encoding="utf-8")
        assert all(part in text for part in ("**What.**", "**Why.**", "**Turned down.**")), name


def test_the_picture_is_whole():
    """Rule: the picture is well formed, says in words what it shows, and loads nothing."""
    file = ROOT / "docs" / "nattbok.svg"
    svg = ElementTree.parse(file).getroot()  # noqa: S314  our own file
    space = "{http://www.w3.org/2000/svg}"
    assert svg.findtext(f"{space}title") and svg.findtext(f"{space}desc")
    assert not re.search(r"href=|<image|<script|@import", file.read_text(encoding="utf-8"))

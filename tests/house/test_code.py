"""How the code is written, in the rules that a machine can keep."""

import ast
import importlib
import inspect
import pkgutil
import re

import pytest

import nattbok
from nattbok.base.errors import Refused, Unreachable, Unreadable
from tests.house.sources import PACKAGE, ROOT, VENDORED, modules, named, texts, tree

LONGEST = 600  # lines
EXPLAINED = {"actions", "rules", "queries"}
# Who prints: the commands, whose output it is. All others return what they found.
MAY_PRINT = ("src/nattbok/site/",)
# Who names this machine: where the doors are opened and where the database is found.
MAY_NAME_THIS_MACHINE = ("src/nattbok/site/", "src/nattbok/db/server.py")
# Which doors and deeds make a day or a number of a text that nobody typed.
READ_WHAT_WE_WROTE = {
    "src/nattbok/bank/actions/bank_rules.py": "a rule's kept statistics",
    "src/nattbok/documents/actions/reading.py": "what was measured of a page",
    "src/nattbok/documents/actions/ways.py": "the installation's settings",
    "src/nattbok/web/approval_card.py": "a kept coding",
    "src/nattbok/web/office/bank_plot.py": "where a curve goes",
    "src/nattbok/web/office/document_fields.py": "a kept reading, and where the page was clicked",
    "src/nattbok/web/office/document_grid.py": "the country's rates",
    "src/nattbok/web/shown.py": "evidence",
}


def test_no_file_is_too_long():
    """Rule: a file is read in a few minutes; one that has outgrown 600 lines becomes a folder."""
    files = [
        file
        for folder in ("src", "tests", "bench")
        for kind in ("*.py", "*.sql", "*.html", "*.css", "*.js")
        for file in (ROOT / folder).rglob(kind)
        if "migrations" not in file.parts and "samples" not in file.parts and file.name not in VENDORED
    ]
    long = {named(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {file: lines for file, lines in long.items() if lines > LONGEST} == {}


def test_no_drawer_for_everything():
    """Rule: find the noun; a module called utils, helpers or manager says nothing of what is in it."""
    wrong = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc)(_|$)")
    assert [named(file) for file in modules() if any(wrong.search(part) for part in parts(file))] == []


def parts(file) -> list[str]:
    """The names on the way to a module."""
    return list(file.relative_to(PACKAGE).with_suffix("").parts)


def test_nothing_is_printed():
    """Rule: what is found is returned or raised; only the commands print."""
    wrong = [
        f"{named(file)}:{node.lineno}"
        for file in modules()
        if not named(file).startswith(MAY_PRINT)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not wrong


def test_every_module_says_what_it_is():
    """Rule: a module begins with what it is for; packages without code and the list of URLs may be silent."""
    silent = [
        named(file)
        for file in modules()
        if file.name not in {"urls.py"} and tree(file).body and not ast.get_docstring(tree(file))
    ]
    assert not silent


def test_what_is_called_from_elsewhere_is_explained():
    """Rule: public functions and classes of actions, rules, queries and pure floors have docstrings."""
    silent = []
    for file in modules():
        names = parts(file)
        if not (EXPLAINED & set(names) or names[0] in {"base", "formats", "countries", "channels"}):
            continue
        silent += [
            f"{named(file)}:{node.lineno} {node.name}"
            for node in tree(file).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert not silent


def everything() -> None:
    """Import all of the package, so that every class of it is known."""
    for found in pkgutil.walk_packages(nattbok.__path__, "nattbok."):
        if ".migrations" not in found.name:
            importlib.import_module(found.name)


def kinds(of: type) -> set[type]:
    """A class's subclasses, all the way down."""
    return {kind for child in of.__subclasses__() for kind in {child, *kinds(child)}}


def test_every_refusal_is_in_words():
    """Rule: a refusal, or the silence of the other side, has its sentence in its class."""
    everything()
    ours = {kind for kind in kinds(Refused) | kinds(Unreachable) if kind.__module__.startswith("nattbok.")}
    assert len(ours) > 10
    assert [kind.__qualname__ for kind in ours if not kind.message] == []


def test_a_refusals_name_stands_for_one_thing():
    """Rule: the class name of a refusal is the API's code for it, so no two refusals share one."""
    everything()
    places: dict[str, list[str]] = {}
    for kind in kinds(Refused) | kinds(Unreachable):
        if kind.__module__.startswith("nattbok."):
            places.setdefault(kind.__name__, []).append(kind.__module__)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_errors_are_of_three_kinds():
    """Rule: an error class of ours is a Refused, an Unreadable or an Unreachable, or says why it is not."""
    everything()
    others = {
        kind.__qualname__
        for kind in kinds(Exception)
        if kind.__module__.startswith("nattbok.")
        and not issubclass(kind, Refused | Unreadable | Unreachable)
        and kind.__qualname__ != "NattbokError"
        and not inspect.getdoc(kind)
    }
    assert not others


def test_marked_texts_can_be_translated():
    """Rule: what is marked with `_` is one plain text; a value put in before translation is never found."""
    wrong = []
    for file in modules():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                is_plain = len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
                wrong += [] if is_plain and not node.keywords else [f"{named(file)}:{node.lineno}"]
    assert not wrong


def test_messages_are_marked():
    """Rule: the message of an error class is marked with `_` where it is written."""
    wrong = []
    for file in modules():
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.ClassDef):
                continue
            wrong += [
                f"{named(file)}:{part.lineno}"
                for part in node.body
                if isinstance(part, ast.Assign)
                and any(getattr(target, "id", "") == "message" for target in part.targets)
                and isinstance(part.value, ast.Constant)
                and part.value.value
            ]
    assert not wrong


def test_this_machine_is_named_in_few_places():
    """Rule: where things are comes from the settings; no other code names a host of its own."""
    wrong = [
        f"{named(file)}:{line}"
        for file in modules()
        if not named(file).startswith(MAY_NAME_THIS_MACHINE)
        for line, text in texts(file)
        if re.search(r"\blocalhost\b|127\.0\.0\.1|0\.0\.0\.0", text)
    ]
    assert not wrong


@pytest.mark.parametrize("folder, kind", [("web/templates", "*.html"), ("web/static", "*.css")])
def test_pages_load_nothing_from_elsewhere(folder, kind):
    """Rule: a page needs no other site; what it loads lies in the package."""
    wrong = []
    for file in (PACKAGE / folder).rglob(kind):
        text = re.sub(r'xmlns(:\w+)?="[^"]*"', "", file.read_text(encoding="utf-8"))
        wrong += [
            f"{named(file)}: {found}"
            for found in re.findall(
                r"""(?:src|href|action|url\(|@import)\s*=?\s*["']?(?:https?:)?//\S*""", text
            )
        ]
    assert not wrong


def test_nothing_reads_the_clock_where_it_decides():
    """Rule: a rule, a format and a country are told what day it is; they never look."""
    wrong = []
    for file in modules():
        names = parts(file)
        if "rules" not in names and names[0] not in {"base", "formats", "countries"}:
            continue
        wrong += [
            f"{named(file)}:{node.lineno}"
            for node in ast.walk(tree(file))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr in {"now", "today", "utcnow"}
        ]
    assert not wrong


def test_days_and_amounts_that_are_typed_are_read_in_one_way():
    """Rule: what people type as a day or an amount is read by base/written.py, at every door alike."""
    readers = {"fromisoformat", "strptime", "float", "Decimal"}
    reading = set()
    for file in modules():
        if not {"web", "actions", "actions.py"} & set(file.relative_to(PACKAGE).parts):
            continue
        reading |= {
            named(file)
            for node in ast.walk(tree(file))
            if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Constant)
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in readers
        }
    assert reading == set(READ_WHAT_WE_WROTE)

"""What the rules about the house look at: every file of the package, and the syntax tree of each."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "nattbok"
# Files that somebody else wrote and that lie here unchanged.
VENDORED = {"htmx.min.js"}


def modules(*folders: str) -> list[Path]:
    """The package's Python files, below these folders of it or all; never migrations."""
    found = [file for folder in folders or ("",) for file in (PACKAGE / folder).rglob("*.py")]
    return sorted(file for file in found if "migrations" not in file.parts)


def named(file: Path) -> str:
    """A file as a failure names it: from the project's root."""
    return str(file.relative_to(ROOT))


@cache
def tree(file: Path) -> ast.Module:
    """The file's syntax tree, in which every node can be asked for its place."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def docstrings(module: ast.Module) -> set[int]:
    """The ids of the nodes that are docstrings, so that a rule about texts can leave them out."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def texts(file: Path) -> list[tuple[int, str]]:
    """Every text in the code with its line, docstrings left out."""
    module = tree(file)
    skipped = docstrings(module)
    return [
        (node.lineno, node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
    ]

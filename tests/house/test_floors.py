"""Imports go down, never up, never sideways; and the contracts that say so name every package."""

import ast
import configparser
import subprocess
import sys

from tests.house.sources import PACKAGE, ROOT, modules, named, tree

PURE = ("base", "formats", "countries", "reading", "channels", "sandbox")


def contracts() -> configparser.ConfigParser:
    """The contracts as they are written."""
    found = configparser.ConfigParser(comment_prefixes=(";",), inline_comment_prefixes=None)
    found.read(ROOT / ".importlinter")
    return found


def listed(contract: str, key: str) -> set[str]:
    """One list of one contract."""
    return set(contracts()[f"importlinter:contract:{contract}"][key].split())


def test_the_floors_hold():
    """Rule: every contract in .importlinter is kept."""
    ended = subprocess.run(
        [
            *(
                sys.executable,
                "-c",
                "from importlinter.cli import lint_imports_command; lint_imports_command()",
            ),
            *("--no-logo", "--no-cache", "--config", str(ROOT / ".importlinter")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_pure_floor_is_held_to_be_pure():
    """Rule: a floor that decides is named in the contract that keeps the database out of it."""
    there = {f"nattbok.{name}" for name in PURE if (PACKAGE / name).is_dir()}
    assert there <= listed("pure", "source_modules")


def test_the_doors_are_kept_from_every_table():
    """Rule: web, api and routines may import the models of no app but clients."""
    doors = {"nattbok.web", "nattbok.robot.routines"} | (
        {"nattbok.api"} if (PACKAGE / "api").is_dir() else set()
    )
    assert doors <= listed("doors", "source_modules")
    on_floors = {"ledger", "hours", "approvals", "documents", "bank", "sales", "payroll", "vat", "recurring"}
    models = {
        f"nattbok.{file.parent.name}.models"
        for file in PACKAGE.glob("*/models.py")
        if file.parent.name in on_floors
    }
    assert models <= listed("doors", "forbidden_modules")


def test_nothing_of_the_tests_is_in_the_product():
    """Rule: the product imports no test tool, so that it runs without them."""
    tools = {"pytest", "hypothesis", "selenium", "tests", "importlinter"}
    wrong = []
    for file in modules():
        for node in ast.walk(tree(file)):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            wrong += [f"{named(file)}:{node.lineno}" for name in names if name.split(".")[0] in tools]
    assert not wrong

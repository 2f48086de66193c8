"""Where an installation keeps the publishers' own rules: by version, each in force from a day.

The rules may not be passed on, so none come with the product: an administrator fetches a release and adds
it. Each version is a folder with its style sheets and `rules.json`, written last, so that a version is there
whole or not at all. What was checked by an older version can be checked by it again.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nattbok.base.errors import Refused, Unreadable
from nattbok.base.words import _
from nattbok.formats.invoice.checking import schematron

LARGEST = 20_000_000  # bytes of one file of rules
_ENDS = (".sch", ".xslt", ".xsl")


class NoRules(Refused):
    """There is nothing in the package that could be used."""

    message = _("There are no rules in {name}: no file ends in .sch or .xslt.")


class RulesAltered(Refused):
    """A file of rules is not the one that was added."""

    message = _("The rules {name} of version {version} are not as they were added. Add them again.")


class VersionThere(Refused):
    """A version is added once."""

    message = _("Version {version} is there already, with other rules.")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules: its style sheets, in the order they are asked."""

    version: str
    valid_from: date
    sheets: tuple[Path, ...]


def sets(folder: Path) -> list[RuleSet]:
    """All versions in the store, oldest first; raises RulesAltered when a file is not what was added."""
    found = []
    for listing in sorted(folder.glob("*/rules.json")):
        told = json.loads(listing.read_text(encoding="utf-8"))
        for name, sha256 in told["files"].items():
            data = (listing.parent / name).read_bytes() if (listing.parent / name).exists() else b""
            if hashlib.sha256(data).hexdigest() != sha256:
                raise RulesAltered(name=name, version=told["version"])
        found.append(
            RuleSet(
                told["version"],
                date.fromisoformat(told["valid_from"]),
                tuple(listing.parent / name for name in told["files"]),
            )
        )
    return sorted(found, key=lambda one: (one.valid_from, one.version))


def in_force(folder: Path, on: date) -> RuleSet | None:
    """The version that a document issued on that day is held to; None when the store has none for it."""
    return next((one for one in reversed(sets(folder)) if one.valid_from <= on), None)


def add(folder: Path, package: Path, *, version: str, valid_from: date) -> RuleSet:
    """Keep the rules in `package`: a .zip, a folder, or one file. Schematron is compiled at once.

    Safe to call twice with the same rules. Raises NoRules, VersionThere, or Unreadable for a file in it
    that is not understood.
    """
    sheets = {}
    for name, data in sorted(_rules_in(package)):
        sheet = schematron.compiled(data) if name.endswith(".sch") else data
        sheets[Path(name).stem + ".xslt"] = sheet
    if not sheets:
        raise NoRules(name=package.name)
    files = {name: hashlib.sha256(sheet).hexdigest() for name, sheet in sheets.items()}
    place = folder / _plain(version)
    told = {"version": version, "valid_from": valid_from.isoformat(), "files": files}
    if (place / "rules.json").exists():
        if json.loads((place / "rules.json").read_text(encoding="utf-8")) != told:
            raise VersionThere(version=version)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder, prefix=".adding-"))
        for name, sheet in sheets.items():
            (made / name).write_bytes(sheet)
        (made / "rules.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)  # what an addition that was cut short left
        os.replace(made, place)
    return next(one for one in sets(folder) if one.version == version)


def _plain(version: str) -> str:
    return "".join(sign if sign.isalnum() or sign in ".-" else "_" for sign in version).lstrip(".") or "_"


def _rules_in(package: Path) -> Iterator[tuple[str, bytes]]:
    """The files of rules, by name. A name is only ever its last part, so nothing is written elsewhere."""
    if package.is_dir():
        for path in sorted(package.rglob("*")):
            if path.is_file() and path.name.endswith(_ENDS):
                yield path.name, _bounded(path.name, path.stat().st_size, path.read_bytes)
    elif zipfile.is_zipfile(package):
        with zipfile.ZipFile(io.BytesIO(package.read_bytes())) as archive:
            for one in archive.infolist():
                if not one.is_dir() and one.filename.endswith(_ENDS):
                    yield (
                        Path(one.filename).name,
                        _bounded(one.filename, one.file_size, lambda one=one: archive.read(one)),
                    )
    elif package.name.endswith(_ENDS):
        yield package.name, _bounded(package.name, package.stat().st_size, package.read_bytes)


def _bounded(name: str, size: int, read) -> bytes:
    if size > LARGEST:
        raise Unreadable(_("The file of rules is {size} bytes; at most {largest} are taken."), where=name,
                         code="too_large", size=size, largest=LARGEST)  # fmt: skip
    return read()

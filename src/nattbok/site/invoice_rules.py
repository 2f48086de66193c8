"""`nattbok rules`: the e-invoice network's own rules, kept by version and asked of a file.

The rules may not be passed on, so none come with the product: fetch a release from the publisher and add it
here. They are kept in the installation's folder `rules`, and run by the extra package `official`.
"""

import argparse
import os
from datetime import date, datetime
from pathlib import Path

from nattbok.base.errors import Unreadable
from nattbok.base.words import Words, _
from nattbok.db import server
from nattbok.formats import known, xml
from nattbok.formats.finding import Severity
from nattbok.formats.invoice.checking import official, store
from nattbok.formats.invoice.peppol_bis3 import envelope
from nattbok.formats.invoice.shape import Invoice
from nattbok.site.read import read_file
from nattbok.site.read_page import translated

REFUSED = 2


def folder() -> Path:
    """Where this installation keeps the rules."""
    return Path(server.home()) / "rules"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "rules",
        help="keep the e-invoice network's own rules, and hold a file to them",
        description="Keep the publishers' own validation rules (Schematron or XSLT) by version and day, and "
        "hold an e-invoice to those in force on its day of issue.",
    )
    parser.set_defaults(run=run)
    deeds = parser.add_subparsers(metavar="DEED", required=True)
    adding = deeds.add_parser("add", help="keep a release: a .zip, a folder, or one .sch or .xslt")
    adding.add_argument("package", type=Path, metavar="PACKAGE")
    adding.add_argument("--version", required=True, help="as the publisher calls it, such as 3.0.21")
    adding.add_argument(
        "--from", dest="valid_from", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD"
    )
    adding.set_defaults(deed=add)
    listing = deeds.add_parser("list", help="the versions that are kept")
    listing.set_defaults(deed=show)
    checking = deeds.add_parser("check", help="hold an e-invoice to the official rules")
    checking.add_argument("file", metavar="FILE")
    checking.add_argument("--language", choices=("nb", "sv", "en"), default="en")
    checking.set_defaults(deed=check)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; what it ends with."""
    return arguments.deed(arguments)


def add(arguments: argparse.Namespace) -> int:
    """Keep a release of rules."""
    if not arguments.package.exists():
        print(Words(_("There is no {name}."), {"name": str(arguments.package)}))
        return REFUSED
    kept = store.add(folder(), arguments.package, version=arguments.version, valid_from=arguments.valid_from)
    print(
        Words(
            _("Version {version} is kept: {count} rule files, in force from {day}."),
            {"version": kept.version, "count": len(kept.sheets), "day": kept.valid_from.isoformat()},
        )
    )
    return 0


def show(arguments: argparse.Namespace) -> int:
    """The versions that are kept, the oldest first."""
    for kept in store.sets(folder()):
        print(f"{kept.version}  {kept.valid_from.isoformat()}  {len(kept.sheets)}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Hold a file to the official rules of its day; ends with 2 when a fatal one does not hold."""
    read = read_file(arguments.file)
    if not isinstance(read.content, Invoice):
        for finding in read.findings:
            print(translated(finding.words, arguments.language))
        return REFUSED
    on = read.content.issue_date or datetime.now().astimezone().date()
    rules = store.in_force(folder(), on)
    if rules is None:
        print(Words(_("No official rules are kept for {day}: add them with “nattbok rules add”."), {
            "day": on.isoformat()}))  # fmt: skip
        return REFUSED
    if not official.is_installed():
        raise official.NoEngine
    data = _data(arguments.file)
    root, _path = envelope.document(xml.parse(data))
    with official.Official(rules) as engine:
        found = engine.check(root)
    for one in found:
        print(f"{one.severity.value:5} {one.code}  {translated(one.words, arguments.language)}  {one.where}")
    print(
        Words(
            _("Held to version {version}: {count} findings."), {"version": rules.version, "count": len(found)}
        )
    )
    return REFUSED if any(one.severity is not Severity.NOTE for one in found) else 0


def _data(file: str) -> bytes:
    try:
        if os.stat(file).st_size > known.LARGEST:
            raise Unreadable(known.too_large(os.stat(file).st_size).text, code="too_large")
        return Path(file).read_bytes()
    except OSError as trouble:
        raise Unreadable(_("The file could not be opened: {reason}."), reason=str(trouble)) from None

"""`nattbok office`: open an accounting office."""

import argparse

from nattbok.countries.known import codes


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "office",
        help="open an accounting office",
        description="Open an accounting office. One that is already there is left as it is.",
    )
    parser.add_argument("org_number", metavar="ORG-NUMBER")
    parser.add_argument("--name", required=True)
    parser.add_argument("--country", required=True, choices=codes())
    parser.add_argument("--report-to", action="append", default=[], metavar="EMAIL", help="may be repeated")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the office; returns what the command ends with."""
    from nattbok.clients.actions import open_office

    open_office(
        name=arguments.name,
        org_number=arguments.org_number,
        country_code=arguments.country,
        report_to=arguments.report_to,
    )
    return 0

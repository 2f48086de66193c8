"""`nattbok migrate`: make the tables, or bring them up to this version, and install the guards."""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "migrate",
        help="make or change the tables, and install the guards",
        description="Make the tables, or bring them up to this version, as the database's owner. The guards "
        "(triggers, rights, row-level security) are installed anew each time. Safe to run again.",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing when all went well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Migrate as the owner; returns what the command ends with."""
    from django.core.management import call_command

    call_command("migrate", database="owner", interactive=False, verbosity=0 if arguments.quiet else 1)
    return 0

"""`nattbok client`: take on a client, with its books, bank accounts and the folders its files come in."""

import argparse
import datetime
from pathlib import Path

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.rules import NoSuchOffice, Profile
from nattbok.countries.known import codes

BY = "command:client"


class NoSuchFolder(Refused):
    """Files are fetched from a folder that is there."""

    message = _("{folder} is not a folder.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "client",
        help="take on a client: its books, bank account and folder",
        description="Take on a client. Its books get the country's chart of accounts, and the robot's "
        "routines are switched on as its profile says; its first night is the next one.",
    )
    parser.add_argument("org_number", metavar="ORG-NUMBER")
    parser.add_argument("--office", required=True, metavar="ORG-NUMBER")
    parser.add_argument("--number", required=True, help="the office's own number of the client")
    parser.add_argument("--name", required=True)
    parser.add_argument("--country", required=True, choices=codes())
    parser.add_argument("--profile", choices=[profile.value for profile in Profile], default="full")
    parser.add_argument("--year-starts", type=int, choices=range(1, 13), default=1, metavar="MONTH")
    parser.add_argument(
        "--books-from", type=datetime.date.fromisoformat, metavar="DAY", help="a day of the first fiscal year"
    )
    parser.add_argument("--bank-account", metavar="NUMBER", help="BBAN or IBAN")
    parser.add_argument(
        "--also-called", action="append", default=[], metavar="NUMBER", help="bankgiro: may be repeated"
    )
    parser.add_argument(
        "--folder", action="append", default=[], type=Path, help="files come here: repeatable"
    )
    parser.add_argument(
        "--post-documents", action="store_true", help="bills that are certain are posted without approval"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take the client on, all or nothing; returns what the command ends with."""
    from django.db import transaction

    from nattbok.bank.actions import open_account
    from nattbok.clients import actions
    from nattbok.clients.access import enter_client
    from nattbok.clients.models import Office
    from nattbok.files.actions import add_source
    from nattbok.ledger.actions import open_books

    digits = "".join(sign for sign in arguments.office if sign.isdigit())
    office = Office.objects.filter(org_number=digits).first()
    if office is None:
        raise NoSuchOffice(number=arguments.office)
    for folder in arguments.folder:
        if not folder.is_dir():
            raise NoSuchFolder(folder=str(folder))
    with transaction.atomic():
        client = actions.take_on(
            office,
            number=arguments.number,
            name=arguments.name,
            org_number=arguments.org_number,
            country_code=arguments.country,
            profile=Profile(arguments.profile),
            year_starts=arguments.year_starts,
        )
        with enter_client(client.pk) as client:
            open_books(client, from_=arguments.books_from or _today(), by=BY)
            if arguments.post_documents:
                actions.allow_posting(client)
            if arguments.bank_account:
                open_account(client, arguments.bank_account, other_numbers=arguments.also_called)
            for folder in arguments.folder:
                add_source(client, kind="folder", address=str(folder.resolve()), title=folder.name)
    return 0


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()

"""`nattbok person`: let somebody log in, and work at an office."""

import argparse
import getpass
import sys

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.rules import NoSuchOffice


class PasswordsDiffer(Refused):
    """What was typed twice was not the same."""

    message = _("The two passwords are not the same.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "person",
        help="let a person in: name, password, office",
        description="Let a person log in, at an office if one is named. The password is asked for, or read "
        "from the first line of standard input. Somebody who is already there gets the new password.",
    )
    parser.add_argument("email", metavar="EMAIL", help="what they log in with")
    parser.add_argument("--name", default="")
    parser.add_argument("--office", metavar="ORG-NUMBER", help="where they work")
    parser.add_argument("--manager", action="store_true", help="they manage the office")
    parser.add_argument("--language", choices=("nb", "sv", "en"), default="")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the person, or give them a new password; returns what the command ends with."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.validators import validate_email
    from django.db import transaction

    from nattbok.clients.actions import employ
    from nattbok.clients.models import Office, Person

    email = arguments.email.strip().lower()
    validate_email(email)
    office = None
    if arguments.office:
        number = "".join(filter(str.isalnum, arguments.office))
        office = Office.objects.filter(org_number=number).first()
        if office is None:
            raise NoSuchOffice(number=arguments.office)
    password = _password()
    with transaction.atomic():
        person = Person.objects.filter(email=email).first() or Person(email=email)
        person.name = arguments.name or person.name
        person.language = arguments.language or (office.language if office else person.language)
        validate_password(password, person)
        person.set_password(password)
        person.save()
        if office is not None:
            employ(office, person, is_manager=arguments.manager)
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same once more: ") != password:
        raise PasswordsDiffer()
    return password

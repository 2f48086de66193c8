"""`nattbok undo`: show what taking back a night, a routine, a rule or an act comes to, and do it.

Client by client, each in one transaction. Stopped or killed and started again with the same words, it goes
on where it was: what is taken back already is not taken back twice. Ends with 0 when all that was asked is
taken back (or shown), 1 when a client was refused, 2 when the command was wrong.
"""

import argparse
import datetime
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _

if TYPE_CHECKING:
    from nattbok.clients.models import Client, Office
    from nattbok.robot.undoing import Plan, Undone, What
    from nattbok.robot.undoing.rules import StandingEntry

FINE, FAILED = 0, 1
BY = "command:undo"
PATIENCE_SECONDS = 30
LOOK_SECONDS = 0.2
LANGUAGES = ("nb", "sv", "en")
PLANNED = _(
    "{client}: {entries} entries of {amount} would be reversed, {parted} settlements parted; "
    "{movements} bank movements and {documents} documents go back to the list."
)
TAKEN = _(
    "{client}: {entries} entries were reversed, {parted} settlements parted; "
    "{movements} bank movements and {documents} documents are back on the list."
)
DEPENDS = _("Depends on it: {name}, {date}, {amount}  {text}")
DEPENDS_BARE = _("Depends on it: {settlements} settlements and {pairings} pairings made since")
MOVED = _("{count} of them lie in a closed period; their reversals are dated {date}.")
STAYS = _("Cannot be recalled: {name}")
CANCELS = _("Held back: {name}")
NOTHING = _("Nothing is left to take back.")


class NotOneOffice(Refused):
    """The office's number is nobody's."""

    message = _("There is no such office, or there are several: name one with --office.")


class NoNightThen(Refused):
    """The office had no night that day."""

    message = _("There was no night for {date}.")


class NoClientOfOffice(Refused):
    """The client's number is nobody's."""

    message = _("The office has no client {number}.")


class OneClient(Refused):
    """Acts, entries and rules are one client's."""

    message = _("Acts, entries and rules are one client's: name it with --client.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "undo",
        help="take back a night, a routine of it, a rule or single acts; --plan shows it first",
        description=__doc__.partition("\n\n")[2],
    )
    parser.add_argument("--office", metavar="ORG", help="the office's organisation number")
    parser.add_argument("--client", metavar="NUMBER", help="only the client with this number")
    parser.add_argument("--night", metavar="DATE", type=datetime.date.fromisoformat, help="all it did")
    parser.add_argument("--routine", default="", help="of the night, only what this routine did")
    parser.add_argument("--act", type=int, action="append", default=[], metavar="ID")
    parser.add_argument("--entry", type=int, action="append", default=[], metavar="ID")
    parser.add_argument("--rule", type=int, metavar="ID", help="all that a bank rule did")
    parser.add_argument("--version", type=int, metavar="N", help="of the rule, only this version")
    parser.add_argument("--plan", action="store_true", help="only show what would be taken back")
    parser.add_argument("--along", action="store_true", help="take back later work that depends on it too")
    parser.add_argument("--why", default="", help="why, for the trail; needed unless --plan")
    parser.add_argument("--json", action="store_true", help="one JSON object per client, one per line")
    parser.add_argument("--language", choices=LANGUAGES, help="the office's own")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show or take back, client by client; returns what the command ends with."""
    from nattbok.clients.access import enter_client
    from nattbok.robot import undoing
    from nattbok.robot.undoing import rules
    from nattbok.site.catalogs import compile_all
    from nattbok.site.language import translate

    compile_all()
    office = _office(arguments.office)
    language = arguments.language or office.language
    what = _what(arguments, office)
    if not arguments.plan and not arguments.why.strip():
        raise rules.NoReasonForUndoing()
    ended, found = FINE, 0
    for number in _clients(arguments, office, what):
        with enter_client(number) as client:
            plan = undoing.plan(client, what)
            if plan.is_empty:
                continue
            found += 1
            if arguments.plan:
                _tell(arguments, client, plan, language)
                continue
            try:
                done = _undo(client, what, arguments)
            except Refused as refused:
                ended = FAILED
                print(f"{client.name}: {translate(refused.words, language)}", file=sys.stderr)
                continue
            if arguments.json:
                print(json.dumps({"client": client.number, "act": done.act} | done.counts))
            else:
                values = {
                    name: done.counts.get(name, 0) for name in ("entries", "parted", "movements", "documents")
                }
                print(translate(Words(TAKEN, {"client": client.name} | values), language))
    if not found and not arguments.json:
        print(translate(Words(NOTHING), language))
    return ended


def _undo(client: "Client", what: "What", arguments: argparse.Namespace) -> "Undone":
    """Take back in one client's books; whoever is in them just now is given a while to be done."""
    from nattbok.robot import undoing
    from nattbok.robot.undoing import rules

    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return undoing.undo(client, what, by=BY, why=arguments.why, along=arguments.along)
        except rules.NightRuns:
            if time.monotonic() >= until:
                raise
            time.sleep(LOOK_SECONDS)


def _tell(arguments: argparse.Namespace, client: "Client", plan: "Plan", language: str) -> None:
    from nattbok.site.language import translate

    if arguments.json:
        print(json.dumps(as_data(client, plan), ensure_ascii=False))
        return
    sentences = [
        Words(
            PLANNED,
            {
                "client": client.name,
                "entries": len(plan.chosen.entries),
                "amount": str(plan.chosen.amount),
                "parted": len(plan.chosen.settlements) + plan.reopens,
                "movements": len(plan.movements),
                "documents": len(plan.documents),
            },
        )
    ]
    for entry in plan.depends.entries:
        values = {
            "name": entry.name,
            "date": str(entry.date),
            "amount": str(entry.amount),
            "text": entry.text,
        }
        sentences.append(Words(DEPENDS, values))
    if plan.depends.settlements or plan.depends.pairings:
        counts = {"settlements": len(plan.depends.settlements), "pairings": len(plan.depends.pairings)}
        sentences.append(Words(DEPENDS_BARE, counts))
    if plan.moved:
        sentences.append(Words(MOVED, {"count": plan.moved, "date": str(plan.first_open)}))
    sentences += plan.notices
    sentences += [Words(CANCELS, {"name": translate(gone.title, language)}) for gone in plan.cancels]
    sentences += [Words(STAYS, {"name": translate(gone.title, language)}) for gone in plan.stays]
    for place, words in enumerate(sentences):
        print(("  " if place else "") + translate(words, language))


def as_data(client: "Client", plan: "Plan") -> dict:
    """A plan for programs: what would go, what depends on it, what stays done. Amounts as text."""
    return {
        "client": client.number,
        "plan": plan.hash,
        "entries": [_entry(entry) for entry in plan.chosen.entries],
        "amount": str(plan.chosen.amount),
        "settlements": len(plan.chosen.settlements),
        "pairings": len(plan.chosen.pairings),
        "depends": [_entry(entry) for entry in plan.depends.entries],
        "depends_settlements": len(plan.depends.settlements),
        "depends_pairings": len(plan.depends.pairings),
        "reopens": plan.reopens,
        "movements": list(plan.movements),
        "documents": list(plan.documents),
        "moved": plan.moved,
        "first_open": plan.first_open and plan.first_open.isoformat(),
        "already": plan.already,
        "notices": [str(words) for words in plan.notices],
        "cancels": [str(gone.title) for gone in plan.cancels],
        "stays": [str(gone.title) for gone in plan.stays],
    }


def _entry(entry: "StandingEntry") -> dict:
    return {
        "id": entry.id,
        "name": entry.name,
        "date": entry.date.isoformat(),
        "amount": str(entry.amount),
        "origin": entry.origin,
        "by": entry.by,
    }


def _office(number: str | None) -> "Office":
    from nattbok.clients.models import Office

    offices = list(Office.objects.order_by("pk"))
    if number is not None:
        digits = "".join(sign for sign in number if sign.isdigit())
        offices = [office for office in offices if office.org_number == digits]
    if len(offices) != 1:
        raise NotOneOffice()
    return offices[0]


def _what(arguments: argparse.Namespace, office: "Office") -> "What":
    from nattbok.robot.models import Night
    from nattbok.robot.undoing import What

    night = None
    if arguments.night is not None:
        found = Night.objects.filter(office=office, date=arguments.night).first()
        if found is None:
            raise NoNightThen(date=arguments.night)
        night = found.pk
    if (arguments.act or arguments.entry or arguments.rule is not None) and not arguments.client:
        raise OneClient()
    return What(
        acts=tuple(arguments.act),
        entries=tuple(arguments.entry),
        night=night,
        routine=arguments.routine,
        rule=arguments.rule,
        version=arguments.version,
    )


def _clients(arguments: argparse.Namespace, office: "Office", what: "What") -> Sequence[int]:
    from nattbok.clients.access import enter_office
    from nattbok.robot.undoing import queries

    with enter_office(office) as clients:
        if arguments.client:
            chosen = [client.pk for client in clients if client.number == arguments.client]
            if not chosen:
                raise NoClientOfOffice(number=arguments.client)
            return chosen
        return queries.touched_clients(what)

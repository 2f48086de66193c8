"""Rounds between the nights: what is approved leaves within a minute, receipts come in, and documents too.

A round runs the routines that say `by_day`, for one client and outside any night. It keeps no run and mails
no report: what it does is on the trail, what it leaves is on the desk. Payments are matched and posted in the
night; a client whose connection says `matches_by_day` has it done after each round that brought something.
"""

import datetime
import logging
from zoneinfo import ZoneInfo

from django.utils import timezone

from nattbok.bank.queries.connections import connections, with_fetching_due
from nattbok.base.errors import NattbokError
from nattbok.clients.access import enter_client, enter_office
from nattbok.clients.models import Client, Office
from nattbok.clients.queries import done_by
from nattbok.clients.rules import Doer
from nattbok.db import lock
from nattbok.documents.queries.intake import with_intake_due
from nattbok.outbox.queries import with_files, with_messages
from nattbok.robot import routine
from nattbok.robot.routine import Tonight

log = logging.getLogger(__name__)
MATCHING = "match_payments"


def due(office: Office, now: datetime.datetime | None = None) -> list[int]:
    """The clients that have files to send, a bank or another source to be asked, or files to read."""
    moment = now or timezone.now()
    with enter_office(office) as clients:
        enrolled = [client for client in clients if client.is_enrolled]
        ids = [client.pk for client in enrolled]
        return sorted(
            {
                *with_files(ids),
                *with_messages(ids),
                *with_fetching_due(enrolled, moment),
                *with_intake_due(enrolled, moment),
            }
        )


def go_round(client_id: int, *, today: datetime.date | None = None) -> bool:
    """One round for one client; False when somebody else is in its books, who does it or will.

    A routine that fails leaves the others to go on; the next round tries it again. `today` is the day where
    the office is, unless told otherwise, as when the bank's days are played.
    """
    with lock.held(lock.CLIENT, client_id) as is_ours:
        if not is_ours:
            return False
        with enter_client(client_id) as client:
            day = today or timezone.now().astimezone(ZoneInfo(client.office.time_zone)).date()
            _through(client, day)
        return True


def _through(client: Client, today: datetime.date) -> None:
    agreed = done_by(client)
    matches = any(row.may_go and row.profile.matches_by_day for row in connections(client))
    failed: set[str] = set()
    for one in routine.routines():
        if not (one.by_day or (matches and one.name == MATCHING)) or agreed[one.service] != Doer.ROBOT:
            continue
        if failed.intersection(one.after):
            failed.add(one.name)
            continue
        try:
            one.run(client, Tonight(None, today, one.name))
        except NattbokError as trouble:
            failed.add(one.name)
            log.warning("%s by day for client %s: %s", one.name, client.pk, trouble.code)
        except Exception:  # as in the night: a mistake in one routine must not stop the others
            failed.add(one.name)
            log.exception("%s failed by day for client %s", one.name, client.pk)

"""Beginning a night, going through one client, and ending the night with its report."""

import datetime
import logging
from collections.abc import Callable
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from nattbok.base.errors import NattbokError, Unreadable
from nattbok.base.words import Words, _
from nattbok.clients.access import enter_client, enter_office
from nattbok.clients.models import Client, Office
from nattbok.clients.queries import done_by
from nattbok.clients.rules import Doer, Service
from nattbok.db import lock
from nattbok.outbox import actions as outbox
from nattbok.robot import queries, report, routine
from nattbok.robot.models import Night, Run
from nattbok.robot.routine import Routine, Tonight
from nattbok.robot.rules import Outcome, Report, Skipped

log = logging.getLogger(__name__)
OUR_MISTAKE = _("It stopped on a mistake of ours ({kind}); the log of the worker tells where.")


class Result(StrEnum):
    """How it went to go through a client."""

    DONE = "done"  # every routine has run, or is said to have been left
    BUSY = "busy"  # somebody else is in the client's books
    STOPPED = "stopped"  # asked to stop between two routines
    OVER = "over"  # the night has ended


@transaction.atomic
def begin(
    office: Office, date: datetime.date, *, covers_all: bool = True, at: datetime.datetime | None = None
) -> Night:
    """The office's night for that date, started. One that was halted goes on; one that ended is gone
    through again, as a new round of the same night.

    Nights before it that were halted and never ended are ended with what they have, so that each is reported.
    """
    moment = at or timezone.now()
    night, is_new = Night.objects.get_or_create(
        office=office, date=date, defaults={"started_at": moment, "covers_all": covers_all}
    )
    if not is_new:
        night = Night.objects.select_for_update().get(pk=night.pk)
        night.starts += 1
        night.covers_all = night.covers_all or covers_all
        if night.ended_at is not None:
            night.round += 1
            night.ended_at = None
        night.save()
    for halted in Night.objects.filter(office=office, date__lt=date, ended_at__isnull=True):
        finish(halted, at=moment)
    return night


@transaction.atomic
def begin_once(office: Office, date: datetime.date, *, at: datetime.datetime | None = None) -> Night | None:
    """The scheduled start: the night for that date unless it was started before, by whomever.

    However many ask at once, one gets the night. One that only went through chosen clients does not count.
    """
    there = Night.objects.select_for_update().filter(office=office, date=date).first()
    if there is not None:
        if there.covers_all or there.ended_at is None:
            return None
        return begin(office, date, at=at)
    Night.objects.bulk_create(
        [Night(office=office, date=date, started_at=at or timezone.now(), starts=0)], ignore_conflicts=True
    )
    # Whoever was first has the row; the others waited for its commit and see that it is started.
    if not Night.objects.filter(office=office, date=date, starts=0).update(starts=1):
        return None
    return Night.objects.get(office=office, date=date)


def run_client(night: Night, client_id: int, *, should_stop: Callable[[], bool] = lambda: False) -> Result:
    """Go through one client: every routine in order, each kept as a run. Safe to call at any time.

    What this round of the night has done already is not done again. A routine that fails is kept with
    its reason; those that come after it are left, the others go on. Between routines `should_stop` is asked.
    """
    with lock.held(lock.CLIENT, client_id) as is_ours:
        if not is_ours:
            return Result.BUSY
        with enter_client(client_id) as client:
            night.refresh_from_db()
            if night.ended_at is not None:
                return Result.OVER
            return _through(client, night, should_stop)


def _through(client: Client, night: Night, should_stop: Callable[[], bool]) -> Result:
    there = {run.routine: run for run in Run.objects.filter(client=client, night=night)}
    agreed = done_by(client)
    failed: set[str] = set()
    for one in routine.routines():
        run = there.get(one.name)
        if run is None or run.round != night.round or run.ended_at is None:
            if should_stop():
                return Result.STOPPED
            run = run or Run(client=client, night=night, routine=one.name, starts=0)
            skipped = _why_not(client, agreed, one, failed)
            if skipped:
                _leave(run, night, skipped)
            else:
                _run(run, client, night, one)
        if run.trouble or run.skipped == Skipped.EARLIER:
            failed.add(one.name)
    return Result.DONE


def _why_not(client: Client, agreed: dict[Service, Doer], one: Routine, failed: set[str]) -> str:
    """Why the routine is left for the client tonight; "" when it runs."""
    if not client.is_enrolled:
        return Skipped.NOT_ENROLLED
    if agreed[one.service] != Doer.ROBOT:
        return agreed[one.service].value
    return Skipped.EARLIER if failed.intersection(one.after) else ""


def _start(run: Run, night: Night) -> None:
    run.starts += 1
    run.round = night.round
    run.started_at, run.ended_at = timezone.now(), None
    run.skipped, run.trouble, run.trouble_values = "", "", {}


def _leave(run: Run, night: Night, skipped: str) -> None:
    _start(run, night)
    run.skipped, run.ended_at = skipped, run.started_at
    run.save()


def _run(run: Run, client: Client, night: Night, one: Routine) -> None:
    _start(run, night)
    run.save()  # first, so that a night that is cut short says where
    outcome = Outcome()
    try:
        outcome = one.run(client, Tonight(night.pk, night.date, one.name))
    except NattbokError as trouble:
        run.trouble, run.trouble_values = _kept(trouble)
    except Exception as mistake:  # the one place: a mistake in one routine must not stop a night
        if not _has_connection():
            raise  # nothing can be kept, and the client's lock is lost: the job is tried again
        log.exception("%s failed for client %s", one.name, client.pk)
        run.trouble, run.trouble_values = OUR_MISTAKE, {"kind": type(mistake).__name__}
    # Cut short and run again, a routine counts only what was left: the report also counts from the books.
    run.counted = max(run.counted, outcome.done + outcome.left)
    run.ended_at = timezone.now()
    run.save()


def _kept(trouble: NattbokError) -> tuple[str, dict]:
    """The trouble's sentence and values, in a form that the database can hold."""
    values = dict(trouble.values)
    if isinstance(trouble, Unreadable) and trouble.where:
        values.setdefault("where", trouble.where)
    clean = {
        name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in values.items()
    }
    return trouble.message.replace("\x00", ""), clean


def _has_connection() -> bool:
    return connection.connection is not None and connection.is_usable()


def finish(night: Night, *, at: datetime.datetime | None = None) -> Report:
    """End the night, once, and put its report in the outbox in the same transaction.

    Finished again it gives the report and writes nothing. A night gone through again, with the same
    figures as the last time, is not mailed again.
    """
    with transaction.atomic(), enter_office(night.office):
        row = Night.objects.select_for_update().select_related("office").get(pk=night.pk)
        is_first = row.ended_at is None
        if is_first:
            row.ended_at = at or timezone.now()
            row.save(update_fields=["ended_at"])
        told = queries.report(row)
        if is_first:
            language = row.office.language
            outbox.mail(
                row.office,
                f"night:{row.pk}:{told.clients_done}:{told.posted}:{told.waiting}:{told.failed}",
                row.office.report_to,
                report.subject(told, language),
                report.text(told, language, link),
                report.html(told, language, link),
            )
    night.ended_at = row.ended_at
    return told


def link(page: str, number: int) -> str:
    """Where a page is shown, when the settings say at which address the pages are reached."""
    if not settings.CSRF_TRUSTED_ORIGINS:
        return ""
    try:
        return settings.CSRF_TRUSTED_ORIGINS[0].rstrip("/") + reverse(page, args=[number])
    except NoReverseMatch:
        return ""


def tell_overdue(office: Office, date: datetime.date, night: Night | None) -> bool:
    """Put in the outbox, once, that the night did not start or did not end in time; whether it was new."""
    if night is None:
        words = Words(_("The night for {date} has not started."), {"date": date.isoformat()})
    else:
        with enter_office(office):
            done = queries.progress(night)
        words = Words(
            _("The night for {date} has not ended: {done} of {clients} clients are done."),
            {"date": date.isoformat(), "done": len(done.done), "clients": len(done.asked)},
        )
    sentence = report.say(words, office.language)
    return outbox.mail(
        office, f"overdue:{date.isoformat()}", office.report_to, f"Nattbok: {sentence}", sentence + "\n"
    )

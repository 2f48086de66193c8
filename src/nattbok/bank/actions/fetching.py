"""Fetching from banks: listed, downloaded, kept, and only then put away at the bank.

Each connection by itself. Whoever is stopped between keeping and putting away is given the same files again,
and knows them by their content.
"""

import datetime
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.bank.models import Connection, RemoteFile
from nattbok.bank.queries.connections import ConnectionRow, connections
from nattbok.bank.queries.ways import way_over
from nattbok.base.errors import NattbokError, Unreachable
from nattbok.base.words import Words, _
from nattbok.channels.channel import Channel, Incoming
from nattbok.clients.models import Client
from nattbok.db import lock
from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.files.actions import keep
from nattbok.formats.finding import Finding, Severity
from nattbok.trail.actions import act
from nattbok.trail.rules import means

FETCHED = means(
    "bank.files_fetched", _("{count} new files came from {source}, and {repeats} that were known")
)
NOT_TAKEN = asks("bank.file_not_taken", _("A file at the bank could not be taken"))

# Kept in one transaction: no more than this comes again when we are stopped.
TOGETHER = 50
TOGETHER_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a round of fetching went."""

    files: int = 0  # new ones
    repeats: int = 0
    silent: int = 0  # connections that did not answer in full


def fetch(
    client: Client,
    *,
    by: str,
    on: datetime.date,
    night: int | None = None,
    due_at: datetime.datetime | None = None,
) -> Fetched:
    """Fetch what waits over the client's connections that are in use; inside its scope.

    With `due_at` only over those whose time has come then. A connection that is silent is noted with the
    reason, and the others go on. One that somebody else is fetching over is left to them.
    """
    files = repeats = silent = 0
    for row in connections(client):
        if not row.may_go or (due_at is not None and not row.is_fetch_due(due_at)):
            continue
        with lock.held(lock.FETCHING, row.id % 2**31) as is_ours:
            if is_ours:
                fetcher = _Fetcher(client, row, by, on, night)
                silent += not fetcher.all()
                files += fetcher.new
                repeats += fetcher.repeats
    return Fetched(files, repeats, silent)


class _Fetcher:
    """What one connection gives in one round."""

    def __init__(
        self, client: Client, row: ConnectionRow, by: str, on: datetime.date, night: int | None
    ) -> None:
        self.client, self.row = client, row
        self.by, self.on, self.night = by, on, night
        self.new = self.repeats = 0
        self.questions: list[QuestionDraft] = []

    def all(self) -> bool:
        """Whether the bank answered to the end."""
        trouble: NattbokError | None = None
        Connection.objects.filter(client=self.client, pk=self.row.id).update(tried_at=timezone.now())
        try:
            channel = way_over(self.client, self.row)
            with _kept_open(channel):
                trouble = self._through(channel)
        except NattbokError as silent:
            trouble = silent
        self._tell(trouble)
        return trouble is None

    def _through(self, channel: Channel) -> Unreachable | None:
        """Keep all there is, a few at a time; the first thing that went wrong with putting away."""
        trouble = None
        for files in self._together(channel.fetch()):
            for name, sha256, handle in self._keep(files):
                try:
                    channel.done(handle)
                except Unreachable as refusal:
                    trouble = trouble or refusal  # it comes again, as a repeat
                else:
                    RemoteFile.objects.filter(
                        client=self.client, connection=self.row.id, name=name, sha256=sha256
                    ).update(archived_at=timezone.now())
        return trouble

    def _together(self, given: Iterable[Incoming | Finding]) -> Iterator[list[Incoming]]:
        files: list[Incoming] = []
        for one in given:
            if isinstance(one, Incoming):
                files.append(one)
                if len(files) == TOGETHER or sum(len(file.data) for file in files) >= TOGETHER_BYTES:
                    yield files
                    files = []
            elif one.severity is not Severity.NOTE:
                self._question(one)
        if files:
            yield files

    def _question(self, finding: Finding) -> None:
        name = hashlib.sha256(finding.where.encode()).hexdigest()[:16]
        self.questions.append(
            QuestionDraft(
                NOT_TAKEN,
                f"connection:{self.row.id}:file:{name}",
                Words(finding.text, dict(finding.values)),
                about=f"{self.row.title}: {finding.where}"[:200],
                evidence={"connection": self.row.id, "name": finding.where, "code": finding.code},
            )
        )

    @transaction.atomic
    def _keep(self, files: list[Incoming]) -> list[tuple[str, str, object]]:
        """Keep these and say so on the trail, all or none: name, hash, and what the channel knows each by."""
        kept_now, new, repeated = [], [], []
        moment = timezone.now()
        for incoming in files:
            name = incoming.name[-255:]
            kept = keep(self.client, incoming.data, name=name, came_by=self.row.form.value, night=self.night)
            remote, is_new = RemoteFile.objects.get_or_create(
                client=self.client,
                connection_id=self.row.id,
                name=name,
                sha256=kept.file.sha256,
                defaults={
                    "size": len(incoming.data),
                    "file_id": kept.file.pk,
                    "first_seen_at": moment,
                    "last_seen_at": moment,
                    "seen_on": self.on,
                },
            )
            if not is_new:
                remote.last_seen_at, remote.times = moment, remote.times + 1
                remote.save(update_fields=["last_seen_at", "times"])
            kept_now.append((name, kept.file.sha256, incoming.handle))
            (repeated if kept.is_repeat else new).append({"name": name, "sha256": kept.file.sha256})
        act(
            self.client,
            FETCHED,
            self.by,
            night=self.night,
            count=len(new),
            repeats=len(repeated),
            source=self.row.title,
            connection=self.row.id,
            files=new,
            repeated=repeated,
        )
        self.new += len(new)
        self.repeats += len(repeated)
        return kept_now

    @transaction.atomic
    def _tell(self, trouble: NattbokError | None) -> None:
        """How the bank answered, for the watch to ask about; and questions on files that were not taken."""
        ours = Connection.objects.filter(client=self.client, pk=self.row.id)
        if trouble is None:
            ours.update(
                last_fetched_at=timezone.now(),
                last_fetched_on=self.on,
                trouble="",
                trouble_values={},
                trouble_code="",
            )
        else:
            ours.update(
                trouble=trouble.message, trouble_values=dict(trouble.values), trouble_code=trouble.code
            )
        desk.ask(self.client, self.questions, by=self.by, night=self.night)
        if trouble is None:
            asked = {question.subject for question in self.questions}
            over = [
                question.subject
                for question in waiting([self.client], kind=NOT_TAKEN)
                if question.subject.startswith(f"connection:{self.row.id}:") and question.subject not in asked
            ]
            desk.close(self.client, over, by=self.by, night=self.night)


def _kept_open(channel: object) -> AbstractContextManager:
    """One line for the whole round, where the channel can keep it."""
    return channel if hasattr(channel, "__enter__") else nullcontext()

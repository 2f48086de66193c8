"""Fetch the files that have come to the client's sources, and keep them."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import NattbokError, Refused, Unreachable
from nattbok.base.words import Words, _
from nattbok.channels.channel import Channel, Incoming
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as heading
from nattbok.documents.actions import ways
from nattbok.documents.queries.intake import is_due
from nattbok.files.actions import asked, keep, keep_mail, keep_message
from nattbok.files.models import File, Source
from nattbok.files.queries import sources
from nattbok.formats import envelope
from nattbok.formats.finding import Finding
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome
from nattbok.trail.actions import act
from nattbok.trail.rules import means

KEPT = means("files.kept", _("{count} new files came from {source}, and {repeats} that were known"))
SILENT = heading("files.source_silent", _("A source of files does not answer"))
ALTERED = heading("mails.altered", _("Messages that came with another content"))
NOT_TAKEN = heading("files.not_taken", _("A file could not be taken"))
# Files kept in one transaction: few commits, and no more than this comes again when we are stopped.
TOGETHER = 100


@routine(title=_("Fetch files from the client's sources"), service=Service.COLLECT, by_day=True)
def collect_files(client: Client, tonight: Tonight) -> Outcome:
    """Each source by itself: one that is silent becomes a question, and the others go on.

    By day only the sources whose time has come; in the night all.
    """
    now = timezone.now()
    active = sources(client)
    looked_at = [source for source in active if tonight.id is not None or is_due(source, now)]
    taken, troubles = 0, []
    for source in looked_at:
        fetched = _Fetched(client, source, tonight)
        fetched.look()
        taken += fetched.taken
        troubles += fetched.troubles
    left = {(draft.kind, draft.subject) for draft in troubles}
    not_asked = {source.pk for source in active} - {source.pk for source in looked_at}
    over = [
        question.subject
        for kind in (SILENT, NOT_TAKEN)
        for question in waiting([client], kind=kind)
        if (question.kind, question.subject) not in left and _source(question.subject) not in not_asked
    ]
    desk.close(client, over, by=tonight.by, night=tonight.id)
    desk.ask(client, troubles, by=tonight.by, night=tonight.id)
    return Outcome(done=taken, left=len(left))


def _source(subject: str) -> int:
    """The source that a question is about: source:3, or source:3:name of a file."""
    return int(subject.split(":")[1])


class _Fetched:
    """What one source gives in a night."""

    def __init__(self, client: Client, source: Source, tonight: Tonight) -> None:
        self.client, self.source, self.tonight = client, source, tonight
        self.taken = 0
        self.troubles: list[QuestionDraft] = []
        self.altered: list[QuestionDraft] = []

    def look(self) -> None:
        """Fetch, keep, and let go. A source that cannot be used is as one that is silent."""
        try:
            channel = ways.channel(self.source)
        except Refused as trouble:
            self._is_silent(trouble)
            asked(self.source)
            return
        try:
            self._all(channel)
        finally:
            with suppress(AttributeError):
                channel.close()
            asked(self.source, getattr(channel, "position", None))

    def _all(self, channel: Channel) -> None:
        try:
            found = self._files(channel.fetch())
            # The first is fetched before any transaction: what a log-in renews is kept, whatever comes after.
            files = chain(list(islice(found, 1)), found)
            # Only what the channel knows a file by is held until the move, not its bytes.
            while handles := self._keep(islice(files, TOGETHER)):
                for handle in handles:
                    self._done(channel, handle)
        except (Unreachable, Refused) as silent:
            self._is_silent(silent)

    def _done(self, channel: Channel, handle: object) -> None:
        """Let the file go; when that fails it comes again as a repeat, and the others go on."""
        try:
            channel.done(handle)
        except Unreachable as trouble:
            self._is_silent(trouble)

    def _is_silent(self, trouble: NattbokError) -> None:
        if not any(draft.kind == SILENT for draft in self.troubles):
            self.troubles.append(
                QuestionDraft(SILENT, f"source:{self.source.pk}", trouble.words, evidence=self._evidence())
            )

    def _files(self, fetched: Iterable[Incoming | Finding]) -> Iterator[Incoming]:
        for found in fetched:
            if isinstance(found, Incoming):
                yield found
            else:
                name = hashlib.sha256(found.where.encode()).hexdigest()[:16]
                self.troubles.append(
                    QuestionDraft(
                        NOT_TAKEN,
                        f"source:{self.source.pk}:{name}",
                        Words(found.text, found.values),
                        evidence=self._evidence() | {"name": found.where, "code": found.code},
                    )
                )

    @transaction.atomic
    def _keep(self, files: Iterable[Incoming]) -> list:
        """Keep these files and say so on the trail, all or none; what the channel knows them by."""
        handles, new, repeats = [], [], []
        self.altered = []
        for incoming in files:
            file, is_repeat = self._kept(incoming)
            handles.append(incoming.handle)
            (repeats if is_repeat else new).append({"name": incoming.name, "sha256": file.sha256})
        if handles:
            act(
                self.client,
                KEPT,
                self.tonight.by,
                night=self.tonight.id,
                count=len(new),
                repeats=len(repeats),
                files=new,
                repeated=repeats,
                **self._evidence(),
            )
        desk.ask(self.client, self.altered, by=self.tonight.by, night=self.tonight.id)
        self.taken += len(handles)
        return handles

    def _kept(self, incoming: Incoming) -> tuple[File, bool]:
        """The file as its kind of source gives it, and whether it was known."""
        source, night = self.source, self.tonight.id
        match source.kind:
            case "imap":
                mail = keep_mail(
                    self.client,
                    incoming.data,
                    recipient=source.settings.get("username", ""),
                    source=source,
                    night=night,
                )
                return mail.mail.file, mail.is_repeat
            case "peppol" | "peppol_sftp":
                read = envelope.read(incoming.data)
                message = keep_message(
                    self.client, incoming.data, read, source=source, name=incoming.name, night=night
                )
                if message.is_altered:
                    self._altered(incoming.name, read)
                return message.file, message.is_repeat
        kept = keep(
            self.client, incoming.data, name=incoming.name, came_by=source.kind, source=source, night=night
        )
        return kept.file, kept.is_repeat

    def _altered(self, name: str, read: envelope.Envelope) -> None:
        """Say that the network gave another content under a number that it has given before."""
        self.altered.append(
            QuestionDraft(
                ALTERED,
                f"message:{read.instance_id}"[:100],
                Words(
                    _(
                        "The message {number} from {sender} came before with another content. "
                        "Both are kept; see which of them is right."
                    ),
                    {"number": read.instance_id, "sender": read.sender},
                ),
                (Candidate(Words(_("Both have been seen")), {"do": "seen"}),),
                evidence=self._evidence() | {"name": name},
            )
        )

    def _evidence(self) -> dict:
        return {"source": self.source.title, "source_id": self.source.pk}

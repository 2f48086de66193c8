"""Fetch the files that have come to the client's sources, and keep them."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction

from nattbok.base.errors import Unreachable
from nattbok.base.words import Words, _
from nattbok.channels.channel import Channel, Incoming
from nattbok.channels.folder import SETTLE, Folder
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as heading
from nattbok.files.actions import keep
from nattbok.files.models import Source
from nattbok.files.queries import sources
from nattbok.formats.finding import Finding
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome
from nattbok.trail.actions import act
from nattbok.trail.rules import means

KEPT = means("files.kept", _("{count} new files came from {source}, and {repeats} that were known"))
SILENT = heading("files.source_silent", _("A source of files does not answer"))
NOT_TAKEN = heading("files.not_taken", _("A file could not be taken"))
# Files kept in one transaction: few commits, and no more than this comes again when we are stopped.
TOGETHER = 100


@routine(title=_("Fetch files from the client's sources"), service=Service.COLLECT)
def collect_files(client: Client, tonight: Tonight) -> Outcome:
    """Each source by itself: one that is silent becomes a question, and the others go on."""
    taken, troubles = 0, []
    for source in sources(client):
        fetched = _Fetched(client, source, tonight)
        fetched.all(CHANNELS[source.kind](source))
        taken += fetched.taken
        troubles += fetched.troubles
    left = {(draft.kind, draft.subject) for draft in troubles}
    over = [
        question.subject
        for kind in (SILENT, NOT_TAKEN)
        for question in waiting([client], kind=kind)
        if (question.kind, question.subject) not in left
    ]
    desk.close(client, over, by=tonight.by, night=tonight.id)
    desk.ask(client, troubles, by=tonight.by, night=tonight.id)
    return Outcome(done=taken, left=len(left))


def _folder(source: Source) -> Channel:
    return Folder(source.address, settle=float(os.environ.get("NATTBOK_FOLDER_SETTLE", SETTLE)))


CHANNELS = {"folder": _folder}


class _Fetched:
    """What one source gives in a night."""

    def __init__(self, client: Client, source: Source, tonight: Tonight) -> None:
        self.client, self.source, self.tonight = client, source, tonight
        self.taken = 0
        self.troubles: list[QuestionDraft] = []

    def all(self, channel: Channel) -> None:
        try:
            files = self._files(channel.fetch())
            # Only what the channel knows a file by is held until the move, not its bytes.
            while handles := self._keep(islice(files, TOGETHER)):
                for handle in handles:
                    self._done(channel, handle)
        except Unreachable as silent:
            self._is_silent(silent)

    def _done(self, channel: Channel, handle: object) -> None:
        """Let the file go; when that fails it comes again as a repeat, and the others go on."""
        try:
            channel.done(handle)
        except Unreachable as trouble:
            self._is_silent(trouble)

    def _is_silent(self, trouble: Unreachable) -> None:
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
        for incoming in files:
            kept = keep(
                self.client,
                incoming.data,
                name=incoming.name,
                came_by=self.source.kind,
                source=self.source,
                night=self.tonight.id,
            )
            handles.append(incoming.handle)
            (repeats if kept.is_repeat else new).append({"name": incoming.name, "sha256": kept.file.sha256})
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
        self.taken += len(handles)
        return handles

    def _evidence(self) -> dict:
        return {"source": self.source.title, "source_id": self.source.pk}

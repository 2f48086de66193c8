"""Files to banks, and whatever leaves in the same way: written in the deed's own transaction, sent once,
whenever the sender is stopped.

What may have happened at the bank is written down before it can happen: that sending begins, and then, when
the file is whole there under its temporary name, that it is about to get its own. So whoever comes after a
sender that was killed knows whether to look, and only what is certainly not there is sent again, always
under the same name and with the same content.
"""

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection as database
from django.db import transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from nattbok.base.errors import NattbokError, Refused, Unreachable
from nattbok.base.words import Words, _
from nattbok.channels.channel import Outgoing, Uncertain
from nattbok.clients.models import Client
from nattbok.db import lock
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.outbox.models import Sending
from nattbok.outbox.rules import UNDECIDED, State, TellsBeforeRename, Way, is_file_due
from nattbok.trail.actions import act as record_act
from nattbok.trail.rules import means

SENT = means("outbox.file_sent", _("{name} was sent to the bank"))
FOUND = means("outbox.file_found", _("{name} was found at the bank: it had been sent"))
FAILED = means("outbox.file_failed", _("{name} could not be sent to the bank"))
HANDED_OVER = means("outbox.file_handed_over", _("{name} was taken out by a person, to be left at the bank"))
AGAIN = means("outbox.file_again", _("A person decided that {name} is to be sent again"))
WITHDRAWN = means("outbox.file_withdrawn", _("{name} was taken back before it was sent"))

GONE = Words(
    _("The file was whole at the bank, and is not there any more: the bank has probably taken it. Its answer "
      "tells; until then it is not sent again.")
)  # fmt: skip
SAME_NAME = Words(_("Another file with the name {name} is at the bank."))
DAMAGED = Words(_("The kept file is no longer as it was approved; it is not sent."))


class NotAsBefore(Refused):
    """The same key cannot stand for two things."""

    message = _("Another file was already handed in as {key}.")


class AlreadyThere(Refused):
    """What has left, or may have left, cannot be taken out, sent again or withdrawn."""

    message = _("The file {name} is already sent, or may be, so this cannot be done with it.")


@dataclass(frozen=True, slots=True)
class FilesSent:
    """How a round of sending went, in files."""

    sent: int = 0
    uncertain: int = 0
    failed: int = 0
    waiting: int = 0  # tried in vain, and tried again later

    def __add__(self, other: "FilesSent") -> "FilesSent":
        return FilesSent(
            self.sent + other.sent,
            self.uncertain + other.uncertain,
            self.failed + other.failed,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of files that leave: where they are kept, what they go over, and how it is told."""

    model: type[Model]
    over: str  # the field that says which way a file goes over
    lock: int
    sent: str
    found: str
    failed: str
    gone: Words = GONE
    same_name: Words = SAME_NAME


BANK = Lane(Sending, "connection", lock.SENDING, SENT, FOUND, FAILED)


@transaction.atomic
def send_file(client: Client, key: str, *, connection: int, name: str, file: int, act: int) -> None:
    """Put a kept file in the outbox for a bank connection, in the caller's transaction.

    The same key again with the same content does nothing; with other content it raises NotAsBefore. Whether
    a person or the robot carries it follows from the connection, at the time it goes.
    """
    row, is_new = Sending.objects.get_or_create(
        client=client,
        key=key,
        defaults={"connection": connection, "name": name, "file_id": file, "act_id": act},
    )
    if not is_new and (row.connection, row.name, row.file_id) != (connection, name, file):
        raise NotAsBefore(key=key)


def send_files(
    client: Client,
    way_to: Callable[[int], Way | None],
    *,
    by: str,
    on: datetime.date,
    night: int | None = None,
    insist: bool = False,
) -> FilesSent:
    """Send the client's files that wait; inside the client's scope and outside any transaction.

    `way_to` gives the way out for a connection, or None where files do not go by themselves now. Each
    connection has one sender at a time: whoever finds it taken leaves it. With `insist` files that failed a
    moment ago are tried as well.
    """
    return send_along(BANK, client, way_to, by=by, on=on, night=night, insist=insist)


def send_along(
    lane: Lane,
    client: Client,
    way_to: Callable[[int], Way | None],
    *,
    by: str,
    on: datetime.date,
    night: int | None = None,
    insist: bool = False,
) -> FilesSent:
    """Send what waits in one lane; see `send_files`."""
    if database.in_atomic_block:
        raise TransactionManagementError("what was sent must be kept: no transaction may take it back")
    total = FilesSent()
    waiting = lane.model.objects.filter(client=client, state__in=[state.value for state in UNDECIDED])
    for over in list(waiting.order_by(lane.over).values_list(lane.over, flat=True).distinct()):
        with lock.held(lane.lock, over % 2**31) as is_ours:
            if is_ours:
                sender = _Sender(lane, client, over, by, on, night)
                total += sender.all(way_to, insist)
    return total


class _Decided(Exception):
    """While the file was on its way somebody else, as its receipt, has settled where it is."""


class _Sender:
    """One round of sending over one way."""

    def __init__(
        self, lane: Lane, client: Client, over: int, by: str, on: datetime.date, night: int | None
    ) -> None:
        self.lane, self.client, self.over = lane, client, over
        self.rows = lane.model.objects.filter(client=client)
        self.by, self.on, self.night = by, on, night

    def all(self, way_to: Callable[[int], Way | None], insist: bool) -> FilesSent:
        now = timezone.now()
        due = [
            row
            for row in self.rows.filter(
                **{self.lane.over: self.over}, state__in=[state.value for state in UNDECIDED]
            ).order_by("pk")
            if insist or is_file_due(row.tries, now - row.tried_at if row.tried_at else None)
        ]
        if not due:
            return FilesSent()
        try:
            way = way_to(self.over)
        except NattbokError as trouble:
            for row in due:
                self._put_off(row, trouble)
            return FilesSent(waiting=len(due))
        if way is None:
            return FilesSent()
        total = FilesSent()
        for row in due:
            try:
                state, is_silent = self._one(row, way)
            except _Decided:
                continue
            total += FilesSent(
                sent=state is State.SENT,
                uncertain=state is State.UNCERTAIN,
                failed=state is State.FAILED,
                waiting=state is State.WAITING,
            )
            if is_silent:
                break  # the others wait for the next round rather than for as many time-outs
        return total

    def _one(self, row: Model, way: Way) -> tuple[State | None, bool]:
        """The state that the file came to (None: somebody else decided), and whether the bank is silent."""
        if not self._begin(row):
            return None, False
        try:
            data = files.data(File.objects.get(client=self.client, pk=row.file_id))
        except files.Damaged:
            return self._not_sent(row, State.FAILED, DAMAGED, "Damaged"), False
        try:
            found = way.find(row.name)
        except NattbokError as trouble:
            return self._put_off(row, trouble), True
        if found is not None:
            if found.is_same(data, hashlib.sha256(data).hexdigest()):
                return self._sent(row, self.lane.found), False
            return self._not_sent(
                row, State.FAILED, Words(self.lane.same_name.text, {"name": row.name}), "SameName"
            ), False
        if row.may_be_there_since is not None and not _repeats_safely(way):
            return self._not_sent(row, State.UNCERTAIN, self.lane.gone, "Gone"), False
        return self._send(row, data, way)

    def _send(self, row: Model, data: bytes, way: Way) -> tuple[State, bool]:
        """Send what is certainly not there."""
        if isinstance(way, TellsBeforeRename):
            self._may_be_there(row, None)
            way.before_rename = lambda: self._may_be_there(row, timezone.now())
        else:
            self._may_be_there(row, timezone.now())
        try:
            way.send(Outgoing(row.name, data, row.key))
        except Uncertain as trouble:
            return self._not_sent(row, State.UNCERTAIN, trouble.words, trouble.code), True
        except Unreachable as trouble:  # it certainly has not come
            self._may_be_there(row, None)
            return self._put_off(row, trouble), True
        except Refused as trouble:
            self._may_be_there(row, None)
            return self._not_sent(row, State.FAILED, trouble.words, trouble.code), False
        return self._sent(row, self.lane.sent), False

    @transaction.atomic
    def _begin(self, row: Model) -> bool:
        """Write down that a try begins, before it does; whether it may."""
        now = self.rows.select_for_update().get(pk=row.pk)
        if now.state not in UNDECIDED:
            return False
        row.may_be_there_since = now.may_be_there_since
        row.tries, row.tried_at, row.state = now.tries + 1, timezone.now(), State.SENDING
        row.save(update_fields=["tries", "tried_at", "state"])
        return True

    def _may_be_there(self, row: Model, at: datetime.datetime | None) -> None:
        """Write down, and commit, that the file may be at the bank from now on; None: certainly not."""
        ours = self.rows.filter(pk=row.pk, state=State.SENDING)
        if not ours.update(may_be_there_since=at):
            raise _Decided
        row.may_be_there_since = at

    @transaction.atomic
    def _sent(self, row: Model, kind: str) -> State:
        ours = self.rows.filter(pk=row.pk, state=State.SENDING)
        changed = ours.update(
            state=State.SENT,
            sent_at=timezone.now(),
            sent_on=self.on,
            sent_by=self.by,
            trouble="",
            trouble_values={},
            trouble_code="",
        )
        if changed:
            record_act(self.client, kind, self.by, night=self.night, **self._evidence(row))
        return State.SENT

    def _put_off(self, row: Model, trouble: NattbokError) -> State:
        """Try again later; what may have arrived stays uncertain."""
        return self._not_sent(row, State.WAITING, trouble.words, trouble.code)

    @transaction.atomic
    def _not_sent(self, row: Model, state: State, trouble: Words, code: str) -> State:
        """What may have arrived stays uncertain, whatever was meant."""
        now = self.rows.select_for_update().get(pk=row.pk)
        if now.state not in UNDECIDED:
            return State(now.state)
        now.state = State.UNCERTAIN if now.may_be_there_since is not None else state
        now.trouble, now.trouble_values, now.trouble_code = trouble.text, dict(trouble.values), code
        now.save(update_fields=["state", "trouble", "trouble_values", "trouble_code"])
        if now.state == State.FAILED:
            record_act(
                self.client,
                self.lane.failed,
                self.by,
                night=self.night,
                trouble=str(trouble),
                **self._evidence(row),
            )
        return State(now.state)

    def _evidence(self, row: Model) -> dict:
        return _evidence(row) if self.lane is BANK else row.evidence


def _repeats_safely(way: Way) -> bool:
    return getattr(way, "repeats_safely", False)


def _evidence(row: Sending) -> dict:
    return {
        "name": row.name,
        "sending": row.pk,
        "key": row.key,
        "connection": row.connection,
        "file": row.file_id,
    }


def _locked(client: Client, key: str) -> Sending:
    return Sending.objects.select_for_update().get(client=client, key=key)


@transaction.atomic
def handed_over(client: Client, key: str, *, by: str, on: datetime.date | None = None) -> None:
    """A person has taken the file out, to leave it at the bank. Safe to call again: each time is an act.

    Raises AlreadyThere when it was, or may have been, sent by itself.
    """
    row = _locked(client, key)
    if row.state in (State.WAITING, State.FAILED):
        row.state, row.sent_at, row.sent_by = State.SENT, timezone.now(), by
        row.sent_on = on or timezone.localdate()
        row.trouble, row.trouble_values, row.trouble_code = "", {}, ""
        row.save()
    elif row.state != State.SENT or not row.sent_by.startswith("person:"):
        raise AlreadyThere(name=row.name, state=row.state)
    record_act(client, HANDED_OVER, by, **_evidence(row))


@transaction.atomic
def receipt_came(client: Client, key: str, at: datetime.datetime) -> None:
    """The bank has answered the file, so it is there, whatever was thought of it. Safe to repeat."""
    row = Sending.objects.select_for_update().filter(client=client, key=key).first()
    if row is None:
        return
    row.receipt_at = min(row.receipt_at or at, at)
    if row.state not in (State.SENT, State.WITHDRAWN):
        row.state, row.sent_at, row.sent_on = State.SENT, at, timezone.localdate(at)
        row.trouble, row.trouble_values, row.trouble_code = "", {}, ""
    row.save()


@transaction.atomic
def try_again(client: Client, key: str, *, by: str) -> None:
    """A person says that the file is not at the bank: it is sent again, the same under the same name.

    Raises AlreadyThere unless sending failed or is uncertain.
    """
    row = _locked(client, key)
    if row.state not in (State.FAILED, State.UNCERTAIN):
        raise AlreadyThere(name=row.name, state=row.state)
    row.state, row.may_be_there_since, row.tries, row.tried_at = State.WAITING, None, 0, None
    row.save()
    record_act(client, AGAIN, by, **_evidence(row))


@transaction.atomic
def withdraw(client: Client, key: str, *, by: str) -> None:
    """Take a file back that has certainly not left; raises AlreadyThere when it has, or may have."""
    row = _locked(client, key)
    if row.state == State.WITHDRAWN:
        return
    if row.state not in (State.WAITING, State.FAILED):
        raise AlreadyThere(name=row.name, state=row.state)
    row.state = State.WITHDRAWN
    row.save()
    record_act(client, WITHDRAWN, by, **_evidence(row))

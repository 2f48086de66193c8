"""Files that a person carries from the bank: all kept first, then all read, in whatever order they came."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from nattbok.bank.actions.receiving import FORMATS, receive
from nattbok.bank.models import StatementFile
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.files import queries as kept_files
from nattbok.files.actions import keep
from nattbok.files.models import File
from nattbok.formats.known import read_any
from nattbok.trail.actions import act
from nattbok.trail.rules import means

UPLOADED = means(
    "bank.files_uploaded", _("{count} new files were put in by a person, and {repeats} that were known")
)

REPEAT = Words(_("Known already: nothing is done with it again."))
UNKNOWN = Words(_("Kept. Nobody here can read it as a bank file."))
LATER = Words(_("Kept. It is read in the next round."))
EMPTY = Words(_("The file is empty, and was not kept."))
TOO_LARGE = _("The file has {size} bytes; at most {largest} are taken.")
READ = _("Read: {count} new movements.")
HELD = Words(_("Read, and held: something in it does not add up. See the question on it."))
REFUSED = Words(_("Kept, and refused as a bank file. See the question on it."))
RECEIPT = Words(_("Read as the bank's answer to payments."))

LARGEST = 200_000_000  # bytes; as large as a statement that is read may be
OTHERS_READ = ("pain002",)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of one file."""

    name: str
    is_good: bool
    words: Words
    file: int | None = None


def too_large(name: str, size: int) -> Uploaded:
    """A file that is not taken, since nobody would read it."""
    return Uploaded(name, False, Words(TOO_LARGE, {"size": size, "largest": LARGEST}))


def upload(client: Client, given: Sequence[tuple[str, bytes]], *, by: str) -> list[Uploaded]:
    """Keep these (name, bytes) files, then read those that are the bank's; what became of each, in order.

    All are kept in one transaction before the first is read, so none is lost by another that cannot be read.
    """
    kept = _keep(client, [(name, data) for name, data in given if data], by)
    found = iter(kept)
    return [
        _read(client, name, *next(found), by) if data else Uploaded(name, False, EMPTY)
        for name, data in given
    ]


@transaction.atomic
def _keep(client: Client, given: Sequence[tuple[str, bytes]], by: str) -> list[tuple[File, bool]]:
    kept = [keep(client, data, name=name, came_by="upload") for name, data in given]
    new = [one.file for one in kept if not one.is_repeat]
    if kept:
        act(
            client,
            UPLOADED,
            by,
            count=len(new),
            repeats=len(kept) - len(new),
            files=[{"name": file.name, "sha256": file.sha256} for file in new],
        )
    return [(one.file, one.is_repeat) for one in kept]


def _read(client: Client, name: str, file: File, is_repeat: bool, by: str) -> Uploaded:
    if file.format in FORMATS:
        is_read = StatementFile.objects.filter(client=client, file=file).exists()
        if is_repeat and is_read:
            return Uploaded(name, True, REPEAT, file.pk)
        new = receive(client, file, by=by)
        outcome = StatementFile.objects.get(client=client, file=file).outcome
        words = {"hold": HELD, "refuse": REFUSED}.get(outcome, Words(READ, {"count": new}))
        return Uploaded(name, outcome == "accept", words, file.pk)
    if is_repeat:
        return Uploaded(name, True, REPEAT, file.pk)
    if file.format in OTHERS_READ:
        return _receipt(client, name, file, by)
    if file.format.startswith(("settlement_", "bank_csv")):
        return Uploaded(name, True, LATER, file.pk)
    return Uploaded(name, False, _why_not(file), file.pk)


def _why_not(file: File) -> Words:
    """What the file looks like, when no reader knows it."""
    findings = () if file.format else read_any(kept_files.data(file)).findings
    return findings[0].words if findings else UNKNOWN


def _receipt(client: Client, name: str, file: File, by: str) -> Uploaded:
    from nattbok.bank.actions import payments

    if not any(one.pk == file.pk for one in payments.unread_receipts(client)):
        return Uploaded(name, True, LATER, file.pk)
    payments.read_receipt(client, file, by=by)
    return Uploaded(name, True, RECEIPT, file.pk)

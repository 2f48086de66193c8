"""Opening mails that are kept: each attachment becomes a file of its own, the mail stays as evidence."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.desk.rules import QuestionDraft, answered_by
from nattbok.documents.rules import mails as rules
from nattbok.documents.rules.mails import MailOutcome
from nattbok.files import queries as files
from nattbok.files.actions import keep
from nattbok.files.models import Attachment, Mail
from nattbok.formats import mail as format_
from nattbok.trail.actions import act
from nattbok.trail.rules import means

OPENED = means(
    "documents.mail_opened", _("A mail from {sender} was opened: {count} files, {new} of them new")
)
AT_ONCE = 500  # mails in one go; the rest is opened in the next


@dataclass(frozen=True, slots=True)
class Opened:
    """How many mails were opened, the files that were taken, and how many mails were left for a person."""

    mails: int = 0
    files: tuple[int, ...] = ()
    left: int = 0


def open_mails(
    client: Client, *, by: str, night: int | None = None, only: Sequence[int] | None = None
) -> Opened:
    """Take the files out of the client's mails that are not opened yet, oldest first; `only` names some.

    Each mail by itself, so that one that cannot be opened stops no other, and is a question.
    """
    waiting = Mail.objects.filter(client=client, opened_at__isnull=True)
    if only is not None:
        waiting = waiting.filter(pk__in=list(only))
    found = [
        _open(client, pk, by, night) for pk in waiting.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    ]
    return Opened(
        len(found), tuple(pk for some, _left in found for pk in some), sum(left for _s, left in found)
    )


def _open(client: Client, pk: int, by: str, night: int | None) -> tuple[list[int], int]:
    mail = Mail.objects.select_related("file").get(client=client, pk=pk)
    try:
        read = format_.read(files.data(mail.file))
    except Unreadable as error:
        return [], _unreadable(client, pk, QuestionDraft(
            rules.UNREADABLE, f"mail:{pk}", error.words, (rules.SEEN,), about=mail.envelope_sender,
            evidence={"file": mail.file_id, "sha256": mail.file.sha256, "code": error.finding_code},
        ), by, night)  # fmt: skip
    except (OSError, files.Damaged):
        return [], 1  # its bytes are not to be had now; it is tried again
    return _taken(client, pk, read, by, night)


@transaction.atomic
def _unreadable(client: Client, pk: int, draft: QuestionDraft, by: str, night: int | None) -> int:
    mail = Mail.objects.select_for_update().get(client=client, pk=pk)
    if mail.opened_at is None:
        _note(mail, MailOutcome.UNREADABLE)
        desk.ask(client, [draft], by=by, night=night)
    return 1


@transaction.atomic
def _taken(client: Client, pk: int, read: format_.Mail, by: str, night: int | None) -> tuple[list[int], int]:
    """The mail's files kept, each with its place in the mail; and what became of the mail."""
    locked = Mail.objects.select_for_update(of=("self",)).select_related("file", "source")
    mail = locked.get(client=client, pk=pk)
    if mail.opened_at is not None:
        return [], 0  # somebody was quicker
    before = _before(client, mail, read.message_id)
    rows = []
    for attached in read.attachments:
        kept = keep(
            client,
            attached.data,
            name=attached.name,
            came_by="mail",
            source=mail.source,
            night=night,
            at=mail.received_at,
        )
        rows.append(
            Attachment(
                client=client,
                mail=mail,
                file=kept.file,
                place=attached.place[:60],
                name=attached.name[:255],
                is_repeat=kept.is_repeat,
            )
        )
    Attachment.objects.bulk_create(rows)
    new = [row.file_id for row in rows if not row.is_repeat]
    mail.message_id, mail.sender, mail.subject = read.message_id, read.sender, read.subject
    mail.sent_at, mail.repeats = read.sent_at, before
    became = rules.outcome(
        taken=len(rows),
        new=len(new),
        came_before=before is not None,
        left_out=len(read.left_out),
        is_automatic=read.is_automatic,
    )
    _note(mail, became)
    evidence = {
        "mail": mail.pk,
        "file": mail.file_id,
        "sha256": mail.file.sha256,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "outcome": became.value,
        "files": [{"name": row.name, "file": row.file_id, "repeat": row.is_repeat} for row in rows],
        "left_out": [{"name": one.values.get("name"), "code": one.code} for one in read.left_out][:50],
        "repeats": before.pk if before else None,
    }
    sender = mail.sender or mail.envelope_sender or "?"
    act(client, OPENED, by, night=night, sender=sender, count=len(rows), new=len(new), **evidence)
    asked = rules.question(
        mail.pk, became, read.left_out, about=f"{sender}: {mail.subject}"[:200], evidence=evidence
    )
    if asked is not None:
        desk.ask(client, [asked], by=by, night=night)
    return [row.file_id for row in rows], int(asked is not None)


def _before(client: Client, mail: Mail, message_id: str) -> Mail | None:
    """The mail that came before under the same id; without an id every mail is its own."""
    if not message_id:
        return None
    same = Mail.objects.filter(client=client, message_id=message_id, opened_at__isnull=False)
    return same.exclude(pk=mail.pk).order_by("pk").first()


def _note(mail: Mail, became: MailOutcome) -> None:
    mail.opened_at, mail.outcome = timezone.now(), became.value
    mail.save()


def _answer(
    client: Client, subject: str, answer: dict, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """A person has seen the mail, and there is nothing more to take."""
    desk.close(client, [subject], by=by, answer=answer | ({"why": why} if why else {}))


answered_by("mails", _answer)

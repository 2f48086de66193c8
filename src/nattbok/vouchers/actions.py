"""Writing a voucher, and posting it once."""

import datetime
import secrets
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.files import actions as file_actions
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books
from nattbok.ledger.queries import acts_of_entries, last_posted, unreversed
from nattbok.ledger.rules import Posted
from nattbok.trail.actions import act
from nattbok.trail.rules import means
from nattbok.vouchers import queries
from nattbok.vouchers.models import Attachment, VoucherDraft
from nattbok.vouchers.rules.judging import judge, origin
from nattbok.vouchers.rules.written import MOST_FILES, TOKEN, Voucher, kept

POSTED = means("vouchers.posted", _("A voucher was written by hand: {text}"))
ATTACHMENT = "attachment"  # the format of what is attached; no department reads such files
MOST_DRAFTS = 50
MOST_BYTES = 25_000_000


class NotReady(Refused):
    """Something is against posting it; the judgement says what."""

    message = _("The voucher cannot be posted as it stands.")


class TakenBackVoucher(Refused):
    """A voucher is posted once; what was taken back is copied."""

    message = _("This voucher was posted as entry {entry} and taken back. Copy that entry to post it anew.")


class TooManyDrafts(Refused):
    """Unfinished vouchers are finished or thrown away."""

    message = _("You have {most} unfinished vouchers in these books. Post or discard some of them first.")


class NoVoucherToken(Refused):
    """A form that is not ours."""

    message = _("The form does not say which voucher it is. Please load the page again.")


class TooLarge(Refused):
    """An attachment of a size that nobody reads."""

    message = _("{name} is larger than {most} MB, or empty.")


class TooManyFiles(Refused):
    """A voucher has so many attachments."""

    message = _("A voucher has at most {most} attachments.")


def new_token() -> str:
    """What tells a new voucher from all others."""
    return secrets.token_hex(8)


@transaction.atomic
def keep_draft(client: Client, person: int, voucher: Voucher) -> None:
    """Keep what the person is writing; a blank one is forgotten. The last that is kept counts."""
    _check(client, voucher)
    mine = VoucherDraft.objects.filter(client=client, person=person)
    if voucher.is_blank:
        mine.filter(token=voucher.token).delete()
        return
    content = kept(voucher)
    there = mine.filter(token=voucher.token)
    if there.update(content=content, updated_at=timezone.now()):
        return
    if last_posted(client, [origin(voucher.token)]):
        return  # another window has posted it meanwhile
    if mine.count() >= MOST_DRAFTS:
        raise TooManyDrafts(most=MOST_DRAFTS)
    VoucherDraft.objects.update_or_create(
        client=client,
        person_id=person,
        token=voucher.token,
        defaults={"content": content, "updated_at": timezone.now()},
    )


@transaction.atomic
def discard_draft(client: Client, person: int, token: str) -> None:
    """Throw away what the person was writing; safe to repeat."""
    VoucherDraft.objects.filter(client=client, person=person, token=token).delete()


def attach(client: Client, data: bytes, *, name: str, by: str) -> int:
    """Keep a file that is to be attached; its id. The same bytes are one file."""
    if not 0 < len(data) <= MOST_BYTES:
        raise TooLarge(name=name[:80], most=MOST_BYTES // 1_000_000)
    kept_file = file_actions.keep(client, data, name=name, came_by="voucher", format_name=ATTACHMENT)
    return kept_file.file.pk


@transaction.atomic
def post_voucher(client: Client, voucher: Voucher, *, person: int, today: datetime.date) -> Posted:
    """Post what the person has written, and forget the draft. Posted twice, it is one entry.

    Raises NotReady when the judge has anything against it, OriginConflict when the same voucher is posted
    with other content, TakenBackVoucher when it was posted and taken back.
    """
    _check(client, voucher)
    Books.objects.select_for_update().get(client=client)  # what is judged now is what is posted
    voucher = replace(voucher, files=tuple(file.id for file in queries.files(client, voucher.files)))
    judged = judge(voucher, queries.facts(client, voucher.rows, today=today))
    source = origin(voucher.token)
    there = unreversed(client, [source]).get(source)
    if judged.draft is None:
        raise NotReady()
    if there is None and (last := last_posted(client, [source]).get(source)):
        raise TakenBackVoucher(entry=last[1])
    by = f"person:{person}"
    if there is not None:
        made = acts_of_entries(client, [there])[there]
    else:
        made = act(
            client,
            POSTED,
            by,
            text=voucher.text,
            date=judged.draft.date.isoformat(),
            amount=f"{judged.debit:.2f}",
            lines=len(judged.draft.lines),
            files=list(voucher.files),
        )
    (posted,) = ledger.post(client, [judged.draft], acts=[made])
    if not posted.was_there:
        add_attachments(client, posted.id, voucher.files)
    VoucherDraft.objects.filter(client=client, person=person, token=voucher.token).delete()
    return posted


def add_attachments(client: Client, entry: int, files: tuple[int, ...]) -> None:
    """Attach these files to an entry just posted, in their order. Part of the caller's transaction."""
    bulk.insert(
        Attachment,
        {
            "client_id": [client.pk] * len(files),
            "entry_id": [entry] * len(files),
            "file_id": list(files),
            "place": list(range(1, len(files) + 1)),
        },
    )


def _check(client: Client, voucher: Voucher) -> None:
    if not TOKEN.fullmatch(voucher.token):
        raise NoVoucherToken()
    if len(voucher.files) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)

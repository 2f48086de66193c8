"""Mails to approvers: asked at once, reminded once a day, and told when their yes became void.

Each document has a link of its own, for that person and that content alone. What comes after `#` in a link is
never sent to a server: there stand the links to the other documents of the same mail, so that the page can
go on to the next.
"""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from nattbok.approvals.actions import links
from nattbok.clients.models import Client, Person
from nattbok.documents.models import Approval, Document
from nattbok.documents.queries.approval.reading import Version
from nattbok.outbox.actions import mail
from nattbok.outbox.models import Mail

MOST = 40  # documents in one mail; the others are said to be there
MOST_NEXT = 10  # links that go along after the `#`
PATH = "/approve/"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as a mail tells of it."""

    approval: int
    request: int
    sha256: str
    supplier: str
    number: str
    owed: Decimal | None
    currency: str
    due_on: datetime.date | None


def ask(client: Client, wanted: Mapping[int, Collection[int]], version: Version) -> None:
    """Mail each person that these rounds wait for them, one mail for all of them."""
    papers = _papers(client, {approval for rounds in wanted.values() for approval in rounds})
    for person in _people(wanted):
        mine = [papers[approval] for approval in wanted[person.pk] if approval in papers]
        if mine:
            key = f"approval:{client.pk}:{person.pk}:{max(paper.approval for paper in mine)}:{_now()}"
            _send(client, person, mine, version, key, is_reminder=False)


def remind(
    client: Client, wanted: Mapping[int, Collection[int]], version: Version, *, on: datetime.date
) -> int:
    """Remind each person of all that waits for them: one mail for each person and day, however often it is
    asked for. How many were new."""
    papers = _papers(client, {approval for rounds in wanted.values() for approval in rounds})
    sent = 0
    for person in _people(wanted):
        mine = [papers[approval] for approval in sorted(wanted[person.pk]) if approval in papers]
        key = f"approvals:{client.pk}:{person.pk}:{on.isoformat()}"
        sent += bool(mine) and _send(client, person, mine, version, key, is_reminder=True)
    return sent


def question(client: Client, approval: int, person: Person, asker: str, text: str, version: Version) -> None:
    """Mail a question about a document, with a link to answer by."""
    papers = _papers(client, [approval])
    if approval in papers:
        key = f"approval-question:{client.pk}:{person.pk}:{approval}:{_now()}"
        _send(client, person, [papers[approval]], version, key, is_reminder=False, asked=(asker, text))


def void(client: Client, said: Mapping[int, Collection[int]], outcome: str, why: str) -> None:
    """Tell those who had said yes that it does not count any more, and why."""
    _tell(client, said, "approval-void", lambda paper: _voided(client, paper, outcome, why))


def corrected(client: Client, said: Mapping[int, Collection[int]], why: str) -> None:
    """Tell those who had said yes that it was corrected in the books after it was paid, and why."""
    _tell(client, said, f"approval-corrected:{_now()}", lambda paper: _corrected(client, paper, why))


def _tell(
    client: Client,
    said: Mapping[int, Collection[int]],
    key: str,
    letter: Callable[[Paper], tuple[str, str]],
) -> None:
    """Mail each of these people, in their own language, about each document that they have said yes to."""
    papers = _papers(client, said)
    for person in _people({one for people in said.values() for one in people}):
        for approval, people in said.items():
            if person.pk in people and approval in papers:
                with translation.override(person.language):
                    subject, text = letter(papers[approval])
                mail(
                    client.office, f"{key}:{client.pk}:{person.pk}:{approval}", [person.email], subject, text
                )


def _papers(client: Client, approvals: Collection[int]) -> dict[int, Paper]:
    rows = list(Approval.objects.filter(client=client, pk__among=list(approvals)))
    documents = {
        found.pk: found
        for found in Document.objects.filter(client=client, pk__among=[row.document_id for row in rows]).only(
            "supplier_name", "number", "owed", "currency", "due_on"
        )
    }
    return {
        row.pk: Paper(
            row.pk,
            row.request_id,
            row.sha256,
            found.supplier_name,
            found.number,
            found.owed,
            found.currency,
            found.due_on,
        )
        for row in rows
        for found in (documents[row.document_id],)
    }


def _people(wanted: Collection[int]) -> list[Person]:
    return list(Person.objects.filter(pk__in=[*wanted], is_active=True).order_by("pk"))


def _now() -> int:
    """A number of this moment: another asking is another mail."""
    return int(timezone.now().timestamp() * 1000)


def _send(
    client: Client,
    person: Person,
    papers: Sequence[Paper],
    version: Version,
    key: str,
    *,
    is_reminder: bool,
    asked: tuple[str, str] | None = None,
) -> bool:
    """One mail with a fresh link for each; whether it was new. A mail that was there makes no links."""
    if Mail.objects.filter(office=client.office, key=key).exists():
        return False
    shown = papers[:MOST]
    ends_at = timezone.now() + datetime.timedelta(days=version.flow.link_days)
    tokens = links.make(
        client, [(paper.request, paper.sha256, person.pk) for paper in shown], ends_at=ends_at
    )
    secrets, lines = {}, []
    for place, token in enumerate(tokens):
        following = tokens[place + 1 : place + 1 + MOST_NEXT]
        secrets[f"[[{place + 1}]]"] = token + (f"#{','.join(following)}" if following else "")
    with translation.override(person.language):
        for place, paper in enumerate(shown, 1):
            lines.append(_line(paper, f"{settings.ADDRESS}{PATH}[[{place}]]"))
        subject, text = _letter(client, person, papers, lines, ends_at, is_reminder, asked)
    return mail(client.office, key, [person.email], subject, text, secrets=secrets)


def _letter(
    client: Client,
    person: Person,
    papers: Sequence[Paper],
    lines: Sequence[str],
    ends_at: datetime.datetime,
    is_reminder: bool,
    asked: tuple[str, str] | None,
) -> tuple[str, str]:
    count = len(papers)
    if asked is not None:
        subject = gettext("A question about a bill to {client}").format(client=client.name)
        opening = gettext("{asker} asks: {question}").format(asker=asked[0], question=asked[1])
    elif count == 1:
        subject = gettext("To approve for {client}: {supplier}, {owed}").format(
            client=client.name, supplier=papers[0].supplier, owed=_amount(papers[0])
        )
        opening = gettext("One document waits for your approval.")
    else:
        subject = gettext("To approve for {client}: {count} documents").format(
            client=client.name, count=count
        )
        opening = gettext("{count} documents wait for your approval.").format(count=count)
    if is_reminder:
        subject = gettext("Reminder: {subject}").format(subject=subject)
    parts = [gettext("Hello {name}.").format(name=person.name or person.email), opening, *lines]
    if count > len(lines):
        parts.append(gettext("{count} more wait; log in to see them all.").format(count=count - len(lines)))
    parts.append(
        gettext(
            "Each link is yours alone and works without a log-in until {until}. Do not send it on: hand the "
            "document on from its page instead."
        ).format(until=date_format(timezone.localtime(ends_at).date(), "SHORT_DATE_FORMAT"))
    )
    return subject, "\n\n".join(parts)


def _line(paper: Paper, address: str) -> str:
    due = date_format(paper.due_on, "SHORT_DATE_FORMAT") if paper.due_on else "–"
    return (
        gettext("{supplier} {number}: {owed}, due {due}").format(
            supplier=paper.supplier, number=paper.number, owed=_amount(paper), due=due
        )
        + f"\n{address}"
    )


def _amount(paper: Paper) -> str:
    if paper.owed is None:
        return "–"
    return f"{number_format(paper.owed, 2, use_l10n=True, force_grouping=True)} {paper.currency}"


def _voided(client: Client, paper: Paper, outcome: str, why: str) -> tuple[str, str]:
    subject = gettext("Your approval for {client} does not count any more: {supplier}").format(
        client=client.name, supplier=paper.supplier
    )
    sentences = {
        "changed": gettext("The document was changed after you approved it, so your approval is void."),
        "declined": gettext("Somebody else declined the document after you had approved it."),
        "retracted": gettext("The document was taken back from approval."),
    }
    parts = [sentences[outcome], _line(paper, "").strip()]
    if why:
        parts.append(why)
    if outcome == "changed":
        parts.append(gettext("If it is for you to approve it as it is now, a new mail comes."))
    return subject, "\n\n".join(parts)


def _corrected(client: Client, paper: Paper, why: str) -> tuple[str, str]:
    subject = gettext("Corrected after it was paid, for {client}: {supplier}").format(
        client=client.name, supplier=paper.supplier
    )
    sentence = gettext(
        "A bill that you approved was corrected in the books after it was paid. What you approved is kept "
        "as it was, with the correction beside it."
    )
    return subject, "\n\n".join((sentence, _line(paper, "").strip(), why))

"""The watch over the banks: what is missing, late, repeated or silent becomes a question, and is closed
when it is cured.

Every kind of question has subjects of its own, so that closing one closes no other.
"""

import datetime
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from nattbok.bank import queries
from nattbok.bank.models import BankAccount
from nattbok.bank.queries import connections as asking
from nattbok.bank.queries.agreements import agreements, unpromised
from nattbok.bank.queries.connections import ConnectionRow, Use
from nattbok.bank.rules.connections import (
    LOOK_BACK,
    Came,
    Form,
    bank_days_gone,
    is_receipt_late,
    is_stale,
    missing_days,
    sequence_jumps,
)
from nattbok.bank.rules.profiles import BGMAX_INCOMPLETE_FROM
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.outbox import queries as outbox
from nattbok.outbox.rules import State

SILENT = asks("bank.connection_silent", _("A bank does not answer"))
HOST_KEY = asks("bank.host_key_changed", _("Someone else may answer in the bank's place"))
STALE = asks("bank.feed_stale", _("Nothing has come from a bank for days"))
LATE = asks("bank.statement_late", _("A statement from the bank is missing"))
GAP = asks("bank.statement_gap", _("Statements from the bank do not follow each other"))
REPEATED = asks("bank.message_repeated", _("The bank sent different files under one message id"))
BGMAX = asks("bank.still_bgmax", _("Payments may be missing: BgMax is no longer complete"))
NOT_SENT = asks("bank.file_not_sent", _("A payment file has not reached the bank"))
NO_RECEIPT = asks("bank.receipt_late", _("The bank has not answered a payment file"))

NO_AGREEMENT = asks("bank.no_agreement", _("References come without an active agreement"))

KINDS = (SILENT, HOST_KEY, STALE, LATE, GAP, REPEATED, BGMAX, NOT_SENT, NO_RECEIPT, NO_AGREEMENT)
REPEATED_SHOWN = timedelta(days=14)

STALE_TEXT = _("Nothing has come over {title} since {date}. Ask the bank whether the agreement still runs.")
NEVER_TEXT = _("Nothing has ever come over {title}, which was to begin on {date}. Ask the bank.")
LATE_ONE = _("The statement of {date} for {account} ought to be here, and is not.")
LATE_MANY = _("{count} statements for {account} ought to be here, and are not: from {first} through {last}.")
GAP_TEXT = _(
    "For {account} the statement that begins on {date} does not begin with what the one before it, of "
    "{before}, ended in. A statement between them is missing, or one of them is wrong."
)
JUMP_TEXT = _(
    "For {account} statement {number} of {date} comes after number {before}: those between are missing."
)
REPEATED_TEXT = _(
    "{name} has the message id {message_id}, which {other} had too, with other content. One of them may be "
    "wrong: ask the bank before relying on either."
)
BGMAX_TEXT = _(
    "Incoming payments to {account} came as BgMax. From {date} that file leaves out the payments on the new "
    "infrastructure: order camt.054 from the bank, and look for missing payments meanwhile."
)
UNCERTAIN_TEXT = _(
    "It is not known whether {name} has reached the bank. Look in the net bank. It is not sent again until "
    "the bank answers, or a person says that it never came."
)
NO_RECEIPT_TEXT = _(
    "{name} was sent on {date}, and the bank has not answered. Look in the net bank whether it is there; it "
    "is not sent again."
)
NO_AGREEMENT_TEXT = _(
    "{count} payments to {account} came with a reference, last on {date}, and its agreement on references is "
    "not active. They are matched by their check digits. Ask the bank how far the agreement is."
)
SEND_AGAIN = _("It is not at the bank: send it again, the same file under the same name")


@transaction.atomic
def watch(
    client: Client, *, on: date, by: str, night: int | None = None, now: datetime.datetime | None = None
) -> int:
    """Ask about all that is amiss with the client's banks on the morning of `on`, and close what is cured.

    How many questions are open after it. Only accounts that go over a connection are watched.
    """
    drafts = list(_Watch(client, on, now or timezone.now()).all())
    _ask(client, drafts, KINDS, by, night)
    return len(drafts)


@transaction.atomic
def watch_receipts(
    client: Client, *, on: date, by: str, night: int | None = None, now: datetime.datetime | None = None
) -> int:
    """Ask about the payment files alone: before a round of fetching, since what it brings comes late then."""
    watching = _Watch(client, on, now or timezone.now())
    drafts = [*watching.not_sent(), *watching.no_receipt()]
    _ask(client, drafts, (NOT_SENT, NO_RECEIPT), by, night)
    return len(drafts)


def _ask(
    client: Client, drafts: list[QuestionDraft], kinds: Collection[str], by: str, night: int | None
) -> None:
    subjects = {(draft.kind, draft.subject) for draft in drafts}
    over = [
        question.subject
        for question in waiting([client])
        if question.kind in kinds and (question.kind, question.subject) not in subjects
    ]
    desk.close(client, over, by=by, night=night)
    desk.ask(client, drafts, by=by, night=night)


class _Watch:
    """All that is looked at for one client."""

    def __init__(self, client: Client, on: date, now: datetime.datetime) -> None:
        self.client, self.on, self.now = client, on, now
        self.country: Country = country(client.country)
        self.connections = {row.id: row for row in asking.connections(client)}
        self.uses = [
            use
            for use in asking.live_uses(client)
            if self.connections[use.connection].may_go or self.connections[use.connection].form is Form.FILE
        ]
        found = BankAccount.objects.filter(client=client, pk__in=[use.account for use in self.uses])
        self.accounts = {account.pk: account for account in found}

    def all(self) -> Iterator[QuestionDraft]:
        if self.connections:
            yield from self._silent()
            yield from self._stale()
            yield from self._statements()
            yield from self._repeated()
            yield from self._bgmax()
        yield from self._agreements()
        yield from self.not_sent()
        yield from self.no_receipt()

    def _silent(self) -> Iterator[QuestionDraft]:
        for row in self.connections.values():
            if row.may_go and row.trouble is not None:
                kind = HOST_KEY if row.trouble_code == "HostKeyChanged" else SILENT
                yield QuestionDraft(
                    kind,
                    f"connection:{row.id}:{'key' if kind == HOST_KEY else 'silent'}",
                    row.trouble,
                    about=row.title,
                    evidence={"connection": row.id, "code": row.trouble_code},
                )

    def _stale(self) -> Iterator[QuestionDraft]:
        last = asking.last_file_on(self.client)
        for row in self.connections.values():
            if not row.may_go or row.active_from is None:
                continue
            last_on = last.get(row.id)
            if is_stale(
                last_on,
                row.active_from,
                self.on,
                days=row.profile.stale_days,
                is_bank_day=self.country.is_bank_day,
            ):
                words = (
                    Words(STALE_TEXT, {"title": row.title, "date": last_on.isoformat()})
                    if last_on and last_on >= row.active_from
                    else Words(NEVER_TEXT, {"title": row.title, "date": row.active_from.isoformat()})
                )
                yield QuestionDraft(STALE, f"connection:{row.id}:stale", words, about=row.title)

    def _statements(self) -> Iterator[QuestionDraft]:
        """Days without a statement, and statements that do not follow each other."""
        since = self.on - timedelta(days=LOOK_BACK)
        came = asking.statements_since(self.client, list(self.accounts), since)
        for use in self.uses:
            account = self.accounts[use.account]
            row = self.connections[use.connection]
            statements = came.get(use.account, [])
            yield from self._late(account, row, use, statements)
            for before, number, day in sequence_jumps(
                [(one.sequence, one.ends_on) for one in statements if one.sequence is not None]
            ):
                values = {
                    "account": account.title, "number": number, "before": before, "date": day.isoformat(),
                }  # fmt: skip
                yield QuestionDraft(
                    GAP, f"account:{use.account}:jump:{number}", Words(JUMP_TEXT, values), about=account.title
                )
        titles = {account.number: account for account in self.accounts.values()}
        for number, before_on, day in queries.gaps(self.client):
            if number in titles and day >= since:
                values = {
                    "account": titles[number].title,
                    "date": day.isoformat(),
                    "before": before_on.isoformat(),
                }
                yield QuestionDraft(
                    GAP,
                    f"account:{titles[number].pk}:gap:{day}",
                    Words(GAP_TEXT, values),
                    about=titles[number].title,
                )

    def _late(
        self, account: BankAccount, row: ConnectionRow, use: Use, statements
    ) -> Iterator[QuestionDraft]:
        days = missing_days(
            [Came(one.starts_on, one.ends_on) for one in statements],
            since=max(use.from_on, row.active_from or use.from_on),
            today=self.on,
            is_bank_day=self.country.is_bank_day,
            lag=row.profile.statement_lag,
            sends_empty_days=row.profile.sends_empty_days,
        )
        if not days:
            return
        values = {"account": account.title}
        if len(days) == 1:
            words = Words(LATE_ONE, values | {"date": days[0].isoformat()})
        else:
            many = {"count": len(days), "first": days[0].isoformat(), "last": days[-1].isoformat()}
            words = Words(LATE_MANY, values | many)
        yield QuestionDraft(
            LATE,
            f"account:{account.pk}:late",
            words,
            about=account.title,
            evidence={"days": [day.isoformat() for day in days], "connection": row.id},
        )

    def _repeated(self) -> Iterator[QuestionDraft]:
        for one in asking.messages_repeated(self.client, self.now - REPEATED_SHOWN):
            values = {"name": one.name, "message_id": one.message_id, "other": one.other_name}
            yield QuestionDraft(REPEATED, f"file:{one.file}:message", Words(REPEATED_TEXT, values))

    def _bgmax(self) -> Iterator[QuestionDraft]:
        if self.on < BGMAX_INCOMPLETE_FROM:
            return
        since = max(BGMAX_INCOMPLETE_FROM, self.on - timedelta(days=LOOK_BACK))
        for account, title in asking.relying_on_bgmax(self.client, since):
            if account in self.accounts:
                values = {"account": title, "date": BGMAX_INCOMPLETE_FROM.isoformat()}
                yield QuestionDraft(BGMAX, f"account:{account}:bgmax", Words(BGMAX_TEXT, values), about=title)

    def _agreements(self) -> Iterator[QuestionDraft]:
        """References to accounts whose agreement was ordered or has ended; where none was told of, the page
        of settings says so and nobody is asked."""
        told = {one.account for one in agreements(self.client)}
        for one in unpromised(self.client, self.on - timedelta(days=LOOK_BACK)) if told else ():
            if one.account in told:
                values = {"count": one.count, "account": one.title, "date": one.last_on.isoformat()}
                yield QuestionDraft(
                    NO_AGREEMENT,
                    f"account:{one.account}:no_agreement",
                    Words(NO_AGREEMENT_TEXT, values),
                    about=one.title,
                )

    def not_sent(self) -> Iterator[QuestionDraft]:
        """Payment files that did not go as they should."""
        for row in outbox.troubled(self.client):
            if row.state in (State.WAITING, State.SENDING) and self._bank_is_silent(row.connection):
                continue  # one question on the bank is enough
            again = Candidate(Words(SEND_AGAIN), {"send_again": row.key})
            is_uncertain = row.state is State.UNCERTAIN
            yield QuestionDraft(
                NOT_SENT,
                f"sending:{row.id}:sent",
                Words(UNCERTAIN_TEXT, {"name": row.name}) if is_uncertain else row.trouble,
                (again,) if is_uncertain or row.state is State.FAILED else (),
                about=row.name,
                evidence={"sending": row.id, "key": row.key, "tries": row.tries},
            )

    def _bank_is_silent(self, connection: int) -> bool:
        row = self.connections.get(connection)
        return row is not None and row.trouble is not None

    def no_receipt(self) -> Iterator[QuestionDraft]:
        """Payment files that the bank has had time to answer, and has not."""
        for row in outbox.unanswered(self.client):
            found = self.connections.get(row.connection)
            if found is None or row.sent_at is None or row.sent_on is None:
                continue
            # A night may count other days than the clock: a whole bank day gone is late by either. What a
            # person carries takes a day longer.
            gone = bank_days_gone(row.sent_on, self.on, self.country.is_bank_day)
            is_late = gone > row.was_handed_over or (
                not row.was_handed_over
                and is_receipt_late(
                    row.sent_at,
                    self.now,
                    minutes=found.profile.receipt_minutes,
                    opens=found.profile.opens,
                    closes=found.profile.closes,
                    country=self.client.country,
                    is_bank_day=self.country.is_bank_day,
                )
            )
            if is_late:
                values = {"name": row.name, "date": row.sent_on.isoformat()}
                yield QuestionDraft(
                    NO_RECEIPT, f"sending:{row.id}:receipt", Words(NO_RECEIPT_TEXT, values), about=row.name
                )

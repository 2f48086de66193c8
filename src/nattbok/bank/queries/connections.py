"""The client's connections with banks, which account uses which, and what is missing on them."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection as database
from django.db.models import Max

from nattbok.bank import models
from nattbok.bank.rules import connections as rules
from nattbok.bank.rules.connections import Form, KeyState, State
from nattbok.bank.rules.profiles import Profile, profile
from nattbok.base.words import Words
from nattbok.clients.models import Client


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as pages, routines and the makers of payment files need it. No secrets."""

    id: int
    title: str
    form: Form
    state: State
    profile: Profile  # with what the connection says otherwise
    agreement_id: str
    division: str
    is_test: bool
    address: str
    username: str
    host_key: str
    is_tested_out: bool
    is_tested_in: bool
    tested_at: datetime.datetime | None
    test_steps: tuple[dict, ...]
    ordered_at: datetime.datetime | None
    registered_at: datetime.datetime | None
    activated_at: datetime.datetime | None
    active_from: date | None
    last_fetched_at: datetime.datetime | None
    last_fetched_on: date | None
    tried_at: datetime.datetime | None
    trouble: Words | None
    trouble_code: str

    @property
    def may_make_files(self) -> bool:
        """Whether payment files may be made for it now."""
        return rules.may_make_files(self.form, self.state)

    @property
    def may_go(self) -> bool:
        """Whether files go and come over it by themselves now."""
        return rules.may_go(self.form, self.state)

    def is_fetch_due(self, now: datetime.datetime) -> bool:
        """Whether it is time, by day, to ask the bank for files again."""
        minutes = self.profile.day_minutes
        if not self.may_go or not minutes:
            return False
        return self.tried_at is None or now - self.tried_at >= datetime.timedelta(minutes=minutes)

    @property
    def is_tested(self) -> bool:
        """Whether both directions have been seen to work with the settings as they are."""
        return self.is_tested_out and self.is_tested_in


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key's public part."""

    state: KeyState
    public_key: str
    fingerprint: str
    made_at: datetime.datetime
    tested_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """That an account's files go over a connection, from a day on; None: not yet."""

    account: int
    connection: int
    from_on: date | None
    through_on: date | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A bank account with how its files come and go, for the list of them."""

    id: int
    title: str
    number: str
    currency: str
    connection: ConnectionRow | None
    mirrored_through: date | None  # the last day of its latest statement
    last_file: str
    last_file_at: datetime.datetime | None


def connections(client: Client) -> list[ConnectionRow]:
    """All the client's connections, in the order they were made."""
    return [_row(one) for one in models.Connection.objects.filter(client=client).order_by("pk")]


def connection(client: Client, connection_id: int) -> ConnectionRow:
    """One of them; raises Connection.DoesNotExist when it is not this client's."""
    return _row(models.Connection.objects.get(client=client, pk=connection_id))


def with_fetching_due(clients: Sequence[Client], now: datetime.datetime) -> list[int]:
    """Which of these clients, all in scope, have a connection that is to be fetched over now."""
    rows = models.Connection.objects.filter(
        client__in=[client.pk for client in clients], state=State.ACTIVE
    ).order_by("client_id")
    return sorted({row.client_id for row in rows if _row(row).is_fetch_due(now)})


def connection_for(client: Client, bank_account_id: int, on: date | None = None) -> ConnectionRow | None:
    """The connection that the account's files go over now, or went over on a day; None: it has none."""
    uses = models.AccountConnection.objects.filter(
        client=client, account=bank_account_id, from_on__isnull=False
    )
    if on is None:
        uses = uses.filter(through_on__isnull=True)
    else:
        uses = uses.filter(from_on__lte=on).exclude(through_on__lt=on)
    use = uses.select_related("connection").order_by("-from_on", "-pk").first()
    return _row(use.connection) if use else None


def uses(client: Client) -> list[Use]:
    """Every account's connections, past, present and agreed, the oldest first."""
    rows = models.AccountConnection.objects.filter(client=client).order_by("pk")
    return [Use(*row) for row in rows.values_list("account_id", "connection_id", "from_on", "through_on")]


def live_uses(client: Client) -> list[Use]:
    """Which connection each account uses now."""
    return [use for use in uses(client) if use.from_on is not None and use.through_on is None]


def keys(client: Client, connection_id: int) -> list[KeyRow]:
    """The keys in use and the one to come, without their secrets."""
    rows = models.ConnectionKey.objects.filter(client=client, connection=connection_id).exclude(
        state=KeyState.RETIRED
    )
    return [
        KeyRow(KeyState(row.state), row.public_key, row.fingerprint, row.made_at, row.tested_at)
        for row in rows.order_by("pk")
    ]


def accounts(client: Client) -> list[AccountRow]:
    """The client's accounts, each with its connection and how far the bank's statements have come."""
    rows = {row.id: row for row in connections(client)}
    by_account = {use.account: rows[use.connection] for use in live_uses(client)}
    latest = _latest(client)
    return [
        AccountRow(
            account.pk,
            account.title,
            account.number,
            account.currency,
            by_account.get(account.pk),
            *latest.get(account.pk, (None, "", None)),
        )
        for account in models.BankAccount.objects.filter(client=client, is_active=True).order_by("pk")
    ]


def _latest(client: Client) -> dict[int, tuple[date | None, str, datetime.datetime | None]]:
    """Account → the last day of its statements, and the name and time of its latest file."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT statement.account_id, max(statement.ends_on) FILTER (WHERE statement.kind = 'statement'),
                (array_agg(file.name ORDER BY file.received_at DESC, file.id DESC))[1], max(file.received_at)
            FROM bank_statement statement
            JOIN files_file file ON file.client_id = statement.client_id AND file.id = statement.file_id
            WHERE statement.client_id = %s GROUP BY 1
            """,
            [client.pk],
        )
        return {account: (day, name, at) for account, day, name, at in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was fetched from a bank."""

    file: int
    name: str
    size: int
    first_seen_at: datetime.datetime
    times: int
    archived_at: datetime.datetime | None
    format: str


def fetched(client: Client, connection_id: int, *, limit: int = 50) -> list[FileRow]:
    """The newest files fetched over a connection."""
    rows = models.RemoteFile.objects.filter(client=client, connection=connection_id).select_related("file")
    return [
        FileRow(
            row.file_id, row.name, row.size, row.first_seen_at, row.times, row.archived_at, row.file.format
        )
        for row in rows.order_by("-pk")[:limit]
    ]


def last_file_on(client: Client) -> dict[int, date]:
    """Connection → the day its last new file was fetched for."""
    rows = models.RemoteFile.objects.filter(client=client).values("connection_id").order_by()
    return dict(rows.annotate(last=Max("seen_on")).values_list("connection_id", "last"))


@dataclass(frozen=True, slots=True)
class StatementDay:
    """A statement that came, as the watch over missing ones needs it."""

    starts_on: date
    ends_on: date
    sequence: int | None
    message: str


def statements_since(
    client: Client, account_ids: Sequence[int], since: date
) -> dict[int, list[StatementDay]]:
    """Account → its statements (camt.053 and the like) that end on `since` or later."""
    found: dict[int, list[StatementDay]] = defaultdict(list)
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT statement.account_id, coalesce(statement.starts_on, statement.ends_on), statement.ends_on,
                statement.sequence, read.message
            FROM bank_statement statement
            JOIN bank_statementfile read ON read.client_id = statement.client_id
                AND read.file_id = statement.file_id
            WHERE statement.client_id = %s AND statement.account_id = ANY(%s)
                AND statement.kind = 'statement' AND statement.ends_on >= %s
            ORDER BY 1, 3, 2
            """,
            [client.pk, list(account_ids), since],
        )
        for account, *rest in cursor.fetchall():
            found[account].append(StatementDay(*rest))
    return found


@dataclass(frozen=True, slots=True)
class Alike:
    """Two files with one message id and different content, about the same account."""

    file: int
    name: str
    other_name: str
    message_id: str


def messages_repeated(client: Client, since: datetime.datetime) -> list[Alike]:
    """The files read since then whose message id an earlier file with other content had."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (later.file_id) later.file_id, file.name, first.name, later.message_id
            FROM bank_statementfile later
            JOIN files_file file ON file.client_id = later.client_id AND file.id = later.file_id
            JOIN bank_statementfile earlier ON earlier.client_id = later.client_id
                AND earlier.message_id = later.message_id AND earlier.message = later.message
                AND earlier.id < later.id
            JOIN files_file first ON first.client_id = earlier.client_id AND first.id = earlier.file_id
            WHERE later.client_id = %s AND later.message_id <> '' AND later.read_at >= %s
                AND EXISTS (SELECT FROM bank_statement one
                    JOIN bank_statement other ON other.client_id = one.client_id
                        AND other.account_id = one.account_id AND other.file_id = earlier.file_id
                    WHERE one.client_id = later.client_id AND one.file_id = later.file_id)
            ORDER BY later.file_id, earlier.id
            """,
            [client.pk, since],
        )
        return [Alike(*row) for row in cursor.fetchall()]


def relying_on_bgmax(client: Client, from_: date) -> list[tuple[int, str]]:
    """The accounts, by id and title, whose latest incoming details from that day on came as BgMax."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT account.id, account.title FROM bank_bankaccount account
            JOIN (SELECT statement.account_id,
                    max(statement.ends_on) FILTER (WHERE read.message = 'bgmax') AS giro,
                    max(statement.ends_on) FILTER (WHERE statement.kind = 'notice') AS details
                FROM bank_statement statement
                JOIN bank_statementfile read ON read.client_id = statement.client_id
                    AND read.file_id = statement.file_id
                WHERE statement.client_id = %s GROUP BY 1) told ON told.account_id = account.id
            WHERE account.client_id = %s AND told.giro >= %s
                AND (told.details IS NULL OR told.details < told.giro)
            ORDER BY account.id
            """,
            [client.pk, client.pk, from_],
        )
        return cursor.fetchall()


def _row(row: models.Connection) -> ConnectionRow:
    return ConnectionRow(
        row.pk,
        row.title,
        Form(row.form),
        State(row.state),
        profile(row.profile, row.settings),
        row.agreement_id,
        row.division,
        row.is_test,
        row.address,
        row.username,
        row.host_key,
        row.is_tested_out,
        row.is_tested_in,
        row.tested_at,
        tuple(row.test_steps),
        row.ordered_at,
        row.registered_at,
        row.activated_at,
        row.active_from,
        row.last_fetched_at,
        row.last_fetched_on,
        row.tried_at,
        Words(row.trouble, row.trouble_values) if row.trouble else None,
        row.trouble_code,
    )

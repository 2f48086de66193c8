"""What the bank department promises, each with the query that finds the first thing that breaks it."""

from collections.abc import Iterator
from datetime import date

from django.db import connection

from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.ledger.queries.proof import Fault

# Each: the promise, what finds the first that breaks it, and the sentence. Movements younger than the last
# time the client's payments were matched wait for the next.
PROMISES = (
    (
        "a posted movement is on the bank's account as the bank said it",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount,
               coalesce(posted.amount, 0)::text AS posted
           FROM bank_movement movement
           JOIN bank_bankaccount bank ON bank.id = movement.account_id
           JOIN ledger_entry entry ON entry.client_id = movement.client_id
               AND entry.origin = 'movement:' || movement.id
           LEFT JOIN LATERAL (SELECT sum(line.amount) AS amount FROM ledger_line line
               WHERE line.client_id = entry.client_id AND line.entry_id = entry.id
                   AND line.account_id = bank.account_id) posted ON true
           WHERE movement.client_id = %(client)s AND posted.amount IS DISTINCT FROM movement.amount
           ORDER BY movement.id""",
        _("The bank moved {amount} on {date}, but {posted} is posted of it."),
    ),
    (
        "a sum of payments is never posted beside them",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount
           FROM bank_movement movement
           WHERE movement.client_id = %(client)s AND movement.sums_up > 0 AND NOT """
        + UNPOSTED
        + " ORDER BY movement.id",
        _("The sum line of {amount} on {date} is posted, and so may its payments be."),
    ),
    (
        "every movement is posted or asked about",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount,
               movement.bank_reference AS reference
           FROM bank_movement movement
           WHERE movement.client_id = %(client)s AND movement.sums_up = 0
               AND movement.first_reported_at < (SELECT max(act.at) FROM trail_act act
                   WHERE act.client_id = movement.client_id AND act.kind = 'bank.matched')
               AND """
        + UNPOSTED
        + """ AND movement.id NOT IN (SELECT substring(question.subject FROM 10)::bigint
               FROM desk_question question
               WHERE question.client_id = %(client)s AND question.closed_at IS NULL
                   AND question.subject ~ '^movement:[0-9]+$')
               AND NOT EXISTS (SELECT 1 FROM ledger_entry entry JOIN ledger_entry reversal
                   ON reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id
                   WHERE entry.client_id = movement.client_id AND entry.origin = 'movement:' || movement.id
                       AND reversal.posted_at > (SELECT max(act.at) FROM trail_act act
                           WHERE act.client_id = movement.client_id AND act.kind = 'bank.matched'))
           ORDER BY movement.id""",
        _("The movement of {amount} on {date} ({reference}) is neither posted nor asked about."),
    ),
    (
        "movements that are paired with lines in the books sum to them",
        """SELECT pairing.id AS number, said.amount::text AS amount,
               coalesce(posted.amount, 0)::text AS posted
           FROM bank_pairing pairing JOIN bank_bankaccount bank ON bank.id = pairing.account_id
           JOIN clients_client client ON client.id = pairing.client_id
           JOIN (SELECT paired.pairing_id, sum(movement.amount) AS amount FROM bank_pairedmovement paired
               JOIN bank_movement movement ON movement.id = paired.movement_id
               WHERE paired.client_id = %(client)s AND paired.is_live GROUP BY 1) said
               ON said.pairing_id = pairing.id
           LEFT JOIN LATERAL (SELECT sum(CASE WHEN bank.currency <> client.currency
                   THEN line.currency_amount ELSE line.amount END) AS amount
               FROM bank_pairedline paired JOIN ledger_line line ON line.id = paired.line_id
               WHERE paired.client_id = %(client)s AND paired.pairing_id = pairing.id AND paired.is_live
               ) posted ON true
           WHERE pairing.client_id = %(client)s AND said.amount IS DISTINCT FROM posted.amount
           ORDER BY pairing.id""",
        _("Pairing {number} is of {amount} at the bank, but of {posted} in the books."),
    ),
    (
        "what statements report leads from their opening to their closing balance",
        """SELECT statement.number, statement.ends_on::text AS date, statement.closing::text AS closing,
               (statement.opening + coalesce(sum(movement.amount), 0))::text AS computed
           FROM bank_statement statement
           LEFT JOIN LATERAL (
               SELECT DISTINCT found.id, found.amount FROM bank_movement found
               JOIN bank_report report ON report.client_id = found.client_id AND report.movement_id = found.id
                   AND report.kind = 'statement'
               WHERE found.client_id = statement.client_id AND found.account_id = statement.account_id
                   AND found.booked_on BETWEEN statement.starts_on AND statement.ends_on
           ) movement ON true
           WHERE statement.client_id = %(client)s AND statement.kind = 'statement' AND NOT statement.is_held
               AND statement.opening IS NOT NULL AND statement.closing IS NOT NULL
               AND statement.starts_on IS NOT NULL AND statement.ends_on IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM bank_statement other
                   WHERE other.client_id = statement.client_id AND other.account_id = statement.account_id
                       AND other.kind = 'statement' AND other.id <> statement.id
                       AND other.starts_on <= statement.ends_on AND other.ends_on >= statement.starts_on
                       AND (other.opening, other.closing)
                           IS DISTINCT FROM (statement.opening, statement.closing))
           GROUP BY statement.id
           HAVING statement.opening + coalesce(sum(movement.amount), 0) <> statement.closing
           ORDER BY statement.id""",
        _("Statement {number} of {date} ends in {closing}, but its movements lead to {computed}."),
    ),
)


def faults(client: Client) -> Iterator[Fault]:
    """For each promise of the bank's that does not hold, the first thing that breaks it."""
    for promise, query, sentence in PROMISES:
        with connection.cursor() as cursor:
            cursor.execute(query + " LIMIT 1", {"client": client.pk})
            row = cursor.fetchone()
            if row is not None:
                names = [column.name for column in cursor.description]
                yield Fault(promise, Words(sentence, dict(zip(names, row, strict=True))))


def gaps(client: Client) -> list[tuple[str, date, date]]:
    """Where a statement does not begin with what the one before it ended in: account, and the two days."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT number, ended_on, starts_on FROM (
                SELECT bank.number, statement.starts_on, statement.opening,
                    lag(statement.closing) OVER of_account AS closing,
                    lag(statement.ends_on) OVER of_account AS ended_on
                FROM (SELECT DISTINCT account_id, starts_on, ends_on, opening, closing FROM bank_statement
                      WHERE client_id = %(client)s AND kind = 'statement' AND NOT is_held
                          AND opening IS NOT NULL AND closing IS NOT NULL) statement
                JOIN bank_bankaccount bank ON bank.id = statement.account_id
                WINDOW of_account AS (PARTITION BY statement.account_id ORDER BY statement.ends_on,
                    statement.starts_on)
            ) followed
            WHERE closing IS NOT NULL AND closing <> opening ORDER BY number, starts_on
            """,
            {"client": client.pk},
        )
        return cursor.fetchall()

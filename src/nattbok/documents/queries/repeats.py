"""Documents that came in a message sent twice: under one Message-ID, or one number of the e-invoice network.

The same bytes again are one file, and never a second document. Here are those whose message came again with
another content: a relay has stamped a PDF, or a sender has made its invoice anew.
"""

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from nattbok.clients.models import Client
from nattbok.documents.rules.bill import POSTABLE, Bill
from nattbok.documents.rules.rails import Twin


def message_twins(client: Client, waiting: Collection[Bill]) -> dict[int, list[Twin]]:
    """Document → the one of an earlier message with its message's id: the file at its place in that mail,
    else the first one there. Documents that were set aside are no twins."""
    found: dict[int, list[Twin]] = defaultdict(list)
    if not waiting:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT id, file_id, first_page FROM documents_document
                WHERE client_id = %(client)s AND id = ANY (%(documents)s)
            ), again AS (
                SELECT wanted.*, earlier.file_id AS other_id, earlier.id AS part,
                    earlier.place = later.place AS is_at_its_place
                FROM wanted
                JOIN files_attachment later ON later.client_id = %(client)s AND later.file_id = wanted.file_id
                JOIN files_mail mail ON mail.client_id = %(client)s AND mail.id = later.mail_id
                    AND mail.message_id <> ''
                JOIN files_mail before ON before.client_id = %(client)s
                    AND before.message_id = mail.message_id AND before.id < mail.id
                    AND NOT EXISTS (SELECT FROM files_attachment same WHERE same.client_id = %(client)s
                        AND same.mail_id = before.id AND same.file_id = wanted.file_id)
                JOIN files_attachment earlier
                    ON earlier.client_id = %(client)s AND earlier.mail_id = before.id
                UNION ALL
                SELECT wanted.*, before.file_id, before.id, true
                FROM wanted
                JOIN files_networkmessage message
                    ON message.client_id = %(client)s AND message.file_id = wanted.file_id
                JOIN files_networkmessage before ON before.client_id = %(client)s
                    AND before.instance_id = message.instance_id AND before.id < message.id
            )
            SELECT DISTINCT ON (again.id) again.id, other.id, other.owed
            FROM again
            JOIN documents_document other ON other.client_id = %(client)s AND other.file_id = again.other_id
            WHERE again.other_id <> again.file_id AND other.id < again.id
                AND other.kind = ANY (%(kinds)s) AND NOT other.is_declined
            ORDER BY again.id, again.is_at_its_place DESC, again.part,
                other.first_page = again.first_page DESC, other.id
            """,
            {
                "client": client.pk,
                "documents": [bill.document for bill in waiting],
                "kinds": list(POSTABLE),
            },
        )
        for document, twin, owed in cursor.fetchall():
            found[document].append(Twin(f"document {twin}", owed, by_message=True))
    return found

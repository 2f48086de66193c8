"""Acts to show."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.trail.models import Act
from nattbok.trail.rules import title


@dataclass(frozen=True, slots=True)
class Deed:
    """An act as it is shown: its sentence, who and when, and the evidence."""

    id: int
    kind: str
    title: Words
    by: str
    at: datetime.datetime
    night: int | None
    evidence: dict
    undoes: int | None
    undone_by: int | None


def deed(client: Client, act: int) -> Deed:
    """One act with all it says; raises Act.DoesNotExist when it is not this client's."""
    found = Act.objects.get(client=client, pk=act)
    undoing = Act.objects.filter(client=client, undoes=found).first()
    return Deed(
        found.pk,
        found.kind,
        title(found.kind, found.evidence),
        found.by,
        found.at,
        found.night,
        found.evidence,
        found.undoes_id,
        undoing.pk if undoing else None,
    )


def fingerprints(client: Client, acts: Collection[int]) -> dict[int, str]:
    """Act → SHA-256 (hex) of all it says, as the ledger's hash chain takes it in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, encode(sha256(convert_to(jsonb_build_array(kind, "by",
                   extract(epoch FROM "at")::text, night, evidence, undoes_id)::text, 'UTF8')), 'hex')
               FROM trail_act WHERE client_id = %s AND id = ANY(%s)""",
            [client.pk, list(acts)],
        )
        return dict(cursor.fetchall())


def acts_of_night(client: Client, night: int, routine: str = "") -> list[int]:
    """The acts that the robot did for the client in a night, or one routine of it."""
    found = Act.objects.filter(client=client, night=night, by__startswith="robot:")
    if routine:
        found = found.filter(by=f"robot:{routine}")
    return list(found.values_list("pk", flat=True))


def acts_of_rule(client: Client, rule: int, version: int | None = None) -> list[int]:
    """The acts that a rule did, in one version or in all."""
    with connection.cursor() as cursor:
        # As the index `act_by_rule` is made: only acts of rules are in it.
        cursor.execute(
            """SELECT id FROM trail_act WHERE client_id = %(client)s AND evidence ? 'rule'
                   AND evidence ->> 'rule' = %(rule)s
                   AND (%(version)s::text IS NULL OR evidence ->> 'version' = %(version)s)""",
            {
                "client": client.pk,
                "rule": str(rule),
                "version": None if version is None else str(version),
            },
        )
        return [pk for (pk,) in cursor.fetchall()]

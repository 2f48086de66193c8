"""Keeping acts. Nothing is posted, paid or sent without one."""

import datetime
from collections.abc import Sequence

from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.trail.models import Act
from nattbok.trail.rules import ActDraft


def record(client: Client, acts: Sequence[ActDraft], *, at: datetime.datetime | None = None) -> list[int]:
    """Keep `acts` in one statement; their ids, in the same order. Part of the caller's transaction."""
    ids = bulk.ids(Act, len(acts))
    moment = at or timezone.now()
    bulk.insert(
        Act,
        {
            "id": ids,
            "client_id": [client.pk] * len(acts),
            "kind": [act.kind for act in acts],
            "at": [moment] * len(acts),
            "by": [act.by for act in acts],
            "night": [act.night for act in acts],
            "evidence": [act.evidence for act in acts],
            "undoes_id": [act.undoes for act in acts],
        },
    )
    return ids


def act(client: Client, kind: str, by: str, *, night: int | None = None, **evidence: object) -> int:
    """Keep one act; its id."""
    return record(client, [ActDraft(kind, by, evidence, night)])[0]

"""That a person has controlled a document: looked at it and accepted it. Opening one is no control."""

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents.models import Control
from nattbok.documents.queries import deciding
from nattbok.trail.actions import act
from nattbok.trail.rules import means

CONTROLLED = means("documents.controlled", _("{number} from {supplier} was controlled"))


class NoneToControl(Refused):
    """Only this client's documents are controlled, and only by people."""

    message = _("There is no such document to control.")


@transaction.atomic
def control(client: Client, document: int, *, by: str) -> None:
    """Say that the person `by` has looked at the document as it stands, picture and coding, and accepts it.

    Said again of the same posting by the same person it changes nothing.
    """
    found = deciding.with_entry(client).select_related("file").filter(pk=document).first()
    if found is None or not by.startswith("person:"):
        raise NoneToControl()
    if Control.objects.filter(client=client, document=found, by=by, entry=found.entry).exists():
        return
    why = act(
        client, CONTROLLED, by, document=document, entry=found.entry, supplier=found.supplier_name,
        number=found.number, owed=None if found.owed is None else str(found.owed),
        sha256=found.file.sha256, coding=found.coding,
    )  # fmt: skip
    keep(client, document, by=by, act_id=why, entry=found.entry)


def keep(client: Client, document: int, *, by: str, act_id: int, entry: int | None) -> None:
    """Keep that `by`, if it is a person, controlled the document in the act; within the caller's deed."""
    if by.startswith("person:"):
        Control.objects.create(
            client=client, document_id=document, by=by, at=timezone.now(), entry=entry, act_id=act_id
        )

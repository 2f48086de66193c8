"""What a person has done by hand with bank lines, and what of it stands."""

from nattbok.bank.models import Pairing, Postponement
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.ledger.models import Entry, Party
from nattbok.trail.models import Act

LOOKED_BACK = 50  # deeds; further back, a deed is taken back from its own line


def candidates(client: Client, movement: int) -> list[dict]:
    """The likely answers of the open question about a bank line, the likeliest first."""
    question = (
        Question.objects.filter(client=client, subject=f"movement:{movement}", closed_at__isnull=True)
        .order_by("pk")
        .first()
    )
    return [one["answer"] for one in question.candidates] if question else []


def kind_of_party(client: Client, party: int) -> list[str]:
    """Whether a party is a customer or a supplier; nothing when it is not this client's."""
    return list(Party.objects.filter(client=client, pk=party).values_list("kind", flat=True))


def standing_of(client: Client, deed: int) -> tuple[list[int], list[int], list[int]]:
    """The entries, pairings and postponements that a deed made and that stand."""
    done = Act.objects.get(client=client, pk=deed)
    acts = Act.objects.filter(client=client, at__gte=done.at, by=done.by, evidence__deed=deed)
    reversed_ = Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id")
    entries = Entry.objects.filter(client=client, act__in=acts.values("pk"), reverses__isnull=True)
    return (
        list(entries.exclude(pk__in=reversed_).order_by("position").values_list("pk", flat=True)),
        list(
            Pairing.objects.filter(client=client, act=deed, undone_by__isnull=True).values_list(
                "pk", flat=True
            )
        ),
        list(
            Postponement.objects.filter(client=client, act=deed, ended_by__isnull=True).values_list(
                "pk", flat=True
            )
        ),
    )


def last_deed(client: Client, account: int, by: str) -> int | None:
    """The last deed by hand that this person did on a bank account and of which something stands."""
    deeds = Act.objects.filter(
        client=client, by=by, kind__startswith="bank.hand.", evidence__accounts__contains=account
    ).order_by("-pk")
    for deed in deeds.values_list("pk", flat=True)[:LOOKED_BACK]:
        if any(standing_of(client, deed)):
            return deed
    return None

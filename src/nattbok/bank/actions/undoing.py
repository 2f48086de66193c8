"""What was posted from a bank movement was taken back: it waits for a person, until they let it go on."""

from collections.abc import Collection, Mapping, Sequence

from django.db import connection, transaction

from nattbok.bank import queries
from nattbok.bank.actions import matching
from nattbok.bank.models import Movement, PairedLine, PairedMovement, Pairing
from nattbok.bank.rules import posting
from nattbok.bank.rules.shape import Payment
from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.queries import name_of
from nattbok.desk import actions as desk
from nattbok.desk.queries import last_candidates
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books
from nattbok.ledger.queries import acts_of_entries, last_posted
from nattbok.ledger.rules import Posted
from nattbok.trail.actions import act as record_act
from nattbok.trail.models import Act
from nattbok.trail.rules import means

LET_GO = means("bank.let_go", _("{count} bank movements that were taken back were let go on"))
UNDONE = "undone"
OURS = ("again", "let_go")  # answers that belong to the question about a taken back movement alone
TAKEN_BACK = _("{who} took back what was posted of it: {why}. The robot leaves it until you let it go on.")
LET_IT_GO = _("Let the robot go on with it")
POST_AGAIN = _("Post it again as it was, as entry {entry}")


class NoSuchAnswer(Refused):
    """The answer is not one that can be carried out."""

    message = _("That cannot be done with this bank movement from here.")


class NotTakenBack(Refused):
    """There is nothing to post again."""

    message = _("Nothing that was posted of this movement has been taken back.")


@transaction.atomic
def hold(client: Client, movements: Collection[int], act: int) -> int:
    """Leave these movements to a person, since `act` took back what was posted of them; how many.

    The robot does not post them by itself until somebody lets them go. What a movement waited for before it
    still waits for. A question about each says who took it back and why; its answers are those that it had
    before, to post it again as it was, and to let the robot go on.
    """
    Movement.objects.filter(client=client, pk__among=movements, waits_for="").update(waits_for=UNDONE)
    why = Act.objects.get(client=client, pk=act)
    waiting = queries.unsettled(client, movements)
    subjects = {posting.origin(one.id) for one in waiting}
    desk.close(client, sorted(subjects | {f"rest:{pk}" for pk in movements}), by=why.by, night=why.night)
    entries = last_posted(client, sorted(subjects))
    before = last_candidates(client, sorted(subjects))
    values = {"who": name_of(why.by), "why": str(why.evidence.get("why", ""))}
    desk.ask(
        client,
        [_question(client, one, values, entries.get(posting.origin(one.id)), before, act) for one in waiting],
        by=why.by,
        night=why.night,
    )
    return len(waiting)


def _question(
    client: Client,
    one: Payment,
    values: dict,
    entry: tuple[int, str] | None,
    before: Mapping[str, Sequence[Candidate]],
    act: int,
) -> QuestionDraft:
    subject = posting.origin(one.id)
    candidates = [
        each for each in before.get(subject, ()) if each.answer.get("do") not in ("again", "let_go")
    ]
    if entry is not None:
        words = Words(POST_AGAIN, {"entry": entry[1]})
        candidates.append(Candidate(words, {"do": "again", "entry": entry[0]}))
    candidates.append(Candidate(Words(LET_IT_GO), {"do": "let_go"}))
    about = (str(one.booked_on), one.payer_name, one.reference, " ".join(one.text.split()))
    return QuestionDraft(
        matching.TAKEN_BACK,
        subject,
        Words(TAKEN_BACK, values),
        tuple(candidates),
        one.amount,
        client.currency,
        {"undone_by": act},
        " · ".join(filter(None, about)),
    )


@transaction.atomic
def let_go(client: Client, movements: Collection[int], by: str) -> int:
    """Let the robot go on with movements that were taken back; how many it had left alone."""
    Books.objects.select_for_update().get(client=client)
    held = Movement.objects.filter(client=client, pk__among=movements, waits_for=UNDONE)
    ids = sorted(held.values_list("pk", flat=True))
    if not ids:
        return 0
    record_act(client, LET_GO, by, count=len(ids), movements=ids)
    Movement.objects.filter(client=client, pk__among=ids).update(waits_for="")
    desk.close(client, [posting.origin(pk) for pk in ids], by=by, answer={"do": "let_go"})
    return len(ids)


@transaction.atomic
def post_again(client: Client, movement: int, by: str, why: str = "") -> Posted:
    """Post what was taken back of a movement once more, as it was."""
    Books.objects.select_for_update().get(client=client)
    origin = posting.origin(movement)
    last = last_posted(client, [origin]).get(origin)
    if last is None:
        raise NotTakenBack()
    posted = ledger.post_again(client, last[0], by=by, why=why or "–")
    _remember(client, [acts_of_entries(client, [last[0]])[last[0]]], times=1)
    Movement.objects.filter(client=client, pk=movement, waits_for=UNDONE).update(waits_for="")
    desk.close(client, [origin], by=by, answer={"do": "again"})
    return posted


def forget(client: Client, acts: Collection[int]) -> None:
    """Take back what these acts proved about whose account a payer's is: that much and no more."""
    _remember(client, acts, times=-1)


def _remember(client: Client, acts: Collection[int], *, times: int) -> None:
    """Raise, or lower, how often an account is confirmed, once for each act that proved it."""
    if not acts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ledger_partyaccount known
            SET confirmed = greatest(0, known.confirmed + %(times)s * proven.times)
            FROM (
                SELECT (evidence ->> 'proves')::bigint AS party, evidence ->> 'payer_account' AS number,
                    count(*)::int AS times
                FROM trail_act WHERE client_id = %(client)s AND id = ANY(%(acts)s)
                    AND jsonb_typeof(evidence -> 'proves') = 'number'
                GROUP BY 1, 2
            ) proven
            WHERE known.client_id = %(client)s AND known.party_id = proven.party
                AND known.number = proven.number
            """,
            {"client": client.pk, "acts": list(acts), "times": times},
        )


@transaction.atomic
def unpair(client: Client, pairings: Collection[int], act: int) -> list[int]:
    """Part movements from the lines they were paired with, for `act`; the movements, that wait again."""
    live = PairedMovement.objects.filter(client=client, pairing__among=pairings, is_live=True)
    movements = sorted(live.values_list("movement_id", flat=True))
    live.update(is_live=False)
    PairedLine.objects.filter(client=client, pairing__among=pairings, is_live=True).update(is_live=False)
    Pairing.objects.filter(client=client, pk__among=pairings, undone_by__isnull=True).update(undone_by=act)
    return movements


def answer(client: Client, subject: str, given: Mapping, *, by: str, why: str = "") -> None:
    """Carry out the answer to a question about a movement that was taken back."""
    movement = int(subject.partition(":")[2])
    match given:
        case {"do": "let_go"}:
            let_go(client, [movement], by)
        case {"do": "again"}:
            post_again(client, movement, by, why)
        case _:
            raise NoSuchAnswer()

"""How bills were posted before: a supplier's own, and where words went over all suppliers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from nattbok.clients.models import Client
from nattbok.countries.country import Country
from nattbok.documents.models import Lesson
from nattbok.documents.rules.habits import LAST_BILLS, PastBill, PastCost, PastPart, frozen
from nattbok.documents.rules.likeness import Seen
from nattbok.ledger import models as ledger
from nattbok.ledger.queries import law_of

# One table at a time: on tables that the database has not yet counted, as after a large import, joining
# them in one question was tried and took time with the cube of the rows.
_LATEST = """
SELECT party.id, item.line_id
FROM unnest(%(parties)s::bigint[]) AS party (id)
CROSS JOIN LATERAL (
    SELECT line_id, date, id FROM ledger_openitem
    WHERE client_id = %(client)s AND party_id = party.id AND number <> ''
    ORDER BY date DESC, id DESC LIMIT %(most)s
) item
ORDER BY party.id, item.date DESC, item.id DESC
"""
_SPARE = 3  # times as many are looked at, since some are reversed or tell nothing
_COST_KINDS = ("cost", "asset")


def history(client: Client, parties: Collection[int]) -> dict[int, list[PastBill]]:
    """Supplier → how its last bills that stand in the books were posted, the latest first.

    An entry with several parties cannot tell which of its costs are whose, so it is no history; nor is one
    with other lines than costs, assets and VAT.
    """
    with connection.cursor() as cursor:
        most = LAST_BILLS * _SPARE
        cursor.execute(_LATEST, {"client": client.pk, "parties": list(parties), "most": most})
        latest = cursor.fetchall()
    entry_of = dict(
        ledger.Line.objects.filter(client=client, pk__in=[line for _party, line in latest]).values_list(
            "pk", "entry_id"
        )
    )
    entries = set(entry_of.values())
    undone = ledger.Entry.objects.filter(client=client, reverses__in=entries).values_list(
        "reverses", flat=True
    )
    undoing = ledger.Entry.objects.filter(client=client, pk__in=entries, reverses__isnull=False)
    entries -= {*undone, *undoing.values_list("pk", flat=True)}
    kinds = {
        pk: (number, kind)
        for pk, number, kind in ledger.Account.objects.filter(client=client).values_list(
            "pk", "number", "kind"
        )
    }
    lines: dict[int, list[tuple]] = defaultdict(list)
    for entry, *line in (
        ledger.Line.objects.filter(client=client, entry__in=entries)
        .order_by("entry", "number")
        .values_list("entry_id", "party_id", "account_id", "amount", "vat_code", "vat_base", "dimensions")
    ):
        lines[entry].append(tuple(line))
    found: dict[int, list[PastBill]] = defaultdict(list)
    law = law_of(client)
    taught = _taught(client, entries)
    for party, line in latest:
        entry = entry_of[line]
        past = _past(entry, lines.get(entry, ()), kinds, law, taught.get(entry, ()))
        if past is not None and len(found[party]) < LAST_BILLS:
            found[party].append(past)
    return found


def _taught(client: Client, entries: Collection[int]) -> dict[int, list[PastPart]]:
    """Entry → where each part of its bill went, where that was kept."""
    found: dict[int, list[PastPart]] = defaultdict(list)
    rows = Lesson.objects.filter(client=client, entry__among=entries).order_by("pk")
    for entry, vat_code, account, key, item, commodity, dimensions in rows.values_list(
        "entry_id", "vat_code", "account", "key", "item", "commodity", "dimensions"
    ):
        found[entry].append(
            PastPart(
                vat_code, account, key, item, commodity, tuple((name, value) for name, value in dimensions)
            )
        )
    return found


def _past(
    entry: int,
    lines: Sequence[tuple],
    kinds: Mapping[int, tuple[str, str]],
    law: Country,
    parts: Sequence[PastPart],
) -> PastBill | None:
    """How one bill was posted, when its entry can tell; one that waits to be spread tells by its lessons."""
    vat = {law.accounts.rounding} | {
        account for code in law.vat_codes.values() for account in (code.input_account, code.output_account)
    }
    owed = [amount for party, _account, amount, *_rest in lines if party is not None]
    if len(owed) != 1:
        return None
    costs = []
    for party, account, amount, code, base, dimensions in lines:
        number, kind = kinds[account]
        if party is not None or base is not None or number in vat:
            continue
        if kind not in _COST_KINDS or number == law.accounts.bank:
            return None
        if number == law.accounts.prepaid:
            waiting = {each.account for each in parts if each.vat_code == code}
            if len(waiting) != 1:
                return None
            number = waiting.pop()
        costs.append(PastCost(code, number, amount, frozen(dimensions)))
    if not costs:
        return None
    coded = tuple((cost.vat_code, cost.account) for cost in costs)
    return PastBill(entry, -owed[0], coded, tuple(costs), tuple(parts))


_OWN_WORDS = """
WITH standing AS (
    SELECT account, words FROM documents_lesson
    WHERE client_id = %(client)s AND entry_id NOT IN (
        SELECT reverses_id FROM ledger_entry WHERE client_id = %(client)s AND reverses_id IS NOT NULL)
)
SELECT '', account, count(*) FROM standing GROUP BY 2
UNION ALL
SELECT each.word, account, count(*) FROM standing
    CROSS JOIN LATERAL unnest(string_to_array(words, ' ')) AS each (word)
WHERE each.word = ANY (%(words)s) GROUP BY 1, 2
"""
_OFFICE_WORDS = "SELECT word, account, lines FROM documents_office_words(%(client)s, %(words)s)"


def seen(client: Client, words: Collection[str]) -> Seen:
    """Where lines with these words went: at this client, and as counts at the office's others.

    Two queries, however many words. What was reversed since does not count.
    """
    if not words:
        return Seen()
    counted = []
    with connection.cursor() as cursor:
        for statement in (_OWN_WORDS, _OFFICE_WORDS):
            cursor.execute(statement, {"client": client.pk, "words": sorted(words)})
            by_word: dict[str, dict[str, int]] = defaultdict(dict)
            for word, account, lines in cursor.fetchall():
                by_word[word][account] = lines
            counted.append(by_word)
    own, office = counted
    return Seen(own, office, own.pop("", {}), office.pop("", {}))

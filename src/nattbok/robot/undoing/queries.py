"""What stands now of what is to be taken back, and what was built on it. Sets, never one by one."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from nattbok.bank.models import BankAccount, PairedLine, PairedMovement, Pairing
from nattbok.bank.models.reconciliation import BankDay
from nattbok.bank.queries.answered import standing_of
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.ledger.models import Books, Entry, Line, OpenItem, Settlement
from nattbok.ledger.queries.accruals import months_of
from nattbok.outbox.models import Mail, Sending
from nattbok.outbox.rules import State
from nattbok.robot.models import Night, Undoing, UndoingPart
from nattbok.robot.undoing.rules import (
    Depending,
    Gone,
    Layer,
    Plan,
    StandingEntry,
    StandingPairing,
    StandingSettlement,
    Touching,
    What,
    depending,
    ids_of,
    reopened,
)
from nattbok.trail.models import Act
from nattbok.trail.queries import acts_of_night, acts_of_rule

FILE_WAITS = _("The file {name} has not left yet; it is held back")
FILE_LEFT = _("The file {name} is at the bank, or may be")
MAIL_LEFT = _("The mail “{subject}” to {to}")
SEALED = _("{account}: {count} sealed days no longer agree with the books, the first {first}")


def plan(client: Client, what: What) -> Plan:
    """What taking `what` back comes to now. A handful of queries for each layer of later work."""
    acts = _acts(client, what)
    chosen, already = _chosen(client, what, acts)
    taken, layers, touched = chosen, [], _touching(client, chosen.entry_ids)
    reopens = reopened(chosen, touched.settlements)
    while True:
        found = depending(taken, touched, _entries_of(client, touched), acts)
        layer = _layer(client, found, months_of(client, taken.entry_ids), but=taken)
        if not layer.count:
            break
        layers.append(layer)
        taken += layer
        touched = _touching(client, layer.entry_ids)
    depends = sum(layers, Layer())
    first_open, moved = _closed(client, taken)
    return Plan(
        what,
        chosen,
        depends,
        reopens,
        tuple(sorted({*ids_of("movement", taken), *(m for one in taken.pairings for m in one.movements)})),
        tuple(ids_of("document", taken)),
        first_open,
        moved,
        already=already,
        **_outside(client, what, taken, acts),
    )


def touched_clients(what: What) -> list[int]:
    """The clients in scope in whose books a night or a rule did anything that has an act, by id."""
    if what.night is None:
        return []
    acts = Act.objects.filter(night=what.night)
    if what.routine:
        acts = acts.filter(by=f"robot:{what.routine}")
    return list(acts.order_by("client").values_list("client", flat=True).distinct())


def _acts(client: Client, what: What) -> frozenset[int]:
    """The acts that are named, or that the night or the rule did."""
    found = set(Act.objects.filter(client=client, pk__among=what.acts).values_list("pk", flat=True))
    if what.night is not None:
        found |= set(acts_of_night(client, what.night, what.routine))
    if what.rule is not None:
        found |= set(acts_of_rule(client, what.rule, what.version))
    return frozenset(found)


def _chosen(client: Client, what: What, acts: Collection[int]) -> tuple[Layer, int]:
    """What stands of what was named; and how many entries were named and are taken back already.

    An entry that is itself a reversal is left out: what it took back is posted anew, not un-reversed.
    """
    named = Q()
    for condition in (
        Q(act__in=Act.objects.filter(client=client, pk__among=acts).values("pk")) if acts else None,
        Q(pk__among=what.entries) if what.entries else None,
        Q(origin__in=list(what.origins)) if what.origins else None,
    ):
        named = named | condition if condition is not None else named
    ids: list[int] = []
    # A deed by hand has an act of its own, which the acts of its entries name.
    for deed in Act.objects.filter(client=client, pk__among=what.acts, kind__startswith="bank.hand."):
        ids += standing_of(client, deed.pk)[0]
    if named:
        ids += list(
            Entry.objects.filter(named, client=client, reverses__isnull=True).values_list("pk", flat=True)
        )
    entries = _standing(client, ids)
    standing = {entry.id for entry in entries}
    bare = [
        one
        for one in _settlements(client, Q(act__in=list(acts)))
        if not standing.intersection(one.entries)
    ] if acts else []  # fmt: skip
    pairings = _pairings(client, Q(act__in=list(acts))) if acts else []
    movements = [int(origin[9:]) for origin in what.origins if origin.startswith("movement:")]
    if movements:
        live = PairedMovement.objects.filter(client=client, movement__in=movements, is_live=True)
        pairings += _pairings(client, Q(pk__in=live.values("pairing_id")))
    unique = {pairing.id: pairing for pairing in pairings}
    return Layer(tuple(entries), tuple(bare), tuple(unique.values())), len(set(ids) - standing)


def _standing(client: Client, ids: Collection[int]) -> list[StandingEntry]:
    """Those of the entries that are neither reversed nor reversals, in the order they were posted."""
    if not ids:
        return []
    rows = list(
        Entry.objects.filter(client=client, pk__among=ids, reverses__isnull=True)
        .exclude(
            pk__in=Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id"),
        )
        .order_by("position")
        .values_list("pk", "series__code", "number", "date", "text", "origin", "act_id", "act__by")
    )
    debits = dict(
        Line.objects.filter(client=client, entry__among=[row[0] for row in rows], amount__gt=0)
        .values_list("entry")
        .annotate(total=Sum("amount"))
        .values_list("entry", "total")
    )
    return [
        StandingEntry(pk, f"{series} {number}", date, text, debits[pk], origin, act, by)
        for pk, series, number, date, text, origin, act, by in rows
    ]


def _items_of(client: Client, entries: Collection[int]) -> dict[int, int]:
    """Open item → its entry, for these entries."""
    if not entries:
        return {}
    lines = dict(
        Line.objects.filter(client=client, entry__among=entries, party__isnull=False).values_list(
            "pk", "entry_id"
        )
    )
    return {
        item: lines[line]
        for item, line in OpenItem.objects.filter(client=client, line__among=lines).values_list(
            "pk", "line_id"
        )
    }


def _settlements(client: Client, which: Q) -> list[StandingSettlement]:
    """The settlements that stand, of those asked for."""
    rows = list(
        Settlement.objects.filter(which, client=client, parts__isnull=True).values_list(
            "pk", "act_id", "amount", "debit_id", "credit_id"
        )
    )
    parted = set(
        Settlement.objects.filter(client=client, parts__among=[row[0] for row in rows]).values_list(
            "parts_id", flat=True
        )
    )
    rows = [row for row in rows if row[0] not in parted]
    named = {item for row in rows for item in row[3:]}
    items = {
        pk: (entry, party)
        for pk, entry, party in OpenItem.objects.filter(client=client, pk__among=named).values_list(
            "pk", "line__entry_id", "party__name"
        )
    }
    return [
        StandingSettlement(pk, act, amount, (items[debit][0], items[credit][0]), items[debit][1])
        for pk, act, amount, debit, credit in rows
    ]


def _pairings(client: Client, which: Q) -> list[StandingPairing]:
    """The pairings that stand, of those asked for."""
    rows = list(
        Pairing.objects.filter(which, client=client, undone_by__isnull=True)
        .order_by("pk")
        .values_list("pk", "act_id")
    )
    ids = [pk for pk, _act in rows]
    movements, entries = defaultdict(list), defaultdict(list)
    for pairing, movement in PairedMovement.objects.filter(
        client=client, pairing__in=ids, is_live=True
    ).values_list("pairing_id", "movement_id"):
        movements[pairing].append(movement)
    for pairing, entry in PairedLine.objects.filter(client=client, pairing__in=ids, is_live=True).values_list(
        "pairing_id", "line__entry_id"
    ):
        entries[pairing].append(entry)
    return [StandingPairing(pk, act, tuple(movements[pk]), tuple(entries[pk])) for pk, act in rows]


def _touching(client: Client, entries: Collection[int]) -> Touching:
    """All that stands on these entries' items and lines."""
    if not entries:
        return Touching()
    items = list(_items_of(client, entries))
    settlements = {
        one.id: one
        for side in ("debit", "credit")
        for one in _settlements(client, Q(**{f"{side}__among": items}))
    }
    lines = Line.objects.filter(client=client, entry__among=entries).values("pk")
    live = PairedLine.objects.filter(client=client, line__in=lines, is_live=True).values("pairing_id")
    return Touching(list(settlements.values()), _pairings(client, Q(pk__in=live)))


def _entries_of(client: Client, touched: Touching) -> dict[int, list[int]]:
    """Act → its entries, for the acts that made these settlements."""
    found: dict[int, list[int]] = defaultdict(list)
    acts = {settlement.act for settlement in touched.settlements}
    for act, entry in Entry.objects.filter(
        client=client, act__in=Act.objects.filter(client=client, pk__among=acts).values("pk")
    ).values_list("act_id", "pk"):
        found[act].append(entry)
    return found


def _layer(client: Client, found: Depending, months: Collection[int], *, but: Layer) -> Layer:
    """The later work as a layer of its own, without what is in `but` already."""
    ids = set(months)  # of what is spread: they go with the entry that spread it
    if found.acts:
        ids |= set(Entry.objects.filter(client=client, act__in=list(found.acts)).values_list("pk", flat=True))
    entries = _standing(client, ids - but.entry_ids)
    settlements = {one.id for one in but.settlements}
    pairings = {one.id for one in but.pairings}
    return Layer(
        tuple(entries),
        tuple(one for one in found.settlements if one.id not in settlements),
        tuple(one for one in found.pairings if one.id not in pairings),
    )


def _closed(client: Client, taken: Layer) -> tuple[datetime.date | None, int]:
    """The first open day, and how many of the entries lie before it."""
    closed = Books.objects.values_list("closed_through", flat=True).get(client=client)
    if closed is None:
        return None, 0
    return closed + datetime.timedelta(days=1), sum(entry.date <= closed for entry in taken.entries)


def _outside(client: Client, what: What, taken: Layer, acts: Collection[int]) -> dict[str, Sequence]:
    """What has left the house for these acts, what has not yet, and what else follows."""
    made = set(acts) | {entry.act for entry in taken.entries}
    stays, cancels = [], []
    for key, name, state, at in (
        Sending.objects.filter(
            client=client, act__in=Act.objects.filter(client=client, pk__among=made).values("pk")
        )
        .exclude(state=State.WITHDRAWN)
        .order_by("pk")
        .values_list("key", "name", "state", "sent_at")
    ):
        if state in (State.WAITING, State.FAILED):
            cancels.append(Gone(Words(FILE_WAITS, {"name": name}), key))
        else:
            stays.append(Gone(Words(FILE_LEFT, {"name": name}), key, at))
    if what.night is not None:
        stays += [
            Gone(Words(MAIL_LEFT, {"subject": subject, "to": ", ".join(to)}), subject, at)
            for subject, to, at in Mail.objects.filter(
                office=client.office_id, key__startswith=f"night:{what.night}:", sent_at__isnull=False
            ).values_list("subject", "to", "sent_at")
        ]
    return {"stays": tuple(stays), "cancels": tuple(cancels), "notices": _seals(client, taken)}


def _seals(client: Client, taken: Layer) -> tuple[Words, ...]:
    """The sealed bank days that reversing these entries breaks, account by account."""
    accounts = dict(BankAccount.objects.filter(client=client).values_list("account_id", "title"))
    days = set(
        Line.objects.filter(
            client=client, entry__among=taken.entry_ids, account__in=list(accounts)
        ).values_list("account_id", "date")
    )
    if not days:
        return ()
    sealed = BankDay.objects.filter(client=client, sealed_at__isnull=False).values_list(
        "account__account_id", "day"
    )
    broken = defaultdict(list)
    for account, day in sealed:
        if (account, day) in days:
            broken[account].append(day)
    return tuple(
        Words(
            SEALED,
            {"account": accounts[account], "count": len(of_one), "first": min(of_one).isoformat()},
        )
        for account, of_one in sorted(broken.items())
    )


@dataclass(frozen=True, slots=True)
class PartRow:
    """How an undoing went in one client's books."""

    client: int
    name: str
    ended_at: datetime.datetime | None
    act: int | None
    counts: dict
    trouble: Words | None


def last_undoing(night: Night) -> Undoing | None:
    """The last time that somebody had this night, or a routine of it, taken back for many clients."""
    found = Undoing.objects.select_related("office").filter(office=night.office_id, what__night=night.pk)
    return found.order_by("-pk").first()


def parts(undoing: Undoing, clients: Sequence[Client]) -> list[PartRow]:
    """How it goes, for these clients."""
    names = {client.pk: client.name for client in clients}
    return [
        PartRow(
            part.client_id,
            names[part.client_id],
            part.ended_at,
            part.act_id,
            part.counts,
            Words(part.trouble, part.trouble_values) if part.trouble else None,
        )
        for part in UndoingPart.objects.filter(undoing=undoing, client__in=list(names)).order_by("pk")
    ]


def waiting_parts(undoing: Undoing) -> list[int]:
    """The clients in scope that are still to be gone through, by id."""
    found = UndoingPart.objects.filter(undoing=undoing, ended_at__isnull=True)
    return list(found.order_by("pk").values_list("client", flat=True))

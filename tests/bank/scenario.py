"""Loads a shared scenario world into a client, runs its files, and says what became of each line."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from nattbok.bank import actions as bank
from nattbok.bank.actions.receiving import unread
from nattbok.bank.models import Movement
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk.models import Question
from nattbok.files.actions import keep
from nattbok.ledger.actions import add_parties
from nattbok.ledger.actions.books import PartyDraft
from nattbok.ledger.models import Entry, Settlement
from nattbok.ledger.rules import LineDraft, PartyKind, Settles
from tests.world import an_entry, posted

# The steps of the ladder that exist so far; the others' lines must be left for a person.
STEPS = {"KID_EXACT", "KID_PARTIAL", "KID_OVER", "KID_CLOSED", "LIST", "REF_AMOUNT"}


def load(client: Client, folder: Path) -> dict[str, int]:
    """Customers, open items and the bank account of the world; scenario item id → open item."""
    world = json.loads((folder / "world.json").read_text())
    law = country(client.country)
    normal = law.normal_account
    numbers = [world["client"].get("bankgiro")]
    bank.open_account(
        client,
        world["client"]["bank_account"] if client.country == "NO" else world["client"]["iban"],
        other_numbers=[number for number in numbers if number],
        rounding_limit=Decimal(world["settings"]["rounding_limit"]),
    )
    customers = dict(
        zip(
            [one["id"] for one in world["customers"]],
            add_parties(
                client,
                [
                    PartyDraft(
                        PartyKind.CUSTOMER,
                        one["id"],
                        one["name"],
                        one.get("orgnr", ""),
                        accounts=(
                            (normal(one["bank_account"]) or one["bank_account"], one["account_confirmed"]),
                        )
                        if one.get("bank_account")
                        else (),
                    )
                    for one in world["customers"]
                ],
            ),
            strict=True,
        )
    )
    drafts = []
    for item in world["open_items"]:
        if item["currency"] != client.currency or item["customer"] not in customers:
            continue
        amount = Decimal(item["amount"])
        drafts.append(
            (
                item,
                an_entry(
                    client,
                    LineDraft(
                        law.accounts.customers,
                        amount,
                        party=customers[item["customer"]],
                        number=item["number"],
                        reference=item["reference"] or "",
                        due_on=date.fromisoformat(item["due"]),
                    ),
                    (law.accounts.sales, str(-amount)),
                    on=date.fromisoformat(item["date"]),
                    origin=f"invoice:{item['id']}",
                ),
            )
        )
    entries = posted(client, *[draft for _item, draft in drafts])
    items = {item["id"]: entry.items[0] for (item, _draft), entry in zip(drafts, entries, strict=True)}
    # What was paid before tonight, in part or in full.
    paid = [
        (item, Decimal(item["amount"]) - Decimal(item["open"]))
        for item, _draft in drafts
        if Decimal(item["amount"]) != Decimal(item["open"])
    ]
    posted(
        client,
        *[
            an_entry(
                client,
                (law.accounts.bank, str(amount)),
                LineDraft(
                    law.accounts.customers,
                    -amount,
                    party=customers[item["customer"]],
                    settles=(Settles(items[item["id"]], amount),),
                ),
            )
            for item, amount in paid
        ],
    )
    return items


def run(client: Client, folder: Path, *names: str) -> None:
    """Keep and read the named files, in that order, and match."""
    for name in names:
        keep(client, (folder / name).read_bytes(), name=name, came_by="folder")
        for file in unread(client):
            bank.receive(client, file, by="robot:test")
    bank.match(client, by="robot:test")


def became(client: Client, items: dict[str, int]) -> dict[str, dict]:
    """Bank reference → what was posted: allocations by scenario item, rest, and the question if any."""
    names = {pk: name for name, pk in items.items()}
    found = {}
    for movement in Movement.objects.filter(client=client, sums_up=0):
        entry = Entry.objects.filter(client=client, origin=f"movement:{movement.pk}").first()
        settled = Settlement.objects.filter(client=client, act=entry.act if entry else None)
        found.setdefault((movement.bank_reference, movement.reference, movement.amount), []).append(
            {
                "is_posted": entry is not None,
                "allocations": {
                    names[debit if debit in names else credit]: amount if debit in names else -amount
                    for debit, credit, amount in settled.values_list("debit_id", "credit_id", "amount")
                },
                "question": Question.objects.filter(
                    client=client, subject=f"movement:{movement.pk}", closed_at__isnull=True
                ).first(),
            }
        )
    return found

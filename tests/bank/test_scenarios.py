"""The shared scenario nights: every line posted as it should be, or left, in whatever order files come."""

import itertools
import json
from decimal import Decimal

import pytest

from nattbok.db.scope import scope
from nattbok.ledger.models import Entry
from nattbok.ledger.queries.proof import prove
from tests.bank.scenario import STEPS, became, load, run
from tests.world import a_client

NIGHTS = [
    ("NO", "no_20260312", ("camt054_credit.xml", "camt053_day.xml", "ocr.txt")),
    ("SE", "se_20260312", ("camt054_credit.xml", "camt053_day.xml", "bgmax.txt")),
]


@pytest.mark.parametrize(
    "country, night, names",
    [(country, night, order) for country, night, names in NIGHTS for order in itertools.permutations(names)],
)
def test_a_night_of_every_kind_of_payment(country, night, names, office, shared_data):
    folder = shared_data / "bank" / "scenarios" / night
    client = a_client(country, office=office)
    with scope([client.pk]):
        items = load(client, folder)
        run(client, folder, *names)
        entries = Entry.objects.filter(client=client).count()
        run(client, folder, *names)  # once more: nothing new
        assert Entry.objects.filter(client=client).count() == entries
        found = became(client, items)
        wrong, missed = [], []
        for row in json.loads((folder / "expected.json").read_text())["expected"]:
            amount = Decimal(row["amount"])
            lines = [
                one
                for (reference, _quoted, of), many in found.items()
                for one in many
                if of == amount and row["bank_reference"] in (reference, reference.split("@")[0])
            ]
            if not lines and row["reference"]:
                lines = [
                    one
                    for (_ref, quoted, of), many in found.items()
                    for one in many
                    if of == amount and quoted == row["reference"]
                ]
            may = row["outcome"] in ("post", "post_on_account") and row["step"] in STEPS
            should = {one["item"]: Decimal(one["amount"]) for one in row["allocations"]} if may else {}
            for line in lines:
                if not line["is_posted"]:
                    continue
                if row["outcome"] == "ignore" and row["step"] == "DUPLICATE":
                    continue
                if not may or (line["allocations"] != should and not _rounded(row)):
                    wrong.append((row["tx"], row["step"], line))
            if may and not any(line["is_posted"] for line in lines):
                missed.append(
                    (
                        row["tx"],
                        row["step"],
                        lines and str(lines[0]["question"] and lines[0]["question"].reason),
                    )
                )
        assert wrong == []
        assert missed == []
        assert prove(client).fault is None


def _rounded(row):
    """A rest within the agreed limit is closed: the item is settled in full."""
    return "rounding" in row["note"] or "öresutjämning" in row["note"]

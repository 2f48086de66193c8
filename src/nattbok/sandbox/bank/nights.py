"""Random nights of one client: a world, a bank's files in any order, and the one right answer to every line.

In the same form as the scenarios that people made: world.json, the files, expected.json, and manifest.json,
whose files stand in the order in which they come. Run as `python -m nattbok.sandbox.bank.nights SEED COUNTRY
DIR`. The same seed and country give the same bytes.
"""

import json
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from nattbok.base.money import ZERO
from nattbok.countries.known import country as country_of
from nattbok.formats.bank.shape import Status
from nattbok.sandbox.bank import night_kinds as kinds
from nattbok.sandbox.bank import night_lists as lists
from nattbok.sandbox.bank import night_rules as rules
from nattbok.sandbox.bank.night_files import files
from nattbok.sandbox.bank.night_world import Line, Making, Row
from nattbok.sandbox.making.amounts import ore

# How many there may be of each kind, at least and at most.
MIX: dict[kinds.Kind, tuple[int, int]] = {
    kinds.kid_exact: (3, 9),
    kinds.kid_exact_of_the_rest: (0, 1),
    kinds.kid_partial: (0, 2),
    kinds.kid_in_two_parts: (0, 1),
    kinds.kid_over: (0, 2),
    kinds.kid_closed: (0, 2),
    kinds.kid_unknown: (0, 2),
    kinds.kid_invalid: (0, 1),
    kinds.kid_wrong_in_text: (0, 2),
    kinds.whole_kroner_over: (0, 1),
    kinds.whole_kroner_short: (0, 1),
    kinds.number_and_amount: (0, 3),
    kinds.number_short: (0, 2),
    kinds.longer_number: (0, 2),
    lists.list_structured: (0, 2),
    lists.list_credit_note: (0, 1),
    lists.list_short: (0, 1),
    lists.list_of_two_customers: (0, 1),
    lists.list_in_text: (0, 2),
    lists.subset: (0, 2),
    lists.subset_ambiguous: (0, 1),
    lists.unique: (0, 2),
    lists.owed_by_two: (0, 1),
    kinds.told_twice: (0, 1),
    kinds.twins: (0, 1),
    kinds.abroad: (0, 1),
    kinds.abroad_short: (0, 1),
    kinds.pending: (0, 1),
    kinds.card: (0, 2),
    kinds.fee_too_large: (0, 1),
    rules.split: (0, 2),
    rules.split_wrong: (0, 1),
    rules.interest: (0, 1),
    rules.fee: (0, 2),
    rules.tax: (0, 1),
    rules.rule_not_auto: (0, 1),
    rules.rot: (0, 1),
    rules.settlement: (0, 2),
    rules.settlement_no_report: (0, 1),
    rules.settlement_other_net: (0, 1),
    rules.settlement_wrong_report: (0, 1),
    rules.own_payment: (0, 3),
    rules.own_payment_differs: (0, 1),
    rules.own_payment_rejected: (0, 1),
    rules.returned: (0, 1),
    rules.paid_in_the_net_bank: (0, 1),
}
ONLY_IN = {rules.tax: "SE", rules.rot: "SE"}
# BgMax is complete until September 2026, so Swedish nights lie before it.
DAYS = {"NO": (date(2026, 3, 2), 260), "SE": (date(2026, 3, 2), 180)}
UNPAID = 30  # invoices that nobody pays tonight, at most
ATTEMPTS = 50
HOW_TO_READ = (
    "One row per bank transaction of the camt files (bank_reference = AcctSvcrRef). A giro file reports the "
    "reference payments again, and files may come twice, in any order: none of that may lead to a second "
    "posting. outcome: post = may post unattended; post_on_account = customer ledger without invoice; "
    "suggest = a person confirms; hold = nothing but a visible task; ignore = no posting, no task. A run is "
    "SAFE when no row with suggest/hold/ignore was posted and every posted allocation equals this list; its "
    "YIELD is posted rows / rows with outcome post or post_on_account."
)


@dataclass(frozen=True, slots=True)
class Night:
    """A client's night: `files` in the order in which they come, as (name, bytes)."""

    seed: int
    country: str
    world: Row
    files: tuple[tuple[str, bytes], ...]
    expected: Row

    def write(self, folder: Path) -> None:
        """Put it into the folder, which is made; as a scenario is laid out."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files:
            (folder / name).write_bytes(data)
        manifest = {
            "format": f"scenarios/{self.country.lower()}_{self.seed}",
            "set": "generated",
            "files": [{"file": name, "bytes": len(data)} for name, data in self.files],
        }
        for name, told in (
            ("world.json", self.world),
            ("expected.json", self.expected),
            ("manifest.json", manifest),
        ):
            (folder / name).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def make_night(seed: int, country: str) -> Night:
    """The night of a seed, in "NO" or "SE"; made anew while chance makes an answer ambiguous."""
    for attempt in range(ATTEMPTS):
        making = _make(Random(f"night:{country}:{seed}:{attempt}"), country)
        if not making.faults():
            return _night(seed, making)
    raise AssertionError(f"no night of seed {seed} without ambiguity: {making.faults()}")


def _make(random: Random, code: str) -> Making:
    first, span = DAYS[code]
    law = country_of(code)
    as_of = law.next_bank_day(first + timedelta(days=random.randrange(span)))
    making = Making(code, random, as_of)
    rules.add_rules(making)
    for _ in range(random.randint(0, UNPAID)):
        kinds.background(making, making.payer())
    wanted = [
        kind
        for kind, (least, most) in MIX.items()
        if ONLY_IN.get(kind, code) == code
        for _ in range(random.randint(least, most))
    ]
    random.shuffle(wanted)
    for kind in wanted:
        kind(making)
    return making


def _night(seed: int, making: Making) -> Night:
    random = making.random
    making.settings = {name: told for name, told in making.settings.items() if not name.startswith("_")}
    world = making.world()
    opening = ore(Decimal(random.randrange(50_000_00, 900_000_00)) / 100)
    moved = sum((line.transaction.amount for line in making.lines if _is_booked(line)), ZERO)
    lines = sorted(making.lines, key=lambda line: line.transaction.bank_reference)
    rows = [{"tx": f"T{place:03}", **line.expected} for place, line in enumerate(lines, 1)]
    expected = {
        "how_to_read": HOW_TO_READ,
        "opening_balance": str(opening),
        "closing_balance": str(opening + moved),
        "rows": len(rows),
        "postable": sum(row["outcome"] in ("post", "post_on_account") for row in rows),
        "expected": rows,
    }
    return Night(seed, making.code, world, tuple(files(making, world["client"], lines, opening)), expected)


def _is_booked(line: Line) -> bool:
    return line.on_statement and line.transaction.status is Status.BOOKED


def main(arguments: list[str]) -> int:
    """Write one night; what is wrong with the arguments goes to standard error."""
    if len(arguments) != 3 or not arguments[0].isdigit() or arguments[1] not in DAYS:
        sys.stderr.write("usage: python -m nattbok.sandbox.bank.nights SEED NO|SE DIR\n")
        return 2
    night = make_night(int(arguments[0]), arguments[1])
    night.write(Path(arguments[2]))
    sys.stdout.write(f"{night.expected['rows']} lines, {len(night.files)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How well bills are coded: both methods, where they agree, and what would have been posted wrongly.

A made-up office: clients with habits of their own, suppliers shared between them, bills of one to four lines
in the order of time. Some suppliers always sell one thing, some several; some habits change; a part of the
past is posted wrongly, as it is in real books, and some lines are exceptions that no past tells. Each bill is
decided on with only what came before it, and then posted as it truly is.

    python -m bench.coding [--bills 6000] [--clients 20] [--noise 0.03] [--seed 7] [--json]

No database: the rules themselves are measured. Ends with 1 when a target is missed.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nattbok.countries.known import country
from nattbok.documents.rules import habits
from nattbok.documents.rules import parts as bill_parts
from nattbok.documents.rules.bill import Bill, Group
from nattbok.documents.rules.coding import Known, Setting, Unclear, code
from nattbok.documents.rules.habits import LAST_BILLS, PastBill, PastPart
from nattbok.documents.rules.identity import Supplier
from nattbok.documents.rules.likeness import Seen, opinion

RIGHT_WHERE_AGREED = 0.95
STARTS = date(2025, 1, 1)
VAT, RATE = "1", Decimal(25)
# What is bought: words that sellers write, and the accounts that it may be posted to at different clients.
GOODS = {
    "strøm": (["strøm", "kraft", "energi", "nettleie", "forbruk"], ["6340", "6300"]),
    "bredbånd": (["bredbånd", "fiber", "internett", "abonnement", "bedrift"], ["6907", "6900"]),
    "mobil": (["mobil", "telefoni", "abonnement", "samtaler", "data"], ["6900", "6907"]),
    "leie": (["husleie", "lokale", "felleskostnader", "kontor"], ["6300"]),
    "rekvisita": (["kontorrekvisita", "papir", "penner", "permer", "toner"], ["6800", "6540"]),
    "programvare": (["lisens", "programvare", "abonnement", "bruker", "sky"], ["6420", "6553"]),
    "vare": (["varer", "kasse", "enheter", "artikkel", "palle"], ["4300", "4000"]),
    "frakt": (["frakt", "transport", "levering", "pakke"], ["6100", "4300"]),
    "renhold": (["renhold", "vask", "rengjøring", "vinduer"], ["6360", "6390"]),
    "regnskap": (["regnskap", "årsoppgjør", "bistand", "timer"], ["6705", "6790"]),
    "bil": (["drivstoff", "diesel", "bensin", "bom"], ["7000", "7020"]),
    "verktøy": (["verktøy", "drill", "sag", "batteri"], ["6540", "6500"]),
    "mat": (["lunsj", "møtemat", "kaffe", "frukt"], ["5915", "7350"]),
    "annonse": (["annonse", "kampanje", "reklame", "trykk"], ["7320", "7300"]),
    "reparasjon": (["reparasjon", "service", "deler", "vedlikehold"], ["6600", "6690"]),
}
SCRAP = ["faktura", "periode", "måned", "avtale", "kunde", "standard", "nord", "pluss", "basis", "pro"]


@dataclass
class Seller:
    """A supplier of several clients: what it sells, with the texts it writes."""

    number: str
    goods: list[str]
    texts: dict[str, list[str]]


@dataclass
class Books:
    """One client's past, as the rules ask for it."""

    habit: dict[tuple[str, str], str] = field(default_factory=dict)  # seller and goods → the true account
    past: dict[str, list[PastBill]] = field(default_factory=lambda: defaultdict(list))
    words: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    all: Counter = field(default_factory=Counter)


@dataclass
class Tally:
    """What is counted over all bills that are not the first of their supplier."""

    lines: int = 0
    first: int = 0
    bills: int = 0
    memory: int = 0
    memory_right: int = 0
    words: int = 0
    words_right: int = 0
    agreed: int = 0
    agreed_right: int = 0
    unattended: int = 0
    unattended_lines: int = 0
    unattended_wrong: int = 0
    of_those_exceptions: int = 0
    known: int = 0  # bills of suppliers with three bills or more before
    known_unattended: int = 0
    seconds: float = 0.0


class World:
    """The made-up office. The same seed is the same office."""

    def __init__(self, clients: int, noise: float, seed: int) -> None:
        self.chance, self.noise = random.Random(seed), noise
        self.sellers = [self._seller(place) for place in range(clients * 6)]
        self.books = [Books() for _client in range(clients)]
        self.of = [self.chance.sample(self.sellers, 18) for _client in range(clients)]

    def _seller(self, place: int) -> Seller:
        goods = self.chance.sample(sorted(GOODS), self.chance.choices([1, 2, 3], [60, 25, 15])[0])
        texts = {
            each: [
                " ".join(self.chance.sample(GOODS[each][0], 2) + self.chance.sample(SCRAP, 1))
                for _text in range(self.chance.choice([1, 1, 2, 3]))
            ]
            for each in goods
        }
        return Seller(f"{310_000_000 + place}", goods, texts)

    def account(self, client: int, seller: Seller, goods: str) -> str:
        """Where this client posts it: mostly as others do, and a client's habit may change."""
        habit = self.books[client].habit
        key = (seller.number, goods)
        if key not in habit or self.chance.random() < 0.002:
            usual, *others = GOODS[goods][1]
            is_own = others and self.chance.random() < 0.35
            habit[key] = self.chance.choice(others) if is_own else usual
        return habit[key]

    def bill(self, number: int) -> tuple[int, Seller, Bill, list[str], list[str], list[bool]]:
        """The next bill: client, seller, the bill, its texts, the true accounts, which are exceptions."""
        client = self.chance.randrange(len(self.books))
        seller = self.chance.choice(self.of[client])
        texts, truth, odd = [], [], []
        for _line in range(self.chance.choice([1, 1, 2, 3, 4])):
            goods = self.chance.choice(seller.goods)
            text = self.chance.choice(seller.texts[goods])
            account, is_odd = self.account(client, seller, goods), self.chance.random() < 0.01
            if is_odd:  # something that nothing on the bill tells
                account = self.chance.choice([each for each in ("7770", "7140", "6860") if each != account])
            texts.append(f"{text} {number % 12 + 1:02}/26")
            truth.append(account)
            odd.append(is_odd)
        nets = [Decimal(self.chance.randrange(10_000, 900_000)) / 100 for _text in texts]
        net = sum(nets, Decimal("0.00"))
        group = Group("S", RATE, net, (net * RATE / 100).quantize(Decimal("0.01")), "/vat[1]")
        on = STARTS + timedelta(days=number // 20)
        bill = Bill(
            number, number, "", "invoice", f"Seller {seller.number}", f"NO:{seller.number}", seller.number,
            f"NO{seller.number}MVA", "NO", str(number), on, on, on, "NOK", net, group.vat, net + group.vat,
            Decimal(0), Decimal(0), "", groups=(group,),
        )  # fmt: skip
        self.nets = nets
        return client, seller, bill, texts, truth, odd

    def seen(self, client: int, words: set[str]) -> Seen:
        """What both databases' questions would answer for these words."""
        own, office, all_ = self.books[client], defaultdict(Counter), Counter()
        for place, each in enumerate(self.books):
            if place != client:
                all_.update(each.all)
                for word in words & each.words.keys():
                    office[word].update(each.words[word])
        return Seen({word: own.words[word] for word in words & own.words.keys()}, office, own.all, all_)

    def post(self, client: int, seller: Seller, bill: Bill, parts: list, truth: list[str]) -> None:
        """Keep it as it was posted: as it truly is, but for the mistakes that books have."""
        posted = [
            self.chance.choice(sorted(ACCOUNTS)) if self.chance.random() < self.noise else account
            for account in truth
        ]
        books = self.books[client]
        went = tuple(PastPart(VAT, account, part.key) for part, account in zip(parts, posted, strict=True))
        lines = tuple((VAT, account) for account in posted)
        books.past[seller.number] = [
            PastBill(bill.document, bill.owed, lines, (), went), *books.past[seller.number]
        ][:LAST_BILLS]  # fmt: skip
        for part, account in zip(parts, posted, strict=True):
            books.all[account] += 1
            for word in bill_parts.words(part, bill):
                books.words[word][account] += 1


ACCOUNTS = {account: "" for _words, accounts in GOODS.values() for account in accounts} | {
    "7770": "", "7140": "", "6860": "",
}  # fmt: skip


def measure(bills: int, clients: int, noise: float, seed: int) -> Tally:
    """Decide on `bills` bills one after the other, each with only what came before."""
    world, tally, law = World(clients, noise, seed), Tally(), country("NO")
    for number in range(1, bills + 1):
        client, seller, bill, texts, truth, odd = world.bill(number)
        (group,) = bill.groups
        parts = [
            bill_parts.Part(group, net, text, places=(place,))
            for place, (net, text) in enumerate(zip(world.nets, texts, strict=True))
        ]
        history = world.books[client].past[seller.number]
        words = {word for part in parts for word in bill_parts.words(part, bill)}
        seen = world.seen(client, words)
        started = time.perf_counter()
        found = code(
            bill,
            supplier=Supplier(1, bill.seller, seller.number, "NO"),
            setting=Setting(),
            known=Known(law, ACCOUNTS, history, seen),
            parts=parts,
        )
        tally.seconds += time.perf_counter() - started
        _count(tally, bill, parts, history, seen, truth)
        tally.bills += 1
        tally.first += not history
        tally.known += len(history) >= habits.ENOUGH_BILLS
        if not isinstance(found, Unclear):
            tally.unattended += 1
            tally.known_unattended += len(history) >= habits.ENOUGH_BILLS
            went = {place: line.account for line in found for place in line.places}
            wrong = [place for place, account in enumerate(truth) if went[place] != account]
            tally.unattended_lines += len(truth)
            tally.unattended_wrong += len(wrong)
            tally.of_those_exceptions += sum(odd[place] for place in wrong)
        world.post(client, seller, bill, parts, truth)
    return tally


def _count(tally: Tally, bill: Bill, parts: list, history: list, seen: Seen, truth: list[str]) -> None:
    """Each method by itself, line by line; where both are sure and say the same, they agree."""
    for part, account in zip(parts, truth, strict=True):
        tally.lines += 1
        habit = habits.habit(part, VAT, history, supplier="", accounts=ACCOUNTS)
        before = habit.targets[0][0][0] if habit.targets and habit.doubt is None else ""
        counted = Counter(each for past in history for _code, each in past.lines)
        told = opinion(bill_parts.words(part, bill), seen, accounts=ACCOUNTS, supplier=counted)
        said = told.account if told else ""
        tally.memory += bool(before)
        tally.memory_right += before == account
        tally.words += bool(said)
        tally.words_right += said == account
        tally.agreed += bool(before) and before == said
        tally.agreed_right += before == said == account


def figures(tally: Tally) -> dict:
    """The figures to print."""
    return {
        "bills": tally.bills,
        "lines": tally.lines,
        "memory_answers": tally.memory / tally.lines,
        "memory_right": tally.memory_right / max(tally.memory, 1),
        "words_answer": tally.words / tally.lines,
        "words_right": tally.words_right / max(tally.words, 1),
        "agreed": tally.agreed / tally.lines,
        "agreed_right": tally.agreed_right / max(tally.agreed, 1),
        "unattended_bills": tally.unattended / tally.bills,
        "unattended_of_known": tally.known_unattended / max(tally.known, 1),
        "unattended_lines": tally.unattended_lines,
        "unattended_wrong_lines": tally.unattended_wrong,
        "of_them_exceptions_that_nothing_told": tally.of_those_exceptions,
        "ms_a_bill": 1000 * tally.seconds / tally.bills,
    }


def main() -> int:
    """Measure and print; 1 when what both methods agree on is not right often enough."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bills", type=int, default=6000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--noise", type=float, default=0.03)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = figures(measure(asked.bills, asked.clients, asked.noise, asked.seed))
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"  {name:40} {value:.4f}" if isinstance(value, float) else f"  {name:40} {value}")
    return 0 if found["agreed_right"] >= RIGHT_WHERE_AGREED else 1


if __name__ == "__main__":
    sys.exit(main())

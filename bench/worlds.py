"""A scenario's world in books of its own, its night run, and what became of each of the bank's lines.

A world is a folder with world.json (the client, customers, open items, rules, sent payments, settlements,
settings), the bank's files, and expected.json: one row for each of the bank's lines, with the one right
answer. Shared by the measurements and the tests.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
# What an item in another currency is taken to be worth in the books: the worlds do not say.
RATES = {"EUR": Decimal("11.50"), "USD": Decimal("10.50"), "GBP": Decimal("13.00")}
BY = "person:1"
ROBOT = "robot:bench"
IN = {"CRDT": "in", "DBIT": "out"}
POSTS = ("post", "post_on_account")
ENDED = ("RJCT", "CANC")


@dataclass(slots=True)
class Books:
    """A world that was loaded: what the world calls its items and payments, in our ids."""

    client: object
    world: Mapping
    items: dict[str, int] = field(default_factory=dict)
    rules: dict[int, str] = field(default_factory=dict)
    payments: dict[str, int] = field(default_factory=dict)  # end to end id → the supplier's item
    sent: list = field(default_factory=list)


@dataclass(slots=True)
class Became:
    """What became of one movement."""

    movement: int
    bank_reference: str
    reference: str
    amount: Decimal
    is_posted: bool
    said: str = ""  # all that it quotes and says
    step: str = ""
    allocations: dict[str, Decimal] = field(default_factory=dict)
    lines: dict[str, Decimal] = field(default_factory=dict)  # account → amount, beside the bank's own
    on_account: Decimal = ZERO
    rounding: Decimal = ZERO
    rule: str = ""
    payout: str = ""
    paid: str = ""
    question: str = ""
    reason: str = ""
    offered: int = 0


def read(folder: Path) -> tuple[dict, dict, list[tuple[str, bytes]]]:
    """world.json, expected.json and the files, in the manifest's order or by name."""
    world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    own = {"world.json", "expected.json", "manifest.json"}
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in own)
    manifest = folder / "manifest.json"
    if manifest.exists():
        listed = [one["file"] for one in json.loads(manifest.read_text(encoding="utf-8")).get("files", ())]
        order = {name: place for place, name in enumerate(listed)}
        names.sort(key=lambda name: order.get(name, len(order)))
    return world, expected, [(name, (folder / name).read_bytes()) for name in names]


def load(client, world: Mapping) -> Books:
    """Put the world into the client's books, which are open and empty; the caller has entered its scope."""
    from nattbok.bank import actions as bank
    from nattbok.bank.actions import bank_rules
    from nattbok.countries.known import country

    law = country(client.country)
    own, settings = world["client"], world.get("settings", {})
    numbers = [own.get(name) for name in ("bank_account", "iban", "bankgiro", "plusgiro")]
    valid = [number for number in numbers if number and law.normal_account(number)]
    bank.open_account(
        client,
        valid[0],
        other_numbers=[number for number in numbers if number and number != valid[0]],
        currency=own.get("currency", client.currency),
        rounding_limit=Decimal(settings.get("rounding_limit") or 0),
    )
    books = Books(client, world)
    customers = _customers(client, world, law)
    _items(books, customers, law)
    terms = {name: bool(settings.get(name)) for name in ("unique_may_post", "fx_may_post")}
    bank_rules.set_terms(client, by=BY, **terms)
    _rules(books, law)
    _payouts(books, law)
    _sent(books, law)
    return books


def _customers(client, world: Mapping, law) -> dict[str, int]:
    from nattbok.ledger.actions import add_parties
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import PartyKind

    drafts = []
    for one in world["customers"]:
        number = one.get("bank_account") or ""
        known = ((law.normal_account(number) or number, int(one.get("account_confirmed") or 0)),)
        drafts.append(
            PartyDraft(
                PartyKind.CUSTOMER, one["id"], one["name"], one.get("orgnr") or "",
                accounts=known if number else (),
            )
        )  # fmt: skip
    ids = [one["id"] for one in world["customers"]]
    return dict(zip(ids, add_parties(client, drafts), strict=True))


def _items(books: Books, customers: Mapping[str, int], law) -> None:
    from nattbok.ledger.rules import LineDraft, Settles

    client, drafts, items = books.client, [], []
    for item in books.world["open_items"]:
        amount, currency = Decimal(item["amount"]), item.get("currency", client.currency)
        rate = Decimal(1) if currency == client.currency else RATES.get(currency, Decimal(10))
        value = (amount * rate).quantize(CENT)
        line = LineDraft(
            law.accounts.customers,
            value,
            currency=currency,
            currency_amount=amount,
            party=customers[item["customer"]],
            number=item.get("number") or "",
            reference=item.get("reference") or "",
            due_on=date.fromisoformat(item["due"]) if item.get("due") else None,
        )
        sold = LineDraft(law.accounts.sales, -value)
        drafts.append(_entry(f"invoice:{item['id']}", date.fromisoformat(item["date"]), line, sold))
        items.append((item, rate))
    posted = _post(client, drafts)
    books.items = {item["id"]: entry.items[0] for (item, _rate), entry in zip(items, posted, strict=True)}
    paid = []
    for item, rate in items:
        done = ((Decimal(item["amount"]) - Decimal(item["open"])) * rate).quantize(CENT)
        if done:
            line = LineDraft(
                law.accounts.customers,
                -done,
                party=customers[item["customer"]],
                settles=(Settles(books.items[item["id"]], abs(done)),),
            )
            other = LineDraft(law.accounts.equity, done)
            paid.append(_entry(f"paid:{item['id']}", date.fromisoformat(item["date"]), line, other))
    _post(client, paid)


def _entry(origin: str, day: date, *lines):
    from nattbok.ledger.rules import EntryDraft

    return EntryDraft(day, "A", origin, "", tuple(lines))


def _post(client, drafts: Sequence):
    from nattbok.ledger import actions as ledger
    from nattbok.trail.actions import record
    from nattbok.trail.rules import ActDraft

    return ledger.post(client, drafts, acts=record(client, [ActDraft("bench.world", BY, {})] * len(drafts)))


def _account(client, number: str) -> str:
    """An account of the world that the country's chart has not: added as it stands."""
    from nattbok.ledger.models import Account

    kind = "asset" if number[:1] == "1" else "liability" if number[:1] == "2" else "cost"
    Account.objects.get_or_create(client=client, number=number, defaults={"name": number, "kind": kind})
    return number


def _rules(books: Books, law) -> None:
    """The world's rules, in its order; those that are `auto` are approved by a person."""
    from nattbok.bank.actions import bank_rules

    for one in books.world.get("rules", ()):
        draft = bank_rules.RuleDraft(one["name"], _conditions(one["when"], law), _posting(books, one))
        version = bank_rules.write(books.client, draft, by=BY, approve=bool(one.get("auto")))
        books.rules[version.rule_id] = one["id"]


def _conditions(when: Mapping, law) -> dict:
    found: dict = {}
    for name, value in when.items():
        match name:
            case "text_contains":
                found["contains"] = [value] if isinstance(value, str) else value
            case "text_word":
                found["words"] = [value] if isinstance(value, str) else value
            case "text_regex":
                found["pattern"] = value
            case "payer_contains" | "payer" | "name_contains":
                found["payer"] = value
            case "payer_account" | "account" | "counterparty_account":
                found["payer_account"] = law.normal_account(value) or value
            case "direction":
                found["direction"] = IN.get(value, value)
            case "btc" | "bank_code":
                found["bank_code"] = value
            case "amount_max":
                found["most"] = value
            case "amount_min":
                found["least"] = value
            case "day_from":
                found["first_day"] = value
            case "day_to":
                found["last_day"] = value
            case _:
                raise SystemExit(f"a rule asks for {name}, which is not known here")
    return found


def _posting(books: Books, one: Mapping) -> dict:
    accounts = {name: _account(books.client, number) for name, number in one["accounts"].items()}
    codes = one.get("vat_codes") or {}
    match one["post"]:
        case "account":
            ((name, account),) = accounts.items()
            return {"parts": [{"account": account, "vat_code": codes.get(name, "")}]}
        case "split":
            gross = {"account": accounts["gross"], "takes": "group", "pattern": one["gross_regex"]}
            fee = {"account": accounts["fee"], "takes": "group", "pattern": one["fee_regex"]}
            fee |= {"is_deducted": True, "vat_code": codes.get("fee", "")}
            return {"parts": [gross, fee]}
        case "settlement":
            return {"kind": "settlement", "clearing": accounts["gross"], "fee": accounts["fee"]}
        case other:
            raise SystemExit(f"a rule posts {other}, which is not known here")


def _payouts(books: Books, law) -> None:
    """The settlement reports as rows; an acquirer's payouts go to the accounts a rule names, or the usual."""
    from nattbok.bank.actions import payouts
    from nattbok.formats.sales_day.shape import Row, RowKind, Settlement

    named = [one["accounts"] for one in books.world.get("rules", ()) if one["post"] == "settlement"]
    accounts = named[0] if named else {"gross": law.accounts.unallocated, "fee": law.accounts.bank_charges}
    payouts.set_accounts(books.client, "", by=BY, clearing=accounts["gross"], fee=accounts["fee"])
    for one in books.world.get("settlements", ()):
        rows = tuple(
            Row(
                RowKind.REFUND if Decimal(row["gross"]) < 0 else RowKind.SALE,
                Decimal(row["gross"]),
                Decimal(row["fee"]),
                order=row.get("order", ""),
            )
            for row in one["lines"]
        )
        settlement = Settlement(
            source=one.get("source", "acquirer"),
            payout_id=one["payout_id"],
            payment_reference="",
            on=date.fromisoformat(one["date"]),
            currency=books.client.currency,
            gross=Decimal(one["gross"]),
            fee=Decimal(one["fee"]),
            refunds=Decimal(one.get("refund") or 0),
            other=-Decimal(one.get("reserve") or 0),
            net=Decimal(one["net"]),
            rows=rows,
            is_net_stated=True,
        )
        payouts.keep(books.client, [settlement], name=one["payout_id"], by=BY)


def _sent(books: Books, law) -> None:
    """The payments that were sent, by what the client used before: each pays one bill of its supplier."""
    from nattbok.bank.rules import SentPayment
    from nattbok.ledger.actions import add_parties
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import LineDraft, PartyKind

    sent = books.world.get("sent_payments", ())
    if not sent:
        return
    client, day = books.client, date.fromisoformat(books.world["as_of"])
    names = sorted({one["supplier"] for one in sent})
    drafts = [PartyDraft(PartyKind.SUPPLIER, name, f"Leverandør {name}") for name in names]
    parties = dict(zip(names, add_parties(client, drafts), strict=True))
    bills = []
    for one in sent:
        amount = Decimal(one["amount"])
        owed = LineDraft(
            law.accounts.suppliers, -amount, party=parties[one["supplier"]], number=one["e2e"], due_on=day
        )
        bills.append(_entry(f"bill:{one['e2e']}", day, LineDraft(law.accounts.purchases, amount), owed))
    entries = _post(client, bills)
    for one, entry in zip(sent, entries, strict=True):
        books.payments[one["e2e"]] = entry.items[1]
        books.sent.append(
            SentPayment(
                one["e2e"], Decimal(one["amount"]), ((entry.items[1], Decimal(one["amount"])),),
                is_rejected=one["status"] in ENDED, party=parties[one["supplier"]],
            )
        )  # fmt: skip


def night(books: Books, files: Sequence[tuple[str, bytes]]) -> None:
    """What a night does with the files that came: kept, read, and what is certain posted."""
    from nattbok.bank import actions as bank
    from nattbok.bank.actions import payouts, receiving
    from nattbok.files.actions import keep

    client = books.client
    for name, data in files:
        keep(client, data, name=name, came_by="folder")
    for file in receiving.unread(client):
        bank.receive(client, file, by=ROBOT)
    for file in payouts.unread(client):
        payouts.receive(client, file, by=ROBOT)
    bank.match(client, by=ROBOT, sent=books.sent)


def became(books: Books) -> list[Became]:
    """What stands in the books, or on the desk, for each movement that is not a sum of others."""
    from nattbok.bank.models import Movement, PayoutReport
    from nattbok.desk.models import Question
    from nattbok.ledger.models import Entry, Line, Settlement

    client = books.client
    items = {pk: name for name, pk in books.items.items()} | {pk: e2e for e2e, pk in books.payments.items()}
    entries = {
        entry.origin: entry
        for entry in Entry.objects.filter(client=client, origin__startswith="movement:").select_related("act")
    }
    lines = defaultdict(lambda: defaultdict(lambda: ZERO))
    for entry, number, amount in Line.objects.filter(client=client, entry__series__code="B").values_list(
        "entry_id", "account__number", "amount"
    ):
        lines[entry][number] += amount
    paid = defaultdict(dict)
    for act, debit, credit, amount in Settlement.objects.filter(client=client).values_list(
        "act_id", "debit_id", "credit_id", "amount"
    ):
        if debit in items or credit in items:
            name, signed = (items[debit], amount) if debit in items else (items[credit], -amount)
            paid[act][name] = signed
    asked = {
        question.subject: question
        for question in Question.objects.filter(client=client, closed_at__isnull=True)
    }
    payouts = dict(PayoutReport.objects.filter(client=client).values_list("pk", "payout_id"))
    found = []
    for movement in Movement.objects.filter(client=client, sums_up=0).select_related("account__account"):
        entry, subject = entries.get(f"movement:{movement.pk}"), f"movement:{movement.pk}"
        question = asked.get(subject)
        one = Became(
            movement.pk, movement.bank_reference, movement.reference, movement.amount, entry is not None,
            said=_said(movement),
            question=question.kind if question else "",
            reason=str(question.reason.format(**question.values)) if question else "",
            offered=len(question.candidates) if question else 0,
        )  # fmt: skip
        if entry is not None:
            said = entry.act.evidence
            one.step = said["step"]
            one.allocations = {
                name: amount for name, amount in paid[entry.act_id].items() if name not in books.payments
            }
            one.paid = next((name for name in paid[entry.act_id] if name in books.payments), "")
            one.lines = dict(lines[entry.pk])
            bank = movement.account.account.number
            one.lines[bank] -= movement.amount
            one.lines = {number: amount for number, amount in one.lines.items() if amount}
            one.on_account, one.rounding = Decimal(said["on_account"]), Decimal(said["rounding"])
            one.rule = books.rules.get(said.get("rule"), "")
            one.payout = payouts.get(said.get("payout"), "")
        found.append(one)
    return found


def _said(movement) -> str:
    listed = (f"{one.get('reference')} {one.get('invoice')}" for one in movement.remittances)
    return " ".join((movement.reference, movement.text, *listed))


def judge(books: Books, expected: Mapping, found: Sequence[Became]) -> list[dict]:
    """Each expected row with what became of it and what is wrong with that; then what no row expects."""
    left = list(found)
    rows = sorted(expected["expected"], key=lambda row: row["outcome"] not in POSTS)
    told = {}
    for row in rows:
        mine = line_of(row, left)
        if mine is not None:
            left.remove(mine)
        elif row["outcome"] in POSTS or row["step"] not in ("DUPLICATE", "NOT_BOOKED"):
            told[row["tx"]] = _told(row, None, "" if row["outcome"] not in POSTS else "missed")
            continue
        told[row["tx"]] = _told(row, mine, _wrong(books, row, mine))
    result = [told[row["tx"]] for row in expected["expected"]]
    result += [
        _told({"tx": "", "amount": str(one.amount), "outcome": "none", "step": ""}, one, "posted beside all")
        for one in left
        if one.is_posted
    ]
    return result


def line_of(row: Mapping, left: Sequence[Became]) -> Became | None:
    """The movement that the row is about: by the bank's reference, else by the quoted one. Posted first."""
    amount = Decimal(row["amount"])
    alike = [one for one in left if one.amount == amount]
    same = [one for one in alike if one.bank_reference.split("@")[0] == row["bank_reference"]]
    if not same and row.get("reference"):
        same = [one for one in alike if one.reference == row["reference"]]
    same.sort(key=lambda one: not one.is_posted)
    return same[0] if same else None


def _wrong(books: Books, row: Mapping, mine: Became | None) -> str:
    """What is wrong with what was done: the manifest's own measure. "missed" is not wrong, but no yield."""
    if row["outcome"] not in POSTS:
        return "posted" if mine is not None and mine.is_posted else ""
    if not mine.is_posted:
        return "missed"
    should = {one["item"]: Decimal(one["amount"]) for one in row.get("allocations", ())}
    if mine.allocations != should and not _in_currency(books, mine, should):
        return "allocations"
    if "lines" in row:
        lines = defaultdict(lambda: ZERO)
        for one in row["lines"]:
            lines[one["account"]] += Decimal(one["amount"])
        if mine.lines != dict(lines):
            return "lines"
    if mine.rounding != Decimal(row.get("rounding") or 0):
        return "rounding"
    beyond = Decimal(row.get("unallocated") or 0) - max(mine.rounding, ZERO)
    if mine.on_account != beyond:
        return "unallocated"
    for name, was in (("rule", mine.rule), ("settlement", mine.payout), ("payment", mine.paid)):
        if row.get(name) and row[name] != was:
            return name
    return ""


def _in_currency(books: Books, mine: Became, should: Mapping[str, Decimal]) -> bool:
    """Whether the items are right, and those in another currency are told in it."""
    foreign = {
        item["id"] for item in books.world["open_items"] if item.get("currency") != books.client.currency
    }
    return mine.allocations.keys() == should.keys() and should.keys() <= foreign and bool(should)


def _told(row: Mapping, mine: Became | None, wrong: str) -> dict:
    return {
        "tx": row["tx"],
        "amount": row["amount"],
        "expected": row["outcome"],
        "expected_step": row["step"],
        "done": "nothing"
        if mine is None
        else "posted"
        if mine.is_posted
        else "asked"
        if mine.question
        else "left",
        "step": mine.step or mine.question if mine else "",
        "reason": mine.reason if mine else "",
        "pays": {name: str(amount) for name, amount in mine.allocations.items()} if mine else {},
        "lines": {name: str(amount) for name, amount in mine.lines.items()} if mine else {},
        "offered": mine.offered if mine else 0,
        "wrong": wrong if wrong != "missed" else "",
        "missed": wrong == "missed",
    }


def _done(mine: Became | None) -> str:
    if mine is None:
        return "nothing"
    return "posted" if mine.is_posted else "asked" if mine.question else "left"


def balance_off(books: Books, expected: Mapping) -> Decimal:
    """How far what the movements come to is from what the bank's balance moved; zero is right."""
    from nattbok.bank.models import Movement

    client = books.client
    lines = Movement.objects.filter(client=client)
    sums = dict(lines.filter(sums_up__gt=0).values_list("pk", "amount"))
    total = ZERO
    for part_of, amount, waits in lines.filter(sums_up=0).values_list("part_of_id", "amount", "waits_for"):
        if waits == "maybe_twice":
            continue
        total += amount
        if part_of in sums:
            sums[part_of] -= amount
    total += sum(sums.values(), ZERO)
    return total - (Decimal(expected["closing_balance"]) - Decimal(expected["opening_balance"]))

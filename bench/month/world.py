"""A client with a bank account at the test bank, bills to pay, and customers that pay it in every way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from nattbok.base.dates import add_open_days
from nattbok.countries.known import country
from nattbok.sandbox.bank.shape import Account, Customer, Reporting
from nattbok.sandbox.making.numbers import Numbers, iban

STARTS_ON = date(2026, 3, 2)  # thirty bank days from here go over Easter, which is kept otherwise in Sweden
FUNDS = Decimal("600000.00")
SUPPLIERS, BILLS_A_DAY, INVOICES_A_DAY = 4, 2, 3
LESS, MORE = Decimal("100.00"), Decimal("50.00")
BY = "person:1"
# How many of 100 payments are of each kind.
WAYS = {
    "paid": 54,
    "paid_short": 8,
    "paid_over": 8,
    "paid_number_in_text": 8,
    "paid_again": 6,
    "paid_without_reference": 6,
    "paid_wrong_reference": 5,
    "paid_unknown_reference": 5,
}


@dataclass
class Played:
    """A client in the month: both ends of its bank account, and the one right answer to each payment in."""

    client: object
    account: object  # our BankAccount
    number: str  # as the bank has it
    customer: str  # the bank's id of the client
    form: str  # file, sftp, rest
    connection: int
    bills: dict[int, Decimal] = field(default_factory=dict)  # supplier's item → what it is of
    items: dict[str, int] = field(default_factory=dict)  # invoice number → open item
    expected: list[dict] = field(default_factory=list)  # rows as `worlds.judge` takes them
    morning: set[tuple[str, str]] = field(default_factory=set)  # (kind, reason) seen on the desk in a morning
    trouble: list[str] = field(default_factory=list)  # what went wrong with the nights themselves
    asked_again: set[str] = field(default_factory=set)  # files that the bank was asked to put out anew


def bank_days(code: str, count: int) -> list[date]:
    """So many bank days from the first one."""
    law = country(code)
    first = law.next_bank_day(STARTS_ON)
    return [add_open_days(first, place, law.is_bank_day) for place in range(count)]


def join(client, form: str, bank, doors, people, *, days: int, random: Random) -> Played:
    """Open the account on both sides, connect them, and lay out all that is to happen in `days` bank days.

    The client's books are open and empty, and the caller has entered its scope.
    """
    numbers = Numbers(random)
    played = _account(client, form, bank, numbers, random)
    _connect(played, bank, doors)
    people.work_for(client)
    _opening(played)
    _rules(played)
    _bills(played, numbers, days, random)
    _customers(played, bank, numbers, days, random)
    return played


def stranger(bank, random: Random) -> None:
    """Another customer of the bank's, whose account may come to stand in somebody else's file."""
    number = Numbers(random).bban()
    bank.open_customer(Customer("stranger", "En Helt Annen AS", "NO"))
    bank.open_account(Account(number, iban("NO", number), "", "NOK", "En Helt Annen AS", "stranger"), FUNDS)


def _account(client, form: str, bank, numbers: Numbers, random: Random) -> Played:
    from nattbok.bank import actions
    from nattbok.clients import actions as clients
    from nattbok.clients.rules import Doer, Service

    is_swedish = client.country == "SE"
    number = numbers.swedish_iban() if is_swedish else numbers.bban()
    bankgiro = numbers.bankgiro() if is_swedish else ""
    customer = f"c{client.pk}"
    reporting = Reporting(
        version=random.choice(("02", "08")),
        as_iban=is_swedish or random.random() < 0.5,
        giro_file=not is_swedish and random.random() < 0.5,
        lists_debit_details=random.random() < 0.7,
    )
    bank.open_customer(Customer(customer, client.name, client.country, reporting=reporting))
    named = number if is_swedish else iban("NO", number)
    bank.open_account(Account(number, named, bankgiro, client.currency, client.name, customer), FUNDS)
    account = actions.open_account(
        client, number, title="Drift", other_numbers=[bankgiro] if bankgiro else []
    )
    clients.agree(client, Service.PAYMENTS, Doer.ROBOT)
    return Played(client, account, number, customer, form, 0)


def _connect(played: Played, bank, doors) -> None:
    """Ordered, registered, tested, activated, as the pages do it."""
    from nattbok.bank import actions
    from nattbok.bank.queries.connections import keys
    from nattbok.bank.rules.connections import Form

    client, form = played.client, Form(played.form)
    connection = actions.order(
        client, bank="test", form=form, accounts=[played.account.pk], by=BY, is_test=True
    )
    token = f"token-of-{played.customer}"
    own = keys(client, connection)
    (customer,) = (one for one in bank.customers() if one.id == played.customer)
    bank.change_customer(
        Customer(
            customer.id, customer.name, customer.country, reporting=customer.reporting,
            public_keys=(own[0].public_key,) if own else (), tokens=(token,),
        )
    )  # fmt: skip
    address = {
        Form.SFTP: f"{doors.host}:{doors.sftp_port}", Form.REST: doors.rest_address, Form.FILE: "",
    }[form]  # fmt: skip
    actions.registered(client, connection, by=BY, on=STARTS_ON, address=address, username=played.customer)
    if form is Form.REST:
        actions.set_token(client, connection, token, by=BY)
    if form is Form.SFTP:
        actions.confirm_host_key(client, connection, doors.host_keys[0], by=BY)
    if form.is_direct:
        actions.try_out(client, connection, by=BY)
        actions.activate(client, connection, by=BY, on=STARTS_ON)
    played.connection = connection


def _opening(played: Played) -> None:
    """The books begin with what is at the bank."""
    from nattbok.ledger.rules import LineDraft

    law = country(played.client.country).accounts
    lines = LineDraft(law.bank, FUNDS), LineDraft(law.equity, -FUNDS)
    _post(played.client, [_entry("opening:bank", STARTS_ON, *lines)])


def _rules(played: Played) -> None:
    """Fees are posted by a rule that a person has approved."""
    from nattbok.bank.actions import bank_rules

    law = country(played.client.country).accounts
    draft = bank_rules.RuleDraft(
        "Fees",
        {"direction": "out", "bank_code": "PMNT-MDOP-CHRG", "most": "500"},
        {"parts": [{"account": law.bank_charges}]},
    )
    bank_rules.write(played.client, draft, by=BY, approve=True)


def _bills(played: Played, numbers: Numbers, days: int, random: Random) -> None:
    from nattbok.ledger.actions import add_parties
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import LineDraft, PartyKind

    client = played.client
    law = country(client.country)
    parties = add_parties(
        client,
        [
            PartyDraft(
                PartyKind.SUPPLIER,
                f"{9000 + place}",
                f"Leverandør {place}",
                accounts=((numbers.bankgiro() if law.code == "SE" else numbers.bban(), 2),),
            )
            for place in range(SUPPLIERS)
        ],
    )
    drafts, amounts = [], []
    for at, day in enumerate(bank_days(law.code, days)):
        for place in range(random.randint(1, BILLS_A_DAY)):
            amount = _amount(random, 300, 9_000)
            number = f"{70_000 + at * 10 + place}"
            owed = LineDraft(
                law.accounts.suppliers,
                -amount,
                party=random.choice(parties),
                number=number,
                reference=law.references.make(number) if random.random() < 0.6 else "",
                due_on=day,
            )
            drafts.append(
                _entry(f"bill:{number}", STARTS_ON, LineDraft(law.accounts.purchases, amount), owed)
            )
            amounts.append(amount)
    for entry, amount in zip(_post(client, drafts), amounts, strict=True):
        played.bills[next(item for item in entry.items if item)] = amount


def _customers(played: Played, bank, numbers: Numbers, days: int, random: Random) -> None:
    """Invoices, and on the days to come the payments of most of them; fees, interest and purchases too."""
    from nattbok.ledger.actions import add_parties
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import LineDraft, PartyKind

    client = played.client
    law = country(client.country)
    on = bank_days(law.code, days)
    names = [f"Kunde {place} AS" for place in range(12)]
    accounts = [numbers.bban() if law.code == "NO" else numbers.swedish_iban() for _name in names]
    parties = add_parties(
        client,
        [PartyDraft(PartyKind.CUSTOMER, f"{100 + place}", name) for place, name in enumerate(names)],
    )
    drafts, plan = [], []
    for at, day in enumerate(on):
        for place in range(INVOICES_A_DAY):
            amount, who = _amount(random, 400, 12_000), random.randrange(len(names))
            number = f"{50_000 + at * 10 + place}"
            reference = law.references.make(number)
            line = LineDraft(
                law.accounts.customers, amount, party=parties[who], number=number, reference=reference,
                due_on=day,
            )  # fmt: skip
            drafts.append(
                _entry(f"invoice:{number}", STARTS_ON, line, LineDraft(law.accounts.sales, -amount))
            )
            (way,) = random.choices(list(WAYS), list(WAYS.values()))
            invoice = {"reference": reference, "number": number, "amount": amount}
            plan.append((day, way, invoice, {"name": names[who], "account": accounts[who]}))
    for entry, (_day, _way, invoice, _by) in zip(_post(client, drafts), plan, strict=True):
        played.items[invoice["number"]] = next(item for item in entry.items if item)
    for day, way, invoice, by in plan:
        _pays(played, bank, on, day, way, invoice, by)
    for day in on:
        if random.random() < 0.4:
            _happens(played, bank, day, random)


def _pays(
    played: Played, bank, on: Sequence[date], day: date, way: str, invoice: Mapping, by: Mapping
) -> None:
    """One payment, and the one right thing to do with it."""
    amount, item = invoice["amount"], invoice["number"]
    told = {"on": day, "invoice": invoice, "by": by}

    def injected(kind: str, **more) -> str:
        return bank.inject(played.number, kind, **(told | more))

    def pays(
        reference: str, step: str, paid: Decimal, allocated: Decimal | None, over: Decimal = LESS - LESS
    ):
        allocations = [{"item": item, "amount": str(allocated)}] if allocated else []
        outcome = "post" if allocations else "post_on_account" if over else "hold"
        _expect(played, reference, invoice["reference"], paid, step, outcome, allocations, over)

    match way:
        case "paid" | "paid_again":
            pays(injected("paid"), "KID_EXACT", amount, amount)
            if way == "paid_again" and day != on[-1]:
                later = next(one for one in on if one > day)
                pays(injected("paid", on=later), "KID_CLOSED", amount, None, amount)
        case "paid_short":
            pays(injected(way, less=LESS), "KID_PARTIAL", amount - LESS, amount - LESS)
        case "paid_over":
            pays(injected(way, more=MORE), "KID_OVER", amount + MORE, amount, MORE)
        case "paid_number_in_text":
            pays(injected(way), "REF_AMOUNT", amount, amount)
        case "paid_without_reference" | "paid_wrong_reference":
            pays(injected(way), "NONE", amount, None)
        case "paid_unknown_reference":
            pays(injected(way, amount=amount), "KID_UNKNOWN", amount, None)


def _happens(played: Played, bank, day: date, random: Random) -> None:
    law = country(played.client.country).accounts
    kind = random.choice(("fee", "fee", "interest", "card_purchase", "tax_refund"))
    amount = _amount(random, 20, 300)
    reference = bank.inject(played.number, kind, on=day, amount=amount, text="KAFFE OG KAKE"[:20])
    signed = amount if kind in ("interest", "tax_refund") else -amount
    if kind == "fee":
        lines = [{"account": law.bank_charges, "amount": str(amount)}]
        _expect(played, reference, "", signed, "RULE", "post", [], LESS - LESS, lines=lines)
    else:
        _expect(played, reference, "", signed, "NONE", "hold", [], LESS - LESS)


def _expect(
    played: Played, bank_reference: str, reference: str, amount: Decimal, step: str, outcome: str,
    allocations: list, over: Decimal, **more: object,
) -> None:  # fmt: skip
    played.expected.append(
        {
            "tx": f"T{len(played.expected) + 1}",
            "bank_reference": bank_reference,
            "reference": "" if outcome == "hold" else reference,
            "amount": str(amount),
            "step": step,
            "outcome": outcome,
            "allocations": allocations,
            "unallocated": str(over),
            **more,
        }
    )


def _amount(random: Random, least: int, most: int) -> Decimal:
    return Decimal(random.randrange(least * 100, most * 100)) / 100


def _entry(origin: str, day: date, *lines):
    from nattbok.ledger.rules import EntryDraft

    return EntryDraft(day, "A", origin, "", tuple(lines))


def _post(client, drafts: Sequence) -> list:
    from nattbok.ledger import actions as ledger
    from nattbok.trail.actions import record
    from nattbok.trail.rules import ActDraft

    return ledger.post(client, drafts, acts=record(client, [ActDraft("bench.world", BY, {})] * len(drafts)))

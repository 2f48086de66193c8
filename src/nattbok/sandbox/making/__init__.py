"""Making an office that never was, with a year of books, a night's files, and the truth about them."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from nattbok.base.dates import DateRange, Month
from nattbok.countries.known import country
from nattbok.sandbox.books_at_night import balances
from nattbok.sandbox.making import bank_files, bills, payments
from nattbok.sandbox.making.bank_files import Ways
from nattbok.sandbox.making.books import make_books
from nattbok.sandbox.making.flavour import FLAVOURS, check
from nattbok.sandbox.making.numbers import Numbers
from nattbok.sandbox.making.parties import (
    Beginning,
    agreement,
    bank_account,
    customers,
    names,
    suppliers,
)
from nattbok.sandbox.office import BillTruth, Client, NightFile, Office, PaymentTruth, World

NIGHT = date(2026, 11, 20)
BANK, DOCUMENTS, BOTH = "bank", "documents", "post"
FIRST_NUMBER = 1001
SWEDISH_EVERY = 5  # four Norwegian clients to one Swedish
PAYMENTS_PER_CLIENT, BILLS_PER_CLIENT = 1.5, 5
MONTHS_OF_HISTORY = 12


@dataclass(frozen=True, slots=True)
class _Work:
    """What one client is to get tonight."""

    sources: tuple[str, ...]
    payments: tuple[str, ...]  # their kinds
    bills: tuple[str, ...]
    giro_client: int  # its place among its country's with a bank folder, or -1


def make_office(seed: int = 1, clients: int = 60, night: date = NIGHT) -> World:
    """An office with that many clients on the day `night`. The same arguments give the same bytes.

    Half as many folders as clients, 1.5 payments and 5 e-invoices for each client, shared among the folders.
    Raises ValueError for fewer than one client.
    """
    if clients < 1:
        raise ValueError(f"an office has at least one client, not {clients}")
    random = Random(f"office:{seed}")
    numbers = Numbers(random)
    bank_day = _bank_day_before(night)
    days = DateRange(Month.of(night).plus(-MONTHS_OF_HISTORY).first, bank_day - timedelta(days=1))
    work = _share_out(clients, random)
    home = FLAVOURS["NO"]
    office = Office(home.office, numbers.org_number("NO"), "NO")
    made: list[Client] = []
    files: list[NightFile] = []
    paid: list[PaymentTruth] = []
    others: list[PaymentTruth] = []
    sent: list[BillTruth] = []
    called = {code: _names(code, clients, random) for code in FLAVOURS}
    for place in range(clients):
        own = Random(f"client:{seed}:{place}")
        one = _begin(place, called[_country(place)].pop(), work[place], numbers, own, days.first)
        client, night_files, truths = _live(one, work[place], days, bank_day, night, numbers, own)
        made.append(client)
        files += night_files
        paid += truths[0]
        others += truths[1]
        sent += truths[2]
    return World(
        seed=seed,
        office=office,
        starts_on=days.first,
        bank_day=bank_day,
        night=night,
        clients=tuple(made),
        files=tuple(files),
        payments=tuple(paid),
        other_lines=tuple(others),
        bills=tuple(sent),
    )


def _country(place: int) -> str:
    return "SE" if place % SWEDISH_EVERY == SWEDISH_EVERY - 1 else "NO"


def _names(code: str, clients: int, random: Random) -> list[str]:
    flavour = FLAVOURS[code]
    check(flavour, country(code))
    return [f"{name} {flavour.company}" for name in names(flavour, random, clients)]


def _bank_day_before(night: date) -> date:
    """The last day before the night on which the banks of both countries were open."""
    laws = [country(code) for code in FLAVOURS]
    day = night - timedelta(days=1)
    while not all(law.is_bank_day(day) for law in laws):
        day -= timedelta(days=1)
    return day


def _share_out(clients: int, random: Random) -> list[_Work]:
    """Who has which folders, and what lies in them."""
    folders = max(1, clients // 2)
    working = _in_turn([place for place in range(clients) if _profile(place) != "self"], random)
    sources: list[list[str]] = [[] for _ in range(clients)]
    with_bank: list[int] = []
    for number in range(folders):
        kind = BOTH if number == 0 else BANK if number % 5 in (1, 2, 3) else DOCUMENTS
        if kind == DOCUMENTS and number % 3 == 0:
            # A client may have a folder of each kind.
            place = next(other for other in with_bank if sources[other] == [BANK])
        else:
            place = working.pop()
        sources[place].append(kind)
        if kind != DOCUMENTS:
            with_bank.append(place)
    with_documents = [place for place in range(clients) if {BOTH, DOCUMENTS} & set(sources[place])]
    pay = _dealt(payments.kinds(round(clients * PAYMENTS_PER_CLIENT), random), with_bank)
    bill = _dealt(_keep_pairs(bills.kinds(clients * BILLS_PER_CLIENT, random)), with_documents)
    return [
        _Work(
            tuple(sources[place]),
            tuple(pay.get(place, ())),
            tuple(bill.get(place, ())),
            _turn(place, with_bank),
        )
        for place in range(clients)
    ]


def _in_turn(places: list[int], random: Random) -> list[int]:
    """The places shuffled, those of each country spread evenly; the last come first."""
    countries = {code: [place for place in places if _country(place) == code] for code in FLAVOURS}
    found: list[tuple[float, int]] = []
    for lot in countries.values():
        random.shuffle(lot)
        found += [(turn / len(lot), place) for turn, place in enumerate(lot)]
    return [place for _share, place in sorted(found, reverse=True)]


def _turn(place: int, with_bank: list[int]) -> int:
    alike = [other for other in with_bank if _country(other) == _country(place)]
    return alike.index(place) if place in alike else -1


def _keep_pairs(kinds: list[str]) -> list[str]:
    """A duplicate is two files, so one certain bill less is sent for it."""
    found = list(kinds)
    for _ in range(found.count("duplicate")):
        found.remove(bills.CERTAIN)
    return found


def _dealt(kinds: list[str], places: list[int]) -> dict[int, list[str]]:
    """The kinds dealt to the clients in turn."""
    return {place: kinds[turn :: len(places)] for turn, place in enumerate(places)}


def _profile(place: int) -> str:
    if place % 10 == 7:
        return "mixed"
    return "self" if place % 12 == 11 else "full"


def _begin(
    place: int, name: str, work: _Work, numbers: Numbers, random: Random, starts_on: date
) -> Beginning:
    code = _country(place)
    law, flavour = country(code), FLAVOURS[code]
    post_code, city = random.choice(flavour.places)
    return Beginning(
        number=str(FIRST_NUMBER + place),
        name=name,
        org_number=numbers.org_number(code),
        profile=_profile(place),
        law=law,
        flavour=flavour,
        bank_account=bank_account(law, numbers),
        agreement=agreement(law, random),
        customers=customers(law, flavour, random, numbers),
        suppliers=suppliers(law, flavour, random, numbers, starts_on, new=bills.count_new(work.bills)),
        street=f"{random.choice(flavour.streets)} {random.randint(1, 90)}",
        city=city,
        post_code=post_code,
        sources=work.sources,
    )


def _live(
    one: Beginning,
    work: _Work,
    days: DateRange,
    bank_day: date,
    night: date,
    numbers: Numbers,
    random: Random,
) -> tuple[Client, list[NightFile], tuple[list[PaymentTruth], list[PaymentTruth], list[BillTruth]]]:
    """The client's year, and its night."""
    plans = payments.plans(one, list(work.payments), random)
    sales = [sale for plan in plans for sale in payments.needed_sales(one, plan, bank_day, random)]
    books = make_books(one, days, sales, random)
    files: list[NightFile] = []
    paid: list[PaymentTruth] = []
    others: list[PaymentTruth] = []
    sent: list[BillTruth] = []
    if work.giro_client >= 0:
        source = BOTH if BOTH in work.sources else BANK
        reported = _bank_night(one, work, books, plans, source, bank_day, night, random)
        files += reported.files
        paid += reported.payments
        others += reported.other_lines
    if work.bills:
        source = BOTH if BOTH in work.sources else DOCUMENTS
        other_buyer = bills.party(
            f"{one.name.split()[0]} Holding {one.flavour.company}",
            numbers.org_number(one.law.code),
            one.law.code,
            one.law.org_scheme,
        )
        new_account = numbers.bban() if one.law.code == "NO" else numbers.bankgiro()
        for each in bills.send(one, books, source, work.bills, other_buyer, new_account, night, random):
            files.append(each.file)
            sent.append(each.truth)
    client = Client(
        number=one.number,
        name=one.name,
        org_number=one.org_number,
        country=one.law.code,
        profile=one.profile,
        street=one.street,
        city=one.city,
        post_code=one.post_code,
        bank_account=one.bank_account,
        agreement=one.agreement,
        customers=one.customers,
        suppliers=one.suppliers,
        sources=one.sources,
        history=tuple(books.entries),
    )
    return client, files, (paid, others, sent)


def _bank_night(
    one: Beginning,
    work: _Work,
    books: payments.Books,
    plans: list[payments.Plan],
    source: str,
    bank_day: date,
    night: date,
    random: Random,
) -> bank_files.Reported:
    first = random.randint(100, 900)
    paid = [
        payments.pay(one, books, plan, bank_day, bank_files.bank_reference(bank_day, first + turn), random)
        for turn, plan in enumerate(plans)
    ]
    lines = bank_files.other_lines(one, bank_day, first + len(paid), random)
    is_swedish = one.law.code == "SE"
    # Two clients of three have their giro payments in a sum; half of those a giro file too, few in Sweden.
    ways = Ways(
        sums_up=work.giro_client % 3 != 2,
        giro_file=work.giro_client % (12 if is_swedish else 3) == 0,
        version="08" if is_swedish or work.giro_client % 4 == 3 else "02",
        as_iban=is_swedish or work.giro_client % 4 == 2,
    )
    opening = balances(books.entries)[one.law.accounts.bank]
    return bank_files.report(one, ways, source, paid, lines, opening, bank_day, night)

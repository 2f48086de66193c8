"""One client's bank files of the night: the day's statement, the notice of details, and giro files.

Every line is on the statement (camt.053) and every payment in the notice (camt.054). Payments that the giro
centre takes are either a line each, or one line that sums them up, with the details in the notice and, for
some clients, once more in a giro file (OCR giro, BgMax). A statement begins with what the books say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Transaction
from nattbok.sandbox.making.amounts import kroner
from nattbok.sandbox.making.parties import Beginning
from nattbok.sandbox.making.payments import Paid
from nattbok.sandbox.office import NightFile, PaymentTruth
from nattbok.sandbox.writing import bgmax, camt, ocr_giro

CODE_FEE, CODE_OUT = "PMNT-MDOP-CHRG", "PMNT-ICDT-DMCT"
BIC = {"NO": "DEMONO22XXX", "SE": "DEMOSESSXXX"}
NEW_WAY_FROM = date(2026, 9, 8)  # from then on BgMax leaves some payments out
NET_BANK_EVERY = 3  # every so many clients pays nothing past its office
LEAST_IN_SUM = 2  # payments that are worth a sum line


@dataclass(frozen=True, slots=True)
class Ways:
    """How a client's bank reports."""

    sums_up: bool  # giro payments as one line on the statement
    giro_file: bool  # and in a file of the giro centre as well
    version: str  # of the camt messages
    as_iban: bool  # the account's number in them


@dataclass(frozen=True, slots=True)
class Reported:
    """What the bank said of a day."""

    files: tuple[NightFile, ...]
    payments: tuple[PaymentTruth, ...]
    other_lines: tuple[PaymentTruth, ...]


def other_lines(
    one: Beginning, on: date, first: int, random: Random
) -> list[tuple[Transaction, PaymentTruth]]:
    """A fee, and at two clients of three one or two payments that somebody made in the net bank."""
    found = []
    fee = Transaction(
        amount=-kroner(random, 30, 180),
        booked_on=on,
        value_on=on,
        bank_reference=bank_reference(on, first),
        text=one.flavour.words["fee"],
        bank_code=CODE_FEE,
    )
    found.append((fee, _held(one, fee, "FEE", "a fee, and no rule says where it belongs")))
    for place in range(1, random.randint(2, 3)):
        supplier = random.choice([each for each in one.suppliers if not each.is_new])
        paid = Transaction(
            amount=-kroner(random, 400, supplier.largest + 500),
            booked_on=on,
            value_on=on,
            bank_reference=bank_reference(on, first + place),
            text=one.flavour.words["paid"],
            counterparty_name=supplier.name,
            counterparty_account=supplier.account,
            bank_code=CODE_OUT,
        )
        found.append((paid, _held(one, paid, "OUT", "money out that was not ordered here")))
    return found[:1] if int(one.number) % NET_BANK_EVERY == 0 else found


def bank_reference(on: date, number: int) -> str:
    """What the bank calls its line `number` of a day: the year, the day of the year, the number."""
    return f"{on:%y%j}{number:05}"


def report(
    one: Beginning,
    ways: Ways,
    source: str,
    paid: Sequence[Paid],
    others: Sequence[tuple[Transaction, PaymentTruth]],
    opening: Decimal,
    on: date,
    night: date,
) -> Reported:
    """The files that lie in the folder `source`, and the truth with all names of each payment."""
    giro = [each for each in paid if each.is_giro]
    if ways.giro_file and one.law.code == "SE" and on >= NEW_WAY_FROM and len(giro) > LEAST_IN_SUM:
        giro = giro[:-1]  # the last was paid in the new way, past the giro centre: it is a line of its own
    if not ways.sums_up or len(giro) < LEAST_IN_SUM:
        giro = []
    names, giro_files = _giro_files(one, ways, source, giro, on, night)
    batch = f"SUM{on:%y%m%d}{one.number}"
    summed = [replace(each.line, batch_reference=batch) for each in giro]
    single = [each.line for each in paid if each not in giro]
    lines = list(single) + [line for line, _truth in others]
    if summed:
        total = sum((line.amount for line in summed), ZERO)
        lines.insert(
            0,
            Transaction(
                amount=total,
                booked_on=on,
                value_on=on,
                bank_reference=batch,
                batch_reference=batch,
                bank_code=summed[0].bank_code,
                sums_up=len(summed),
                text=one.flavour.words["giro"],
            ),
        )
    files = [
        _camt(one, ways, source, Kind.STATEMENT, lines, opening, on, night),
        _camt(one, ways, source, Kind.NOTICE, [*summed, *single], None, on, night),
        *giro_files,
    ]
    payments = tuple(
        replace(each.truth, also_called=(names[each.line.bank_reference],))
        if each.line.bank_reference in names
        else each.truth
        for each in paid
    )
    return Reported(tuple(files), payments, tuple(truth for _line, truth in others))


def _held(one: Beginning, line: Transaction, step: str, why: str) -> PaymentTruth:
    return PaymentTruth(
        client=one.number,
        bank_reference=line.bank_reference,
        also_called=(),
        amount=line.amount,
        step=step,
        outcome="hold",
        why=why,
    )


def _camt(
    one: Beginning,
    ways: Ways,
    source: str,
    kind: Kind,
    lines: Sequence[Transaction],
    opening: Decimal | None,
    on: date,
    night: date,
) -> NightFile:
    number = "053" if kind is Kind.STATEMENT else "054"
    account = one.bank_account.iban if ways.as_iban else one.bank_account.number
    moved = sum((line.amount for line in lines), ZERO)
    statement = Statement(
        account=account,
        currency=one.bank_account.currency,
        kind=kind,
        number=f"{number}-{on:%y%j}",
        sequence=on.timetuple().tm_yday,
        starts_on=on,
        ends_on=on,
        opening=opening,
        closing=None if opening is None else opening + moved,
        transactions=tuple(lines),
    )
    file = BankFile(
        message=f"camt.{number}.001.{ways.version}",
        kind=kind,
        message_id=f"{number}{one.number}{on:%y%m%d}",
        created=f"{night}T0{2 if kind is Kind.NOTICE else 3}:10:00",
        statements=(statement,),
    )
    data = camt.write(file, owner=one.name, bic=BIC[one.law.code])
    return NightFile(one.number, source, f"camt{number}_{on:%Y%m%d}.xml", data)


def _giro_files(
    one: Beginning, ways: Ways, source: str, giro: Sequence[Paid], on: date, night: date
) -> tuple[dict[str, str], list[NightFile]]:
    """What each bank reference in a giro file is called there, and the file; nothing when there is none."""
    if not ways.giro_file or not giro:
        return {}, []
    make = _ocr_giro if one.law.code == "NO" else _bgmax
    names, data, name = make(one, giro, on, night)
    return names, [NightFile(one.number, source, name, data)]


def _ocr_giro(
    one: Beginning, giro: Sequence[Paid], on: date, night: date
) -> tuple[dict[str, str], bytes, str]:
    batch = f"{on:%Y%m%d}-1-{int(one.number) % 100_000:05}"
    lines = [
        replace(each.line, batch_reference=batch, bank_code="13", value_on=None, text="") for each in giro
    ]
    account = one.bank_account.number
    assignment = Statement(
        account=account,
        currency=one.bank_account.currency,
        kind=Kind.GIRO,
        number=f"{int(one.number):07}",
        transactions=tuple(lines),
    )
    data = ocr_giro.write(
        [assignment],
        transmission=int(f"{on:%j}{one.number[-4:]}"),
        recipient=f"{int(one.number):08}",
        agreement=f"{int(one.number):09}",
        on=night - timedelta(days=1),
    )
    names = {
        each.line.bank_reference: ocr_giro.key(account, line, number)
        for number, (each, line) in enumerate(zip(giro, lines, strict=True), 1)
    }
    return names, data, f"ocr_{on:%Y%m%d}.txt"


def _bgmax(one: Beginning, giro: Sequence[Paid], on: date, night: date) -> tuple[dict[str, str], bytes, str]:
    lines = [
        replace(
            each.line,
            bank_reference=f"18{each.line.bank_reference}",
            remittances=(Remittance(reference=each.line.reference),),
            bank_code="1",
        )
        for each in giro
    ]
    deposit = Statement(
        account=one.bank_account.bankgiro,
        currency=one.bank_account.currency,
        kind=Kind.GIRO,
        number=f"{int(one.number) % 100_000}",
        ends_on=on,
        transactions=tuple(lines),
    )
    data = bgmax.write([deposit], created=f"{night:%Y%m%d}021000000000", account=one.bank_account.iban[7:])
    names = {
        each.line.bank_reference: bgmax.key(line.bank_reference, on)
        for each, line in zip(giro, lines, strict=True)
    }
    return names, data, f"bgmax_{on:%Y%m%d}.txt"

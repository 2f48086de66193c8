"""The files of a random night: the statement, the notice, a giro file and more, in any order, some twice."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Status, Transaction
from nattbok.sandbox.bank.night_world import REFERENCE, Line, Making, Row
from nattbok.sandbox.writing import bgmax, camt, ocr_giro

LEAST_IN_SUM = 2
File = tuple[str, bytes]
_TIMES = {Kind.NOTICE: "02:10", Kind.STATEMENT: "03:00", Kind.INTRADAY: "13:00"}


@dataclass(frozen=True, slots=True)
class _Ways:
    """How the client's bank reports."""

    sums_up: bool
    giro_file: bool
    version: str
    as_iban: bool
    intraday: bool


def files(making: Making, client: Row, lines: list[Line], opening: Decimal) -> list[File]:
    """All files in the order in which they come. `lines` in the bank's order."""
    random = making.random
    giro = [line.transaction for line in lines if line.is_giro]
    can_sum = len(giro) >= LEAST_IN_SUM
    sums_up = can_sum and random.random() < 0.8
    ways = _Ways(
        sums_up=sums_up,
        giro_file=sums_up and random.random() < 0.7,
        version="08" if making.code == "SE" or random.random() < 0.4 else "02",
        as_iban=making.code == "SE" or random.random() < 0.3,
        intraday=random.random() < 0.2,
    )
    return _Reporter(making, client, ways).report(lines, giro, opening)


class _Reporter:
    """One night's files."""

    def __init__(self, making: Making, client: Row, ways: _Ways) -> None:
        self._on, self._law, self._random = making.as_of, making.law, making.random
        self._client, self._ways = client, ways
        self._batch = f"SUM{making.as_of:%y%m%d}"

    def report(self, lines: list[Line], giro: list[Transaction], opening: Decimal) -> list[File]:
        """The files in the order in which they come."""
        ways, random = self._ways, self._random
        summed = [replace(one, batch_reference=self._batch) for one in giro] if ways.sums_up else []
        others = [line for line in lines if not (line.is_giro and ways.sums_up)]
        random.shuffle(others)
        statement = [line.transaction for line in others if line.on_statement]
        notice = [line.transaction for line in others if line.on_notice]
        if summed:
            statement.insert(random.choice((0, len(statement))), self._sum(summed))
        found = [
            ("camt054_credit.xml", self._camt(Kind.NOTICE, [*summed, *notice], None)),
            ("camt053_day.xml", self._camt(Kind.STATEMENT, statement, opening)),
        ]
        if ways.giro_file:
            found.append(self._ocr(summed) if self._law.code == "NO" else self._bgmax(summed))
        if ways.intraday:
            so_far = [one for one in statement if one.status is Status.BOOKED and not one.sums_up]
            part = so_far[: len(so_far) // 2]
            if part:
                found.append(("camt052_intraday.xml", self._camt(Kind.INTRADAY, part, None)))
        again = [
            (f"again_{name}", data) for name, data in found if random.random() < 0.3
        ]  # the same bytes under another name
        if random.random() < 0.2:  # the same content in a new message
            again.append(("camt054_new.xml", self._camt(Kind.NOTICE, [*summed, *notice], None, "B")))
        if random.random() < 0.2:
            again.append(("camt053_new.xml", self._camt(Kind.STATEMENT, statement, opening, "B")))
        found += again
        random.shuffle(found)
        return found

    def _sum(self, summed: list[Transaction]) -> Transaction:
        return Transaction(
            amount=sum((one.amount for one in summed), ZERO),
            booked_on=self._on,
            value_on=self._on,
            bank_reference=self._batch,
            batch_reference=self._batch,
            bank_code=REFERENCE,
            sums_up=len(summed),
        )

    def _camt(self, kind: Kind, lines: list[Transaction], opening: Decimal | None, mark: str = "") -> bytes:
        number = {Kind.STATEMENT: "053", Kind.NOTICE: "054", Kind.INTRADAY: "052"}[kind]
        moved = sum((one.amount for one in lines if one.status is Status.BOOKED), ZERO)
        client = self._client
        account = client["iban"] if self._ways.as_iban else client["bank_account"]
        letter = {Kind.STATEMENT: "S", Kind.NOTICE: "N", Kind.INTRADAY: "R"}[kind]
        statement = Statement(
            account=account,
            currency=client["currency"],
            kind=kind,
            number=f"{letter}1",
            sequence=self._on.timetuple().tm_yday,
            starts_on=self._on,
            ends_on=self._on,
            opening=opening,
            closing=None if opening is None else opening + moved,
            transactions=tuple(lines),
        )
        day = self._on if kind is Kind.INTRADAY else self._on + timedelta(days=1)
        file = BankFile(
            message=f"camt.{number}.001.{self._ways.version}",
            kind=kind,
            message_id=f"{letter}{client['orgnr'][:6]}{self._on:%y%m%d}{mark}",
            created=f"{day}T{_TIMES[kind]}:00",
            statements=(statement,),
        )
        return camt.write(file, owner=client["name"], bic=client["bic"])

    def _ocr(self, summed: list[Transaction]) -> File:
        batch = f"{self._on:%Y%m%d}-1-00007"
        account = self._client["bank_account"]
        lines = tuple(
            replace(one, batch_reference=batch, bank_code="13", value_on=None, text="") for one in summed
        )
        assignment = Statement(
            account=account, currency="NOK", kind=Kind.GIRO, number="0000001", transactions=lines
        )
        data = ocr_giro.write(
            [assignment],
            transmission=int(f"{self._on:%j}1"),
            recipient="00105625",
            agreement="001008566",
            on=self._on,
        )
        return "ocr.txt", data

    def _bgmax(self, summed: list[Transaction]) -> File:
        lines = tuple(
            replace(
                one,
                bank_reference=f"18{place:010}",
                remittances=(Remittance(reference=one.reference),),
                bank_code="1",
            )
            for place, one in enumerate(summed)
        )
        deposit = Statement(
            account=self._client["bankgiro"],
            currency="SEK",
            kind=Kind.GIRO,
            number="57",
            ends_on=self._on,
            transactions=lines,
        )
        data = bgmax.write(
            [deposit], created=f"{self._on:%Y%m%d}173035010331", account=self._client["iban"][7:]
        )
        return "bgmax.txt", data

"""A bank with two customers, and payment files for it, written here and not by what is tested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from nattbok.formats.bank import bgmax, camt, ocr_giro
from nattbok.formats.payment import pain002
from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.shape import Account, Customer, Reporting

THURSDAY, FRIDAY, MONDAY = date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16)
FJORD, OTHER_FJORD, SKOG = "99991217106", "99970384886", "SE8299994711264610949011"
OUTSIDE = ("99973748765", "99979360742", "99975270587", "99973444278", "99975356457")
FUNDS = Decimal("100000.00")


@dataclass(frozen=True)
class Pay:
    """One payment."""

    name: str  # EndToEndId
    amount: str
    to: str = OUTSIDE[0]
    reference: str = ""
    text: str = ""
    payee: str = "Leverandør Ås AS"
    currency: str = "NOK"


def a_bank(
    *, path: Path | None = None, fjord: Reporting | None = None, skog: Reporting | None = None, **fjord_about
) -> Bank:
    """Fjord (NO) with two accounts and Skog (SE) with one, each with funds, on a Thursday morning."""
    bank = Bank(THURSDAY, path=path)
    bank.open_customer(Customer("fjord", "Fjord Rør AS", "NO", reporting=fjord or Reporting(), **fjord_about))
    bank.open_customer(
        Customer("skog", "Skog Bygg AB", "SE", reporting=skog or Reporting(version="08", as_iban=True))
    )
    for number, title in ((FJORD, "Drift"), (OTHER_FJORD, "Skatt")):
        account = Account(number, "", "", "NOK", "Fjord Rør AS", "fjord", bban=number, title=title)
        bank.open_account(account, FUNDS)
    bank.open_account(Account(SKOG, SKOG, "9960576", "SEK", "Skog Bygg AB", "skog"), FUNDS)
    return bank


def a_file(
    payments: Iterable[Pay],
    *,
    message: str = "M1",
    account: str = FJORD,
    on: date = THURSDAY,
    as_one: bool = True,
    version: str = "03",
    count: int | None = None,
    total: str = "",
    agreement: str = "",
) -> bytes:
    """A pain.001 of one batch."""
    payments = list(payments)
    sums = total or str(sum((Decimal(one.amount) for one in payments), Decimal(0)))
    bank = "<BIC>DEMONO22XXX</BIC>" if version == "03" else "<BICFI>DEMONO22XXX</BICFI>"
    day = str(on) if version == "03" else f"<Dt>{on}</Dt>"
    initiator = f"<Id><OrgId><Othr><Id>{agreement}</Id></Othr></OrgId></Id>" if agreement else ""
    number = count if count is not None else len(payments)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>{message}</MsgId><CreDtTm>{on}T08:00:00</CreDtTm><NbOfTxs>{number}</NbOfTxs>
<CtrlSum>{sums}</CtrlSum><InitgPty><Nm>Kontoret AS</Nm>{initiator}</InitgPty></GrpHdr>
<PmtInf><PmtInfId>{message}-1</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>{str(as_one).lower()}</BtchBookg>
<ReqdExctnDt>{day}</ReqdExctnDt><Dbtr><Nm>Fjord Rør AS</Nm></Dbtr><DbtrAcct>{_account(account)}</DbtrAcct>
<DbtrAgt><FinInstnId>{bank}</FinInstnId></DbtrAgt>{"".join(_payment(one) for one in payments)}
</PmtInf></CstmrCdtTrfInitn></Document>
""".encode()


def _account(number: str) -> str:
    if number[:2].isalpha():
        return f"<Id><IBAN>{number}</IBAN></Id>"
    return f"<Id><Othr><Id>{number}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id>"


def _payment(one: Pay) -> str:
    told = f"<Ustrd>{one.text}</Ustrd>" if one.text else ""
    if one.reference:
        told = (
            "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"<Ref>{one.reference}</Ref></CdtrRefInf></Strd>"
        )
    name = f"<Nm>{one.payee}</Nm>" if one.payee else ""
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{one.name}</InstrId><EndToEndId>{one.name}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{one.currency}">{one.amount}</InstdAmt></Amt>'
        f"<Cdtr>{name}<PstlAdr><Ctry>NO</Ctry></PstlAdr></Cdtr>"
        f"<CdtrAcct>{_account(one.to)}</CdtrAcct>{f'<RmtInf>{told}</RmtInf>' if told else ''}</CdtTrfTxInf>"
    )


def three(prefix: str = "E") -> list[Pay]:
    """Three payments of 600.00 in all, to three payees at other banks."""
    return [Pay(f"{prefix}{place}", f"{place}00.00", OUTSIDE[place]) for place in (1, 2, 3)]


def files(bank: Bank, customer: str, kind: str = "") -> list[tuple[str, bytes]]:
    """What waits, of one kind or of all."""
    return [
        (one.name, bank.read(customer, one.name)) for one in bank.waiting(customer) if kind in ("", one.kind)
    ]


def receipts(bank: Bank, customer: str = "fjord") -> list[str]:
    """Each receipt in a line: the whole file's status, then batches' and payments' with their reasons."""
    return [told(pain002.read(data)) for _name, data in files(bank, customer, "pain002")]


def told(receipt) -> str:
    """ACTC; or PART M1-1=PART E1=RJCT/AM04."""
    parts = [str(receipt.status) or "-"]
    parts += [f"{one.payment_info_id}={one.status}" for one in receipt.batches]
    parts += [
        f"{one.end_to_end_id}={one.status}{''.join('/' + reason.code for reason in one.reasons)}"
        for one in receipt.transfers
    ]
    return " ".join(parts)


def read(name: str, data: bytes):
    """A bank file by the product's readers."""
    if name.startswith("ocr"):
        return ocr_giro.read(data)
    return bgmax.read(data) if name.startswith("bgmax") else camt.read(data)


def statements(bank: Bank, customer: str = "fjord"):
    """What the camt.053 files say, statement after statement, read by the product."""
    return [one for _name, data in files(bank, customer, "camt053") for one in camt.read(data).statements]

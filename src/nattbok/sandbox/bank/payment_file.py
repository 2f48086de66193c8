"""The bank's own strict reading of pain.001, versions 03 and 09.

It shares nothing with what the product writes or reads, so that it can catch the product's mistakes.
Source: ISO 20022, pain.001.001.03 and .09; the Norwegian and Swedish common guides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from nattbok.base.money import ZERO

VERSIONS = ("03", "09")
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001."
_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?", re.ASCII)
_SUM = re.compile(r"[0-9]{1,17}(\.[0-9]{1,2})?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}", re.ASCII)
LONGEST_TEXT, MOST_TEXTS = 140, 10
# What may stand in these elements, in this order. Source: the schemas of both versions.
_ORDERS = {
    "GrpHdr": "MsgId CreDtTm Authstn NbOfTxs CtrlSum InitgPty FwdgAgt InitnSrc",
    "PmtInf": "PmtInfId PmtMtd BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt PoolgAdjstmntDt Dbtr DbtrAcct "
    "DbtrAgt DbtrAgtAcct InstrForDbtrAgt UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtTrfTxInf",
    "CdtTrfTxInf": "PmtId PmtTpInf Amt XchgRateInf ChrgBr ChqInstr UltmtDbtr IntrmyAgt1 IntrmyAgt1Acct "
    "IntrmyAgt2 IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr "
    "InstrForCdtrAgt InstrForDbtrAgt Purp RgltryRptg Tax RltdRmtInf RmtInf SplmtryData",
    "Strd": "RfrdDocInf RfrdDocAmt CdtrRefInf Invcr Invcee TaxRmt GrnshmtRmt AddtlRmtInf",
    "RfrdDocAmt": "DuePyblAmt DscntApldAmt CdtNoteAmt TaxAmt AdjstmntAmtAndRsn RmtdAmt",
}
_PLACES = {name: {part: at for at, part in enumerate(parts.split())} for name, parts in _ORDERS.items()}
LARGEST = 50 * 2**20


class BadPaymentFile(Exception):
    """The file is not one the bank can take. `message_id` is its MsgId where that much could be read."""

    def __init__(self, message: str, *, message_id: str = "", version: str = "") -> None:
        super().__init__(message)
        self.message_id, self.version = message_id, version


@dataclass(frozen=True, slots=True)
class Paid:
    """An invoice or credit note that a payment names; the amount is positive for both."""

    number: str
    amount: Decimal | None
    is_credit_note: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment."""

    instruction_id: str
    end_to_end_id: str
    amount: Decimal
    currency: str
    payee: str
    payee_country: str
    account: str
    scheme: str  # "IBAN", "BBAN", "BGNR" …
    member: str  # the clearing number of the payee's bank (SE), else ""
    references: tuple[str, ...]
    documents: tuple[Paid, ...]
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments from one account on one day."""

    id: str
    account: str
    currency: str  # of the account, "" when not said
    debtor: str
    execute_on: date
    as_one: bool  # BtchBookg
    kind: str  # SUPP, SALA, TAXS or ""
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A payment file."""

    version: str
    message_id: str
    created: str
    agreement: str
    count: int
    total: Decimal
    batches: tuple[Batch, ...]

    @property
    def transfers(self) -> Iterator[tuple[Batch, Transfer]]:
        """All payments with their batches."""
        return ((batch, one) for batch in self.batches for one in batch.transfers)


def read(data: bytes) -> PaymentFile:
    """Raises BadPaymentFile, whose text says what is wrong and where."""
    if len(data) > LARGEST:
        raise BadPaymentFile(f"the file has {len(data)} bytes, and the bank takes at most {LARGEST}")
    if re.search(rb"<!DOCTYPE", data, re.IGNORECASE):
        raise BadPaymentFile("a document type is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadPaymentFile(f"the file is not well-formed XML: {error}") from None
    name = etree.QName(root)
    version = (name.namespace or "").removeprefix(_NAMESPACE)
    if name.localname != "Document" or version not in VERSIONS:
        raise BadPaymentFile(f"the bank takes pain.001.001.03 and .09, not {root.tag}")
    return _Reader(root, version).file()


class _Reader:
    """One document."""

    def __init__(self, root: etree._Element, version: str) -> None:
        self._root, self._version = root, version
        self._space = f"{{{_NAMESPACE}{version}}}"
        self._message_id = ""

    def file(self) -> PaymentFile:
        """The whole."""
        body = self._one(self._root, "CstmrCdtTrfInitn", "Document")
        for node in body.iter("*"):
            self._ordered(node)
        header = self._one(body, "GrpHdr", "CstmrCdtTrfInitn")
        self._message_id = self._id(header, "MsgId", "GrpHdr")
        created = self._text(header, "CreDtTm", "GrpHdr")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)?", created, re.ASCII):
            raise self._bad(f"GrpHdr/CreDtTm {created!r} is not a time")
        batches = tuple(
            self._batch(node, f"PmtInf {place}")
            for place, node in enumerate(body.findall(f"{self._space}PmtInf"), 1)
        )
        if not batches:
            raise self._bad("there is no PmtInf")
        found = PaymentFile(
            version=self._version,
            message_id=self._message_id,
            created=created,
            agreement=self._maybe(header, "InitgPty/Id/OrgId/Othr/Id"),
            count=sum(len(batch.transfers) for batch in batches),
            total=sum((one.amount for batch in batches for one in batch.transfers), ZERO),
            batches=batches,
        )
        self._totals(header, "GrpHdr", found.count, found.total, is_needed=True)
        self._once([batch.id for batch in batches], "PmtInfId")
        return found

    def _batch(self, node: etree._Element, where: str) -> Batch:
        name = self._id(node, "PmtInfId", where)
        where = f"PmtInf {name}"
        if (method := self._text(node, "PmtMtd", where)) != "TRF":
            raise self._bad(f"{where}: PmtMtd is {method!r}, and the bank takes TRF")
        as_one = self._maybe(node, "BtchBookg")
        if as_one not in ("", "true", "false", "0", "1"):
            raise self._bad(f"{where}: BtchBookg is {as_one!r}")
        day = "ReqdExctnDt" if self._version == "03" else "ReqdExctnDt/Dt"
        account, _scheme = self._account(node, "DbtrAcct", where)
        transfers = tuple(
            self._transfer(one, f"{where}, payment {place}")
            for place, one in enumerate(node.findall(f"{self._space}CdtTrfTxInf"), 1)
        )
        if not transfers:
            raise self._bad(f"{where}: there is no CdtTrfTxInf")
        self._totals(node, where, len(transfers), sum((one.amount for one in transfers), ZERO))
        bank = "BIC" if self._version == "03" else "BICFI"
        agent = self._one(self._one(node, "DbtrAgt", where), "FinInstnId", where)
        names = (bank, "ClrSysMmbId/MmbId", "Othr/Id")  # the last of them says NOTPROVIDED
        if not any(self._maybe(agent, one) for one in names):
            raise self._bad(f"{where}: DbtrAgt has no {bank}")
        return Batch(
            id=name,
            account=account,
            currency=self._maybe(node, "DbtrAcct/Ccy"),
            debtor=self._text(self._one(node, "Dbtr", where), "Nm", where),
            execute_on=self._day(self._text(node, day, where), where),
            as_one=as_one in ("", "true", "1"),
            kind=self._maybe(node, "PmtTpInf/CtgyPurp/Cd"),
            transfers=transfers,
        )

    def _transfer(self, node: etree._Element, where: str) -> Transfer:
        end_to_end = self._id(node, "PmtId/EndToEndId", where)
        where = f"{where} ({end_to_end})"
        amount = self._one(node, "Amt/InstdAmt", where)
        written, currency = (amount.text or "").strip(), amount.get("Ccy", "")
        if not _AMOUNT.fullmatch(written) or not Decimal(written):
            raise self._bad(f"{where}: InstdAmt {written!r} is not a positive amount of two decimals")
        if not re.fullmatch("[A-Z]{3}", currency):
            raise self._bad(f"{where}: InstdAmt has the currency {currency!r}")
        account, scheme = self._account(node, "CdtrAcct", where)
        remittances = node.findall(self._path("RmtInf/Strd"))
        texts = [(one.text or "").strip() for one in node.findall(self._path("RmtInf/Ustrd"))]
        if len(texts) > MOST_TEXTS or any(len(one) > LONGEST_TEXT for one in texts):
            raise self._bad(f"{where}: too much free text")
        if texts and remittances:
            raise self._bad(f"{where}: both Ustrd and Strd are given, and it is either")
        references = [self._maybe(one, "CdtrRefInf/Ref") for one in remittances]
        return Transfer(
            instruction_id=self._maybe(node, "PmtId/InstrId"),
            end_to_end_id=end_to_end,
            amount=Decimal(written).quantize(Decimal("0.01")),
            currency=currency,
            payee=self._maybe(node, "Cdtr/Nm"),
            payee_country=self._maybe(node, "Cdtr/PstlAdr/Ctry"),
            account=account,
            scheme=scheme,
            member=self._maybe(node, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
            references=tuple(one for one in references if one),
            documents=tuple(document for one in remittances for document in self._documents(one, where)),
            text="\n".join(texts),
            where=where,
        )

    def _documents(self, node: etree._Element, where: str) -> Iterator[Paid]:
        paid, credited = (self._maybe(node, f"RfrdDocAmt/{name}") for name in ("RmtdAmt", "CdtNoteAmt"))
        number = self._maybe(node, "RfrdDocInf/Nb")
        code = self._maybe(node, "RfrdDocInf/Tp/CdOrPrtry/Cd")
        if not (paid or credited or number):
            return
        written = credited if code == "CREN" or (credited and not paid) else paid
        if written and not _AMOUNT.fullmatch(written):
            raise self._bad(f"{where}: RfrdDocAmt {written!r} is not an amount")
        yield Paid(number, Decimal(written) if written else None, code == "CREN" or bool(credited))

    def _account(self, node: etree._Element, name: str, where: str) -> tuple[str, str]:
        if iban := self._maybe(node, f"{name}/Id/IBAN"):
            return iban, "IBAN"
        number = self._maybe(node, f"{name}/Id/Othr/Id")
        scheme = self._maybe(node, f"{name}/Id/Othr/SchmeNm/Cd") or self._maybe(
            node, f"{name}/Id/Othr/SchmeNm/Prtry"
        )
        if not number:
            raise self._bad(f"{where}: there is no {name}")
        return number, scheme or "BBAN"

    def _ordered(self, node: etree._Element) -> None:
        """Raises BadPaymentFile when a part is unknown, empty, or stands before what it should come after."""
        name = str(node.tag).removeprefix(self._space)
        if next(node.iterchildren("*"), None) is None and not (node.text or "").strip():
            raise self._bad(f"{name} is empty")
        places, last = _PLACES.get(name), ""
        for part in node.iterchildren("*") if places else ():
            own = str(part.tag).removeprefix(self._space)
            if own not in places:
                raise self._bad(f"{own} may not stand in {name}")
            if last and places[own] < places[last]:
                raise self._bad(f"{own} stands after {last} in {name}, and belongs before it")
            last = own

    def _totals(
        self, node: etree._Element, where: str, count: int, total: Decimal, *, is_needed: bool = False
    ) -> None:
        said = self._maybe(node, "NbOfTxs")
        if (said or is_needed) and said != str(count):
            raise self._bad(f"{where}: NbOfTxs says {said!r}, and there are {count}")
        said = self._maybe(node, "CtrlSum")
        if said and (not _SUM.fullmatch(said) or Decimal(said) != total):
            raise self._bad(f"{where}: CtrlSum says {said}, and the payments come to {total}")

    def _once(self, names: list[str], what: str) -> None:
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise self._bad(f"{what} {twice[0]} occurs more than once")

    def _day(self, written: str, where: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise self._bad(f"{where}: {written!r} is not a date") from None

    def _id(self, node: etree._Element, path: str, where: str) -> str:
        found = self._text(node, path, where)
        if not _ID.fullmatch(found):
            raise self._bad(f"{where}: {path} {found[:50]!r} is not an id of at most 35 plain signs")
        return found

    def _text(self, node: etree._Element, path: str, where: str) -> str:
        if found := self._maybe(node, path):
            return found
        raise self._bad(f"{where}: {path} is missing")

    def _maybe(self, node: etree._Element, path: str) -> str:
        return (node.findtext(self._path(path)) or "").strip()

    def _one(self, node: etree._Element, path: str, where: str) -> etree._Element:
        found = node.findall(self._path(path))
        if len(found) != 1:
            raise self._bad(f"{where}: there are {len(found)} {path}, and it is one")
        return found[0]

    def _path(self, path: str) -> str:
        return "/".join(f"{self._space}{step}" for step in path.split("/"))

    def _bad(self, message: str) -> BadPaymentFile:
        return BadPaymentFile(message, message_id=self._message_id, version=self._version)

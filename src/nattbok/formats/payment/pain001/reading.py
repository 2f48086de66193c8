"""A pain.001 that somebody else's program wrote, or our own: from the stream of its payments to the shape."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.bank.camt.names import Names, account, money
from nattbok.formats.bank.findings import Findings
from nattbok.formats.payment.pain001.limits import is_payable
from nattbok.formats.payment.pain001.writing import BANKGIRO_MEMBER, NO_BIC, PLUSGIRO_MEMBER
from nattbok.formats.payment.shape import (
    AccountKind,
    Batch,
    BatchKind,
    CreditTransfer,
    PaidInvoice,
    PaymentFile,
)

LARGEST = xml.LARGEST
_NAMESPACE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:(pain\.001\.\d{3}\.(\d{2})))\}Document", re.ASCII)
_VERSIONS = frozenset(("03", "09"))
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)
_SUM_DECIMALS = 17  # ISO's most


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so is a pain.001 of any version."""
    return _NAMESPACE.fullmatch(xml.root_tag(head)) is not None


def read(data: bytes, *, largest: int = LARGEST) -> PaymentFile:
    """The file's batches and payments; raises Unreadable when it is not a sound pain.001.

    What its header counts and sums is checked; a file that is short of a payment is an error.
    """
    found = _NAMESPACE.fullmatch(xml.root_tag(data))
    if found is None:
        xml.check(data, largest=largest)  # says more when it is not even XML
        raise Unreadable(_("The file is not a pain.001."), where="line 1", code="pain001_not_pain001")
    namespace, message, version = found.groups()
    if version not in _VERSIONS:
        raise Unreadable(
            _("{version} is a version that is not read."),
            where="line 1",
            code="pain001_version",
            version=message,
        )
    reader = _Reader(Names(namespace))
    tags = {reader.names.tag(name): step for name, step in reader.steps.items()}
    for _event, node in xml.entries(data, tuple(tags), keep_blanks=False, largest=largest):
        tags[node.tag](node)
        xml.forget(node)
    return replace(reader.end(), message=message)


class _Reader:
    """Element after element; a batch ends after its payments."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.findings = Findings()
        self.steps: dict[str, Callable[[xml.Element], None]] = {
            "GrpHdr": self.header,
            "CdtTrfTxInf": self.transfer,
            "PmtInf": self.batch,
        }
        self._header: dict[str, str] = {}
        self._initiator = self._agreement = self._division = ""
        self._created: datetime | None = None
        self._transfers: list[CreditTransfer] = []
        self._kinds: set[str] = set()
        self._batches: list[Batch] = []
        self._count, self._sum = 0, ZERO
        self._seen: set[str] = set()
        self._seen_batches: set[str] = set()

    def header(self, node: xml.Element) -> None:
        """GrpHdr: who sends, when, and what all comes to."""
        self._below(node, "CstmrCdtTrfInitn")
        if self._header:
            raise Unreadable(_("There are two headers."), where=xml.place(node), code="pain001_twice")
        self._header = self.names.texts(node)
        if not self._header.get("MsgId"):
            raise self._incomplete(node, "MsgId")
        self._created = _moment(self._header.get("CreDtTm", ""), xml.place(node))
        party = self.names.down(node, "InitgPty")
        self._initiator = self.names.text(party, "Nm")
        ids = self._ids(party)
        self._agreement = ids.get("CUST", "") or next((ids[one] for one in ids if one != "BANK"), "")
        self._division = ids.get("BANK", "") if self._agreement else ""

    def transfer(self, node: xml.Element) -> None:
        """CdtTrfTxInf: one payment."""
        self._below(node, "PmtInf")
        names, where = self.names, xml.place(node)
        parts = names.parts(node)
        instructed = names.down(parts.get("Amt"), "InstdAmt")
        given = money(instructed)
        if given is None:
            raise self._incomplete(node, "InstdAmt")
        amount, currency = given
        # A yen has no hundredths, and banks write it without.
        if not is_payable(amount, currency) or not currency:
            raise Unreadable(
                _("“{amount}” is not an amount."),
                where=xml.place(instructed),
                code="xml_amount",
                amount=f"{amount} {currency}".strip(),
            )
        end_to_end_id = names.text(parts.get("PmtId"), "EndToEndId")
        if not end_to_end_id:
            raise self._incomplete(node, "EndToEndId")
        if end_to_end_id in self._seen:
            self.findings.hold(
                "payment_twice", where, _("Two payments have the id {payment}."), payment=end_to_end_id
            )
        self._seen.add(end_to_end_id)
        number, kind = self._payee(node, parts)
        reference, invoices, text = self._remittance(parts.get("RmtInf"), where)
        details = names.down(parts.get("RgltryRptg"), "Dtls")
        address = names.down(parts.get("Cdtr"), "PstlAdr")
        self._kinds.add(names.text(parts.get("PmtTpInf"), "CtgyPurp", "Cd"))
        self._transfers.append(
            CreditTransfer(
                end_to_end_id=end_to_end_id,
                amount=amount,
                currency=currency,
                creditor_name=names.text(parts.get("Cdtr"), "Nm"),
                account=number,
                account_kind=kind,
                creditor_country=names.text(address, "Ctry"),
                creditor_address=()
                if address is None
                else tuple((one.text or "").strip() for one in address if names[one.tag] == "AdrLine"),
                bic=self._bic(parts.get("CdtrAgt")),
                reference=reference,
                invoices=invoices,
                text=text,
                purpose=names.text(parts.get("Purp"), "Cd") or names.text(parts.get("Purp"), "Prtry"),
                charges=names.text(parts.get("ChrgBr")),
                regulatory_code=names.text(details, "Cd"),
                regulatory_text=names.text(details, "Inf"),
            )
        )

    def batch(self, node: xml.Element) -> None:
        """PmtInf: what its payments share."""
        self._below(node, "CstmrCdtTrfInitn")
        names, where = self.names, xml.place(node)
        parts, said = names.parts(node), names.texts(node)
        if not self._transfers:
            raise self._incomplete(node, "CdtTrfTxInf")
        if not said.get("PmtInfId"):
            raise self._incomplete(node, "PmtInfId")
        if said.get("PmtMtd") != "TRF":
            self.findings.hold(
                "not_a_transfer",
                where,
                _("The payments are to be made by {method}, not by transfer."),
                method=said.get("PmtMtd", "")[:20],
            )
        debtor = parts.get("Dbtr")
        batch = Batch(
            id=said["PmtInfId"],
            debtor_name=names.text(debtor, "Nm"),
            account=account(names, parts.get("DbtrAcct")),
            account_kind=self._kind(parts.get("DbtrAcct"), ""),
            bic=self._bic(parts.get("DbtrAgt")),
            execute_on=self._execute_on(parts.get("ReqdExctnDt"), node),
            kind=self._batch_kind(names.text(parts.get("PmtTpInf"), "CtgyPurp", "Cd"), where),
            currency=names.text(parts.get("DbtrAcct"), "Ccy") or self._transfers[0].currency,
            transfers=tuple(self._transfers),
            books_as_one=said.get("BtchBookg") in ("true", "1"),
            debtor_org_number=next(iter(self._ids(debtor).values()), ""),
            debtor_country=names.text(debtor, "PstlAdr", "Ctry"),
        )
        if not batch.account:
            raise self._incomplete(node, "DbtrAcct")
        self._check(said, len(batch.transfers), batch.total, f"{where}, {batch.id}")
        if batch.id in self._seen_batches:
            self.findings.hold(
                "payment_twice", where, _("Two payments have the id {payment}."), payment=batch.id
            )
        self._seen_batches.add(batch.id)
        self._batches.append(batch)
        self._count, self._sum = self._count + len(batch.transfers), self._sum + batch.total
        self._transfers, self._kinds = [], set()

    def end(self) -> PaymentFile:
        """The file, when it had a header and a batch."""
        if not self._header or self._created is None or not self._batches or self._transfers:
            raise Unreadable(
                _("There is no payment in the file."), where="CstmrCdtTrfInitn", code="pain001_incomplete"
            )
        self._check(self._header, self._count, self._sum, "GrpHdr")
        stated = self._header.get("CtrlSum")
        return PaymentFile(
            message_id=self._header["MsgId"],
            created=self._created,
            initiator=self._initiator,
            agreement_id=self._agreement,
            division=self._division,
            batches=tuple(self._batches),
            findings=tuple(self.findings),
            stated_count=int(self._header["NbOfTxs"]) if self._header.get("NbOfTxs") else None,
            stated_sum=Decimal(stated) if stated else None,
        )

    def _check(self, said: dict[str, str], count: int, total: Decimal, where: str) -> None:
        """NbOfTxs and CtrlSum, where they are given."""
        if "NbOfTxs" in said and (_COUNT.fullmatch(said["NbOfTxs"]) is None or int(said["NbOfTxs"]) != count):
            self.findings.error(
                "count_differs",
                f"{where}, NbOfTxs",
                _("The file says {said} payments; there are {count}."),
                said=said["NbOfTxs"][:20],
                count=count,
            )
        if said.get("CtrlSum"):
            stated = xml.decimal(said["CtrlSum"], decimals=_SUM_DECIMALS, where=f"{where}, CtrlSum")
            if stated != total:
                self.findings.error(
                    "sum_differs",
                    f"{where}, CtrlSum",
                    _("The file says that the payments come to {said}; they come to {sum}."),
                    said=stated,
                    sum=total,
                )

    def _payee(self, node: xml.Element, parts: dict[str, xml.Element]) -> tuple[str, AccountKind]:
        """The payee's whole account number, and its kind."""
        member = self.names.text(parts.get("CdtrAgt"), "FinInstnId", "ClrSysMmbId", "MmbId")
        system = self.names.text(parts.get("CdtrAgt"), "FinInstnId", "ClrSysMmbId", "ClrSysId", "Cd")
        number = account(self.names, parts.get("CdtrAcct"))
        if not number:
            raise self._incomplete(node, "CdtrAcct")
        kind = self._kind(parts.get("CdtrAcct"), member if system == "SESBA" else "")
        if system == "SESBA" and kind is AccountKind.BBAN:
            number = member + number
        return number, kind

    def _kind(self, node: xml.Element | None, member: str) -> AccountKind:
        identity = self.names.down(node, "Id")
        if self.names.down(identity, "IBAN") is not None:
            return AccountKind.IBAN
        scheme = self.names.down(identity, "Othr", "SchmeNm")
        if self.names.text(scheme, "Prtry") == "BGNR" or member == BANKGIRO_MEMBER:
            return AccountKind.BANKGIRO
        return AccountKind.PLUSGIRO if member == PLUSGIRO_MEMBER else AccountKind.BBAN

    def _remittance(self, node: xml.Element | None, where: str) -> tuple[str, tuple[PaidInvoice, ...], str]:
        """The reference, the invoices and the text."""
        texts, references, invoices = [], [], []
        for child in () if node is None else node:
            if self.names[child.tag] == "Ustrd":
                texts.append((child.text or "").strip())
            elif self.names[child.tag] == "Strd":
                reference = self.names.text(child, "CdtrRefInf", "Ref")
                if reference:
                    references.append(reference)
                number = self.names.text(child, "RfrdDocInf", "Nb")
                if number:
                    invoices.append(self._invoice(child, number))
        if len(references) > 1:
            self.findings.hold(
                "several_references",
                where,
                _("The payment has {count} references; a payee finds it by one."),
                count=len(references),
            )
        if len(texts) > 1:
            self.findings.note("several_texts", where, _("The texts of the payment were joined."))
        return references[0] if len(references) == 1 else "", tuple(invoices), " ".join(filter(None, texts))

    def _invoice(self, node: xml.Element, number: str) -> PaidInvoice:
        credited = money(self.names.down(node, "RfrdDocAmt", "CdtNoteAmt"))
        paid = money(self.names.down(node, "RfrdDocAmt", "RmtdAmt"))
        kind = self.names.text(node, "RfrdDocInf", "Tp", "CdOrPrtry", "Cd")
        is_credit_note = kind == "CREN" or (credited is not None and paid is None)
        given = (credited or paid) if is_credit_note else paid
        return PaidInvoice(number, None if given is None else given[0], is_credit_note)

    def _batch_kind(self, code: str, where: str) -> BatchKind:
        codes = {one for one in (code, *self._kinds) if one}
        try:
            return BatchKind(codes.pop()) if len(codes) == 1 else BatchKind.SUPPLIER
        except ValueError:
            self.findings.note(
                "unknown_kind",
                where,
                _("The payments are said to be {kind}; they are read as payments to suppliers."),
                kind=code[:35],
            )
            return BatchKind.SUPPLIER

    def _ids(self, node: xml.Element | None) -> dict[str, str]:
        """A party's organisation ids by their scheme."""
        found: dict[str, str] = {}
        organisation = self.names.down(node, "Id", "OrgId")
        for child in () if organisation is None else organisation:
            if self.names[child.tag] == "Othr":
                scheme = self.names.down(child, "SchmeNm")
                name = self.names.text(scheme, "Cd") or self.names.text(scheme, "Prtry")
                found.setdefault(name, self.names.text(child, "Id"))
        return found

    def _bic(self, node: xml.Element | None) -> str:
        institution = self.names.down(node, "FinInstnId")
        bic = self.names.text(institution, "BIC") or self.names.text(institution, "BICFI")
        return "" if bic == NO_BIC else bic

    def _execute_on(self, node: xml.Element | None, batch: xml.Element) -> date:
        if node is None:
            raise self._incomplete(batch, "ReqdExctnDt")
        written = (node[0].text if len(node) else node.text) or ""
        return xml.day(written.strip(), where=xml.place(node))

    def _below(self, node: xml.Element, name: str) -> None:
        parent = node.getparent()
        if parent is None or parent.tag != self.names.tag(name):
            raise Unreadable(
                _("An element stands where it may not."), where=xml.place(node), code="pain001_misplaced"
            )

    def _incomplete(self, node: xml.Element, missing: str) -> Unreadable:
        return Unreadable(
            _("{element} is missing."), where=xml.place(node), code="pain001_incomplete", element=missing
        )


def _moment(written: str, where: str) -> datetime:
    """An xs:dateTime as it stands, with its time zone when it has one."""
    try:
        if "T" in written and len(written) <= 40:
            return datetime.fromisoformat(written)
    except ValueError:
        pass
    raise Unreadable(_("“{date}” is not a date."), where=where, code="xml_date", date=written[:40])

"""pain.002, the bank's answer to a payment file, versions 03 to 14.

A status may stand at three levels: the whole file (GrpSts), a batch (PmtInfSts), a payment (TxSts). The
lowest one given wins (`Receipt.lowest`). Banks often name only what went wrong: that a payment is not named
is no proof that it was paid; the statement is. Several answers come for one file; which is the newest is for
the receiver to say. Unknown statuses and reasons are kept as they are written.

Findings. Hold: payment_twice (one payment, two statuses), payment_without_id, status_missing (no status at
all). Note: unknown_status, payments_not_named (PART without payments below).
Unreadable: pain002_version, pain002_not_pain002, pain002_incomplete, pain002_misplaced, pain002_twice, and
the codes of `formats.xml`.

Source: ISO 20022, Payments Initiation, pain.002.001.03 and .10; the Norwegian banks' common guide, 1.5.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.bank.camt.names import Names, money
from nattbok.formats.bank.findings import Findings
from nattbok.formats.payment.shape import BatchStatus, Reason, Receipt, Status, TransferStatus, status

LARGEST = xml.LARGEST

# ISO's own, and the Swiss banks' of the same message.
_NAMESPACE = re.compile(
    r"\{((?:urn:iso:std:iso:20022:tech:xsd:|http://www\.six-interbank-clearing\.com/de/)"
    r"pain\.002\.\d{3}\.(\d{2})[.a-z0-9]*)\}Document",
    re.ASCII,
)
_VERSIONS = frozenset(f"{number:02}" for number in range(3, 15))
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so is a pain.002 of any version."""
    return _NAMESPACE.fullmatch(xml.root_tag(head)) is not None


def read(data: bytes, *, largest: int = LARGEST) -> Receipt:
    """What the bank says; raises Unreadable when it is not a sound pain.002 or over `largest` bytes."""
    found = _NAMESPACE.fullmatch(xml.root_tag(data))
    if found is None:
        xml.check(data, largest=largest)  # says more when it is not even XML
        raise Unreadable(_("The file is not a pain.002."), where="line 1", code="pain002_not_pain002")
    namespace, version = found.groups()
    if version not in _VERSIONS:
        raise Unreadable(
            _("{version} is a version that is not read."),
            where="line 1",
            code="pain002_version",
            version=namespace.rpartition(":")[2],
        )
    reader = _Reader(Names(namespace))
    tags = {reader.names.tag(name): step for name, step in reader.steps.items()}
    for _event, node in xml.entries(data, tuple(tags), keep_blanks=False, largest=largest):
        tags[node.tag](node)
        xml.forget(node)
    return reader.end(namespace.rpartition(":")[2])


class _Reader:
    """Element after element; a batch's own words end after its payments."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.steps: dict[str, Callable[[xml.Element], None]] = {
            "GrpHdr": self.header,
            "OrgnlGrpInfAndSts": self.group,
            "TxInfAndSts": self.transfer,
            "OrgnlPmtInfAndSts": self.batch,
        }
        self.findings = Findings()
        self._header: dict[str, str] | None = None
        self._group: dict[str, str] | None = None
        self._reasons: tuple[Reason, ...] = ()
        self._counts: dict[str, int] = {}
        self._batches: list[BatchStatus] = []
        self._transfers: list[TransferStatus] = []
        self._waiting: list[TransferStatus] = []  # until their batch is named, after them
        self._seen: dict[str, str] = {}  # payments' statuses, and batches' below
        self._batch_seen: dict[str, str] = {}

    def header(self, node: xml.Element) -> None:
        """GrpHdr: the answer's own id."""
        self._below(node, "CstmrPmtStsRpt")
        if self._header is not None:
            raise self._twice(node)
        self._header = self.names.texts(node)
        self._needed(self._header, "MsgId", node)

    def group(self, node: xml.Element) -> None:
        """OrgnlGrpInfAndSts: which file is answered, and the status of the whole."""
        self._below(node, "CstmrPmtStsRpt")
        if self._group is not None:
            raise self._twice(node)
        self._group = self.names.texts(node)
        self._needed(self._group, "OrgnlMsgId", node)
        self._reasons = self._why(node)
        for child in node:
            if self.names[child.tag] == "NbOfTxsPerSts":
                said = self.names.texts(child)
                if said.get("DtldSts") and _COUNT.fullmatch(said.get("DtldNbOfTxs", "")):
                    self._counts[said["DtldSts"]] = int(said["DtldNbOfTxs"])

    def transfer(self, node: xml.Element) -> None:
        """TxInfAndSts: one payment."""
        self._below(node, "OrgnlPmtInfAndSts")
        names, where = self.names, xml.place(node)
        parts, said = names.parts(node), names.texts(node)
        original = parts.get("OrgnlTxRef")
        given = money(names.down(original, "Amt", "InstdAmt"))
        given_id = said.get("OrgnlEndToEndId", "")
        one = TransferStatus(
            # Both ids are the same in what we send, and some banks give only the other one back.
            end_to_end_id=said.get("OrgnlInstrId", "") if given_id in ("", "NOTPROVIDED") else given_id,
            status=self._status(said.get("TxSts", ""), where),
            reasons=self._why(node),
            executes_on=self._day(original, where),
            instruction_id=said.get("OrgnlInstrId", ""),
            bank_reference=said.get("AcctSvcrRef", ""),
            amount=None if given is None else given[0],
            currency="" if given is None else given[1],
            where=where,
        )
        if not one.end_to_end_id:
            self.findings.hold(
                "payment_without_id", where, _("The bank does not say which payment it speaks of.")
            )
        elif self._seen.setdefault(one.end_to_end_id, str(one.status)) != str(one.status):
            self.findings.hold(
                "payment_twice",
                where,
                _("The payment {payment} is said to be both {one} and {other}."),
                payment=one.end_to_end_id,
                one=self._seen[one.end_to_end_id],
                other=str(one.status),
            )
        self._waiting.append(one)

    def batch(self, node: xml.Element) -> None:
        """OrgnlPmtInfAndSts: one batch; its payments have been read already."""
        self._below(node, "CstmrPmtStsRpt")
        said, where = self.names.texts(node), xml.place(node)
        self._needed(said, "OrgnlPmtInfId", node)
        one = BatchStatus(
            payment_info_id=said["OrgnlPmtInfId"],
            status=self._status(said.get("PmtInfSts", ""), where),
            reasons=self._why(node),
            where=where,
        )
        before = self._batch_seen.setdefault(one.payment_info_id, str(one.status))
        if before != str(one.status):
            self.findings.hold(
                "payment_twice",
                where,
                _("The payment {payment} is said to be both {one} and {other}."),
                payment=one.payment_info_id,
                one=before,
                other=str(one.status),
            )
        if one.status == Status.IN_PART and not self._waiting:
            self._not_named(where, one.payment_info_id)
        self._batches.append(one)
        self._transfers += [
            replace(transfer, payment_info_id=one.payment_info_id) for transfer in self._waiting
        ]
        self._waiting = []

    def end(self, message: str) -> Receipt:
        """The receipt, when it says which file it answers."""
        if self._header is None or self._group is None:
            missing = "GrpHdr" if self._header is None else "OrgnlGrpInfAndSts"
            raise Unreadable(
                _("{element} is missing."),
                where="CstmrPmtStsRpt",
                code="pain002_incomplete",
                element=missing,
            )
        whole = self._status(self._group.get("GrpSts", ""), "OrgnlGrpInfAndSts")
        said = [one.status for one in (*self._batches, *self._transfers) if one.status]
        if whole == Status.IN_PART and not said:
            self._not_named("OrgnlGrpInfAndSts", self._group["OrgnlMsgId"])
        if not whole and not said:
            self.findings.hold(
                "status_missing",
                "OrgnlGrpInfAndSts",
                _("The receipt for {payment} has no status at all."),
                payment=self._group["OrgnlMsgId"],
            )
        return Receipt(
            message=message,
            message_id=self._header["MsgId"],
            original_message_id=self._group["OrgnlMsgId"],
            created=self._header.get("CreDtTm", ""),
            original_message=self._group.get("OrgnlMsgNmId", ""),
            status=whole,
            reasons=self._reasons,
            batches=tuple(self._batches),
            transfers=tuple(self._transfers),
            findings=tuple(self.findings),
            counts=self._counts,
        )

    def _status(self, written: str, where: str) -> Status | str:
        found = status(written)
        if found and not isinstance(found, Status):
            self.findings.note(
                "unknown_status",
                where,
                _("“{status}” is a status that is not known here."),
                status=found[:35],
            )
        return found

    def _not_named(self, where: str, payment: str) -> None:
        self.findings.note(
            "payments_not_named",
            where,
            _("{payment} is accepted in part, and it is not said which part."),
            payment=payment,
        )

    def _why(self, node: xml.Element) -> tuple[Reason, ...]:
        """Every StsRsnInf: the code, ISO's or the bank's own, and all that is written beside it."""
        found = []
        for child in node:
            if self.names[child.tag] != "StsRsnInf":
                continue
            reason = self.names.down(child, "Rsn")
            code = self.names.text(reason, "Cd") or self.names.text(reason, "Prtry")
            texts = [(one.text or "").strip() for one in child if self.names[one.tag] == "AddtlInf"]
            if code or any(texts):
                found.append(Reason(code, " ".join(filter(None, texts))))
        return tuple(found)

    def _day(self, original: xml.Element | None, where: str) -> date | None:
        """The day of payment: as it is settled, else as the bank now reads the order.

        Where the bank has moved the day (ACWC), ReqdExctnDt is the new one.
        """
        for name in ("IntrBkSttlmDt", "ReqdExctnDt"):
            node = self.names.down(original, name)
            written = "" if node is None else ((node[0].text if len(node) else node.text) or "").strip()
            if written:
                return xml.day(written, where=where)
        return None

    def _needed(self, said: dict[str, str], name: str, node: xml.Element) -> None:
        if not said.get(name):
            raise Unreadable(
                _("{element} is missing."), where=xml.place(node), code="pain002_incomplete", element=name
            )

    def _below(self, node: xml.Element, name: str) -> None:
        parent = node.getparent()
        if parent is None or parent.tag != self.names.tag(name):
            raise Unreadable(
                _("An element stands where it may not."), where=xml.place(node), code="pain002_misplaced"
            )

    def _twice(self, node: xml.Element) -> Unreadable:
        return Unreadable(_("There are two headers."), where=xml.place(node), code="pain002_twice")

"""Which of the formats we read a file is, told by its content and never by its name; and the reading of it.

Formats are found by being there: every module of `formats/bank`, `formats/invoice`, `formats/payment` and
`formats/sales_day` that has `looks_like` and `read`. The module's name is the format's.
"""

import pkgutil
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import bank, invoice, payment, sales_day, xml
from nattbok.formats.bank.shape import BankFile
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.peppol_bis3.envelope import ROOT as ENVELOPE
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.payment.shape import PaymentFile, Receipt
from nattbok.formats.sales_day.shape import SettlementReport

LARGEST = 50_000_000  # bytes, of a format that does not say itself how large its files may be
LARGEST_OF_ALL = xml.LARGEST_STREAMED  # whoever reads a file need not read more than one byte above it
_HEAD = 65_536  # bytes that tell what a file is

_CAMT = re.compile(r"camt\.05[234]")
_HTML = re.compile(rb"<(!doctype\s+html|html)\b", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(rb"<!doctype\b", re.IGNORECASE)
_SIGNATURES = (
    (b"%PDF", _("The file is a PDF, which is no format that is read here.")),
    (b"PK", _("The file is a zip archive or an office document, which is no format that is read here.")),
    (b"\x1f\x8b", _("The file is a gzip archive, which is no format that is read here.")),
    (b"7z\xbc\xaf\x27\x1c", _("The file is a 7z archive, which is no format that is read here.")),
    (b"\xd0\xcf\x11\xe0", _("The file is an old office document, which is no format that is read here.")),
    (b"\x89PNG", _("The file is a picture, which is no format that is read here.")),
    (b"\xff\xd8\xff", _("The file is a picture, which is no format that is read here.")),
    (b"GIF8", _("The file is a picture, which is no format that is read here.")),
    (b"II*\0", _("The file is a picture, which is no format that is read here.")),
    (b"MM\0*", _("The file is a picture, which is no format that is read here.")),
)


Content = BankFile | Invoice | PaymentFile | Receipt | SettlementReport


# Formats of banks and authorities that are not read, by what one of a file's first lines is; never half read.
_UNREAD_HEAD = 4_096
_FIRST_LINES = 8
_UNREAD = (
    (
        re.compile(rb"NY21\d{4}", re.ASCII),
        _("The file is AvtaleGiro (claims or agreements with Nets), which is not read here."),
    ),
    (
        re.compile(rb"11[0-9X]{16}LEVERANT\S{1,2}RSBETALNINGAR", re.ASCII),
        _(
            "The file is LB (Leverantörsbetalningar from Bankgirot), which banks no longer take and which is "
            "not read here; payments are pain.001."
        ),
    ),
    (
        re.compile(rb"AH[12][0-9]{2}.{0,80}BETFOR[0-9]{2}", re.ASCII),
        _(
            "The file is Telepay, which Norwegian banks no longer take and which is not read here; payments "
            "are pain.001."
        ),
    ),
    (
        re.compile(rb"\{1:F|:25:|:28C?:|:60[FM]:", re.ASCII),
        _(
            "The file is MT940 (a SWIFT account statement), which is not read here; ask the bank for "
            "camt.053."
        ),
    ),
)
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_UNREAD_ROOTS = {
    f"{_UBL}ApplicationResponse-2": _(
        "The file is an answer from the e-invoice network (an Invoice Response or another "
        "ApplicationResponse), not an invoice: it is no debt."
    ),
    f"{_UBL}Reminder-2": _("The file is a reminder of an invoice, not an invoice: it is no new debt."),
    f"{_UBL}Order-2": _("The file is an order, not an invoice: it is no debt."),
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": _(
        "The file is an e-invoice in the syntax CII (UN/CEFACT), which is not read here; ask the seller for "
        "Peppol BIS Billing 3 in UBL."
    ),
    "urn:StandardAuditFile-Taxation-CashRegister:NO": _(
        "The file is SAF-T Cash Register (a till's journal), which is not read here."
    ),
    "urn:StandardAuditFile-Taxation-Financial:NO": _(
        "The file is SAF-T Financial (a whole ledger), which is not read here."
    ),
}


class Outcome(StrEnum):
    """How far a file may go: the worst of its findings."""

    ACCEPT = "accept"
    HOLD = "hold"  # kept, nothing posted, a question raised
    REFUSE = "refuse"  # nothing of it is stored as read


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading a file. `content` is there also when it is held, and sometimes when refused."""

    # camt.052, camt.053, camt.054, or the module's name: ocr_giro, bgmax, bank_csv, peppol_bis3, pain001,
    # pain002, settlement_vipps and its like; "" when unknown
    format: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    content: Content | None = None


@lru_cache(maxsize=1)
def formats() -> tuple[ModuleType, ...]:
    """The modules that can tell their files and read them."""
    found = []
    for folder in (bank, invoice, payment, sales_day):
        for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
            format_module = import_module(module.name)
            if hasattr(format_module, "looks_like") and hasattr(format_module, "read"):
                found.append(format_module)
    return tuple(found)


def guess(data: bytes) -> ModuleType | None:
    """The one format that `data` is in; None when no format knows it, or more than one does."""
    head = data[:_HEAD]
    claimed = [module for module in formats() if module.looks_like(head)]
    return claimed[0] if len(claimed) == 1 else None


def read_any(data: bytes) -> Read:
    """`data` read by the format it is in, and held to the whole rules of the format where it has some.

    Never raises for what the bytes are: that is a finding.
    """
    module = guess(data)
    most = max(LARGEST, getattr(module, "LARGEST", 0))
    if len(data) > most:
        return refused(too_large(len(data), most))
    if module is None:
        return refused(unknown(data))
    name = _name(module, data)
    try:
        content = module.read(data)
        if isinstance(content, Invoice) and hasattr(module, "check"):
            content = module.check(data, content)
    except Unreadable as error:
        finding = Finding(Severity.ERROR, error.finding_code, error.where, error.message, error.values)
        return refused(finding, name)
    except (ArithmeticError, LookupError, MemoryError, RecursionError, ValueError) as error:
        # A reader met what it did not expect. Whoever sent it must not be able to stop the night.
        finding = Finding(
            Severity.ERROR,
            "reader_failed",
            "",
            _("The program could not read the file ({error}); please report it."),
            {"error": type(error).__name__},
        )
        return refused(finding, name)
    found = content.all_findings if isinstance(content, BankFile) else content.findings
    return Read(name, outcome(found), tuple(found), content)


def outcome(findings: tuple[Finding, ...]) -> Outcome:
    """How far the worst of `findings` lets a file go."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Outcome.REFUSE
    return Outcome.HOLD if Severity.HOLD in severities else Outcome.ACCEPT


def refused(finding: Finding, name: str = "") -> Read:
    """A file of which nothing was read."""
    return Read(name, Outcome.REFUSE, (finding,))


def too_large(size: int, largest: int = LARGEST) -> Finding:
    """What is said of a file of `size` bytes, without having read it."""
    return Finding(
        Severity.ERROR,
        "too_large",
        "",
        _("The file is {size} bytes; at most {largest} are read."),
        {"size": size, "largest": largest},
    )


def _name(module: ModuleType, data: bytes) -> str:
    """The format's name: the module's, or for the camt reports the message's."""
    found = _CAMT.search(xml.root_tag(data[:_HEAD]))
    return found[0] if found is not None else module.__name__.rpartition(".")[2]


def unknown(data: bytes) -> Finding:
    """What an unknown file looks like, for the person who sent it."""
    sentence, values = _looks(data)
    return Finding(Severity.ERROR, "unknown_format", "", sentence, values)


def _looks(data: bytes) -> tuple[str, dict[str, str | int | None]]:
    head = data[:_HEAD]
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\0")
    if not bare and len(data) <= _HEAD:
        return _("The file is empty."), {}
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            return sentence, {}
    if b"%PDF-" in head[:1024]:
        return _SIGNATURES[0][1], {}
    if bare[:1] == b"<" and _HTML.search(bare[:2048]):
        return _("The file is a web page (HTML), which is no format that is read here."), {}
    if bare[:1] in (b"{", b"["):
        return _("The file looks like JSON, which is no format that is read here."), {}
    lines = [line for line in bare[:_UNREAD_HEAD].splitlines() if line.strip()][:_FIRST_LINES]
    for begins, sentence in _UNREAD:
        if any(begins.match(line) for line in lines):
            return sentence, {}
    root = xml.root_tag(head)
    if root:
        namespace, _brace, name = root[1:].rpartition("}") if root[0] == "{" else ("", "", root)
        if namespace in _UNREAD_ROOTS:
            return _UNREAD_ROOTS[namespace], {}
        if root == ENVELOPE:
            inside = [said for about, said in _UNREAD_ROOTS.items() if about.encode() in head]
            if inside:
                return inside[0], {}
        return (
            _("The file is XML with root “{root}” in namespace “{namespace}”, which is not read here."),
            {"root": name[:100], "namespace": namespace[:200]},
        )
    if bare[:1] == b"<" or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        if _DOCUMENT_TYPE.search(head):
            return _("The file is XML with a document type (DOCTYPE), which is never read."), {}
        return _("The file begins like XML, but its first element cannot be read."), {}
    if b"\0" in head[:1024]:
        return _("The file is not text, and no format that is read here."), {}
    return _("The file is text, but no format that is read here."), {}

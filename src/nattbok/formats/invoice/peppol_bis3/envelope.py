"""The envelope (SBDH) that the e-invoice network carries a document in, and what kind of document it is.

Sources: UN/CEFACT Standard Business Document Header 1.3; Peppol code list of document types 9.7.
"""

from dataclasses import dataclass

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats.finding import Severity
from nattbok.formats.invoice.peppol_bis3.names import CREDIT_NOTE, ENVELOPE, INVOICE
from nattbok.formats.xml import Element

BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_SBD = f"{{{ENVELOPE}}}"
ROOT = f"{_SBD}StandardBusinessDocument"
DOCUMENTS = {f"{{{INVOICE}}}Invoice": "inv:Invoice", f"{{{CREDIT_NOTE}}}CreditNote": "cn:CreditNote"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Why a document that looks like an invoice is not simply one."""

    severity: Severity
    code: str
    text: str


# By what the customization contains, since each is written in several ways; the first that fits.
_KINDS = (
    (
        ("ehf:reminder", "ehf:spec:reminder", "ehf:purring"),
        Kind(
            Severity.ERROR,
            "not_an_invoice",
            _("This is a reminder of an invoice that was sent before, not an invoice: it is no new debt."),
        ),
    ),
    (
        ("payment-request",),
        Kind(
            Severity.ERROR,
            "not_an_invoice",
            _("This is a payment request, not an invoice: it has no VAT and must not be booked as one."),
        ),
    ),
    (
        ("forward-billing",),
        Kind(
            Severity.ERROR,
            "not_an_invoice",
            _("This is forward billing: claims to be passed on to others, not a debt of the receiver."),
        ),
    ),
    (
        ("selfbilling", "self-billing"),
        Kind(
            Severity.HOLD,
            "self_billing",
            _("This is self-billing: the buyer made it for the seller, so the parties' roles are exchanged."),
        ),
    ),
    (
        ("cenbii.eu", "ehf:faktura", "ehf:kreditnota"),
        Kind(
            Severity.HOLD,
            "outdated_customization",
            _("This is written by the rules of EHF 2 or BIS 2, which are no longer in force."),
        ),
    ),
)
_UNKNOWN = Kind(
    Severity.HOLD,
    "unknown_customization",
    _("The document says that it follows “{customization}”, which is not Peppol BIS Billing 3."),
)


def kind(customization: str | None) -> Kind | None:
    """What the document is when it is not a Peppol BIS Billing 3 document; None when it is."""
    written = customization or ""
    if written == BILLING:
        return None
    for marks, found in _KINDS:
        if any(mark in written for mark in marks):
            return found
    return _UNKNOWN


def document(root: Element) -> tuple[Element, str]:
    """The invoice or credit note in `root` and its path, taken out of its envelope where it has one."""
    if root.tag == ROOT:
        return _unwrapped(root)
    name = DOCUMENTS.get(root.tag)
    if name is None:
        raise Unreadable(
            _("The root is {root}, neither a UBL invoice nor a UBL credit note."),
            where="/*",
            code="not_an_invoice",
            root=str(root.tag)[:200],
        )
    return root, f"/{name}"


def _unwrapped(root: Element) -> tuple[Element, str]:
    place = "/sbd:StandardBusinessDocument"
    payloads = [child for child in root if child.tag != f"{_SBD}StandardBusinessDocumentHeader"]
    if len(payloads) != 1:
        raise Unreadable(
            _("The envelope holds {count} documents; it must hold one."),
            where=place,
            code="envelope_documents",
            count=len(payloads),
        )
    payload = payloads[0]
    name = DOCUMENTS.get(payload.tag)
    if name is None:
        raise Unreadable(
            _("The envelope holds {root}, neither a UBL invoice nor a UBL credit note."),
            where=f"{place}/*",
            code="not_an_invoice",
            root=str(payload.tag)[:200],
        )
    about = f"{_SBD}StandardBusinessDocumentHeader/{_SBD}DocumentIdentification/{_SBD}"
    namespace, _brace, inside = payload.tag[1:].partition("}")
    for element, actual in (("Type", inside), ("Standard", namespace)):
        stated = (root.findtext(about + element) or "").strip()
        if stated != actual:
            raise Unreadable(
                _("The envelope says that it holds “{stated}”, but it holds “{actual}”."),
                where=f"{place}/sbd:StandardBusinessDocumentHeader/sbd:DocumentIdentification/sbd:{element}",
                code="envelope_type",
                stated=stated[:200],
                actual=actual,
            )
    return payload, f"{place}/{name}"

"""The Invoice Response of the e-invoice network: what a buyer answers an invoice with.

An ApplicationResponse of UBL 2.1 that says what has become of an invoice, and why. The seller's system shows
it; it changes nothing of what is owed.
Source: Peppol BIS Invoice Response 3.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lxml import etree

from nattbok.base.words import _
from nattbok.formats.invoice.peppol_bis3.names import CAC, CBC
from nattbok.formats.invoice.shape import PartyIdentity

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
CUSTOMIZATION = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3"
PROFILE = "urn:fdc:peppol.eu:poacc:bis:invoice_response:3"
DOCUMENT_TYPE = f"{NAMESPACE}::ApplicationResponse##{CUSTOMIZATION}::2.1"
FORMAT = "invoice_response"  # what a kept file of this kind is said to be


class Answer(StrEnum):
    """What can be said of an invoice (UN/ECE 4343, as the network uses it)."""

    RECEIVED = "AB"
    IN_PROCESS = "IP"
    UNDER_QUERY = "UQ"
    CONDITIONALLY_ACCEPTED = "CA"
    REJECTED = "RE"
    ACCEPTED = "AP"
    PAID = "PD"


ANSWERS = {
    Answer.RECEIVED: _("Received"),
    Answer.IN_PROCESS: _("In process"),
    Answer.UNDER_QUERY: _("We ask about it"),
    Answer.CONDITIONALLY_ACCEPTED: _("Accepted with conditions"),
    Answer.REJECTED: _("Rejected"),
    Answer.ACCEPTED: _("Accepted"),
    Answer.PAID: _("Paid"),
}
EXPLAINED = (Answer.UNDER_QUERY, Answer.CONDITIONALLY_ACCEPTED, Answer.REJECTED)  # only with a reason
REASONS = {
    "REF": _("A reference is wrong"),
    "LEG": _("What the law asks for is missing or wrong"),
    "REC": _("The receiver is unknown"),
    "QUA": _("The quality is not as agreed"),
    "DEL": _("The delivery is not as agreed"),
    "PRI": _("The prices are wrong"),
    "QTY": _("The quantity is wrong"),
    "ITM": _("The items are wrong"),
    "PAY": _("The terms of payment are wrong"),
    "UNR": _("We do not recognise the purchase"),
    "FIN": _("Amounts or accounts are wrong"),
    "OTH": _("Another reason"),
}
ACTIONS = {
    "NOA": _("Nothing need be done"),
    "PIN": _("Give more information"),
    "NIN": _("Send a new invoice"),
    "CNF": _("Send a credit note for all of it"),
    "CNP": _("Send a credit note for a part"),
    "CNA": _("Send a credit note for the amount"),
    "OTH": _("Something else"),
}


@dataclass(frozen=True, slots=True)
class InvoiceResponse:
    """An answer from the buyer to the seller of an invoice or credit note."""

    number: str  # its own, unique with the sender
    issued_on: date
    answer: Answer
    sender: PartyIdentity  # the buyer
    receiver: PartyIdentity  # the seller
    invoice_number: str
    invoice_issued_on: date | None
    type_code: str  # 380, 381
    reason_code: str = ""  # of REASONS
    action_code: str = ""  # of ACTIONS
    text: str = ""
    decided_on: date | None = None


def write(response: InvoiceResponse) -> bytes:
    """The message in UTF-8, without its envelope.

    Both parties need an address in the network; a rejection, a question and a condition need a reason.
    """
    for party in (response.sender, response.receiver):
        if not (party.endpoint and party.endpoint_scheme):
            raise ValueError("a party of an answer has no address in the network")
    if response.answer in EXPLAINED and not response.reason_code:
        raise ValueError(f"the answer {response.answer} needs a reason")
    root = etree.Element(
        f"{{{NAMESPACE}}}ApplicationResponse", nsmap={None: NAMESPACE, "cac": CAC[1:-1], "cbc": CBC[1:-1]}
    )
    _leaf(root, "CustomizationID", CUSTOMIZATION)
    _leaf(root, "ProfileID", PROFILE)
    _leaf(root, "ID", response.number)
    _leaf(root, "IssueDate", response.issued_on.isoformat())
    _party(root, "SenderParty", response.sender)
    _party(root, "ReceiverParty", response.receiver)
    document = _group(root, "DocumentResponse")
    answer = _group(document, "Response")
    _leaf(answer, "ResponseCode", response.answer.value)
    if response.decided_on is not None:
        _leaf(answer, "EffectiveDate", response.decided_on.isoformat())
    for code, listed in ((response.reason_code, "OPStatusReason"), (response.action_code, "OPStatusAction")):
        if code:
            status = _group(answer, "Status")
            _leaf(status, "StatusReasonCode", code, listID=listed)
            if listed == "OPStatusReason":
                _leaf(status, "StatusReason", response.text)
    about = _group(document, "DocumentReference")
    _leaf(about, "ID", response.invoice_number)
    if response.invoice_issued_on is not None:
        _leaf(about, "IssueDate", response.invoice_issued_on.isoformat())
    _leaf(about, "DocumentTypeCode", response.type_code)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _party(root: etree._Element, role: str, party: PartyIdentity) -> None:
    node = _group(root, role)
    _leaf(node, "EndpointID", party.endpoint or "", schemeID=party.endpoint_scheme or "")
    if party.org_number:
        identity = {"schemeID": party.org_scheme} if party.org_scheme else {}
        _leaf(_group(node, "PartyIdentification"), "ID", party.org_number, **identity)
    _leaf(_group(node, "PartyLegalEntity"), "RegistrationName", party.name)


def _group(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{CAC}{name}")


def _leaf(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    """An element with text; an empty one is a fault, so there is none."""
    plain = "".join(sign for sign in text if sign >= " " or sign in "\n\t").strip()
    if plain:
        etree.SubElement(parent, f"{CBC}{name}", attributes).text = plain

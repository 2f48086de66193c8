"""The envelope of the e-invoice network: the Standard Business Document Header around one document.

The network's own form of it: the parties by scheme and number, the document type and the process as scopes.
Source: OpenPeppol, Business Message Envelope (SBDH) 2.0; GS1/UN/CEFACT StandardBusinessDocumentHeader 1.3.
"""

import copy
import datetime
from dataclasses import dataclass

from lxml import etree

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.xml import Element

NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
AUTHORITY = "iso6523-actorid-upis"
LARGEST = 50_000_000  # bytes
_HEAD = 4_096
_SBDH = f"{{{NAMESPACE}}}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent what to whom, under which number; and the document's own bytes."""

    instance_id: str
    sender: str  # "0192:123456785": scheme and number
    receiver: str
    document_type: str
    process: str
    document: bytes


def looks_like(head: bytes) -> bool:
    """Whether it is an envelope."""
    return NAMESPACE.encode() in head[:_HEAD] and b"StandardBusinessDocument" in head[:_HEAD]


def read(data: bytes) -> Envelope:
    """The envelope and its document; raises Unreadable when either is not whole."""
    root = xml.parse(data, largest=LARGEST)
    if root.tag != f"{_SBDH}StandardBusinessDocument":
        raise Unreadable(_("The file is not an envelope of the e-invoice network."), code="not_an_envelope")
    header = root.find(f"{_SBDH}StandardBusinessDocumentHeader")
    documents = [child for child in root if child.tag != f"{_SBDH}StandardBusinessDocumentHeader"]
    if header is None or len(documents) != 1:
        raise Unreadable(
            _("The envelope has {count} documents; there must be a header and one document."),
            code="envelope_parts",
            count=len(documents),
        )
    return Envelope(
        instance_id=_text(header, "DocumentIdentification/InstanceIdentifier"),
        sender=_party(header, "Sender"),
        receiver=_party(header, "Receiver"),
        document_type=_scope(header, "DOCUMENTID"),
        process=_scope(header, "PROCESSID"),
        document=_bytes(documents[0]),
    )


def write(read: Envelope, *, standard: str, kind: str, version: str, at: datetime.datetime) -> bytes:
    """The envelope around its document (UTF-8), as the network asks for it.

    `standard` is the document's namespace, `kind` its root element, and `version` its own. Text is written
    through the XML library, so nothing in a name can become markup.
    """
    root = etree.Element(f"{_SBDH}StandardBusinessDocument", nsmap={None: NAMESPACE})
    header = etree.SubElement(root, f"{_SBDH}StandardBusinessDocumentHeader")
    _leaf(header, "HeaderVersion", "1.0")
    for role, who in (("Sender", read.sender), ("Receiver", read.receiver)):
        identifier = _leaf(etree.SubElement(header, f"{_SBDH}{role}"), "Identifier", who)
        identifier.set("Authority", AUTHORITY)
    identity = etree.SubElement(header, f"{_SBDH}DocumentIdentification")
    for name, text in (
        ("Standard", standard),
        ("TypeVersion", version),
        ("InstanceIdentifier", read.instance_id),
        ("Type", kind),
        ("CreationDateAndTime", at.isoformat()),
    ):
        _leaf(identity, name, text)
    scopes = etree.SubElement(header, f"{_SBDH}BusinessScope")
    for name, text, scheme in (
        ("DOCUMENTID", read.document_type, "busdox-docid-qns"),
        ("PROCESSID", read.process, "cenbii-procid-ubl"),
    ):
        scope = etree.SubElement(scopes, f"{_SBDH}Scope")
        _leaf(scope, "Type", name)
        _leaf(scope, "InstanceIdentifier", text)
        _leaf(scope, "Identifier", scheme)
    root.append(xml.parse(read.document, largest=LARGEST))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _leaf(parent: Element, name: str, text: str) -> Element:
    made = etree.SubElement(parent, f"{_SBDH}{name}")
    made.text = text
    return made


def participant(written: str) -> str:
    """A participant in the one form it is compared in: "0192:123456785"."""
    bare = written.strip().rpartition("::")[2].lower()
    scheme, _colon, number = bare.partition(":")
    return f"{scheme}:{''.join(number.split())}"


def _party(header: Element, role: str) -> str:
    path = f"{_SBDH}{role}/{_SBDH}Identifier"
    found = header.findall(path)
    if len(found) != 1 or not (found[0].text or "").strip():
        raise Unreadable(
            _("The envelope must name one {role}."), where=role, code="envelope_party", role=role
        )
    authority = found[0].get("Authority", AUTHORITY)
    if authority != AUTHORITY:
        raise Unreadable(
            _("The envelope names a party by “{authority}”, which is not the network's way."),
            where=role,
            code="envelope_authority",
            authority=authority[:100],
        )
    return participant((found[0].text or "")[:200])


def _scope(header: Element, kind: str) -> str:
    for scope in header.iterfind(f"{_SBDH}BusinessScope/{_SBDH}Scope"):
        if (scope.findtext(f"{_SBDH}Type") or "").strip() == kind:
            return (scope.findtext(f"{_SBDH}InstanceIdentifier") or "").strip()
    return ""


def _text(header: Element, path: str) -> str:
    found = header.findtext("/".join(f"{_SBDH}{step}" for step in path.split("/")))
    written = (found or "").strip()
    if not written or len(written) > 255 or not written.isprintable():
        raise Unreadable(_("The envelope has no number of its own."), where=path, code="envelope_number")
    return written


def _bytes(document: Element) -> bytes:
    """The document as a file by itself. The same envelope always gives the same bytes."""
    alone = copy.deepcopy(document)
    alone.tail = None
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, xml_declaration=True, encoding="UTF-8")

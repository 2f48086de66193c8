"""Envelopes of the e-invoice network.

Source: OpenPeppol, Business Message Envelope (SBDH) 2.0.
"""

import datetime
import re
from xml.sax.saxutils import escape

DOCUMENT_TYPE = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##urn:cen.eu:en16931:2017#compliant#"
    "urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
)
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")


def envelope(
    document: bytes,
    *,
    number: str,
    sender: str,
    receiver: str,
    at: datetime.datetime,
    document_type: str = DOCUMENT_TYPE,
    process: str = PROCESS,
) -> bytes:
    """The document (UTF-8) in an envelope. Parties are as the network writes them: 0192:123456785."""
    head = f"""<?xml version="1.0" encoding="UTF-8"?>
<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">
<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>
<Sender><Identifier Authority="iso6523-actorid-upis">{escape(sender)}</Identifier></Sender>
<Receiver><Identifier Authority="iso6523-actorid-upis">{escape(receiver)}</Identifier></Receiver>
<DocumentIdentification><Standard>urn:oasis:names:specification:ubl:schema:xsd:Invoice-2</Standard>
<TypeVersion>2.1</TypeVersion><InstanceIdentifier>{escape(number)}</InstanceIdentifier><Type>Invoice</Type>
<CreationDateAndTime>{at.isoformat()}</CreationDateAndTime></DocumentIdentification>
<BusinessScope><Scope><Type>DOCUMENTID</Type><InstanceIdentifier>{escape(document_type)}</InstanceIdentifier>
<Identifier>busdox-docid-qns</Identifier></Scope>
<Scope><Type>PROCESSID</Type><InstanceIdentifier>{escape(process)}</InstanceIdentifier>
<Identifier>cenbii-procid-ubl</Identifier></Scope></BusinessScope>
</StandardBusinessDocumentHeader>
"""
    return head.encode() + _DECLARATION.sub(b"", document) + b"\n</StandardBusinessDocument>\n"

"""The rules of EN 16931 and of Peppol BIS Billing 3, as the package `mock-einvoice` has them in Python.

979 rules of the core and 165 of the network, at the versions that `RULES` names. The package is one author's
and young, so it is pinned, and a test compares it with the publishers' own rules.
"""

import mockeinvoice
from lxml import etree

from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking import schema, texts
from nattbok.formats.invoice.peppol_bis3.names import CBC
from nattbok.formats.xml import Element

# What is checked, for whoever asks by which rules a document was found right.
RULES = "EN 16931 1.3.16, Peppol BIS Billing 3.0.21"

_EMBEDDED, _NOTHING = f"{CBC}EmbeddedDocumentBinaryObject", "AA=="
# Bytes, without the files inside: above it the rules would take tens of seconds, and sums must do.
LARGEST = 2_000_000
# What the package says of its own reading, which is not ours: that an element has no place in its shape.
_NO_RULES = {"UNHELD", "REPEATED"}
_TOO_LARGE = _("The document is so large that only its sums were checked, not all the rules of the network.")
_NOT_JUDGED = _("The rules of the network could not be asked of the document: {detail}")


def check(root: Element) -> list[Finding]:
    """What the schema and the rules say of the document whose root element is `root`.

    It was taken out of its envelope. A rule that the publishers call fatal holds the document; a warning is a
    note. Where the schema is not met, the rules say what they still can. What `root` has in it of other files
    is taken out on the way: no rule is about what those hold.
    """
    found = schema.findings(root)
    for inside in root.iter(_EMBEDDED):
        inside.text = _NOTHING
    data = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    if len(data) > LARGEST:
        return [*found, Finding(Severity.HOLD, "rules_not_asked", "", _TOO_LARGE)]
    try:
        _document, report = mockeinvoice.validate(data)
    except mockeinvoice.Refused as refusal:
        return found or [_not_judged(str(refusal))]
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as trouble:
        return found or [_not_judged(type(trouble).__name__)]
    told = [
        _finding(one.level, one.code, one.path, one.text)
        for one in report.findings
        if one.code not in _NO_RULES
    ]
    if report.verdict == "not judged":
        told.append(_not_judged(", ".join(sorted(report.not_built))))
    return [*found, *told]


def _finding(level: str, code: str, path: str, said: str) -> Finding:
    severity = Severity.NOTE if level in ("warning", "information") else Severity.HOLD
    sentence, values = texts.of(code)
    return Finding(severity, code, path, sentence, {"code": code, "where": path, "detail": said} | values)


def _not_judged(detail: str) -> Finding:
    return Finding(Severity.HOLD, "rules_not_asked", "", _NOT_JUDGED, {"detail": detail[:300]})

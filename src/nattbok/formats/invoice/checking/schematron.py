"""Schematron rules (ISO/IEC 19757-3, queryBinding xslt2) made into a style sheet that reports what fails.

As the standard has it: within a pattern each node is held to the first rule whose context it fits. The result
of the style sheet is `<report>` with a `<failed id flag where>` for each assertion that does not hold.
"""

from lxml import etree

from nattbok.base.errors import Unreadable
from nattbok.base.words import _

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_XSL = "http://www.w3.org/1999/XSL/Transform"
_NOT_KNOWN = _(
    "The rules use “{element}”, which is not understood here. Use the compiled style sheet (.xslt)."
)
_NOT_RULES = _("The file is not Schematron with the query language XSLT 2.")
_LETS_DIFFER = _("The rules give the name “{name}” two meanings.")
# What says nothing about a document.
_PASSED_OVER = {f"{_SCH}{name}" for name in ("title", "p", "phase", "diagnostics", "ns")}


def compiled(source: bytes) -> bytes:
    """The XSLT 2.0 style sheet of the Schematron `source`; raises Unreadable for what is not understood."""
    try:
        schema = etree.fromstring(
            source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        )
    except etree.XMLSyntaxError as error:
        raise Unreadable(_NOT_RULES, where=str(error)[:200], code="not_schematron") from None
    if schema.tag != f"{_SCH}schema" or schema.get("queryBinding") not in ("xslt2", "xslt3"):
        raise Unreadable(_NOT_RULES, where=str(schema.tag)[:200], code="not_schematron")
    spaces = {space.get("prefix"): space.get("uri") for space in schema.iterfind(f"{_SCH}ns")}
    sheet = etree.Element(f"{{{_XSL}}}stylesheet", version="2.0", nsmap={"xsl": _XSL, **spaces})
    _within(sheet, "output", method="xml", encoding="UTF-8")
    _names(sheet, schema)
    patterns = schema.findall(f"{_SCH}pattern")
    start = _within(_within(sheet, "template", match="/"), "element", name="report")
    for place, pattern in enumerate(patterns):
        _within(start, "apply-templates", select="/", mode=f"p{place}")
        _pattern(sheet, pattern, f"p{place}")
    return etree.tostring(sheet, encoding="UTF-8", xml_declaration=True)


def _within(parent: etree._Element, element: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_XSL}}}{element}", **attributes)


def _names(sheet: etree._Element, schema: etree._Element) -> None:
    """Functions, and the variables of the schema and of its patterns, which hold for the whole document."""
    for child in schema:
        if not isinstance(child.tag, str) or child.tag in _PASSED_OVER or child.tag == f"{_SCH}pattern":
            continue
        if child.tag == f"{{{_XSL}}}function":
            sheet.append(child)
        elif child.tag != f"{_SCH}let":
            raise Unreadable(_NOT_KNOWN, where=_place(child), element=_name(child), code="not_schematron")
    known: dict[str, str] = {}
    for let in (*schema.iterfind(f"{_SCH}let"), *schema.iterfind(f"{_SCH}pattern/{_SCH}let")):
        name, select = let.get("name"), let.get("value")
        if name not in known:
            _within(sheet, "variable", name=name, select=select)
        elif known[name] != select:
            raise Unreadable(_LETS_DIFFER, where=_place(let), name=name, code="not_schematron")
        known[name] = select


def _pattern(sheet: etree._Element, pattern: etree._Element, mode: str) -> None:
    rules = [rule for rule in pattern if isinstance(rule.tag, str) and rule.tag != f"{_SCH}let"]
    for place, rule in enumerate(rules):
        if rule.tag in _PASSED_OVER:
            continue
        if rule.tag != f"{_SCH}rule" or rule.get("abstract"):
            raise Unreadable(_NOT_KNOWN, where=_place(rule), element=_name(rule), code="not_schematron")
        template = _within(
            sheet, "template", match=rule.get("context"), mode=mode, priority=str(len(rules) - place)
        )
        for child in rule:
            if isinstance(child.tag, str):
                _asserted(template, child)
        _within(template, "apply-templates", select="@*|node()", mode=mode)
    for match in ("*|/", "@*|text()|comment()|processing-instruction()"):
        rest = _within(sheet, "template", match=match, mode=mode, priority="-1")
        if match.startswith("*"):
            _within(rest, "apply-templates", select="@*|node()", mode=mode)


def _asserted(template: etree._Element, child: etree._Element) -> None:
    if child.tag == f"{_SCH}let":
        _within(template, "variable", name=child.get("name"), select=child.get("value"))
        return
    if child.tag not in (f"{_SCH}assert", f"{_SCH}report"):
        raise Unreadable(_NOT_KNOWN, where=_place(child), element=_name(child), code="not_schematron")
    test = child.get("test")
    fails = _within(template, "if", test=f"not({test})" if child.tag == f"{_SCH}assert" else test)
    failed = _within(fails, "element", name="failed")
    for name, told in (("id", child.get("id", "")), ("flag", child.get("flag") or "fatal")):
        _within(failed, "attribute", name=name).text = told
    where = _within(failed, "attribute", name="where")
    _within(
        where,
        "value-of",
        select="string-join(for $step in ancestor-or-self::* return concat('/', name($step), '[', "
        "1 + count($step/preceding-sibling::*[name() = name($step)]), ']'), '')",
    )
    _within(failed, "value-of", select=_quoted(" ".join("".join(child.itertext()).split())))


def _quoted(text: str) -> str:
    """`text` as a string in XPath, which doubles its own quotation marks."""
    return "'" + text.replace("'", "''") + "'"


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname


def _place(node: etree._Element) -> str:
    return f"line {node.sourceline}"

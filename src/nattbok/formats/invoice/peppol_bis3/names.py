"""The names of UBL elements, as the parser says them and as a person reads them in a path."""

from functools import lru_cache

from nattbok.formats.xml import Element

CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
ENVELOPE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"

# What the paths in `sources` and `where` are written with: root.xpath(path, namespaces=NAMESPACES).
NAMESPACES = {
    "inv": INVOICE,
    "cn": CREDIT_NOTE,
    "sbd": ENVELOPE,
    "cac": CAC[1:-1],
    "cbc": CBC[1:-1],
}
_PREFIXES = {namespace: prefix for prefix, namespace in NAMESPACES.items()}


@lru_cache(maxsize=512)
def short(tag: str) -> str:
    """ "{namespace}name" as a path says it: "cbc:ID"."""
    namespace, _brace, name = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{name}" if prefix else name or tag


def path_of(node: Element) -> str:
    """The path from the root to `node`, each step with its number where there are several of the name."""
    steps = []
    step: Element | None = node
    while step is not None:
        before = sum(1 for _sibling in step.itersiblings(step.tag, preceding=True))
        after = next(step.itersiblings(step.tag), None) is not None
        steps.append(short(str(step.tag)) + (f"[{before + 1}]" if before or after else ""))
        step = step.getparent()
    return "/" + "/".join(reversed(steps))

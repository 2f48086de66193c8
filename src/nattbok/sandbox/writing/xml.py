"""XML from nested tuples: an element is (name, content) or (name, content, attributes).

Content is text or a list of elements, in which None stands for what is not there. An element whose content
is None or an empty list is left out, as the receivers of these files refuse empty elements.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lxml import etree

Node: TypeAlias = (
    "tuple[str, str | Sequence[Node | None] | None] | "
    "tuple[str, str | Sequence[Node | None] | None, Mapping[str, str]] | None"
)


def document(name: str, children: Sequence[Node], namespaces: Mapping[str | None, str]) -> bytes:
    """A whole document in UTF-8, indented. Names are "Name" or "prefix:Name" of `namespaces`."""
    qualified = {prefix: f"{{{namespace}}}" if namespace else "" for prefix, namespace in namespaces.items()}
    root = etree.Element(_tag(name, qualified), nsmap=dict(namespaces))
    _add(root, children, qualified)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add(parent: etree._Element, children: Sequence[Node], namespaces: Mapping[str | None, str]) -> None:
    for node in children:
        if node is None:
            continue
        content = node[1]
        if content is None or (not isinstance(content, str) and not any(content)):
            continue
        child = etree.SubElement(parent, _tag(node[0], namespaces), node[2] if len(node) > 2 else None)
        if isinstance(content, str):
            child.text = content
        else:
            _add(child, content, namespaces)


def _tag(name: str, namespaces: Mapping[str | None, str]) -> str:
    prefix, colon, local = name.partition(":")
    return namespaces[prefix] + local if colon else namespaces.get(None, "") + name

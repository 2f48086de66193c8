"""XML from strangers: what is read, and what is refused with its place and cause."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats import xml

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document>&b;</Document>"""
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def attributes(number: int) -> bytes:
    """An element with so many."""
    return b"<a " + b" ".join(b'a%d=""' % one for one in range(number)) + b"/>"


LATIN = '<?xml version="1.0" encoding="{}"?><a>\n\nKjøp</a>'


@pytest.mark.parametrize(
    "data, reads_as",
    [
        (b"<a>1<!-- half -->2<![CDATA[3]]>4<?pi x?>5</a>", "12345"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xa6</a>", "æ"),
        (b" \n<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>", "<!DOCTYPE a>"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>æ</a>".encode("utf-16"), "æ"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>æ</a>".encode("utf-16-be"), "æ"),
        ("<?xml version='1.0' encoding='UTF-8'?><a>æ</a>".encode("utf-16"), "æ"),  # the mark decides
        (LATIN.format("ISO-8859-1").encode("latin-1"), "\n\nKjøp"),
        (LATIN.format("windows-1252").encode("cp1252"), "\n\nKjøp"),
        (b"<a>" * 100 + b"</a>" * 100, None),
    ],
)
def test_sound_xml_is_read(data, reads_as):
    assert xml.parse(data).text == reads_as


@pytest.mark.parametrize(
    "data, code, where",
    [
        (b"", "xml_empty", ""),
        (b" \r\n\t", "xml_empty", ""),
        (bytes(range(256)), "xml_not_xml", "line 1"),
        (b"%PDF-1.7 \x00\x01", "xml_not_xml", "line 1"),
        (BOMB, "xml_doctype", "line 2"),
        (OUTSIDE, "xml_doctype", "line 1"),
        (b"\xef\xbb\xbf<!-- a -->\n<?pi?>\n" + OUTSIDE, "xml_doctype", "line 3"),
        (OUTSIDE.decode().encode("utf-16"), "xml_doctype", "line 1"),
        (OUTSIDE.decode().encode("utf-16-le"), "xml_doctype", "line 1"),
        (OUTSIDE.decode().encode("utf-16-be"), "xml_doctype", "line 1"),
        (OUTSIDE.decode().encode("utf-32"), "xml_doctype", "line 1"),
        (b"<a/>" + OUTSIDE, "xml_malformed", "line 1"),
        (b"<a>&nowhere;</a>", "xml_malformed", "line 1"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "xml_encoding", "line 1"),
        (LATIN.format("UTF-8").encode("latin-1"), "xml_encoding", "line 3"),
        (b"<a>\n\xff\xfe</a>", "xml_encoding", "line 2"),
        (b"<a>" * 101 + b"</a>" * 101, "xml_too_deep", ""),
        (b"<a>" * 100_000, "xml_too_deep", ""),
        (attributes(200_000), "xml_tag_too_long", "line 1"),
        (b"<a>" + b"<b/>" * 4_000_000, "xml_too_many_tags", ""),
        (b"<?a?>" * 5_000 + b"<a/>", "xml_not_xml", "line 1"),
        (attributes(300), "xml_too_many_attributes", ""),
        (b"<a><b>\n<c></b></a>", "xml_malformed", "line 2"),
        (b"<a>\n<b>", "xml_malformed", "line 2"),
        (b"<a>\0</a>", "xml_malformed", "line 1"),
    ],
)
def test_anything_else_is_refused_with_cause_and_place(data, code, where):
    with pytest.raises(Unreadable) as refusal:
        xml.parse(data)
    assert (refusal.value.finding_code, refusal.value.where) == (code, where)
    assert str(refusal.value)
    with pytest.raises(Unreadable):
        if not code.startswith(("xml_too_deep", "xml_too_many")):  # the stream's limits are the parser's own
            list(xml.entries(data, ["a"]))
        raise refusal.value


def test_a_file_too_large_is_not_parsed():
    with pytest.raises(Unreadable) as refusal:
        xml.parse(b"<a/>", largest=3)
    assert refusal.value.finding_code == "xml_too_large"


def test_a_long_stream_keeps_only_the_part_it_is_at():
    """What was read is gone from the tree, so a file of any length needs the memory of its largest part."""
    part = b"<b><c>1</c><c>2</c></b>"
    beside = read = 0
    for node in xml.streamed(b"<r><h/>" + part * 20_000 + b"<z/></r>", ["b"], "b"):
        beside = max(beside, len(node.getparent()))
        read += sum(int(one.text) for one in node)
    assert read == 60_000
    assert beside < 3_000  # as many as the parser is given at once


@pytest.mark.parametrize(
    "data",
    [
        b"<r><b>" + b"<c/>" * 300_000 + b"</b></r>",  # one part too large
        b"<r>" + b"<b/><c/><c/>" * 150_000 + b"</r>",  # what is beside the parts is never forgotten
        b"<r>" + b"<b>" * 200 + b"<c></c>" * 300_000,  # parts in parts that do not end
    ],
)
def test_what_would_fill_the_memory_is_refused_on_the_way(data, monkeypatch):
    monkeypatch.setattr(xml, "MOST_KEPT", 250_000)
    with pytest.raises(Unreadable) as refusal:
        list(xml.streamed(data, ["b"], "b"))
    assert refusal.value.finding_code == "xml_too_many_tags"
    assert refusal.value.where == "line 1"


@pytest.mark.parametrize("data, code", [(b"<r><b>", "xml_malformed"), (b"<!DOCTYPE r><r/>", "xml_doctype")])
def test_a_stream_that_is_not_sound_is_refused(data, code):
    with pytest.raises(Unreadable) as refusal:
        list(xml.streamed(data, ["b"], "b"))
    assert refusal.value.finding_code == code


def test_the_stream_gives_each_element_when_it_is_whole():
    data = b'<u:a xmlns:u="urn:x"><u:b>1<!--x-->2</u:b> <u:c/> <u:b>3</u:b></u:a>'
    found = []
    for _event, node in xml.entries(data, ["{urn:x}b"]):
        found.append(node.text)
        xml.forget(node)
    assert found == ["12", "3"]


@pytest.mark.parametrize(
    "head, tag",
    [
        (b'<?xml version="1.0"?><!-- c --><x:Doc xmlns:x="urn:a&gt;b" q=">"><x:cut', "{urn:a>b}Doc"),
        ("<Doc xmlns='urn:x'><a>".encode("utf-16"), "{urn:x}Doc"),
        (b"<Doc", ""),
        (b"<!DOCTYPE a><a>", ""),
        (b"Dato;Tekst", ""),
        (b"", ""),
    ],
)
def test_root_tag_of_a_head(head, tag):
    assert xml.root_tag(head) == tag


@pytest.mark.parametrize(
    "written, signed, reads_as",
    [
        ("12", False, "12"),
        ("12.5", False, "12.5"),
        ("12.5000", False, "12.5"),
        ("-12.50", True, "-12.5"),
        ("-12.50", False, None),
        ("12,50", False, None),
        ("12.505", False, None),
        ("1 000.00", False, None),
        ("+1", True, None),
        ("1e3", True, None),
        (".5", False, None),
        ("5.", False, None),
        ("٣", False, None),
        ("NaN", False, None),
        ("", False, None),
        ("9" * 19, False, None),
    ],
)
def test_amounts_are_read_as_written_or_refused(written, signed, reads_as):
    if reads_as is None:
        with pytest.raises(Unreadable) as refusal:
            xml.decimal(written, signed=signed, where="line 7")
        assert (refusal.value.finding_code, refusal.value.where) == ("xml_amount", "line 7")
    else:
        assert xml.decimal(written, signed=signed) == Decimal(reads_as)


@pytest.mark.parametrize(
    "written, reads_as",
    [
        ("2026-03-12", date(2026, 3, 12)),
        ("2026-03-12+01:00", date(2026, 3, 12)),
        ("2026-03-12T23:59:59.999+01:00", date(2026, 3, 12)),
        ("2026-02-30", None),
        ("12.03.2026", None),
        ("2026-03-12 or so", None),
    ],
)
def test_days(written, reads_as):
    if reads_as is None:
        with pytest.raises(Unreadable):
            xml.day(written)
    else:
        assert xml.day(written) == reads_as


def test_texts_by_path():
    root = xml.parse(b'<p:a xmlns:p="urn:p" xmlns:q="urn:q"><p:b> 1<q:i>2</q:i> </p:b><q:b>3</q:b></p:a>')
    assert xml.text(root, "b") == "12"
    assert xml.text(root, "q:b", {"q": "urn:q"}) == "3"
    assert xml.texts(root, "b") == ["12", "3"]
    assert xml.text(root, "b/none") == ""


@given(st.binary(max_size=300) | st.text(alphabet="<>!?-[]&;/= \"'aD", max_size=80).map(str.encode))
def test_nothing_but_unreadable_is_ever_raised(data):
    try:
        xml.parse(data)
    except Unreadable as refusal:
        assert refusal.finding_code.startswith("xml_")
    xml.root_tag(data)

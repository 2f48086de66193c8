"""Mails are opened in time that grows with their size, and nothing in them is believed or run."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats import mail
from nattbok.sandbox.mail.senders import a_mail

PDF = b"%PDF-1.4\n" + b"x" * 5000
XML = b'<?xml version="1.0"?><Invoice/>'
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 90_000


def names(data: bytes) -> list[str]:
    return [one.name for one in mail.read(data).attachments]


def left(data: bytes) -> list[str]:
    return [one.code for one in mail.read(data).left_out]


def raw(*headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join(headers).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def test_each_file_of_a_mail_is_taken_and_the_letterhead_is_not():
    data = a_mail(
        ("faktura 1.pdf", PDF), ("æøå.xml", XML), number="77", logo=True, subject="Faktura nr. 1 – æøå"
    )
    read = mail.read(data)
    assert [(one.place, one.name, one.data) for one in read.attachments] == [
        ("2", "faktura 1.pdf", PDF),
        ("3", "æøå.xml", XML),
    ]
    assert read.left_out == ()
    assert (read.message_id, read.subject) == ("<77@havna.example>", "Faktura nr. 1 – æøå")
    assert read.sender == "Havna Fisk AS <faktura@havna.example>"
    assert read.sent_at.isoformat() == "2026-03-12T09:00:00+00:00"
    assert not read.is_automatic


def test_a_photo_in_the_text_is_taken():
    data = a_mail(("IMG_1.png", PNG)).replace(b"attachment;", b"inline;")
    assert names(data) == ["IMG_1.png"]


def test_a_mail_within_a_mail_gives_its_files():
    outer = EmailMessage()
    outer["Subject"] = "Fwd: Faktura"
    outer.set_content("se vedlagt")
    inner = EmailMessage()
    inner["Subject"] = "Faktura"
    inner.set_content("hei")
    inner.add_attachment(PDF, maintype="application", subtype="pdf", filename="inne.pdf")
    outer.add_attachment(inner)
    assert [(one.place, one.name) for one in mail.read(outer.as_bytes()).attachments] == [
        ("2.1.2", "inne.pdf")
    ]


def test_a_mail_put_in_as_a_file_of_no_kind_gives_its_files():
    forwarded = a_mail(("Fwd.eml", a_mail(("inne.pdf", PDF))))
    assert b"application/octet-stream" in forwarded
    assert names(forwarded) == ["inne.pdf"]
    deep = a_mail(("a.pdf", PDF))
    for _time in range(20):
        deep = a_mail(("Fwd.eml", deep))
    with pytest.raises(Unreadable):
        mail.read(deep)


@pytest.mark.parametrize(
    "name, data, code",
    [
        ("winmail.dat", b"\x78\x9f\x3e\x22", "mail.winmail"),
        ("Fwd faktura.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "mail.winmail"),
        ("ingen mail.eml", b"\0\1\2 ikke en mail", "mail.not_a_document"),
        ("alt.zip", b"PK\x03\x04" + b"x" * 50, "mail.archive"),
        ("kjør.exe", b"MZ\x90\0", "mail.not_a_document"),
        ("brev.docx", b"PK\x03\x04" + b"x" * 50, "mail.not_a_document"),
        ("faktura.xml", b"<html><script>1</script>", "mail.not_a_document"),
        ("bilde.pdf", b'<?xml version="1.0"?><svg onload="x"/>', "mail.not_a_document"),
        ("tom.pdf", b"", "mail.empty"),
    ],
)
def test_what_is_no_document_is_left_out_and_said(name, data, code):
    assert (names(a_mail((name, data))), left(a_mail((name, data)))) == ([], [code])


@pytest.mark.parametrize(
    "headers, name",
    [
        (['Content-Disposition: attachment; filename="../../etc/passwd.pdf"'], "passwd.pdf"),
        (['Content-Disposition: attachment; filename="C:\\\\temp\\\\a.pdf"'], "a.pdf"),
        (["Content-Disposition: attachment; filename*=utf-8''f%C3%B8ktura.pdf"], "føktura.pdf"),
        (['Content-Disposition: attachment; filename*0="fak"; filename*1="tura.pdf"'], "faktura.pdf"),
        (['Content-Disposition: attachment; filename="=?iso-8859-1?Q?r=E6v.pdf?="'], "ræv.pdf"),
        (['Content-Disposition: attachment; filename="fdp\u202e.exe.pdf"'], "fdp.exe.pdf"),
        (['Content-Disposition: attachment; filename="a\\0\\nb.pdf"'], None),
        (["Content-Disposition: attachment"], "1.pdf"),
        (['Content-Disposition: attachment; filename="' + "x" * 3000 + '.pdf"'], None),
        (["Content-Disposition: attachment; filename=\udcff\udcfe.pdf"], None),
        (["Content-Disposition: ;;;=;filename"], "1.pdf"),
        (["Content-Type: application/pdf; name*=nocharset''a.pdf"], None),
    ],
)
def test_a_files_name_is_only_a_name(headers, name):
    data = raw("Content-Type: application/pdf" if "Type" not in headers[0] else "X: y", *headers, body=PDF)
    (found,) = mail.read(data).attachments
    assert found.data == PDF
    assert "/" not in found.name and "\\" not in found.name and found.name.isprintable()
    assert len(found.name) <= mail.LONGEST_NAME
    found.name.encode()  # it can be kept
    if name is not None:
        assert found.name == name


@pytest.mark.parametrize(
    "headers, is_automatic",
    [
        (["Auto-Submitted: auto-replied"], True),
        (["Auto-Submitted: auto-generated"], False),  # so do many programs that send invoices
        (["Auto-Submitted: no"], False),
        (["Content-Type: multipart/report; boundary=x"], True),
        (["X-Autoreply: yes"], True),
        (["Subject: Faktura"], False),
    ],
)
def test_a_programs_answer_is_known(headers, is_automatic):
    assert mail.read(raw(*headers)).is_automatic == is_automatic


def test_a_part_without_its_closing_line_is_taken():
    data = raw(
        "Content-Type: multipart/mixed; boundary=b",
        body=b"--b\r\nContent-Type: application/pdf\r\n\r\n" + PDF,
    )
    assert mail.read(data).attachments[0].data == PDF


def test_wrong_charsets_and_codings_stop_nothing():
    read = mail.read(raw("Subject: =?x-klingon?B?qqqq?=", "From: \udcff\udcfe <a@b>", "Date: 99 Foo 0"))
    assert read.sent_at is None
    read.subject.encode(), read.sender.encode()
    assert left(raw("Content-Type: application/pdf", "Content-Transfer-Encoding: x-uuencode", body=b"x")) == [
        "mail.coding"
    ]


HOSTILE = {
    "a million boundaries": raw("Content-Type: multipart/mixed; boundary=a", body=b"--a\n" * 1_000_000),
    "near boundaries": raw("Content-Type: multipart/mixed; boundary=a", body=b"--b\n" * 2_000_000),
    "one long boundary": raw("Content-Type: multipart/mixed; boundary=a", body=b"--a" + b" " * 8_000_000),
    "deep mails": b"Content-Type: message/rfc822\n\n" * 5000,
    "deep parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=a%d\n\n--a%d\n" % (i, i) for i in range(2000)
    ),
    "many headers": b"A: b\n" * 50_000 + b"\n",
    "a header without end": b"A: " + b"b\n " * 2_000_000,
    "many parameters": raw("Content-Type: multipart/mixed; " + "a=b;" * 900 + " boundary=a"),
    "torn parameters": raw("Content-Type: " + 'a*0="' * 700),
    "comments": raw("From: " + "(" * 4000),
    "encoded words": raw("From: " + "=?utf-8?q?" * 400, "Subject: " + "=?utf-8?b?gg==?= " * 200),
    "base64 of dust": raw(
        "Content-Type: application/pdf", "Content-Transfer-Encoding: base64", body=b"A!" * 5_000_000
    ),
    "only blanks": b" \t" * 5_000_000,
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_ends_soon(name):
    begun = time.process_time()
    try:
        assert mail.read(HOSTILE[name]).attachments == ()
    except Unreadable as error:
        assert error.finding_code.startswith("mail_")
    assert time.process_time() - begun < 20  # seconds; a hang, not a measurement


LINES = rb"""Content-Type: multipart/mixed; boundary=b
Content-Type: multipart/mixed; boundary="b
Content-Type: message/rfc822
Content-Type: application/pdf
Content-Type: application/ms-tnef
content-type:
Content-Transfer-Encoding: base64
Content-Transfer-Encoding: quoted-printable
Content-Disposition: attachment; filename*0*=utf-8''%
Content-ID: <>
Subject: =?utf-8?q?=ff?=
From: <<>>,,;:
Date: Mon, 99 Xyz 99999 99:99 +9999
Message-ID: <[]>
--b
--b--

=
=3
====
%PDF-1.4
JVBERi0xLjQK
""".split(b"\n")
LINE = st.sampled_from([*LINES, b"\0", b"\xff\xfe", b" \t"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(LINE, st.binary(max_size=60)), max_size=40), st.sampled_from([b"\r\n", b"\n", b"\r"])
)
def test_whatever_comes_is_read_or_refused_in_words(lines, ending):
    try:
        read = mail.read(ending.join(lines))
    except Unreadable:
        return
    for text in (read.message_id, read.sender, read.subject, *(one.name for one in read.attachments)):
        assert text.isprintable()
        text.encode()
    places = [one.place for one in read.attachments]
    assert len(set(places)) == len(places)
    assert all(one.data for one in read.attachments)
    assert mail.read(ending.join(lines)) == read


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=0, max_size=400), min_size=1, max_size=5))
def test_files_come_out_as_they_went_in(contents):
    files = [(f"{number}.pdf", b"%PDF-" + content) for number, content in enumerate(contents)]
    assert [(one.name, one.data) for one in mail.read(a_mail(*files)).attachments] == files

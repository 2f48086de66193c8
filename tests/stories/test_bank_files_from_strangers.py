"""Whatever comes as a bank file is read, held or refused, with the place and the cause in words; never half.

Every sample file goes through the real door, kept as it came and read by the robot's own routines; so do the
same files cut, altered, doubled, in another encoding, with a document type, and far too large.
"""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank.actions import uploading
from nattbok.bank.models import Movement, PayoutFile, ReceiptFile, Report, Statement, StatementFile
from nattbok.bank.queries import account_for
from nattbok.base.errors import NattbokError
from nattbok.db.scope import scope
from nattbok.desk.models import Question
from nattbok.documents.models import Document
from nattbok.files.actions import keep
from nattbok.formats.bank.shape import BankFile
from nattbok.formats.known import read_any
from nattbok.ledger.models import Entry
from nattbok.robot.routine import Tonight, routines
from nattbok.site.verify import prove
from tests.world import a_client

DAY = datetime.date(2026, 3, 12)
READING = ("read_documents", "read_settlement_reports", "read_bank_files", "read_receipts")
POSTING = ("match_payments", "reconcile_accounts")
BESIDE = {"manifest.json", "index.json", "README.md", "world.json", "expected.json"}
NOT_FILES_OF_BANKS = {"xsd"}
# Read by nobody who receives: what the house itself writes to a bank.
OUR_OWN = "pain001"


def samples(folder):
    """Every sample but the schemas."""
    return [
        path
        for path in sorted((folder / "bank").rglob("*"))
        if path.is_file() and path.name not in BESIDE and not NOT_FILES_OF_BANKS & set(path.parts)
    ]


def run(client, names=READING):
    """What the night does with the files that came."""
    for one in routines():
        if one.name in names:
            one.run(client, Tonight(None, DAY, one.name))


def counted(client):
    kinds = (StatementFile, Statement, Movement, Report, ReceiptFile, PayoutFile, Document, Entry, Question)
    return {kind.__name__: kind.objects.filter(client=client).count() for kind in kinds}


def put_in(client, name, data):
    """Through the door; the kept file. It is read once: the second time comes to nothing."""
    file = keep(client, data, name=name, came_by="sftp").file
    run(client)
    before = counted(client)
    run(client)
    assert counted(client) == before, f"{name} was read twice"
    return file


def told(client, file):
    """What the desk says of the file, each a sentence that names it."""
    names = {str(file.name), file.name.rpartition("/")[2]}
    asked = Question.objects.filter(client=client, closed_at__isnull=True)
    subjects = [f"file:{file.pk}", *(f"statement:{pk}" for pk in _statements(client, file))]
    subjects += [
        f"document:{pk}"
        for pk in Document.objects.filter(client=client, file=file).values_list("pk", flat=True)
    ]
    found = [one for one in asked if one.subject in subjects or one.subject.startswith(f"file:{file.pk}:")]
    found += [one for one in asked if one.values.get("name") in names and one not in found]
    return [one.reason.format_map({"where": ""} | one.values) for one in found]


def _statements(client, file):
    return Statement.objects.filter(client=client, file=file).values_list("pk", flat=True)


def is_dealt_with(client, file):
    """Read, or held or refused with words; nothing of what is not read is stored."""
    statements = Statement.objects.filter(client=client, file=file)
    reports = Report.objects.filter(client=client, statement__in=statements.filter(is_held=True))
    assert not reports.exists(), "something of a held statement is kept"
    read = StatementFile.objects.filter(client=client, file=file).first()
    words = told(client, file)
    assert all(len(one) > 20 and "{" not in one for one in words), words
    if read is not None:
        if read.outcome == "refuse":
            assert not statements.exists()
        return read.outcome == "accept" or words
    if file.format == "pain002":
        return ReceiptFile.objects.get(client=client, file=file) and words  # it answers nothing of ours
    if file.format.startswith("settlement_"):
        outcome = PayoutFile.objects.get(client=client, file=file).outcome
        return outcome == "accept" or words
    return file.format == OUR_OWN or words


def open_accounts(client, data):
    """Make the accounts that the file tells of the client's own, where they can be."""
    content = read_any(data).content
    for one in content.statements if isinstance(content, BankFile) else ():
        try:
            if one.account and account_for(client, one.account) is None:
                bank.open_account(client, one.account, currency=one.currency)
        except NattbokError:
            pass


@pytest.mark.parametrize("country, is_own", [("NO", True), ("SE", True), ("NO", False)])
def test_every_sample_is_read_held_or_refused(country, is_own, office, shared_data):
    client = a_client(country, office=office)
    with scope([client.pk]):
        for path in samples(shared_data):
            data = path.read_bytes()
            if is_own:
                open_accounts(client, data)
            file = keep(client, data, name=path.name, came_by="sftp").file
            run(client)
            assert is_dealt_with(client, file), f"{path} is neither read nor told of"
        assert is_own or not Movement.objects.filter(client=client).exists(), "a stranger's money is kept"
        run(client, READING + POSTING)
        before = counted(client)
        run(client, READING + POSTING)
        assert counted(client) == before
        assert prove(client).faults == ()


def test_a_person_is_told_why_a_file_cannot_be_read(fjord, shared_data):
    given_files = [(path.name, path.read_bytes()) for path in samples(shared_data)]
    unread = [one for one in given_files if not read_any(one[1]).format]
    assert len(unread) > 5
    for became in uploading.upload(fjord, unread, by="person:1"):
        assert not became.is_good
        assert "not read here" in str(became.words)


def test_a_file_of_sixty_megabytes_is_refused_and_told_of(fjord, shared_data):
    data = small_samples(shared_data)[0][1]
    file = put_in(fjord, "huge.xml", data + b" " * 60_000_000)
    assert StatementFile.objects.get(client=fjord, file=file).outcome == "refuse"
    assert any("at most" in one for one in told(fjord, file))
    assert not Movement.objects.filter(client=fjord).exists()


def small_samples(folder, most=20_000):
    """A few files of each family, small enough to be spoilt a thousand times."""
    found = {}
    for path in samples(folder):
        data = path.read_bytes()
        if len(data) <= most and read_any(data).format and len(found.setdefault(path.parent.name, [])) < 2:
            found[path.parent.name].append((path.name, data))
    return [one for family in found.values() for one in family]


def cut(data, at):
    return data[: len(data) * at // 100]


def altered(data, at):
    place = len(data) * at // 101
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def doubled(data, _at):
    return data + data


def in_utf_16(data, _at):
    return data.decode("utf-8", "replace").encode("utf-16")


def in_latin_1(data, _at):
    return data.decode("utf-8", "replace").replace("a", "å").encode("latin-1", "replace")


def with_document_type(data, _at):
    end = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    return data[:end] + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + data[end:]


def a_digit_changed(data, at):
    places = [place for place, sign in enumerate(data) if chr(sign) in "123456789"]
    place = places[len(places) * at // 101] if places else 0
    return data[:place] + str((data[place] - 48) % 9 + 1).encode() + data[place + 1 :]


WAYS = (cut, altered, doubled, in_utf_16, in_latin_1, with_document_type, a_digit_changed)


@pytest.mark.parametrize("country", ["NO", "SE"])
def test_spoilt_files(country, office, shared_data):
    """One client takes them all, one after the other, and its books prove afterwards."""
    client = a_client(country, office=office)
    known = small_samples(shared_data)

    @settings(max_examples=45, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(known) - 1), st.sampled_from(WAYS), st.integers(0, 100))
    def spoilt(which, way, at):
        name, right = known[which]
        data = way(right, at)
        if not data:
            return
        open_accounts(client, right)
        file = put_in(client, f"{way.__name__} {at} {name}", data)
        assert is_dealt_with(client, file)

    with scope([client.pk]):
        spoilt()
        run(client, POSTING)
        assert prove(client).faults == ()

"""The whole rule sets, by both engines: what they find, and that they agree; and what rules come to."""

import json
import os
import signal
import zipfile
from datetime import date
from pathlib import Path

import mockeinvoice
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from lxml import etree
from mockeinvoice.rules import REGISTRY

from nattbok.base.errors import Unreadable
from nattbok.formats import xml
from nattbok.formats.finding import Severity
from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.checking import check, official, schematron, store, texts
from nattbok.formats.invoice.checking.store import NoRules, RulesAltered, VersionThere
from tests.formats.invoice.written_invoices import enveloped, written

SHARED = Path(__file__).parents[4] / "shared/data/einvoice"
RULES = SHARED / "rules"
NAMES = ("CEN-EN16931-UBL", "PEPPOL-EN16931-UBL")
needs_shared = pytest.mark.skipif(not RULES.exists(), reason="the shared rules are not on this machine")
# Where the two engines differ on the official unit tests, and why that is accepted.
SIGNED = {
    # The piece is a credit note with invoice lines, which the package rightly does not take for lines.
    ("BR-CL-18.xml", "BR-CL-18"),
}


def documents(folder: str) -> list[dict]:
    manifest = SHARED / folder / "manifest.json"
    return json.loads(manifest.read_text())["files"] if manifest.exists() else []


def named(entry: dict) -> str:
    return Path(entry["file"]).stem


def whole(data: bytes):
    return peppol_bis3.check(data, peppol_bis3.read(data))


def holding(findings) -> set[str]:
    return {one.code for one in findings if one.severity is not Severity.NOTE}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """The publishers' own rules, compiled from their sources."""
    if not RULES.exists():
        pytest.skip("the shared rules are not on this machine")
    if not official.is_installed():
        pytest.skip("the extra `official` is not installed")
    package = tmp_path_factory.mktemp("package")
    for name in NAMES:
        (package / f"{name}.sch").write_bytes((RULES / f"schematron/2026-05/{name}.sch").read_bytes())
    kept = store.add(
        tmp_path_factory.mktemp("rules"), package, version="3.0.21", valid_from=date(2026, 8, 17)
    )
    with official.Official(kept) as running:
        yield running


@pytest.mark.parametrize("entry", documents("dev"), ids=named)
def test_sound_e_invoices_are_accepted_by_both_engines(entry, engine):
    data = (SHARED / entry["file"]).read_bytes()
    assert holding(whole(data).findings) == set()
    assert holding(engine.check(xml.parse(data))) == set()


@pytest.mark.parametrize("entry", documents("invalid"), ids=named)
def test_faulty_e_invoices_are_held_with_the_rule_by_both_engines(entry, engine):
    data = (SHARED / entry["file"]).read_bytes()
    assert entry["rule_id"] in holding(whole(data).findings)
    assert entry["rule_id"] in holding(engine.check(xml.parse(data)))


def unit_tests() -> list[Path]:
    return sorted(RULES.glob("unit-tests/*/*.xml"))


@needs_shared
@pytest.mark.parametrize(
    "folder", ["en16931-creditnote", "en16931-invoice", "peppol-no", "peppol-peppol", "peppol-se"]
)
def test_the_official_unit_tests_are_agreed_with(folder, engine):
    """Each test is a piece of a document and says which rules hold in it and which do not."""
    asked, wrong = 0, []
    for file in sorted((RULES / "unit-tests" / folder).glob("*.xml")):
        for place, document, expected in cases(file):
            data = etree.tostring(document, encoding="UTF-8")
            parsed, findings, sent = mockeinvoice.parse_tree(data)
            ours = {one.code for one in mockeinvoice.check(parsed, "peppol", findings, sent).findings}
            theirs = {one["id"] for one in engine.failed(document)}
            for rule, fails in expected.items():
                asked += 1
                if (rule in theirs) != fails:
                    wrong.append(f"official {file.name} {place} {rule}")
                if (rule in ours) != fails and (file.name, rule) not in SIGNED:
                    wrong.append(f"default {file.name} {place} {rule}")
    assert asked > 0
    assert wrong == []


def cases(file: Path):
    for place, test in enumerate(etree.parse(file).getroot().iterfind("{*}test")):
        expected = {}
        document = None
        for child in test:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if name == "assert":
                for told in child:
                    kind = etree.QName(told).localname if isinstance(told.tag, str) else ""
                    if kind in ("success", "error", "warning"):
                        expected[told.text.strip()] = kind != "success"
            else:
                document = etree.fromstring(etree.tostring(child, with_tail=False))
        if document is not None and expected:
            yield place, document, expected


def test_a_document_in_its_envelope_is_held_to_the_same_rules():
    document = written()
    assert holding(whole(enveloped(document)).findings) == holding(whole(document.encode()).findings)


def test_elements_in_the_wrong_order_are_told_by_line_and_name():
    document = written()
    issued = document[document.index("<cbc:IssueDate>") :].partition(">")[0]
    start = document.index(issued)
    end = document.index("</cbc:IssueDate>") + len("</cbc:IssueDate>")
    moved = document[:start] + document[end:]
    at = moved.index("<cbc:DocumentCurrencyCode")
    moved = moved[:at] + document[start:end] + moved[at:]
    found = [one for one in whole(moved.encode()).findings if one.code == "XSD"]
    assert found and all(one.values["element"].startswith("cbc:") for one in found)
    assert "{" not in str(found[0].words)


def test_what_the_reader_has_figures_for_keeps_its_sentence_and_the_worse_verdict():
    document = written().replace("<cbc:PayableAmount", "<cbc:PayableAmount", 1)
    data = document.replace(">8804.29</cbc:PayableAmount>", ">8804.30</cbc:PayableAmount>").encode()
    (finding,) = [one for one in whole(data).findings if one.code == "BR-CO-16"]
    assert "8804.30" in str(finding.words)
    assert finding.severity is not Severity.NOTE


def test_every_fatal_rule_has_a_sentence_without_a_programmers_words():
    """Only what is rare is told by its id; and no sentence asks for a value that is not given."""
    untold = []
    for layer in ("en16931", "peppol"):
        for code in REGISTRY[layer]:
            sentence, values = texts.of(code)
            sentence.format(**{"code": code, "where": "x", "detail": "y"} | values)
            if sentence is texts.of("no such rule")[0]:
                untold.append(code)
    assert len(untold) < 60
    assert not [code for code in untold if code.startswith(("BR-S", "BR-CO-1", "SE-", "NO-", "BR-0"))]


@given(some.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_whatever_stands_in_an_element_no_rule_stumbles(noise):
    text = "".join(sign for sign in noise.decode("latin-1") if sign.isalnum() or sign in " .-+")
    data = written().replace(">8804.29<", f">{text}<").encode()
    root = xml.parse(data)
    for finding in check(root):
        assert str(finding.words)


def test_a_worker_that_hangs_or_dies_holds_the_document_and_the_next_one_is_checked(engine, tmp_path):
    document = xml.parse(written().encode())
    expected = holding(engine.check(document))
    os.kill(engine.process.process_id, signal.SIGSTOP)
    engine.patience = 1.0
    assert holding(engine.check(document)) == {"rules_not_asked"}
    engine.patience = official.PATIENCE
    assert holding(engine.check(document)) == expected
    os.kill(engine.process.process_id, signal.SIGKILL)
    assert holding(engine.check(document)) in (expected, {"rules_not_asked"})
    assert holding(engine.check(document)) == expected
    with official.Official(engine.rules, patience=0.0) as impatient:
        assert holding(impatient.check(document)) == {"rules_not_asked"}


def test_rules_in_force_follow_the_day_of_the_document(tmp_path):
    for version, day in (("3.0.20", date(2026, 2, 23)), ("3.0.21", date(2026, 8, 17))):
        store.add(tmp_path, sheet(tmp_path, version), version=version, valid_from=day)
    assert store.in_force(tmp_path, date(2026, 2, 22)) is None
    assert store.in_force(tmp_path, date(2026, 8, 16)).version == "3.0.20"
    assert store.in_force(tmp_path, date(2026, 8, 17)).version == "3.0.21"


def sheet(folder: Path, text: str) -> Path:
    path = folder / "own.xslt"
    path.write_text(f"<x>{text}</x>")
    return path


def test_a_version_is_added_once_and_never_altered_unseen(tmp_path):
    day = date(2026, 8, 17)
    kept = tmp_path / "store"
    first = store.add(kept, sheet(tmp_path, "a"), version="1", valid_from=day)
    assert store.add(kept, sheet(tmp_path, "a"), version="1", valid_from=day) == first
    with pytest.raises(VersionThere):
        store.add(kept, sheet(tmp_path, "b"), version="1", valid_from=day)
    first.sheets[0].write_text("<x>altered</x>")
    with pytest.raises(RulesAltered):
        store.sets(kept)


def test_a_package_of_rules_cannot_write_outside_its_folder(tmp_path):
    package = tmp_path / "rules.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("../../outside.xslt", "<x/>")
        archive.writestr("readme.txt", "no rules")
    kept = store.add(tmp_path / "store", package, version="../1", valid_from=date(2026, 1, 1))
    assert [path.name for path in kept.sheets] == ["outside.xslt"]
    assert not (tmp_path / "outside.xslt").exists()
    with pytest.raises(NoRules):
        store.add(tmp_path / "store", tmp_path / "empty", version="2", valid_from=date(2026, 1, 1))


@pytest.mark.parametrize(
    "source",
    [
        b"not xml",
        b"<schema/>",
        b'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt"/>',
        b'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">'
        b'<include href="x"/></schema>',
        b'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><pattern>'
        b'<rule abstract="true" id="a"/></pattern></schema>',
    ],
)
def test_rules_that_are_not_understood_are_refused_whole(source):
    with pytest.raises(Unreadable):
        schematron.compiled(source)

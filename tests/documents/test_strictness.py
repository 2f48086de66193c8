"""Whose rules e-invoices are held to: chosen for a client or an installation, and what then holds."""

from datetime import date
from pathlib import Path

import pytest

from nattbok.documents.actions import strictness
from nattbok.documents.models import Document
from nattbok.formats.invoice.checking import official, store
from tests.documents.invoices import PERSON, a_company, an_e_invoice, received

OURS = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
<ns prefix="ubl" uri="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>
<pattern><rule context="ubl:Invoice">
<assert id="X-1" flag="fatal" test="starts-with(cbc:ID, 'A')">The number begins with A</assert>
</rule></pattern></schema>"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    package = tmp_path / "package.sch"
    package.write_text(OURS)
    folder = tmp_path / "rules"
    monkeypatch.setattr(strictness, "folder", lambda: Path(folder))
    monkeypatch.setattr(strictness, "_engines", {})
    yield lambda: store.add(folder, package, version="1", valid_from=date(2020, 1, 1))
    for engine in strictness._engines.values():
        engine.close()


def test_the_official_rules_hold_what_ours_let_through(fjord, rules):
    if not official.is_installed():
        pytest.skip("the extra “official” is not installed")
    with pytest.raises(strictness.NoOfficialRules):
        strictness.set_engine(fjord, "official", by=PERSON)
    with pytest.raises(strictness.NoSuchEngine):
        strictness.set_engine(fjord, "guess", by=PERSON)
    assert strictness.engine_of(fjord) == "own"
    rules()
    strictness.set_engine(fjord, "official", by=PERSON)
    for number in ("A-1", "B-1"):
        received(fjord, an_e_invoice(fjord, a_company(), number=number))
    held = dict(Document.objects.filter(client=fjord).values_list("number", "is_held"))
    assert held == {"A-1": False, "B-1": True}
    found = Document.objects.get(client=fjord, number="B-1").findings
    assert "X-1" in {one["code"] for one in found}


def test_the_installations_choice_is_what_a_client_without_one_has(fjord, rules, monkeypatch):
    monkeypatch.setenv("NATTBOK_RULE_ENGINE", "official")
    assert strictness.engine_of(fjord) == "official"
    received(fjord, an_e_invoice(fjord, a_company(), number="C-1"))  # and there are no rules
    assert Document.objects.get(client=fjord, number="C-1").is_held
    strictness.set_engine(fjord, "own", by=PERSON)
    assert strictness.engine_of(fjord) == "own"

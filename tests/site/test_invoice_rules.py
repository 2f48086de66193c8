"""`nattbok rules`: a release is kept, and a file is held to the one in force on its day."""

import pytest

from nattbok.formats.invoice.checking import official
from nattbok.site import cli
from tests.formats.invoice.written_invoices import written

RULES = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
<ns prefix="inv" uri="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>
<pattern><rule context="inv:Invoice">
<assert id="TEST-1" flag="fatal" test="cbc:ID != 'F-13'">No thirteen.</assert>
</rule></pattern></schema>"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NATTBOK_HOME", str(tmp_path / "home"))
    (tmp_path / "own.sch").write_text(RULES)
    return tmp_path


def test_a_release_is_kept_and_listed_and_says_no_to_another_of_its_name(home, capsys):
    given = ["rules", "add", str(home / "own.sch"), "--version", "1.0", "--from", "2026-01-01"]
    assert cli.main(given) == 0
    assert cli.main(given) == 0  # safe to call twice
    assert cli.main(["rules", "list"]) == 0
    assert "1.0  2026-01-01  1" in capsys.readouterr().out
    (home / "own.sch").write_text(RULES.replace("F-13", "F-14"))
    assert cli.main(given) == 2
    assert "is there already" in capsys.readouterr().err
    assert cli.main(["rules", "add", str(home / "no.zip"), "--version", "2", "--from", "2026-01-01"]) == 2


@pytest.mark.skipif(not official.is_installed(), reason="the extra `official` is not installed")
def test_a_file_is_held_to_the_rules_of_its_day(home, capsys):
    file = home / "invoice.xml"
    file.write_text(written(number="F-13"))
    assert cli.main(["rules", "check", str(file)]) == 2
    assert "No official rules are kept for 2026-03-02" in capsys.readouterr().out
    cli.main(["rules", "add", str(home / "own.sch"), "--version", "1.0", "--from", "2026-01-01"])
    assert cli.main(["rules", "check", str(file)]) == 2
    told = capsys.readouterr().out
    assert "TEST-1" in told and "Held to version 1.0: 1 findings" in told
    file.write_text(written(number="F-12"))
    assert cli.main(["rules", "check", str(file)]) == 0
    file.write_text("no invoice")
    assert cli.main(["rules", "check", str(file)]) == 2

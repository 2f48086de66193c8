"""The files gathered for development, each with its expected numbers."""

import json
from pathlib import Path

import pytest

from nattbok.formats.bank import bgmax, camt, ocr_giro
from nattbok.formats.bank.totals import totals

SHARED = Path(__file__).parents[4] / "shared" / "data" / "bank"
FOLDERS = ("camt052", "camt053", "camt054", "ocr", "bgmax", "scenarios/no_20260312", "scenarios/se_20260312")
READERS = (camt, ocr_giro, bgmax)

if not SHARED.is_dir():
    pytest.skip("the shared development files are not beside the project", allow_module_level=True)

CASES = [
    pytest.param(SHARED / folder / case["file"], case, id=f"{folder}/{case['file']}")
    for folder in FOLDERS
    for case in json.loads((SHARED / folder / "manifest.json").read_text())["files"]
    if "expected" in case
]


@pytest.mark.parametrize("path, case", CASES)
def test_a_shared_file_reads_as_its_manifest_says(path, case):
    data = path.read_bytes()
    (reader,) = [one for one in READERS if one.looks_like(data[:4096])]
    file = reader.read(data)
    assert totals(file) == case["expected"]
    assert not file.is_refused
    outcome = case.get("outcome")
    held = [one.code for one in file.all_findings if one.severity == "hold"]
    if outcome:
        assert outcome in held
    elif "genkgo" not in path.name:  # their invented samples contradict themselves in places
        assert held == []


@pytest.mark.parametrize("path, case", CASES)
def test_every_payment_has_its_own_key(path, case):
    file = next(one for one in READERS if one.looks_like(path.read_bytes())).read(path.read_bytes())
    keys = [
        (statement.account, payment.bank_reference)
        for statement in file.statements
        for payment in statement.transactions
        if payment.bank_reference
    ]
    assert len(keys) == len(set(keys))


def test_ocr_and_notice_tell_of_the_same_payments():
    """The scenario's OCR file lists again what the notice has: amount and reference agree one to one."""
    folder = SHARED / "scenarios" / "no_20260312"
    notice = camt.read((folder / "camt054_credit.xml").read_bytes())
    giro = ocr_giro.read((folder / "ocr.txt").read_bytes())
    told = {(one.reference, one.amount) for one in notice.statements[0].transactions if one.reference}
    assert {(one.reference, one.amount) for one in giro.statements[0].transactions} <= told

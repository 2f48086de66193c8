"""A random night says of itself what its files say, and nothing in it is ambiguous by chance."""

import json
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nattbok.countries.known import country
from nattbok.formats.bank import bgmax, camt, ocr_giro
from nattbok.formats.bank.shape import Kind, Status
from nattbok.sandbox.bank.nights import DAYS, MIX, ONLY_IN, main, make_night

seeds, codes = st.integers(0, 5_000), st.sampled_from(sorted(DAYS))
POSTED = ("post", "post_on_account")


def read(name, data):
    if "ocr" in name:
        return ocr_giro.read(data)
    return bgmax.read(data) if "bgmax" in name else camt.read(data)


@settings(max_examples=40, deadline=None)
@given(seeds, codes)
def test_the_files_tell_of_the_expected_lines_and_of_no_others(seed, code):
    night = make_night(seed, code)
    rows = night.expected["expected"]
    expected = {row["bank_reference"]: Decimal(row["amount"]) for row in rows}
    told = {}
    for name, data in night.files:
        file = read(name, data)
        assert not file.is_refused and not any(one.is_held for one in file.statements), name
        (statement,) = file.statements
        own = {night.world["client"]["bank_account"], night.world["client"]["iban"]}
        if statement.kind is Kind.STATEMENT:
            assert str(statement.opening) == night.expected["opening_balance"]
            assert str(statement.closing) == night.expected["closing_balance"]
        if statement.kind is Kind.GIRO:
            references = Counter((one.reference, one.amount) for one in statement.transactions)
            known = Counter((row["reference"], Decimal(row["amount"])) for row in rows if row["reference"])
            assert references <= known
            continue
        assert statement.account in own
        for one in statement.transactions:
            if not one.sums_up:
                # What a file tells twice is told apart by the readers.
                told[one.bank_reference.partition("@")[0]] = one.amount
    assert told == expected


@settings(max_examples=40, deadline=None)
@given(seeds, codes)
def test_the_answers_follow_from_the_world(seed, code):
    night = make_night(seed, code)
    world, rows = night.world, night.expected["expected"]
    items = {one["id"]: one for one in world["open_items"]}
    left = {name: Decimal(one["open"]) for name, one in items.items()}
    law = country(night.country)
    for row in rows:
        if row["outcome"] not in POSTED:
            continue
        amount, unallocated = Decimal(row["amount"]), Decimal(row["unallocated"])
        allocated = sum(Decimal(one["amount"]) for one in row["allocations"])
        if row["allocations"]:
            assert allocated + unallocated + Decimal(row.get("rounding", 0)) * (unallocated == 0) == amount
        for one in row["allocations"]:
            left[one["item"]] -= Decimal(one["amount"])
        if "lines" in row:
            assert sum(Decimal(one["amount"]) for one in row["lines"]) == -amount
    for name, rest in left.items():
        assert rest >= 0 if Decimal(items[name]["amount"]) > 0 else rest <= 0, f"{name} is paid too much"
    references = [one["reference"] for one in items.values() if one["reference"]]
    assert len(set(references)) == len(references)
    assert all(law.references.is_valid(one) for one in references)
    assert night.expected["rows"] == len(rows)
    assert night.expected["postable"] == sum(row["outcome"] in POSTED for row in rows)
    assert {one["customer"] for one in items.values()} <= {one["id"] for one in world["customers"]}


def test_every_kind_of_line_comes_in_some_night():
    steps = Counter(
        (row["step"], row["outcome"])
        for code in DAYS
        for seed in range(25)
        for row in make_night(seed, code).expected["expected"]
    )
    for wanted in (
        ("KID_EXACT", "post"),
        ("KID_PARTIAL", "post"),
        ("KID_OVER", "post"),
        ("KID_CLOSED", "post_on_account"),
        ("KID_UNKNOWN", "hold"),
        ("LIST", "post"),
        ("REF_AMOUNT", "post"),
        ("SETTLEMENT", "post"),
        ("SETTLEMENT", "hold"),
        ("RULE", "post"),
        ("RULE", "suggest"),
        ("RULE", "hold"),
        ("OWN_PAYMENT", "post"),
        ("UNIQUE", "suggest"),
        ("SUBSET", "suggest"),
        ("SUBSET", "hold"),
        ("RETURN", "suggest"),
        ("REF_AMOUNT", "suggest"),
        ("DUPLICATE", "ignore"),
        ("NOT_BOOKED", "ignore"),
        ("NONE", "hold"),
    ):
        assert steps[wanted], wanted
    assert set(ONLY_IN) <= set(MIX)


def test_a_night_has_the_form_of_those_that_people_made(shared_data, tmp_path):
    scenarios = [shared_data / "bank" / "scenarios" / f"{code.lower()}_20260312" for code in DAYS]
    for code in DAYS:
        for seed in range(6):
            make_night(seed, code).write(tmp_path / f"{code}{seed}")
        for name in ("world.json", "expected.json"):
            made = [json.loads((tmp_path / f"{code}{seed}" / name).read_text()) for seed in range(6)]
            theirs = [json.loads((scenario / name).read_text()) for scenario in scenarios]
            assert _form(made) <= _form(theirs)
            assert {tuple(one) for one in made} == {tuple(one) for one in theirs}


def _form(values):
    """The names that occur, by where they occur."""
    found = set()
    for value in values:
        if isinstance(value, dict):
            found |= set(value) | _form(value.values())
        elif isinstance(value, list):
            found |= _form(value)
    return found


def test_the_files_are_valid(shared_data):
    schemas = {}
    for code in DAYS:
        for seed in range(8):
            for _name, data in make_night(seed, code).files:
                if not data.startswith(b"<?xml"):
                    continue
                root = etree.fromstring(data)
                message = etree.QName(root).namespace.rpartition(":")[2]
                if message not in schemas:
                    path = shared_data / "bank" / "xsd" / f"{message}.xsd"
                    schemas[message] = etree.XMLSchema(etree.parse(str(path)))
                schemas[message].assertValid(root)


def test_a_pending_line_is_on_no_notice():
    night = make_night(1, "NO")
    for seed in range(2, 30):
        if any(row["step"] == "NOT_BOOKED" for row in night.expected["expected"]):
            break
        night = make_night(seed, "NO")
    for name, data in night.files:
        if "camt054" in name:
            assert all(one.status is Status.BOOKED for one in camt.read(data).statements[0].transactions)


def test_the_command_writes_a_night(tmp_path, capsys):
    assert main(["7", "SE", str(tmp_path / "a")]) == 0
    assert main(["7", "SE", str(tmp_path / "b")]) == 0
    assert "lines" in capsys.readouterr().out
    names = sorted(one.name for one in (tmp_path / "a").iterdir())
    assert {"world.json", "expected.json", "manifest.json", "camt053_day.xml"} <= set(names)
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    order = [one["file"] for one in json.loads((tmp_path / "a" / "manifest.json").read_text())["files"]]
    assert set(order) == {name for name in names if not name.endswith(".json")}


@pytest.mark.parametrize("arguments", [[], ["x", "NO", "d"], ["1", "DK", "d"]])
def test_the_command_says_how_it_is_used(arguments, capsys):
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err

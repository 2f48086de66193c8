"""`nattbok verify`, as an accountant or an auditor runs it."""

import argparse
import json

import pytest
from django.core.files.storage import default_storage

from nattbok.base.words import Words
from nattbok.countries.known import country
from nattbok.db.scope import current, scope
from nattbok.files.actions import keep, path_of
from nattbok.files.models import File
from nattbok.site import verify
from tests.ledger.tampering import tamper
from tests.world import a_client, an_entry, posted


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    verify.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["verify", *arguments])
    return parsed.run(parsed)


@pytest.fixture
def two(office):
    """Two clients of an office, each with an entry and a file; nobody's scope is open."""
    clients = [a_client("NO", office=office), a_client("SE", office=office)]
    for client in clients:
        sales = country(client.country).accounts.sales
        with scope([client.pk]):
            posted(client, an_entry(client, ("1920", "1250.00"), (sales, "-1250.00")))
            keep(client, f"bytes of {client.pk}".encode(), name="bgmax.txt", came_by="folder")
    assert current() == ()
    return clients


def test_all_that_holds_is_said_per_client(two, office, capsys):
    assert run("--office", office.org_number) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "holds  1 entries, 2 lines, turnover 1,250.00, 1 files, chain " in first
    assert two[0].name in first and two[1].name in second


def test_for_other_programs(two, office, capsys):
    assert run("--office", office.org_number, "--client", two[1].number, "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert len(said.pop("head")) == 64
    assert said == {
        "office": office.org_number,
        "client": two[1].number,
        "name": two[1].name,
        "holds": True,
        "entries": 1,
        "lines": 2,
        "turnover": "1250.00",
        "files": 1,
        "faults": [],
    }


def test_a_changed_entry_is_named(two, office, capsys):
    tamper((f"UPDATE ledger_entry SET text = 'x' WHERE client_id = {two[0].pk}", []))
    assert run("--office", office.org_number) == 1
    out = capsys.readouterr().out
    assert "WRONG" in out
    assert "posted is posted: Entry A 1 is not as it was posted" in out
    assert run("--office", office.org_number, "--client", two[1].number) == 0


def test_a_changed_byte_of_a_kept_file_is_named(two, office, capsys):
    with scope([two[0].pk]):
        path = default_storage.path(path_of(File.objects.get(client=two[0]).sha256))
    with open(path, "r+b") as file:
        file.write(b"B")
    assert run("--office", office.org_number, "--json") == 1
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [fault["promise"] for fault in first["faults"]] == ["files are kept as they came"]
    assert "bgmax.txt" in first["faults"][0]["text"]
    assert second["holds"]
    assert run("--office", office.org_number, "--no-files") == 0


def test_a_lost_file_is_named(two, office, capsys):
    with scope([two[0].pk]):
        default_storage.delete(path_of(File.objects.get(client=two[0]).sha256))
    assert run("--office", office.org_number, "--client", two[0].number) == 1
    assert "its bytes are gone" in capsys.readouterr().out


def test_nothing_to_prove_is_not_a_proof(two, capsys):
    assert run("--client", "no such") == 1
    assert run("--office", "no such") == 1
    assert "There is no" in capsys.readouterr().err


def test_a_departments_proof_is_asked_as_well(two, office, monkeypatch, capsys):
    def movements_add_up(client):
        if client.pk == two[1].pk:
            yield "movements add up", Words("Account {account} does not add up.", {"account": "1234"})

    monkeypatch.setattr(verify, "proofs", lambda: [movements_add_up])
    assert run("--office", office.org_number) == 1
    assert "movements add up: Account 1234 does not add up." in capsys.readouterr().out

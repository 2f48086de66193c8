"""`nattbok undo`: shown first, then done, and what is wrong is said in words."""

import json

import pytest

from nattbok.ledger.models import Entry
from nattbok.site.cli import main
from tests.web.visitors import a_night, some_work


@pytest.fixture
def work(fjord, office):
    return some_work(fjord, a_night(office))


def undo(office, *words):
    return main(["undo", "--office", office.org_number, "--language", "en", *words])


def test_a_plan_changes_nothing_and_the_night_is_taken_back_once(fjord, office, work, capsys):
    assert undo(office, "--night", "2026-03-12", "--plan") == 0
    assert "1 entries of 1,250.00 would be reversed" in capsys.readouterr().out.replace("\u202f", "")
    assert undo(office, "--night", "2026-03-12", "--plan", "--json") == 0
    (told,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["id"] for entry in told["entries"]] == [work["entry_id"]] and told["depends"] == []
    assert not Entry.objects.filter(client=fjord, reverses__isnull=False).exists()
    assert undo(office, "--night", "2026-03-12", "--why", "the wrong file") == 0
    assert "1 entries were reversed" in capsys.readouterr().out
    assert undo(office, "--night", "2026-03-12", "--why", "the wrong file") == 0
    assert "Nothing is left" in capsys.readouterr().out
    assert Entry.objects.filter(client=fjord, reverses__isnull=False).count() == 1


@pytest.mark.parametrize(
    "words, said",
    [
        (["--night", "2026-03-12"], "Say why"),
        (["--night", "2020-01-01", "--plan"], "no night for 2020-01-01"),
        (["--act", "1", "--plan"], "name it with --client"),
        (["--client", "no such", "--night", "2026-03-12", "--plan"], "no client no such"),
        (["--plan"], "Say what is to be taken back"),
    ],
)
def test_what_is_wrong_is_said(words, said, office, work, capsys):
    assert undo(office, *words) == 2
    assert said in capsys.readouterr().err


def test_what_depends_is_refused_until_it_is_taken_along(fjord, office, work, capsys):
    only = ["--client", fjord.number, "--entry", str(work["invoice_id"])]
    assert undo(office, *only, "--plan") == 0
    assert "Depends on it" in capsys.readouterr().out
    assert undo(office, *only, "--why", "wrong") == 1
    assert "depend on it" in capsys.readouterr().err
    assert undo(office, *only, "--why", "wrong", "--along") == 0
    assert Entry.objects.filter(client=fjord, reverses__isnull=False).count() == 2

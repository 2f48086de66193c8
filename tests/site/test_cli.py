"""The `nattbok` command: quick to start, and in words when something is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nattbok.base.errors import Unreadable
from nattbok.clients.models import Membership, Person
from nattbok.clients.rules import NoAccess
from nattbok.site import cli
from tests.world import an_office


def nattbok(*arguments, given="", **environment):
    """Run the command as a person would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "nattbok.site.cli", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | environment,
    )


def test_reading_a_file_starts_neither_django_nor_a_database(tmp_path):
    """The house stays empty, and Django is never imported."""
    file = tmp_path / "nothing.txt"
    file.write_text("nothing")
    program = f"import sys; from nattbok.site.cli import main; main(['read', {str(file)!r}])\n"
    program += "assert not {'django', 'psycopg'} & set(sys.modules), 'too much was imported'"
    home = tmp_path / "home"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NATTBOK_HOME": str(home)},
    )
    assert ended.returncode == 0, ended.stderr
    assert not home.exists()


def test_every_command_is_listed_and_has_the_two_functions():
    """What the list names is there, or is left out of the help."""
    text = cli.parser().format_help()
    for name, command in cli.COMMANDS.items():
        module = Path(cli.__file__).parent / f"{command.module}.py"
        assert module.exists() == (f"\n    {name} " in text), name
        if module.exists():
            assert "def add_parser(" in module.read_text() and "def run(" in module.read_text(), name


def test_without_a_command_the_help_is_shown(capsys):
    """Nothing is guessed from nothing."""
    assert cli.main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize(
    "locale, language",
    [
        ({"LANG": "nb_NO.UTF-8"}, "nb"),
        ({"LANG": "nn_NO"}, "nb"),
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "sv_SE", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "sv_FI", "LANG": "en_GB"}, "sv"),
        ({}, "en"),
    ],
)
def test_language_of_the_terminal(locale, language):
    """The first of the locale's variables that is set decides."""
    assert cli.language_of(locale) == language


@pytest.mark.parametrize(
    "error, ended, said",
    [
        (NoAccess(), 2, "nattbok: There is no such client, or you have no access to it."),
        (Unreadable("there is no {what}", what="total", where="line 3"), 2, "there is no total (line 3)"),
        (PermissionError(13, "Permission denied", "/locked"), 2, "/locked cannot be used: Permission denied"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_trouble_is_said_in_one_line(monkeypatch, capsys, error, ended, said):
    """Whose trouble it is shows in what the command ends with."""

    def fail(_given):
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    monkeypatch.setenv("LC_ALL", "C")
    assert cli.main(["read"]) == ended
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == bool(said)


def test_a_fault_of_ours_is_kept_in_a_file(monkeypatch, capsys):
    """One line for the person, the whole of it for whoever mends it."""

    def fail(_given):
        raise LookupError("no such\nthing")

    monkeypatch.setattr(cli, "_run", fail)
    monkeypatch.delenv("NATTBOK_TRACEBACK", raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    assert cli.main(["read"]) == 70
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1 and "LookupError: no such thing" in shown
    (kept,) = (Path(os.environ["NATTBOK_HOME"]) / "log").glob("fault-*.txt")
    assert "Traceback" in kept.read_text() and str(kept) in shown
    kept.unlink()


def test_a_database_that_is_not_there_is_said_so(tmp_path):
    """Neither a traceback nor a guess."""
    nowhere = "postgresql://a:b@127.0.0.1:1/c"
    ended = nattbok(
        "migrate",
        NATTBOK_HOME=str(tmp_path),
        DATABASE_OWNER_URL=nowhere,
        DATABASE_APP_URL=nowhere,
        LC_ALL="C",
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("nattbok: The database cannot be reached: ")
    assert ended.stderr.count("\n") == 1


def test_a_person_is_let_in_at_an_office():
    """The password comes from standard input; a second time it is a new one."""
    office = an_office()
    arguments = ["person", "Kari@Fjord.example", "--name", "Kari", "--office", office.org_number, "--manager"]
    assert nattbok(*arguments, given="første-passord\n").returncode == 0
    assert nattbok(*arguments[:2], given="andre-passord\n").returncode == 0
    person = Person.objects.get(email="kari@fjord.example")
    assert person.check_password("andre-passord") and person.name == "Kari"
    assert Membership.objects.get(person=person, office=office).is_manager


@pytest.mark.parametrize(
    "arguments, given, said",
    [
        (["not-an-address"], "long-enough-1\n", "Enter a valid email address."),
        (["a@fjord.example"], "short\n", "This password is too short."),
        (["a@fjord.example", "--office", "1"], "long-enough-1\n", "There is no office"),
    ],
)
def test_a_person_is_refused_in_words(arguments, given, said):
    """Nothing is stored of what is refused."""
    ended = nattbok("person", *arguments, given=given, LC_ALL="C")
    assert ended.returncode == 2 and said in ended.stderr
    assert not Person.objects.filter(email="a@fjord.example").exists()

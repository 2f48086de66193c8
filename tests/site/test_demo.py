"""The demo: one command, a whole night, and the truth beside it. It is run once for all of this."""

import json
import os
import subprocess
import sys

import pytest

from nattbok.sandbox.judging import Judged, Touchless, Verdict
from nattbok.site import demo, demo_telling
from nattbok.site.demo_people import Asked


def run_demo(home, *words: str) -> subprocess.CompletedProcess:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NATTBOK", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-m", "nattbok", "demo", "--no-serve", "--home", str(home), *words],
        env=environment, capture_output=True, text=True, timeout=400,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    yield folder
    from nattbok.db.server import remove_demo

    remove_demo(folder)


def test_a_demo_is_right_in_all_it_posts_and_tells_what_it_left(home):
    """Two nights with a bank's day between: by all six ways documents come in, people are asked and paid."""
    ended = run_demo(home, "--json", "--clients", "4", "--days", "2", "--papers", "11")
    assert ended.returncode == 0, ended.stderr + ended.stdout
    told = json.loads(ended.stdout)
    assert told["report"]["clients"] == 4
    verdict = told["verdict"]
    assert (verdict["wrong"]["count"], verdict["missed"]["count"], told["faults"]) == (0, 0, [])
    assert verdict["right"]["bills"] > 0 and verdict["right"]["payments"] > 0
    assert told["touchless"]["share"] >= 0.9
    assert set(told["papers"]["came"]) == {"peppol", "mail", "upload", "folder", "sftp"}
    assert told["papers"]["waits"] and told["papers"]["answered"] > 0
    assert told["asked"]["link"].startswith("http") and told["asked"]["claims"] == 1
    assert told["paid"]["executed"] == told["paid"]["settled"]
    accounts = told["accounts"]
    assert accounts["sealed"] + accounts["explained"] > 0 and accounts["unexplained"] == 0


def test_what_an_earlier_demo_left_is_removed_and_nothing_else(tmp_path):
    folder = tmp_path / "home"
    with demo._afresh(folder):
        (folder / "inbox").mkdir()
        (folder / "inbox" / "a.xml").write_text("from the last demo")
        with pytest.raises(demo.DemoRunning), demo._afresh(folder):
            pass
    with demo._afresh(folder):
        assert [path.name for path in folder.iterdir()] == ["this is a demo"]
    (tmp_path / "books.txt").write_text("somebody's own")
    with pytest.raises(demo.NotADemo), demo._afresh(tmp_path):
        pass
    assert (tmp_path / "books.txt").read_text() == "somebody's own"


def test_it_is_told_in_the_readers_language(capsys):
    right, wrong = Judged("bill", "1001", "77", ""), Judged("bill", "1001", "78", "posted twice")
    demo_telling.tell_verdict(Verdict((right,), (wrong,), (), ()), [], {"set_up": 20.4, "night": 9.6}, "nb")
    papers = demo_telling.Papers({"mail": 2}, {"Documents without a certain account": 3}, 4)
    demo_telling.tell_papers(papers, Touchless(10, 9), "nb")
    demo_telling.tell_people(Asked("eier@demo.example", "http://127.0.0.1/a", 1), "nb")
    told = capsys.readouterr().out
    assert "1 riktige, 1 gale" in told and "1001 bill 78: posted twice" in told and "90 %" in told
    assert "Documents" not in told and "http://127.0.0.1/a" in told

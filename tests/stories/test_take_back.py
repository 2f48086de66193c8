"""A night is taken back in the morning: all that it did is undone, and the work list is as it was."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from nattbok.bank import actions as bank
from nattbok.bank import queries as movements
from nattbok.clients.access import enter_office
from nattbok.countries.known import country
from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents import queries as documents
from nattbok.files.actions import keep
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import Entry, OpenItem
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, Settles
from nattbok.robot import actions as robot
from nattbok.robot import undoing
from nattbok.robot.undoing.rules import SomethingDepends, What
from tests.bank.test_actions import ACCOUNT, camt_file, line
from tests.documents.invoices import a_seller, an_e_invoice, unattended
from tests.world import TODAY, a_client, an_entry, an_invoice, posted

KARI = "person:1"
LAW = country("NO")


def reference(number: int) -> str:
    return LAW.references.make(f"{20000 + number}", length=13)


@pytest.fixture
def clients(office):
    """Three clients, each with two payments and a bill in the files that the night will read."""
    made = [a_client("NO", office=office, name=f"Klient {letter}") for letter in "ABC"]
    with scope([client.pk for client in made]):
        for client in made:
            bank.open_account(client, ACCOUNT)
            for n in (1, 2):
                an_invoice(client, f"{n}00.00", reference=reference(n), on=TODAY)
            seller = a_seller(unattended(client))
            keep(
                client,
                camt_file(Kind.STATEMENT, *(line(f"{n}00.00", f"B{n}", reference(n)) for n in (1, 2))),
                name="statement.xml",
                came_by="folder",
            )
            keep(
                client,
                an_e_invoice(client, seller, number="88-1").encode(),
                name="bill.xml",
                came_by="folder",
            )
        yield made


def left(clients) -> list:
    """What stands and what is to be done, client by client."""
    found = []
    for client in clients:
        items = OpenItem.objects.filter(client=client).exclude(left=0).values_list("left", flat=True)
        waits = len(movements.unsettled(client)), documents.counts(client).waiting
        found.append((sorted(map(str, items)), *waits, prove(client).fault))
    return found


def run_the_night(office, clients, on=TODAY):
    """collect_files, read_bank_files, match_payments, read_documents and code_documents, for each client."""
    night = robot.begin(office, on)
    with enter_office(office):
        for client in clients:
            assert robot.run_client(night, client.pk) is robot.Result.DONE
        robot.finish(night)
    return night


AS_READ = (["-1250.00", "-1250.00", "-1250.00", "100.00", "200.00"], 2, 1, None)
DONE = (["-1250.00", "-1250.00", "-1250.00", "-1250.00"], 0, 0, None)


def test_a_night_is_taken_back_and_stays_taken_back(office, clients):
    night = run_the_night(office, clients)
    assert left(clients) == [DONE] * 3
    plans = {client.pk: undoing.plan(client, What(night=night.pk)).hash for client in clients}
    begun = undoing.begin(office, What(night=night.pk), plans, along=False, by=KARI, why="the wrong file")
    undoing.go_through(begun)
    assert left(clients) == [AS_READ] * 3
    undoing.go_through(begun)  # and again: nothing more
    assert left(clients) == [AS_READ] * 3
    # Beside these the reconciliation tells that the books and the bank differ, as they do.
    asked = [question.kind for question in waiting(clients) if question.kind != "bank.not_reconciled"]
    assert sorted(asked) == ["bank.undone"] * 6 + ["documents.undone"] * 3
    # The next night leaves it alone; let go on by a person, the robot does it.
    run_the_night(office, clients, TODAY + timedelta(days=1))
    assert left(clients) == [AS_READ] * 3
    from nattbok.bank.actions.undoing import let_go

    let_go(clients[0], [one.id for one in movements.unsettled(clients[0])], KARI)
    run_the_night(office, clients, TODAY + timedelta(days=2))
    assert left(clients)[0][1] == 0 and left(clients)[1:] == [AS_READ] * 2


def test_what_a_person_did_the_day_after_is_shown_and_not_lost(office, clients):
    night = run_the_night(office, clients)
    first = clients[0]
    bill = OpenItem.objects.get(client=first, number="88-1")
    owed = -bill.left
    (paid,) = posted(
        first,
        an_entry(
            first,
            LineDraft(LAW.accounts.suppliers, owed, party=bill.party_id, settles=(Settles(bill.pk, owed),)),
            (LAW.accounts.bank, str(bill.left)),
        ),
    )  # fmt: skip
    plan = undoing.plan(first, What(night=night.pk))
    assert [entry.id for entry in plan.depends.entries] == [paid.id]
    with pytest.raises(SomethingDepends):
        undoing.undo(first, What(night=night.pk), by=KARI, why="the wrong file")
    # What does not depend can go by itself, and the payment stands.
    undoing.undo(first, What(night=night.pk, routine="match_payments"), by=KARI, why="the wrong file")
    assert left(clients)[0] == (["-1250.00"] * 3 + ["100.00", "200.00"], 2, 0, None)
    assert not Entry.objects.filter(client=first, reverses=paid.id).exists()
    assert bill.left == Decimal("-1250.00")


def test_killed_again_and_again_a_night_is_taken_back_once(office, clients):
    night = run_the_night(office, clients)
    words = [
        sys.executable, "-m", "nattbok", "undo", "--office", office.org_number, "--night", str(night.date),
        "--why", "the wrong file",
    ]  # fmt: skip
    for patience in (0.9, 1.2, 1.5, 1.8):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert all(one in (DONE, AS_READ) for one in left(clients))  # whole or not at all
    both = [subprocess.Popen(words, stdout=subprocess.DEVNULL) for _each in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert left(clients) == [AS_READ] * 3
    for client in clients:
        assert Entry.objects.filter(client=client, reverses__isnull=False).count() == 3

"""What was done is taken back as a unit: the books, the work list and what was learnt are as they were."""

import datetime
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank import queries as bank_queries
from nattbok.bank.actions import undoing as held
from nattbok.bank.models import Movement
from nattbok.countries.known import country
from nattbok.db.scope import scope
from nattbok.desk.models import Question
from nattbok.desk.queries import waiting
from nattbok.documents import actions as documents
from nattbok.documents import queries as document_queries
from nattbok.formats.bank.shape import Kind
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry, Line, OpenItem, PartyAccount, Settlement
from nattbok.ledger.queries import trial_balance
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, Settles
from nattbok.robot import undoing
from nattbok.robot.undoing import rules
from nattbok.robot.undoing.rules import What
from nattbok.trail.actions import act
from nattbok.trail.models import Act
from tests.bank.test_actions import ACCOUNT, camt_file, line
from tests.documents.invoices import a_seller, an_e_invoice, received, unattended
from tests.world import TODAY, a_client, a_party, an_entry, an_invoice, posted

KARI = "person:1"
NIGHT = 77
PART = Decimal("400.00")
YEAR = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
PAYER = "99990000006"


def reference(number: int) -> str:
    return country("NO").references.make(f"{10000 + number}", length=13)


def money(client):
    """What stands in the books: balances, what is left of every item that has anything left."""
    return (
        [(row.number, row.closing) for row in trial_balance(client, *YEAR) if row.closing],
        sorted(OpenItem.objects.filter(client=client).exclude(left=0).values_list("pk", "left")),
    )  # fmt: skip


def work(client):
    """What is to be done: movements without an entry, documents without one, and what is known of payers."""
    return (
        [payment.id for payment in bank_queries.unsettled(client)],
        [row.id for row in document_queries.documents(client, state=document_queries.WAITING)],
        sorted(
            PartyAccount.objects.filter(client=client, confirmed__gt=0).values_list(
                "party", "number", "confirmed"
            )
        ),
    )


def back(client, what, **more):
    return undoing.undo(client, what, by=KARI, why="wrong", **more)


@pytest.fixture
def havn(fjord):
    """A client with a bank account and a seller, three unpaid invoices, and a payment and a bill in files."""
    bank.open_account(fjord, ACCOUNT)
    return unattended(fjord)


def told(client, *lines):
    """The bank tells of these payments; nothing is matched yet."""
    take_in(client, camt_file(Kind.STATEMENT, *lines))


def take_in(client, *files):
    from nattbok.bank.actions.receiving import unread
    from nattbok.files.actions import keep

    for number, data in enumerate(files):
        keep(client, data, name=f"file {number}", came_by="folder")
    for file in unread(client):
        bank.receive(client, file, by="test")


def a_night(client, night=NIGHT):
    matched = bank.match(client, by="robot:match_payments", night=night)
    coded = documents.code(client, by="robot:code_documents", today=TODAY, night=night)
    return matched.posted + coded.posted


def test_a_night_is_taken_back_and_the_morning_is_as_the_evening(havn):
    items = [an_invoice(havn, f"{n}00.00", reference=reference(n)) for n in (1, 2, 3)]
    told(havn, *(line(f"{n}00.00", f"B{n}", reference(n), account=PAYER) for n in (1, 2)))
    received(havn, an_e_invoice(havn, a_seller(havn)))
    before = money(havn), work(havn)
    assert a_night(havn) == 3
    assert (money(havn), work(havn)) != before
    plan = undoing.plan(havn, What(night=NIGHT))
    assert (len(plan.chosen.entries), plan.reopens, len(plan.movements), len(plan.documents)) == (3, 2, 2, 1)
    assert plan.depends.count == 0 and plan.stays == ()
    done = back(havn, What(night=NIGHT), shown=plan.hash)
    assert done.counts["entries"] == 3
    assert (money(havn), work(havn)) == before
    assert OpenItem.objects.get(pk=items[0].pk).left == Decimal("100.00")
    assert prove(havn).fault is None
    # What was taken back is a person's now: the robot does not do it again behind their back.
    assert a_night(havn, 78) == 0
    assert (money(havn), work(havn)) == before
    kinds = [question.kind for question in waiting([havn])]
    assert kinds == ["bank.undone", "bank.undone", "documents.undone"]
    for act_id in Act.objects.filter(client=havn, night=NIGHT, kind="bank.reference_exact"):
        assert act_id.undone_by.get().kind == "ledger.reversed"


def test_one_routine_of_a_night(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    received(havn, an_e_invoice(havn, a_seller(havn)))
    assert a_night(havn) == 2
    assert back(havn, What(night=NIGHT, routine="code_documents")).counts["entries"] == 1
    assert bank_queries.unsettled(havn) == [] and document_queries.counts(havn).waiting == 1


def test_taken_back_twice_is_taken_back_once(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    a_night(havn)
    plan = undoing.plan(havn, What(night=NIGHT))
    back(havn, What(night=NIGHT), shown=plan.hash)
    entries = Entry.objects.filter(client=havn).count()
    assert back(havn, What(night=NIGHT), shown=plan.hash) == rules.Undone()
    assert Entry.objects.filter(client=havn).count() == entries
    again = undoing.plan(havn, What(night=NIGHT))
    assert again.is_empty and again.already == 1


def test_two_at_once_take_back_once(office):
    client = a_client("NO", office=office)
    with scope([client.pk]):
        bank.open_account(client, ACCOUNT)
        for n in range(1, 6):
            an_invoice(client, "100.00", reference=reference(n))
        told(client, *(line("100.00", f"B{n}", reference(n)) for n in range(1, 6)))
        a_night(client)
        chosen = What(origins=tuple(f"movement:{pk}" for pk in Movement.objects.values_list("pk", flat=True)))
    results = []

    def go():
        from django.db import connection

        with scope([client.pk]):
            results.append(back(client, chosen).counts.get("entries", 0))
        connection.close()

    threads = [Thread(target=go) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 5]
    with scope([client.pk]):
        assert Entry.objects.filter(reverses__isnull=False).count() == 5
        assert prove(client).fault is None


def test_killed_half_way_nothing_is_done_and_it_can_be_done_again(havn, monkeypatch):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    a_night(havn)
    before = money(havn), work(havn), Act.objects.filter(client=havn).count()
    for step in ("hold", "forget"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(held, step, lambda *given: (_ for _ in ()).throw(KeyboardInterrupt()))
            back(havn, What(night=NIGHT))
        assert (money(havn), work(havn), Act.objects.filter(client=havn).count()) == before
    assert back(havn, What(night=NIGHT)).counts["entries"] == 1


def test_later_work_is_shown_and_refused_until_it_is_ticked(havn):
    seller = a_seller(havn)
    (document,) = received(havn, an_e_invoice(havn, seller, number="88-1"))
    a_night(havn)
    bill = OpenItem.objects.get(client=havn, number="88-1")
    # By hand the day after: a payment of the bill.
    law = country("NO").accounts
    payment = an_entry(
        havn,
        LineDraft(law.suppliers, PART, party=seller.party, settles=(Settles(bill.pk, PART),)),
        (law.bank, "-400.00"),
    )  # fmt: skip
    (paid,) = posted(havn, payment)
    plan = undoing.plan(havn, What(night=NIGHT))
    assert [entry.id for entry in plan.depends.entries] == [paid.id]
    with pytest.raises(rules.SomethingDepends) as refused:
        back(havn, What(night=NIGHT))
    assert refused.value.values == {"count": 1, "first": f"{paid.series} {paid.number}"}
    done = back(havn, What(night=NIGHT), along=True, shown=plan.hash)
    assert (done.counts["entries"], done.counts["along"]) == (2, 1)
    assert prove(havn).fault is None
    assert document_queries.document(havn, document).row.state == document_queries.WAITING


def test_what_was_settled_by_hand_depends_and_can_be_parted_alone(havn):
    customer = a_party(havn)
    item = an_invoice(havn, "300.00", customer=customer)
    (prepaid,) = posted(
        havn,
        an_entry(havn, ("1920", "100.00"), LineDraft("1500", Decimal("-100.00"), party=customer)),
    )
    credit = OpenItem.objects.get(client=havn, line__entry=prepaid.id)
    settled = act(havn, "test.settled", KARI)
    ledger.settle(havn, credit.pk, [Settles(item.pk, Decimal("100.00"))], act=settled)
    plan = undoing.plan(havn, What(entries=(prepaid.id,)))
    assert len(plan.depends.settlements) == 1
    before = money(havn)
    # The hand settlement alone: it is named by its act.
    assert back(havn, What(acts=(settled,))).counts["parted"] == 1
    item.refresh_from_db()
    assert item.left == Decimal("300.00") and money(havn) != before
    assert Act.objects.get(undoes=settled).kind == "undoing.taken_back"
    assert undoing.plan(havn, What(entries=(prepaid.id,))).depends.count == 0
    assert prove(havn).fault is None


def test_what_changed_since_it_was_shown_is_shown_again(havn):
    for n in (1, 2):
        an_invoice(havn, "100.00", reference=reference(n))
        told(havn, line("100.00", f"B{n}", reference(n)))
    a_night(havn)
    shown = undoing.plan(havn, What(night=NIGHT)).hash
    first = Entry.objects.filter(client=havn, origin__startswith="movement:").first()
    ledger.reverse(havn, [first.pk], by=KARI, why="first")
    with pytest.raises(rules.PlanChanged):
        back(havn, What(night=NIGHT), shown=shown)


def test_in_a_closed_period_the_reversal_is_dated_the_first_open_day(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    a_night(havn)
    ledger.close_through(havn, TODAY, by=KARI, why="done")
    plan = undoing.plan(havn, What(night=NIGHT))
    assert (plan.moved, plan.first_open) == (1, TODAY + datetime.timedelta(days=1))
    back(havn, What(night=NIGHT))
    assert Entry.objects.get(client=havn, reverses__isnull=False).date == plan.first_open
    assert bank_queries.unsettled(havn)


def test_a_rule_is_taken_back_by_its_version(havn):
    for version, amount in ((1, "10.00"), (2, "20.00"), (2, "30.00")):
        why = act(havn, "bank.rule", "robot:match_payments", rule=5, version=version, step="RULE")
        ledger.post(havn, [an_entry(havn, ("7770", amount), ("1920", f"-{amount}"))], acts=[why])
    assert back(havn, What(rule=5, version=2)).counts["entries"] == 2
    assert undoing.plan(havn, What(rule=5)).chosen.count == 1
    assert undoing.plan(havn, What(rule=6)).is_empty


def test_a_reversal_is_never_reversed(havn):
    (entry,) = posted(havn, an_entry(havn, ("7770", "10.00"), ("1920", "-10.00")))
    (reversal,) = ledger.reverse(havn, [entry.id], by=KARI, why="wrong")
    assert undoing.plan(havn, What(entries=(entry.id, reversal.id))).is_empty
    assert back(havn, What(entries=(reversal.id,))) == rules.Undone()


def test_it_is_explained_and_named(havn):
    with pytest.raises(rules.NoReasonForUndoing):
        undoing.undo(havn, What(night=1), by=KARI, why="  ")
    with pytest.raises(rules.NothingNamed):
        What()


def test_posted_again_it_is_as_it_was_posted(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1), account=PAYER))
    a_night(havn)
    after = money(havn), work(havn)
    back(havn, What(night=NIGHT))
    (movement,) = bank_queries.unsettled(havn)
    assert movement.waits_for == "undone"
    (question,) = waiting([havn])
    assert [answer["do"] for _label, _why, answer in question.candidates] == ["again", "let_go"]
    held.answer(havn, question.subject, {"do": "again"}, by=KARI)
    assert (money(havn), work(havn)) == after
    assert waiting([havn]) == [] and prove(havn).fault is None


def test_let_go_the_robot_goes_on(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    a_night(havn)
    back(havn, What(night=NIGHT))
    (movement,) = bank_queries.unsettled(havn)
    assert held.let_go(havn, [movement.id], KARI) == 1 and held.let_go(havn, [movement.id], KARI) == 0
    assert waiting([havn]) == [] and a_night(havn, 78) == 1


def test_what_a_movement_waited_for_before_is_kept(havn):
    an_invoice(havn, "100.00", reference=reference(1))
    told(havn, line("100.00", "B1", reference(1)))
    a_night(havn)
    Movement.objects.filter(client=havn).update(waits_for="maybe_twice")
    back(havn, What(night=NIGHT))
    assert Movement.objects.get(client=havn).waits_for == "maybe_twice"


DEEDS = st.lists(
    st.tuples(st.sampled_from(["exact", "part", "over", "bill", "unknown", "by hand"]), st.integers(1, 4)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS, routines=st.booleans())
def test_do_and_undo_is_as_nothing(office, deeds, routines):
    """Whatever a night does, and whatever a person settles after it, taken back it is as it was."""
    client = a_client("NO", office=office)
    with scope([client.pk]):
        bank.open_account(client, ACCOUNT)
        seller = a_seller(unattended(client))
        lines, hands = [], []
        for number, (kind, size) in enumerate(deeds):
            amount = Decimal(size * 100)
            if kind == "bill":
                received(client, an_e_invoice(client, seller, number=f"88-{number}"))
            elif kind == "by hand":
                customer = a_party(client)
                hands.append((an_invoice(client, str(amount), customer=customer), customer, amount))
            else:
                an_invoice(client, str(amount), reference=reference(number))
                paid = {"exact": amount, "part": amount - 50, "over": amount + 50, "unknown": amount}[kind]
                quoted = reference(number + 500 if kind == "unknown" else number)
                lines.append(
                    line(str(paid) + ("" if "." in str(paid) else ".00"), f"B{number}", quoted, account=PAYER)
                )
        if lines:
            told(client, *lines)
        kept = Line.objects.filter(client=client).count(), Settlement.objects.filter(client=client).count()
        before = money(client), work(client)
        a_night(client)
        acts = []
        for item, customer, amount in hands:
            why = act(client, "test.paid", KARI)
            acts.append(why)
            ledger.post(
                client,
                [
                    an_entry(
                        client,
                        ("1920", str(amount)),
                        LineDraft("1500", -amount, party=customer, settles=(Settles(item.pk, amount),)),
                    )
                ],
                acts=[why],
            )
        if routines:
            back(client, What(night=NIGHT, routine="match_payments"))
            back(client, What(night=NIGHT, routine="code_documents"))
            back(client, What(acts=tuple(acts))) if acts else None
        else:
            back(client, What(night=NIGHT, acts=tuple(acts)))
        assert (money(client), work(client)) == before
        assert prove(client).fault is None
        now = Line.objects.filter(client=client).count(), Settlement.objects.filter(client=client).count()
        assert all(after >= there for after, there in zip(now, kept, strict=True))  # nothing is deleted
        assert not Question.objects.filter(
            client=client, closed_at__isnull=True, subject__startswith="rest:"
        ).exists()

"""Who must say yes before a bill is posted or paid; as an accountant would tell it."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nattbok.approvals.models import Request, Yes
from nattbok.approvals.rules.policy import NotWaiting, OtherContent, SaidYesAlready
from nattbok.clients.models import Access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.desk import actions as answers
from nattbok.desk import queries as desk
from nattbok.documents import actions, queries
from nattbok.documents.actions import approval, posting
from nattbok.documents.actions.approval.deciding import NotTheirs, TooLargeTogether
from nattbok.documents.actions.approval.sending import NeedsNone
from nattbok.documents.actions.rounds.gate import UnderApproval
from nattbok.documents.models import Approval, Document
from nattbok.documents.queries.approval import history, people, version, waiting, waiting_for
from nattbok.documents.rules.approval import Before, Step, Who
from nattbok.documents.rules.approval.progress import HadItAlready, NotYourTurn
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry, Line, OpenItem
from tests.bank.paying import an_account, proposed
from tests.documents.approving import a_waiting_bill, flow, mails, named, now, somebody, the_round, yes
from tests.documents.invoices import PERSON, a_seller, an_e_invoice, coded, kept, received, unattended
from tests.world import TODAY, a_client

TOMORROW = TODAY + datetime.timedelta(days=1)
HALF_A_YEAR = datetime.timedelta(days=180)


def is_posted(client, document) -> bool:
    return Entry.objects.filter(client=client, origin=f"document:{document}").exists()


def inbox(client) -> list[int]:
    return [each.row.id for each in queries.inbox(client)]


def asked(client) -> set[str]:
    return {each.kind for each in desk.waiting([client])}


def line(account: str, net: str = "1000.00", vat: str = "250.00") -> dict:
    return {"account": account, "vat_code": "1", "net": net, "vat": vat}


def test_without_a_flow_a_bill_is_approved_by_policy_and_says_so(fjord):
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord))))
    assert coded(fjord).posted == 1
    found = now(fjord, document)
    assert (found.outcome, str(found.reason)) == ("policy", "This client demands no approval.")


def test_a_bill_waits_for_its_yes_and_is_then_posted_as_it_was_approved(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    assert not is_posted(fjord, document)
    assert inbox(fjord) == [] and asked(fjord) == set()  # it is with the client
    assert [each.document for each in waiting_for(ola, [fjord])] == [document]
    assert coded(fjord).posted == 0  # another night changes nothing
    assert yes(fjord, document, ola, text="Riktig pris") is True
    assert is_posted(fjord, document)
    assert Entry.objects.get(client=fjord, origin=f"document:{document}").act.by == "robot:code_documents"
    said = history(fjord, document)
    assert [(each.kind, each.name) for each in said] == [("sent", ""), ("yes", "Ola Berg"), ("approved", "")]
    assert (said[1].text, said[1].method) == ("Riktig pris", "login")
    assert waiting(fjord) == []


def test_before_payment_it_is_posted_on_hold_and_the_last_yes_releases_it(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    item = OpenItem.objects.get(client=fjord, line__entry__origin=f"document:{document}")
    assert item.on_hold
    yes(fjord, document, ola)
    item.refresh_from_db()
    assert not item.on_hold


def test_no_payment_is_proposed_of_what_waits_for_approval(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    item = OpenItem.objects.get(client=fjord, line__entry__origin=f"document:{document}")
    an_account(fjord)
    wanted = {"through": TODAY + datetime.timedelta(days=60), "items": (item.pk,)}
    assert proposed(fjord, **wanted) == []
    yes(fjord, document, ola)
    assert [payment.amount for payment in proposed(fjord, **wanted)] == [Decimal("1250.00")]


@pytest.mark.parametrize("before", list(Before))
def test_the_database_itself_keeps_what_waits_from_the_books_and_the_bank(fjord, before):
    document = a_waiting_bill(fjord, named(somebody(fjord)), before=before)
    if before is Before.PAYMENT:
        item = OpenItem.objects.get(client=fjord, line__entry__origin=f"document:{document}")
        with pytest.raises(IntegrityError, match="paid after it"), transaction.atomic():
            ledger.release(fjord, [item.pk], by=PERSON, why="hurry")
    else:
        bill = posting.deciding.bills_of(fjord, [document])[0]
        books = posting.deciding.books(fjord, [bill], today=TODAY)
        found = posting.decide(bill, books)
        why = posting.record(fjord, [posting.ActDraft("test.posted", "test")])
        with pytest.raises(IntegrityError, match="posted after it"), transaction.atomic():
            ledger.post(fjord, [found.draft], acts=why)


def test_a_yes_to_other_content_is_refused_by_us_and_by_the_database(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    row = the_round(fjord, document)
    with pytest.raises(OtherContent):
        approval.approve(fjord, document, person=ola, sha256="0" * 64, today=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Yes.objects.create(
            client=fjord, request_id=row.request_id, sha256="0" * 64, person=ola, method="login",
            said_at=row.sent_at, act_id=row.act_id,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="step by step"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(outcome="approved", ended_at=row.sent_at)
    # What demands a second factor takes no yes without one.
    strong = Request.objects.get(pk=row.request_id)
    strong.pk, strong.subject, strong.proof = None, "payment_batch:0", "strong"
    strong.save()
    with pytest.raises(IntegrityError, match="not proven for it"), transaction.atomic():
        Yes.objects.create(
            client=fjord, request=strong, sha256=strong.sha256, person=ola, method="login",
            said_at=row.sent_at, act_id=row.act_id,
        )  # fmt: skip


@pytest.mark.parametrize("field", ["number", "due_on", "coding", "reading"])
def test_a_change_makes_the_yes_void_and_tells_who_said_it(fjord, field):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    document = a_waiting_bill(fjord, named(ola), named(kari))
    assert yes(fjord, document, ola) is False
    seen = now(fjord, document).sha256
    found = Document.objects.get(client=fjord, pk=document)
    if field == "coding":
        found.coding[0]["account"] = "6300"
    elif field == "reading":  # where it asks to be paid
        found.reading["payment_means"][0]["account"] = "86011117947"
    else:
        setattr(found, field, {"number": "other", "due_on": TOMORROW}[field])
    found.save()
    with pytest.raises(OtherContent):  # Kari has the old page open
        approval.approve(fjord, document, person=kari, sha256=seen, today=TODAY)
    assert now(fjord, document).sha256 != seen
    assert [each.person for each in waiting(fjord)] == [ola.pk]  # from the first step again
    assert "does not count any more" in mails(ola)[-2].subject
    assert not is_posted(fjord, document)


def test_two_in_union_above_a_limit_are_two_people(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    document = a_waiting_bill(fjord, named(ola, kari, two_above=Decimal("1000.00")))
    assert yes(fjord, document, ola) is False
    with pytest.raises(SaidYesAlready):
        yes(fjord, document, ola)
    assert yes(fjord, document, kari) is True


def test_steps_are_taken_in_order_and_nobody_is_asked_twice(fjord):
    ola, kari, per = somebody(fjord), somebody(fjord, "Kari Vik"), somebody(fjord, "Per Lie")
    document = a_waiting_bill(fjord, named(ola), named(kari), named(ola, per))
    with pytest.raises(NotYourTurn):
        yes(fjord, document, kari)
    assert len(mails(kari)) == 0
    yes(fjord, document, ola)
    assert len(mails(kari)) == 1
    assert yes(fjord, document, kari) is True  # Ola's yes counts in the third step as well
    with pytest.raises(NotWaiting):
        yes(fjord, document, per)


def test_a_changed_flow_does_not_disturb_what_is_under_way(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    document = a_waiting_bill(fjord, named(ola))
    assert flow(fjord, named(kari)) == 2
    assert [each.person for each in waiting(fjord)] == [ola.pk]
    assert yes(fjord, document, ola) is True
    assert the_round(fjord, document).flow.version == 1
    assert version(fjord).number == 2


def test_declined_it_is_the_offices_with_its_reason_and_goes_again_when_sent(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    approval.decline(
        fjord, document, person=ola, sha256=now(fjord, document).sha256, why="Feil vare", today=TODAY
    )
    (question,) = desk.waiting([fjord])
    assert str(question.reason) == "Ola Berg declined it: Feil vare"
    assert inbox(fjord) == [document]
    coded(fjord)
    assert not is_posted(fjord, document)
    (question,) = desk.waiting([fjord])
    answers.answer(fjord, question.id, 1, by=PERSON, today=TODAY)
    assert now(fjord, document).outcome == "waiting"
    assert yes(fjord, document, ola) is True


def test_handing_on_keeps_the_history_and_never_goes_in_a_ring(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    document = a_waiting_bill(fjord, named(ola))
    approval.forward(fjord, document, person=ola, to=kari.pk, text="Din avdeling", today=TODAY)
    assert [each.person for each in waiting(fjord)] == [kari.pk]
    with pytest.raises(NotYourTurn):
        yes(fjord, document, ola)
    with pytest.raises(HadItAlready):
        approval.forward(fjord, document, person=kari, to=ola.pk, today=TODAY)
    assert yes(fjord, document, kari) is True
    (handed,) = [each for each in history(fjord, document) if each.kind == "forwarded"]
    assert (handed.name, handed.to_name, handed.text) == ("Ola Berg", "Kari Vik", "Din avdeling")


def test_a_question_goes_to_the_office_and_its_answer_comes_back(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    approval.ask(fjord, document, person=ola, text="Hva er dette?")
    (question,) = desk.waiting([fjord])
    assert (question.kind, question.subject) == ("documents.approver_asks", f"approval_of:{document}")
    coded(fjord)
    assert asked(fjord) == {"documents.approver_asks"}  # a night does not close it
    kari = somebody(fjord, "Kari Vik", Role.OWNER)
    approval.answer(fjord, document, person=kari, text="Strømmen i mars")
    assert asked(fjord) == set()
    assert "Strømmen i mars" in mails(ola)[-1].text
    approval.comment(fjord, document, person=ola, text="Takk")
    assert [each.kind for each in history(fjord, document)] == ["sent", "question", "answer", "comment"]


def test_an_approver_codes_and_approves_in_one(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    fresh = approval.code_as(
        fjord,
        document,
        [line("6300", "600.00", "150.00"), line("6800", "400.00", "100.00")],
        person=ola,
        sha256=now(fjord, document).sha256,
        today=TODAY,
    )
    assert approval.approve(fjord, document, person=ola, sha256=fresh, today=TODAY) is True
    lines = Line.objects.filter(client=fjord, entry__origin=f"document:{document}").order_by("number")
    assert [(each.account.number, str(each.amount)) for each in lines][:3] == [
        ("6300", "600.00"),
        ("2710", "150.00"),
        ("6800", "400.00"),
    ]


def test_the_office_codes_and_the_approvers_see_that_coding(fjord):
    ola = somebody(fjord)
    flow(fjord, named(ola))
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord), bills=0)))
    coded(fjord)
    assert inbox(fjord) == [document]  # nobody knows its account yet
    assert actions.post_as(fjord, document, [line("6300")], by=PERSON, today=TODAY) is None
    assert inbox(fjord) == []
    with pytest.raises(UnderApproval):
        actions.post_as(fjord, document, [line("6300")], by=PERSON, today=TODAY)
    assert yes(fjord, document, ola) is True
    assert is_posted(fjord, document)


def test_who_is_away_is_stood_in_for_and_what_is_late_goes_to_an_owner(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    boss = somebody(fjord, "Sjef", Role.OWNER)
    approval.set_absence(fjord, ola.pk, kari.pk, from_on=TOMORROW, through_on=TOMORROW, by="test")
    today = timezone.localdate()
    document = a_waiting_bill(fjord, named(ola), escalate_after=3)
    later = today + datetime.timedelta(days=3)
    found = approval.chase(fjord, by="robot:chase_approvals", today=later)
    assert (found.more, found.waiting) == (1, 1)
    assert {each.person for each in waiting(fjord)} == {ola.pk, boss.pk}
    assert yes(fjord, document, boss) is True


def test_a_stand_in_who_does_not_answer_is_late_as_well(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    boss = somebody(fjord, "Sjef", Role.OWNER)
    today = timezone.localdate()
    year = {"from_on": min(TODAY, today), "through_on": max(TODAY, today) + HALF_A_YEAR, "by": "test"}
    approval.set_absence(fjord, ola.pk, kari.pk, **year)
    a_waiting_bill(fjord, named(ola), escalate_after=3)
    assert {each.person for each in waiting(fjord)} == {ola.pk, kari.pk}
    for days, people_asked in ((2, {ola.pk, kari.pk}), (3, {ola.pk, kari.pk, boss.pk})):
        later = today + datetime.timedelta(days=days)
        approval.chase(fjord, by="robot:chase_approvals", today=later)
        assert {each.person for each in waiting(fjord)} == people_asked


def test_stand_ins_in_a_ring_stop_nothing(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    boss = somebody(fjord, "Sjef", Role.OWNER)
    today = timezone.localdate()
    year = {"from_on": min(TODAY, today), "through_on": max(TODAY, today) + HALF_A_YEAR, "by": "test"}
    approval.set_absence(fjord, ola.pk, kari.pk, **year)
    approval.set_absence(fjord, kari.pk, ola.pk, **year)
    a_waiting_bill(fjord, named(ola, kari, people=2), escalate_after=1)
    tomorrow = today + datetime.timedelta(days=1)
    assert approval.chase(fjord, by="robot:chase_approvals", today=tomorrow).more == 1
    assert {each.person for each in waiting(fjord)} == {ola.pk, kari.pk, boss.pk}


@pytest.mark.parametrize("is_out", [True, False])
def test_what_waits_for_somebody_who_left_or_lost_the_right_goes_to_an_owner_the_same_night(fjord, is_out):
    ola, boss = somebody(fjord), somebody(fjord, "Sjef", Role.OWNER)
    document = a_waiting_bill(fjord, named(ola))
    access = Access.objects.get(client=fjord, person=ola)
    if is_out:
        access.delete()
    else:
        Access.objects.filter(pk=access.pk).update(rights=["see"])
    with pytest.raises(NotYourTurn):
        yes(fjord, document, ola)
    with pytest.raises(NotYourTurn):
        approval.forward(fjord, document, person=ola, to=boss.pk, today=TODAY)
    approval.chase(fjord, by="robot:chase_approvals", today=timezone.localdate())
    assert boss.pk in {each.person for each in waiting(fjord)}
    assert yes(fjord, document, boss) is True


def test_reminders_are_one_mail_a_day_and_none_on_the_day_one_was_asked(fjord):
    ola = somebody(fjord)
    a_waiting_bill(fjord, named(ola))
    today = timezone.localdate()
    for days in range(3):
        for _again in range(3):
            approval.chase(fjord, by="robot:chase_approvals", today=today + datetime.timedelta(days=days))
        assert len(mails(ola)) == days + 1
    assert mails(ola)[-1].subject.startswith("Reminder: ")


def test_who_handed_it_in_may_not_approve_where_the_client_demands_that(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    flow(fjord, named(ola, kari), registrant_may=False)
    data = an_e_invoice(fjord, a_seller(unattended(fjord)))
    (document,) = actions.receive(fjord, [kept(fjord, data)], by=f"person:{ola.pk}").documents
    coded(fjord)
    assert [each.person for each in waiting(fjord)] == [kari.pk]
    with pytest.raises(NotYourTurn):
        yes(fjord, document, ola)


def test_sent_by_hand_to_chosen_people_one_after_the_other(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord), bills=0)))
    with pytest.raises(NeedsNone):
        approval.send(fjord, [document], by=PERSON)
    assert approval.send(fjord, [document], by=PERSON, to=[ola.pk, kari.pk], today=TODAY) == 1
    coded(fjord)
    assert inbox(fjord) == []
    yes(fjord, document, ola)
    assert yes(fjord, document, kari) is True
    assert inbox(fjord) == [document]  # approved, and its account is still to be said
    assert actions.post_as(fjord, document, [line("6300")], by=PERSON, today=TODAY) is not None


def test_what_chosen_people_approved_and_was_then_changed_they_are_asked_about_anew(fjord):
    """Also where no flow asks for any approval: the robot does not post what nobody has seen."""
    ola, seller = somebody(fjord), a_seller(unattended(fjord), bills=0)
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    approval.send(fjord, [document], by=PERSON, to=[ola.pk], today=TODAY)
    yes(fjord, document, ola)
    assert coded(fjord).posted == 0  # approved, and its account is still to be said
    Document.objects.filter(client=fjord, pk=document).update(due_on=TOMORROW)
    actions.set_supplier(fjord, seller.party, account="6300", by=PERSON)
    assert coded(fjord).posted == 0 and coded(fjord).posted == 0
    assert [each.person for each in waiting(fjord)] == [ola.pk] and not is_posted(fjord, document)
    yes(fjord, document, ola)
    coded(fjord)
    assert is_posted(fjord, document)


def test_to_choose_who_approves_goes_around_nobody_whom_the_flow_asks(fjord):
    ola, boss = somebody(fjord), somebody(fjord, "Sjef", Role.OWNER)
    flow(fjord, named(boss, ola, two_above=Decimal("1000.00")))
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord), bills=0)))
    approval.send(fjord, [document], by=f"person:{ola.pk}", to=[ola.pk], today=TODAY)
    assert [each.person for each in waiting(fjord)] == [ola.pk]
    assert yes(fjord, document, ola) is False  # theirs is one of the flow's two
    assert [each.person for each in waiting(fjord)] == [boss.pk]
    Document.objects.filter(client=fjord, pk=document).update(due_on=TOMORROW)
    approval.look_again(fjord, by="test", today=TODAY)  # changed: all of them anew
    assert yes(fjord, document, ola) is False and yes(fjord, document, boss) is True


def test_what_is_posted_is_put_on_hold_when_it_is_sent_and_taken_back_on_hold_again(fjord):
    ola = somebody(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord))))
    coded(fjord)
    item = OpenItem.objects.get(client=fjord, line__entry__origin=f"document:{document}")
    approval.send(fjord, [document], by=PERSON, to=[ola.pk], today=TODAY)
    item.refresh_from_db()
    assert item.on_hold
    yes(fjord, document, ola)
    item.refresh_from_db()
    assert not item.on_hold
    with pytest.raises(NotTheirs):
        approval.take_back_yes(fjord, document, person=somebody(fjord, "Per Lie"), why="–")
    approval.take_back_yes(fjord, document, person=ola, why="Jeg tok feil")
    item.refresh_from_db()
    assert item.on_hold and asked(fjord) == {"documents.not_approved"}


def test_several_at_once_only_up_to_the_limit(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), batch_through=Decimal("1000.00"))
    chosen = [(document, now(fjord, document).sha256)]
    with pytest.raises(TooLargeTogether):
        approval.approve_many(fjord, chosen, person=ola, today=TODAY)
    assert not is_posted(fjord, document)


def test_a_project_goes_to_its_manager(fjord):
    ola = somebody(fjord)
    approval.set_responsible(fjord, "project", "P7", ola.pk, by="test", budget=Decimal("5000.00"))
    flow(fjord, Step(Who.RESPONSIBLE, dimension="project"))
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord), bills=0)))
    coded(fjord)
    assert (
        actions.post_as(
            fjord, document, [line("6300") | {"dimensions": {"project": "P7"}}], by=PERSON, today=TODAY
        )
        is None
    )
    assert [each.person for each in waiting(fjord)] == [ola.pk]


def test_a_stranger_is_never_asked_and_gets_nothing(fjord, office):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    other = a_client(office=office)
    with scope([other.pk]):
        assert waiting_for(ola, [other]) == []
        with pytest.raises(NotWaiting):
            approval.approve(other, document, person=ola, sha256="0" * 64, today=TODAY)
        assert ola.pk not in people(other, TODAY).names

"""Sellers are told over the network what the client has chosen to tell them: answer_sellers, over sockets."""

import pytest
from django.db import transaction

from nattbok.desk import actions as desk
from nattbok.desk.queries import waiting
from nattbok.documents import actions
from nattbok.documents.actions import intake
from nattbok.documents.models import Document
from nattbok.documents.queries import answers
from nattbok.documents.rules.answers import NotByItself, Standing, due
from nattbok.documents.rules.intake import Kind, sftp_draft
from nattbok.files.models import Source
from nattbok.formats.invoice.invoice_response import Answer
from nattbok.robot import rounds
from nattbok.robot.routine import Tonight
from nattbok.robot.routines.answer_sellers import answer_sellers
from nattbok.robot.routines.collect_files import collect_files
from nattbok.robot.routines.read_documents import read_documents
from nattbok.sandbox.network.folders import FolderDoor
from nattbok.sandbox.network.point import AccessPoint, Fault
from nattbok.trail.models import Act
from tests.documents.invoices import PERSON, a_seller, an_e_invoice, unattended
from tests.world import TODAY

ALL = ["AB", "AP", "RE", "PD"]


def night(client, number: int = 1):
    told = Tonight(number, TODAY, "answer_sellers")
    collect_files.run(client, told)
    read_documents.run(client, told)
    return answer_sellers.run(client, told)


def an_invoice_over(client, point) -> Document:
    """An e-invoice of a known seller that takes answers, received over the network."""
    row = intake.activate_reception(client, by=PERSON)
    seller = a_seller(unattended(client))
    address = f"0192:{seller.company.number}"
    point.take_answers(address)
    data = an_e_invoice(client, seller).encode()
    point.send(data, sender=address, receiver=row.participant, number=f"{client.pk}-in")
    told = Tonight(1, TODAY, "collect_files")
    collect_files.run(client, told)
    read_documents.run(client, told)
    return Document.objects.get(client=client)


def states(client, document) -> list[tuple[str, str]]:
    return [(one.answer.value, one.state) for one in answers.given(client, document.pk)]


def sent(point) -> list[str]:
    return [one.document.decode() for one in point.handed.values()]


def test_what_is_chosen_is_told_once_and_its_receipt_is_kept(client, point):
    actions.set_answers(client, ["AP", "AB"], by=PERSON)
    document = an_invoice_over(client, point)
    outcome = night(client, 2)
    assert (outcome.done, outcome.left) == (1, 0)
    assert states(client, document) == [("AB", "delivered")]
    actions.code(client, by="robot:test", today=TODAY)
    for number in (3, 4):
        night(client, number)
    assert states(client, document) == [("AB", "delivered"), ("AP", "delivered")]
    assert ["<cbc:ResponseCode>AP<" in text for text in sent(point)] == [False, True]
    assert all(f"<cbc:ID>{document.number}</cbc:ID>" in text for text in sent(point))
    assert set(point.times_handed.values()) == {1}
    kinds = list(Act.objects.filter(client=client, kind__startswith="outbox.").values_list("kind", flat=True))
    assert sorted(kinds) == ["outbox.message_delivered"] * 2 + ["outbox.message_sent"] * 2


def test_nothing_is_told_of_what_came_before_or_by_another_way_or_unasked(client, point):
    document = an_invoice_over(client, point)
    actions.set_answers(client, ALL, by=PERSON)
    night(client, 2)
    assert states(client, document) == [] and not point.handed
    with pytest.raises(NotByItself):
        actions.set_answers(client, ["UQ"], by=PERSON)


@pytest.mark.parametrize(
    "faults, state, times",
    [
        (
            {Fault.MUTE},
            "delivered",
            1,
        ),  # it was taken, and only the answer was lost: looked for, not sent again
        ({Fault.DEAD}, "delivered", 1),
        ({Fault.BUSY}, "delivered", 1),
        ({Fault.SLOW}, "delivered", 1),
    ],
)
def test_whatever_the_access_point_does_an_answer_comes_once(client, point, faults, state, times):
    actions.set_answers(client, ["AB"], by=PERSON)
    document = an_invoice_over(client, point)
    point.faults |= faults
    night(client, 2)
    assert client.pk in rounds.due(client.office)
    point.faults.clear()
    for number in (3, 4):
        night(client, number)
    assert states(client, document) == [("AB", state)]
    assert set(point.times_handed.values()) == {times}


def test_an_answer_that_does_not_come_is_a_question_once(client, point):
    actions.set_answers(client, ["AB"], by=PERSON)
    document = an_invoice_over(client, point)
    point.faults.add(Fault.LOST)
    night(client, 2)
    assert states(client, document) == [("AB", "failed")]
    (question,) = [one for one in waiting([client]) if one.kind == "answers.undelivered"]
    desk.answer(client, question.id, 1, by=PERSON, today=TODAY)
    night(client, 3)
    assert not [one for one in waiting([client]) if one.kind == "answers.undelivered"]


def test_a_seller_that_takes_no_answers_is_sent_none(client, point):
    actions.set_answers(client, ["AB"], by=PERSON)
    document = an_invoice_over(client, point)
    point.takes.clear()
    night(client, 2)
    assert states(client, document) == [("AB", "failed")] and not point.handed


def test_killed_between_sending_and_writing_it_down_it_is_found_there(client, point, monkeypatch):
    from nattbok.outbox.actions import sending

    actions.set_answers(client, ["AB"], by=PERSON)
    document = an_invoice_over(client, point)

    class Killed(BaseException):
        pass

    def die(*given, **named):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(sending._Sender, "_sent", die)
        night(client, 2)
    night(client, 3)
    assert states(client, document) == [("AB", "delivered")]
    assert set(point.times_handed.values()) == {1}


def test_over_sftp_an_answer_goes_and_its_receipt_comes(client, tmp_path):
    for name in ("in", "done", "out", "receipts"):
        (tmp_path / name).mkdir()
    participant = intake.participant_of(client)
    given = {
        "host": "127.0.0.1", "username": f"sftp{client.pk}", "folder": "in", "archive": "done",
        "outbox": "out", "receipts": "receipts",
    }  # fmt: skip
    draft = sftp_draft(given, kind=Kind.PEPPOL_SFTP, participants=(participant,))
    source = Source.objects.get(pk=intake.add(client, draft, by=PERSON))
    actions.set_answers(client, ["AB"], by=PERSON)
    point, seller = AccessPoint(), a_seller(client)
    point.directory[participant] = point.name
    number = point.send(
        an_e_invoice(client, seller).encode(),
        sender=f"0192:{seller.company.number}",
        receiver=participant,
        number=f"{client.pk}-sftp",
    )
    (message,) = point.participant(participant).inbox
    (tmp_path / "in" / f"{number}.xml").write_bytes(message.data)
    with FolderDoor(tmp_path, source.settings["public_key"], username=f"sftp{client.pk}") as door:
        source.settings |= {"port": door.port, "host_keys": [door.host_key]}
        source.save()
        night(client, 1)
        document = Document.objects.get(client=client)
        assert states(client, document) == [("AB", "sent")]
        assert point.collect(participant, tmp_path) == 1
        night(client, 2)
    assert states(client, document) == [("AB", "delivered")]
    assert "<cbc:ResponseCode>AB<" in sent(point)[0]


def a_standing(**given) -> Standing:
    plain = {
        "document": 1, "is_readable": True, "is_declined": False, "is_known_elsewhere": False,
        "is_posted": False, "is_payable": True, "is_paid": False,
    }  # fmt: skip
    return Standing(**plain | given)


@pytest.mark.parametrize(
    "given, told, chosen, said",
    [
        ({}, [], ALL, ["AB"]),
        ({}, ["AB"], ALL, []),
        ({}, ["IP"], ALL, []),  # a person has said more than that it came
        ({"is_posted": True}, ["AB"], ALL, ["AP"]),
        ({"is_posted": True, "is_payable": False}, ["AB"], ALL, []),  # waits for approval
        ({"is_posted": True, "is_paid": True}, ["AB", "AP"], ALL, ["PD"]),
        ({"is_posted": True, "is_paid": True}, ["AB"], ["AB", "AP"], ["AP"]),
        ({"is_declined": True}, [], ALL, ["RE"]),
        ({"is_declined": True, "is_known_elsewhere": True}, ["AB"], ALL, []),  # a repeat is no rejection
        ({"is_declined": True}, ["AP"], ALL, []),
        ({"is_posted": True}, ["RE"], ALL, []),
        ({"is_readable": False}, [], ALL, []),
    ],
)
def test_what_is_due(given, told, chosen, said):
    assert [one.value for one in due(a_standing(**given), told, chosen)] == said


def test_a_persons_answer_goes_the_same_way_and_needs_its_reason(client, point):
    document = an_invoice_over(client, point)
    with pytest.raises(actions.responding.AnswerNeedsReason):
        actions.respond(client, document.pk, answer=Answer.REJECTED, by=PERSON, today=TODAY)
    with transaction.atomic():
        for _time in range(2):
            actions.respond(
                client, document.pk, answer=Answer.REJECTED, reason="UNR", text="<b>&", by=PERSON, today=TODAY
            )
    night(client, 2)
    assert states(client, document) == [("RE", "delivered")]
    assert "&lt;b&gt;&amp;" in sent(point)[0] and "UNR" in sent(point)[0]

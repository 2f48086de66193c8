"""What waits for a person."""

from decimal import Decimal

from nattbok.base.words import Words
from nattbok.desk import actions as desk
from nattbok.desk.models import Question
from nattbok.desk.queries import waiting
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.trail.models import Act


def a_question(subject: str = "movement:1", reason: str = "No item has the reference {reference}."):
    return QuestionDraft(
        "bank.unknown_reference",
        subject,
        Words(reason, {"reference": "0017"}),
        (Candidate(Words("Invoice {number}", {"number": "F1"}), {"item": 7}, Words("the amount")),),
        Decimal("125.00"),
        "NOK",
    )


def test_a_question_is_asked_once(fjord):
    assert desk.ask(fjord, [a_question(), a_question()], by="robot:match_payments") == 1
    assert desk.ask(fjord, [a_question()], by="robot:match_payments") == 0
    (question,) = waiting([fjord])
    assert str(question.reason) == "No item has the reference 0017."
    ((label, why, answer),) = question.candidates
    assert (str(label), str(why), answer) == ("Invoice F1", "the amount", {"item": 7})
    assert (question.amount, question.currency, question.client_name) == (Decimal(125), "NOK", fjord.name)


def test_with_another_reason_it_is_asked_anew(fjord):
    desk.ask(fjord, [a_question()], by="robot:match_payments")
    assert desk.ask(fjord, [a_question(reason="It is paid already.")], by="robot:match_payments") == 1
    assert [str(question.reason) for question in waiting([fjord])] == ["It is paid already."]
    assert Question.objects.filter(client=fjord).count() == 2


def test_an_answer_closes_it_and_is_an_act(fjord):
    desk.ask(fjord, [a_question(), a_question("movement:2")], by="robot:match_payments")
    assert desk.close(fjord, ["movement:1"], by="person:3", answer={"item": 7}) == 1
    assert desk.close(fjord, ["movement:1"], by="person:3", answer={"item": 7}) == 0
    closed = Question.objects.get(client=fjord, subject="movement:1")
    assert closed.answer == {"item": 7}
    assert Act.objects.get(pk=closed.closed_by_id).kind == "desk.answered"
    assert [question.subject for question in waiting([fjord])] == ["movement:2"]
    # What happened by itself is told as such; and it may be asked again.
    desk.close(fjord, ["movement:2"], by="robot:match_payments")
    assert Act.objects.filter(client=fjord, kind="desk.settled").count() == 1
    assert desk.ask(fjord, [a_question()], by="robot:match_payments") == 1

"""The people of the month: one prepares the payments, two approve them, and all of them answer the desk.

They do what people do on the pages, through the same actions: look in the net bank, ask the bank for a file
anew, draft anew what came back. The two approve with the codes they have on paper while these last, and
after them with an electronic id.
"""

from datetime import date
from itertools import count
from random import Random

from bench.month.world import BY, Played

ID = "test-id"
PASSWORD = "a long enough one"  # noqa: S105  nobody's
ASK_ANEW = ("bank.file_refused", "bank.statement_held")
NO_SENSE = ("The payee's account is closed.", "The payee's account number is wrong.")  # in paying again
_numbers = count(1)


class Approver:
    """Somebody with the right to say yes, a phone with recovery codes, and an electronic id."""

    def __init__(self, office, name: str) -> None:
        import pyotp

        from nattbok.approvals import actions as approvals
        from nattbok.approvals.actions.factors import enrolment_of
        from nattbok.approvals.rules.factors import Signed

        self.person = a_person(office, name)
        secret = approvals.begin_totp(self.person, password=PASSWORD)
        self._codes = approvals.confirm_totp(self.person, pyotp.TOTP(secret).now())
        self._signatures = count(1)
        self._signed = Signed
        self.subject = f"{self.person.pk}:{name}"
        approvals.enrol_id(self.person, ID, Signed(self.subject, "enrolled", enrolment_of(self.person)))

    def says_yes(self, client, batch, today: date) -> bool:
        """To exactly what the batch is; whether its file has been made."""
        from nattbok.bank.actions import payments

        proof: dict = {"code": self._codes.pop()} if self._codes else {}
        if not proof:
            reference = f"{self.person.pk}:{next(self._signatures)}"
            proof = {"signed": (ID, self._signed(self.subject, reference, batch.sha256))}
        return payments.approve(
            client, batch.pk, person=self.person, sha256=batch.sha256, today=today, **proof
        )


class People:
    """Those who work for the clients of an office."""

    def __init__(self, office) -> None:
        self.preparer = a_person(office, "Kari Nordmann")
        self.approvers = [Approver(office, "Ola Nordmann"), Approver(office, "Siv Svensson")]

    def work_for(self, client) -> None:
        """The client demands two in union, none of whom registered what they approve."""
        from nattbok.approvals import actions as approvals
        from nattbok.approvals.rules.policy import May, Policy
        from nattbok.bank.queries.payments.rights import PAYMENTS

        approvals.demand(client, PAYMENTS, Policy(2, None, False), by=BY)
        for one in self.approvers:
            approvals.let(client, one.person, PAYMENTS, May(None), by=BY)

    def morning(self, played: Played, bank, today: date, random: Random) -> None:
        """Answer what can be answered, and release what is due today or tomorrow."""
        self._answer(played, bank, today)
        self._release(played, today, random)
        if played.form == "file":
            self._carry_out(played, bank, today)

    def evening(self, played: Played, bank, random: Random) -> None:
        """Carry files from the net bank, all at once and in any order, where they do not go by themselves."""
        from nattbok.bank.actions import uploading

        if played.form != "file":
            return
        given = bank.waiting(played.customer)
        random.shuffle(given)
        files = [one for one in given if one.size <= uploading.LARGEST]
        for one in given:
            if one not in files:
                words = uploading.too_large(one.name, one.size).words
                played.morning.add(("page", str(words)))
        taken = [(one.name, bank.read(played.customer, one.name)) for one in files]
        for became in uploading.upload(played.client, taken, by=self._by):
            played.morning.add(("page", str(became.words)))
        for one in given:
            bank.archive(played.customer, one.name)

    @property
    def _by(self) -> str:
        return f"person:{self.preparer.pk}"

    def _release(self, played: Played, today: date, random: Random) -> None:
        from nattbok.bank.actions import payments
        from nattbok.bank.models import Payment, PaymentBatch

        client = played.client
        due = list(
            Payment.objects.filter(
                client=client, state="drafted", batch__isnull=True, is_held=False, pay_on__lte=today
            ).values_list("pk", flat=True)
        )
        if not due:
            return
        for batch in payments.freeze(client, due, person=self.preparer, today=today):
            row = PaymentBatch.objects.get(client=client, pk=batch)
            made = [one.says_yes(client, row, today) for one in random.sample(self.approvers, 2)]
            assert made == [False, True], made

    def _carry_out(self, played: Played, bank, today: date) -> None:
        """Take the approved files out, and leave them in the net bank."""
        from nattbok.bank.actions import payments
        from nattbok.bank.models import PaymentBatch
        from nattbok.bank.queries.payments.showing import subject
        from nattbok.outbox.queries import sendings
        from nattbok.outbox.rules import State

        client = played.client
        batches = {subject(one.pk): one for one in PaymentBatch.objects.filter(client=client)}
        for key, sending in sendings(client, list(batches)).items():
            if sending.state is State.WAITING:
                taken = payments.fetch_file(client, batches[key].pk, person=self.preparer, today=today)
                bank.upload(played.customer, *taken)

    # The desk

    def _answer(self, played: Played, bank, today: date) -> None:
        from nattbok.desk.models import Question

        for one in Question.objects.filter(client=played.client, closed_at__isnull=True).order_by("pk"):
            if one.kind in ASK_ANEW:
                self._ask_bank_anew(played, bank, str(one.values.get("name", "")))
            elif one.kind == "bank.payment_rejected":
                self._pay_again(played, one, today)
            elif one.kind == "bank.file_not_sent" and one.candidates:
                self._look_in_net_bank(played, bank, one)
            elif one.kind == "bank.returned" and one.candidates:
                self._owe_again(played, one, today)

    def _ask_bank_anew(self, played: Played, bank, name: str) -> None:
        """The bank puts a file out once more, as it should have been."""
        there = {file.name for file in (*bank.waiting(played.customer), *bank.archived(played.customer))}
        if name in there and name not in played.asked_again:
            played.asked_again.add(name)
            played.asked_again.add(bank.again(played.customer, name))

    def _pay_again(self, played: Played, question, today: date) -> None:
        from nattbok.bank.actions import payments

        payment, reason = question.candidates[0]["answer"]["payment"], question.values["reason"]
        if reason in NO_SENSE:
            payments.leave_rejected(played.client, [payment], person=self.preparer)
        else:
            payments.redraft(played.client, payment, person=self.preparer, today=today)

    def _look_in_net_bank(self, played: Played, bank, question) -> None:
        """Only what is certainly not there is sent again."""
        from nattbok.outbox import actions as outbox
        from nattbok.outbox.models import Sending

        key = question.candidates[0]["answer"]["send_again"]
        name = Sending.objects.get(client=played.client, key=key).name
        if not any(order.name == name for order in bank.orders(played.customer)):
            outbox.try_again(played.client, key, by=self._by)

    def _owe_again(self, played: Played, question, today: date) -> None:
        from nattbok.desk import actions as desk

        desk.answer(played.client, question.pk, 1, by=self._by, today=today)


def a_person(office, name: str):
    """Someone who works at the office."""
    from nattbok.clients import actions as clients
    from nattbok.clients.models import Person

    number = next(_numbers)
    person = Person.objects.create_user(
        f"month{number}-{office.pk}@fjord.example", PASSWORD, name=name, language="en"
    )
    clients.employ(office, person)
    return person

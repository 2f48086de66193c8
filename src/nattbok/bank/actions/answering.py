"""A person's answers to the bank department's questions, as the desk hands them on."""

import datetime
from collections.abc import Mapping

from nattbok.bank.actions import matching, telling_apart, undoing
from nattbok.clients.models import Client
from nattbok.desk.actions import close
from nattbok.desk.rules import answered_by


def answer(
    client: Client, subject: str, given: Mapping, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """Carry out the answer to a question about `movement:<id>`, its `rest:<id>`, or `file:<id>`.

    `given` is as the candidate that was chosen has it. Raises NoSuchAnswer for what is done on another page.
    """
    kind, _colon, number = subject.partition(":")
    match kind, given.get("do"):
        case "movement", "let_go" | "again":
            undoing.answer(client, subject, given, by=by, why=why)
        case "movement", "same":
            telling_apart.the_same(client, int(number), int(given["movement"]), by=by)
        case "movement", "other":
            telling_apart.not_the_same(client, int(number), by=by)
        case "file", "account":
            telling_apart.name_account(client, int(number), int(given["account"]), by=by)
        case "movement", "settle":
            matching.accept(client, int(number), given, by=by)
        case "rest", "offset":
            matching.offset(client, int(number), int(given["item"]), by=by)
        case "rest", "leave":
            close(client, [subject], by=by, answer=dict(given))
        case _:
            raise undoing.NoSuchAnswer()


answered_by("bank", answer)

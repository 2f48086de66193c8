"""A person's answers about what came: the same money told twice or not, and whose account a list is of."""

from django.db import transaction
from django.forms.models import model_to_dict

from nattbok.bank import queries
from nattbok.bank.actions.receiving import receive
from nattbok.bank.models import BankAccount, Movement, Report, Statement, StatementFile
from nattbok.bank.rules.posting import origin
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk.actions import close
from nattbok.files.models import File
from nattbok.ledger.models import Books
from nattbok.trail.actions import act
from nattbok.trail.rules import means

SAME = means("bank.told_twice", _("A bank line was said to be the same money as another"))
OTHER = means("bank.told_once", _("A bank line was said to be other money than the one like it"))
TWICE = "maybe_twice"


class NotTwoReports(Refused):
    """Only a line that waits because it may be told twice is joined with the one it may be."""

    message = _("The bank lines are not two reports of the same money.")


class NotAList(Refused):
    """Only a list that does not name its account, and is not read, is given one."""

    message = _("The file is read already, or is not a list without an account.")


def may_be(client: Client, movement: int) -> list[int]:
    """The bank lines that one that waits may be the same money as."""
    waiting = Movement.objects.select_related("account").get(client=client, pk=movement)
    return [
        one.other
        for one in queries.maybe_twice(waiting.account)
        if one.waiting == movement and one.other is not None
    ]


@transaction.atomic
def not_the_same(client: Client, movement: int, *, by: str) -> int:
    """It is other money: the line may be posted as any other. The act of it."""
    waiting = _waiting(client, movement)
    done = act(client, OTHER, by, movement=movement, amount=str(waiting.amount))
    Movement.objects.filter(pk=waiting.pk).update(waits_for="")
    close(client, [origin(movement)], by=by, answer={"do": "not_the_same"})
    return done


@transaction.atomic
def the_same(client: Client, movement: int, other: int, *, by: str) -> int:
    """It is the money of `other`: what told of it now tells of that one, and it waits no more. The act of it.

    The line itself, which nothing stands for, goes; all that it said is kept in the act, and the files
    that told of it are as they were.
    """
    waiting = _waiting(client, movement)
    if other not in may_be(client, movement):
        raise NotTwoReports()
    reports = Report.objects.filter(client=client, movement=waiting)
    told = list(reports.values_list("kind", "statement_id", "place"))
    if Report.objects.filter(
        client=client, movement=other, kind__in=[kind for kind, *_rest in told]
    ).exists():
        raise NotTwoReports()
    said = {name: value if isinstance(value, int | list) else str(value)
            for name, value in model_to_dict(waiting).items()}  # fmt: skip
    done = act(
        client, SAME, by, movement=movement, other=other, amount=str(waiting.amount), said=said,
        reports=[list(one) for one in told],
    )  # fmt: skip
    close(client, [origin(movement)], by=by, answer={"do": "the_same", "movement": other})
    reports.update(movement=other)
    waiting.delete()
    return done


def _waiting(client: Client, movement: int) -> Movement:
    Books.objects.select_for_update().get(client=client)
    found = Movement.objects.filter(client=client, pk=movement, waits_for=TWICE).first()
    if found is None or not queries.unsettled(client, [movement]):
        raise NotTwoReports()
    return found


@transaction.atomic
def name_account(client: Client, file: int, account: int, *, by: str) -> int:
    """Say which account a list of lines is of, and read it; how many lines were new."""
    Books.objects.select_for_update().get(client=client)
    kept = File.objects.get(client=client, pk=file)
    of = BankAccount.objects.get(client=client, pk=account, is_active=True)
    read = StatementFile.objects.filter(client=client, file=kept).first()
    is_held = read is not None and read.outcome == "hold" and read.message.startswith("bank_csv")
    if not is_held or Statement.objects.filter(client=client, file=kept).exists():
        raise NotAList()
    read.delete()
    close(client, [f"file:{file}"], by=by, answer={"do": "account", "account": account})
    return receive(client, kept, by=by, account=of)

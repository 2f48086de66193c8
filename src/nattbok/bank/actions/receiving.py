"""From a kept file to movements, each kept once whichever files report it."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.bank import queries
from nattbok.bank.actions.agreements import look_at_agreement
from nattbok.bank.actions.looking_again import look_again
from nattbok.bank.actions.movements import keep_movements
from nattbok.bank.models import BankAccount, RemoteFile, Statement, StatementFile
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk.actions import ask
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.files.models import File
from nattbok.files.queries import data
from nattbok.formats.bank import shape
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.known import Outcome, read_any
from nattbok.ledger.models import Books
from nattbok.trail.actions import act
from nattbok.trail.rules import means

# The names of the formats whose files are the bank's; the documents' files are read elsewhere.
FORMATS = ("camt", "ocr_giro", "bgmax", "bank_csv")

RECEIVED = means("bank.received", _("{name}: {new} new movements, {known} known from other files"))
REFUSED = means("bank.file_refused", _("{name} was refused: {text}"))
CLOCK = means(
    "bank.clock_differs",
    _("{name} says that it was made on {made}, after it came on {came}: a clock is wrong"),
)

FILE_REFUSED = asks("bank.file_refused", _("A bank file cannot be read"))
STATEMENT_HELD = asks("bank.statement_held", _("A statement does not add up"))
WHICH_ACCOUNT = asks("bank.which_account", _("A list of bank lines without its account"))
NOT_OURS = asks("bank.not_our_account", _("A file is about an account that is not this client's"))

REFUSED_TEXT = _("{name}, {where}: {text}")
NOT_OURS_TEXT = _("{name} has a statement for account {account}, which is not an account of this client.")
WHICH_TEXT = _("{name} does not say which account it is of. Which is it?")
IS_OF = _("It is of {account}")
CURRENCY_TEXT = _("{name} has a statement in {currency} for account {account}, which is kept in {kept}.")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def unread(client: Client) -> list[File]:
    """The kept files that are the bank's and have not been read, the oldest first."""
    return list(
        File.objects.filter(client=client, format__in=FORMATS)
        .exclude(pk__in=StatementFile.objects.filter(client=client).values("file_id"))
        .order_by("received_at", "pk")
    )


@transaction.atomic
def receive(
    client: Client,
    file: File,
    *,
    by: str,
    night: int | None = None,
    account: BankAccount | None = None,
) -> int:
    """Read one kept file and keep its movements; how many were new. One transaction, safe to repeat.

    What proves wrong is stored only as that: a refused file gives a question and nothing else, a held
    statement is kept without movements, and its question says why. A statement for an account that is not
    this client's is left aside with a question; the file's other statements are read. A list that does not
    name its account is of `account`, or of the client's only one; else it waits until a person says.
    """
    Books.objects.select_for_update().get(client=client)  # one at a time in a client's books
    if StatementFile.objects.filter(client=client, file=file).exists():
        return 0
    read = read_any(data(file))
    content = read.content if isinstance(read.content, shape.BankFile) else None
    account = account or _only_account(client)
    is_nameless = content is not None and any(not one.account for one in content.statements)
    has_to_ask = is_nameless and account is None and read.outcome is not Outcome.REFUSE
    StatementFile.objects.create(
        client=client,
        file=file,
        message=content.message if content else read.format,
        message_id=content.message_id[:100] if content else "",
        outcome=Outcome.HOLD.value if has_to_ask else read.outcome.value,
        findings=[_kept(finding) for finding in read.findings],
        read_at=timezone.now(),
    )
    if content is None or read.outcome is Outcome.REFUSE:
        _refuse(client, file, read.findings, by, night)
        return 0
    if has_to_ask:
        _ask_account(client, file, by, night)
        return 0
    _look_at_clock(client, file, content, by, night)
    is_file_held = any(finding.severity is Severity.HOLD for finding in content.findings)
    new = known = 0
    for number, statement in enumerate(content.statements):
        of = queries.account_for(client, statement.account) if statement.account else account
        if of is None:
            _left_aside(client, file, statement, NOT_OURS_TEXT, {"account": statement.account}, by, night)
            continue
        if statement.currency and statement.currency != of.currency:
            values = {"account": statement.account, "currency": statement.currency, "kept": of.currency}
            _left_aside(client, file, statement, CURRENCY_TEXT, values, by, night)
            continue
        kept = _statement(client, file, number, statement, of, is_file_held or statement.is_held)
        if kept.is_held:
            _hold(client, file, kept, content.findings + statement.findings, by, night)
            continue
        look_at_agreement(client, of, statement.agreement, name=file.name, by=by, night=night)
        told = keep_movements(client, kept, statement, of)
        new, known = new + told.new, known + told.known
        if told.first is not None:
            look_again(client, of, told.first, told.last, by, night)
    act(client, RECEIVED, by, night=night, name=file.name, file=file.pk, new=new, known=known,
        message=content.message)  # fmt: skip
    return new


def _only_account(client: Client) -> BankAccount | None:
    """The client's bank account, when it has one alone."""
    found = list(BankAccount.objects.select_related("account").filter(client=client, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _ask_account(client: Client, file: File, by: str, night: int | None) -> None:
    answers = tuple(
        Candidate(Words(IS_OF, {"account": f"{title} {number}"}), {"do": "account", "account": pk})
        for pk, title, number in BankAccount.objects.filter(client=client, is_active=True)
        .order_by("pk")
        .values_list("pk", "title", "number")
    )
    words = Words(WHICH_TEXT, {"name": file.name})
    ask(client, [QuestionDraft(WHICH_ACCOUNT, f"file:{file.pk}", words, answers)], by=by, night=night)


def _look_at_clock(client: Client, file: File, content: shape.BankFile, by: str, night: int | None) -> None:
    """Say so when the file came before the day on which it says that it was made."""
    seen = RemoteFile.objects.filter(client=client, file=file).order_by("seen_on")
    came = seen.values_list("seen_on", flat=True).first() or timezone.localdate(file.received_at)
    made = content.created[:10]
    if _DAY.fullmatch(made) and made > came.isoformat():
        act(client, CLOCK, by, night=night, name=file.name, file=file.pk, made=made, came=came.isoformat())


def _kept(finding: Finding) -> dict:
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "where": finding.where,
        "text": finding.text,
        "values": {name: value if isinstance(value, int | str) or value is None else str(value)
                   for name, value in finding.values.items()},
    }  # fmt: skip


def _worst(findings: Sequence[Finding]) -> Finding:
    order = {Severity.ERROR: 0, Severity.HOLD: 1, Severity.NOTE: 2}
    return min(findings, key=lambda finding: order[finding.severity])


def _refuse(client: Client, file: File, findings: Sequence[Finding], by: str, night: int | None) -> None:
    worst = _worst(findings)
    text = str(worst.words)
    act(client, REFUSED, by, night=night, name=file.name, file=file.pk, code=worst.code, where=worst.where,
        text=text)  # fmt: skip
    words = Words(REFUSED_TEXT, {"name": file.name, "where": worst.where, "text": text})
    ask(client, [QuestionDraft(FILE_REFUSED, f"file:{file.pk}", words)], by=by, night=night)


def _left_aside(
    client: Client,
    file: File,
    statement: shape.Statement,
    text: str,
    values: dict,
    by: str,
    night: int | None,
) -> None:
    words = Words(text, {"name": file.name, **values})
    subject = f"file:{file.pk}:{statement.account}"[:100]
    ask(client, [QuestionDraft(NOT_OURS, subject, words)], by=by, night=night)


def _hold(
    client: Client, file: File, kept: Statement, findings: Sequence[Finding], by: str, night: int | None
) -> None:
    worst = _worst(findings)
    words = Words(REFUSED_TEXT, {"name": file.name, "where": worst.where, "text": str(worst.words)})
    ask(client, [QuestionDraft(STATEMENT_HELD, f"statement:{kept.pk}", words)], by=by, night=night)


def _statement(
    client: Client, file: File, place_: int, statement: shape.Statement, account: BankAccount, is_held: bool
) -> Statement:
    return Statement.objects.create(
        client=client,
        account=account,
        file=file,
        place=place_,
        kind=statement.kind.value,
        number=statement.number[:100],
        sequence=statement.sequence,
        starts_on=statement.starts_on,
        ends_on=statement.ends_on,
        opening=statement.opening,
        closing=statement.closing,
        is_held=is_held,
        findings=[_kept(finding) for finding in statement.findings],
    )

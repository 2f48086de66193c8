"""From a kept file to movements, each kept once whichever files report it."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction
from django.utils import timezone

from nattbok.bank import queries
from nattbok.bank.actions.agreements import look_at_agreement
from nattbok.bank.models import BankAccount, Movement, RemoteFile, Report, Statement, StatementFile
from nattbok.bank.rules.identity import Known, Placed, Reported, parts_of, place, report_keys, sum_lines
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.files.models import File
from nattbok.files.queries import data
from nattbok.formats.bank import shape
from nattbok.formats.bank.shape import Kind
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
        made, found = _movements(client, kept, statement, of, by, night)
        new, known = new + made, known + found
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


def _movements(
    client: Client,
    kept: Statement,
    statement: shape.Statement,
    account: BankAccount,
    by: str,
    night: int | None,
) -> tuple[int, int]:
    """Keep what is booked: how many movements are new, and how many other files had reported."""
    booked = [
        one
        for one in statement.transactions
        if one.status is shape.Status.BOOKED and one.booked_on and one.amount
    ]
    if not booked:
        return 0, 0
    normal = country(client.country).normal_account
    reports = [_reported(one, statement.kind, normal) for one in booked]
    days = [report.booked_on for report in reports]
    near = queries.known_near(account, min(days), max(days))
    told_by_giro_alone = {movement.id for movement in near if movement.kinds == {Kind.GIRO}}
    placed = place(
        reports,
        statement.kind,
        known=near,
        known_reports=dict(
            Report.objects.filter(
                client=client, account=account, kind=statement.kind.value, key__in=report_keys(reports)
            ).values_list("key", "movement_id")
        ),
    )
    new = [(where, one, report) for where, one, report in zip(placed, booked, reports, strict=True)
           if where.movement is None and not where.is_repeat]  # fmt: skip
    ids = bulk.ids(Movement, len(new))
    moment = timezone.now()
    bulk.insert(
        Movement,
        {
            "id": ids,
            "client_id": [client.pk] * len(new),
            "account_id": [account.pk] * len(new),
            "key": [where.new_key for where, _one, _report in new],
            "amount": [one.amount for _where, one, _report in new],
            "booked_on": [one.booked_on for _where, one, _report in new],
            "value_on": [one.value_on for _where, one, _report in new],
            "bank_reference": [report.bank_reference for _where, _one, report in new],
            "batch_reference": [report.batch_reference for _where, _one, report in new],
            "end_to_end_id": [one.end_to_end_id[:100] for _where, one, _report in new],
            "payment_info_id": [one.payment_info_id[:100] for _where, one, _report in new],
            "reference": [report.reference for _where, _one, report in new],
            "remittances": [_remittances(one) for _where, one, _report in new],
            "text": [one.text for _where, one, _report in new],
            "payer_name": [one.counterparty_name[:200] for _where, one, _report in new],
            "payer_account": [report.counterparty_account for _where, _one, report in new],
            "payer_org_number": [one.counterparty_org_number[:20] for _where, one, _report in new],
            "bank_code": [one.bank_code[:40] for _where, one, _report in new],
            "is_reversal": [one.is_reversal for _where, one, _report in new],
            "return_reason": [one.return_reason[:40] for _where, one, _report in new],
            "instructed_amount": [one.instructed_amount for _where, one, _report in new],
            "instructed_currency": [one.instructed_currency[:3] for _where, one, _report in new],
            "sums_up": [one.sums_up for _where, one, _report in new],
            "waits_for": [where.waits_for for where, _one, _report in new],
            "first_reported_at": [moment] * len(new),
        },
    )
    of_new = {id(where): pk for (where, _one, _report), pk in zip(new, ids, strict=True)}
    told = [
        (number, where, where.movement or of_new[id(where)], booked[number].booked_on)
        for number, where in enumerate(placed)
        if not where.is_repeat
    ]
    _report(client, account, kept, told)
    _enrich(
        client,
        [
            (
                where.movement,
                where.movement in told_by_giro_alone and statement.kind is not Kind.GIRO,
                report,
                one,
            )
            for where, one, report in zip(placed, booked, reports, strict=True)
            if where.movement is not None
        ],
    )
    _explain(client, account, min(days), max(days), by, night)
    return len(new), len(booked) - len(new)


def _report(
    client: Client, account: BankAccount, kept: Statement, told: Sequence[tuple[int, Placed, int, date]]
) -> None:
    bulk.insert(
        Report,
        {
            "client_id": [client.pk] * len(told),
            "account_id": [account.pk] * len(told),
            "movement_id": [movement for _number, _where, movement, _day in told],
            "kind": [kept.kind] * len(told),
            "key": [where.report_key for _number, where, _movement, _day in told],
            "statement_id": [kept.pk] * len(told),
            "place": [number for number, _where, _movement, _day in told],
            "booked_on": [day for _number, _where, _movement, day in told],
        },
    )


def _enrich(client: Client, told: Sequence[tuple[int, bool, Reported, shape.Transaction]]) -> None:
    """What a file knows of a movement beyond the files before it; what they said is never changed.

    The one exception: the bank's own reference takes the place of the giro file's, when the second says so.
    """
    if not told:
        return
    texts = {
        "bank_reference": [report.bank_reference for _movement, _is_giro, report, _one in told],
        "batch_reference": [report.batch_reference for _movement, _is_giro, report, _one in told],
        "reference": [report.reference for _movement, _is_giro, report, _one in told],
        "end_to_end_id": [one.end_to_end_id[:100] for _movement, _is_giro, _report, one in told],
        "payment_info_id": [one.payment_info_id[:100] for _movement, _is_giro, _report, one in told],
        "text": [one.text for _movement, _is_giro, _report, one in told],
        "payer_name": [one.counterparty_name[:200] for _movement, _is_giro, _report, one in told],
        "payer_account": [report.counterparty_account for _movement, _is_giro, report, _one in told],
        "payer_org_number": [one.counterparty_org_number[:20] for _movement, _is_giro, _report, one in told],
        "bank_code": [one.bank_code[:40] for _movement, _is_giro, _report, one in told],
        "return_reason": [one.return_reason[:40] for _movement, _is_giro, _report, one in told],
    }
    filled = ", ".join(f"{name} = coalesce(nullif(movement.{name}, ''), given.{name})" for name in texts
                       if name != "bank_reference")  # fmt: skip
    blank = " OR ".join(f"(movement.{name} = '' AND given.{name} <> '')" for name in texts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE bank_movement movement SET {filled},
                bank_reference = CASE WHEN given.is_giro OR movement.bank_reference = ''
                    THEN given.bank_reference ELSE movement.bank_reference END,
                remittances = CASE WHEN movement.remittances = '[]'::jsonb
                    THEN given.remittances::jsonb ELSE movement.remittances END,
                is_reversal = movement.is_reversal OR given.is_reversal
            FROM unnest(%s::bigint[], %s::boolean[], %s::boolean[], %s::text[],
                {", ".join("%s::varchar[]" for _name in texts)})
                AS given (id, is_giro, is_reversal, remittances, {", ".join(texts)})
            WHERE movement.client_id = %s AND movement.id = given.id
                AND ({blank} OR given.is_giro OR (given.is_reversal AND NOT movement.is_reversal)
                     OR (movement.remittances = '[]'::jsonb AND given.remittances <> '[]'))
            """,
            [
                [movement for movement, _is_giro, _report, _one in told],
                [is_giro for _movement, is_giro, _report, _one in told],
                [one.is_reversal for _movement, _is_giro, _report, one in told],
                [json.dumps(_remittances(one)) for _movement, _is_giro, _report, one in told],
                *texts.values(),
                client.pk,
            ],
        )


def _reported(one: shape.Transaction, kind: Kind, normal) -> Reported:
    reference = one.bank_reference
    if kind in (Kind.NOTICE, Kind.INTRADAY):
        # A statement's balance proves that two lines with the bank's same reference are two; in a notice
        # the same reference again is the same payment told twice.
        reference = re.sub(r"@\d+$", "", reference)
    return Reported(
        amount=one.amount,
        booked_on=one.booked_on,
        bank_reference=reference[:100],  # as long as they are kept, so that they are found again
        reference=one.reference[:100],
        counterparty_account=(normal(one.counterparty_account) or one.counterparty_account)[:40],
        text=one.text,
        batch_reference=one.batch_reference[:100],
        sums_up=one.sums_up,
    )


def _remittances(one: shape.Transaction) -> list[dict]:
    """The structured list, when there is more to it than the one reference that is kept beside it."""
    if len(one.remittances) == 1 and one.remittances[0].reference == one.reference and one.reference:
        return []
    return [
        asdict(remittance) | {"amount": None if remittance.amount is None else str(remittance.amount)}
        for remittance in one.remittances
    ]


def _explain(
    client: Client, account: BankAccount, first: date, last: date, by: str, night: int | None
) -> None:
    """Look again at what waits, now that more is known: in both directions, since files come in any order.

    A statement line without reference that is exactly the sum of a day's batch of giro payments is their
    sum line; and a payment that might be told twice is not, once the other one has its own report.
    """
    near = queries.known_near(account, first, last)
    bare = queries.without_payer(
        account, [one.id for one in near if one.kinds == {Kind.STATEMENT} and not one.sums_up]
    )
    explained = sum_lines(
        [one for one in near if one.id in bare],
        [one for one in near if Kind.STATEMENT not in one.kinds and not one.sums_up],
        [one for one in near if one.sums_up],
    )
    for movement, payments in explained.items():
        Movement.objects.filter(client=client, pk=movement).update(sums_up=payments)
    if explained:
        close(client, [f"movement:{movement}" for movement in explained], by=by, night=night)
        near = queries.known_near(account, first, last)
    _join(client, near)
    _wait(client, account)


def _join(client: Client, near: Sequence[Known]) -> None:
    """Say of each payment which line of the statement it is a part of, once both are known."""
    there = dict(
        Movement.objects.filter(client=client, pk__among=[one.id for one in near], sums_up=0).values_list(
            "pk", "part_of"
        )
    )
    joined = parts_of(
        [one for one in near if one.sums_up and Kind.STATEMENT in one.kinds],
        [one for one in near if one.id in there and Kind.STATEMENT not in one.kinds],
    )
    changed = {pk: line for pk, line in joined.items() if there[pk] != line}
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE bank_movement movement SET part_of_id = given.line
               FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, line)
               WHERE movement.client_id = %s AND movement.id = given.id""",
            [list(changed), list(changed.values()), client.pk],
        )


def _wait(client: Client, account: BankAccount) -> None:
    """Of two movements that may be the same money one waits, the same one whichever file came first."""
    release, hold = set(), set()
    pairs = queries.maybe_twice(account)
    for waiting, them in groupby(pairs, key=attrgetter("waiting")):
        others = [one for one in them if one.other is not None]
        if any(one.is_other_posted for one in others):
            continue
        less = [one.other for one in others if one.other_rank > one.rank]
        if len(less) == len(others):
            release.add(waiting)
            hold.update(less)
    Movement.objects.filter(client=client, pk__in=release).update(waits_for="")
    Movement.objects.filter(client=client, pk__in=hold - release).update(waits_for="maybe_twice")

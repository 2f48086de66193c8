"""Movements of a bank account: each kept once whichever files report it, with all that they say of it."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from nattbok.bank import queries
from nattbok.bank.models import BankAccount, Movement, Report, Statement
from nattbok.bank.rules.identity import Known, Placed, Reported, place, report_keys
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.formats.bank import shape
from nattbok.formats.bank.shape import Kind


@dataclass(frozen=True, slots=True)
class Kept:
    """What a statement told: how many movements are new, how many were known, and of which days."""

    new: int = 0
    known: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """One booked line of a file, beside what it is among the movements."""

    where: Placed
    report: Reported
    line: shape.Transaction


def keep_movements(client: Client, kept: Statement, statement: shape.Statement, account: BankAccount) -> Kept:
    """Keep what `statement` says is booked: new movements as such, known ones with what it adds to them."""
    booked = [
        one
        for one in statement.transactions
        if one.status is shape.Status.BOOKED and one.booked_on and one.amount
    ]
    if not booked:
        return Kept()
    normal = country(client.country).normal_account
    reports = [_reported(one, statement.kind, normal) for one in booked]
    days = [report.booked_on for report in reports]
    near = queries.known_near(account, min(days), max(days))
    placed = _placed(client, account, statement.kind, reports, near)
    told = [_Told(*both) for both in zip(placed, reports, booked, strict=True)]
    new = [one for one in told if one.where.movement is None and not one.where.is_repeat]
    of_new = dict(zip(map(id, new), _write(client, account, new), strict=True))
    _write_reports(client, account, kept, told, of_new)
    by_giro_alone = {movement.id for movement in near if movement.kinds == {Kind.GIRO}}
    if statement.kind is Kind.GIRO:
        by_giro_alone = set()
    _enrich(client, [one for one in told if one.where.movement is not None], by_giro_alone)
    return Kept(len(new), len(booked) - len(new), min(days), max(days))


def _placed(
    client: Client, account: BankAccount, kind: Kind, reports: Sequence[Reported], near: Sequence[Known]
) -> list[Placed]:
    known_reports = Report.objects.filter(
        client=client, account=account, kind=kind.value, key__in=report_keys(reports)
    )
    return place(
        reports, kind, known=near, known_reports=dict(known_reports.values_list("key", "movement_id"))
    )


def _write(client: Client, account: BankAccount, new: Sequence[_Told]) -> list[int]:
    """The new movements; their ids."""
    ids = bulk.ids(Movement, len(new))
    lines = [one.line for one in new]
    bulk.insert(
        Movement,
        {
            "id": ids,
            "client_id": [client.pk] * len(new),
            "account_id": [account.pk] * len(new),
            "key": [one.where.new_key for one in new],
            "amount": [line.amount for line in lines],
            "booked_on": [line.booked_on for line in lines],
            "value_on": [line.value_on for line in lines],
            **_texts(new),
            "remittances": [_remittances(line) for line in lines],
            "is_reversal": [line.is_reversal for line in lines],
            "instructed_amount": [line.instructed_amount for line in lines],
            "instructed_currency": [line.instructed_currency[:3] for line in lines],
            "sums_up": [line.sums_up for line in lines],
            "waits_for": [one.where.waits_for for one in new],
            "first_reported_at": [timezone.now()] * len(new),
        },
    )
    return ids


def _texts(told: Sequence[_Told]) -> dict[str, list[str]]:
    """What a file says of movements in words, column by column, as long as they are kept."""
    return {
        "bank_reference": [one.report.bank_reference for one in told],
        "batch_reference": [one.report.batch_reference for one in told],
        "end_to_end_id": [one.line.end_to_end_id[:100] for one in told],
        "payment_info_id": [one.line.payment_info_id[:100] for one in told],
        "reference": [one.report.reference for one in told],
        "text": [one.line.text for one in told],
        "payer_name": [one.line.counterparty_name[:200] for one in told],
        "payer_account": [one.report.counterparty_account for one in told],
        "payer_org_number": [one.line.counterparty_org_number[:20] for one in told],
        "bank_code": [one.line.bank_code[:40] for one in told],
        "return_reason": [one.line.return_reason[:40] for one in told],
    }


def _write_reports(
    client: Client, account: BankAccount, kept: Statement, told: Sequence[_Told], of_new: dict[int, int]
) -> None:
    """Which line of the file told of which movement; a repeat within the file tells nothing."""
    lines = [(number, one) for number, one in enumerate(told) if not one.where.is_repeat]
    bulk.insert(
        Report,
        {
            "client_id": [client.pk] * len(lines),
            "account_id": [account.pk] * len(lines),
            "movement_id": [one.where.movement or of_new[id(one)] for _number, one in lines],
            "kind": [kept.kind] * len(lines),
            "key": [one.where.report_key for _number, one in lines],
            "statement_id": [kept.pk] * len(lines),
            "place": [number for number, _one in lines],
            "booked_on": [one.line.booked_on for _number, one in lines],
        },
    )


def _enrich(client: Client, told: Sequence[_Told], by_giro_alone: set[int]) -> None:
    """What a file knows of a movement beyond the files before it; what they said is never changed.

    The one exception: the bank's own reference takes the place of the giro file's, when the second says so.
    """
    if not told:
        return
    texts = _texts(told)
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
                [one.where.movement for one in told],
                [one.where.movement in by_giro_alone for one in told],
                [one.line.is_reversal for one in told],
                [json.dumps(_remittances(one.line)) for one in told],
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

"""Rules, terms and acquirers, as the matching takes them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules import bank_rules
from nattbok.bank.rules.bank_rules import Mode, Rule
from nattbok.bank.rules.shape import Payout, PayoutAccounts, Terms
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.ledger.models import Party
from nattbok.ledger.rules import PartyKind

LAST_VERSIONS = """
SELECT DISTINCT ON (version.rule_id) version.id FROM bank_bankruleversion version
WHERE version.client_id = %s ORDER BY version.rule_id, version.number DESC
"""


def terms(client: Client) -> Terms:
    """What the client lets the robot post by itself."""
    kept = models.MatchingTerms.objects.filter(client=client).first()
    if kept is None:
        return Terms()
    return Terms(
        kept.unique_may_post,
        kept.fx_may_post,
        kept.closed_reference_holds,
        kept.largest,
        kept.per_night,
        kept.is_first_open_day,
    )


def last_versions(client: Client, rules: Collection[int] | None = None) -> list[models.BankRuleVersion]:
    """The version in force of each rule that is not deleted, in the order they are asked."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_VERSIONS, [client.pk])
        last = [pk for (pk,) in cursor.fetchall()]
    found = models.BankRuleVersion.objects.filter(client=client, pk__among=last, rule__is_deleted=False)
    if rules is not None:
        found = found.filter(rule__in=rules)
    return list(found.select_related("rule").order_by("rule__place", "rule_id"))


def rules(client: Client) -> list[Rule]:
    """The rules that are on, as the ladder uses them."""
    versions = [version for version in last_versions(client) if version.rule.is_on]
    return as_rules(client, versions)


def as_rules(client: Client, versions: Collection[models.BankRuleVersion]) -> list[Rule]:
    """Versions as the ladder uses them."""
    found = [
        Rule(
            id=version.rule_id,
            version=version.number,
            name=version.name,
            conditions=bank_rules.conditions(version.conditions),
            posting=bank_rules.posting(version.posting),
            place=version.rule.place,
            mode=Mode(version.mode),
            author=version.author,
            approved_by=version.approved_by,
            largest=version.largest,
            valid_from=version.valid_from,
            valid_through=version.valid_through,
            despite_open_items=version.despite_open_items,
            after_movement=version.after_movement,
        )
        for version in versions
    ]
    parties = {part.party for rule in found for part in rule.posting.parts if part.party}
    if not parties:
        return found
    accounts, names = party_accounts(client, parties)
    for rule in found:
        rule.party_accounts.update(accounts)
        rule.party_names.update(names)
    return found


def party_accounts(client: Client, parties: Collection[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Party → its control account, and party → its name."""
    law = country(client.country).accounts
    of_kind = {PartyKind.CUSTOMER.value: law.customers, PartyKind.SUPPLIER.value: law.suppliers}
    rows = list(Party.objects.filter(client=client, pk__among=parties).values_list("id", "kind", "name"))
    return {pk: of_kind[kind] for pk, kind, _name in rows}, {pk: name for pk, _kind, name in rows}


def payouts(client: Client) -> list[Payout]:
    """The settlement reports that are kept, with the accounts their payouts are posted on."""
    reports = list(models.PayoutReport.objects.filter(client=client).order_by("id"))
    if not reports:
        return []
    accounts = {one.source: one for one in models.AcquirerAccounts.objects.filter(client=client)}
    posted = posted_payouts(client)
    return [
        Payout(
            id=one.pk,
            source=one.source,
            payout_id=one.payout_id,
            gross=one.gross,
            fee=one.fee,
            refund=one.refund,
            reserve=one.reserve,
            net=one.net,
            adds_up=one.adds_up and one.currency in ("", client.currency),
            paid_on=one.paid_on,
            references=(one.reference,) if one.reference else (),
            accounts=_accounts(accounts.get(one.source) or accounts.get("")),
            is_posted=one.pk in posted,
            fee_vat=_fee_vat(one.rows),
        )
        for one in reports
    ]


def _fee_vat(rows: Sequence[Mapping]) -> Decimal | None:
    """The VAT of the fees, where the report's rows state any."""
    stated = [Decimal(row["fee_vat"]) for row in rows if "fee_vat" in row]
    return sum(stated, Decimal("0.00")) if stated else None


def _accounts(kept: models.AcquirerAccounts | None) -> PayoutAccounts | None:
    if kept is None:
        return None
    return PayoutAccounts(kept.clearing, kept.fee, kept.fee_vat_code, kept.refund, kept.reserve)


def posted_payouts(client: Client) -> set[int]:
    """The reports whose payout stands in the books."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (act.evidence ->> 'payout')::bigint FROM ledger_entry entry
            JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
            WHERE entry.client_id = %(client)s AND act.evidence ? 'payout'
                AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
                    WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
            """,
            {"client": client.pk},
        )
        return {pk for (pk,) in cursor.fetchall()}


def acquirers(client: Client) -> list[str]:
    """What stands in the payer's name of payouts, folded: those said, and those of the reports' sources."""
    said = models.AcquirerAccounts.objects.filter(client=client).exclude(payer="", source="")
    return sorted(
        {(payer or source).casefold() for payer, source in said.values_list("payer", "source")} - {""}
    )


def blocked_suppliers(client: Client) -> set[int]:
    """Suppliers to whose changed account something is to be paid, and nobody has confirmed it."""
    waiting = models.Payment.objects.filter(
        client=client, account_check="changed", confirmed_by__isnull=True, party__isnull=False
    ).exclude(state="cancelled")
    return set(waiting.values_list("party_id", flat=True))


def posted_of_night(client: Client, night: int | None):
    """What the night has posted of movements so far, without sign."""
    if night is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(abs((act.evidence ->> 'amount')::numeric)), 0)
            FROM trail_act act JOIN ledger_entry entry
                ON entry.client_id = act.client_id AND entry.act_id = act.id
            WHERE act.client_id = %s AND act.night = %s AND act.evidence ? 'movement'
            """,
            [client.pk, night],
        )
        return cursor.fetchone()[0]


def waiting_sums(client: Client, before: date) -> list[tuple[int, str, date, object, int]]:
    """Sum lines booked before a day whose details have not come: id, account, day, amount, payments."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH told AS (SELECT part_of_id AS id, sum(amount) AS amount FROM bank_movement
                WHERE client_id = %(client)s AND part_of_id IS NOT NULL GROUP BY 1)
            SELECT line.id, account.title, line.booked_on, line.amount, line.sums_up
            FROM bank_movement line JOIN bank_bankaccount account
                ON account.client_id = line.client_id AND account.id = line.account_id
            LEFT JOIN told ON told.id = line.id
            WHERE line.client_id = %(client)s AND line.sums_up > 0 AND line.booked_on < %(before)s
                AND line.amount <> coalesce(told.amount, 0)
            ORDER BY line.id
            """,
            {"client": client.pk, "before": before},
        )
        return cursor.fetchall()


def hits(client: Client) -> dict[tuple[int, int], dict[str, int]]:
    """(rule, version) → how many it posted by itself, how many were suggested and taken, how many undone."""
    found: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: {"robot": 0, "person": 0, "undone": 0})
    rows = models.BankRuleHit.objects.filter(client=client).values_list(
        "version__rule_id", "version__number", "by_robot", "act__undone_by"
    )
    for rule, number, by_robot, undone_by in rows:
        counted = found[rule, number]
        counted["robot" if by_robot else "person"] += 1
        counted["undone"] += by_robot and undone_by is not None
    return dict(found)

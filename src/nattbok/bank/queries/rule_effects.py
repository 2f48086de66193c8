"""What a rule would book now, and what it would have booked before, beside what people did."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.queries import waiting
from nattbok.bank.queries.deciding import decide
from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.bank.rules import bank_rules
from nattbok.bank.rules.bank_rules import Mode, Posting, Rule
from nattbok.bank.rules.bank_rules.learning import Booked
from nattbok.bank.rules.shape import Match, Payment
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.ledger.models import Account

HABITS = timedelta(days=400)  # how far back people's doings are looked at
MOST_TESTED = 5000
OTHERWISE = _("another step knows what it is")


@dataclass(frozen=True, slots=True)
class Effect:
    """A movement that the rule is about, and what it would post: (account, amount) by the ledger's signs."""

    movement: int
    booked_on: date
    amount: Decimal
    payer: str
    text: str
    lines: tuple[tuple[str, Decimal], ...]
    trouble: Words | None = None  # why it would post nothing
    was: tuple[tuple[str, Decimal], ...] = ()  # of a past one: what stands in the books
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the rule would have booked in the past, beside what was."""

    count: int
    same: int
    other: int
    nothing: int  # it held, and its lines could not be posted
    differing: tuple[Effect, ...]

    @property
    def percent(self) -> int:
        """How many of a hundred would have been as they were booked."""
        return round(100 * self.same / self.count) if self.count else 0


def decided(client: Client, rule: Rule) -> tuple[list[Match], list[Effect]]:
    """What the rule would post of what waits now; and what it is about but would leave."""
    alone = replace(
        rule, mode=Mode.POST, approved_by=rule.approved_by or "person:0", after_movement=0, largest=None
    )
    about = [
        one
        for one in waiting.unsettled(client)
        if bank_rules.is_valid_on(rule, one.booked_on) and bank_rules.holds(rule.conditions, one)
    ]
    if not about:
        return [], []
    found = decide(client, about, rule=alone)
    certain = [one for one in found.certain if one.evidence.get("rule") == rule.id]
    others = [
        Effect(one.payment.id, one.payment.booked_on, one.payment.amount, one.payment.payer_name,
               one.payment.text, (), one.reason)
        for one in found.unclear
    ]  # fmt: skip
    others += [_effect(one, Words(OTHERWISE)) for one in found.certain if one.evidence.get("rule") != rule.id]
    return certain, others


def effects(client: Client, rule: Rule) -> list[Effect]:
    """What the rule would book now, and after that what it holds for and would leave, with the reason."""
    certain, others = decided(client, rule)
    return [_effect(one) for one in certain] + others


def backlog(client: Client, rule: Rule) -> list[Match]:
    """What waits and the rule would post, oldest first."""
    return [replace(one, evidence=one.evidence | rule.told) for one in decided(client, rule)[0]]


def _effect(one: Match, trouble: Words | None = None) -> Effect:
    return Effect(
        one.payment.id,
        one.payment.booked_on,
        one.payment.amount,
        one.payment.payer_name,
        one.payment.text,
        tuple((line.account, line.amount) for line in one.lines),
        trouble,
    )


def back_test(client: Client, rule: Rule) -> BackTest:
    """The rule on what is in the books already: would it have posted the same?"""
    vat_codes = country(client.country).vat_codes
    same, nothing, differing, count = 0, 0, [], 0
    for one, was in _past(client):
        if not bank_rules.holds(rule.conditions, one):
            continue
        count += 1
        lines = bank_rules.lines(rule, one, vat_codes) if rule.posting.parts else ()
        if not isinstance(lines, tuple) or not lines:
            nothing += 1
            continue
        would = _summed((line.account, line.amount) for line in lines)
        effect = Effect(
            one.id, one.booked_on, one.amount, one.payer_name, one.text, would, None, was, would == was
        )
        same += effect.is_same
        if not effect.is_same:
            differing.append(effect)
    return BackTest(count, same, count - same - nothing, nothing, tuple(differing[:50]))


def _summed(lines) -> tuple[tuple[str, Decimal], ...]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for account, amount in lines:
        total[account] += amount
    return tuple(sorted((account, amount) for account, amount in total.items() if amount))


PAST = (
    """
SELECT movement.id, movement.amount, movement.booked_on, movement.text, movement.payer_name,
    movement.payer_account, movement.bank_code, movement.account_id, movement.reference, act.by,
    account.number, line.amount, line.vat_code, line.party_id, bank.account_id = line.account_id,
    line.vat_base IS NOT NULL
FROM (SELECT * FROM bank_movement WHERE client_id = %(client)s AND booked_on >= %(since)s AND sums_up = 0
      AND id NOT IN (SELECT movement.id FROM bank_movement movement
          WHERE movement.client_id = %(client)s AND """
    + UNPOSTED
    + """) ORDER BY id DESC LIMIT %(most)s) movement
JOIN bank_bankaccount bank ON bank.client_id = movement.client_id AND bank.id = movement.account_id
JOIN ledger_entry entry ON entry.client_id = movement.client_id AND entry.origin = 'movement:' || movement.id
    AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
        WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
JOIN ledger_line line ON line.client_id = entry.client_id AND line.entry_id = entry.id
JOIN ledger_account account ON account.client_id = line.client_id AND account.id = line.account_id
ORDER BY movement.id, line.number
"""
)


def _rows(client: Client, since: date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(PAST, {"client": client.pk, "since": since, "most": MOST_TESTED})
        return cursor.fetchall()


def _past(client: Client) -> list[tuple[Payment, tuple[tuple[str, Decimal], ...]]]:
    """Posted movements, and what stands for each beside the bank's own line."""
    payments: dict[int, Payment] = {}
    lines: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in _rows(client, date.min.replace(year=1900)):
        pk, amount, day, text, payer, payer_account, code, bank, reference, _by, number, value, *rest = row
        _vat_code, _party, is_bank, _is_vat = rest
        payments.setdefault(
            pk,
            Payment(pk, amount, day, reference, text=text, payer_name=payer, payer_account=payer_account,
                    bank_account=bank, bank_code=code),
        )  # fmt: skip
        if not is_bank:
            lines[pk].append((number, value))
    return [(payment, _summed(lines[pk])) for pk, payment in payments.items()]


def habits(client: Client) -> list[Booked]:
    """What was booked of movements in a year, each with its one account where there is one."""
    newest = models.Movement.objects.filter(client=client).order_by("-booked_on").first()
    if newest is None:
        return []
    found: dict[int, Booked] = {}
    for row in _rows(client, newest.booked_on - HABITS):
        pk, amount, day, text, payer, payer_account, code, _bank, _reference, by, number, _value, *rest = row
        vat_code, party, is_bank, is_vat = rest
        one = found.get(pk)
        if one is None:
            one = Booked(pk, day, amount, payer, payer_account, text, code, "?", "", by.startswith("person:"))
        if not is_bank and not is_vat:
            is_first = one.account == "?"
            one = replace(
                one,
                account=number if is_first and party is None else "",
                vat_code=vat_code if is_first and party is None else "",
            )
        found[pk] = one
    return [replace(one, account="") if one.account == "?" else one for one in found.values()]


def missing_accounts(client: Client, posting: Posting) -> list[str]:
    """The accounts that the posting names and nothing can be posted on without a party."""
    named = {part.account for part in posting.parts if part.account}
    named |= {one for one in (posting.clearing, posting.fee, posting.refund, posting.reserve) if one}
    there = Account.objects.filter(client=client, number__in=named, is_active=True, control="")
    return sorted(named - set(there.values_list("number", flat=True)))


def last_seen(client: Client, rule: Rule) -> date | None:
    """The day of the newest movement that the rule holds for."""
    since = (
        models.Movement.objects.filter(client=client)
        .order_by("-booked_on")
        .values_list("booked_on", flat=True)
    )
    newest = since.first()
    if newest is None:
        return None
    rows = models.Movement.objects.filter(client=client, booked_on__gte=newest - HABITS).order_by(
        "-booked_on", "-pk"
    )
    for one in rows:
        if bank_rules.holds(rule.conditions, payment_of(one)):
            return one.booked_on
    return None


def but_for_amount(client: Client, rule: Rule) -> list[Payment]:
    """What waits and the rule would hold for, were it not for the amount."""
    if rule.conditions.least is None and rule.conditions.most is None:
        return []
    without = replace(rule.conditions, least=None, most=None)
    return [
        one
        for one in waiting.unsettled(client)
        if bank_rules.holds(without, one) and not bank_rules.holds(rule.conditions, one)
    ]


def payment_of(one: models.Movement) -> Payment:
    """The movement as the rules see it, as far as a rule asks."""
    return Payment(
        one.pk,
        one.amount,
        one.booked_on,
        one.reference,
        text=one.text,
        payer_name=one.payer_name,
        payer_account=one.payer_account,
        bank_account=one.account_id,
        bank_code=one.bank_code,
    )

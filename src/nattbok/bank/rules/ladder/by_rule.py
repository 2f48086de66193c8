"""Step 6: a rule of the client's. Open items outrank it: what is owed is not booked as something else."""

from dataclasses import replace

from nattbok.bank.rules import bank_rules
from nattbok.bank.rules.bank_rules import Kind, Rule
from nattbok.bank.rules.ladder import settlements
from nattbok.bank.rules.ladder.state import State
from nattbok.bank.rules.shape import Match, Payment, PayoutAccounts, Step, Suggestion, Unclear
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem, PartyKind

SUGGESTS = _("The rule {rule} says so, and may not post by itself.")
CAPPED = _("The rule {rule} may post at most {largest} by itself.")
SEVERAL = _("{count} rules hold for it at once: {rules}.")
OWES = _("The rule {rule} holds, but {party} has {count} open items that this may pay.")
BACKLOG = _("The rule {rule} says so, but it came before the rule was let to post by itself.")
WAITS_FOR_REPORT = _("The rule {rule} says that it is a payout, and its settlement report has not come.")
BY_RULE = _("As the rule {rule} says")


def rule(state: State, payment: Payment) -> Match | Unclear | None:
    """Exactly one rule at the best place, whose lines sum to the payment."""
    best = holding(state, payment)
    if not best:
        return None
    if len(best) > 1:
        found = [(each, drafted(state, payment, each)) for each in best]
        names = ", ".join(each.name for each in best)
        values = {"count": len(best), "rules": names}
        offered = tuple(_offered(each, match) for each, match in found if isinstance(match, Match))
        return Unclear(payment, Step.RULE, Words(SEVERAL, values), suggestions=offered)
    (only,) = best
    match = drafted(state, payment, only)
    if isinstance(match, Words):
        return Unclear(payment, Step.RULE, match, evidence=only.told)
    told = {"rule": only.name}
    owed = [] if only.despite_open_items else owes(state, payment, only)
    if owed:
        # The later steps may say what it pays; the rule stays beside that as the other possibility.
        values = told | {"party": owed[0].party_name, "count": len(owed)}
        state.aside[payment.id].append(_offered(only, match, Words(OWES, values)))
        return None
    reason = _only_suggests(only, payment)
    if reason is not None:
        offered = (_offered(only, match),)
        return Unclear(payment, Step.RULE, reason, suggestions=offered, evidence=only.told)
    if "payout" in match.evidence:
        state.paid_out.add(match.evidence["payout"])
    return match


def _only_suggests(only: Rule, payment: Payment) -> Words | None:
    """Why the rule may not post this by itself; None when it may."""
    told = {"rule": only.name}
    if not only.may_post:
        return Words(SUGGESTS, told)
    if only.largest is not None and abs(payment.amount) > only.largest:
        return Words(CAPPED, told | {"largest": str(only.largest)})
    if payment.id <= only.after_movement:
        return Words(BACKLOG, told)
    return None


def holding(state: State, payment: Payment) -> list[Rule]:
    """The rules that hold for the payment at the best place there is."""
    best: list[Rule] = []
    for each in state.known.rules:  # in order of place
        if best and each.place > best[0].place:
            break
        if bank_rules.is_valid_on(each, payment.booked_on) and bank_rules.holds(each.conditions, payment):
            best.append(each)
    return best


def drafted(state: State, payment: Payment, each: Rule) -> Match | Words:
    """What the rule would post for the payment, or why it cannot."""
    if each.posting.kind is Kind.SETTLEMENT:
        return _payout(state, payment, each)
    lines = bank_rules.lines(each, payment, state.known.vat_codes)
    if isinstance(lines, Words):
        return lines
    return Match(payment, Step.RULE, (), lines=lines, evidence=each.told)


def _payout(state: State, payment: Payment, each: Rule) -> Match | Words:
    """A payout on the rule's own accounts: the report must still name it and agree."""
    payouts = [one for one in settlements.named(state, payment) if one.net == payment.amount and one.adds_up]
    if len(payouts) != 1 or payouts[0].id in state.paid_out:
        return Words(WAITS_FOR_REPORT, {"rule": each.name})
    said = each.posting
    accounts = PayoutAccounts(said.clearing, said.fee, said.fee_vat_code, said.refund, said.reserve)
    match = settlements.drafted(state, payment, payouts[0], accounts)
    if match is None:
        return Words(settlements.BAD_VAT, {"source": payouts[0].source, "code": said.fee_vat_code})
    return replace(match, step=Step.RULE, evidence=match.evidence | each.told)


def owes(state: State, payment: Payment, each: Rule) -> list[OpenItem]:
    """The payer's open items that this may pay. A rule onto the payer's own ledger takes nothing of them."""
    party = state.payer(payment)
    if not party or any(part.party == party for part in each.posting.parts):
        return []
    kind = PartyKind.CUSTOMER if payment.amount > 0 else PartyKind.SUPPLIER
    return [
        item
        for item in state.by_party.get(party, ())
        if item.party_kind is kind and state.left[item.id] * payment.amount > ZERO
    ]


def _offered(each: Rule, match: Match, why: Words | None = None) -> Suggestion:
    return Suggestion(match, Words(BY_RULE, {"rule": each.name}), why)

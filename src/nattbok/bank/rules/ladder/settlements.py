"""Step 5: an acquirer's payout, when its number and its net both agree with a report that adds up."""

import re

from nattbok.bank.rules import vat
from nattbok.bank.rules.ladder.state import State
from nattbok.bank.rules.shape import Match, OtherLine, Payment, Payout, PayoutAccounts, Step, Unclear
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import VatDirection

NET_DIFFERS = _("The settlement report {payout_id} says {net}, but {paid} was paid.")
NOT_WHOLE = _("The settlement report {payout_id} does not add up.")
POSTED_BEFORE = _("The settlement report {payout_id} is posted already.")
SEVERAL = _("{count} settlement reports have the number {payout_id}.")
NO_ACCOUNTS = _("It is not said on which accounts payouts from {source} are posted.")
NO_REPORT = _("It looks like a payout, and its settlement report has not come.")
BAD_VAT = _("The fee of payouts from {source} has a VAT code that cannot be used: {code}.")
_WORD = re.compile(r"[^\s,;:()]+")


def settlement(state: State, payment: Payment) -> Match | Unclear | None:
    """A payment that names a payout, by a whole word of its text or in its reference field."""
    payouts = named(state, payment)
    if not payouts:
        return _expected(state, payment)
    number = {"payout_id": payouts[0].payout_id}
    if len(payouts) > 1:
        return _no(payment, Words(SEVERAL, number | {"count": len(payouts)}))
    (payout,) = payouts
    values = number | {"net": str(payout.net), "paid": str(payment.amount), "source": payout.source}
    if payout.id in state.paid_out:
        return _no(payment, Words(POSTED_BEFORE, number))
    if not payout.adds_up:
        return _no(payment, Words(NOT_WHOLE, number))
    if payout.net != payment.amount:
        return _no(payment, Words(NET_DIFFERS, values))
    if payout.accounts is None:
        return _no(payment, Words(NO_ACCOUNTS, {"source": payout.source}))
    match = drafted(state, payment, payout, payout.accounts)
    if match is None:
        code = payout.accounts.fee_vat_code
        return _no(payment, Words(BAD_VAT, {"source": payout.source, "code": code}))
    state.paid_out.add(payout.id)
    return match


def drafted(state: State, payment: Payment, payout: Payout, accounts: PayoutAccounts) -> Match | None:
    """Gross to clearing, the fee with its VAT, refunds and reserve each to its account: the net."""
    name = f"{payout.source} {payout.payout_id}".strip()
    fee = OtherLine(accounts.fee, payout.fee, text=name)
    try:
        fees = _fees(state, payment, payout, accounts, fee)
    except (KeyError, ValueError):
        return None
    lines = (
        OtherLine(accounts.clearing, -payout.gross, text=name),
        *fees,
        OtherLine(accounts.refund or accounts.clearing, payout.refund, text=name),
        OtherLine(accounts.reserve or accounts.clearing, payout.reserve, text=name),
    )
    evidence = {
        "payout": payout.id,
        "payout_id": payout.payout_id,
        "source": payout.source,
        "gross": str(payout.gross),
        "fee": str(payout.fee),
        "refund": str(payout.refund),
        "reserve": str(payout.reserve),
        "net": str(payout.net),
    }
    return Match(
        payment, Step.SETTLEMENT, (), lines=tuple(line for line in lines if line.amount), evidence=evidence
    )


def _fees(
    state: State, payment: Payment, payout: Payout, accounts: PayoutAccounts, fee: OtherLine
) -> tuple[OtherLine, ...]:
    """The fee with its VAT: as much as the report states, else as the code says."""
    code, codes = accounts.fee_vat_code, state.known.vat_codes
    is_paid = code and codes[code].direction in (VatDirection.INPUT, VatDirection.OUTPUT)
    if payout.fee_vat is None or not is_paid:
        return vat.with_vat(fee, code, codes, on=payment.booked_on)
    return vat.with_stated_vat(fee, code, codes, payout.fee_vat, on=payment.booked_on)


def named(state: State, payment: Payment) -> list[Payout]:
    """The kept reports that the payment names, each once."""
    if not state.payouts:
        return []
    said = [
        payment.reference,
        payment.end_to_end_id,
        *(one.reference or one.invoice for one in payment.remittances),
    ]
    words = {word.upper() for word in (*said, *_WORD.findall(payment.text)) if word}
    words |= {word.rstrip(".").split(":")[-1] for word in words}
    found = {payout.id: payout for word in words for payout in state.payouts.get(word, ())}
    return list(found.values())


def _expected(state: State, payment: Payment) -> Unclear | None:
    """Money in from one that pays out settlements here, without a report: it waits for it."""
    if payment.amount <= ZERO or not state.known.acquirers or not payment.payer_name:
        return None
    payer = payment.payer_name.casefold()
    if not any(name in payer for name in state.known.acquirers):
        return None
    return _no(payment, Words(NO_REPORT))


def _no(payment: Payment, reason: Words) -> Unclear:
    return Unclear(payment, Step.SETTLEMENT, reason)

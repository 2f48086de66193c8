"""What speaks for a match, said so that a person sees at once why it was made."""

from nattbok.bank.rules.shape import Match, Step
from nattbok.base.words import _

REFERENCE = _("The reference {reference} is of exactly one unpaid invoice")
EXACT = _("The amount is exactly what is left")
PART = _("Less was paid than is left")
OVER = _("More was paid than is left")
ROUNDED = _("The rest of {rounding} is within the agreed rounding")
LISTED = _("Everything that it lists is known, of one customer, and sums to what was paid")
NUMBERED = _("The text names invoice {number} as a whole word")
PAYER = _("The payer's account was confirmed {confirmed} times before")
ALONE = _("No other items of the payer come to the amount")
SENT = _("It carries our own number {end_to_end_id}, and the amount is what we sent")
PAYOUT = _("It names the payout {payout_id}, and its report adds up to exactly the amount")
BY_RULE = _("All conditions of the rule {name} hold, and its lines sum to the amount")
APPROVED = _("The rule was approved by {approved_by}")
INSTRUCTED = _("What was sent, {instructed}, is what the invoice is of in its own currency")
MOVED = _("The day it was booked on is closed: it is posted on {posted_on}")


def signals(match: Match) -> list[dict]:
    """Sentences with their values, the weightiest first, as they are kept with the act."""
    said = {name: value for name, value in match.evidence.items() if isinstance(value, str | int)}
    found = [(text, said) for text in _BY_STEP.get(match.step, ())]
    if match.step in (Step.KID_PARTIAL, Step.KID_OVER):
        if match.rounding:
            found.append((ROUNDED, {"rounding": str(match.rounding)}))
        else:
            found.append((OVER if match.on_account else PART, {}))
    if match.posted_on:
        found.append((MOVED, {"posted_on": str(match.posted_on)}))
    return [{"text": text, "values": _needed(text, values)} for text, values in found]


def _needed(text: str, values: dict) -> dict:
    return {name: value for name, value in values.items() if f"{{{name}}}" in text}


_BY_STEP = {
    Step.OWN_PAYMENT: (SENT,),
    Step.KID_EXACT: (REFERENCE, EXACT),
    Step.KID_PARTIAL: (REFERENCE,),
    Step.KID_OVER: (REFERENCE,),
    Step.LIST: (LISTED,),
    Step.REF_AMOUNT: (NUMBERED, EXACT),
    Step.SETTLEMENT: (PAYOUT,),
    Step.RULE: (BY_RULE, APPROVED),
    Step.UNIQUE: (PAYER, EXACT, ALONE),
    Step.FX: (NUMBERED, INSTRUCTED),
}

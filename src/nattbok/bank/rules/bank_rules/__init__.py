"""Bank rules: what a person has said is to be done with payments that quote no reference of ours."""

from nattbok.bank.rules.bank_rules.applying import amount_in, holds, is_valid_on, lines
from nattbok.bank.rules.bank_rules.patterns import BadPattern
from nattbok.bank.rules.bank_rules.reading import BadRule, conditions, posting, written
from nattbok.bank.rules.bank_rules.shape import Conditions, Direction, Kind, Mode, Part, Posting, Rule, Takes

__all__ = [
    "BadPattern",
    "BadRule",
    "Conditions",
    "Direction",
    "Kind",
    "Mode",
    "Part",
    "Posting",
    "Rule",
    "Takes",
    "amount_in",
    "conditions",
    "holds",
    "is_valid_on",
    "lines",
    "posting",
    "written",
]

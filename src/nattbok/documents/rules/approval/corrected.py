"""What a correction in the books makes of an approved document: whether it is another purchase now, and how
the corrected entry reads as coding.
"""

from collections.abc import Sequence
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import Country, VatDirection
from nattbok.documents.rules.coded_lines import CodedLine
from nattbok.ledger.rules import LineDraft

IN_THE_BOOKS = _("corrected in the books")


def differs(before: Sequence[LineDraft], after: Sequence[LineDraft]) -> bool:
    """Whether a yes to what was posted `before` is no yes to what is posted `after`.

    The yes holds where only texts and the order of the lines are others. It does not where an account, an
    amount, the VAT, a project or department, the spread, whom it is owed to, or when and by which reference
    it is paid, is another.
    """
    return sorted(map(_essence, before)) != sorted(map(_essence, after))


def _essence(line: LineDraft) -> tuple:
    return (
        line.account,
        line.amount,
        line.vat_code,
        line.vat_amount or ZERO,
        line.party or 0,
        str(line.due_on or ""),
        line.number,
        line.reference,
        sorted((line.dimensions or {}).items()),
        str(line.spread or ""),
    )


def owed(lines: Sequence[LineDraft]) -> Decimal:
    """What the entry owes, signed as the document would ask for it."""
    return -sum((line.amount for line in lines if line.party is not None), ZERO)


def coding(lines: Sequence[LineDraft], law: Country) -> tuple[CodedLine, ...]:
    """The cost lines of a corrected entry, each with its VAT: what the approvers are shown from now on.

    The VAT of a code that the buyer owes themselves is on no document, and is in no line here.
    """
    found = []
    for line in lines:
        if line.party is not None or line.vat_base is not None:
            continue
        code = law.vat_codes.get(line.vat_code)
        own = line.vat_amount or ZERO
        is_stated = code is not None and code.direction is VatDirection.INPUT
        is_in_cost = code is not None and code.direction is VatDirection.REVERSE and not code.is_deductible
        spread = line.spread
        found.append(
            CodedLine(
                spread.account if spread else line.account,
                line.vat_code,
                line.amount - own if is_in_cost else line.amount,
                own if is_stated else ZERO,
                Words(IN_THE_BOOKS),
                text=line.text,
                dimensions=line.dimensions,
                months=spread.months if spread else 0,
                first=spread.first if spread else None,
            )
        )
    return tuple(found)

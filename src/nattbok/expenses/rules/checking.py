"""What is missing in a claim, what its receipts come to, and which of them were there before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.countries.country import Country
from nattbok.expenses.rules.shape import Claim, Receipt, TooMuchVat

RATE_DAYS = timedelta(days=7)  # so old a rate may be, over weekends and holidays
HUNDRED = Decimal(100)
SLACK = Decimal("0.01")  # shops round each article

NO_PURPOSE = _("what it was for")
NO_FROM = _("the first day")
NO_TO = _("the last day")
NO_ACCOUNT = _("the account number to be paid to")
NO_RECEIPTS = _("at least one receipt")
WRONG_DAYS = _("a last day that is not before the first")


def missing(claim: Claim, *, law: Country, currency: str, today: date) -> list[Words]:
    """What stands in the way of handing the claim in, each named; nothing when it is complete."""
    found = []
    for is_there, words in (
        (claim.purpose.strip(), NO_PURPOSE),
        (claim.from_on, NO_FROM),
        (claim.to_on, NO_TO),
        (claim.account, NO_ACCOUNT),
        (claim.receipts, NO_RECEIPTS),
    ):
        if not is_there:
            found.append(Words(words))
    if claim.from_on and claim.to_on and claim.to_on < claim.from_on:
        found.append(Words(WRONG_DAYS))
    for place, receipt in enumerate(claim.receipts, start=1):
        values = {"place": place, "shop": receipt.shop or "–"}
        found += [Words(text, values) for text in lacking(receipt, law=law, currency=currency, today=today)]
    return found


def lacking(receipt: Receipt, *, law: Country, currency: str, today: date) -> list[str]:
    """What one receipt lacks, as marked texts with {place} and {shop}."""
    category = law.expenses.get(receipt.category)
    is_foreign = bool(receipt.currency) and receipt.currency != currency
    wanted = (
        (category is not None, _("the kind of receipt {place} ({shop})")),
        (bool(receipt.shop.strip()), _("the shop of receipt {place}")),
        (receipt.paid_on is not None, _("the day of receipt {place} ({shop})")),
        (
            receipt.paid_on is None or receipt.paid_on <= today,
            _("a day of receipt {place} ({shop}) that is not yet to come"),
        ),
        (receipt.paid is not None and receipt.paid > 0, _("the amount of receipt {place} ({shop})")),
        (not is_foreign or receipt.rate is not None, _("the exchange rate of receipt {place} ({shop})")),
        (
            receipt.file is not None or bool(receipt.why_no_file.strip()),
            _("a picture of receipt {place} ({shop}), or why there is none"),
        ),
        (
            category is None or not category.needs_participants or bool(receipt.text.strip()),
            _("who took part, and why, at receipt {place} ({shop})"),
        ),
    )
    return [text for is_there, text in wanted if not is_there]


def converted(paid: Decimal, rate: Decimal) -> Decimal:
    """`paid` in the client's currency, whole øre, halves away from zero; `rate` is for one unit."""
    return rounded(paid * rate)


def rate_of(rates: Iterable[tuple[date, Decimal, str]], on: date) -> tuple[date, Decimal, str] | None:
    """The rate of the day, or the last one before it when there was none, at most a week old.

    With its own day, and who says so.
    """
    return max((each for each in rates if on - RATE_DAYS <= each[0] <= on), default=None)


def vat_code(receipt: Receipt, *, law: Country, currency: str) -> tuple[str, Decimal]:
    """The VAT code of a receipt's line and the VAT that is deducted with it.

    VAT is deducted when the category lets it, it was paid in the country, and it is what one of the
    category's rates makes of the amount. Otherwise all of it is cost, which is never too little tax.
    """
    category = law.expenses.get(receipt.category)
    if category is None or receipt.amount is None or receipt.vat <= 0 or receipt.paid_on is None:
        return law.no_vat_code, ZERO
    if receipt.currency not in ("", currency):
        return law.no_vat_code, ZERO
    for code in category.vat_codes:
        if abs(receipt.vat - most_vat(receipt.amount, law.vat_codes[code].rate(receipt.paid_on))) <= SLACK:
            return code, receipt.vat
    return law.no_vat_code, ZERO


def most_vat(amount: Decimal, percent: Decimal) -> Decimal:
    """The VAT in an amount that includes it, whole øre."""
    return rounded(amount * percent / (HUNDRED + percent))


def check_vat(amount: Decimal, vat: Decimal, *, law: Country, on: date) -> None:
    """TooMuchVat when no rate of the country makes so much of the amount."""
    rates = [code.rate(on) for code in law.vat_codes.values() if code.rates[0][0] <= on]
    most = most_vat(amount, max(rates, default=ZERO)) + SLACK
    if vat > most:
        raise TooMuchVat(vat=vat, amount=amount, most=most)


def alike(receipt: Receipt, others: Sequence[Receipt]) -> list[Receipt]:
    """The other receipts of the same day and amount, or the same picture: maybe the same one, twice."""
    same = (receipt.paid_on, receipt.currency, receipt.paid)
    return [
        other
        for other in others
        if other.id != receipt.id
        and (
            (receipt.file is not None and other.file == receipt.file)
            or (None not in same and (other.paid_on, other.currency, other.paid) == same)
        )
    ]


def content(claim: Claim, files: Mapping[int, str]) -> dict:
    """Exactly what a yes is bound to: all that is posted, and the SHA-256 of each picture."""
    return {
        "claim": claim.id,
        "person": claim.person,
        "purpose": claim.purpose,
        "from_on": claim.from_on,
        "to_on": claim.to_on,
        "account": claim.account,
        "total": claim.total,
        "receipts": [
            {
                "category": one.category,
                "shop": one.shop,
                "paid_on": one.paid_on,
                "currency": one.currency,
                "paid": one.paid,
                "rate": None if one.rate is None else f"{one.rate:.8f}",
                "amount": one.amount,
                "vat": one.vat,
                "text": one.text,
                "why_no_file": one.why_no_file,
                "sha256": files.get(one.file, "") if one.file is not None else "",
                "dimensions": dict(one.dimensions),
            }
            for one in claim.receipts
        ],
    }


def print_of(claim: Claim, files: Mapping[int, str]) -> str:
    """The SHA-256 of what a yes to the claim is bound to."""
    return fingerprint(canonical(content(claim, files)))

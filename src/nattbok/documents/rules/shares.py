"""Split keys: how a cost is shared by accounts, departments and projects, exact to the øre."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from nattbok.base.errors import Refused
from nattbok.base.money import split
from nattbok.base.words import _

MOST_SHARES = 40
LARGEST = 10**6
_PLACES = Decimal("0.0001")


class BadShares(Refused):
    """A split key has positive shares."""

    message = _("“{written}” is not a share: write a number above zero, such as 60 or 33.33.")


class TooManyShares(Refused):
    """A split key is read by people."""

    message = _("A split key has at most {most} parts.")


class ShareWithoutAccount(Refused):
    """Each part says where it goes."""

    message = _("Part {number} of the split key has no account, and none is set for the supplier.")


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a split key. Shares are weights: 60 and 40, or 1, 1 and 1."""

    share: Decimal
    account: str = ""  # blank: the account that is set beside the key
    dimensions: Mapping[str, str] | None = None


def divided(amount: Decimal, shares: Sequence[Share]) -> list[Decimal]:
    """`amount` by the shares, each part in whole øre; the parts always sum to `amount`.

    What rounding leaves goes øre by øre to the parts with the largest remainders, the first of equals first.
    """
    return split(amount, [each.share for each in shares])


def read(rows: Sequence[Mapping], *, account: str = "") -> tuple[Share, ...]:
    """A split key as it is kept or typed: rows with share, account and dimensions. Raises what is wrong."""
    if len(rows) > MOST_SHARES:
        raise TooManyShares(most=MOST_SHARES)
    found = []
    for number, row in enumerate(rows, 1):
        written = str(row.get("share", "")).strip().replace(",", ".")
        try:
            share = Decimal(written)
        except InvalidOperation:
            raise BadShares(written=written[:40]) from None
        if not share.is_finite() or not 0 < share <= LARGEST or share != share.quantize(_PLACES):
            raise BadShares(written=written[:40])
        own = str(row.get("account") or "").strip()
        if not (own or account):
            raise ShareWithoutAccount(number=number)
        dimensions = {
            str(name)[:40]: str(value)[:60] for name, value in (row.get("dimensions") or {}).items() if value
        }
        found.append(Share(share, own, dimensions or None))
    return tuple(found)


def written(shares: Sequence[Share]) -> list[dict]:
    """A split key as JSON can hold it."""
    return [
        {
            "share": f"{each.share.normalize():f}",
            "account": each.account,
            "dimensions": dict(each.dimensions) if each.dimensions else None,
        }
        for each in shares
    ]

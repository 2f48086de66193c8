"""Bank and books over the days, drawn as lines: a picture without script or style of the page's."""

from collections.abc import Sequence
from decimal import Decimal

from nattbok.bank.rules.reconciliation import Day

WIDTH, HEIGHT, EDGE = 720, 140, 8
DRAWN = {"bank": 'stroke="#1d4f80"', "books": 'stroke="#b4540a" stroke-dasharray="5 3"'}


def plot(days: Sequence[Day]) -> str:
    """An SVG of both balances by day; the bank's line is whole, the books' is dashed."""
    told = [day for day in days if day.bank is not None]
    sides = [("bank", [day.bank for day in told]), ("books", [day.books for day in told])]
    amounts = [amount for _name, side in sides for amount in side] or [Decimal(0)]
    low, high = min(amounts), max(amounts)
    lines = "".join(
        f'<polyline fill="none" stroke-width="2" {DRAWN[name]} points="{_points(side, low, high)}"/>'
        for name, side in sides
        if side
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}"><rect width="100%" height="100%" fill="#fff"/>{lines}</svg>'
    )


def _points(side: Sequence[Decimal], low: Decimal, high: Decimal) -> str:
    """Steps: a balance stands until the next day's."""
    across, up = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    found = []
    for place, amount in enumerate(side):
        y = HEIGHT - EDGE - (float((amount - low) / (high - low)) if high > low else 0.5) * up
        found += [f"{EDGE + across * end / len(side):.1f},{y:.1f}" for end in (place, place + 1)]
    return " ".join(found)

"""Net, VAT and total as one answer: what adds up, with the VAT of each legal rate.

A difference is allowed only where a rounding is printed, and one øre for the VAT of a rate. No total is made
up: it is an amount that is printed, and it counts for most when it stands with a label of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from nattbok.base.money import ORE, ZERO, rounded
from nattbok.countries.country import Country, VatDirection
from nattbok.reading import amounts, labels
from nattbok.reading.candidates import Amount
from nattbok.reading.labels import Label
from nattbok.reading.print import Hit, Print

MOST_TOTALS, MOST_OTHERS = 14, 14
LARGEST_ROUNDING = Decimal("1.00")
NO_RIVAL = 0.2  # a total whose label is so much weaker is no rival: an item under the heading "Totalt"
SAME_EDGE = 0.02  # of the page's width
HUNDRED = Decimal(100)
_ELSEWHERE = tuple(Decimal(rate) for rate in ("25.5", "25", "24", "23", "22", "21", "20", "19", "7"))
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?[%º]")
_RATE_ALONE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]0{1,2})?)(?![\d.,])")


@dataclass(frozen=True, slots=True)
class Rated:
    """The VAT of one rate as it is printed; `base` is None where only the VAT is."""

    rate: Decimal
    base: Decimal | None
    vat: Decimal
    hit: Hit
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The VAT of one rate; `is_certain` when both amounts are printed, or can be nothing else."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """One answer. The hits are where the amounts stand; None where one is not printed."""

    total: Decimal
    net: Decimal | None = None
    vat: Decimal | None = None
    rounding: Decimal = ZERO
    lines: tuple[Line, ...] = ()
    total_hit: Hit | None = None
    net_hit: Hit | None = None
    vat_hit: Hit | None = None
    strength: float = 0.0  # of the total's own label
    score: float = 0.0
    agrees: bool = False
    is_labelled: bool = False  # total, and VAT or net, stand with labels
    others: tuple[Decimal, ...] = field(default=())  # other totals that add up as well, or nearly as strong


def legal_rates(country: Country, on: date) -> frozenset[Decimal]:
    """The rates in force for purchases at home on a day, nought among them."""
    found = {Decimal(0)}
    for code in country.vat_codes.values():
        if code.direction is VatDirection.INPUT:
            try:
                found.add(code.rate(on).normalize() + 0)
            except ValueError:
                continue
    return frozenset(found)


def solve(document: Print, found: Sequence[Amount], country: Country, on: date) -> Sums | None:
    """The best answer, or None when there is no amount that can be the total."""
    legal = legal_rates(country, on)
    rated = _unique(tuple(_rated(document, found, legal)))
    totals = _totals(found)
    if not totals:
        return None
    nets = _labelled(found, Label.NET, Label.VAT_BASE)
    vats = _labelled(found, Label.VAT)
    roundings = [(ZERO, 0.0)] + [
        (one.amount, 0.2)
        for one in found
        if one.hit.strength(Label.ROUNDING) and ZERO < abs(one.amount) <= LARGEST_ROUNDING
    ]
    answers = [
        answer
        for total, strength in totals
        for answer in _answers(total, strength, nets, vats, rated, roundings, legal)
    ]
    best: dict[Decimal, Sums] = {}
    for answer in answers:
        if answer.total not in best or answer.score > best[answer.total].score:
            best[answer.total] = answer
    ranked = sorted(best.values(), key=lambda answer: -answer.score)
    first = ranked[0]
    if first.agrees and any(not line.is_certain for line in first.lines):
        first = replace(first, lines=_by_items(first, found))
    others = tuple(
        one.total
        for one in ranked[1:]
        if one.total != first.total
        and one.agrees == first.agrees
        and one.strength >= max(0.6, first.strength - NO_RIVAL)
        and not _is_summed_up(one.total_hit, first.total_hit)
        and not _overlap(Amount(one.total, one.total_hit), Amount(first.total, first.total_hit))
    )
    return replace(first, others=others or tuple(one.total for one in ranked[1:2] if not first.agrees))


def _is_summed_up(one: Hit, total: Hit) -> bool:
    """Whether an amount with nothing but a heading stands in the column whose sum the total is."""
    is_in_column = abs(one.box.right - total.box.right) < SAME_EDGE and one.cell.row < total.cell.row
    return is_in_column and one.left is None and total.left is not None


def _totals(found: Sequence[Amount]) -> list[tuple[Amount, float]]:
    """The amounts that may be the total, each value once, with the strength of its label."""
    best: dict[Decimal, tuple[Amount, float]] = {}
    for one in found:
        if not one.amount:
            continue
        strength = max(one.hit.strength(Label.TOTAL), 0.55 * one.hit.strength(Label.SUM))
        if one.hit.strength(Label.BALANCE, Label.ROUNDING):
            strength = 0.0
        elif not strength and one.hit.strength(Label.PAID):
            strength = 0.4
        if one.is_whole and strength < 0.5:
            continue
        if one.amount not in best or strength > best[one.amount][1]:
            best[one.amount] = (one, strength)
    ranked = sorted(best.values(), key=lambda pair: (-pair[1], -abs(pair[0].amount)))
    return ranked[:MOST_TOTALS]


def _labelled(found: Sequence[Amount], *wanted: Label) -> list[tuple[Amount, float]]:
    best: dict[Decimal, tuple[Amount, float]] = {}
    for one in found:
        strength = one.hit.strength(*wanted)
        if strength and (one.amount not in best or strength > best[one.amount][1]):
            best[one.amount] = (one, strength)
    return sorted(best.values(), key=lambda pair: -pair[1])[:MOST_OTHERS]


def _rated(document: Print, found: Sequence[Amount], legal: frozenset[Decimal]) -> Iterator[Rated]:
    """The rows that tell of the VAT of one rate."""
    by_row: dict[int, list[Amount]] = {}
    for one in found:
        by_row.setdefault(one.hit.cell.row, []).append(one)
    for number, of_row in by_row.items():
        row = document.rows[number]
        text = "  ".join(cell.text for cell in row)
        rates = {_percent(match[1]) for match in _PERCENT.finditer(text)}
        is_percent = bool(rates)
        if not rates:
            rest = (_without_amounts(cell.text, document.decimal, legal) for cell in row)
            rates = {_percent(match[1]) for text in rest for match in _RATE_ALONE.finditer(text)}
            rates -= {Decimal(0)}
        known = [rate for rate in rates if rate in legal or (is_percent and rate in _ELSEWHERE)]
        if len(known) != 1:
            continue
        rate = known[0]
        spotted = [one.hit.strength(Label.VAT) for one in of_row]
        beside = labels.fold("".join(cell.text for cell in row))
        is_labelled = max(spotted) > 0 or any(word in beside for word in ("mva", "moms", "vat", "avgift"))
        yield from _of_rate(rate, of_row, is_labelled, is_percent)


def _without_amounts(text: str, decimal: str, rates: frozenset[Decimal]) -> str:
    """The text with its amounts cut out, but for 25,00: the 6 of 6 001,17 is no rate."""
    for one in reversed(list(amounts.find(text, decimal))):
        if one.amount not in rates:
            text = f"{text[: one.start]}|{text[one.end :]}"
    return text


def _of_rate(rate: Decimal, of_row: Sequence[Amount], is_labelled: bool, is_percent: bool) -> Iterator[Rated]:
    for one in of_row:
        if one.is_whole:
            continue
        for other in of_row:
            is_pair = (
                other is not one
                and not other.is_whole
                and one.amount
                and abs(vat_of(one.amount, rate) - other.amount) <= ORE
            )
            if is_pair and (rate or is_labelled or len(of_row) <= 3) and not _overlap(one, other):
                yield Rated(rate, one.amount, other.amount, one.hit, is_labelled)
    if not is_percent or not is_labelled:
        return
    if rate and len({one.amount for one in of_row}) <= 2:
        labelled = [one for one in of_row if one.hit.strength(Label.VAT)] or list(of_row[-1:])
        for one in labelled:
            yield Rated(rate, None, one.amount, one.hit, True)
    elif not rate and any(not one.amount for one in of_row):
        zero = next(one for one in of_row if not one.amount)
        yield Rated(rate, None, ZERO, zero.hit, True)


def _overlap(one: Amount, other: Amount) -> bool:
    """Whether two amounts are two readings of the same figures."""
    return one.hit.cell is other.hit.cell and one.hit.start < other.hit.end and other.hit.start < one.hit.end


def _unique(rated: Sequence[Rated]) -> tuple[Rated, ...]:
    """One for each rate and VAT, the fullest: with its base, and with a label."""
    best: dict[tuple[Decimal, Decimal], Rated] = {}
    for one in rated:
        key = one.rate, one.vat if one.rate else (one.base or ZERO)
        old = best.get(key)
        if old is None or (one.base is not None, one.is_labelled) > (old.base is not None, old.is_labelled):
            best[key] = one
    if any(one.rate == 0 and one.base is not None for one in best.values()):
        best = {key: one for key, one in best.items() if one.rate or one.base is not None}
    return tuple(best.values())


def vat_of(base: Decimal, rate: Decimal) -> Decimal:
    """The VAT on `base` at `rate` percent, to the øre."""
    return rounded(base * rate / HUNDRED)


def _percent(text: str) -> Decimal:
    return Decimal(text.replace(",", ".")).normalize() + 0


def _answers(total, strength, nets, vats, rated, roundings, legal) -> Iterator[Sums]:
    """All answers in which the amount is the total."""
    one: Amount = total
    plain = Sums(one.amount, total_hit=one.hit, strength=strength, score=2 * strength)
    yield plain
    for rounding, cost in roundings:
        # What is rounded off is printed with a sign or without.
        for turn in {rounding, -rounding}:
            before = one.amount - turn
            for answer in _with_lines(plain, before, nets, vats, rated):
                yield replace(answer, rounding=turn, score=answer.score - cost + (0.5 if turn else 0))
            for answer in _without_lines(plain, before, nets, vats, legal):
                yield replace(answer, rounding=turn, score=answer.score - cost + (0.5 if turn else 0))


def _with_lines(plain: Sums, before: Decimal, nets, vats, rated: Sequence[Rated]) -> Iterator[Sums]:
    """Answers in which the rows of rates are the VAT, one row for each rate."""
    for chosen in _choices(rated):
        vat = sum((one.vat for one in chosen), ZERO)
        net = before - vat
        if net * vat < 0 or (not net and vat):
            continue
        open_lines = [one for one in chosen if one.base is None]
        left = net - sum((one.base for one in chosen if one.base is not None), ZERO)
        lines = _bases(chosen, open_lines, left)
        if lines is None:
            continue
        net_hit, net_strength = _printed(nets, net)
        vat_hit, vat_strength = _printed(vats, vat)
        if vat_hit is None and len(chosen) == 1:
            vat_hit, vat_strength = chosen[0].hit, 0.8 * chosen[0].is_labelled
        if net_hit is None and not open_lines and len(chosen) == 1:
            net_hit = chosen[0].hit
        full = sum(one.base is not None for one in chosen)
        marked = sum(one.is_labelled for one in chosen)
        score = plain.score + 2 + net_strength + vat_strength + 0.6 * full + 0.3 * marked
        is_labelled = (
            plain.strength >= 0.5
            and (bool(marked) or vat_strength > 0.5)
            and (net_strength > 0.5 or full == len(chosen) or bool(vat_strength))
        )
        yield replace(
            plain, net=net, vat=vat, lines=lines, net_hit=net_hit, vat_hit=vat_hit,
            score=score, agrees=True, is_labelled=is_labelled,
        )  # fmt: skip


def _choices(rated: Sequence[Rated]) -> Iterator[tuple[Rated, ...]]:
    """Every way to take one row for each of some rates; more rates first."""
    by_rate: dict[Decimal, list[Rated]] = {}
    for one in rated:
        by_rate.setdefault(one.rate, []).append(one)
    ways: list[tuple[Rated, ...]] = [()]
    for rows in list(by_rate.values())[:4]:
        ways = [(*way, row) for way in ways for row in rows[:6]] + ways
    yield from (way for way in ways[:400] if way)


def _bases(chosen: Sequence[Rated], open_lines: Sequence[Rated], left: Decimal) -> tuple[Line, ...] | None:
    """The lines with their bases, where `left` is for those that print none; None when it does not fit."""
    if not open_lines:
        if left:
            return None
        return tuple(Line(one.rate, one.base, one.vat, True) for one in chosen)
    if len(open_lines) == 1:
        (one,) = open_lines
        if one.rate and abs(vat_of(left, one.rate) - one.vat) > ORE:
            return None
        bases = {id(one): left}
        is_certain = True
    else:
        bases = _shared(open_lines, left)
        if bases is None:
            return None
        # With a rate of nought among them, its base is what is left, to within what rounding hides.
        is_certain = False
    return tuple(
        Line(
            one.rate,
            bases[id(one)] if one.base is None else one.base,
            one.vat,
            is_certain or one.base is not None,
        )
        for one in chosen
    )


def _shared(open_lines: Sequence[Rated], left: Decimal) -> dict[int, Decimal] | None:
    """Bases that add up to `left`, each within what rounds to its VAT; the first guess, not the only one."""
    bases = {id(one): rounded(one.vat * HUNDRED / one.rate) for one in open_lines if one.rate}
    rest = left - sum(bases.values(), ZERO)
    zero = [one for one in open_lines if not one.rate]
    if zero:
        if rest * left < 0:
            return None
        bases[id(zero[0])] = rest
        return bases if len(zero) == 1 else None
    # The lowest rate hides most in its rounding.
    for one in sorted(open_lines, key=lambda one: one.rate):
        slack = ORE * HUNDRED / one.rate / 2 + ORE / 2
        move = max(-slack, min(slack, rest)).quantize(ORE)
        bases[id(one)] += move
        rest -= move
    return bases if not rest else None


def _printed(printed, wanted: Decimal) -> tuple[Hit | None, float]:
    for one, strength in printed:
        if one.amount == wanted:
            return one.hit, strength
    return None, 0.0


def _without_lines(plain: Sums, before: Decimal, nets, vats, legal) -> Iterator[Sums]:
    """Answers with no row of rates: the rate follows from net and VAT."""
    for one, strength in vats:
        if not one.amount or abs(one.amount) >= abs(before):
            continue
        net = before - one.amount
        net_hit, net_strength = _printed(nets, net)
        rate = _rate(net, one.amount, legal)
        if rate is None and net_hit is None:
            continue
        lines = (Line(rate, net, one.amount, True),) if rate is not None else ()
        yield replace(
            plain, net=net, vat=one.amount, lines=lines, net_hit=net_hit, vat_hit=one.hit, agrees=True,
            score=plain.score + 1.5 + strength + net_strength + 0.5 * bool(lines),
            is_labelled=plain.strength >= 0.5 and strength > 0.5 and net_strength > 0.5,
        )  # fmt: skip
    for one, strength in nets:
        vat = before - one.amount
        rate = _rate(one.amount, vat, legal) if one.amount else None
        if rate:
            yield replace(
                plain, net=one.amount, vat=vat, lines=(Line(rate, one.amount, vat, True),), net_hit=one.hit,
                score=plain.score + 1 + strength, agrees=True,
            )  # fmt: skip
        elif rate == 0 and any(not zero.amount for zero, _strength in vats):
            yield replace(
                plain, net=one.amount, vat=ZERO, lines=(Line(Decimal(0), one.amount, ZERO, True),),
                net_hit=one.hit, score=plain.score + 1 + strength, agrees=True,
                is_labelled=plain.strength >= 0.5 and strength > 0.5,
            )  # fmt: skip


def _rate(net: Decimal, vat: Decimal, legal) -> Decimal | None:
    """The legal rate that makes this VAT of this net, when it is one only."""
    fitting = [rate for rate in legal if abs(vat_of(net, rate) - vat) <= ORE]
    return fitting[0] if len(fitting) == 1 else None


def _by_items(answer: Sums, found: Sequence[Amount]) -> tuple[Line, ...]:
    """Bases told apart by the items, where prices hold the VAT: each rate's sum of items, VAT taken out.

    A receipt prints the VAT of each rate and no base. The items of a rate come to a gross amount whose VAT,
    rounded, is the one printed; where one sum of items alone fits, the base is known.
    """
    items = [
        one.amount
        for one in found
        if one.hit.order < answer.total_hit.order
        and not one.hit.strength(Label.TOTAL, Label.VAT, Label.NET)
        and ZERO < abs(one.amount) < abs(answer.total)
    ][:14]
    sums = {ZERO}
    for item in items:
        sums |= {one + item for one in sums}
    lines = list(answer.lines)
    unsure = [line for line in lines if not line.is_certain and line.rate]
    settled: dict[Decimal, Decimal] = {}
    for line in unsure:
        gross = line.base + line.vat
        fitting = {
            one - line.vat
            for one in sums
            if abs(one - gross) <= Decimal("0.25")
            and rounded(one * line.rate / (HUNDRED + line.rate)) == line.vat
        }
        if len(fitting) == 1:
            settled[line.rate] = fitting.pop()
    open_rates = [line for line in unsure if line.rate not in settled]
    rest = (
        answer.net - sum(settled.values(), ZERO) - sum((line.base for line in lines if line.is_certain), ZERO)
    )
    if (
        len(open_rates) == 1
        and settled
        and len(unsure) == len(settled) + 1
        and not any(not line.rate and not line.is_certain for line in lines)
    ):
        settled[open_rates[0].rate] = rest
        open_rates = []
    if open_rates or sum(settled.values(), ZERO) != answer.net - sum(
        (line.base for line in lines if line.is_certain or not line.rate), ZERO
    ):
        return answer.lines
    return tuple(
        replace(line, base=settled[line.rate], is_certain=False) if line.rate in settled else line
        for line in lines
    )

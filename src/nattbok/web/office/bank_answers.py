"""What the forms of the bank reconciliation say, carried out: one deed for each form."""

from collections.abc import Sequence

from django.http import QueryDict
from django.utils import timezone

from nattbok.bank.actions import pairing, taking_back, telling_apart
from nattbok.bank.actions.pairing import Choice
from nattbok.bank.rules.by_hand import NothingChosen, Rest
from nattbok.base.written import read_amount, read_day
from nattbok.clients.models import Client
from nattbok.ledger.queries import parties
from nattbok.trail.queries import deed
from nattbok.web.page import NotAsAsked

SPLIT_ROWS = 4


def row_id(written: str) -> int | None:
    """The id of a row as an address or a form has it; None when it has none."""
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        raise NotAsAsked(written=written[:40])
    return int(written)


def carry_out(
    client: Client, account: int, line: int | None, marked: list[int], post: QueryDict, by: str
) -> int | None:
    """Carry out one answer; the line to come back to when the list must be made anew."""
    what = post.get("do", "")
    if what == "undo":
        taken = taking_back.take_back_last(client, account, by=by)
        found = deed(client, taken).evidence.get("movements") or [None]
        return found[0] or 0  # 0: anew, and no line to come back to
    if line is None:
        raise NothingChosen()
    match what:
        case "proposal":
            _propose(client, line, marked, post.get("answer", ""), by)
        case "pay":
            _pay(client, marked, post, by)
        case "split":
            pairing.split(client, line, _parts(client, post), by=by)
        case "voucher":
            pairing.split(client, line, [_part(client, post, "")], by=by)
        case "transfer":
            kind, _colon, number = post.get("to", "").partition(":")
            target = {"other": row_id(number)} if kind == "line" else {"account": row_id(number)}
            pairing.transfer(client, line, by=by, **target)
        case "postpone" | "ask":
            day = read_day(post.get("until", ""), near=timezone.localdate())
            for each in marked:
                pairing.postpone(
                    client, each, note=post.get("note", ""), by=by, until=day, is_asked=what == "ask"
                )
        case "other":
            telling_apart.not_the_same(client, line, by=by)
            return line
        case "same":
            telling_apart.the_same(client, line, row_id(post.get("other", "")) or 0, by=by)
        case "unmatch":
            taking_back.unmatch(client, [line], by=by, why=post.get("why", "").strip()[:300] or "–")
            return line
        case _:
            raise NothingChosen()
    return None


def _propose(client: Client, line: int, marked: list[int], answer: str, by: str) -> None:
    kind, _colon, written = answer.partition(":")
    number = row_id(written)
    match kind:
        case "accept" if number is not None:
            pairing.accept(client, line, number, by=by)
        case "pay" if number is not None:
            pairing.pay(client, marked, {number: None}, by=by)
        case "pair" if number is not None:
            pairing.pair(client, marked, [number], by=by)
        case "transfer" if number is not None:
            pairing.transfer(client, line, other=number, by=by)
        case _:
            raise NothingChosen()


def _pay(client: Client, marked: Sequence[int], post: QueryDict, by: str) -> None:
    items = {row_id(each): read_amount(post.get(f"amount-{each}", "")) for each in post.getlist("item")[:200]}
    book = [row_id(each) for each in post.getlist("book")[:200]]
    if book and not items:
        pairing.pair(client, marked, book, by=by)
        return
    rest = post.get("rest", "")
    pairing.pay(client, marked, items, rest=Rest(rest) if rest in set(Rest) else Rest.NONE, by=by)


def _parts(client: Client, post: QueryDict) -> list[Choice]:
    rows = [_part(client, post, f"-{row}") for row in range(1, SPLIT_ROWS + 1)]
    return [row for row in rows if row.account or row.item is not None or row.party is not None]


def _part(client: Client, post: QueryDict, row: str) -> Choice:
    """A row of the form: an account by its number, or a party by its own number and name."""
    party = post.get(f"party{row}", "").strip()
    found = (
        next((one.id for one in parties(client) if f"{one.number} {one.name}" == party), None)
        if party
        else None
    )
    if party and found is None:
        raise NothingChosen()
    item = row_id(post.get(f"item{row}", ""))
    return Choice(
        read_amount(post.get(f"amount{row}", "")),
        item,
        "" if item is not None or found else post.get(f"account{row}", "").split(" ")[0][:10],
        post.get(f"vat_code{row}", "")[:10],
        " ".join(post.get(f"text{row}", "").replace("\0", "").split())[:300],
        found,
    )

"""Lines of a random night that pay several items, or that only their amount speaks for."""

from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Remittance
from nattbok.sandbox.bank.night_world import REFERENCE, Item, Making


def _listed(items: list[Item], *, with_number: bool = True, with_reference: bool = True) -> dict[str, object]:
    return {
        "remittances": tuple(
            Remittance(
                reference=item.reference if with_reference or not with_number else "",
                invoice=item.number if with_number or item.amount < 0 else "",
                amount=item.amount,
                is_credit_note=item.amount < 0,
            )
            for item in items
        ),
        "bank_code": REFERENCE,
    }


def _all(items: list[Item]) -> list[tuple[Item, Decimal]]:
    return [(item, item.amount) for item in items]


def list_structured(making: Making) -> None:
    """Several invoices, each with its number, reference and amount."""
    payer = making.payer()
    items = [making.item(payer) for _ in range(making.random.randint(2, 5))]
    total = sum((item.amount for item in items), ZERO)
    ways = making.random.choice(((True, True), (True, False), (False, True)))
    listed = _listed(items, with_number=ways[0], with_reference=ways[1])
    making.line(total, "LIST", "post", payer=payer, allocations=_all(items), **listed)


def list_credit_note(making: Making) -> None:
    """Invoices and a credit note."""
    payer = making.payer()
    items = [making.item(payer, making.amount(2_000)) for _ in range(2)]
    items.append(making.item(payer, -making.amount(50, 900)))
    total = sum((item.amount for item in items), ZERO)
    note = "list with a credit note"
    making.line(total, "LIST", "post", payer=payer, allocations=_all(items), note=note, **_listed(items))


def list_short(making: Making) -> None:
    """The list does not come to the payment."""
    payer = making.payer()
    items = [making.item(payer, making.amount(2_000)) for _ in range(2)]
    total = sum((item.amount for item in items), ZERO) - 10
    making.line(
        total,
        "SUGGEST",
        "suggest",
        payer=payer,
        allocations=_all(items),
        note="structured list does not add up to the transaction (10.00): not unattended",
        **_listed(items, with_number=False),
    )


def list_of_two_customers(making: Making) -> None:
    """Items of two customers in one list, though it adds up."""
    payer, other = making.random.sample(making.payers, 2)
    items = [making.item(payer), making.item(other)]
    total = sum((item.amount for item in items), ZERO)
    making.line(
        total,
        "SUGGEST",
        "suggest",
        payer=payer,
        allocations=_all(items),
        note="the list names items of two customers: not unattended",
        **_listed(items),
    )


def list_in_text(making: Making) -> None:
    """The invoices' numbers in free text, and what is open of them is what was paid."""
    payer = making.payer()
    items = [making.item(payer) for _ in range(making.random.randint(2, 3))]
    numbers = [item.number for item in items]
    word = "og" if making.code == "NO" else "och"
    making.line(
        sum((item.amount for item in items), ZERO),
        "LIST",
        "post",
        payer=payer,
        text=f"Faktura {', '.join(numbers[:-1])} {word} {numbers[-1]}",
        allocations=_all(items),
    )


def _says_nothing(making: Making) -> str:
    return making.random.choice(("Betaling" if making.code == "NO" else "Betalning", ""))


def subset(making: Making) -> None:
    """One set of a known payer's items comes to the amount."""
    payer = making.own_payer()
    items = [making.item(payer) for _ in range(making.random.randint(3, 4))]
    paid = items[:2]
    making.line(
        sum((item.amount for item in paid), ZERO),
        "SUBSET",
        "suggest",
        payer=payer,
        text=_says_nothing(making),
        allocations=_all(paid),
        note="only one subset of this payer adds up: suggestion, never unattended",
        only_amount_of=payer,
        solutions=1,
    )


def subset_ambiguous(making: Making) -> None:
    """Two sets come to it."""
    payer = making.own_payer()
    one, other = making.amount(), making.amount()
    for amount in (one, other, one + other):
        making.item(payer, amount)
    making.used.add(one + other)
    making.line(
        one + other,
        "SUBSET",
        "hold",
        payer=payer,
        text=_says_nothing(making),
        note=f"{one + other} = one invoice or {one}+{other}: ambiguous, show both, choose none",
        only_amount_of=payer,
        solutions=2,
    )


def unique(making: Making) -> None:
    """A payer known by its account, and one item of exactly this amount."""
    payer = making.own_payer()
    item = making.item(payer)
    making.line(
        item.amount,
        "UNIQUE",
        "suggest",
        payer=payer,
        allocations=[(item, item.amount)],
        note="no text; payer account confirmed twice before, one open item of exactly this amount: "
        "suggestion by default, may post only if the client has opted in",
        may_post_if_opted_in=True,
        only_amount_of=payer,
        solutions=1,
    )


def owed_by_two(making: Making) -> None:
    """Two customers owe the amount, and the payer is neither."""
    amount = making.amount()
    for payer in making.random.sample(making.payers, 2):
        making.item(payer, amount)
    making.line(
        amount,
        "NONE",
        "hold",
        counterparty_name="Felles Regnskap AS" if making.code == "NO" else "Gemensam Redovisning AB",
        note="two customers owe exactly this amount and the payer is neither",
    )

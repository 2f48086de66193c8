"""Every kind of line that a random night can have, with the one right answer. See facts on the ladder."""

from collections.abc import Callable
from decimal import Decimal

from nattbok.base.money import ZERO, rounded
from nattbok.formats.bank.shape import Remittance, Status
from nattbok.sandbox.bank.night_world import ABROAD, CARD, FEE, REFERENCE, Item, Making, Payer
from nattbok.sandbox.making.amounts import ore

Kind = Callable[[Making], None]


def _quoted(making: Making, item: Item, amount: Decimal, step: str, outcome: str, **about: object) -> None:
    """A payment of `amount` with the item's reference."""
    making.line(
        amount,
        step,
        outcome,
        payer=item.payer,
        reference=item.reference,
        remittances=(Remittance(reference=item.reference),),
        bank_code=REFERENCE,
        is_giro=True,
        **about,
    )


def kid_exact(making: Making) -> None:
    """The reference and the amount are of one item."""
    item = making.item(making.payer())
    _quoted(making, item, item.amount, "KID_EXACT", "post", allocations=[(item, item.amount)])


def kid_exact_of_the_rest(making: Making) -> None:
    """Part of it was paid before tonight, the rest is paid now."""
    amount, rest = making.amount(3_000), making.amount(400, 2_500)
    item = making.item(making.payer(), amount, open_=rest)
    note = f"{ore(amount - rest)} was paid before"
    _quoted(making, item, rest, "KID_EXACT", "post", allocations=[(item, rest)], note=note)


def kid_partial(making: Making) -> None:
    """Less than is open, by more than anybody rounds."""
    item = making.item(making.payer(), making.amount(900))
    while not making.take(paid := ore(Decimal(int(item.amount * making.random.randint(3, 8) / 10)))):
        pass
    note = f"under-payment: invoice stays open with {item.amount - paid}"
    _quoted(making, item, paid, "KID_PARTIAL", "post", allocations=[(item, paid)], note=note)


def kid_in_two_parts(making: Making) -> None:
    """Both halves on the same day: the second finds what the first left."""
    item = making.item(making.payer(), making.amount(2_000))
    first = ore(Decimal(int(item.amount / 3)))
    note = "two payments of one invoice on one day"
    _quoted(making, item, first, "KID_PARTIAL", "post", allocations=[(item, first)], note=note)
    rest = item.amount - first
    _quoted(making, item, rest, "KID_EXACT", "post", allocations=[(item, rest)], note=note)


def kid_over(making: Making) -> None:
    """More than is open; the rest is the customer's."""
    item = making.item(making.payer())
    more = ore(Decimal(making.random.randint(40, 900)))
    note = f"over-payment: {more} stays as an unallocated credit on the customer, with a task"
    _quoted(
        making,
        item,
        item.amount + more,
        "KID_OVER",
        "post",
        allocations=[(item, item.amount)],
        unallocated=more,
        note=note,
    )


def kid_closed(making: Making) -> None:
    """The invoice is paid already."""
    item = making.item(making.payer(), open_=ZERO)
    note = "second payment of a closed invoice: customer is certain, invoice is not; task"
    _quoted(making, item, item.amount, "KID_CLOSED", "post_on_account", customer=item.payer.id, note=note)


def kid_unknown(making: Making) -> None:
    """Well formed, and nobody's."""
    while making.is_known(
        reference := making.law.references.make(f"99{making.random.randrange(10**7):07}8", length=None)
    ):
        pass
    making.line(
        making.amount(),
        "KID_UNKNOWN",
        "hold",
        reference=reference,
        remittances=(Remittance(reference=reference),),
        bank_code=REFERENCE,
        counterparty_name="Ukjent Betaler AS" if making.code == "NO" else "Okänd Betalare AB",
        is_giro=True,
        note="check digit is right, no such item: never fall through to amount matching",
    )


def kid_invalid(making: Making) -> None:
    """The check digit is wrong, in the field for references; the amount and the payer are right."""
    item = making.item(making.payer())
    making.line(
        item.amount,
        "KID_INVALID",
        "hold",
        payer=item.payer,
        reference=(wrong := _wrong(making, item)),
        remittances=(Remittance(reference=wrong),),
        bank_code=REFERENCE,
        note="wrong check digit in the reference field: held, with the near references as help",
    )


def kid_wrong_in_text(making: Making) -> None:
    """The check digit is wrong, in free text."""
    item = making.item(making.payer())
    word = "KID" if making.code == "NO" else "OCR"
    making.line(
        item.amount,
        "SUGGEST",
        "suggest",
        payer=item.payer,
        text=f"{word} {_wrong(making, item)}",
        allocations=[(item, item.amount)],
        note="wrong check digit in free text; amount and payer agree: suggestion only",
    )


def _wrong(making: Making, item: Item) -> str:
    is_valid = making.law.references.is_valid
    choices = (f"{item.reference[:-1]}{digit}" for digit in making.random.sample("0123456789", 10))
    return next(one for one in choices if not is_valid(one) and not making.is_known(one))


def number_and_amount(making: Making) -> None:
    """The text has one invoice's number, and the amount is what is open of it."""
    item = making.item(making.payer())
    forms = ("Faktura {}", "faktura nr. {}", "Fakt {}", "{}", "Betaling {}")
    making.line(
        item.amount,
        "REF_AMOUNT",
        "post",
        payer=item.payer,
        text=making.random.choice(forms).format(item.number),
        allocations=[(item, item.amount)],
    )


def number_short(making: Making) -> None:
    """The number is right and the amount is not."""
    item = making.item(making.payer(), making.amount(2_000))
    while not making.take(paid := item.amount - making.random.choice((10, 50, 100, 125))):
        pass
    making.line(
        paid,
        "SUGGEST",
        "suggest",
        payer=item.payer,
        text=f"faktura nr. {item.number}",
        allocations=[(item, paid)],
        note=f"number right, amount {item.amount - paid} short: suggestion",
    )


def longer_number(making: Making) -> None:
    """The number is only part of longer ones."""
    item = making.item(making.payer())
    random = making.random
    while True:
        first, second = f"{item.number}{random.randrange(10)}", f"{random.randrange(1, 10)}{item.number}77"
        if not making.is_known(first) and not making.is_known(second):
            break
    making.line(
        making.amount(),
        "NONE",
        "hold",
        counterparty_name=item.payer.name,
        text=f"Levbet {first} (ref {second})",
        note="invoice number only occurs inside longer numbers: no match at all",
    )


def told_twice(making: Making) -> None:
    """One payment that the notice has two times."""
    item = making.item(making.payer())
    _quoted(making, item, item.amount, "KID_EXACT", "post", allocations=[(item, item.amount)])
    first = making.lines[-1].transaction
    making.line(
        item.amount,
        "DUPLICATE",
        "ignore",
        payer=item.payer,
        reference=item.reference,
        remittances=first.remittances,
        bank_code=REFERENCE,
        bank_reference=first.bank_reference,
        note="same bank reference (AcctSvcrRef) reported again in the same feed",
        on_statement=False,
    )


def twins(making: Making) -> None:
    """Two real payments of the same amount by the same payer on the same day."""
    payer = making.payer()
    amount = making.amount()
    for note in ("two genuine payments, same payer, amount and day", "not a duplicate: other bank reference"):
        item = making.item(payer, amount)
        _quoted(making, item, amount, "KID_EXACT", "post", allocations=[(item, amount)], note=note)


def abroad(making: Making) -> None:
    """An invoice in euro, paid in euro, which the bank changed."""
    payer = making.payer()
    owed = ore(Decimal(making.random.randrange(300, 5_000, 50)))
    item = making.item(payer, owed, currency="EUR")
    rate = Decimal(making.random.randint(109_000, 119_000)) / 10_000
    making.line(
        rounded(owed * rate),
        "REF_AMOUNT",
        "suggest",
        counterparty_name=payer.name,
        text=f"Invoice {item.number}",
        bank_code=ABROAD,
        instructed_amount=owed,
        instructed_currency="EUR",
        allocations=[(item, owed)],
        note="instructed amount equals the EUR item and the number is right, but the payment was converted: "
        "suggestion with the exchange difference shown; unattended only with a client setting",
    )


def abroad_short(making: Making) -> None:
    """The sender's bank took a fee on the way."""
    payer = making.payer()
    owed = ore(Decimal(making.random.randrange(500, 5_000, 50)))
    item = making.item(payer, owed, currency="EUR")
    rate = Decimal(making.random.randint(109_000, 119_000)) / 10_000
    making.line(
        rounded((owed - 15) * rate),
        "SUGGEST",
        "suggest",
        counterparty_name=payer.name,
        text=f"Invoice {item.number}",
        bank_code=ABROAD,
        instructed_amount=owed - 15,
        instructed_currency="EUR",
        charges=Decimal("150.00"),
        allocations=[(item, owed - 15)],
        note="sender bank took a fee on the way: short by 15 EUR",
    )


def pending(making: Making) -> None:
    """Not booked yet."""
    making.line(
        making.amount(),
        "NOT_BOOKED",
        "ignore",
        counterparty_name=making.payer().name,
        status=Status.PENDING,
        note="status PDNG: never post; it comes back as BOOK with another reference",
        on_notice=False,
    )


def card(making: Making) -> None:
    """A card purchase that no rule knows."""
    making.line(
        -making.amount(50, 3_000),
        "NONE",
        "hold",
        text=f"*{making.random.randrange(10**4):04} {making.as_of:%d.%m} EUR 12.50 CAFE DEMO Kurs: 11.5200",
        bank_code=CARD,
        note="a card purchase, and no rule says where it belongs",
        on_notice=False,
    )


def fee_too_large(making: Making) -> None:
    """A fee beyond what the rule for fees may take."""
    making.line(
        -making.amount(600, 3_000),
        "NONE",
        "hold",
        text="Etableringsgebyr" if making.code == "NO" else "Upplägg kredit",
        bank_code=FEE,
        note="more than the rule for fees may take",
        on_notice=False,
    )


def whole_kroner_over(making: Making) -> None:
    """Rounded up to whole kroner by the payer."""
    item = making.item(making.payer(), _with_ore(making, 51, 90))
    _rounding(making, item, Decimal(int(item.amount) + 1))


def whole_kroner_short(making: Making) -> None:
    """Rounded down to whole kroner by the payer."""
    item = making.item(making.payer(), _with_ore(making, 20, 90))
    _rounding(making, item, Decimal(int(item.amount)))


def _with_ore(making: Making, least: int, most: int) -> Decimal:
    while not making.take(
        amount := ore(Decimal(making.random.randint(500, 9_000)))
        + ore(Decimal(making.random.randint(least, most)) / 100)
    ):
        pass
    return amount


def _rounding(making: Making, item: Item, paid: Decimal) -> None:
    over = ore(paid) - item.amount
    is_rounding = abs(over) <= Decimal(making.settings["rounding_limit"])
    step = "KID_OVER" if over > 0 else "KID_PARTIAL"
    about: dict[str, object] = {"rounding": over} if is_rounding else {}
    if over > 0:
        about["unallocated"] = over
    allocated = item.amount if over > 0 or is_rounding else ore(paid)
    note = "inside the client's rounding limit" if is_rounding else "the client does not round"
    _quoted(making, item, paid, step, "post", allocations=[(item, allocated)], note=note, **about)


def background(making: Making, payer: Payer) -> None:
    """An invoice that nobody pays tonight."""
    making.item(payer)

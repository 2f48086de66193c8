"""Lines of a random night that rules, settlement reports and sent payments explain."""

from decimal import Decimal

from nattbok.base.money import ZERO, rounded
from nattbok.sandbox.bank.night_world import FEE, INTEREST, OUT, RETURN, Making, Row
from nattbok.sandbox.making.amounts import ore

_SPLITS = {
    "NO": (("DINERS CLUB", "Diners Club Demo"), ("AMEX", "American Demo"), ("TELLER", "Teller Demo AS")),
    "SE": (("DINERS CLUB", "Diners Club Demo"), ("BABS", "Babs Demo AB"), ("TELLER", "Teller Demo AB")),
}
_SPLIT_WORDS = {"NO": ("OPPGJOR", "BRUTTO", "GEBYR"), "SE": ("REDOVISNING", "BRUTTO", "AVGIFT")}
_SPLIT_ACCOUNTS = {"NO": ("1582", "7770"), "SE": ("1580", "6570")}
_INTEREST = {"NO": ("KREDITRENTER", "8051"), "SE": ("RÄNTA", "8311")}
_FEES = {"NO": ("Transaksjonsgebyr", "7770"), "SE": ("PRIS BETALNINGAR", "6570")}
_POWER = {
    "NO": ("KRAFTLAGET", "Kraftlaget Demo AS", "6340"),
    "SE": ("ELBOLAGET", "Elbolaget Demo AB", "5020"),
}
_ACQUIRERS = {
    "NO": ("VIPPS MOBILEPAY AS", "Utbetaling {}"),
    "SE": ("KORTINLOSEN DEMO AB", "KORTINLOSEN {}"),
}
_NO_REPORT_YET = "no report with this payout id yet: wait for the report, do not split by a percentage"


def add_rules(making: Making) -> None:
    """The client's rules, in random order, under ids in that order."""
    code, split = making.code, making.random.choice(_SPLITS[making.code])
    making.settings["_split"] = split
    gross, fee = _SPLIT_ACCOUNTS[code]
    words = _SPLIT_WORDS[code]
    fee_when: Row = {"text_contains": _FEES[code][0]} if code == "SE" else {"btc": FEE}
    found = {
        "split": {
            "name": f"{split[0].title()} med gebyr" if code == "NO" else f"{split[0].title()} med avgift",
            "when": {"text_contains": split[0], "direction": "CRDT"},
            "post": "split",
            "gross_regex": f"{words[1]} ([0-9]+,[0-9]{{2}})",
            "fee_regex": f"{words[2]} ([0-9]+,[0-9]{{2}})",
            "accounts": {"gross": gross, "fee": fee},
            "auto": True,
        },
        "interest": {
            "name": "Renter" if code == "NO" else "Ränta",
            "when": {"text_contains": _INTEREST[code][0], "direction": "CRDT"},
            "post": "account",
            "accounts": {"net": _INTEREST[code][1]},
            "auto": True,
        },
        "fee": {
            "name": "Bankgebyr" if code == "NO" else "Bankavgift",
            "when": {**fee_when, "direction": "DBIT", "amount_max": "500.00"},
            "post": "account",
            "accounts": {"net": _FEES[code][1]},
            "auto": True,
        },
        "power": {
            "name": "Strøm" if code == "NO" else "El",
            "when": {"text_contains": _POWER[code][0], "direction": "DBIT"},
            "post": "account",
            "accounts": {"net": _POWER[code][2]},
            "auto": False,
        },
    }
    if code == "SE":
        found["tax"] = {
            "name": "Skattekonto",
            "when": {"text_contains": "SKATTEVERKET", "direction": "DBIT"},
            "post": "account",
            "accounts": {"net": "1630"},
            "auto": True,
        }
        found["acquirer"] = {
            "name": "Kortinlösen netto",
            "when": {"text_contains": "KORTINLOSEN", "direction": "CRDT"},
            "post": "settlement",
            "accounts": {"gross": gross, "fee": fee},
            "auto": True,
        }
    kinds = making.random.sample(list(found), len(found))
    making.settings["_rules"] = {kind: f"R{place}" for place, kind in enumerate(kinds, 1)}
    making.rules += [{"id": f"R{place}", **found[kind]} for place, kind in enumerate(kinds, 1)]


def _rule(making: Making, kind: str) -> str:
    return making.settings["_rules"][kind]


def _comma(amount: Decimal) -> str:
    return f"{ore(amount):.2f}".replace(".", ",")


def _split_text(making: Making, gross: Decimal, fee: Decimal) -> tuple[str, str]:
    text, name = making.settings["_split"]
    first, second, third = _SPLIT_WORDS[making.code]
    return f"{text} {first} {second} {_comma(gross)} {third} {_comma(fee)}", name


def split(making: Making) -> None:
    """A settlement whose text says gross and fee, which come to the line."""
    rule = _rule(making, "split")
    gross = making.amount(1_000)
    fee = rounded(gross * making.random.randint(180, 300) / 10_000)
    text, name = _split_text(making, gross, fee)
    to_gross, to_fee = _SPLIT_ACCOUNTS[making.code]
    making.line(
        gross - fee,
        "RULE",
        "post",
        counterparty_name=name,
        text=text,
        rule=rule,
        lines=[{"account": to_gross, "amount": str(-gross)}, {"account": to_fee, "amount": str(fee)}],
        note=f"{rule} splits: gross {gross}, fee {fee}; {gross}-{fee} = {gross - fee}",
    )


def split_wrong(making: Making) -> None:
    """Gross and fee do not come to the line."""
    rule = _rule(making, "split")
    gross = making.amount(1_000)
    fee = rounded(gross * making.random.randint(180, 300) / 10_000)
    text, name = _split_text(making, gross, fee)
    net = gross - fee - making.random.choice((10, -10, Decimal("0.01")))
    making.line(
        net,
        "RULE",
        "hold",
        counterparty_name=name,
        text=text,
        rule=rule,
        note=f"{rule} matches but {gross}-{fee} is not {net}: a rule that does not balance posts nothing",
    )


def interest(making: Making) -> None:
    """Interest from the bank."""
    text, account = _INTEREST[making.code]
    _simple(making, "interest", making.amount(5, 300), account, text=text, bank_code=INTEREST)


def fee(making: Making) -> None:
    """A fee within what its rule may take."""
    text, account = _FEES[making.code]
    amount = -making.amount(20, 490)
    _simple(making, "fee", amount, account, text=text, bank_code=FEE, on_notice=False)


def tax(making: Making) -> None:
    """Tax paid (SE)."""
    text = f"SKATTEVERKET 1655{making.random.randrange(10**8):08}"
    amount = -making.amount(4_000, 60_000)
    name = "Skatteverket"
    _simple(making, "tax", amount, "1630", text=text, counterparty_name=name, on_notice=False)


def _simple(making: Making, kind: str, amount: Decimal, account: str, **about: object) -> None:
    lines = [{"account": account, "amount": str(-amount)}]
    making.line(amount, "RULE", "post", rule=_rule(making, kind), lines=lines, **about)


def rule_not_auto(making: Making) -> None:
    """A rule that nobody has let act alone."""
    text, name, account = _POWER[making.code]
    amount = -making.amount(500, 9_000)
    making.line(
        amount,
        "RULE",
        "suggest",
        counterparty_name=name,
        text=text,
        rule=_rule(making, "power"),
        lines=[{"account": account, "amount": str(-amount)}],
        note="rule exists but auto is off: suggestion",
        on_notice=False,
    )


def rot(making: Making) -> None:
    """Skatteverket pays its part of an invoice (SE)."""
    item = making.item(making.payer(), making.amount(9_000, 30_000))
    while not making.take(paid := ore(Decimal(int(item.amount * making.random.randint(20, 40) / 100)))):
        pass
    making.line(
        paid,
        "SUGGEST",
        "suggest",
        counterparty_name="Skatteverket",
        text=f"ROT {item.number}",
        allocations=[(item, paid)],
        note="Skatteverket pays the ROT part of an invoice: other payer, part amount: suggestion",
    )


def _report(making: Making, *, is_wrong: bool = False) -> Row:
    random = making.random
    lines = []
    for place in range(random.randint(3, 12)):
        gross = making.amount(100, 3_000)
        fee = rounded(gross * Decimal("0.0275"))
        order = f"W{5000 + place:05}"
        lines.append({"order": order, "gross": str(gross), "fee": str(fee), "net": str(gross - fee)})
    gross = sum((Decimal(one["gross"]) for one in lines), ZERO)
    fee = sum((Decimal(one["fee"]) for one in lines), ZERO)
    refund = ore(Decimal(random.choice((0, 0, 100, 300))))
    if refund:
        lines.append({"order": "W04711", "gross": str(-refund), "fee": "0.00", "net": str(-refund)})
    if is_wrong:
        gross += Decimal("12.00")  # the total does not come from the lines
    return {
        "payout_id": f"V2{random.randrange(10**6):06}",
        "date": making.as_of.isoformat(),
        "gross": str(gross),
        "fee": str(fee),
        "refund": str(refund),
        "net": str(gross - fee - refund),
        "lines": lines,
    }


def _paid_out(making: Making, payout: str, net: Decimal, outcome: str, note: str, **about: object) -> None:
    name, text = _ACQUIRERS[making.code]
    making.line(
        net,
        "SETTLEMENT",
        outcome,
        counterparty_name=name,
        text=text.format(payout),
        note=note,
        **about,
    )


def settlement(making: Making) -> None:
    """A payout whose report is here."""
    report = _report(making)
    making.settlements.append(report)
    note = "payout id and net agree with the settlement report, and the report adds up"
    payout, net = report["payout_id"], Decimal(report["net"])
    _paid_out(making, payout, net, "post", note, settlement=payout)


def settlement_no_report(making: Making) -> None:
    """A payout whose report has not come."""
    _paid_out(making, f"V29{making.random.randrange(10**5):05}", making.amount(), "hold", _NO_REPORT_YET)


def settlement_other_net(making: Making) -> None:
    """The report says another amount than came."""
    report = _report(making)
    making.settlements.append(report)
    note = "the payout id is right, but the report's net is another amount"
    _paid_out(making, report["payout_id"], Decimal(report["net"]) - 12, "hold", note)


def settlement_wrong_report(making: Making) -> None:
    """The report does not add up."""
    report = _report(making, is_wrong=True)
    making.settlements.append(report)
    note = "payout id and net agree, but the report's lines do not come to its totals"
    _paid_out(making, report["payout_id"], Decimal(report["net"]), "hold", note)


def _send(making: Making, amount: Decimal, status: str = "ACCP") -> Row:
    place = len(making.sent) + 1
    row = {
        "e2e": f"BD{making.as_of:%y%m%d}-{place:04}",
        "amount": str(amount),
        "supplier": f"L{20000 + place}",
        "status": status,
    }
    making.sent.append(row)
    return row


def _supplier(making: Making) -> str:
    return f"Leverandør {len(making.sent)} AS" if making.code == "NO" else f"Leverantör {len(making.sent)} AB"


def own_payment(making: Making) -> None:
    """A payment we sent was executed."""
    amount = making.amount()
    sent = _send(making, amount)
    making.line(
        -amount,
        "OWN_PAYMENT",
        "post",
        counterparty_name=_supplier(making),
        end_to_end_id=sent["e2e"],
        payment=sent["e2e"],
        note="EndToEndId of a payment we sent, amount equal: close the supplier item",
        on_notice=False,
    )


def own_payment_differs(making: Making) -> None:
    """Our id, another amount."""
    amount = making.amount(1_000)
    sent = _send(making, amount + 30)
    making.line(
        -amount,
        "OWN_PAYMENT",
        "hold",
        counterparty_name=_supplier(making),
        end_to_end_id=sent["e2e"],
        note="EndToEndId of a payment we sent, but the amount is another: nothing is closed",
        on_notice=False,
    )


def own_payment_rejected(making: Making) -> None:
    """Our id, and the bank had rejected it."""
    amount = making.amount()
    sent = _send(making, amount, "RJCT")
    making.line(
        -amount,
        "OWN_PAYMENT",
        "hold",
        counterparty_name=_supplier(making),
        end_to_end_id=sent["e2e"],
        note="EndToEndId of a payment that the bank has rejected: a person looks",
        on_notice=False,
    )


def returned(making: Making) -> None:
    """A payment we sent came back."""
    amount = making.amount()
    sent = _send(making, amount)
    making.line(
        amount,
        "RETURN",
        "suggest",
        counterparty_name=_supplier(making),
        end_to_end_id=sent["e2e"],
        text="Retur",
        bank_code=RETURN,
        return_reason="AC04",
        payment=sent["e2e"],
        note="our payment came back (AC04 closed account): re-open the supplier item after a person has "
        "looked",
    )


def paid_in_the_net_bank(making: Making) -> None:
    """Money out that we did not send."""
    making.line(
        -making.amount(),
        "NONE",
        "hold",
        counterparty_name="Husleie Demo AS" if making.code == "NO" else "Hyra Demo AB",
        bank_code=OUT,
        note="money out that was not ordered here, and no rule explains it",
        on_notice=False,
    )

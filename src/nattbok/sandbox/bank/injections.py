"""What happens to an account from outside: customers pay in every way, the bank charges, the state refunds.

Each takes the account and what it is told about: amounts as Decimal or text, an invoice as {"reference",
"number", "amount"}, the payer as {"name", "account"}. It gives what the bank calls the line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Remittance, Transaction
from nattbok.sandbox.bank import books
from nattbok.sandbox.bank.core import RATES, Core, exchanged
from nattbok.sandbox.bank.night_world import ABROAD, CARD, FEE, INTEREST, OTHER, OUT, REFERENCE
from nattbok.sandbox.bank.shape import Account
from nattbok.sandbox.making.amounts import ore
from nattbok.sandbox.writing import settlement

DIRECT_DEBIT, CARD_BACK = "PMNT-RDDT-OTHR", "PMNT-CCRD-RIMB"
_WORDS = {
    "NO": {"fee": "Transaksjonsgebyr", "interest": "KREDITRENTER", "invoice": "Faktura", "and": "og"},
    "SE": {"fee": "PRIS BETALNINGAR", "interest": "RÄNTA", "invoice": "Faktura", "and": "och"},
}
_MORE_WORDS = {
    "NO": {"tax": "SKATTEETATEN", "pay": "Lønn", "payout": "Utbetaling {}"},
    "SE": {"tax": "SKATTEVERKET", "pay": "Lön", "payout": "KORTINLOSEN {}"},
}
Invoice = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is to happen to an account."""

    core: Core
    account: Account
    about: Mapping[str, Any]
    reference: str  # what the bank is to call it

    def amount(self, name: str = "amount", default: str | None = None) -> Decimal:
        """A positive amount it was told of. Raises ValueError."""
        told = self.about.get(name, default)
        if told is None:
            raise ValueError(f"{name} is needed")
        found = Decimal(str(told))
        if not found.is_finite() or found < 0 or found != ore(found):
            raise ValueError(f"{name} is {told}, not a positive amount of two decimals")
        return ore(found)

    def word(self, name: str) -> str:
        """In the language of the account's owner."""
        code = self.core.customers[self.account.customer].country
        return (_WORDS[code] | _MORE_WORDS[code])[name]

    @property
    def invoice(self) -> Invoice:
        """The one it is about. Raises ValueError."""
        found = self.about.get("invoice")
        if not found:
            raise ValueError("invoice is needed")
        return found

    @property
    def invoices(self) -> Sequence[Invoice]:
        """Those it is about. Raises ValueError."""
        found = self.about.get("invoices")
        if not found:
            raise ValueError("invoices are needed")
        return found

    def comes(self, amount: Decimal, **about: Any) -> str:
        """Money in, or out when it is negative."""
        by = self.about.get("by") or {}
        other = about.pop("other", books.OTHER_BANKS)
        about.setdefault("counterparty_name", by.get("name", ""))
        about.setdefault("counterparty_account", by.get("account", ""))
        about.setdefault("text", str(self.about.get("text", "")))
        about.setdefault("bank_code", OTHER if amount > 0 else OUT)
        about.setdefault("bank_reference", self.reference)
        one = Transaction(amount=amount, booked_on=self.core.today, value_on=self.core.today, **about)
        if amount > 0:
            return self.core.receive(self.account, one, other).bank_reference
        return self.core.book(self.account, one, other).bank_reference

    def pays(self, invoice: Invoice, amount: Decimal, reference: str = "", **about: Any) -> str:
        """A payment with the invoice's reference, or another one."""
        reference = reference or str(invoice.get("reference") or "")
        if not reference:
            raise ValueError("the invoice has no reference")
        return self.comes(
            amount,
            reference=reference,
            remittances=(Remittance(reference=reference),),
            bank_code=REFERENCE,
            **about,
        )


def _owed(invoice: Invoice) -> Decimal:
    return ore(Decimal(str(invoice["amount"])))


def _exact(event: Event) -> str:
    return event.pays(event.invoice, _owed(event.invoice))


def _short(event: Event) -> str:
    return event.pays(event.invoice, _owed(event.invoice) - event.amount("less", "100"))


def _over(event: Event) -> str:
    return event.pays(event.invoice, _owed(event.invoice) + event.amount("more", "100"))


def _twice(event: Event) -> str:
    event.pays(event.invoice, _owed(event.invoice), bank_reference="")
    return _exact(event)


def _wrong_reference(event: Event) -> str:
    """One digit of the reference is wrong, so that its check digit is."""
    reference = str(event.invoice["reference"])
    is_valid = event.core.law(event.account.customer).references.is_valid
    wrong = next(one for digit in "0123456789" if not is_valid(one := f"{reference[:-1]}{digit}"))
    return event.pays(event.invoice, _owed(event.invoice), wrong)


def _unknown_reference(event: Event) -> str:
    """Well formed, and nobody's."""
    references = event.core.law(event.account.customer).references
    reference = references.make(f"9977{event.reference[-6:]}7")
    return event.comes(
        event.amount(),
        reference=reference,
        remittances=(Remittance(reference=reference),),
        bank_code=REFERENCE,
    )


def _listed(event: Event) -> str:
    """Many invoices, and credit notes with negative amounts, as a structured list."""
    invoices = event.invoices
    remittances = tuple(
        Remittance(
            reference=str(one.get("reference") or ""),
            invoice=str(one.get("number") or ""),
            amount=_owed(one),
            is_credit_note=_owed(one) < 0,
        )
        for one in invoices
    )
    total = sum((_owed(one) for one in invoices), ZERO)
    return event.comes(total, remittances=remittances, bank_code=REFERENCE)


def _in_text(event: Event) -> str:
    """One invoice or many, named in free text."""
    invoices = event.about.get("invoices") or [event.invoice]
    numbers = [str(one["number"]) for one in invoices]
    told = numbers[0]
    if len(numbers) > 1:
        told = f"{', '.join(numbers[:-1])} {event.word('and')} {numbers[-1]}"
    total = sum((_owed(one) for one in invoices), ZERO)
    return event.comes(total, text=f"{event.word('invoice')} {told}")


def _no_reference(event: Event) -> str:
    amount = event.amount() if "amount" in event.about else _owed(event.invoice)
    return event.comes(amount)


def _foreign(event: Event) -> str:
    """An invoice in another currency, paid in it; the bank exchanges, and may charge on the way."""
    invoice, currency = event.invoice, str(event.about.get("currency", "EUR"))
    if currency not in RATES:
        raise ValueError(f"the bank does not exchange {currency}")
    paid = _owed(invoice) - event.amount("less", "0")
    charges = event.amount("charges", "0")
    return event.comes(
        exchanged(paid, currency, event.account.currency),
        text=f"Invoice {invoice['number']}",
        bank_code=ABROAD,
        instructed_amount=paid,
        instructed_currency=currency,
        charges=charges or None,
        other=books.EXCHANGE,
    )


def _fee(event: Event) -> str:
    text = str(event.about.get("text") or event.word("fee"))
    return event.comes(-event.amount(), text=text, bank_code=FEE, other=books.FEES)


def _interest(event: Event) -> str:
    text = str(event.about.get("text") or event.word("interest"))
    amount = Decimal(str(event.about.get("amount", "0")))
    return event.comes(ore(amount), text=text, bank_code=INTEREST, other=books.INTEREST)


def _tax(sign: int) -> Callable[[Event], str]:
    def made(event: Event) -> str:
        name = event.word("tax")
        text = str(event.about.get("text") or name)
        return event.comes(sign * event.amount(), text=text, counterparty_name=name.title())

    return made


def _out(code: str, word: str = "") -> Callable[[Event], str]:
    def made(event: Event) -> str:
        text = str(event.about.get("text") or (event.word(word) if word else ""))
        return event.comes(-event.amount(), text=text, bank_code=code)

    return made


def _card_back(event: Event) -> str:
    return event.comes(event.amount(), bank_code=CARD_BACK)


def _money_in(event: Event) -> str:
    """Anything: `reference`, `text` and `by` as they are told."""
    reference = str(event.about.get("reference", ""))
    about: dict[str, Any] = {}
    if reference:
        about = {"reference": reference, "remittances": (Remittance(reference=reference),)}
        about["bank_code"] = REFERENCE
    return event.comes(event.amount(), **about)


def _card_settlement(event: Event) -> str:
    """A payout, net of fees, and the acquirer's report as a file; `sales` are gross and fee of each sale."""
    sales = [
        (ore(Decimal(str(gross))), ore(Decimal(str(fee)))) for gross, fee in event.about.get("sales", ())
    ]
    if not sales:
        sales = [(event.amount("gross"), event.amount("fee"))]
    payout = str(event.about.get("payout") or f"V{event.reference[-7:]}")
    net = sum((gross - fee for gross, fee in sales), ZERO)
    if net <= 0:
        raise ValueError(f"a payout is more than {net}")
    by = event.about.get("by") or {"name": "Kortinnløser Demo"}
    if event.about.get("report", True):
        data = settlement.write_stripe(payout, event.core.today, event.account.currency, sales)
        event.core.put(event.account.customer, "settlement", data, ending="csv")
    return event.comes(net, text=event.word("payout").format(payout), counterparty_name=by["name"])


def _reversal(event: Event) -> str:
    """The bank takes a line of its own back. `line` is what the line is called. Raises KeyError."""
    called = str(event.about.get("line", ""))
    for line in event.core.lines[event.account.number]:
        for one in line.details:
            if called in (one.bank_reference, line.reference) and len(line.details) == 1:
                return event.comes(
                    -one.amount,
                    text=one.text,
                    counterparty_name=one.counterparty_name,
                    counterparty_account=one.counterparty_account,
                    bank_code=one.bank_code,
                    is_reversal=True,
                )
    raise KeyError(called)


def _own_transfer(event: Event) -> str:
    """From this account to another one of the same customer's, `to`. Raises KeyError, ValueError."""
    to = event.core.account(str(event.about["to"]))
    if to.customer != event.account.customer or to.currency != event.account.currency or to == event.account:
        raise ValueError("a transfer goes between a customer's own accounts in one currency")
    amount = event.amount()
    paid = event.comes(
        -amount,
        counterparty_name=to.owner,
        counterparty_account=to.number,
        other=to.number,
    )
    # The other side's line; its posting was made with the first one's.
    one = event.core.named(
        Transaction(
            amount=amount,
            booked_on=None,
            value_on=None,
            text=str(event.about.get("text", "")),
            counterparty_name=event.account.owner,
            counterparty_account=event.account.number,
            bank_code=OTHER,
        )
    )
    event.core.book_together(to, [one])
    return paid


def _arrives(event: Event) -> str:
    """A payment from another customer that came when the bank was closed here."""
    one, other = event.about["transaction"], event.about["other"]
    return event.core.receive(event.account, one, other).bank_reference


INJECTIONS: dict[str, Callable[[Event], str]] = {
    "paid": _exact,
    "paid_short": _short,
    "paid_over": _over,
    "paid_twice": _twice,
    "paid_wrong_reference": _wrong_reference,
    "paid_unknown_reference": _unknown_reference,
    "paid_several": _listed,
    "paid_several_in_text": _in_text,
    "paid_number_in_text": _in_text,
    "paid_with_credit_note": _listed,
    "paid_foreign": _foreign,
    "paid_without_reference": _no_reference,
    "money_in": _money_in,
    "money_out": _out(OUT),
    "fee": _fee,
    "interest": _interest,
    "tax_refund": _tax(1),
    "tax_paid": _tax(-1),
    "card_settlement": _card_settlement,
    "payroll": _out(OUT, "pay"),
    "direct_debit": _out(DIRECT_DEBIT),
    "card_purchase": _out(CARD),
    "card_refund": _card_back,
    "reversal": _reversal,
    "own_transfer": _own_transfer,
}
INSIDE = {"arrives": _arrives}  # what the bank itself plans

"""The night's e-invoices, and what is right to do with each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nattbok.base.money import ZERO
from nattbok.formats.invoice.shape import Invoice, InvoiceLine, PartyIdentity, PaymentMeans, VatGroup
from nattbok.sandbox.making.amounts import kroner, ore, percent_of
from nattbok.sandbox.making.books import Books, bill_lines
from nattbok.sandbox.making.parties import Beginning
from nattbok.sandbox.office import BillTruth, NightFile, Purchase, Supplier
from nattbok.sandbox.writing import ubl

# How many of 300 e-invoices are of each kind; the rest is certain.
KINDS = {
    "new_supplier": 24,
    "uncertain_history": 14,
    "credit_note": 12,
    "duplicate": 1,
    "changed_account": 1,
    "wrong_buyer": 1,
    "does_not_add_up": 1,
    "unreadable": 1,
}
OF = 300
CERTAIN = "certain"
_UNITS = ("EA", "HUR", "C62")
LARGER_THAN_BEFORE = 1.4  # at most, compared with the supplier's largest bill
ROUND = Decimal(1000)
_WRONG_BY = Decimal("90.00")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file and the truth about it."""

    file: NightFile
    truth: BillTruth


def kinds(count: int, random: Random) -> list[str]:
    """The kinds of `count` e-invoices; of every 300 the numbers above; of the rarest never two."""
    special = [
        kind
        for kind, number in KINDS.items()
        for _ in range(number if number == 1 else round(number * count / OF))
    ]
    if count < OF:  # in a small office not everything can go wrong in one night
        special = [kind for kind in special if KINDS[kind] > 1][: count // 5]
    found = special[:count] + [CERTAIN] * (count - len(special))
    random.shuffle(found)
    return found


def send(
    one: Beginning,
    books: Books,
    source: str,
    wanted: Sequence[str],
    other_buyer: PartyIdentity,
    new_account: str,
    night: date,
    random: Random,
) -> list[Sent]:
    """E-invoices of the wanted kinds to one client."""
    sender = _Sender(one, books, source, night, random)
    found: list[Sent] = []
    for kind in wanted:
        if kind == "credit_note":
            found.append(sender.credit_note())
        elif kind == "duplicate":
            found += sender.twice()
        elif kind == "new_supplier":
            found.append(sender.bill(sender.next_new(), "new_supplier"))
        elif kind == "uncertain_history":
            found.append(sender.bill(random.choice(sender.uncertain), kind))
        elif kind == "changed_account":
            found.append(sender.bill(random.choice(sender.certain), kind, account=new_account))
        elif kind == "wrong_buyer":
            found.append(sender.bill(random.choice(sender.certain), kind, buyer=other_buyer))
        else:
            found.append(sender.bill(random.choice(sender.certain), "" if kind == CERTAIN else kind))
    return found


def count_new(wanted: Sequence[str]) -> int:
    """How many new suppliers the wanted kinds need: one for each bill."""
    return sum(kind == "new_supplier" for kind in wanted)


class _Sender:
    """All suppliers of one client."""

    def __init__(self, one: Beginning, books: Books, source: str, night: date, random: Random) -> None:
        self._one, self._books, self._source = one, books, source
        self._night, self._random = night, random
        self.certain = [each for each in one.suppliers if not each.is_new and not each.other_account]
        self.uncertain = [each for each in one.suppliers if each.other_account]
        self._new = iter([each for each in one.suppliers if each.is_new])
        self._credited: set[tuple[str, str]] = set()

    def next_new(self) -> Supplier:
        """A supplier nobody has met, each once."""
        return next(self._new)

    def bill(
        self, supplier: Supplier, reason: str = "", *, account: str = "", buyer: PartyIdentity | None = None
    ) -> Sent:
        """An ordinary bill, or one that a person must look at for `reason`."""
        invoice = self._invoice(supplier, account or supplier.account, buyer)
        return self._sent(supplier, invoice, reason, is_alone=True)

    def twice(self) -> list[Sent]:
        """A bill, and the same bill once more in a file that is not the same."""
        supplier = self._random.choice(self.certain)
        invoice = self._invoice(supplier, supplier.account, None)
        copy = replace(invoice, note=self._one.flavour.words["copy"])
        return [
            self._sent(supplier, invoice, "", is_alone=True),
            self._sent(supplier, copy, "duplicate", is_alone=False),
        ]

    def credit_note(self) -> Sent:
        """Some of an earlier bill taken back; no bill is credited twice."""
        choices = [
            (supplier, number, net)
            for supplier in self.certain
            for number, net in self._books.bills[supplier.key]
            if (supplier.key, number) not in self._credited
        ]
        supplier, number, net = self._random.choice(choices)
        self._credited.add((supplier.key, number))
        purchase = supplier.purchases[0]
        part = ore(net / self._random.choice((1, 2, 4)))
        line = _line(1, purchase, Decimal(1), part, self._one.flavour.words["credit"])
        invoice = self._document(supplier, supplier.account, None, (line,))
        invoice = replace(
            invoice,
            document_type="CreditNote",
            type_code="381",
            preceding_invoices=(number,),
            due_date=None,
            payment_terms="",
            payment_means=(),
        )
        return self._sent(supplier, invoice, "", is_alone=True)

    def _invoice(self, supplier: Supplier, account: str, buyer: PartyIdentity | None) -> Invoice:
        """Its size is like that of the supplier's bills before, since a much larger one is for a person."""
        random = self._random
        things = [thing for thing in supplier.purchases for _ in range(random.choice((1, 1, 1, 2, 3)))]
        before = [net for _number, net in self._books.bills[supplier.key]]
        largest = int(max(before, default=Decimal(supplier.largest)))
        lines = []
        for number, thing in enumerate(things, 1):
            quantity = Decimal(random.choice((1, 1, 1, 2, 3, 5, 8)))
            most = max(10, int(largest * LARGER_THAN_BEFORE) // len(things) // int(quantity))
            price = kroner(random, most // 5, most)
            lines.append(_line(number, thing, quantity, price, thing.item))
        if _is_round(lines):
            price = (lines[0].price or ZERO) + 1
            lines[0] = _line(1, things[0], lines[0].quantity or Decimal(1), price, things[0].item)
        return self._document(supplier, account, buyer, tuple(lines))

    def _document(
        self,
        supplier: Supplier,
        account: str,
        buyer: PartyIdentity | None,
        lines: tuple[InvoiceLine, ...],
    ) -> Invoice:
        one, random = self._one, self._random
        on = self._night - timedelta(days=random.randint(1, 9))
        days = random.choice((14, 20, 30))
        self._books.next_number[supplier.key] += random.randint(1, 40)
        number = str(self._books.next_number[supplier.key])
        groups = _groups(lines, supplier.purchases)
        net = sum((line.net for line in lines), ZERO)
        vat = sum((group.tax for group in groups), ZERO)
        reference = one.law.references.make(f"{supplier.number[-3:]}{number:0>7}")
        means = PaymentMeans(code="30", payment_id=reference, account=account, branch=supplier.branch or None)
        return Invoice(
            document_type="Invoice",
            type_code="380",
            customization_id=ubl.CUSTOMIZATION,
            profile_id=ubl.PROFILE,
            number=number,
            issue_date=on,
            due_date=on + timedelta(days=days),
            currency=one.law.currency,
            supplier=party(supplier.name, supplier.org_number, supplier.country, one.law.org_scheme),
            buyer=buyer or party(one.name, one.org_number, one.law.code, one.law.org_scheme),
            delivered_on=on,
            line_total=net,
            net=net,
            vat=vat,
            gross=net + vat,
            payable=net + vat,
            vat_groups=groups,
            payment_means=(means,),
            payment_terms=one.flavour.words["terms"].format(days=days),
            buyer_reference=f"{random.choice(one.flavour.firsts)}",
            lines=lines,
        )

    def _sent(self, supplier: Supplier, invoice: Invoice, reason: str, *, is_alone: bool) -> Sent:
        one = self._one
        written = invoice
        if reason == "does_not_add_up":
            written = replace(
                invoice,
                gross=(invoice.gross or ZERO) + _WRONG_BY,
                payable=(invoice.payable or ZERO) + _WRONG_BY,
            )
        data = ubl.write(
            written,
            supplier=ubl.Address(supplier.street, supplier.city, supplier.post_code),
            buyer=ubl.Address(one.street, one.city, one.post_code),
        )
        if reason == "unreadable":
            data = data[: len(data) * 2 // 3]
        name = f"{supplier.org_number}_{invoice.number}{'' if is_alone else '_2'}.xml"
        file = NightFile(one.number, self._source, name, data)
        truth = BillTruth(
            client=one.number,
            path=file.path,
            supplier=supplier.key,
            supplier_org_number=supplier.org_number,
            number=invoice.number,
            outcome="ask" if reason else "post",
            reason=reason,
            is_credit_note=invoice.is_credit_note,
            owed=invoice.payable_signed or ZERO,
            lines=() if reason else self._posting(supplier, invoice),
        )
        return Sent(file, truth)

    def _posting(self, supplier: Supplier, invoice: Invoice) -> tuple[tuple[str, Decimal], ...]:
        """The entry's lines by account; a credit note's have the other sign."""
        sign = -1 if invoice.is_credit_note else 1
        on = invoice.delivered_on or self._night
        by_rate = {(group.category, group.rate): group.taxable for group in invoice.vat_groups}
        nets = [
            (purchase, sign * by_rate[purchase.category, purchase.rate])
            for purchase in supplier.purchases
            if (purchase.category, purchase.rate) in by_rate
        ]
        lines, total = bill_lines(self._one.law, supplier, nets, on)
        if total != invoice.payable_signed:
            raise AssertionError(f"{invoice.number}: {total} is posted, {invoice.payable_signed} is owed")
        found: dict[str, Decimal] = {self._one.law.accounts.suppliers: -total}
        for line in lines:
            found[line.account] = found.get(line.account, ZERO) + line.amount
        return tuple(sorted(found.items()))


def _is_round(lines: Sequence[InvoiceLine]) -> bool:
    """Whether they come to thousands of kroner, as bills that are made up do: those are for a person."""
    total = sum((line.net + percent_of(line.net, line.vat_rate or ZERO) for line in lines), ZERO)
    return not total % ROUND


def party(name: str, org_number: str, country: str, scheme: str) -> PartyIdentity:
    """Someone registered for VAT."""
    vat = f"NO{org_number}MVA" if country == "NO" else f"SE{org_number}01"
    return PartyIdentity(
        name=name,
        org_number=org_number,
        org_scheme=scheme,
        vat_number=vat,
        endpoint=org_number,
        endpoint_scheme=scheme,
        country=country,
    )


def _line(number: int, purchase: Purchase, quantity: Decimal, price: Decimal, name: str) -> InvoiceLine:
    return InvoiceLine(
        number=str(number),
        name=name,
        net=ore(quantity * price),
        quantity=quantity,
        unit=_UNITS[number % len(_UNITS)],
        price=price,
        vat_category=purchase.category,
        vat_rate=purchase.rate,
    )


def _groups(lines: Sequence[InvoiceLine], purchases: Sequence[Purchase]) -> tuple[VatGroup, ...]:
    found = []
    for purchase in purchases:
        key = (purchase.category, purchase.rate)
        nets = [line.net for line in lines if (line.vat_category, line.vat_rate) == key]
        if nets:
            net = sum(nets, ZERO)
            found.append(
                VatGroup(
                    category=purchase.category,
                    rate=purchase.rate,
                    taxable=net,
                    tax=percent_of(net, purchase.rate),
                    rate_text=str(purchase.rate),
                    exemption_reason=purchase.reason,
                )
            )
    return tuple(found)

"""What a document keeps of an invoice, and a bill: what coding and posting ask of it.

Amounts here are signed as the client owes them: a bill positive, a credit note negative. The reading keeps
them as the document states them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.money import ORE, ZERO
from nattbok.base.plain import plain, visible
from nattbok.base.words import Words, _
from nattbok.countries.country import Country
from nattbok.documents.rules import reading as readings
from nattbok.documents.rules.identity import Receiver, payment_account, receiver, registered, seller_key
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.shape import Invoice

INVOICE, CREDIT_NOTE, UNREADABLE, NOT_OURS = "invoice", "credit_note", "unreadable", "not_ours"
UNREAD, NO_BILL = "unread", "no_bill"  # a picture or PDF that is to be read; one that is no debt
POSTABLE = (INVOICE, CREDIT_NOTE)
ACCEPTED = "accepted"  # waits for a person, who took it in although something in it is wrong

LARGEST = Decimal("99999999999999.99")  # numeric(16,2)
MOST_LINES = 2000  # of a document kept in the reading; the file has them all
_LENGTHS = {"number": 100, "reference": 100, "account": 40, "currency": 3}  # cut, they would be others
_MONEY = ("net", "vat", "payable", "prepaid", "rounding")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a Document keeps of a file."""

    kind: str
    format: str = ""
    supplier_name: str = ""
    supplier_org_number: str = ""
    number: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    currency: str = ""
    net: Decimal | None = None
    vat: Decimal | None = None
    owed: Decimal | None = None
    reference: str = ""
    account: str = ""
    reading: Mapping | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether something in it forbids posting unattended."""
        if self.kind == UNREAD:
            return False  # it waits for no person
        return self.kind not in POSTABLE or any(
            finding.severity is not Severity.NOTE for finding in self.findings
        )


@dataclass(frozen=True, slots=True)
class Group:
    """One row of the VAT breakdown, signed as owed, with its place in the file."""

    category: str
    rate: Decimal | None
    net: Decimal
    vat: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A document as coding and posting see it."""

    document: int
    file: int
    sha256: str
    kind: str
    seller: str  # its name
    seller_key: str  # what tells it from others: its number, else its name
    seller_org_number: str
    seller_vat_number: str
    seller_country: str
    number: str
    issued_on: date | None
    due_on: date | None
    supplied_on: date | None  # the day that decides the VAT rate
    currency: str
    net: Decimal | None
    vat: Decimal | None
    owed: Decimal | None
    prepaid: Decimal
    rounding: Decimal
    reference: str
    accounts: tuple[str, ...] = ()  # where it asks to be paid, in normal form
    payee: str = ""  # who is to be paid, when it is another than the seller
    account_code: str = ""  # the buyer's own account, as the seller repeats it (BT-19, BT-133)
    groups: tuple[Group, ...] = ()
    supplier: int | None = None  # chosen by a person, or found before
    means: tuple[str, ...] = ()  # how it says that it is paid: codes of UNTDID 4461
    paid_from: str = ""  # the account that paid it already, as somebody at the client says
    paid_on: date | None = None

    @property
    def is_credit(self) -> bool:
        """Whether it takes money back."""
        return self.owed is not None and self.owed < 0


def unreadable(findings: Sequence[Finding], format_name: str = "") -> Kept:
    """What is kept of a file of which nothing can be read."""
    return Kept(UNREADABLE, format_name, findings=tuple(findings))


def from_invoice(invoice: Invoice, *, law: Country, org_number: str, format_name: str = "") -> Kept:
    """What a document keeps of `invoice`, for the client with `org_number` under `law`.

    Who it is for, and whether its figures can be kept at all, are looked at here; what is found is added
    to the reader's findings.
    """
    for_whom = receiver(invoice, law=law, org_number=org_number)
    findings = [*invoice.findings, *_receiver(for_whom, invoice), *_fitting(invoice)]
    kind = CREDIT_NOTE if invoice.is_credit_note else INVOICE
    if for_whom is Receiver.OTHER:
        kind = NOT_OURS
    if any(finding.severity is Severity.ERROR for finding in invoice.findings):
        kind = UNREADABLE  # a reminder, a file without its amount: never posted by itself
    sign = -1 if invoice.is_credit_note else 1
    means = invoice.payment_means
    accounts = [payment_account(law, each) for each in means if each.account]
    return Kept(
        kind=kind,
        format=format_name,
        supplier_name=plain(invoice.supplier.name, 200),
        supplier_org_number=(
            registered(invoice.supplier.org_number, invoice.supplier.org_scheme)
            or invoice.supplier.vat_number
            or ""
        )[:20],
        number=_fits("number", invoice.number),
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        currency=_fits("currency", invoice.currency),
        net=_kept_amount(invoice.net, sign),
        vat=_kept_amount(invoice.vat, sign),
        owed=_kept_amount(invoice.payable, sign),
        reference=_fits("reference", next((each.payment_id for each in means if each.payment_id), "")),
        account=_fits("account", accounts[0] if accounts else ""),
        reading=reading(invoice),
        findings=tuple(findings),
    )


def unread(format_name: str) -> Kept:
    """What is kept of a picture or PDF until it is read."""
    return Kept(UNREAD, format_name, reading={})


def from_reading(kept: Mapping, *, law: Country, org_number: str, format_name: str) -> Kept:
    """What a document keeps of pages that were read, for the client with `org_number` under `law`.

    `kept` is as `rules.reading.written` gives it. What is doubtful in it is among the findings, and holds it.
    """
    doubts = readings.doubts(kept, law=law, org_number=org_number)
    kind = _KIND_OF.get(kept["kind"], NO_BILL)
    holding = readings.holding(kept)
    if kind == NO_BILL and (kept["is_illegible"] or not kept["pages"]):
        kind = UNREADABLE  # nothing says what it is, since nothing could be read
    elif _is_for_another(kept, law, org_number):
        kind = NOT_OURS
    if kind in POSTABLE:
        holding += [Finding(Severity.HOLD, "doubt", each.name, *each.words) for each in doubts]
    accounts = [payment_account(law, **means) for means in readings.terms(kept)["payment_means"]]
    return Kept(
        kind=kind,
        format=format_name,
        supplier_name=readings.value(kept, "supplier_name")[:200],
        supplier_org_number=readings.value(kept, "supplier_orgno")[:20],
        number=_fits("number", readings.value(kept, "invoice_no")),
        issued_on=readings.day(kept, "issue_date"),
        due_on=readings.day(kept, "due_date"),
        currency=_fits("currency", readings.value(kept, "currency")),
        net=_kept_amount(readings.amount(kept, "net"), 1),
        vat=_kept_amount(readings.amount(kept, "vat_total"), 1),
        owed=_kept_amount(readings.amount(kept, "total"), 1),
        reference=_fits("reference", readings.value(kept, "payment_ref")),
        account=_fits("account", accounts[0] if accounts else ""),
        reading=kept,
        findings=tuple(holding),
    )


_KIND_OF = {"invoice": INVOICE, "receipt": INVOICE, "credit_note": CREDIT_NOTE}


def _is_for_another(kept: Mapping, law: Country, org_number: str) -> bool:
    buyer = kept["fields"].get("buyer_orgno")
    if not buyer or not buyer["value"] or not buyer["is_proven"]:
        return False
    return law.normal_org_number(buyer["value"]) != law.normal_org_number(org_number)


def _fits(name: str, text: str | None) -> str:
    return text if text and len(text) <= _LENGTHS[name] else ""


def _is_money(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) <= LARGEST and amount == amount.quantize(ORE)


def _kept_amount(amount: Decimal | None, sign: int) -> Decimal | None:
    return (sign * amount).quantize(ORE) + ZERO if amount is not None and _is_money(amount) else None


def _receiver(for_whom: Receiver, invoice: Invoice) -> Iterator[Finding]:
    where = invoice.sources.get("buyer.org_number") or invoice.sources.get("buyer.name", "")
    buyer = {
        "buyer": invoice.buyer.name[:200],
        "number": (invoice.buyer.org_number or invoice.buyer.vat_number or "")[:40],
    }
    if for_whom is Receiver.OTHER:
        yield Finding(
            Severity.HOLD, "not_ours", where, _("It is for {buyer} ({number}), not for this client."), buyer
        )
    elif for_whom is Receiver.UNSAID:
        yield Finding(
            Severity.HOLD,
            "no_receiver",
            where,
            _("It is for “{buyer}” and gives no organisation number that says whether that is this client."),
            {"buyer": buyer["buyer"]},
        )
    elif for_whom is Receiver.OWN:
        yield Finding(
            Severity.HOLD, "own_invoice", where, _("Seller and buyer are both this client itself."), {}
        )


def _fitting(invoice: Invoice) -> Iterator[Finding]:
    """What could not be kept as it is written: kept otherwise it would be something else."""
    if invoice.is_credit_note and invoice.payable is not None and invoice.payable < 0:
        yield Finding(
            Severity.HOLD,
            "credit_is_debt",
            invoice.sources.get("payable", ""),
            _("It is called a credit note, but its sum of {stated} is money to be paid."),
            {"stated": str(invoice.payable)[:60]},
        )
    for name in _MONEY:
        stated = getattr(invoice, name)
        if stated is not None and not _is_money(stated):
            yield Finding(
                Severity.HOLD,
                "not_whole_ore",
                invoice.sources.get(name, ""),
                _("{stated} is not an amount in whole øre that books can hold."),
                {"stated": str(stated)[:60]},
            )
    for group in invoice.vat_groups:
        if not (_is_money(group.taxable) and _is_money(group.tax)):
            yield Finding(
                Severity.HOLD,
                "not_whole_ore",
                group.xpath,
                _("{stated} is not an amount in whole øre that books can hold."),
                {"stated": f"{group.taxable} / {group.tax}"[:60]},
            )
    written = {
        "number": (invoice.number, invoice.sources.get("number", "")),
        "currency": (invoice.currency, invoice.sources.get("currency", "")),
    }
    for means in invoice.payment_means:
        written[f"reference {means.xpath}"] = (means.payment_id, f"{means.xpath}/cbc:PaymentID")
        written[f"account {means.xpath}"] = (means.account, f"{means.xpath}/cac:PayeeFinancialAccount/cbc:ID")
    for name, (text, where) in written.items():
        longest = _LENGTHS[name.partition(" ")[0]]
        if text and len(text) > longest:
            yield Finding(
                Severity.HOLD,
                "too_long",
                where,
                _("“{stated}…” is longer than the {longest} characters that can be kept."),
                {"stated": text[:40], "longest": longest},
            )


def reading(invoice: Invoice) -> dict:
    """All of `invoice` as JSON can hold it: amounts and dates as text, as the document states them.

    The findings are kept beside it. Of very long invoices only the first MOST_LINES lines are here.
    """
    plain = {
        field.name: _plain(getattr(invoice, field.name)) for field in fields(invoice) if field.name not in
        ("findings", "lines")
    }  # fmt: skip
    return plain | {
        "line_count": len(invoice.lines),
        "lines": [_plain(line) for line in invoice.lines[:MOST_LINES]],
    }


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return visible(value) if isinstance(value, str) else value


def bill(
    kept: Kept, *, law: Country, document: int, file: int, sha256: str, supplier: int | None = None
) -> Bill:
    """The bill that a document kept as `kept` is, as coding and posting see it."""
    terms = kept.reading or {}
    sign = -1 if kept.kind == CREDIT_NOTE or terms.get("document_type") == "CreditNote" else 1
    if readings.is_of_pages(terms):
        terms, sign = readings.terms(terms), 1  # signed as owed already
    seller = terms.get("supplier") or {}
    payee = terms.get("payee") or {}
    means = terms.get("payment_means") or []
    org_number = registered(seller.get("org_number"), seller.get("org_scheme"))
    country = (seller.get("country") or _country_of_scheme(law, seller.get("org_scheme"))).upper()
    return Bill(
        document=document,
        file=file,
        sha256=sha256,
        kind=kept.kind,
        seller=kept.supplier_name,
        seller_key=seller_key(org_number, seller.get("vat_number") or "", kept.supplier_name, country),
        seller_org_number=org_number,
        seller_vat_number=seller.get("vat_number") or "",
        seller_country=country,
        number=kept.number,
        issued_on=kept.issued_on,
        due_on=kept.due_on,
        supplied_on=_day(terms.get("delivered_on")) or _day(terms.get("ends_on")) or kept.issued_on,
        currency=kept.currency,
        net=kept.net,
        vat=kept.vat,
        owed=kept.owed,
        prepaid=sign * _amount(terms.get("prepaid")),
        rounding=sign * _amount(terms.get("rounding")),
        reference=kept.reference,
        accounts=tuple(
            dict.fromkeys(
                payment_account(law, account=each["account"], branch=each.get("branch") or "")
                for each in means
                if each.get("account")
            )
        ),
        payee=payee.get("name") or "",
        account_code=_account_code(terms),
        groups=tuple(
            Group(
                group["category"],
                None if group["rate"] is None else Decimal(group["rate"]),
                sign * Decimal(group["taxable"]),
                sign * Decimal(group["tax"]),
                group["xpath"],
            )
            for group in terms.get("vat_groups") or []
        ),
        supplier=supplier,
        means=tuple(dict.fromkeys(each.get("code") or "" for each in means)),
    )


def _country_of_scheme(law: Country, scheme: str | None) -> str:
    return law.code if scheme == law.org_scheme else ""


def _account_code(terms: Mapping) -> str:
    """The account that the seller repeats for the whole document, or for every one of its lines."""
    codes = {line.get("account_code") or "" for line in terms.get("lines") or []}
    return terms.get("account_code") or (codes.pop() if len(codes) == 1 else "")


def _amount(written: str | None) -> Decimal:
    return Decimal(written) if written else ZERO


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def written(finding: Finding) -> dict:
    """A finding as JSON can hold it."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "where": finding.where,
        "text": finding.text,
        "values": finding.values,
    }


def found(kept: Mapping) -> Finding:
    """A finding as it was kept."""
    return Finding(Severity(kept["severity"]), kept["code"], kept["where"], kept["text"], kept["values"])


def first_holding(findings: Sequence[Finding]) -> Finding | None:
    """The first of the worst findings that keep a document from being posted."""
    for severity in (Severity.ERROR, Severity.HOLD):
        for finding in findings:
            if finding.severity is severity:
                return finding
    return None


def title(of: Bill) -> Words:
    """What the document is called in a sentence."""
    values = {"number": of.number, "seller": of.seller}
    if of.is_credit:
        return Words(_("Credit note {number} from {seller}"), values)
    return Words(_("Bill {number} from {seller}"), values)

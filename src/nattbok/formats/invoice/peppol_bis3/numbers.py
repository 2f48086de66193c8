"""Check digits of organisation numbers, accounts and payment references. All but one only worth saying.

A reference need not be a checked number: suppliers write invoice numbers and free text there, so only what
is all digits is looked at. Sources: Brønnøysundregistrene and Bolagsverket on organisation numbers;
Finans Norge, "KID"; Bankgirot, "OCR-referenskontroll"; python-stdnum for the first three sums.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from stdnum import luhn
from stdnum.no import kontonr, orgnr

from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.shape import Invoice, PartyIdentity, PaymentMeans

_NO_VAT = re.compile(r"NO([0-9]{9})MVA")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_KID = re.compile(r"[0-9]{1,24}[0-9-]")
_GIROS = {"SE:BANKGIRO", "SE:PLUSGIRO"}


def findings(invoice: Invoice) -> Iterator[Finding]:
    """Numbers whose check digits are wrong."""
    for role, party in (("supplier", invoice.supplier), ("buyer", invoice.buyer)):
        yield from _party(invoice, role, party)
    supplier = invoice.supplier
    if supplier.country == "NO" and supplier.vat_number:
        found = _NO_VAT.fullmatch(supplier.vat_number)
        if found is None or not _is_norwegian(found[1]):
            yield Finding(
                Severity.HOLD,
                "NO-R-001",
                invoice.sources["supplier.vat_number"],
                _("“{stated}” is not a Norwegian VAT number: NO, nine digits, MVA."),
                {"stated": supplier.vat_number[:40]},
            )
    for means in invoice.payment_means:
        yield from _account(means, supplier.country)
        yield from _reference(means, supplier.country)


def _party(invoice: Invoice, role: str, party: PartyIdentity) -> Iterator[Finding]:
    for field, number, scheme in (
        ("endpoint", party.endpoint, party.endpoint_scheme),
        ("org_number", party.org_number, party.org_scheme),
    ):
        if not number:
            continue
        wrong = ""
        if scheme == "0192" and not (_is_norwegian(number)):
            wrong = "PEPPOL-COMMON-R041"
        elif scheme == "0007" and not _is_swedish(number):
            wrong = "PEPPOL-COMMON-R049"
        elif not scheme and field == "org_number" and party.country == "NO" and len(number) == 9:
            wrong = "" if _is_norwegian(number) else "org_number_check_digit"
        if wrong:
            yield _note(wrong, invoice.sources[f"{role}.{field}"], number)
    if (
        role == "supplier"
        and party.country == "SE"
        and party.org_number
        and not _is_swedish(party.org_number)
    ):
        yield _note("SE-R-013", invoice.sources["supplier.org_number"], party.org_number)


@lru_cache(maxsize=4096)  # the same parties come again and again
def _is_norwegian(number: str) -> bool:
    return len(number) == 9 and number.isascii() and number.isdigit() and orgnr.is_valid(number)


@lru_cache(maxsize=4096)
def _is_swedish(number: str) -> bool:
    return len(number) == 10 and number.isascii() and number.isdigit() and luhn.is_valid(number)


def _account(means: PaymentMeans, country: str | None) -> Iterator[Finding]:
    """Norwegian BBAN by MOD11, IBAN by MOD97; what other numbers are, their length does not tell."""
    if not means.account or means.branch in _GIROS:
        return
    account = means.account.replace(" ", "").replace(".", "")
    if not account.isascii():
        return
    if country == "NO" and len(account) == 11 and account.isdigit():
        is_right = kontonr.is_valid(account)
    elif _IBAN.fullmatch(account):
        is_right = _is_iban(account)
    else:
        return
    if not is_right:
        yield Finding(
            Severity.NOTE,
            "account_check_digit",
            f"{means.xpath}/cac:PayeeFinancialAccount/cbc:ID",
            _("The check digit of the account {stated} is wrong."),
            {"stated": account},
        )


def _is_iban(account: str) -> bool:
    digits = "".join(str(int(letter, 36)) for letter in account[4:] + account[:4])
    return int(digits) % 97 == 1


def _reference(means: PaymentMeans, country: str | None) -> Iterator[Finding]:
    reference = means.payment_id
    if not reference or _KID.fullmatch(reference) is None:
        return
    if means.branch in _GIROS:
        code, is_right = "ocr_check_digit", reference.isdigit() and luhn.is_valid(reference)
    elif country == "NO" and means.account:
        code, is_right = "kid_check_digit", _is_kid(reference)
    else:
        return
    if not is_right:
        yield Finding(
            Severity.NOTE,
            code,
            f"{means.xpath}/cbc:PaymentID",
            _("{stated} is no checked reference: its last digit does not follow from the others."),
            {"stated": reference},
        )


def _is_kid(reference: str) -> bool:
    """MOD10, or MOD11 with weights 2 to 7 from the right, where "-" stands for 10."""
    if reference.isdigit() and luhn.is_valid(reference):
        return True
    weighed = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(reference[:-1])))
    check = -weighed % 11
    return reference[-1] == ("-" if check == 10 else str(check))


def _note(code: str, where: str, number: str) -> Finding:
    return Finding(
        Severity.NOTE,
        code,
        where,
        _("The check digit of the organisation number {stated} is wrong."),
        {"stated": number[:40]},
    )

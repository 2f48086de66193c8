"""Who a document is from and for, and whose account it is. By numbers, never by name alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nattbok.countries.country import Country
from nattbok.countries.known import codes, country
from nattbok.formats.invoice.shape import Invoice, PaymentMeans

_SIGNS = re.compile(r"[^0-9A-Za-z]")
# Numbers that others than a country's register give: DUNS, GLN, LEI, GS1.
_NOT_REGISTERED = {"0060", "0088", "0199", "0209"}


class Receiver(StrEnum):
    """Whom a document is for."""

    CLIENT = "client"
    OTHER = "other"
    UNSAID = "unsaid"
    OWN = "own"  # the client is its seller as well


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier of the client: what it is told by, and the accounts that were confirmed as its own."""

    id: int
    name: str
    org_number: str
    country: str
    accounts: frozenset[str] = frozenset()


def receiver(invoice: Invoice, *, law: Country, org_number: str) -> Receiver:
    """Whether the buyer is the client with `org_number`, by the first number that can say so.

    Buyers are also told by numbers of their own kind (a GLN, a department): those say nothing here.
    """
    for number in _numbers(law, invoice, "buyer"):
        if number != law.normal_org_number(org_number):
            return Receiver.OTHER
        sellers = list(_numbers(law, invoice, "supplier"))
        return Receiver.OWN if sellers and sellers[0] == number else Receiver.CLIENT
    return Receiver.UNSAID


def _numbers(law: Country, invoice: Invoice, role: str) -> Sequence[str]:
    """The organisation number in normal form: the legal one, the VAT number's, the network address's."""
    party = getattr(invoice, role)
    written = []
    if party.org_number and party.org_scheme in (None, "", law.org_scheme):
        written.append(party.org_number)
    if party.vat_number:
        written.append(party.vat_number)
    if party.endpoint and party.endpoint_scheme == law.org_scheme:
        written.append(party.endpoint)
    return [law.normal_org_number(number) or number for number in written]


def registered(org_number: str | None, scheme: str | None) -> str:
    """The number that a country's register gave; "" for one of another kind (a GLN), which proves no VAT."""
    return "" if scheme in _NOT_REGISTERED else org_number or ""


def number_key(number: str) -> str:
    """An invoice number without what people write it with: signs, case, leading zeros. Only for asking."""
    return _SIGNS.sub("", number).upper().lstrip("0")


def org_key(number: str, country_code: str) -> str:
    """An organisation number in the form that its country gives it, with the country; "" without one."""
    if not number:
        return ""
    if country_code in codes():
        number = country(country_code).normal_org_number(number)
    else:
        number = _SIGNS.sub("", number).upper()
    return f"{country_code}:{number}" if number else ""


def seller_key(org_number: str, vat_number: str, name: str, country_code: str) -> str:
    """What tells a seller from others: its number, or without one its name. Only for finding twins."""
    return org_key(org_number or vat_number, country_code) or f"name:{name.casefold().strip()}"


def by_number(suppliers: Sequence[Supplier]) -> dict[str, tuple[Supplier, ...]]:
    """The suppliers by what they are found by; those without a number are never found."""
    found: dict[str, tuple[Supplier, ...]] = {}
    for each in suppliers:
        if key := org_key(each.org_number, each.country):
            found[key] = (*found.get(key, ()), each)
    return found


def find_supplier(
    org_number: str, vat_number: str, country_code: str, suppliers: Mapping[str, tuple[Supplier, ...]]
) -> tuple[Supplier, ...]:
    """The suppliers with the seller's organisation number; without such, those with its VAT number's.

    The VAT number counts only where it is an organisation number, as in Norway and Sweden.
    """
    found = suppliers.get(org_key(org_number, country_code), ())
    if found or not vat_number:
        return found
    if country_code in codes() and not country(country_code).is_org_number(vat_number):
        return ()
    return suppliers.get(org_key(vat_number, country_code), ())


def payment_account(
    law: Country, means: PaymentMeans | None = None, *, account: str = "", branch: str = ""
) -> str:
    """The account to pay to in the one form it is compared in; one that no country knows as its signs.

    Giro numbers are told from each other by the branch beside them: country, colon, kind of giro.
    """
    account = (means.account or "") if means else account
    branch = (means.branch or "") if means else branch
    giro = branch.upper().partition(":")[2]
    known = law.normal_account(f"{giro}{account}") or law.normal_account(account)
    return known or giro + _SIGNS.sub("", account).upper()

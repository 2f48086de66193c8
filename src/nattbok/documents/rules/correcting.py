"""What a person's corrections make of a reading of pages: see rules.reading for how it is kept."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.countries.country import Country
from nattbok.countries.known import codes, country
from nattbok.documents.rules.reading import CORRECTED, CORRECTED_REASON, LARGEST, amount, day, value
from nattbok.reading import amounts, dates
from nattbok.reading.shape import ACCOUNTS, AMOUNTS, FIELDS, Kind

DATES = ("issue_date", "due_date")
MORE = ("kind", "rounding", "vat_number")  # what can be corrected beside the fields
LONGEST = {
    "supplier_name": 200,
    "currency": 3,
    "supplier_orgno": 20,
    "buyer_orgno": 20,
    "invoice_no": 100,
    "credited_number": 100,
}
LONG = 40  # of the others
_RATE = re.compile(r"(base|vat)_(\d{1,2}(?:\.\d{1,2})?)", re.ASCII)
_SIGNS = re.compile(r"[^0-9A-Za-z]")
_BILLS = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.RECEIPT)
# The findings of the reader that are answered when a person has said what these fields are.
_ANSWERED_BY = {
    "unread_payment_ref": ("payment_ref",),
    "unread_bank_account": ACCOUNTS,
    "unread_bankgiro": ACCOUNTS,
    "unread_plusgiro": ACCOUNTS,
    "several_accounts": ACCOUNTS,
    "factoring": ACCOUNTS,
    "issued_later": ("issue_date",),
    "sums_do_not_agree": AMOUNTS,
    "print_differs": ("total", "net", "iban"),
    "code_differs": (*AMOUNTS, *ACCOUNTS, "payment_ref", "invoice_no"),
}


class NoSuchField(Refused):
    """Only what is read can be corrected."""

    message = _("“{name}” is not read from documents, so it cannot be corrected.")


class NotSuchAValue(Refused):
    """A day is a day, and an amount an amount."""

    message = _("“{value}” cannot be the field {name}.")


def corrected(kept: Mapping, values: Mapping[str, str], *, law: Country) -> dict:
    """The reading with what a person says: {field: value}, and kind, rounding, vat_number, base_25, vat_25 …

    Days and amounts may be as they are printed. An empty value says that the paper has none. Raises
    NoSuchField and NotSuchAValue.
    """
    said = {name: _normal(name, text, law) for name, text in values.items()}
    made = {**kept, "fields": {name: dict(one) for name, one in kept["fields"].items()}}
    if "kind" in said:
        made["kind"] = said.pop("kind")
    if "vat_number" in said:
        made["vat_number"] = said.pop("vat_number")
    if said.get("rounding") is not None:
        made["rounding"] = said.pop("rounding") or "0.00"
    rates = {name: said.pop(name) for name in list(said) if _RATE.fullmatch(name)}
    for name, text in said.items():
        made["fields"][name] = _said(kept["fields"].get(name), text)
    if "supplier_orgno" in said and said["supplier_orgno"] != value(kept, "supplier_orgno"):
        _another_seller(made, law, keeps_vat_number="vat_number" in values)
    _signed(made, law)
    if rates:
        made["vat"] = _lines(rates, made)
    elif set(AMOUNTS) & set(said):
        made["vat"] = _fitting(made, law, confirmed=set(AMOUNTS) <= set(said))
    made["fields"] = {name: made["fields"][name] for name in FIELDS if name in made["fields"]}
    made["findings"] = [one for one in kept["findings"] if not _is_answered(one["code"], values, made)]
    if "kind" in values:
        made["is_illegible"] = False
    return made


def _another_seller(made: dict, law: Country, *, keeps_vat_number: bool) -> None:
    """The country of the seller's number as it is now; a VAT number that was read as another's is dropped."""
    number = value(made, "supplier_orgno")
    fitting = [code for code in (law.code, *codes()) if country(code).is_org_number(number)]
    if fitting:
        made["supplier_country"] = fitting[0]
    vat_number = law.normal_org_number(made["vat_number"])
    if not keeps_vat_number and not (number and vat_number.startswith(number)):
        made["vat_number"] = ""


def _said(before: Mapping | None, text: str) -> dict:
    first = before.get("read", before) if before else None
    kept = {"value": first["value"], "is_remembered": first["is_remembered"]} if first else None
    return {
        "value": text,
        "confidence": 1.0,
        "proof": CORRECTED,
        "reason": CORRECTED_REASON,
        "source": "person",
        "place": before["place"] if before and before["value"] == text else None,
        "second": before["value"] if before and before["value"] != text else None,
        "is_proven": True,
        "is_remembered": bool(first and first["is_remembered"]),
        "read": kept,
    }


def _normal(name: str, text: str, law: Country) -> str:
    """The value as fields hold it; raises NoSuchField and NotSuchAValue."""
    text = text.strip()
    if name == "kind":
        if text not in [kind.value for kind in Kind]:
            raise NotSuchAValue(name=name, value=text[:40])
        return text
    if name not in FIELDS and name not in MORE and not _RATE.fullmatch(name):
        raise NoSuchField(name=name[:40])
    if not text:
        return ""
    if name in DATES:
        found = [one.day for one in dates.find(text)]
        if len(found) != 1:
            raise NotSuchAValue(name=name, value=text[:40])
        return found[0].isoformat()
    if name in AMOUNTS or name == "rounding" or _RATE.fullmatch(name):
        return _amount(name, text)
    if name in ACCOUNTS:
        text = _account(name, text, law)
    elif name in ("supplier_orgno", "buyer_orgno"):
        text = law.normal_org_number(text) or _SIGNS.sub("", text)
    elif name == "currency":
        text = text.upper()
    elif name == "payment_ref":
        text = re.sub(r"\s", "", text)
    if len(text) > LONGEST.get(name, LONG) or not text.isprintable():
        raise NotSuchAValue(name=name, value=text[:40])
    return text


def _amount(name: str, text: str) -> str:
    """An amount with two decimals, from whatever way it is printed."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        decimal = amounts.decimal_sign([text])
        printed = [*amounts.find(text, decimal)] or [*amounts.find_whole(text, decimal)]
        if not printed:
            raise NotSuchAValue(name=name, value=text[:40]) from None
        found = printed[0].amount
    if not found.is_finite() or abs(found) > LARGEST or found != round(found, 2):
        raise NotSuchAValue(name=name, value=text[:40])
    return f"{found:.2f}"


def _account(name: str, text: str, law: Country) -> str:
    """The digits of an account; its check digit must be right."""
    written_ = {"plusgiro": "PG", "bankgiro": "BG"}.get(name, "") + text
    normal = law.normal_account(written_) or law.normal_account(text)
    if not normal and name != "iban" and law.code != "NO":
        raise NotSuchAValue(name=name, value=text[:40])
    return normal.removeprefix("PG") or _SIGNS.sub("", text).upper()


def _signed(made: dict, law: Country) -> None:
    """A credit note's amounts are negative, whichever way they are printed; so are its lines and rounding."""
    if made["kind"] != Kind.CREDIT_NOTE:
        return
    for name in AMOUNTS:
        found = amount(made, name)
        if found is not None and found > 0:
            made["fields"][name] = made["fields"][name] | {"value": f"{-found:.2f}"}
    if any(Decimal(line["base"]) > 0 for line in made["vat"]):
        made["rounding"] = f"{-Decimal(made['rounding']):.2f}"
        made["vat"] = [
            line | {"base": f"{-Decimal(line['base']):.2f}", "vat": f"{-Decimal(line['vat']):.2f}"}
            for line in made["vat"]
        ]


def _lines(rates: Mapping[str, str], made: Mapping) -> list[dict]:
    """The VAT of each rate as a person gave it."""
    lines: dict[str, dict] = {}
    sign = -1 if made["kind"] == Kind.CREDIT_NOTE else 1
    for name, text in rates.items():
        part, rate = _RATE.fullmatch(name).groups()
        given = Decimal(text or "0.00")
        rate = f"{Decimal(rate).normalize():f}"
        line = lines.setdefault(rate, {"rate": rate, "base": "0.00", "vat": "0.00", "is_proven": True})
        line[part] = f"{sign * abs(given) if sign < 0 else given:.2f}"
    return [line for line in lines.values() if Decimal(line["base"]) or Decimal(line["vat"])]


def _fitting(made: Mapping, law: Country, *, confirmed: bool) -> list[dict]:
    """The VAT lines that go with the amounts as they are now: those read, or the one rate that fits.

    Lines that were read are believed when a person has confirmed all three amounts that they sum to.
    """
    net, vat, _total = (amount(made, name) for name in AMOUNTS)
    lines = made["vat"]
    if net is None or vat is None:
        return lines
    sums = tuple(sum((Decimal(line[name]) for line in lines), ZERO) for name in ("base", "vat"))
    if lines and sums == (net, vat):
        return [line | {"is_proven": line["is_proven"] or confirmed} for line in lines]
    if not confirmed or not net:
        return lines
    on = day(made, "issue_date")
    fits = [
        rate
        for rate in _rates(law, on)
        if rate and abs(net * rate / 100 - vat) <= Decimal("0.01") * (1 if vat else 0)
    ]
    if not vat:
        return [{"rate": "0", "base": f"{net:.2f}", "vat": "0.00", "is_proven": True}]
    if len(fits) == 1:
        rate = f"{fits[0].normalize():f}"
        return [{"rate": rate, "base": f"{net:.2f}", "vat": f"{vat:.2f}", "is_proven": True}]
    return lines


def _rates(law: Country, on: date | None) -> set[Decimal]:
    if on is None:
        return set()
    return {code.rate(on) for code in law.vat_codes.values() if code.rates and code.rates[0][0] <= on}


def _is_answered(code: str, values: Mapping[str, str], made: Mapping) -> bool:
    if code == "illegible":
        needed = ("supplier_orgno", "invoice_no", "issue_date", *AMOUNTS)
        return all(made["fields"].get(name, {}).get("proof") == CORRECTED for name in needed)
    if code == "sums_do_not_agree":
        return all(made["fields"].get(name, {}).get("proof") == CORRECTED for name in AMOUNTS)
    if code == "several_documents":
        return not made["pieces"]
    if code.startswith("is_"):
        return "kind" in values and made["kind"] in _BILLS
    return bool(set(_ANSWERED_BY.get(code, ())) & set(values))

"""One file to one reading: the best source first, and each value with what it rests on."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.countries.country import Country
from nattbok.countries.known import country as known_country
from nattbok.formats.finding import Finding, Severity
from nattbok.reading import (
    candidates,
    codes,
    deciding,
    embedded,
    kinds,
    legibility,
    pages,
    pdf,
    second_look,
    sniff,
    trust,
)
from nattbok.reading.deciding import Answer, Decided
from nattbok.reading.labels import Label
from nattbok.reading.memory import Memory, of_supplier
from nattbok.reading.pages import Sheet
from nattbok.reading.print import Print, printed
from nattbok.reading.shape import (
    ACCOUNTS,
    FIELDS,
    Field,
    Kind,
    Own,
    Place,
    Proof,
    Reading,
    VatLine,
)
from nattbok.reading.words import Page, Source

_BROKEN_SLIP = re.compile(r"\d ?# ?\d\d ?#")  # the end of a machine-read line: …2157#41#
LANGUAGES = {"NO": "nb", "SE": "sv"}
UNSURE = 0.45  # at most, in a picture that is to be taken again

_NOT_READ = _("The file is neither a picture nor a PDF.")
_ILLEGIBLE = _(
    "The picture cannot be read well enough. Take a new one: flat, in good light, all of the paper."
)
_DIFFERS = _("The data inside the file says {inside}, and what is printed is {printed}.")
_CODE_DIFFERS = _("The payment code says {inside}, and what is printed is {printed}.")
_SEVERAL = _("The file seems to hold {count} documents. Nothing is cut before a person has said so.")
_UNREAD = {
    "payment_ref": _("A payment reference (KID or OCR) is printed, but could not be read."),
    "bank_account": _("An account number is printed, but could not be read."),
    "bankgiro": _("A bankgiro number is printed, but could not be read."),
    "plusgiro": _("A plusgiro number is printed, but could not be read."),
}
_FACTORING = _("The claim seems to be sold to a factoring firm: see that the account is the right one.")
_SEVERAL_ACCOUNTS = _("Several accounts of one kind are printed.")
_TOO_LATE = _("The invoice date {day} is later than today.")
_FAILED = _("The program could not read the file ({error}); please report it.")
_NO_VAT = _("No VAT is printed: see whether the bill is without VAT, and what the net amount is.")
_NO_SUMS = _("The amounts do not add up: see the total, net and VAT.")
_NO_BILLS = {
    Kind.REMINDER: _("The document is a reminder, which is no new debt."),
    Kind.STATEMENT: _("The document is a statement of account, which is no bill."),
    Kind.DELIVERY_NOTE: _("The document is a delivery note, which is no bill."),
    Kind.ORDER: _("The document is an order, an offer or a pro forma invoice, which is no bill."),
    Kind.UNKNOWN: _("Nothing on the document says that it is an invoice or a receipt."),
}


def read(
    data: bytes,
    *,
    country: str,
    own: Own | None = None,
    memories: Sequence[Memory] = (),
    on: date,
    only: tuple[int, int] | None = None,
    on_page: Callable[[], None] = lambda: None,
) -> Reading:
    """What the picture or PDF `data` says, received in `country` (NO or SE) on the day `on`.

    `own` are the client's own numbers, `memories` what is learnt of suppliers; `only` are the first and last
    page of the one document that is to be read; `on_page` is told of each page begun. Raises Unreadable for
    what cannot be opened at all; a picture beyond reading is a Reading that says so.
    """
    if not (sniff.is_pdf(data) or sniff.is_picture(data)):
        raise Unreadable(_NOT_READ, code="unknown_format")
    own = own or Own()
    sheets = list(pages.sheets(data, on_page=on_page, only=only))
    is_one = only is not None
    first = of_sheets(sheets, country=country, own=own, memories=memories, on=on, is_one=is_one)
    if second_look.is_weak(first) and not legibility.is_hopeless([sheet.page for sheet in sheets]):
        again = [second_look.again(sheet, on_page) for sheet in sheets]
        second = of_sheets(again, country=country, own=own, memories=memories, on=on, is_one=is_one)
        if second_look.worth(second) > second_look.worth(first):
            first, sheets = second, again
    told = _inside(data) if only is None else None
    if told is not None:
        first = _by_data(first, told)
    else:
        first = _legible(second_look.confirmed(first, sheets) if first.kind.is_bill else first)
    return first


def glance(data: bytes, *, country: str, on: date, on_page: Callable[[], None] = lambda: None) -> Reading:
    """What the quick model makes of the first page, in seconds: whether a new picture ought to be taken.

    Raises Unreadable.
    """
    if not (sniff.is_pdf(data) or sniff.is_picture(data)):
        raise Unreadable(_NOT_READ, code="unknown_format")
    sheets = list(pages.sheets(data, on_page=on_page, only=(0, 0)))
    found = of_sheets(sheets, country=country, own=Own(), on=on, is_one=True)
    return _legible(found)


def of_sheets(
    sheets: Sequence[Sheet],
    *,
    country: str,
    own: Own,
    memories: Sequence[Memory] = (),
    on: date,
    is_one: bool = False,
) -> Reading:
    """A reading of pages whose words are known; with `is_one` they are known to be one document."""
    all_pages = tuple(sheet.page for sheet in sheets)
    parts = _pieces(all_pages, country, on) if len(all_pages) > 1 and not is_one else ()
    # Of a file that seems to hold several documents, the first is read.
    chosen = all_pages[: parts[0].last + 1] if len(parts) > 1 else all_pages
    document = printed(chosen)
    place = known_country(deciding.where_from(document, country))
    kind = kinds.kind(document)
    answer = deciding.decide(document, kind, place, own, on)
    numbers = {
        one.value for name, one in answer.fields.items() if name == "supplier_orgno" or name in ACCOUNTS
    }
    if (memory := of_supplier(memories, numbers | _all_numbers(document))) is not None:
        document = printed(chosen, memory)
        answer = deciding.decide(document, kind, place, own, on)
    engine = max((page.source for page in chosen), key=_RANK.index, default=Source.TEXT)
    coded = codes.payment(text for sheet in sheets[: len(chosen)] for text in sheet.codes)
    fields = {name: _field(name, one, document, engine) for name, one in answer.fields.items()}
    findings = _findings(document, answer, fields, coded, on)
    fields = _with_code(fields, coded, own)
    if len(parts) > 1:
        findings.append(Finding(Severity.HOLD, "several_documents", "", _SEVERAL, {"count": len(parts)}))
    return Reading(
        answer.kind, _ordered(fields), _vat_lines(answer, engine), all_pages, str(engine), tuple(findings),
        parts if len(parts) > 1 else (), False,
        answer.sign * answer.agreed.rounding if answer.agreed is not None else Decimal(0),
        place.code, LANGUAGES.get(place.code, ""), *_registration(document, place, fields),
    )  # fmt: skip


def _registration(document: Print, place: Country, fields: Mapping[str, Field]) -> tuple[str, str]:
    """The supplier's country by its number, and its VAT number; each "" when the paper does not say."""
    supplier = fields.get("supplier_orgno")
    alike = [
        one for one in candidates.org_numbers(document, place) if supplier and one.value == supplier.value
    ]
    if not alike:
        return "", ""
    country = alike[0].form
    if not any(one.is_marked for one in alike):
        return country, ""
    return country, _VAT_NUMBER.get(country, "{}").format(supplier.value)


_VAT_NUMBER = {"NO": "NO{}MVA", "SE": "SE{}01"}
_RANK = (Source.TEXT, Source.SMALL, Source.TINY)


def _ordered(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {name: fields[name] for name in FIELDS if name in fields}


def _all_numbers(document: Print) -> set[str]:
    """All figures printed, so that a supplier is known by its number wherever it stands."""
    return {
        re.sub(r"\D", "", match)
        for cell in document.cells
        for match in re.findall(r"\d{3}[ .]?\d{3}[ .]?\d{3}|\d{6}-?\d{4}", cell.text, re.ASCII)
    }


def _field(name: str, one: Decided, document: Print, engine: Source) -> Field:
    is_text = deciding.is_text(document, one.hit) if one.hit is not None else engine is Source.TEXT
    proof = one.proof
    if (
        is_text
        and proof is Proof.LABELLED
        and one.is_clear
        and name in ("invoice_no", "issue_date", "due_date")
    ):
        proof = Proof.CONFIRMED  # no sign of a text layer is misread, and no other value has such a label
    sharpness = 1.0
    if one.hit is not None and not is_text:
        sharpness = one.hit.cell.sureness
    place = Place(one.hit.cell.page, one.hit.box) if one.hit is not None else None
    return Field(
        one.value,
        trust.confidence(name, proof, is_text, sharpness),
        proof,
        str(Source.TEXT if is_text else engine),
        place,
        one.second,
        trust.is_proven(proof, is_text, sharpness) and (is_text or name != "supplier_name"),
        one.hit is not None and one.hit.is_remembered,
    )


def _vat_lines(answer: Answer, engine: Source) -> tuple[VatLine, ...]:
    if answer.agreed is None or not answer.agreed.agrees:
        return ()
    total = answer.fields.get("total")
    is_proven = total is not None and total.proof is Proof.SUMS
    lines = (
        VatLine(line.rate, answer.sign * line.base, answer.sign * line.vat, is_proven and line.is_certain)
        for line in answer.agreed.lines
    )
    return tuple(sorted(lines, key=lambda line: -line.rate))


def _with_code(fields: dict[str, Field], coded: Mapping[str, str], own: Own) -> dict[str, Field]:
    """The fields with what the payment code says, which is better than what was read of the print."""
    found = dict(fields)
    for name, value in coded.items():
        if value in own.org_numbers or value in own.accounts:
            continue
        old = found.get(name)
        if name == "supplier_name" and old is not None:
            continue
        if (
            name in ("total", "vat_total")
            and old is not None
            and old.value.startswith("-")
            and value[0] != "-"
        ):
            value = f"-{value}"
        found[name] = Field(
            value, trust.confidence(name, Proof.CODE, False), Proof.CODE, "code",
            old.place if old is not None else None,
            old.value if old is not None and old.value != value else None, True,
        )  # fmt: skip
    return found


def _findings(
    document: Print, answer: Answer, fields: Mapping[str, Field], coded: Mapping[str, str], on: date
) -> list[Finding]:
    found = []
    if not answer.kind.is_bill:
        found.append(Finding(Severity.HOLD, f"is_{answer.kind}", "", _NO_BILLS[answer.kind]))
    if "several_accounts" in answer.doubts:
        found.append(Finding(Severity.HOLD, "several_accounts", "", _SEVERAL_ACCOUNTS))
    if "factoring" in answer.doubts:
        found.append(Finding(Severity.HOLD, "factoring", "", _FACTORING))
    issued = fields.get("issue_date")
    if issued is not None and issued.value > on.isoformat():
        found.append(Finding(Severity.HOLD, "issued_later", "", _TOO_LATE, {"day": issued.value}))
    if answer.agreed is not None and not answer.agreed.agrees and answer.kind.is_bill:
        said = _NO_VAT if "no_vat" in answer.doubts else _NO_SUMS
        found.append(Finding(Severity.HOLD, "sums_do_not_agree", "", said))
    for name, label in (
        ("payment_ref", Label.REFERENCE),
        ("bank_account", Label.ACCOUNT),
        ("bankgiro", Label.BANKGIRO),
        ("plusgiro", Label.PLUSGIRO),
    ):
        if (
            name not in fields
            and _is_printed(document, label)
            and not (label is Label.ACCOUNT and "iban" in fields)
            and not (label is Label.BANKGIRO and "bank_account" in fields)
        ):
            found.append(Finding(Severity.HOLD, f"unread_{name}", name, _UNREAD[name]))
    if answer.kind is Kind.INVOICE and "payment_ref" not in fields and _is_reference_likely(document, answer):
        found.append(Finding(Severity.HOLD, "unread_payment_ref", "payment_ref", _UNREAD["payment_ref"]))
    for name, value in coded.items():
        printed_field = fields.get(name)
        is_exact = name not in ("supplier_name", "payment_ref")
        if printed_field is not None and is_exact and printed_field.value.lstrip("-") != value.lstrip("-"):
            values = {"inside": value, "printed": printed_field.value}
            found.append(Finding(Severity.HOLD, "code_differs", name, _CODE_DIFFERS, values))
    return found


def _is_printed(document: Print, label: Label) -> bool:
    """Whether a label alone in its cell, or with figures after it, names such a number."""
    from nattbok.reading.labels import spot

    for cell in document.cells:
        before = re.split(r"[\d#]", cell.text, maxsplit=1)[0]
        found = spot(before)
        if found is not None and found.label is label and found.strength >= 1.0:
            rest = document.rows[cell.row][cell.column + 1 :]
            if re.search(r"\d{2}", cell.text) or any(re.search(r"\d{2}", one.text) for one in rest):
                return True
    return False


def _is_reference_likely(document: Print, answer: Answer) -> bool:
    """Whether a long number with a right check digit stands unexplained: its label may be misread."""
    known = " ".join(one.value for one in answer.fields.values())
    if any(candidates.unexplained(document, known_country(answer.country), known)):
        return True
    rows = (" ".join(cell.text for cell in row) for row in document.rows)
    return any(_BROKEN_SLIP.search(text) for text in rows)


def _pieces(all_pages: Sequence[Page], country: str, on: date):
    parts = []
    for page in all_pages:
        document = printed([page])
        if not document.cells:
            parts.append((document, "", ""))
            continue
        place = known_country(deciding.where_from(document, country))
        answer = deciding.decide(document, kinds.kind(document), place, Own(), on)
        number, org = answer.fields.get("invoice_no"), answer.fields.get("supplier_orgno")
        has_heading = number is not None and number.is_clear
        parts.append(
            (
                document,
                number.value if has_heading else "",
                org.value if org is not None and org.is_clear else "",
            )
        )
    return kinds.pieces(parts)


def _legible(reading: Reading) -> Reading:
    """The reading; when its picture is too poor, with nothing proven and a new one asked for."""
    agrees = all(finding.code != "sums_do_not_agree" for finding in reading.findings) and bool(
        reading.vat_lines
    )
    if not legibility.is_illegible(reading.pages, reading.fields, agrees):
        return reading
    fields = {
        name: one
        if one.source == "code"
        else replace(one, is_proven=False, confidence=min(one.confidence, UNSURE))
        for name, one in reading.fields.items()
    }
    lines = tuple(replace(line, is_proven=False) for line in reading.vat_lines)
    asked = Finding(Severity.HOLD, "illegible", "", _ILLEGIBLE)
    return replace(
        reading, fields=fields, vat_lines=lines, is_illegible=True, findings=(asked, *reading.findings)
    )


def _inside(data: bytes) -> embedded.Told | None:
    if not sniff.is_pdf(data):
        return None
    try:
        with pdf.opened(data) as document:
            return embedded.invoice(pdf.inside(document))
    except Unreadable:
        return None


def failed(trouble: Exception) -> Finding:
    """What is said when the program stumbles on a file."""
    return Finding(Severity.HOLD, "reader_failed", "", _FAILED, {"error": type(trouble).__name__})


def _by_data(reading: Reading, told: embedded.Told) -> Reading:
    """The reading with the values of the data inside the file; where the print says otherwise, it is held."""
    kind, values, lines, vat_number, held = told
    fields, findings = (
        dict(reading.fields),
        [finding for finding in reading.findings if finding.code not in ("illegible", "sums_do_not_agree")],
    )
    findings += held
    for name, value in values.items():
        old = fields.get(name)
        if old is not None and old.value != value and old.is_proven and name in ("total", "net", "iban"):
            said = {"inside": value, "printed": old.value}
            findings.append(Finding(Severity.HOLD, "print_differs", name, _DIFFERS, said))
        fields[name] = Field(
            value, trust.confidence(name, Proof.XML, True), Proof.XML, "xml",
            old.place if old is not None and old.value == value else None, None, True,
        )  # fmt: skip
    return replace(
        reading, kind=kind, fields=_ordered(fields), engine="xml", findings=tuple(findings),
        is_illegible=False, vat_number=vat_number,
        supplier_country=_country_of(vat_number) or reading.supplier_country,
        vat_lines=tuple(VatLine(rate, base, vat, True) for rate, base, vat in lines) or reading.vat_lines,
    )  # fmt: skip


def _country_of(number: str) -> str:
    """The country whose letters a VAT number begins with."""
    return number[:2].upper() if number[:2].isalpha() else ""

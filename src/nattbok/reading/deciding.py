"""One answer for the whole document: of all that its numbers, days and amounts may be, what fits together."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.countries.country import Country
from nattbok.reading import candidates, crediting, days, labels, names, sums
from nattbok.reading.candidates import Amount, Found
from nattbok.reading.decided import Decided, by_label
from nattbok.reading.labels import Label
from nattbok.reading.print import AMOUNT, Hit, Print
from nattbok.reading.shape import ACCOUNTS, Kind, Own, Proof
from nattbok.reading.words import Source

_ANY_NUMBER = ("nr", "nummer")
CLEAR = 0.88  # a label this strong is read right and stands right at its value
_CURRENCY = re.compile(
    r"(?<![A-Za-z])(NOK|SEK|EUR|USD|DKK|GBP|CHF|ISK|PLN)(?![A-Za-z])|([€$£](?=\s?\d)|(?<=\d)\s?€)|(?<=[\d\s])(?:kr)\b"
)
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_SWEDISH = re.compile(
    r"\b(?:moms|momsreg\w*|bankgiro|forfallodatum|att betala|oresavrundning|f ?skatt\w*|summa)\b|\bsek\b"
)
_NORWEGIAN = re.compile(
    r"\b(?:mva|merverdiavgift|forfallsdato|forfall|kid|kontonr|a betale|orgnr|"
    r"foretaksreg\w*|belop|betales)\b|mva\b|\bnok\b"
)


@dataclass
class Answer:
    """All that was decided of a document."""

    kind: Kind
    country: str
    fields: dict[str, Decided] = field(default_factory=dict)
    agreed: sums.Sums | None = None
    sign: int = 1
    doubts: list[str] = field(default_factory=list)


def where_from(document: Print, country: str) -> str:
    """NO or SE by the words on the paper; `country` when they do not say."""
    swedish = len(set(_SWEDISH.findall(document.folded)))
    norwegian = len(set(_NORWEGIAN.findall(document.folded)))
    if swedish == norwegian:
        return country
    return "SE" if swedish > norwegian else "NO"


def decide(document: Print, kind: Kind, country: Country, own: Own, on: date) -> Answer:
    """The answer for a document from `country`, received on the day `on`."""
    answer = Answer(kind, country.code)
    _reference(document, country, answer)
    _accounts(document, country, own, answer)
    _org_numbers(document, country, own, answer)
    answer.fields |= days.of_bill(document, kind, on)
    _number(document, answer)
    _likely_reference(document, country, answer)
    issued = answer.fields.get("issue_date")
    day = date.fromisoformat(issued.value) if issued is not None else on
    _amounts(document, country, day, answer)
    if answer.kind is Kind.CREDIT_NOTE:
        crediting.decide(document, answer.fields)
    _currency(document, country, answer)
    _name(document, answer)
    return answer


def _best(found: Sequence[Found], *wanted: Label) -> list[Found]:
    """Those found, the strongest labelled first, each value once."""
    ranked = sorted(found, key=lambda one: (-one.hit.strength(*wanted), not one.is_marked, one.hit.order))
    seen: dict[str, Found] = {}
    for one in ranked:
        seen.setdefault(one.value, one)
    return list(seen.values())


def _second(ranked: Sequence[Found]) -> str | None:
    return ranked[1].value if len(ranked) > 1 else None


def _reference(document: Print, country: Country, answer: Answer) -> None:
    slips = list(candidates.giros(document))
    for slip in slips:
        if country.references.is_valid(slip.reference):
            answer.fields["payment_ref"] = Decided(slip.reference, Proof.CHECKED, slip.hit, is_clear=True)
            return
    found = _best([*candidates.references(document, country)], Label.REFERENCE)
    checked = [one for one in found if one.is_checked]
    if checked:
        rivals = [one for one in checked[1:] if one.hit.strength(Label.REFERENCE) >= CLEAR]
        first = checked[0]
        proof = Proof.CHECKED if not rivals else Proof.CHECKED_ONLY
        answer.fields["payment_ref"] = Decided(first.value, proof, first.hit, _second(checked), not rivals)
    elif found and len(found[0].value) >= 5 and found[0].hit.strength(Label.REFERENCE) >= CLEAR:
        answer.fields["payment_ref"] = Decided(found[0].value, Proof.DOUBTFUL, found[0].hit, _second(found))


def _likely_reference(document: Print, country: Country, answer: Answer) -> None:
    """The one long number in the row of an account, when nothing is labelled a reference: for a person."""
    rows = {
        one.hit.cell.row for name, one in answer.fields.items() if name in ACCOUNTS and one.hit is not None
    }
    if "payment_ref" in answer.fields or not rows:
        return
    known = " ".join(one.value for one in answer.fields.values())
    beside = [one for one in candidates.unexplained(document, country, known) if one.hit.cell.row in rows]
    if len({one.value for one in beside}) == 1:
        answer.fields["payment_ref"] = Decided(beside[0].value, Proof.CHECKED_ONLY, beside[0].hit)


def _accounts(document: Print, country: Country, own: Own, answer: Answer) -> None:
    reference = answer.fields.get("payment_ref")
    taken = {reference.value} if reference is not None else set()
    ibans = [one for one in candidates.ibans(document) if one.value not in own.accounts]
    of_ibans = {country.normal_account(one.value) for one in ibans}
    slips = {slip.account for slip in candidates.giros(document) if slip.account}
    # In Norway an account is called bankgiro as well.
    kinds: tuple[tuple[str, Iterable[Found], tuple[Label, ...]], ...] = (
        (
            "bank_account",
            candidates.accounts(document, country) if country.code == "NO" else (),
            (Label.ACCOUNT, Label.BANKGIRO),
        ),
        ("bankgiro", candidates.bankgiros(document) if country.code == "SE" else (), (Label.BANKGIRO,)),
        ("plusgiro", candidates.plusgiros(document) if country.code == "SE" else (), (Label.PLUSGIRO,)),
        ("iban", ibans, (Label.IBAN,)),
    )
    for name, found, label in kinds:
        ranked = [
            one
            for one in _best(list(found), *label)
            if one.value not in own.accounts
            and one.value not in taken
            and country.normal_account(one.value) not in own.accounts
        ]
        if name == "bank_account":
            # An unlabelled number of eleven figures may be anything; one with dots, or of the IBAN, is not.
            ranked = [
                one for one in ranked if one.hit.strength(*label) or one.is_marked or one.value in of_ibans
            ]
        if not ranked:
            continue
        first = ranked[0]
        same = first.hit.strength(*label)
        rivals = [one for one in ranked[1:] if one.hit.strength(*label) >= min(same, CLEAR)]
        is_known = same >= CLEAR or first.value in slips or first.value in of_ibans or name == "iban"
        # "Betal til 1503.12.00455": written as accounts are, after words that say who gets the money.
        is_known |= first.is_marked and len(ranked) == 1 and first.hit.strength(Label.PAYEE) > 0
        if rivals:
            answer.doubts.append("several_accounts")
        proof = Proof.CHECKED if is_known and not rivals else Proof.CHECKED_ONLY
        answer.fields[name] = Decided(first.value, proof, first.hit, _second(ranked), not rivals)
    if country.code == "SE" and "bankgiro" not in answer.fields:
        for slip in candidates.giros(document):
            if slip.kind == "41" and country.normal_account(slip.account):
                answer.fields["bankgiro"] = Decided(slip.account, Proof.CHECKED, slip.hit, is_clear=True)


def _org_numbers(document: Print, country: Country, own: Own, answer: Answer) -> None:
    everyone = list(candidates.org_numbers(document, country))
    numbers = {one.value for one in answer.fields.values()}
    buyers = [one for one in everyone if one.value in own.org_numbers]
    others = [one for one in everyone if one.value not in own.org_numbers and one.value not in numbers]
    factors = {one.value for one in others if candidates.is_factoring(document, one)}
    scores: dict[str, float] = {}
    best: dict[str, Found] = {}
    for one in others:
        score = 3.0 * one.is_marked + one.hit.strength(Label.ORG)
        score += 2.0 * one.hit.is_remembered
        score += 0.8 * candidates.is_of_seller(document, one)
        score -= 3.0 * candidates.is_of_buyer(document, one)
        score -= 4.0 * (one.value in factors)
        if one.value in scores:
            scores[one.value] = max(scores[one.value], score) + 0.3
        else:
            scores[one.value] = score
        if one.value not in best or one.is_marked > best[one.value].is_marked:
            best[one.value] = one
    ranked = sorted(scores, key=lambda value: (-scores[value], best[value].hit.order))
    if ranked and scores[ranked[0]] > -1:
        first = best[ranked[0]]
        lead = scores[ranked[0]] - (scores[ranked[1]] if len(ranked) > 1 else 0.0)
        if first.hit.is_remembered:
            proof = Proof.CHECKED
        elif first.is_marked and lead >= 1.5:
            proof = Proof.CHECKED_MARKED
        elif own.org_numbers and len(ranked) == 1 and first.hit.strength(Label.ORG) >= CLEAR:
            proof = Proof.CHECKED
        else:
            proof = Proof.CHECKED_ONLY
        second = ranked[1] if len(ranked) > 1 else None
        answer.fields["supplier_orgno"] = Decided(first.value, proof, first.hit, second, lead >= 1.5)
    chosen = answer.fields.get("supplier_orgno")
    if not buyers and len(ranked) > 1:
        buyers = [best[value] for value in ranked[1:] if value not in factors][:1]
    if buyers and (chosen is None or buyers[0].value != chosen.value):
        proof = Proof.CHECKED if buyers[0].value in own.org_numbers else Proof.CHECKED_ONLY
        answer.fields["buyer_orgno"] = Decided(buyers[0].value, proof, buyers[0].hit)
    if factors:
        answer.doubts.append("factoring")


def _number(document: Print, answer: Answer) -> None:
    others = {one.value for name, one in answer.fields.items()}
    found = [
        one for one in candidates.invoice_numbers(document) if re.sub(r"\D", "", one.value) not in others
    ]
    found = [one for one in found if not (_is_next_to_number(document, one) or _is_of_item(document, one))]
    ranked = _best(found, Label.INVOICE_NO)
    # One that ends right at its label goes before one further on in the row.
    ranked.sort(key=lambda one: (-round(_closeness(document, one), 2), one.hit.order))
    if not ranked:
        return
    first = ranked[0]
    closeness = _closeness(document, first)
    is_clear = closeness >= 0.6 and (len(ranked) == 1 or closeness - _closeness(document, ranked[1]) >= 0.04)
    digits = re.sub(r"\D", "", first.value)
    reference = answer.fields.get("payment_ref")
    is_quoted = (
        reference is not None
        and reference.proof is Proof.CHECKED
        and len(digits) >= 3
        and digits in reference.value
    )
    text = document.folded
    wanted = labels.fold_words(first.value)
    is_twice = len(digits) >= 4 and len(re.findall(rf"(?<!\w){re.escape(wanted)}(?!\w)", text)) > 1
    proof = Proof.CONFIRMED if is_clear and (is_quoted or is_twice) else Proof.LABELLED
    answer.fields["invoice_no"] = Decided(
        first.value, by_label(first.hit, proof), first.hit, _second(ranked), is_clear
    )


def _closeness(document: Print, one: Found) -> float:
    """The strength of the number's label, less where other figures or words stand between."""
    strength = one.hit.strength(Label.INVOICE_NO)
    before = one.hit.cell.text[: one.hit.start]
    if re.search(r"\d", before):
        strength -= 0.3
    spotted = one.hit.left if one.hit.left is not None else one.hit.above
    if spotted is not None and spotted.label is Label.INVOICE_NO and not one.hit.is_remembered:
        # "Fakturanr" says more than "Faktura", which may head anything.
        strength += 0.05 * bool(re.search(r"(?:nr|nummer|no|number)$", spotted.phrase))
        strength -= 0.15 * (
            spotted.phrase
            in ("faktura", "invoice", "dokument", "document", "receipt", "credit", *_ANY_NUMBER)
        )
    if len(re.sub(r"\D", "", one.value)) < 2:
        strength -= 0.1
    return strength


def _is_of_item(document: Print, one: Found) -> bool:
    """Whether it is the number of a line of the bill: under a heading "Nr", with an amount in its row."""
    above = one.hit.above if one.hit.left is None else None
    if above is None or above.phrase not in _ANY_NUMBER:
        return False
    return any(AMOUNT.search(cell.text) for cell in document.rows[one.hit.cell.row])


def _is_next_to_number(document: Print, one: Found) -> bool:
    """Whether it is a share (25 %), a page (1 of 2) or the hour of a receipt."""
    text = one.hit.cell.text
    after = text[one.hit.end : one.hit.end + 3]
    before = text[max(0, one.hit.start - 1) : one.hit.start]
    return bool(re.match(r"\s?%|:\d\d|\s?(?:av|of)\b", after)) or (
        before == ":" and bool(re.search(r"\d:$", text[: one.hit.start]))
    )


def _amounts(document: Print, country: Country, day: date, answer: Answer) -> None:
    found = candidates.all_amounts(document)
    for slip in candidates.giros(document):
        if slip.amount is not None:
            spotted = labels.Spotted(Label.TOTAL, 1.0, "giro")
            found.append(Amount(slip.amount, Hit(slip.hit.cell, slip.hit.start, slip.hit.end, spotted)))
    solved = sums.solve(document, found, country, day)
    if solved is None:
        return
    if solved.score < 0.8 and not solved.agrees:
        return  # an amount that nothing says is the total
    answer.agreed = solved
    is_positive = solved.total > 0
    answer.sign = -1 if answer.kind is Kind.CREDIT_NOTE and is_positive else 1
    if not is_positive and answer.kind is Kind.INVOICE:
        answer.kind = Kind.CREDIT_NOTE
    if solved.agrees:
        proof = Proof.SUMS if solved.is_labelled and not solved.others else Proof.SUMS_ONLY
    elif any(one.hit.strength(Label.VAT, Label.NET) for one in found):
        proof = Proof.DOUBTFUL  # net and VAT are printed, and do not lead to it
    else:
        proof = Proof.LABELLED if solved.strength >= 0.6 else Proof.PLACED
        answer.doubts.append("no_vat")
    second = next(iter(solved.others), None)

    def decided(amount: Decimal, hit: Hit | None, how: Proof) -> Decided:
        if hit is not None and hit.is_remembered and how in (Proof.LABELLED, Proof.SUMS_ONLY):
            how = Proof.MEMORY if how is Proof.LABELLED else Proof.SUMS
        return Decided(f"{answer.sign * amount:.2f}", how, hit)

    answer.fields["total"] = decided(solved.total, solved.total_hit, proof)
    if second is not None:
        answer.fields["total"] = Decided(
            answer.fields["total"].value,
            answer.fields["total"].proof,
            solved.total_hit,
            f"{answer.sign * second:.2f}",
        )
    for name, amount, hit in (("net", solved.net, solved.net_hit), ("vat_total", solved.vat, solved.vat_hit)):
        if amount is not None:
            answer.fields[name] = decided(
                amount, hit, proof if hit is not None or proof is Proof.SUMS else Proof.DERIVED
            )


def _currency(document: Print, country: Country, answer: Answer) -> None:
    """The currency printed at the total; else the only one printed; else the country's own."""
    texts = [cell.text for cell in document.cells]
    everywhere = [code for text in texts for code in _codes(text)]
    total = answer.agreed.total_hit if answer.agreed is not None else None
    near: list[str] = []
    if total is not None:
        row = document.rows[total.cell.row]
        near = [code for cell in row for code in _codes(cell.text)]
        if not near and total.above is not None and total.cell.row:
            near = [code for cell in document.rows[total.cell.row - 1] for code in _codes(cell.text)]
    labelled = [
        code
        for cell in document.cells
        for match in _CURRENCY.finditer(cell.text)
        if (code := _code(match)) and document.hit(cell, match.start(), match.end()).strength(Label.CURRENCY)
    ]
    foreign = {code for code in everywhere if code != country.currency}
    if labelled and len(set(labelled)) == 1 and (not near or near[0] == labelled[0]):
        answer.fields["currency"] = Decided(labelled[0], Proof.CONFIRMED, None, is_clear=True)
    elif near and len(set(near)) == 1:
        answer.fields["currency"] = Decided(near[0], Proof.CONFIRMED, total, is_clear=True)
    elif everywhere and len(set(everywhere)) == 1 and foreign:
        answer.fields["currency"] = Decided(everywhere[0], Proof.LABELLED, None, is_clear=True)
    else:
        supplier = answer.fields.get("supplier_orgno")
        is_home = supplier is not None and supplier.proof in (Proof.CHECKED, Proof.CHECKED_MARKED)
        proof = Proof.CONFIRMED if is_home and not foreign else Proof.DEFAULT
        second = next(iter(sorted(foreign)), None)
        answer.fields["currency"] = Decided(country.currency, proof, None, second, not foreign)


def _codes(text: str) -> list[str]:
    return [code for match in _CURRENCY.finditer(text) if (code := _code(match))]


def _code(match: re.Match[str]) -> str:
    return match[1] or _SIGNS.get((match[2] or "").strip(), "")


def _name(document: Print, answer: Answer) -> None:
    org = answer.fields.get("supplier_orgno")
    memory = document.memory
    if memory is not None and memory.name and org is not None and org.value == memory.supplier:
        answer.fields["supplier_name"] = Decided(memory.name, Proof.MEMORY, None, is_clear=True)
        return
    near = [org.hit.cell] if org is not None and org.hit is not None else []
    found = names.suppliers(document, near, country=answer.country)
    if found:
        first = found[0]
        proof = Proof.CONFIRMED if first.is_confirmed else Proof.PLACED
        second = found[1].text if len(found) > 1 else None
        hit = Hit(first.cell, 0, len(first.cell.text))
        answer.fields["supplier_name"] = Decided(first.text, proof, hit, second, first.is_confirmed)


def is_text(document: Print, hit: Hit | None) -> bool:
    """Whether a value comes from a text layer, where no sign can be misread."""
    return hit is not None and any(
        page.number == hit.cell.page and page.source is Source.TEXT for page in document.pages
    )

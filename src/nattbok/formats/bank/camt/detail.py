"""One payment of an entry (TxDtls)."""

from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.formats import xml
from nattbok.formats.bank.camt.names import Names, account, bank_code, charges, direction, money
from nattbok.formats.bank.shape import Remittance

_CREDIT_NOTES = frozenset(("CREN",))
_NOT_PROVIDED = "NOTPROVIDED"


@dataclass(slots=True)
class Detail:
    """What a TxDtls says, amounts signed as the entry's or as its own CdtDbtInd says."""

    amount: Decimal | None = None  # as ordered (TxAmt) or else as booked, in the entry's currency
    booked: Decimal | None = None  # as booked (Amt, from version 04), in the entry's currency
    is_foreign: bool = False  # amounts are given, none in the entry's currency
    reference: str = ""  # the bank's
    end_to_end_id: str = ""
    payment_info_id: str = ""
    message_id: str = ""
    only_reference: str = ""
    remittances: tuple[Remittance, ...] = ()
    remitted: Decimal | None = None  # the sum of the remittances, when each has an amount
    text: str = ""
    name: str = ""
    account: str = ""
    org_number: str = ""
    bank_code: str = ""
    return_reason: str = ""
    instructed_amount: Decimal | None = None
    instructed_currency: str = ""
    charges: Decimal | None = None


def detail(names: Names, node: xml.Element, *, is_out: bool, is_reversal: bool, currency: str) -> Detail:
    """Read a TxDtls of an entry in `currency` that is money out or in."""
    parts = names.parts(node)
    own = parts.get("CdtDbtInd")
    sign = (-1 if is_out else 1) if own is None else direction(own, node)
    found = Detail()
    if "Refs" in parts:
        references = names.texts(parts["Refs"])
        found.reference = references.get("AcctSvcrRef", "")
        end_to_end_id = references.get("EndToEndId", "")
        found.end_to_end_id = "" if end_to_end_id == _NOT_PROVIDED else end_to_end_id
        found.payment_info_id = references.get("PmtInfId", "")
        found.message_id = references.get("MsgId", "")
    _amounts(names, found, parts, sign, currency)
    if "BkTxCd" in parts:
        found.bank_code = bank_code(names, parts["BkTxCd"])
    if "Chrgs" in parts:
        found.charges = charges(names, parts["Chrgs"], currency)
    if "RltdPties" in parts:
        _parties(names, found, parts["RltdPties"], "Cdtr" if is_out != is_reversal else "Dbtr")
    texts: list[str] = []
    if "RmtInf" in parts:
        _remittances(names, found, parts["RmtInf"], sign, currency, texts)
    if "AddtlTxInf" in parts:
        texts.append((parts["AddtlTxInf"].text or "").strip())
    if texts:
        found.text = "\n".join(text for text in texts if text)
    if "RtrInf" in parts:
        reason = names.down(parts["RtrInf"], "Rsn")
        found.return_reason = names.text(reason, "Cd") or names.text(reason, "Prtry")
    return found


def _amounts(names: Names, found: Detail, parts: dict[str, xml.Element], sign: int, currency: str) -> None:
    """The amount in the entry's currency, from TxAmt, Amt or CntrValAmt; another one is kept beside it."""
    given = parts.get("AmtDtls")
    ordered = {} if given is None else names.parts(given)
    other: tuple[Decimal, str] | None = None
    for name in ("TxAmt", "Amt", "CntrValAmt"):
        if name == "Amt":
            node = parts.get("Amt")
        else:
            node = ordered.get(name)
            node = None if node is None else names.down(node, "Amt")
        if node is None:
            continue
        if node.get("Ccy") == currency:
            amount = money(node)
            if amount is None:
                continue
            if found.amount is None:
                found.amount = amount[0] * sign
            if name == "Amt":
                found.booked = amount[0] * sign
        else:
            other = other or money(node, is_information=True)
    instructed = money(names.down(ordered.get("InstdAmt"), "Amt"), is_information=True) or other
    if instructed is not None:
        found.instructed_amount, found.instructed_currency = instructed
    found.is_foreign = found.amount is None and other is not None


def _parties(names: Names, found: Detail, node: xml.Element, side: str) -> None:
    """The other side: the debtor of money in, the creditor of money out, the other way in a reversal.

    Ultimate ones only in their lack.
    """
    parties = names.parts(node)
    party = parties.get(side, parties.get("Ultmt" + side))
    if party is not None:
        parts = names.parts(party)
        if "Pty" in parts:  # from version 08
            parts = names.parts(parts["Pty"])
        if "Nm" in parts:
            found.name = (parts["Nm"].text or "").strip()
        if "Id" in parts:
            found.org_number = names.text(parts["Id"], "OrgId", "Othr", "Id")
    holder = parties.get(side + "Acct")
    if holder is not None:
        found.account = account(names, holder)


def _remittances(
    names: Names, found: Detail, node: xml.Element, sign: int, currency: str, texts: list[str]
) -> None:
    remittances: list[Remittance] = []
    references = 0
    for child in node:
        name = names[child.tag]
        if name == "Ustrd":
            texts.append((child.text or "").strip())
        elif name == "Strd":
            for remittance in _structured(names, child, sign, currency, texts):
                remittances.append(remittance)
                if remittance.reference:
                    references += 1
                    found.only_reference = remittance.reference
    if references > 1:
        found.only_reference = ""
    found.remittances = tuple(remittances)
    amounts = [one.amount for one in remittances if one.amount is not None]
    if amounts and len(amounts) == len(remittances):
        found.remitted = sum(amounts, ZERO)


def _structured(
    names: Names, node: xml.Element, sign: int, currency: str, texts: list[str]
) -> list[Remittance]:
    """One Strd: its reference, its documents, and the amount when it is certain whose it is."""
    documents: list[tuple[str, bool]] = []
    paid: Decimal | None = None
    credited: Decimal | None = None
    reference = ""
    for child in node:
        name = names[child.tag]
        if name == "CdtrRefInf":
            reference = names.text(child, "Ref")
        elif name == "RfrdDocInf":
            code = names.text(child, "Tp", "CdOrPrtry", "Cd")
            documents.append((names.text(child, "Nb"), code in _CREDIT_NOTES))
        elif name == "RfrdDocAmt":
            amounts = names.parts(child)
            paid = _in_currency(amounts.get("RmtdAmt"), currency)
            credited = _in_currency(amounts.get("CdtNoteAmt"), currency)
        elif name == "AddtlRmtInf":
            texts.append((child.text or "").strip())
    if len(documents) > 1:  # one amount for several documents: the payment's own amount must do
        several = [Remittance(invoice=number, is_credit_note=credit) for number, credit in documents]
        return ([Remittance(reference=reference)] if reference else []) + several
    invoice, is_credit_note = documents[0] if documents else ("", False)
    is_credit_note = is_credit_note or (paid is None and credited is not None)
    amount = credited if is_credit_note and credited is not None else paid
    if amount is not None:
        amount = -sign * amount if is_credit_note else sign * amount
    if not reference and not invoice and amount is None:
        return []
    return [Remittance(reference=reference, invoice=invoice, amount=amount, is_credit_note=is_credit_note)]


def _in_currency(node: xml.Element | None, currency: str) -> Decimal | None:
    given = money(node, is_information=True)
    return given[0] if given is not None and given[1] == currency else None

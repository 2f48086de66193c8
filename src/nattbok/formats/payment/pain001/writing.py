"""The XML of a pain.001, when all in it may be written (`limits`)."""

from decimal import Decimal

from nattbok.base.money import ORE
from nattbok.formats.payment.pain001.letters import latin
from nattbok.formats.payment.pain001.limits import WHOLE, is_abroad
from nattbok.formats.payment.shape import AccountKind, Batch, BatchKind, CreditTransfer, PaymentFile

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001."
NO_BIC = "NOTPROVIDED"
# The clearing system's member that a Swedish giro number is reached by.
BANKGIRO_MEMBER, PLUSGIRO_MEMBER = "9900", "9960"
CLEARING_DIGITS = 4  # a fifth, as Swedbank's 8xxx-y has, belongs to the account
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def document(file: PaymentFile, *, version: str, country: str) -> str:
    """The whole document, one line per party, batch and payment."""
    inside = "".join(_batch(batch, version, country) for batch in file.batches)
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<Document xmlns="{NAMESPACE}{version}">\n<CstmrCdtTrfInitn>\n{_header(file)}\n{inside}'
        "</CstmrCdtTrfInitn>\n</Document>\n"
    )


def printed(amount: Decimal, currency: str) -> str:
    """An amount as it stands in the file: a point, and two decimals in all currencies that have them."""
    return f"{amount:.0f}" if currency in WHOLE else f"{amount.quantize(ORE):.2f}"


def _header(file: PaymentFile) -> str:
    ids = _other(file.agreement_id, "CUST") + _other(file.division, "BANK")
    return _tag(
        "GrpHdr",
        _leaf("MsgId", file.message_id),
        _leaf("CreDtTm", file.created.isoformat(timespec="seconds")),
        *_sums(file.transfers),
        _tag("InitgPty", _leaf("Nm", latin(file.initiator)), _tag("Id", _tag("OrgId", ids))),
    )


def _batch(batch: Batch, version: str, country: str) -> str:
    day = batch.execute_on.isoformat()
    head = (
        _leaf("PmtInfId", batch.id)
        + _leaf("PmtMtd", "TRF")
        + _leaf("BtchBookg", "true" if batch.books_as_one else "false")
        + "".join(_sums(batch.transfers))
        + _payment_type(batch.kind, country)
        + _tag("ReqdExctnDt", day if version == "03" else _leaf("Dt", day))
    )
    debtor = _tag(
        "Dbtr",
        _leaf("Nm", latin(batch.debtor_name)),
        _tag("PstlAdr", _leaf("Ctry", batch.debtor_country)),
        # Norwegian banks know the debtor by a customer number, Swedish ones by the bank's own.
        _tag("Id", _tag("OrgId", _other(batch.debtor_org_number, "CUST" if country == "NO" else "BANK"))),
    )
    account = _tag(
        "DbtrAcct",
        _tag("Id", _account(batch.account, batch.account_kind)),
        _leaf("Ccy", batch.currency),
    )
    bank = _bic(batch.bic, version) or _tag("Othr", _leaf("Id", NO_BIC))
    transfers = "\n".join(_transfer(transfer, version, country) for transfer in batch.transfers)
    agent = _tag("DbtrAgt", _tag("FinInstnId", bank))
    return f"<PmtInf>{head}\n{debtor}{account}{agent}\n{transfers}\n</PmtInf>\n"


def _payment_type(kind: BatchKind, country: str) -> str:
    """Norway says its service level and what is paid for; in Sweden only salaries are said to be such."""
    if country == "SE":
        return _tag("PmtTpInf", _tag("CtgyPurp", _leaf("Cd", kind.value))) if kind is BatchKind.SALARY else ""
    return _tag("PmtTpInf", _tag("SvcLvl", _leaf("Cd", "NURG")), _tag("CtgyPurp", _leaf("Cd", kind.value)))


def _transfer(transfer: CreditTransfer, version: str, country: str) -> str:
    account, agent = transfer.account, _bic(transfer.bic, version)
    abroad = is_abroad(transfer, country)
    if country == "SE" and not abroad and transfer.account_kind is not AccountKind.IBAN:
        member, account = _swedish(transfer)
        clearing = _tag("ClrSysId", _leaf("Cd", "SESBA"))
        agent += _tag("ClrSysMmbId", clearing, _leaf("MmbId", member))
    return _tag(
        "CdtTrfTxInf",
        _tag(
            "PmtId",
            _leaf("InstrId", transfer.end_to_end_id),
            _leaf("EndToEndId", transfer.end_to_end_id),
        ),
        _tag("Amt", _amount("InstdAmt", transfer.amount, transfer.currency)),
        _leaf("ChrgBr", transfer.charges or ("SHAR" if abroad else "")),
        _tag("CdtrAgt", _tag("FinInstnId", agent)),
        _tag(
            "Cdtr",
            _leaf("Nm", latin(transfer.creditor_name)),
            _tag(
                "PstlAdr",
                _leaf("Ctry", transfer.creditor_country),
                *(_leaf("AdrLine", latin(line)) for line in transfer.creditor_address),
            ),
        ),
        _tag("CdtrAcct", _tag("Id", _account(account, transfer.account_kind))),
        _tag("Purp", _leaf("Cd", transfer.purpose)),
        _tag(
            "RgltryRptg",
            _tag(
                "Dtls",
                _leaf("Cd", transfer.regulatory_code),
                _leaf("Inf", latin(transfer.regulatory_text)),
            ),
        ),
        _remittance(transfer, country),
    )


def _swedish(transfer: CreditTransfer) -> tuple[str, str]:
    """The clearing system's member and the number within it."""
    if transfer.account_kind is AccountKind.BANKGIRO:
        return BANKGIRO_MEMBER, transfer.account
    if transfer.account_kind is AccountKind.PLUSGIRO:
        return PLUSGIRO_MEMBER, transfer.account
    return transfer.account[:CLEARING_DIGITS], transfer.account[CLEARING_DIGITS:]


def _remittance(transfer: CreditTransfer, country: str) -> str:
    currency = transfer.currency
    if transfer.reference:
        # Sweden wants the amount beside the reference, and before it.
        amount = _amount("RmtdAmt", transfer.amount, currency) if country == "SE" else ""
        scor = _tag("Tp", _tag("CdOrPrtry", _leaf("Cd", "SCOR")))
        reference = _tag("CdtrRefInf", scor, _leaf("Ref", transfer.reference))
        return _tag("RmtInf", _tag("Strd", _tag("RfrdDocAmt", amount), reference))
    invoices = (
        _tag(
            "Strd",
            _tag(
                "RfrdDocInf",
                _tag("Tp", _tag("CdOrPrtry", _leaf("Cd", "CREN" if one.is_credit_note else "CINV"))),
                _leaf("Nb", latin(one.number)),
            ),
            _tag(
                "RfrdDocAmt",
                _amount("CdtNoteAmt" if one.is_credit_note else "RmtdAmt", one.amount, currency),
            ),
        )
        for one in transfer.invoices
        if one.amount is not None
    )
    return _tag("RmtInf", _leaf("Ustrd", latin(transfer.text)), *invoices)


def _sums(transfers: tuple[CreditTransfer, ...]) -> tuple[str, str]:
    """How many, and the sum of the amounts as they are printed."""
    total = sum((Decimal(printed(one.amount, one.currency)) for one in transfers), Decimal("0.00"))
    return _leaf("NbOfTxs", str(len(transfers))), _leaf("CtrlSum", f"{total:.2f}")


def _account(account: str, kind: AccountKind) -> str:
    if kind is AccountKind.IBAN:
        return _leaf("IBAN", account)
    # Only bankgiro numbers have a scheme of their own; a plusgiro number is told by its member.
    scheme = _leaf("Prtry", "BGNR") if kind is AccountKind.BANKGIRO else _leaf("Cd", "BBAN")
    return _tag("Othr", _leaf("Id", account), _tag("SchmeNm", scheme))


def _other(number: str, scheme: str) -> str:
    return _tag("Othr", _leaf("Id", number), _tag("SchmeNm", _leaf("Cd", scheme))) if number else ""


def _bic(bic: str, version: str) -> str:
    return _leaf("BIC" if version == "03" else "BICFI", bic)


def _amount(name: str, amount: Decimal, currency: str) -> str:
    return f'<{name} Ccy="{currency}">{printed(amount, currency)}</{name}>'


def _tag(name: str, *inside: str) -> str:
    """An element of elements; nothing when there is nothing in it."""
    body = "".join(inside)
    return f"<{name}>{body}</{name}>" if body else ""


def _leaf(name: str, text: str) -> str:
    """An element of text; nothing when there is none."""
    return f"<{name}>{text.translate(_ESCAPES)}</{name}>" if text else ""

"""Bank files written from a few words, for tests and measurements. Every name and number is invented.

Run it to write the samples anew: `python tests/formats/bank/written_bank_files.py`; what each reads as
(`reads_as.json`) is then to be looked through by a person before it is committed.
"""

import json
import sys
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
DAY = "2026-03-12"


# camt ------------------------------------------------------------------------------------------------


def camt(kind: str, version: str, *parts: str, prefix: str = "") -> str:
    """A whole message. `kind` is "052", "053" or "054"; `parts` come from `part`."""
    body = {"052": "BkToCstmrAcctRpt", "053": "BkToCstmrStmt", "054": "BkToCstmrDbtCdtNtfctn"}[kind]
    tag = {"052": "Rpt", "053": "Stmt", "054": "Ntfctn"}[kind]
    inside = "\n".join(f"<{tag}>{one}</{tag}>" for one in parts)
    text = (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{body}>'
        f"<GrpHdr><MsgId>M-{kind}-{version}</MsgId><CreDtTm>{DAY}T23:10:00+01:00</CreDtTm></GrpHdr>\n"
        f"{inside}\n</{body}></Document>"
    )
    if prefix:
        text = text.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        text = text.replace("xmlns=", f"xmlns:{prefix}=")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def part(account: str, *entries: str, currency: str = "NOK", balances: str = "", more: str = "") -> str:
    """One account's part; `more` goes before the balances."""
    number = f"<IBAN>{account}</IBAN>" if account[:1].isalpha() else _other(account)
    return (
        f"<Id>ST-1</Id>{more}<ElctrncSeqNb>71</ElctrncSeqNb><Acct><Id>{number}</Id><Ccy>{currency}</Ccy></Acct>"
        f"{balances}\n" + "\n".join(entries)
    )


def balance(code: str, amount: str, currency: str = "NOK", on: str = DAY) -> str:
    """A Bal; `amount` may be negative."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(amount, currency)}"
        f"<Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    *details: str,
    reference: str = "",
    status: str = "BOOK",
    currency: str = "NOK",
    is_reversal: bool = False,
    value_on: str = DAY,
    batch: int = 0,
    more: str = "",
    version: str = "02",
) -> str:
    """An Ntry; `amount` signed, `more` after the bank code."""
    says = f"<Sts>{status}</Sts>" if version < "08" else f"<Sts><Cd>{status}</Cd></Sts>"
    group = f"<Btch><NbOfTxs>{batch}</NbOfTxs></Btch>" if batch else ""
    inside = group + "".join(f"<TxDtls>{one}</TxDtls>" for one in details)
    return (
        f"<Ntry>{_amount(amount, currency)}"
        + ("<RvslInd>true</RvslInd>" if is_reversal else "")
        + f"{says}<BookgDt><Dt>{DAY}</Dt></BookgDt><ValDt><Dt>{value_on}</Dt></ValDt>"
        + (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "")
        + "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>VCOM</SubFmlyCd></Fmly></Domn></BkTxCd>"
        + (f"<NtryDtls>{inside}</NtryDtls>" if inside else "")
        + more
        + "</Ntry>"
    )


def detail(
    amount: str = "",
    *,
    reference: str = "",
    end_to_end: str = "",
    debtor: str = "",
    account: str = "",
    remittance: str = "",
    currency: str = "NOK",
    more: str = "",
    before: str = "",
    version: str = "02",
) -> str:
    """What a TxDtls holds; `before` the parties, `more` after the remittance."""
    references = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    references += f"<EndToEndId>{end_to_end}</EndToEndId>" if end_to_end else ""
    party = f"<Nm>{debtor}</Nm>" if version < "08" else f"<Pty><Nm>{debtor}</Nm></Pty>"
    parties = f"<Dbtr>{party}</Dbtr>" if debtor else ""
    parties += f"<DbtrAcct><Id>{_other(account)}</Id></DbtrAcct>" if account else ""
    given = f'<Amt Ccy="{currency}">{amount}</Amt>'
    return (
        (f"<Refs>{references}</Refs>" if references else "")
        + (f"<AmtDtls><TxAmt>{given}</TxAmt></AmtDtls>" if amount else "")
        + before
        + (f"<RltdPties>{parties}</RltdPties>" if parties else "")
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + more
    )


def kid(reference: str) -> str:
    """A Strd with a reference."""
    kind = "<Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
    return f"<Strd><CdtrRefInf>{kind}<Ref>{reference}</Ref></CdtrRefInf></Strd>"


def invoice(number: str, amount: str, currency: str = "NOK") -> str:
    """A Strd with an invoice; a credit note when `amount` is negative."""
    code, element = ("CREN", "CdtNoteAmt") if amount.startswith("-") else ("CINV", "RmtdAmt")
    return (
        f"<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Nb>{number}</Nb></RfrdDocInf>"
        f'<RfrdDocAmt><{element} Ccy="{currency}">{amount.lstrip("-")}</{element}></RfrdDocAmt></Strd>'
    )


def text(words: str) -> str:
    """A Ustrd."""
    return f"<Ustrd>{words}</Ustrd>"


def _amount(amount: str, currency: str) -> str:
    way = "DBIT" if amount.startswith("-") else "CRDT"
    return f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{way}</CdtDbtInd>'


def _other(account: str) -> str:
    return f"<Othr><Id>{account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>"


# OCR giro --------------------------------------------------------------------------------------------


def ocr(*assignments: list[str], transmission: int = 77) -> list[str]:
    """The records of one file; each assignment comes from `ocr_assignment`."""
    inside = [record for assignment in assignments for record in assignment]
    ends = [record for record in inside if record[6:8] == "88"]
    count = sum(int(record[8:16]) for record in ends)
    total = sum(int(record[24:41]) for record in ends)
    return [
        f"NY00001000008080{transmission:07}00105625".ljust(80, "0"),
        *inside,
        f"NY000089{count:08}{len(inside) + 2:08}{total:017}120326".ljust(80, "0"),
    ]


def ocr_assignment(account: str, payments: list[tuple[str, int, str, str]], number: int = 1) -> list[str]:
    """Payments are (type, øre, KID, text); øre negative gives the sign "-"."""
    records = [f"NY090020{1:09}{number:07}{account}".ljust(80, "0")]
    total = 0
    for place, (kind, ore, reference, words) in enumerate(payments, 1):
        sign = "-" if ore < 0 else "0"
        total += ore
        start = f"NY09{kind}30{place:07}120326321210000{number}{sign}{abs(ore):017}{reference:>25}"
        records.append(start.ljust(80, "0"))
        payer = "99981234567" if ore % 2 else "0" * 11
        records.append(f"NY09{kind}31{place:07}{place:010}{9:09}{0:07}120326{payer}".ljust(80, "0"))
        if words:
            records.append(f"NY09{kind}32{place:07}{words:<40}".ljust(80, "0"))
    records.append(
        f"NY090088{len(payments):08}{len(records) + 1:08}{abs(total):017}120326120326120326".ljust(80, "0")
    )
    return records


# BgMax -----------------------------------------------------------------------------------------------


def bgmax(*sections: list[str], written: str = "20260312173035010331", mark: str = "P") -> list[str]:
    """The records of a file; each section comes from `bgmax_section`."""
    inside = [record for section in sections for record in section]
    counted = {kind: sum(record[:2] in kind for record in inside) for kind in ("20", "21", "22 23", "15")}
    return [
        f"01{'BGMAX':<20}01{written}{mark}".ljust(80),
        *inside,
        f"70{counted['20']:08}{counted['21']:08}{counted['22 23']:08}{counted['15']:08}".ljust(80),
    ]


def bgmax_section(payments: list[tuple], *, currency: str = "SEK", serial: int = 56) -> list[str]:
    """Payments are (type, öre, reference, code), then (22 or 23, öre, reference, code) or (25-29, text)."""
    records = [f"050009912346{'':10}{currency}".ljust(80)]
    total = count = 0
    for place, (first, *rest) in enumerate(payments):
        kind, ore, _reference, _code = first
        total += ore if kind == "20" else -ore
        count += 1
        number = f"{serial:06}{place:06}"
        records += [
            f"{one[0]}0009934567{one[2]:>25}{one[1]:018}{one[3]}1{number}0".ljust(80)
            for one in (first, *(extra for extra in rest if len(extra) == 4))
        ]
        records += [
            f"{kind}{words}".ljust(80) for kind, words in (extra for extra in rest if len(extra) == 2)
        ]
    records.append(
        f"15{'99990000012345':0>35}20260312{serial:05}{abs(total):018}{currency}{count:08} ".ljust(80)
    )
    return records


def lines(records: list[str], end: str = "\r\n") -> bytes:
    """The records as a file."""
    return (end.join(records) + end).encode("iso-8859-1")


# The samples -----------------------------------------------------------------------------------------


def samples() -> dict[str, bytes]:
    """Every sample by name."""
    nok = "99991221502"
    found: dict[str, str | bytes] = {}
    found["camt053_no_v02.xml"] = camt(
        "053",
        "02",
        part(
            nok,
            entry(
                "1250.00",
                detail("1250.00", reference="R1", debtor="Åsgård Tak AS", remittance=kid("3327710")),
            ),
            entry(
                "700.50",
                detail("300.50", reference="R2A", debtor="Lofoten Seil AS", remittance=kid("4926362")),
                detail("400.00", reference="R2B", account="9999.22.33441", remittance=text("Faktura 1017")),
                reference="R2",
                batch=2,
            ),
            entry("5000.00", reference="R3", batch=7),
            entry(
                "-99.00",
                reference="R4",
                more="<AddtlNtryInf>*1234 KIOSK OSLO EUR 8.50 KURS 11.64</AddtlNtryInf>",
            ),
            entry("777.00", detail("777.00"), reference="R5", status="PDNG"),
            entry("-1250.00", detail("1250.00", debtor="Åsgård Tak AS"), reference="R6", is_reversal=True),
            entry(
                "1045.00",
                detail(
                    "1090.00",
                    before='<Chrgs><Amt Ccy="NOK">45.00</Amt></Chrgs>',
                    debtor="Nordsjø Ltd",
                    remittance=text("INV 1019"),
                ),
                reference="R7",
            ),
            entry("10.00", reference="TWIN"),
            entry("10.00", reference="TWIN"),
            balances=balance("OPBD", "1000.00") + balance("CLBD", "7666.50"),
        ),
    )
    found["camt053_se_v08.xml"] = camt(
        "053",
        "08",
        part(
            "SE5299991082494572333851",
            entry(
                "900.00",
                detail(
                    "900.00",
                    reference="S1",
                    debtor="Göta Plåt AB",
                    account="9934894",
                    remittance=invoice("1001", "1000.00", "SEK") + invoice("1002", "-100.00", "SEK"),
                    currency="SEK",
                    version="08",
                ),
                reference="S1",
                currency="SEK",
                version="08",
            ),
            entry(
                "-250.00",
                '<Refs><EndToEndId>NB-1</EndToEndId></Refs><Amt Ccy="SEK">250.00</Amt>'
                "<CdtDbtInd>DBIT</CdtDbtInd><RltdPties><Cdtr><Pty><Nm>Leverantör AB</Nm><Id><OrgId><Othr>"
                "<Id>5599000011</Id></Othr></OrgId></Id></Pty></Cdtr>"
                "<CdtrAcct><Id><Othr><Id>9912-3456</Id></Othr></Id></CdtrAcct></RltdPties>",
                reference="S2",
                currency="SEK",
                version="08",
            ),
            currency="SEK",
            balances=balance("PRCD", "-100.00", "SEK", "2026-03-11") + balance("CLBD", "550.00", "SEK"),
        ),
    )
    found["camt054_return_v02.xml"] = camt(
        "054",
        "02",
        part(
            nok,
            entry(
                "480.00",
                detail("480.00", end_to_end="NB-7", more="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),
                reference="T1",
            ),
            entry("60.00", detail(remittance=kid("17")), detail(remittance=kid("25")), reference="T2"),
        ),
    )
    found["camt052_prefix_v06.xml"] = "\ufeff" + camt(
        "052",
        "06",
        "<!-- so far -->"
        + part(
            nok, entry("5.00", detail("5.<!-- half -->00"), reference="U1"), balances=balance("ITBD", "5.00")
        ),
        prefix="n1",
    ).replace("<n1:!--", "<!--")
    found["camt053_details_do_not_sum_v04.xml"] = camt(
        "053",
        "04",
        part(
            nok,
            entry("100.00", detail("60.00"), detail("50.00"), reference="V1"),
            balances=balance("OPBD", "0.00") + balance("CLBD", "100.00"),
        ),
    )
    found["camt053_reversals_flipped_v02.xml"] = camt(
        "053",
        "02",
        part(
            nok,
            entry("100.00", reference="W1"),
            entry("40.00", reference="W2", is_reversal=True),
            balances=balance("OPBD", "0.00") + balance("CLBD", "60.00"),
        ),
    )
    found["camt053_two_accounts_v02.xml"] = camt(
        "053",
        "02",
        part(
            nok,
            entry("100.00", reference="X1"),
            entry("30.00", reference="X2", value_on="2026-03-16"),
            balances=balance("OPBD", "0.00") + balance("CLBD", "100.00"),
        ),
        part("99993287926", entry("1.00", reference="Y1", currency="EUR"), balances=balance("OPBD", "0.00")),
    )
    found["ocr_reversals.txt"] = lines(
        ocr(
            ocr_assignment(
                "99998275217",
                [
                    ("13", 979814, "458073021573682", ""),
                    ("18", 50000, "9303645", ""),
                    ("20", 20000, "", "RETUR VARE 4711"),
                    ("21", 72429, "", "KJØP UTEN KID"),
                    ("11", -66225, "1000005-", ""),
                ],
            ),
            ocr_assignment("99990244851", [("50", 400, "-12345678919001", "")], 2),
        )
    )
    glued = ocr(ocr_assignment("99998275217", [("10", 100, "17", "")])) + ocr(
        ocr_assignment("99990244851", [("10", 201, "25", "")]), transmission=78
    )
    found["ocr_two_files_without_line_ends.txt"] = "".join(glued).encode()
    wrong = ocr(ocr_assignment("99998275217", [("10", 100, "17", ""), ("10", 300, "25", "")]))
    found["ocr_altered_amount.txt"] = lines([record.replace("0000300", "0000301") for record in wrong], "\n")
    section = bgmax_section(
        [
            [("20", 125000, "2909922987", "2"), ("26", "Lövånger El AB"), ("29", "005599000011")],
            [
                ("20", 90000, "", "0"),
                ("22", 100000, "7001035", "2"),
                ("23", 10000, "7001043", "2"),
                ("25", "Två fakturor"),
            ],
            [("20", 5000, "FAKT 105", "3")],
            [("20", 7000, "", "0"), ("22", 0, "7001050", "4"), ("22", 0, "7001068", "4")],
            [("21", 20000, "KREDIT", "5")],
        ]
    )
    euro = bgmax_section([[("20", 1000, "525766", "2")]], currency="EUR", serial=57)
    found["bgmax_two_sections.txt"] = lines([record.rstrip() for record in bgmax(section, euro)])
    found["bgmax_test_file_late.txt"] = lines(
        [*bgmax(euro, written="20260909173035010331", mark="T"), ""], "\n"
    )
    found["bgmax_altered_sum.txt"] = lines(
        [record.replace("000000000000001000EUR", "000000000000001100EUR") for record in bgmax(euro)]
    )
    return {name: data if isinstance(data, bytes) else data.encode() for name, data in found.items()}


def plain(file: object) -> dict:
    """A BankFile as JSON has it, without what is empty."""

    def trim(value: object) -> object:
        if isinstance(value, dict):
            short = {key: trim(inside) for key, inside in value.items()}
            return {
                key: inside for key, inside in short.items() if inside not in ("", None, [], {}, False, 0)
            }
        if isinstance(value, list | tuple):
            return [trim(inside) for inside in value]
        return str(value) if isinstance(value, date | Decimal) else value

    return json.loads(json.dumps(trim(asdict(file))))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3] / "src"))
    from nattbok.formats.bank import bgmax as bgmax_reader
    from nattbok.formats.bank import camt as camt_reader
    from nattbok.formats.bank import ocr_giro

    for name, data in samples().items():
        folder = SAMPLES / name.rsplit(".", 1)[0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        reader = next(one for one in (camt_reader, ocr_giro, bgmax_reader) if one.looks_like(data))
        reads_as = json.dumps(plain(reader.read(data)), ensure_ascii=False, indent=1)
        (folder / "reads_as.json").write_text(reads_as + "\n")

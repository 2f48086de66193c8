"""How fast bank files are read, beside a bare lxml pass that takes the same fields.

    python bench/read_bank.py [--json] [--large]

The inputs are written here, from invented payments, so that nothing else is needed; the gathered files
beside the project are measured too when they are there. `--large` adds a camt.053 of about 50 MB and its
peak memory.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.formats.bank import written_bank_files as written  # noqa: E402

from nattbok.formats.bank import bgmax, camt, ocr_giro  # noqa: E402

SHARED = ROOT.parent / "shared" / "data" / "bank"
GOALS = {"camt": 7_000, "ocr": 80_000}  # payments a second
CAMT = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.02}"
# The fields a bare pass takes, below an entry and below a detail.
ENTRY = ("Amt", "CdtDbtInd", "RvslInd", "Sts", "BookgDt/Dt", "ValDt/Dt", "AcctSvcrRef", "AddtlNtryInf")
CODES = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
DETAIL = (
    "Refs/AcctSvcrRef",
    "Refs/EndToEndId",
    "Refs/PmtInfId",
    "Refs/MsgId",
    "AmtDtls/TxAmt/Amt",
    "AmtDtls/InstdAmt/Amt",
    "RltdPties/Dbtr/Nm",
    "RltdPties/Dbtr/Id/OrgId/Othr/Id",
    "RltdPties/DbtrAcct/Id/IBAN",
    "RltdPties/DbtrAcct/Id/Othr/Id",
    "RtrInf/Rsn/Cd",
    "AddtlTxInf",
)
STRUCTURED = (
    "RfrdDocInf/Tp/CdOrPrtry/Cd",
    "RfrdDocInf/Nb",
    "RfrdDocAmt/RmtdAmt",
    "RfrdDocAmt/CdtNoteAmt",
    "CdtrRefInf/Ref",
)


def qualified(path: str) -> str:
    return "/".join(CAMT + step for step in path.split("/"))


def statement(entries: int) -> bytes:
    """A camt.053.001.02 of so many entries: mostly one payment each, every fifth a batch of three."""
    total, rows = 0, []
    for number in range(entries):
        size = 3 if number % 5 == 0 else 1
        shares = [(number * 7919 + place * 104_729) % 900_000 + 100 for place in range(size)]
        total += sum(shares)
        details = [
            written.detail(
                f"{share / 100:.2f}",
                reference=f"26071{number:06}{place:02}",
                debtor="Åsgård Taktekking AS",
                account="99991221502",
                remittance=written.kid(f"{share:09}") if share % 3 else written.text(f"Faktura {share}"),
            )
            for place, share in enumerate(shares)
        ]
        amount = f"{sum(shares) / 100:.2f}"
        batch = size if size > 1 else 0
        rows.append(written.entry(amount, *details, reference=f"26071{number:06}", batch=batch))
    balances = written.balance("OPBD", "0.00") + written.balance("CLBD", f"{total / 100:.2f}")
    # Banks indent; a line for each tag is about what they send.
    return (
        written.camt("053", "02", written.part("99991221502", *rows, balances=balances))
        .replace("><", ">\n          <")
        .encode()
    )


def bare_pass(data: bytes) -> int:
    """Take the fields of every detail with lxml and nothing else; the plain way to write it."""
    entry_paths = [qualified(path) for path in ENTRY + CODES]
    detail_paths = [qualified(path) for path in DETAIL]
    strd_paths = [qualified(path) for path in STRUCTURED]
    taken = 0
    for _event, entry in etree.iterparse(BytesIO(data), tag=CAMT + "Ntry", resolve_entities=False):
        fields = [entry.findtext(path) for path in entry_paths]
        Decimal(fields[0])
        for one in entry.iterfind(qualified("NtryDtls/TxDtls")):
            fields = [one.findtext(path) for path in detail_paths]
            if fields[4]:
                Decimal(fields[4])
            for text in one.iterfind(qualified("RmtInf/Ustrd")):
                fields.append(text.text)
            for structured in one.iterfind(qualified("RmtInf/Strd")):
                fields += [structured.findtext(path) for path in strd_paths]
            taken += 1
        entry.clear()
    return taken


def walking_pass(data: bytes) -> int:
    """The fastest plain pass there is: touch every element of every entry once, take tag and text."""
    taken = 0
    for _event, entry in etree.iterparse(BytesIO(data), tag=CAMT + "Ntry", resolve_entities=False):
        fields = {node.tag: node.text for node in entry.iter()}
        Decimal(fields[CAMT + "Amt"])
        taken += 1
        entry.clear()
    return taken


def giro(payments: int) -> bytes:
    rows = [("13", number * 7919 % 900_000 + 100, f"{number:09}", "") for number in range(payments)]
    return written.lines(written.ocr(written.ocr_assignment("99998275217", rows)))


def deposits(payments: int) -> bytes:
    rows = [
        [
            ("20", number * 7919 % 900_000 + 100, f"{number + 10}", "2"),
            ("26", "Lövånger El AB"),
            ("28", "Åmål"),
        ]
        for number in range(payments)
    ]
    return written.lines(written.bgmax(written.bgmax_section(rows)))


def best(what: Callable[[bytes], object], data: bytes, times: int = 5) -> float:
    """The shortest of some runs, in seconds."""
    seconds = []
    for _time in range(times):
        start = time.perf_counter()
        what(data)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def measure(name: str, reader: object, data: bytes, times: int = 5) -> dict[str, object]:
    """Payments a second of one input; for camt.053.001.02 also beside the bare passes."""
    file = reader.read(data)
    payments = sum(one.payments for one in file.statements)
    held = [finding.code for finding in file.all_findings if finding.severity != "note"]
    seconds = best(reader.read, data, times)
    result = {
        "input": name,
        "megabytes": round(len(data) / 1e6, 2),
        "payments": payments,
        "seconds": round(seconds, 4),
        "payments_per_second": round(payments / seconds),
        "held": held,
    }
    if file.message == "camt.053.001.02":
        result["of_bare_pass"] = round(best(bare_pass, data, times) / seconds, 2)
        result["of_walking_pass"] = round(best(walking_pass, data, times) / seconds, 2)
    return result


ALONE = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
from nattbok.formats.bank import camt
data = open(sys.argv[2], "rb").read()
start = time.perf_counter()
file = camt.read(data)
print(json.dumps({
    "input": "camt.053, large, in a process of its own",
    "megabytes": round(len(data) / 1e6, 1),
    "payments": sum(one.payments for one in file.statements),
    "seconds": round(time.perf_counter() - start, 2),
    "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""


def large() -> dict[str, object]:
    """Seconds and peak memory of one large file."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(statement(30_000))
        file.flush()
        command = [sys.executable, "-c", ALONE, str(ROOT / "src"), file.name]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--large", action="store_true", help="also a camt.053 of about 50 MB")
    arguments = parser.parse_args()
    inputs: list[tuple[str, object, bytes]] = [
        ("camt.053, 3 000 entries written here", camt, statement(3_000)),
        ("OCR giro, 20 000 payments written here", ocr_giro, giro(20_000)),
        ("BgMax, 10 000 payments written here", bgmax, deposits(10_000)),
    ]
    for name, reader, path in (
        ("camt.053 gathered", camt, "camt053/syn_NO_3000_entries.xml"),
        ("OCR giro gathered", ocr_giro, "ocr/syn_5000.txt"),
        ("BgMax gathered", bgmax, "bgmax/syn_3000.txt"),
    ):
        if (SHARED / path).is_file():
            inputs.append((name, reader, (SHARED / path).read_bytes()))
    results = [measure(*one) for one in inputs]
    if arguments.large:
        results.append(large())
    if arguments.json:
        print(json.dumps({"goals": GOALS, "results": results}, indent=1))
        return 0
    for result in results:
        print(result.pop("input"))
        print("   ", ", ".join(f"{key} {value}" for key, value in result.items() if value != []))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""pain.001, the ISO 20022 credit transfer initiation: payments handed to a Norwegian or Swedish bank.

`write` gives versions 03 and 09, valid against ISO's schemas, and the same bytes for the same file each
time, so that the bank's own check for duplicates works. NbOfTxs and CtrlSum are of the amounts as printed.

Norway: service level NURG; category purpose SUPP, SALA or TAXS; BBAN; the KID in SCOR, alone; else invoices
and credit notes with their amounts (CINV, CREN); else a text. The agreement id is the initiating party's
CUST, the division its BANK. Sweden: neither service level nor, but for salaries, purpose; bankgiro and
plusgiro numbers under the members 9900 and 9960 of SESBA, an account under its clearing number; the OCR
number in exactly one SCOR after its amount; the payee's country always; and only bankgiro payees are paid
from the own bankgiro, so that they are a batch of their own.

`read` takes .03 and .09 of anyone who keeps to the schema. Findings. Error: count_differs, sum_differs.
Hold: payment_twice, several_references, not_a_transfer. Note: unknown_kind, several_texts.
Unreadable: pain001_version, pain001_not_pain001, pain001_incomplete, pain001_misplaced, pain001_twice, and
the codes of `formats.xml`.

Source: ISO 20022, Payments Initiation, pain.001.001.03 and .09; the Norwegian banks' common guide (BSK,
2012); Common Payment Types in Sweden (Svenska Bankföreningen).
"""

from typing import Literal

from nattbok.base.errors import Refused
from nattbok.formats.payment.pain001 import limits, reading, writing
from nattbok.formats.payment.pain001.letters import latin
from nattbok.formats.payment.pain001.limits import longest_text
from nattbok.formats.payment.pain001.reading import looks_like
from nattbok.formats.payment.shape import PaymentFile

__all__ = ["COUNTRIES", "VERSIONS", "latin", "longest_text", "looks_like", "read", "troubles", "write"]

VERSIONS = ("03", "09")
COUNTRIES = ("NO", "SE")
LARGEST = reading.LARGEST

read = reading.read


def write(file: PaymentFile, *, version: Literal["03", "09"], country: Literal["NO", "SE"]) -> bytes:
    """The file for a bank in `country`, in UTF-8.

    Raises the first of `troubles`, and writes nothing, when anything in it cannot be written as it is.
    Names and texts are written in the letters that banks take: é becomes e, while æøåäö stay.
    """
    if version not in VERSIONS:
        raise ValueError(f"pain.001.001.{version} is not written")
    for trouble in limits.troubles(file, _known(country)):
        raise trouble
    return writing.document(file, version=version, country=country).encode()


def troubles(file: PaymentFile, *, country: str) -> list[Refused]:
    """All that keeps the file from being written, payment by payment; nothing when it can be."""
    return list(limits.troubles(file, _known(country)))


def _known(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueError(f"no payment files are written for {country}")
    return country

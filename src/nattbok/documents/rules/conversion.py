"""From paper to e-invoices: who could send them, how far that has come, and what to write.

The network's directory tells who receives. A supplier that receives is in the network and has a system that
speaks it; that it can send as well is likely and not proven, so it is asked.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.countries.known import codes, country

LOOK_AGAIN = datetime.timedelta(days=30)  # between two looks for one supplier
AT_ONCE = 100  # suppliers of one client in one night; the rest comes in the next
LONGEST_LETTER = 5_000  # characters
_INVOICES = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
)


class AskedAlready(Refused):
    """A supplier is written to once."""

    message = _("{supplier} was asked already, on {day}. It is not written to twice.")


class NotReceivedFor(Refused):
    """Nobody is asked to send to where nobody receives."""

    message = _(
        "E-invoices to the client are not received yet. Switch reception on before suppliers are asked."
    )


class NotAMailAddress(Refused):
    """A letter goes to one address."""

    message = _("“{written}” is not an e-mail address.")


class LetterEmpty(Refused):
    """A letter says something, and not more than anybody reads."""

    message = _("Write a subject, and a text of at most {most} characters.")


class Standing(StrEnum):
    """How far a supplier's way from paper to e-invoices has come."""

    CONVERTED = "converted"
    ASKED = "asked"
    COULD = "could"  # the directory has it, and it takes invoices
    OTHER = "other"  # the directory has it, for other things than invoices
    ABSENT = "absent"
    UNSEEN = "unseen"  # it was not looked up yet
    NUMBERLESS = "numberless"  # there is no number to look it up by


TITLES = {
    Standing.CONVERTED: _("Sends e-invoices now"),
    Standing.ASKED: _("Asked"),
    Standing.COULD: _("In the network: can be asked"),
    Standing.OTHER: _("In the network, but not for invoices"),
    Standing.ABSENT: _("Not in the directory"),
    Standing.UNSEEN: _("Not looked up yet"),
    Standing.NUMBERLESS: _("No organisation number"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a supplier is written: each sentence to be translated into the supplier's language."""

    subject: Words
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """How many bills of a month came as e-invoices and how many on paper; `on` is its first day."""

    on: datetime.date
    e_invoices: int
    papers: int

    @property
    def percent(self) -> int | None:
        """How much of it is digital; None when nothing came."""
        total = self.e_invoices + self.papers
        return round(100 * self.e_invoices / total) if total else None


def participant(org_number: str, country_code: str) -> str:
    """Who a supplier would be in the network, by its organisation number: "0192:123456785"; "" unknown."""
    if country_code not in codes() or not country(country_code).is_org_number(org_number):
        return ""
    law = country(country_code)
    return f"{law.org_scheme}:{law.normal_org_number(org_number)}"


def takes_invoices(document_types: Sequence[str]) -> bool:
    """Whether invoices or credit notes are among what a participant receives.

    A type may stand there with the scheme of its identifier before it: "busdox-docid-qns::urn:oasis:…".
    """
    return any(invoice in one for one in document_types for invoice in _INVOICES)


def standing(
    *, converted: bool, asked: bool, is_there: bool | None, takes: bool, has_number: bool
) -> Standing:
    """How far it has come. `is_there` is None when the directory was not asked yet."""
    if converted:
        return Standing.CONVERTED
    if asked:
        return Standing.ASKED
    if is_there:
        return Standing.COULD if takes else Standing.OTHER
    if is_there is None:
        return Standing.UNSEEN if has_number else Standing.NUMBERLESS
    return Standing.ABSENT


def letter(*, client: str, org_number: str, address: str, supplier: str, theirs: str, papers: int) -> Letter:
    """The letter to a supplier. `address` is the client's own in the network; `theirs` is the supplier's,
    when the directory has it, else ""."""
    values = {
        "client": client, "org_number": org_number, "address": address, "supplier": supplier,
        "theirs": theirs, "papers": papers,
    }  # fmt: skip
    sentences = [
        _("To {supplier}"),
        _(
            "{client} receives e-invoices (EHF / Peppol BIS Billing 3.0). Please send your invoices and "
            "credit notes that way from now on, instead of as PDF or on paper."
        ),
        _("Our electronic address in Peppol is {address}. Our organisation number is {org_number}."),
    ]
    if theirs:
        sentences.append(
            _(
                "In the network's directory you are registered as {theirs}. Your invoicing system can "
                "therefore most likely send e-invoices already: ask whoever supplies it to switch them on "
                "for us."
            )
        )
    if papers:
        sentences.append(_("In the last twelve months {papers} invoices from you came to us in another way."))
    sentences += [
        _("If you cannot send e-invoices yet, please answer and tell us when you can."),
        _("Kind regards\n{client}"),
    ]
    return Letter(
        Words(_("E-invoices to {client}, please"), values),
        tuple(Words(sentence, values) for sentence in sentences),
    )


def months_through(today: datetime.date, count: int = 12) -> list[datetime.date]:
    """The first days of the last `count` months, the one of `today` last."""
    return [
        datetime.date((today.year * 12 + today.month - 1 - back) // 12, (today.month - 1 - back) % 12 + 1, 1)
        for back in range(count - 1, -1, -1)
    ]

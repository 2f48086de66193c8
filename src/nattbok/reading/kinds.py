"""What a document is, by its own heading; and where a file of several documents may be cut."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from nattbok.base.words import Words, _
from nattbok.reading import labels
from nattbok.reading.labels import Label
from nattbok.reading.print import AMOUNT, Print
from nattbok.reading.shape import Kind, Piece

_HEADINGS: tuple[tuple[Kind, str], ...] = (
    (Kind.CREDIT_NOTE, "kreditnota kreditfaktura kreditering creditnote creditinvoice creditmemo kredittnota"
     " gutschrift avoir kreditnote kreditrechnung creditnota"),
    (Kind.REMINDER, "purring betalingspaminnelse paminnelse inkassovarsel inkassokrav betalningspaminnelse"
     " kravbrev reminder paymentreminder forstepurring andrepurring inkasso betalingsoppfordring mahnung"
     " kravspesifikasjon betalingskrav rykker betalingsrykker rykkerskrivelse zahlungserinnerung aanmaning"
     " betalningskrav betalningsuppmaning skuldebrev overduenotice finalnotice pastdue inkassobegaran"),
    (Kind.STATEMENT, "kontoutdrag kontoutskrift kontoutskrivning kontoutdragkund statement statementofaccount"
     " accountstatement reskontrautdrag reskontroutdrag kundekontoutskrift saldooppgave saldobesked"
     " saldolista kontooversikt apneposter oppneposter oppnaposter apneposterliste utestaendefakturaer"
     " utestaendefakturor"
     " forfaltefakturaer forfallnafakturor obetaldafakturor ubetaltefakturaer oppnafakturor apnefakturaer"
     " utestaendeposter kontoudtog kontoauszug saldomeddelelse arsoppgave arsbesked kontobesked"
     " reskontrabesked restanseliste betalingsoversikt engagemangsbesked"),
    (Kind.DELIVERY_NOTE, "folgeseddel pakkseddel foljesedel leveransesedel deliverynote packingslip"
     " packinglist packsedel fraktsedel fraktbrev leveringsseddel plukkliste plocklista plocksedel"
     " leveranseseddel lieferschein pakbon folgjesetel leveringsnota utleveringsseddel"),
    (Kind.ORDER, "ordrebekreftelse orderbekraftelse orderbekreftelse orderconfirmation tilbud offert"
     " proforma proformafaktura proformainvoice quotation quote orderkannande ordererkannande arbeidsordre"
     " pristilbud prisoverslag kostnadsforslag kostnadsoverslag"
     " innkjopsordre inkopsorder purchaseorder salesorder angebot auftragsbestatigung offerte"
     " orderbevestiging tilbod prisforslag anbud bekreftelsepaordre bekraftelsepaorder budgetoffert"
     " utkast fakturautkast kladd draft draftinvoice fakturaforslag fakturagrunnlag fakturaunderlag"
     " bestillingsbekreftelse bookingbekreftelse bokningsbekraftelse reservasjonsbekreftelse"),
    (Kind.UNKNOWN, "lonnsslipp lonnslipp lonsslip lonespecifikation lonebesked lonespec payslip"
     " serviceavtale serviceavtal leieavtale hyresavtal abonnementsavtale"
     " nyhetsbrev newsletter garantibevis forsikringsbevis forsakringsbrev"),
    (Kind.RECEIPT, "kvittering salgskvittering kvitto kassakvitto kassekvittering receipt salesreceipt"
     " kontantnota kontantfaktura kassebon kassenbon quittung"),
    (Kind.INVOICE, "faktura"
     " invoice samlefaktura samlingsfaktura regning rekning rakning fakturanota taxinvoice"
     " rechnung facture fakturaoriginal factuur fakturan hyresavi premieavi vatinvoice"),
)  # fmt: skip
_KIND = {word: kind for kind, words in _HEADINGS for word in words.split()}
# What a longer word ends in says the same: Parkeringskvittering, Husleiefaktura.
_COMPOUND = re.compile(
    r"\w{3,}(faktura|kvittering|kvitto|paminnelse|purring|kontoutskrift|kontoutdrag|tilbud|tilbod|offert|"
    r"ordrebekreftelse|orderbekraftelse|rechnung|foljesedel|folgeseddel)$"
)
_OF_NUMBER = re.compile(r"(?:nr|nummer|no|number)$")
_UPPER = 0.5  # the share of the first page that headings are in
_LONGEST = 7  # words of a heading
_LARGER = 1.15  # times as high: one heading stands over another
# What a paper says of reminders to come is no heading.
_OF_LATER = re.compile(r"^(?:ved|vid|etter|efter|ingen|inga|uten|utan|for|dersom|om|hvis|after|if|no)\b")
_SPOKEN = re.compile(r"fakt|invoice|rechnung|factu|regning|rakning|rekning|avi|premie|avgift|kontingent")
_OF_BILLS = (Label.INVOICE_NO, Label.DUE, Label.TOTAL)
_TILL = re.compile(r"\b(?:kasse|kassa|bong|ekspeditor|expedit|bankaxept|kontokort|terminal|butikk)\b")
_PAGE = re.compile(
    r"(?:\bside|\bsida|\bpage|\bsid)\W{0,2}(\d{1,3})\s?(?:av|of|/|\()\s?(\d{1,3})", re.IGNORECASE
)

_NEW_NUMBER = _("Page {page} begins another invoice, number {number}.")
_NEW_FIRST = _("Page {page} says that it is the first page.")
_BEGINNING = _("The file begins here.")


class Heading(NamedTuple):
    """A heading of the first page: what kind it names, how high its letters are, and where it comes."""

    kind: Kind
    height: float
    order: int
    is_upper: bool


def kind(document: Print) -> Kind:
    """What the document says that it is.

    A reminder that also says "invoice" is a reminder. Of an order or a delivery note and an invoice it is
    what is printed largest, or else first: invoices name the orders they come of. A payment slip headed
    "receipt" at the foot of an invoice makes no receipt of it.
    """
    found = list(_headings(document))
    upper = [one for one in found if one.is_upper]
    kinds = {one.kind for one in upper}
    for one in (Kind.REMINDER, Kind.STATEMENT):
        if one in kinds:
            return one
    if Kind.INVOICE in kinds and kinds & _RIVALS:
        return _foremost([one for one in upper if one.kind in (*_RIVALS, Kind.INVOICE)])
    for one in (Kind.DELIVERY_NOTE, Kind.ORDER, Kind.CREDIT_NOTE, Kind.INVOICE, Kind.UNKNOWN):
        if one in kinds:
            return one
    if Kind.RECEIPT in kinds or len(set(_TILL.findall(document.folded))) >= 2:
        return Kind.RECEIPT
    if any(one.kind is Kind.INVOICE for one in found) or _speaks_of_payment(document):
        return Kind.INVOICE
    return Kind.UNKNOWN


_RIVALS = frozenset({Kind.DELIVERY_NOTE, Kind.ORDER, Kind.CREDIT_NOTE, Kind.UNKNOWN})


def _foremost(headings: Sequence[Heading]) -> Kind:
    """The kind of the largest heading; of those as large, of the first."""
    most = max(one.height for one in headings)
    large = [one for one in headings if one.height * _LARGER >= most]
    return min(large, key=lambda one: one.order).kind


def _speaks_of_payment(document: Print) -> bool:
    """Whether a paper without a heading names an invoice, and labels at least two of what invoices have."""
    if not _SPOKEN.search(document.folded.replace(" ", "")):
        return False
    seen = set()
    for cell in document.cells:
        spotted = labels.spot(re.split(r"[\d:]", cell.text, maxsplit=1)[0])
        if spotted is not None and spotted.strength >= 0.9:
            seen.add(spotted.label)
    return sum(label in seen for label in _OF_BILLS) >= 2


def _headings(document: Print) -> Iterator[Heading]:
    """The headings of the first page, and whether they stand in its upper part."""
    for order, cell in enumerate(document.cells):
        if cell.page != document.cells[0].page:
            break
        if any(AMOUNT.search(other.text) for other in document.rows[cell.row]):
            continue  # an item, or a fee
        found = _named(cell.text)
        if found is not None:
            yield Heading(found, cell.box.height, order, cell.box.middle < _UPPER)


def _named(text: str) -> Kind | None:
    """The kind that a text is the heading of: alone, before its number, or leading a few words."""
    first = labels.fold(re.split(r"[\d:]", text)[0])
    bare = _OF_NUMBER.sub("", first)
    for whole in (labels.fold(text), first, bare, bare.removesuffix("s")):
        if whole in _KIND:
            return _KIND[whole]
    before, colon, after = text.partition(":")
    if colon:
        # "Bilagstype: Kreditnota"
        is_kind = re.search(r"(?:type|art|typ|kind)$", labels.fold(before))
        return _KIND.get(labels.fold(after)) if is_kind else None
    words = labels.fold_words(text).split()
    if not words or len(words) > _LONGEST or _OF_LATER.match(" ".join(words)):
        return None
    named = [(_of_word(word), place) for place, word in enumerate(words)]
    for one, place in named:
        is_certain = one in (Kind.REMINDER, Kind.STATEMENT)
        # "Tilbud på maling", "Nordvik AS FAKTURA": the first word, or one in capitals.
        is_led = place == 0 or _is_capital(text, words[place])
        if one is not None and (is_certain or is_led):
            return one
    return next((_KIND[pair] for pair in map("".join, pairwise(words)) if pair in _KIND), None)


def _of_word(word: str) -> Kind | None:
    found = _KIND.get(word)
    if found is None and (compound := _COMPOUND.search(word)):
        found = _KIND.get(compound[1])
    return found


def _is_capital(text: str, word: str) -> bool:
    return any(labels.fold_words(one) == word and one.isupper() for one in text.split())


def pieces(parts: Sequence[tuple[Print, str, str]]) -> tuple[Piece, ...]:
    """Where a file of several pages may be cut; `parts` has each page with its invoice number and supplier.

    A page begins a new document when it has another number than the one before, or says that it is the first
    of its pages while another went before. One piece when nothing says that there are more.
    """
    found: list[Piece] = []
    number = supplier = ""
    for place, (document, new_number, new_supplier) in enumerate(parts):
        page = _PAGE.search("  ".join(cell.text for cell in document.cells))
        is_first = page is not None and page[1] == "1"
        is_later = page is not None and page[1] != "1"
        is_other = bool(new_number and number and new_number != number) or bool(
            new_supplier and supplier and new_supplier != supplier and new_number
        )
        if not found:
            found.append(Piece(0, 0, Words(_BEGINNING, {})))
        elif (is_first or is_other) and not is_later:
            reason = (
                Words(_NEW_NUMBER, {"page": place + 1, "number": new_number})
                if is_other and new_number
                else Words(_NEW_FIRST, {"page": place + 1})
            )
            found.append(Piece(place, place, reason))
            number = supplier = ""
        else:
            found[-1] = Piece(found[-1].first, place, found[-1].reason)
        number, supplier = new_number or number, new_supplier or supplier
    return tuple(found)

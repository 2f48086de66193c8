"""What a document is, by its own heading; and where a file of several documents may be cut."""

import re
from collections.abc import Sequence

from nattbok.base.words import Words, _
from nattbok.reading import labels
from nattbok.reading.print import Print
from nattbok.reading.shape import Kind, Piece

_HEADINGS: tuple[tuple[Kind, str], ...] = (
    (Kind.CREDIT_NOTE, "kreditnota kreditfaktura kreditering creditnote creditinvoice creditmemo kredittnota"
     " gutschrift avoir kreditnote"),
    (Kind.REMINDER, "purring betalingspaminnelse paminnelse inkassovarsel inkassokrav betalningspaminnelse"
     " kravbrev reminder paymentreminder forstepurring andrepurring inkasso betalingsoppfordring mahnung"),
    (Kind.STATEMENT, "kontoutdrag kontoutskrift kontoutskrivning kontoutdragkund statement statementofaccount"
     " accountstatement reskontrautdrag reskontroutdrag kundekontoutskrift saldooppgave saldobesked"
     " saldolista kontooversikt"),
    (Kind.DELIVERY_NOTE, "folgeseddel pakkseddel foljesedel leveransesedel deliverynote packingslip"
     " packinglist packsedel fraktsedel fraktbrev leveringsseddel"),
    (Kind.ORDER, "ordrebekreftelse orderbekraftelse orderbekreftelse orderconfirmation tilbud offert"
     " proforma proformafaktura proformainvoice quotation quote orderkannande ordererkannande arbeidsordre"),
    (Kind.RECEIPT, "kvittering salgskvittering kvitto kassakvitto kassekvittering receipt salesreceipt"
     " kontantnota kontantfaktura"),
    (Kind.INVOICE, "faktura"
     " invoice samlefaktura samlingsfaktura regning rekning rakning fakturanota taxinvoice"
     " rechnung facture fakturaoriginal"),
)  # fmt: skip
_KIND = {word: kind for kind, words in _HEADINGS for word in words.split()}
_OF_NUMBER = re.compile(r"(?:nr|nummer|no|number)$")
_UPPER = 0.5  # the share of the first page that headings are in
_TILL = re.compile(r"\b(?:kasse|kassa|bong|ekspeditor|expedit|bankaxept|kontokort|terminal|butikk)\b")
_PAGE = re.compile(
    r"(?:\bside|\bsida|\bpage|\bsid)\W{0,2}(\d{1,3})\s?(?:av|of|/|\()\s?(\d{1,3})", re.IGNORECASE
)

_NEW_NUMBER = _("Page {page} begins another invoice, number {number}.")
_NEW_FIRST = _("Page {page} says that it is the first page.")
_BEGINNING = _("The file begins here.")


def kind(document: Print) -> Kind:
    """What the document says that it is.

    A heading stands alone in its cell or leads its number. A reminder that also says "invoice" is a reminder;
    a payment slip headed "receipt" at the foot of an invoice makes no receipt of it.
    """
    upper = {found for found, is_upper in _headings(document) if is_upper}
    lower = {found for found, _is_upper in _headings(document)}
    for one in (Kind.REMINDER, Kind.STATEMENT, Kind.DELIVERY_NOTE, Kind.ORDER, Kind.CREDIT_NOTE):
        if one in upper:
            return one
    if Kind.INVOICE in upper:
        return Kind.INVOICE
    if Kind.RECEIPT in upper or len(set(_TILL.findall(document.folded))) >= 2:
        return Kind.RECEIPT
    spoken = document.folded.replace(" ", "")
    if Kind.INVOICE in lower or "faktura" in spoken or "invoice" in spoken:
        return Kind.INVOICE
    return Kind.UNKNOWN


def _headings(document: Print):
    """The kinds that headings of the first page name, and whether they stand in its upper part."""
    for cell in document.cells:
        if cell.page != document.cells[0].page:
            break
        folded = labels.fold(cell.text)
        first = labels.fold(re.split(r"[\d:]", cell.text)[0])
        bare = _OF_NUMBER.sub("", first)
        found = _KIND.get(folded) or _KIND.get(first) or _KIND.get(bare)
        if found is None:
            # "Nordvik AS FAKTURA", "Faktura Side 1": a heading in capitals beside other words
            found = next(
                (
                    _KIND[labels.fold(word)]
                    for word in cell.text.split()
                    if word.isupper() and labels.fold(word) in _KIND
                ),
                None,
            )
        if found is not None:
            yield found, cell.box.middle < _UPPER


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

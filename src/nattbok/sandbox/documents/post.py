"""The post of one day: what suppliers, scanners and people send to the clients, by all ways and in all forms.

Each bill is an ordinary one from a supplier that the books know, so there is one right posting for it. How
much of it goes on by itself depends on how well it can be read; so each may be posted as it should be or be
left for a person, and nothing else. What is broken, or means no good, must never be posted at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.formats.invoice.shape import Invoice, InvoiceLine, PaymentMeans, VatGroup
from nattbok.sandbox.documents import hostile, papers, pdf, pictures
from nattbok.sandbox.documents.papers import Letter
from nattbok.sandbox.making.amounts import ore, percent_of
from nattbok.sandbox.making.bills import party
from nattbok.sandbox.making.books import bill_lines
from nattbok.sandbox.making.numbers import iban
from nattbok.sandbox.office import BillTruth, Client, Supplier, World
from nattbok.sandbox.writing import cii, ubl
from nattbok.sandbox.writing.ubl import Address

FIRST_NUMBER = 770_001  # of these bills, beyond those of the e-invoices
PER_CLIENT = 2  # bills on paper for each client with documents
MOST_PAGES_READ = 14  # that a machine must look at: a demo should not be long
SHARE = (Decimal("0.80"), Decimal("1.10"))  # of an earlier bill's size
OUTCOME = "either"  # posted as it should be, or left


class Way(StrEnum):
    """How a file comes."""

    NETWORK = "network"
    MAIL = "mail"
    UPLOAD = "upload"
    PHOTO = "photo"
    FOLDER = "folder"
    SFTP = "sftp"


class Form(StrEnum):
    """What a file is."""

    EHF = "ehf"
    FACTUR_X = "factur_x"
    TEXT_PDF = "text_pdf"
    SCANNED_PDF = "scanned_pdf"
    FAX_TIFF = "fax_tiff"
    GREY_TIFF = "grey_tiff"
    PHONE_JPEG = "phone_jpeg"
    PNG = "png"
    SEVERAL = "several"  # two bills in one PDF
    BAD_PHOTO = "bad_photo"
    BROKEN = "broken"
    HOSTILE = "hostile"


# Which forms come by which ways, in turn. Each client with documents takes the next few.
PLAN = (
    (Way.MAIL, Form.TEXT_PDF),
    (Way.PHOTO, Form.PHONE_JPEG),
    (Way.FOLDER, Form.FAX_TIFF),
    (Way.SFTP, Form.FACTUR_X),
    (Way.UPLOAD, Form.TEXT_PDF),
    (Way.FOLDER, Form.SCANNED_PDF),
    (Way.MAIL, Form.FACTUR_X),
    (Way.SFTP, Form.GREY_TIFF),
    (Way.UPLOAD, Form.PNG),
    (Way.MAIL, Form.SEVERAL),
    (Way.PHOTO, Form.BAD_PHOTO),
    (Way.FOLDER, Form.TEXT_PDF),
    (Way.SFTP, Form.TEXT_PDF),
    (Way.MAIL, Form.TEXT_PDF),
    (Way.UPLOAD, Form.FACTUR_X),
    (Way.SFTP, Form.FACTUR_X),
)
READ_BY_MACHINE = {
    Form.SCANNED_PDF: 1, Form.FAX_TIFF: 1, Form.GREY_TIFF: 1, Form.PHONE_JPEG: 1, Form.PNG: 1,
    Form.BAD_PHOTO: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files that come together: one, or all that lie in a mail."""

    client: str
    way: Way
    forms: tuple[Form, ...]
    files: tuple[tuple[str, bytes], ...]  # name and content
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A day's post, and the truth about each bill in it."""

    parcels: tuple[Parcel, ...]
    truths: tuple[BillTruth, ...]

    @property
    def pages_read_by_machine(self) -> int:
        """Pages that have no text of their own."""
        return sum(READ_BY_MACHINE.get(form, 0) for one in self.parcels for form in one.forms)


def make_post(world: World, *, most: int = 0) -> Post:
    """The post for the clients of `world` that have documents; `most` parcels with bills, 0: as many as fit.

    Of what has to be looked at by a machine there are a few pages only, whatever the number of clients.
    """
    random = Random(f"post:{world.seed}")
    clients = [one for one in world.clients if {"documents", "post"} & set(one.sources)]
    made = _Maker(world, random)
    wanted = most or max(len(PLAN), PER_CLIENT * len(clients))
    pages = 0
    for place in range(wanted if clients else 0):
        way, form = PLAN[place % len(PLAN)]
        if pages + READ_BY_MACHINE.get(form, 0) > MOST_PAGES_READ:
            form = Form.TEXT_PDF
        pages += READ_BY_MACHINE.get(form, 0)
        made.send(clients[place % len(clients)], way, form)
    if clients:
        made.again(clients)
        made.no_good(clients)
    return Post(tuple(made.parcels), tuple(made.truths))


def sheaf(world: World, mix: Sequence[Form], count: int) -> Iterator[tuple[Form, Invoice, bytes]]:
    """So many bills one after the other, of the forms of `mix` in turn, with the figures printed on each."""
    made = _Maker(world, Random(f"sheaf:{world.seed}"))
    for place in range(count):
        form = mix[place % len(mix)]
        letter = made.letter(world.clients[place % len(world.clients)])
        yield form, letter.invoice, made.file(form, [letter])[1]


class _Maker:
    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.number = FIRST_NUMBER
        self.parcels: list[Parcel] = []
        self.truths: list[BillTruth] = []

    def send(self, client: Client, way: Way, form: Form) -> None:
        letters = [self.letter(client) for _turn in range(2 if form is Form.SEVERAL else 1)]
        name, data = self.file(form, letters)
        sender = letters[0].invoice.supplier.name
        if form is not Form.BAD_PHOTO:
            self.truths += [self._truth(client, name, each) for each in letters]
        self.parcels.append(Parcel(client.number, way, (form,), ((name, data),), sender))

    def again(self, clients: Sequence[Client]) -> None:
        """The same file by another way, and a mail with two bills in it."""
        first = next((one for one in self.parcels if one.forms == (Form.TEXT_PDF,)), self.parcels[0])
        self.parcels.append(Parcel(first.client, Way.FOLDER, first.forms, first.files, first.sender))
        client = clients[-1]
        letters = [self.letter(client) for _turn in range(2)]
        files = tuple(self.file(Form.TEXT_PDF, [each]) for each in letters)
        self.truths += [
            self._truth(client, name, each) for (name, _data), each in zip(files, letters, strict=True)
        ]
        forms = (Form.TEXT_PDF,) * 2
        self.parcels.append(Parcel(client.number, Way.MAIL, forms, files, letters[0].invoice.supplier.name))

    def no_good(self, clients: Sequence[Client]) -> None:
        """What is broken and what means no good, by the ways that strangers have."""
        whole = self.file(Form.TEXT_PDF, [self.letter(clients[0])])[1]
        for place, (name, data, is_hostile) in enumerate(hostile.files(whole)):
            way = (Way.MAIL, Way.FOLDER, Way.SFTP)[place % 3]
            form = Form.HOSTILE if is_hostile else Form.BROKEN
            client = clients[place % len(clients)]
            self.parcels.append(Parcel(client.number, way, (form,), ((name, data),), "Ukjent AS"))

    def letter(self, client: Client) -> Letter:
        """An ordinary bill to the client, from a supplier it has had bills from."""
        law = country(client.country)
        known = {one.key: one for one in client.known_suppliers if _is_plain(one)}
        before = _bills_before(client, known)
        supplier = known[self.random.choice(sorted(before))]
        low, high = SHARE
        share = low + (high - low) * Decimal(self.random.randint(0, 100)) / 100
        purchase = supplier.purchases[0]
        gross = self.random.choice(before[supplier.key])
        net = ore(gross * share / (1 + purchase.rate / 100))
        vat = percent_of(net, purchase.rate)
        on = self.world.night - timedelta(days=self.random.randint(2, 9))
        number, self.number = str(self.number), self.number + 1
        means = PaymentMeans(
            code="30",
            payment_id=law.references.make(f"{supplier.number[-3:]}{number:0>7}"),
            account=supplier.account,
            branch=supplier.branch or None,
        )
        line = InvoiceLine(
            number="1", name=purchase.item, net=net, quantity=Decimal(1), unit="EA", price=net,
            vat_category=purchase.category, vat_rate=purchase.rate,
        )  # fmt: skip
        group = VatGroup(purchase.category, purchase.rate, net, vat, str(purchase.rate))
        invoice = Invoice(
            document_type="Invoice",
            type_code="380",
            customization_id=ubl.CUSTOMIZATION,
            profile_id=ubl.PROFILE,
            number=number,
            issue_date=on,
            due_date=on + timedelta(days=20),
            currency=law.currency,
            supplier=party(supplier.name, supplier.org_number, supplier.country, law.org_scheme),
            buyer=party(client.name, client.org_number, client.country, law.org_scheme),
            delivered_on=on,
            line_total=net,
            net=net,
            vat=vat,
            gross=net + vat,
            payable=net + vat,
            vat_groups=(group,),
            payment_means=(means,),
            lines=(line,),
        )
        return Letter(
            client.country,
            invoice,
            Address(supplier.street, supplier.city, supplier.post_code),
            Address(client.street, client.city, client.post_code),
        )

    def file(self, form: Form, letters: Sequence[Letter]) -> tuple[str, bytes]:
        """The bills in one file of this form: its name and content."""
        name = "_".join(papers.names(letters))
        printed = [papers.page(each, layout=self.random.randrange(2)) for each in letters]
        if form is Form.FACTUR_X:
            told = letters[0].invoice
            account = told.payment_means[0].account or ""
            number = iban("NO", account) if letters[0].country == "NO" else ""
            return f"{name}.pdf", pdf.write(printed, attached={cii.FILE: cii.write(told, iban=number)})
        whole = pdf.write(printed)
        if form in (Form.TEXT_PDF, Form.SEVERAL):
            return f"{name}.pdf", whole
        page = pictures.drawn(whole, dpi=300 if form is Form.FAX_TIFF else 200)[0]
        match form:
            case Form.FAX_TIFF | Form.GREY_TIFF:
                scan = pictures.scanned(page, self.random)
                return f"{name}.tif", pictures.tiff([scan], is_bilevel=form is Form.FAX_TIFF)
            case Form.SCANNED_PDF:
                scan = pictures.scanned(page, self.random)
                picture = pdf.Picture(pictures.jpeg(scan), *scan.size)
                return f"skann_{name}.pdf", pdf.write([picture])
            case Form.PNG:
                return f"{name}.png", pictures.png(pictures.scanned(page, self.random, skew=0.2))
            case Form.BAD_PHOTO:
                return f"IMG_{letters[0].invoice.number}.jpg", pictures.jpeg(
                    pictures.unreadable(page, self.random)
                )
        photo = pictures.photographed(page, self.random)
        return f"IMG_{letters[0].invoice.number}.jpg", pictures.jpeg(
            photo, turned=self.random.choice((0, 0, 90))
        )

    def _truth(self, client: Client, name: str, letter: Letter) -> BillTruth:
        told = letter.invoice
        law = country(client.country)
        supplier = next(one for one in client.known_suppliers if one.org_number == told.supplier.org_number)
        nets = [(supplier.purchases[0], told.net or ZERO)]
        lines, total = bill_lines(law, supplier, nets, told.delivered_on or self.world.night)
        amounts: dict[str, Decimal] = {law.accounts.suppliers: -total}
        for line in lines:
            amounts[line.account] = amounts.get(line.account, ZERO) + line.amount
        return BillTruth(
            client=client.number,
            path=name,
            supplier=supplier.key,
            supplier_org_number=supplier.org_number,
            number=told.number,
            outcome=OUTCOME,
            owed=told.payable or ZERO,
            lines=tuple(sorted(amounts.items())),
        )


def _is_plain(supplier: Supplier) -> bool:
    """Whether there is one way to post its bills, with VAT on them."""
    one = supplier.purchases
    return len(one) == 1 and one[0].category == "S" and not supplier.other_account


def _bills_before(client: Client, known: dict[str, Supplier]) -> dict[str, list[Decimal]]:
    """Supplier → what its bills of the past came to, VAT included."""
    found: dict[str, list[Decimal]] = {}
    for party_key, amount in _owed(client):
        if party_key in known:
            found.setdefault(party_key, []).append(amount)
    return found


def _owed(client: Client) -> Iterator[tuple[str, Decimal]]:
    for entry in client.history:
        for line in entry.lines:
            if line.key.startswith("bill:") and line.amount < 0:
                yield line.party, -line.amount

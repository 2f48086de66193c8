"""What the net banks' exports look like, bank by bank. A file is told by the names of its columns.

Sources: the exports as public importers know them (their column names), and samples made after them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One bank's form: which column holds what. Either `amount`, or `money_in` and `money_out`."""

    name: str
    columns: tuple[str, ...]
    currency: str  # where no column says it
    booked_on: str
    texts: tuple[str, ...]  # joined, those that say something
    value_on: str = ""
    amount: str = ""
    money_in: str = ""
    money_out: str = ""
    out_has_minus: bool = False  # the column of money out has its own minus
    balance: str = ""  # after the line
    currency_in: str = ""
    account: tuple[str, ...] = ()  # columns that together are the account's number
    sender: str = ""  # accounts: the own one is the sender's of money out, the receiver's of money in
    receiver: str = ""
    counterparty: str = ""  # name
    point: str = ","
    thousands: str = ""  # blanks are always let stand between thousands
    is_quoted: bool = True
    pending: tuple[str, ...] = ()  # in the place of the date, or within the text

    @property
    def names(self) -> tuple[str, ...]:
        """The column names as they are compared."""
        return tuple(map(bare, self.columns))


def bare(name: str) -> str:
    """A column's name as it is compared: without quotes, blanks around it, and the size of its letters."""
    return " ".join(name.strip().strip('"').split()).casefold()


def _seb(*columns: str) -> Profile:
    return Profile(
        name="SEB",
        columns=columns,
        currency="SEK",
        booked_on=columns[0],
        value_on=columns[1],
        texts=(columns[3],),
        amount=columns[4],
        balance=columns[5],
        thousands=".",
    )


def _dnb(money_out: str, money_in: str) -> Profile:
    return Profile(
        name="DNB",
        columns=("Dato", "Forklaring", "Rentedato", money_out, money_in),
        currency="NOK",
        booked_on="Dato",
        value_on="Rentedato",
        texts=("Forklaring",),
        money_out=money_out,
        money_in=money_in,
        pending=("Reservert transaksjon",),
    )


PROFILES = (
    _dnb("Ut fra konto", "Inn på konto"),
    _dnb("Uttak", "Innskudd"),
    Profile(
        name="Nordea NO",
        columns=("Bokføringsdato", "Beløp", "Avsender", "Mottaker", "Navn", "Tittel", "Valuta",
                 "Betalingstype"),
        currency="NOK",
        booked_on="Bokføringsdato",
        texts=("Tittel",),
        amount="Beløp",
        currency_in="Valuta",
        sender="Avsender",
        receiver="Mottaker",
        counterparty="Navn",
        pending=("Reservert",),
    ),
    Profile(
        name="SpareBank 1",
        columns=("Dato", "Beskrivelse", "Rentedato", "Inn", "Ut", "Til konto", "Fra konto"),
        currency="NOK",
        booked_on="Dato",
        value_on="Rentedato",
        texts=("Beskrivelse",),
        money_in="Inn",
        money_out="Ut",
        out_has_minus=True,
        sender="Fra konto",
        receiver="Til konto",
    ),
    Profile(
        name="Sbanken",
        columns=("BOKFØRINGSDATO", "RENTEDATO", "ARKIVREFERANSE", "TYPE", "TEKST", "UT FRA KONTO",
                 "INN PÅ KONTO"),
        currency="NOK",
        booked_on="BOKFØRINGSDATO",
        value_on="RENTEDATO",
        texts=("TEKST",),
        money_out="UT FRA KONTO",
        money_in="INN PÅ KONTO",
        is_quoted=False,
    ),
    Profile(
        name="Nordea SE",
        columns=("Bokföringsdag", "Belopp", "Avsändare", "Mottagare", "Namn", "Rubrik", "Saldo", "Valuta"),
        currency="SEK",
        booked_on="Bokföringsdag",
        texts=("Rubrik",),
        amount="Belopp",
        balance="Saldo",
        currency_in="Valuta",
        sender="Avsändare",
        receiver="Mottagare",
        counterparty="Namn",
        pending=("Reserverat",),
    ),
    Profile(
        name="Swedbank",
        columns=("Radnummer", "Clearingnummer", "Kontonummer", "Produkt", "Valuta", "Bokföringsdag",
                 "Transaktionsdag", "Valutadag", "Referens", "Beskrivning", "Belopp", "Bokfört saldo"),
        currency="SEK",
        booked_on="Bokföringsdag",
        value_on="Valutadag",
        texts=("Beskrivning", "Referens"),
        amount="Belopp",
        balance="Bokfört saldo",
        currency_in="Valuta",
        account=("Clearingnummer", "Kontonummer"),
        point=".",
    ),
    _seb("Bokföringsdag", "Valutadag", "Verifikationsnummer", "Text/mottagare", "Belopp", "Saldo"),
    _seb("Bokföringsdatum", "Valutadatum", "Verifikationsnummer", "Text/mottagare", "Belopp", "Saldo"),
    _seb("Bokföringsdatum", "Valutadatum", "Verifikationsnummer", "Text", "Belopp", "Saldo"),
    _seb("Bokförd", "Valutadatum", "Typ", "Text", "Insättningar/uttag", "Bokfört saldo"),
    Profile(
        name="Handelsbanken",
        columns=("Reskontradatum", "Transaktionsdatum", "Text", "Belopp", "Saldo"),
        currency="SEK",
        booked_on="Reskontradatum",
        texts=("Text",),
        amount="Belopp",
        balance="Saldo",
    ),
)  # fmt: skip

"""What makes an invented company Norwegian or Swedish: names, places, what it buys, how it pays its people.

Accounts are those of the countries' own charts; `check` refuses any that is not there.
"""

from dataclasses import dataclass

from nattbok.countries.country import Country


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of supplier: (item, account, category, percent) for each thing on its bills."""

    name: str
    sells: tuple[tuple[str, str, str, str], ...]
    largest: int = 9000  # net, in kroner
    other_account: str = ""  # where some might post it as well


@dataclass(frozen=True, slots=True)
class PayAccounts:
    """The accounts of a month's pay."""

    wages: str
    withheld: str
    contribution: str
    contribution_owed: str
    holiday: str
    holiday_owed: str
    contribution_percent: str
    holiday_percent: str


@dataclass(frozen=True, slots=True)
class Flavour:
    """One country's."""

    office: str
    company: str  # the company form, at the end of a name
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str], ...]  # post code and town
    trades: tuple[Trade, ...]
    pay: PayAccounts
    equipment: str
    depreciation: str
    depreciated: str
    capital: str
    sales: tuple[tuple[str, str], ...]  # account and VAT code
    words: dict[str, str]


NORWEGIAN = Flavour(
    office="Polarlys Regnskap AS",
    company="AS",
    firsts=(
        "Fjordheim",
        "Nordvik",
        "Solbakken",
        "Bjørkelund",
        "Havblikk",
        "Tindefoss",
        "Granly",
        "Østerdal",
        "Breivang",
        "Sjøgata",
        "Lyngmo",
        "Åsheim",
        "Kvitfjell",
        "Storvann",
        "Myrvang",
        "Elvebakken",
        "Rødsberg",
        "Skogly",
        "Vestfoss",
        "Dalsøyra",
        "Furuset",
        "Hegrenes",
        "Ørnvik",
        "Tjeldsund",
        "Almestad",
        "Brattlia",
        "Fagervoll",
        "Grønnåsen",
        "Haugseter",
        "Isdalen",
        "Kaldnes",
        "Løvåsen",
    ),
    seconds=(
        "Bygg",
        "Rør",
        "Elektro",
        "Transport",
        "Kafé",
        "Maskin",
        "Trykk",
        "Tannklinikk",
        "Reiser",
        "Fisk",
        "Interiør",
        "Data",
        "Regnskap",
        "Eiendom",
        "Frisør",
        "Sport",
        "Bakeri",
        "Mekaniske",
        "Arkitekter",
        "Bemanning",
        "Gartneri",
        "Taktekking",
        "Renhold",
        "Snekkeri",
        "Rådgivning",
        "Foto",
    ),
    streets=("Storgata", "Kirkegata", "Industriveien", "Strandveien", "Havnegata", "Skoleveien", "Torggata"),
    places=(
        ("0155", "Oslo"),
        ("2317", "Hamar"),
        ("5003", "Bergen"),
        ("6002", "Ålesund"),
        ("7011", "Trondheim"),
        ("8006", "Bodø"),
        ("9008", "Tromsø"),
        ("4006", "Stavanger"),
        ("3015", "Drammen"),
    ),
    trades=(
        Trade("Eiendom", (("Husleie", "6300", "S", "25"),), 28000),
        Trade("Kraft", (("Strøm", "6340", "S", "25"),), 6000),
        Trade("Mobil", (("Mobilabonnement", "6900", "S", "25"),), 3500),
        Trade("Fiber", (("Internett", "6907", "S", "25"),), 1800),
        Trade("Programvare", (("Lisens", "6553", "S", "25"),), 5000),
        Trade("Kontorrekvisita", (("Kontorrekvisita", "6800", "S", "25"),), 3000),
        Trade("Engros", (("Varer for videresalg", "4300", "S", "25"),), 32000),
        Trade("Matgrossist", (("Matvarer", "4330", "S", "15"),), 14000),
        Trade("Renhold", (("Renhold", "6360", "S", "25"),), 7000),
        Trade("Forsikring", (("Forsikringspremie", "7500", "E", "0"),), 9000),
        Trade("Hotell", (("Overnatting", "7140", "S", "12"), ("Parkering", "7140", "S", "25")), 6000),
        Trade("Reklamebyrå", (("Annonsering", "7320", "S", "25"),), 12000),
        Trade("Bilverksted", (("Service på bil", "7020", "S", "25"),), 9000),
        Trade("Verktøy", (("Verktøy og utstyr", "6550", "S", "25"),), 8000, "6540"),
        Trade("Konsulent", (("Konsulenttimer", "6790", "S", "25"),), 24000, "4500"),
        Trade("Frakt", (("Frakt", "6100", "S", "25"),), 5000, "4360"),
    ),
    pay=PayAccounts("5000", "2600", "5400", "2770", "5092", "2940", "14.1", "12"),
    equipment="1250",
    depreciation="6010",
    depreciated="1250",
    capital="2000",
    sales=(("3000", "3"), ("3000", "3"), ("3000", "3"), ("3030", "31"), ("3050", "33")),
    words={
        "invoice": "Faktura",
        "and": "og",
        "payment": "Innbetaling",
        "pay": "Lønn",
        "bill": "Inngående faktura",
        "paid": "Utbetaling",
        "opening": "Inngående balanse",
        "fee": "Gebyr",
        "depreciation": "Avskrivning",
        "credit": "Kreditnota",
        "tax": "Forskuddstrekk og arbeidsgiveravgift",
        "giro": "OCR-innbetalinger",
        "greeting": "Takk for handelen",
        "delivery": "Levering",
        "terms": "Netto {days} dager",
        "exempt": "Unntatt etter merverdiavgiftsloven § 3-6",
        "copy": "Kopi sendt på nytt",
    },
)

SWEDISH = Flavour(
    office="Norrsken Redovisning AB",
    company="AB",
    firsts=(
        "Björkö",
        "Göta",
        "Lövånger",
        "Mälarö",
        "Källtorp",
        "Hjo",
        "Täby",
        "Österås",
        "Åkerlund",
        "Ängsbacken",
        "Dalarö",
        "Fjällnäs",
        "Granvik",
        "Hedemora",
        "Islinge",
        "Järvsö",
        "Kullavik",
        "Lindö",
        "Mörby",
        "Näsby",
        "Rättvik",
        "Sörmland",
        "Tallåsen",
        "Ulvsunda",
        "Vättern",
        "Ytterby",
    ),
    seconds=(
        "Snickeri",
        "Plåt",
        "El",
        "Redovisning",
        "Kafé",
        "Trävaru",
        "Tandteknik",
        "Frakt",
        "Bygg",
        "Förskola",
        "Rör",
        "Måleri",
        "Data",
        "Fastigheter",
        "Frisör",
        "Sport",
        "Bageri",
        "Mekaniska",
        "Arkitekter",
        "Bemanning",
        "Trädgård",
        "Tak",
        "Städ",
        "Rådgivning",
        "Foto",
    ),
    streets=("Storgatan", "Kyrkogatan", "Industrivägen", "Strandvägen", "Hamngatan", "Skolgatan"),
    places=(
        ("11122", "Stockholm"),
        ("41103", "Göteborg"),
        ("21120", "Malmö"),
        ("75310", "Uppsala"),
        ("90326", "Umeå"),
        ("65224", "Karlstad"),
    ),
    trades=(
        Trade("Fastigheter", (("Lokalhyra", "5010", "S", "25"),), 28000),
        Trade("Telekom", (("Telefon och internet", "6200", "S", "25"),), 3500),
        Trade("Programvara", (("Licens", "5420", "S", "25"),), 5000),
        Trade("Kontorsmaterial", (("Kontorsmaterial", "6110", "S", "25"),), 3000),
        Trade("Partihandel", (("Varor för försäljning", "4010", "S", "25"),), 32000),
        Trade("Taxi", (("Persontransport", "5800", "S", "6"),), 1500),
        Trade("Försäkring", (("Försäkringspremie", "6310", "E", "0"),), 9000),
        Trade("Hotell", (("Logi", "5800", "S", "12"), ("Parkering", "5800", "S", "25")), 6000),
        Trade("Reklambyrå", (("Annonsering", "5910", "S", "25"),), 12000),
        Trade("Bokhandel", (("Facklitteratur", "6970", "S", "6"),), 2500),
        Trade("Bilservice", (("Service på bil", "5610", "S", "25"),), 9000),
        Trade("Verktyg", (("Verktyg och utrustning", "5460", "S", "25"),), 8000, "5410"),
        Trade("Konsult", (("Konsulttimmar", "6990", "S", "25"),), 24000, "6530"),
    ),
    pay=PayAccounts("7210", "2710", "7510", "2730", "7290", "2920", "31.42", "12"),
    equipment="1220",
    depreciation="7832",
    depreciated="1229",
    capital="2081",
    sales=(("3001", "U25"), ("3001", "U25"), ("3002", "U12"), ("3003", "U6")),
    words={
        "invoice": "Faktura",
        "and": "och",
        "payment": "Inbetalning",
        "pay": "Lön",
        "bill": "Leverantörsfaktura",
        "paid": "Utbetalning",
        "opening": "Ingående balans",
        "fee": "Avgift",
        "depreciation": "Avskrivning",
        "credit": "Kreditfaktura",
        "tax": "Avdragen skatt och arbetsgivaravgifter",
        "giro": "Bankgiro inbetalningar",
        "greeting": "Tack för senast",
        "delivery": "Leverans",
        "terms": "{days} dagar netto",
        "exempt": "Undantag enligt mervärdesskattelagen 10 kap.",
        "copy": "Kopia skickad igen",
    },
)

FLAVOURS = {"NO": NORWEGIAN, "SE": SWEDISH}


def check(flavour: Flavour, law: Country) -> None:
    """Refuse a flavour that names an account or a VAT code its country does not have. Raises ValueError."""
    chart = {account.number for account in law.chart}
    pay = flavour.pay
    named = {
        pay.wages,
        pay.withheld,
        pay.contribution,
        pay.contribution_owed,
        pay.holiday,
        pay.holiday_owed,
        flavour.equipment,
        flavour.depreciation,
        flavour.depreciated,
        flavour.capital,
        *(account for account, _code in flavour.sales),
        *(thing[1] for trade in flavour.trades for thing in trade.sells),
        *(trade.other_account for trade in flavour.trades if trade.other_account),
    }
    if missing := sorted(named - chart):
        raise ValueError(f"not in the chart of {law.code}: {', '.join(missing)}")
    if unknown := sorted({code for _account, code in flavour.sales} - set(law.vat_codes)):
        raise ValueError(f"not a VAT code of {law.code}: {', '.join(unknown)}")

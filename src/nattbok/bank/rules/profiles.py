"""What each bank's file service is like: formats and versions, file names, folders, hours.

Where a bank publishes nothing, or its answer differs from customer to customer, the field stands in `unsure`:
the set-up asks for it, and what is answered on the connection is used instead of what stands here.

Sources: the banks' own pages on file services, as gathered in November 2026; pain.001 .03 is what all take
and .09 is what they move to. LB and Telepay are refused by all banks since 2026-05-12 and 2024-10-01.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from fnmatch import fnmatchcase
from typing import Any

from nattbok.bank.rules.connections import Form
from nattbok.base.errors import Refused
from nattbok.base.words import _

# From this day on a BgMax file leaves out the payments on the new infrastructure; after the last it ends.
BGMAX_INCOMPLETE_FROM = date(2026, 9, 8)
BGMAX_LAST_DAY = date(2026, 11, 27)

PAYMENT_VERSIONS = ("pain.001.001.03", "pain.001.001.09")  # that we write
STATEMENT = "camt.053"
DETAILS = "camt.054"


class NoSuchBank(Refused):
    """A profile that is not in the list."""

    message = _("There is no bank “{name}” in the list of supported banks.")


class WrongBankSetting(Refused):
    """A setting of a connection that cannot be used."""

    message = _("“{given}” cannot be used for {name}.")


@dataclass(frozen=True, slots=True)
class Profile:
    """One bank's file service.

    Versions are the full names of messages, the preferred first. File names are patterns: outgoing with
    {message_id} and {date}, incoming with * and ?. Times are local where the bank is.
    """

    name: str
    title: str
    countries: tuple[str, ...]
    forms: tuple[Form, ...]
    payments: tuple[str, ...] = PAYMENT_VERSIONS
    receipts: tuple[str, ...] = ("pain.002.001.03", "pain.002.001.10")
    statements: tuple[str, ...] = ("camt.053.001.02", "camt.053.001.08")
    details: tuple[str, ...] = ("camt.054.001.02", "camt.054.001.08")
    intraday: tuple[str, ...] = ("camt.052.001.02", "camt.052.001.08")
    other: tuple[str, ...] = ()  # "ocr_giro", "bgmax"
    bics: Mapping[str, str] = field(default_factory=dict)  # country → the bank's BIC, where it has one
    own_bic: str = ""  # what the customer's own bank is called, where an alliance has many
    needs_agreement_id: bool = True
    needs_division: bool = False
    name_out: str = "{message_id}.xml"
    names_in: tuple[str, ...] = ("*",)
    folder_out: str = "inbox"  # seen from the bank: what we leave there comes in
    folder_in: str = "outbox"
    folder_archive: str = "archive"
    expected: tuple[str, ...] = (STATEMENT,)  # one for each account and bank day
    sends_empty_days: bool = True  # a statement comes also for a day on which nothing moved
    statement_lag: int = 0  # bank days that a statement takes, beyond the night after its day
    receipt_minutes: int = 30  # within which the bank answers a payment file, in its hours
    opens: time = time(8)
    closes: time = time(16)
    cut_offs: Mapping[str, time] = field(default_factory=dict)  # country → last time for payment the same day
    stale_days: int = 3  # bank days without any file, after which somebody should ask
    day_minutes: int = 15  # how often files are fetched by day; 0: only at night
    matches_by_day: bool = False  # payments are matched and posted by day too, not only in the night
    note: str = ""  # what whoever sets it up should know; marked for translation
    unsure: tuple[str, ...] = ()

    @property
    def payment_version(self) -> str:
        """The pain.001 that is written for this bank."""
        return self.payments[0]

    def file_name(self, message_id: str, on: date) -> str:
        """What a payment file is called at the bank. The message id makes it unlike all others."""
        return self.name_out.replace("{message_id}", message_id).replace("{date}", on.strftime("%Y%m%d"))

    def is_ours(self, name: str) -> bool:
        """Whether a file at the bank with this name is one that we fetch."""
        return any(fnmatchcase(name, pattern) for pattern in self.names_in)

    def bic(self, country: str) -> str:
        """The bank's BIC as payment files name it; "" when it has not been said."""
        return self.own_bic or self.bics.get(country, "")

    def cut_off(self, country: str) -> time | None:
        """The last time for payment on the same day; None when the bank has not said."""
        return self.cut_offs.get(country)


ALL = (Form.FILE, Form.SFTP)
FOLDERS = ("folder_out", "folder_in", "folder_archive", "names_in", "cut_offs")

_LIST = (
    Profile(
        "dnb",
        "DNB",
        ("NO",),
        ALL,
        bics={"NO": "DNBANOKKXXX"},
        other=("ocr_giro",),
        needs_division=True,
        note=_(
            "Order the extended statement, not the one with sums only: with sums only each payment has to "
            "be waited for in another file."
        ),
        unsure=(*FOLDERS, "needs_division", "sends_empty_days"),
    ),
    Profile(
        "nordea",
        "Nordea",
        ("NO", "SE"),
        (Form.FILE,),
        bics={"NO": "NDEANOKKXXX", "SE": "NDEASESSXXX"},
        other=("ocr_giro",),
        note=_(
            "Nordea's direct channel wants files in a signed Secure Envelope, which is not supported: "
            "files are moved by a person."
        ),
        unsure=("names_in", "cut_offs", "sends_empty_days"),
    ),
    Profile(
        "sparebank1",
        "SpareBank 1",
        ("NO",),
        ALL,
        other=("ocr_giro",),
        note=_(
            "The first files come the day after the order. Order the OCR agreement after the connection "
            "is up, and fetch the first month's statement by hand if it begins in the middle of one."
        ),
        unsure=(*FOLDERS, "own_bic", "needs_division", "sends_empty_days"),
    ),
    Profile(
        "eika",
        "Eika",
        ("NO",),
        ALL,
        other=("ocr_giro",),
        note=_("The banks of the Eika alliance send files through SDC Bank Connect."),
        unsure=(*FOLDERS, "own_bic", "needs_division", "sends_empty_days"),
    ),
    Profile(
        "handelsbanken",
        "Handelsbanken",
        ("NO", "SE"),
        ALL,
        bics={"NO": "HANDNOKKXXX", "SE": "HANDSESSXXX"},
        other=("ocr_giro",),
        note=_("Handelsbanken stopped BgMax on 31 May 2026: incoming payments are in camt.054."),
        unsure=(*FOLDERS, "needs_division", "sends_empty_days"),
    ),
    Profile(
        "swedbank",
        "Swedbank",
        ("SE",),
        ALL,
        bics={"SE": "SWEDSESSXXX"},
        other=("bgmax",),
        unsure=(*FOLDERS, "needs_division", "sends_empty_days"),
    ),
    Profile(
        "seb",
        "SEB",
        ("SE", "NO"),
        ALL,
        bics={"SE": "ESSESESSXXX", "NO": "ESSENOKXXXX"},
        other=("bgmax", "ocr_giro"),
        unsure=(*FOLDERS, "needs_division", "sends_empty_days"),
    ),
    Profile(
        "danske",
        "Danske Bank",
        ("NO", "SE"),
        ALL,
        bics={"NO": "DABANO22XXX", "SE": "DABASESXXXX"},
        other=("bgmax", "ocr_giro"),
        note=_("From 8 September 2026 a BgMax file is not complete: incoming payments are in camt.054."),
        unsure=(*FOLDERS, "needs_division", "sends_empty_days"),
    ),
    Profile(
        "test",
        "The test bank",
        ("NO", "SE"),
        (Form.FILE, Form.SFTP, Form.REST),
        bics={"NO": "DEMONO22XXX", "SE": "DEMOSESSXXX"},
        other=("ocr_giro", "bgmax"),
        needs_agreement_id=False,
        opens=time(0),
        closes=time(23, 59),
        cut_offs={"NO": time(15, 45), "SE": time(14)},
    ),
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in _LIST}

# What a connection may say otherwise than its bank's profile, and how it is read from text.
_NAMES = {"name_out", "folder_out", "folder_in", "folder_archive", "own_bic"}
_NUMBERS = {
    "statement_lag": 10,
    "receipt_minutes": 24 * 60,
    "stale_days": 60,
    "day_minutes": 24 * 60,
}  # with the largest
_CHOICES = {"needs_division", "sends_empty_days", "needs_agreement_id", "matches_by_day"}
SETTINGS = (*sorted(_NAMES), *sorted(_NUMBERS), *sorted(_CHOICES), "payments", "names_in", "cut_offs")
LONGEST_NAME = 100


def profile(name: str, settings: Mapping[str, Any] | None = None) -> Profile:
    """The bank's profile, with what is said otherwise on the connection; raises NoSuchBank.

    `settings` has what `checked` has let through; other names in it are of other uses and are left aside.
    """
    found = PROFILES.get(name)
    if found is None:
        raise NoSuchBank(name=name)
    return replace(found, **_read(settings or {}))


def checked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are kept in JSON; raises WrongBankSetting for a value that cannot be."""
    for name in settings:
        if name not in SETTINGS:
            raise WrongBankSetting(given=name, name="settings")
    _read(settings)
    return dict(settings)


def _read(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, given) for name, given in settings.items() if name in SETTINGS}


def _value(name: str, given: Any) -> Any:
    try:
        if name in _CHOICES and isinstance(given, bool):
            return given
        if name in _NUMBERS and 0 <= int(given) <= _NUMBERS[name]:
            return int(given)
        if name == "payments" and given in PAYMENT_VERSIONS:
            return (given,)
        if name == "names_in" and _are_names(given):
            return tuple(given)
        if name == "cut_offs":
            return {country: time.fromisoformat(at) for country, at in given.items()}
        if name == "own_bic":
            return _BIC.fullmatch(given.upper())[0]
        if name in _NAMES and _is_folder(given) and (name != "name_out" or _is_name_out(given)):
            return given
    except (TypeError, ValueError, AttributeError):
        pass
    raise WrongBankSetting(given=str(given)[:LONGEST_NAME], name=name)


def _are_names(given: Any) -> bool:
    return (
        isinstance(given, list | tuple)
        and 0 < len(given) <= 20
        and all(isinstance(one, str) and 0 < len(one) <= LONGEST_NAME for one in given)
    )


def _is_folder(given: Any) -> bool:
    """A relative or absolute path without tricks; empty is the folder one arrives in."""
    return (
        isinstance(given, str)
        and len(given) <= LONGEST_NAME
        and given.isprintable()
        and ".." not in given.split("/")
    )


def _is_name_out(given: str) -> bool:
    """A file name of ours must have the message id in it, since no two may be the same."""
    return bool(_NAME_OUT.fullmatch(given)) and "{message_id}" in given and not given.startswith(".")


_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?|")  # ISO 9362; empty takes it away
_NAME_OUT = re.compile(r"(?:[A-Za-z0-9._-]|\{message_id\}|\{date\})+")

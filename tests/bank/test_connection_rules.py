"""When a step may be taken, which statements are missing, when a receipt is late: as tables."""

import datetime
from datetime import date

import pytest

from nattbok.bank.rules import connections as rules
from nattbok.bank.rules import profiles
from nattbok.bank.rules.connections import Came, Form, NotInThisState, State, Step
from nattbok.bank.rules.profiles import NoSuchBank, WrongBankSetting, profile
from nattbok.channels.channel import Step as Tried
from nattbok.countries.known import country

NO = country("NO").is_bank_day
MON, TUE, WED, THU, FRI, SAT = (date(2026, 3, day) for day in range(9, 15))


@pytest.mark.parametrize(
    "state, step, then",
    [
        (State.ORDERED, Step.REGISTER, State.REGISTERED),
        (State.REGISTERED, Step.REGISTER, State.REGISTERED),
        (State.ACTIVE, Step.REGISTER, None),
        (State.ORDERED, Step.ACTIVATE, None),
        (State.REGISTERED, Step.ACTIVATE, State.ACTIVE),
        (State.ACTIVE, Step.ACTIVATE, State.ACTIVE),
        (State.SUSPENDED, Step.ACTIVATE, None),
        (State.ORDERED, Step.SUSPEND, State.SUSPENDED),
        (State.ACTIVE, Step.SUSPEND, State.SUSPENDED),
        (State.SUSPENDED, Step.RESUME, State.REGISTERED),
        (State.ACTIVE, Step.RESUME, None),
    ],
)
def test_steps(state, step, then):
    if then is None:
        with pytest.raises(NotInThisState):
            rules.after(state, step)
    else:
        assert rules.after(state, step) is then


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("form", Form)
def test_files_are_made_when_registered_or_active(form, state):
    """INT-17: file-based has no test; direct sends nothing before it is activated (INT-20)."""
    made = {(Form.FILE, State.REGISTERED), (Form.FILE, State.ACTIVE)}
    direct = {(Form.SFTP, State.ACTIVE), (Form.REST, State.ACTIVE)}
    assert rules.may_make_files(form, state) is ((form, state) in made | direct)
    assert rules.may_go(form, state) is ((form, state) in direct)


@pytest.mark.parametrize(
    "came, today, more, missing",
    [
        ([], MON, {}, []),  # nothing before the first day
        ([], TUE, {}, [MON]),
        ([Came(MON, MON)], TUE, {}, []),
        ([Came(MON, MON)], WED, {}, [TUE]),
        ([Came(MON, MON)], WED, {"lag": 1}, []),  # a bank that takes a day more
        ([Came(MON, MON)], THU, {"lag": 1}, [TUE]),
        ([Came(MON, WED)], THU, {}, []),  # one for several days
        ([Came(MON, MON), Came(WED, WED)], THU, {}, [TUE]),
        ([Came(MON, MON), Came(WED, WED)], THU, {"sends_empty_days": False}, []),
        ([Came(MON, MON), Came(WED, WED)], SAT, {"sends_empty_days": False}, [THU, FRI]),
        ([Came(MON, FRI)], date(2026, 3, 16), {}, []),  # a Monday's morning: no statement of the weekend
        ([Came(MON, FRI)], date(2026, 3, 15), {}, []),
        ([Came(MON, date(2026, 3, 31))], date(2026, 4, 7), {}, [date(2026, 4, 1)]),  # Easter has no bank days
    ],
)
def test_missing_days(came, today, more, missing):
    assert rules.missing_days(came, since=MON, today=today, is_bank_day=NO, **more) == missing


def test_old_days_are_not_asked_for_for_ever():
    days = rules.missing_days([], since=date(2020, 1, 1), today=MON, is_bank_day=NO)
    assert days[0] >= MON - datetime.timedelta(days=rules.LOOK_BACK)


def at(day: date, clock: str) -> datetime.datetime:
    """Winter time in Oslo."""
    return datetime.datetime.fromisoformat(f"{day}T{clock}+01:00")


@pytest.mark.parametrize(
    "sent, now, is_late",
    [
        (at(THU, "10:00"), at(THU, "10:29"), False),
        (at(THU, "10:00"), at(THU, "10:30"), True),
        (at(THU, "02:00"), at(THU, "08:29"), False),  # the bank opens at eight
        (at(THU, "02:00"), at(THU, "08:30"), True),
        (at(THU, "15:50"), at(FRI, "08:19"), False),
        (at(THU, "15:50"), at(FRI, "08:20"), True),
        (at(FRI, "15:50"), at(SAT, "23:00"), False),
        (at(FRI, "15:50"), at(date(2026, 3, 16), "08:20"), True),
        (at(THU, "10:00"), at(WED, "10:00"), False),  # a clock that goes backwards
    ],
)
def test_is_receipt_late(sent, now, is_late):
    hours = {"minutes": 30, "opens": datetime.time(8), "closes": datetime.time(16)}
    assert rules.is_receipt_late(sent, now, country="NO", is_bank_day=NO, **hours) is is_late


@pytest.mark.parametrize(
    "since, today, gone",
    [(THU, THU, 0), (THU, FRI, 1), (FRI, SAT, 1), (SAT, date(2026, 3, 16), 0), (SAT, date(2026, 3, 17), 1)],
)
def test_bank_days_gone(since, today, gone):
    assert rules.bank_days_gone(since, today, NO) == gone


@pytest.mark.parametrize(
    "last, today, is_stale",
    [(MON, WED, False), (MON, THU, False), (MON, FRI, True), (None, FRI, True), (None, THU, False)],
)
def test_is_stale(last, today, is_stale):
    assert rules.is_stale(last, MON, today, days=3, is_bank_day=NO) is is_stale


@pytest.mark.parametrize(
    "numbers, jumps",
    [
        ([], []),
        ([(1, MON), (2, TUE), (3, WED)], []),
        ([(3, WED), (1, MON), (2, TUE)], []),  # in any order
        ([(1, MON), (3, WED)], [(1, 3, WED)]),
        ([(1, MON), (1, MON), (1, TUE)], []),
        ([(250, date(2025, 12, 30)), (1, date(2026, 1, 2))], []),  # a new year
        ([(250, date(2025, 12, 30)), (252, date(2026, 1, 2))], []),
    ],
)
def test_sequence_jumps(numbers, jumps):
    assert rules.sequence_jumps(numbers) == jumps


@pytest.mark.parametrize(
    "steps, answer",
    [
        ({"reach": True, "list": True, "read": True, "write": True}, (True, True)),
        ({"reach": True, "list": True, "read": True, "write": False}, (False, True)),
        ({"reach": True, "list": False, "read": None, "write": True}, (True, False)),
        ({"reach": False, "list": None, "write": None}, (False, False)),
        ({"reach": True}, (False, False)),
        ({}, (False, False)),
    ],
)
def test_directions(steps, answer):
    assert rules.directions([Tried(name, name, ok) for name, ok in steps.items()]) == answer


@pytest.mark.parametrize(
    "written, host, port",
    [
        ("sftp.bank.no", "sftp.bank.no", 22),
        (" sftp.bank.no:2222 ", "sftp.bank.no", 2222),
        ("10.0.0.1", "10.0.0.1", 22),
    ],
)
def test_addresses(written, host, port):
    assert rules.sftp_address(written) == rules.Address(host, port)


@pytest.mark.parametrize(
    "form, written",
    [
        (Form.SFTP, "sftp://bank"),
        (Form.SFTP, "bank:0"),
        (Form.SFTP, "bank:99999"),
        (Form.SFTP, "bank:"),
        (Form.SFTP, "-oProxyCommand=x"),
        (Form.SFTP, ""),
        (Form.REST, "ftp://bank"),
        (Form.REST, "https://user:pass@bank"),
        (Form.REST, "https://bank/ x"),
    ],
)
def test_what_is_no_address(form, written):
    with pytest.raises(rules.NotAnAddress):
        rules.checked_address(form, written)


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_every_profile_can_be_used(name):
    """What the list of banks promises, the rest of the house can do."""
    bank = profile(name)
    assert Form.FILE in bank.forms  # file-based works with any bank (INT-14)
    assert bank.payment_version in {"pain.001.001.03", "pain.001.001.09"}
    assert bank.file_name("NB20260312A", THU) != bank.file_name("NB20260312B", THU)
    assert bank.is_ours("camt053_20260312.xml")
    assert set(bank.countries) <= {"NO", "SE"}
    assert set(bank.unsure) <= set(type(bank).__dataclass_fields__)


def test_the_banks_of_the_list():
    assert set(profiles.PROFILES) == {
        "dnb", "nordea", "sparebank1", "eika", "handelsbanken", "swedbank", "seb", "danske", "test",
    }  # fmt: skip


def test_what_the_connection_says_goes_before_the_profile():
    settings = profiles.checked(
        {"folder_out": "Til_bank", "payments": "pain.001.001.09", "names_in": ["*.xml", "C053*"],
         "sends_empty_days": False, "cut_offs": {"NO": "13:30"}, "receipt_minutes": "45"}
    )  # fmt: skip
    bank = profile("dnb", settings)
    assert (bank.folder_out, bank.folder_in, bank.payment_version) == (
        "Til_bank",
        "outbox",
        "pain.001.001.09",
    )
    assert not bank.sends_empty_days and bank.receipt_minutes == 45
    assert bank.cut_off("NO") == datetime.time(13, 30) and bank.cut_off("SE") is None
    assert bank.is_ours("C053V2.txt") and not bank.is_ours("faktura.pdf")


@pytest.mark.parametrize(
    "settings",
    [
        {"folder_out": "../.."},
        {"folder_out": "a\nb"},
        {"name_out": "P001.xml"},  # the same name for every file
        {"name_out": "../{message_id}"},
        {"name_out": "{message_id!r:>{date}"},
        {"name_out": "{other}"},
        {"payments": "pain.001.001.02"},
        {"receipt_minutes": -1},
        {"receipt_minutes": "soon"},
        {"names_in": []},
        {"names_in": "*.xml"},
        {"cut_offs": {"NO": "25:00"}},
        {"title": "x"},
        {"sends_empty_days": "yes"},
    ],
)
def test_settings_that_cannot_be(settings):
    with pytest.raises(WrongBankSetting):
        profiles.checked(settings)


def test_an_unknown_bank():
    with pytest.raises(NoSuchBank):
        profile("sparbanken")

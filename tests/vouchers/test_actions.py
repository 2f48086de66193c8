"""Posting a voucher once, drafts that survive, and corrections that keep what rests on an entry."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection

from nattbok.clients.models import Office
from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger.actions.templates import NotAWaitingAccount, NotOfThisOffice
from nattbok.ledger.models import Entry, OpenItem
from nattbok.ledger.queries import templates, waits_on, written_templates
from nattbok.ledger.rules import (
    AlreadyReversed,
    EntryDraft,
    LineDraft,
    NoSuchAccount,
    OriginConflict,
    Settles,
)
from nattbok.ledger.rules.templates import NoSuchTemplate, Template, TemplateLine
from nattbok.robot import undoing
from nattbok.robot.undoing.correcting import NothingCorrected
from nattbok.robot.undoing.rules import NoReasonForUndoing, PlanChanged
from nattbok.trail.models import Act
from nattbok.vouchers import actions, queries
from nattbok.vouchers.rules.written import Row, Voucher
from tests.web.visitors import a_person
from tests.world import TODAY, a_client, a_party, an_entry, an_invoice, posted

RENT = (Row("6300", vat_code="1", debit="1250"), Row("1920", credit="1250"))
D = Decimal
KARI = "person:1"


@pytest.fixture
def person(office: Office):
    return a_person(office).pk


def a_voucher(*rows: Row, **fields) -> Voucher:
    return Voucher(actions.new_token(), "2026-03-12", "Leie", rows or RENT, **fields)


def post(client, voucher, person):
    return actions.post_voucher(client, voucher, person=person, today=TODAY)


def test_a_voucher_is_posted_by_a_person_for_an_act_of_theirs(fjord, person):
    voucher = a_voucher()
    posted_ = post(fjord, voucher, person)
    entry = Entry.objects.select_related("act").get(pk=posted_.id)
    assert entry.origin == f"voucher:{voucher.token}"
    assert (entry.act.by, entry.act.kind) == (f"person:{person}", "vouchers.posted")
    assert entry.act.evidence["amount"] == "1250.00"


def test_two_windows_post_one_entry(fjord, person):
    voucher = a_voucher()

    def once(_window):
        with scope([fjord.pk]):
            try:
                return post(fjord, voucher, person).id
            finally:
                connection.close()

    with ThreadPoolExecutor(2) as windows:
        assert len(set(windows.map(once, range(2)))) == 1
    assert Entry.objects.filter(client=fjord).count() == 1
    assert Act.objects.filter(client=fjord, kind="vouchers.posted").count() == 1
    with pytest.raises(OriginConflict):
        post(fjord, replace(voucher, text="noe annet"), person)
    ledger.reverse(fjord, [Entry.objects.get(client=fjord).pk], by=KARI, why="feil")
    with pytest.raises(actions.TakenBackVoucher):
        post(fjord, voucher, person)


def test_what_is_against_it_keeps_it_from_being_posted(fjord, person):
    with pytest.raises(actions.NotReady):
        post(fjord, a_voucher(RENT[0]), person)
    with pytest.raises(actions.NoVoucherToken):
        post(fjord, replace(a_voucher(), token="x"), person)
    assert not Entry.objects.filter(client=fjord).exists()


def test_a_draft_is_its_writers_and_goes_when_it_is_posted(fjord, person, office):
    other = a_person(office).pk
    voucher = a_voucher(files=())
    actions.keep_draft(fjord, person, voucher)
    actions.keep_draft(fjord, person, replace(voucher, text="Husleie"))
    assert queries.draft(fjord, person, voucher.token) == replace(voucher, text="Husleie")
    assert queries.draft(fjord, other, voucher.token) is None and queries.drafts(fjord, other) == []
    post(fjord, replace(voucher, text="Husleie"), person)
    assert queries.drafts(fjord, person) == []
    # What the window that was slower keeps afterwards is no new draft.
    actions.keep_draft(fjord, person, voucher)
    assert queries.drafts(fjord, person) == []


def test_a_client_sees_no_other_clients_drafts(fjord, person, office):
    actions.keep_draft(fjord, person, a_voucher())
    mine = a_client(office=office)
    with scope([mine.pk]):
        assert queries.drafts(fjord, person) == []


def test_templates_have_versions_and_the_clients_own_counts(fjord, office):
    ours = Template("leie", "Kontorets", (TemplateLine("6300"),))
    ledger.write_office_template(office, ours, country_code="NO", by=KARI)
    assert templates(fjord)["leie"].of_office
    own = ledger.write_template(fjord, replace(ours, name="Egen"), by=KARI)
    assert ledger.write_template(fjord, replace(ours, name="Egen"), by=KARI) == own  # nothing new
    later = replace(ours, name="Ny", valid_from=TODAY.replace(month=7))
    assert ledger.write_template(fjord, later, by=KARI).version == 2
    assert templates(fjord, TODAY)["leie"].name == "Egen"
    assert templates(fjord, TODAY.replace(month=8))["leie"].name == "Ny"
    for _twice in range(2):
        ledger.retire_template(fjord, "leie", by=KARI)
    assert templates(fjord)["leie"].of_office  # the office's counts again
    ledger.retire_office_template(office, "leie", country_code="NO", by=KARI)
    assert templates(fjord) == {}
    assert [row.is_retired for row in written_templates(fjord)] == [True, True]
    with pytest.raises(NoSuchTemplate):
        ledger.retire_template(fjord, "finnes-ikke", by=KARI)


def test_an_offices_template_for_some_is_no_longer_for_the_others(fjord, office):
    other = a_client(office=office)
    template = Template("leie", "", (TemplateLine("6300"),))
    ledger.write_office_template(office, template, country_code="NO", by=KARI)
    assert "leie" in templates(other)
    with scope([fjord.pk, other.pk]):
        ledger.write_office_template(office, template, country_code="NO", chosen=[fjord.pk], by=KARI)
    assert "leie" in templates(fjord) and "leie" not in templates(other)
    stranger = a_client()
    with scope([fjord.pk, stranger.pk]), pytest.raises(NotOfThisOffice):
        ledger.write_office_template(office, template, country_code="NO", chosen=[stranger.pk], by=KARI)


def test_where_what_is_spread_waits_can_be_set(fjord):
    assert (waits_on(fjord).of("6300"), waits_on(fjord).of("3000")) == ("1700", "2965")
    for _again in range(2):
        ledger.set_waiting_accounts(fjord, costs="1749", income="2900", by=KARI)
    assert (waits_on(fjord).of("6300"), waits_on(fjord).of("3000")) == ("1749", "2900")
    assert {act.kind for act in Act.objects.filter(client=fjord)} >= {"ledger.prepaid", "ledger.deferred"}
    for wrong in ("1500", "9999", "3000", "6300"):  # with parties, unknown, and of the result
        for asked in ({"costs": wrong, "income": ""}, {"costs": "", "income": wrong}):
            with pytest.raises(NotAWaitingAccount):
                ledger.set_waiting_accounts(fjord, **asked, by=KARI)
    ledger.set_waiting_accounts(fjord, costs="", income="", by=KARI)
    assert (waits_on(fjord).costs, waits_on(fjord).income) == ("1700", "2965")


def corrected(client, item: OpenItem, account: str) -> EntryDraft:
    """An invoice's entry with another account of income."""
    entry = Entry.objects.get(pk=item.line.entry_id)
    found = queries.posted_entry(client, entry.pk)
    lines = tuple(replace(line, account=account) if line.account == "3000" else line for line in found.lines)
    return EntryDraft(entry.date, "A", "voucher:x", "rettet", lines)


def test_what_paid_the_entry_holds_for_the_corrected_one(fjord):
    item = an_invoice(fjord, "100.00", reference="1234567")
    (payment,) = posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft("1500", D("-100.00"), party=item.party_id, settles=(Settles(item.pk, D("100.00")),)),
        ),
    )
    ledger.hold(fjord, [item.pk], by=KARI, why="attestasjon")
    draft = corrected(fjord, item, "3100")
    entry = item.line.entry_id
    with pytest.raises(NoReasonForUndoing):
        undoing.correct(fjord, entry, draft, by=KARI, why=" ")
    with pytest.raises(PlanChanged):
        undoing.correct(fjord, entry, draft, by=KARI, why="feil konto", shown="0" * 64)
    done = undoing.correct(fjord, entry, draft, by=KARI, why="feil konto")
    assert (done.kept, done.parted) == (1, 0)
    anew = OpenItem.objects.get(line__entry=done.entry.id)
    assert anew.left == 0 and anew.on_hold
    assert OpenItem.objects.get(line__entry=payment.id).left == 0
    right = Entry.objects.select_related("act").get(pk=done.entry.id)
    assert right.origin == Entry.objects.get(pk=entry).origin
    assert (right.act.evidence["entry"], right.act.evidence["reversal"]) == (entry, done.reversal)
    # Again is once; another correction of what is reversed is refused.
    assert undoing.correct(fjord, entry, draft, by=KARI, why="feil konto").entry.id == right.pk
    with pytest.raises(AlreadyReversed):
        undoing.correct(fjord, entry, corrected(fjord, item, "3120"), by=KARI, why="feil konto")


def test_a_line_that_is_changed_is_open_again(fjord):
    item = an_invoice(fjord, "100.00")
    posted(
        fjord,
        an_entry(
            fjord,
            ("1920", "100.00"),
            LineDraft("1500", D("-100.00"), party=item.party_id, settles=(Settles(item.pk, D("100.00")),)),
        ),
    )
    draft = corrected(fjord, item, "3100")
    other = a_party(fjord)
    lines = tuple(replace(line, party=other) if line.party else line for line in draft.lines)
    done = undoing.correct(fjord, item.line.entry_id, replace(draft, lines=lines), by=KARI, why="feil kunde")
    assert (done.kept, done.parted) == (0, 1)
    assert sorted(OpenItem.objects.filter(client=fjord).exclude(left=0).values_list("left", flat=True)) == [
        D("-100.00"),
        D("100.00"),
    ]


def test_a_correction_that_fails_changes_nothing(fjord):
    item = an_invoice(fjord, "100.00")
    draft = corrected(fjord, item, "9999")
    with pytest.raises(NoSuchAccount):
        undoing.correct(fjord, item.line.entry_id, draft, by=KARI, why="feil")
    entry = Entry.objects.get(pk=item.line.entry_id)
    same = corrected(fjord, item, "3000")
    with pytest.raises(NothingCorrected):
        undoing.correct(fjord, entry.pk, replace(same, text=entry.text), by=KARI, why="feil")
    assert Entry.objects.filter(client=fjord).count() == 1

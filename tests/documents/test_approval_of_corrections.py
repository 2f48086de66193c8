"""A bill whose entry is corrected in the books after it was approved: who must look at it again, and when."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from nattbok.desk import queries as desk
from nattbok.documents import actions as documents
from nattbok.documents.actions import approval
from nattbok.documents.actions.approval.sending import ApprovedAlready
from nattbok.documents.actions.rounds.gate import UnderApproval
from nattbok.documents.actions.undoing import ApprovedSince
from nattbok.documents.models import Document
from nattbok.documents.queries.approval import history, waiting
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.approval import Before, corrected
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry, OpenItem
from nattbok.ledger.queries.lines import lines_of
from nattbok.ledger.rules import EntryDraft, LineDraft, PartyKind, Settles
from nattbok.robot import undoing
from nattbok.robot.undoing import What
from tests.documents.approving import a_waiting_bill, flow, mails, named, now, somebody, yes
from tests.documents.invoices import PERSON, a_seller, an_e_invoice, coded, received, unattended
from tests.world import TODAY, a_party, an_entry, posted

D = Decimal


def standing(client, document: int) -> Entry:
    """The entry that stands for the document."""
    found = Entry.objects.filter(client=client, origin=f"document:{document}", reverses__isnull=True)
    return found.latest("round")


def stands(client, document: int) -> bool:
    return not Entry.objects.filter(client=client, reverses=standing(client, document)).exists()


def item_of(client, document: int) -> OpenItem:
    """What is owed by the entry that stands for the document."""
    return OpenItem.objects.get(client=client, line__entry=standing(client, document))


def correct(client, document: int, change, *, text: str = "") -> Entry:
    """Correct the document's entry, each line as `change` makes it; the new entry."""
    entry = standing(client, document)
    lines = tuple(change(line) for line in lines_of(client, [entry.pk])[entry.pk])
    draft = EntryDraft(entry.date, "K", "voucher:x", text or entry.text, lines)
    return Entry.objects.get(
        pk=undoing.correct(client, entry.pk, draft, by="test", why="feil konto").entry.id
    )


def other_account(line: LineDraft) -> LineDraft:
    is_cost = line.party is None and line.vat_base is None
    return replace(line, account="6300") if is_cost else line


def other_payee(client):
    party = a_party(client, PartyKind.SUPPLIER, "En annen")
    return lambda line: replace(line, party=party) if line.party else line


def thrice(line: LineDraft) -> LineDraft:
    names = ("amount", "currency_amount", "vat_base", "vat_amount")
    return replace(line, **{name: found * 3 for name in names if (found := getattr(line, name)) is not None})


def pay(client, document: int) -> None:
    """The whole bill is paid from the bank."""
    item = item_of(client, document)
    entry = an_entry(
        client,
        ("1920", str(item.left)),
        LineDraft("2400", -item.left, party=item.party_id, settles=(Settles(item.pk, -item.left),)),
    )
    posted(client, entry)


@pytest.mark.parametrize("is_payee", [False, True])
@pytest.mark.parametrize("before", list(Before))
def test_an_approved_bill_that_is_corrected_before_it_is_paid_waits_for_its_yes_again(
    fjord, before, is_payee
):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=before)
    assert yes(fjord, document, ola) is True and not item_of(fjord, document).on_hold
    change = other_payee(fjord) if is_payee else other_account
    entry = correct(fjord, document, change)
    found = now(fjord, document)
    assert (found.outcome, found.before, found.may) == ("waiting", "payment", {ola.pk})
    item = item_of(fjord, document)
    assert item.on_hold and item.line.entry_id == entry.pk
    assert "does not count any more" in mails(ola)[-2].subject and "feil konto" in mails(ola)[-2].text
    assert [each.kind for each in history(fjord, document)][-3:] == ["corrected", "changed", "sent"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.release(fjord, [item.pk], by=PERSON, why="hurry")
    kept = Document.objects.get(client=fjord, pk=document)  # the approvers see what is posted
    assert kept.supplier_id == item.party_id
    assert is_payee or {line["account"] for line in kept.coding} == {"6300"}
    assert yes(fjord, document, ola) is True
    assert not item_of(fjord, document).on_hold


def test_the_database_itself_keeps_a_corrected_bill_from_being_paid_without_a_new_yes(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    entry = standing(fjord, document)
    lines = tuple(map(other_account, lines_of(fjord, [entry.pk])[entry.pk]))
    draft = EntryDraft(entry.date, "K", "x", entry.text, lines)
    with (
        pytest.raises(IntegrityError, match="corrected after the document was approved"),
        transaction.atomic(),
    ):
        ledger.correct(fjord, entry.pk, draft, by=PERSON, why="past the approvers")
    held = tuple(replace(line, on_hold=True) if line.party else line for line in lines)
    ledger.correct(fjord, entry.pk, replace(draft, lines=held), by=PERSON, why="on hold it may be")
    with (
        pytest.raises(IntegrityError, match="corrected after the document was approved"),
        transaction.atomic(),
    ):
        ledger.release(fjord, [item_of(fjord, document).pk], by=PERSON, why="hurry")


def test_other_words_leave_the_yes_as_it_is(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    correct(fjord, document, lambda line: replace(line, text="bedre tekst"), text="bedre tekst")
    assert now(fjord, document).outcome == "approved"
    assert not item_of(fjord, document).on_hold


def test_what_was_paid_is_recorded_beside_the_approval_and_told(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    pay(fjord, document)
    correct(fjord, document, other_account)
    assert now(fjord, document).outcome == "approved" and waiting(fjord) == []
    item = item_of(fjord, document)
    assert item.left == 0 and not item.on_hold  # the payment holds for the corrected entry
    said = history(fjord, document)[-1]
    assert (said.kind, said.text) == ("corrected", "feil konto")
    assert mails(ola)[-1].subject.startswith("Corrected after it was paid")


def test_a_payment_that_no_longer_fits_makes_it_unpaid_and_asked_about(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    pay(fjord, document)
    correct(fjord, document, other_payee(fjord))
    assert now(fjord, document).outcome == "waiting" and item_of(fjord, document).on_hold


def test_under_approval_it_is_begun_again_with_what_is_posted_now(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    seen = now(fjord, document).sha256
    correct(fjord, document, other_account)
    assert now(fjord, document).outcome == "waiting" and now(fjord, document).sha256 != seen
    assert item_of(fjord, document).on_hold
    assert yes(fjord, document, ola) is True and not item_of(fjord, document).on_hold


def test_what_the_flow_let_pass_is_looked_at_as_it_is_now(fjord):
    ola = somebody(fjord)
    flow(fjord, named(ola), free_through=D("2000.00"))
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(unattended(fjord))))
    coded(fjord)
    assert now(fjord, document).outcome == "policy"
    correct(fjord, document, other_account)
    assert now(fjord, document).outcome == "policy" and not item_of(fjord, document).on_hold
    correct(fjord, document, thrice)  # 3 750.00 is above what passes
    assert now(fjord, document).outcome == "waiting" and item_of(fjord, document).on_hold
    assert [each.person for each in waiting(fjord)] == [ola.pk]


def test_what_was_declined_stays_on_hold_whomever_it_is_owed_to(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    seen = now(fjord, document).sha256
    approval.decline(fjord, document, person=ola, sha256=seen, why="Feil", today=TODAY)
    correct(fjord, document, other_payee(fjord))
    assert now(fjord, document).outcome == "declined" and item_of(fjord, document).on_hold
    assert {each.kind for each in desk.waiting([fjord])} == {"documents.not_approved"}


def taken_back(client, document: int) -> None:
    """What was posted of the document is taken back, and the document waits for a person."""
    undoing.undo(client, What(entries=(standing(client, document).pk,)), by=PERSON, why="feil")


def posted_again(client, document: int) -> None:
    documents.answer(client, document, {"do": "again"}, by=PERSON, today=TODAY)


def recoded(client, document: int) -> None:
    """Somebody codes it otherwise while it is not posted."""
    (line,) = [codings.read(each) for each in Document.objects.get(client=client, pk=document).coding]
    documents.code_as(client, document, [replace(line, account="6300")], by=PERSON)


def test_what_is_approved_as_it_is_is_not_sent_again_and_chosen_people_are_refused_in_words(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    assert approval.send(fjord, [document], by=PERSON, today=TODAY) == 0
    with pytest.raises(ApprovedAlready):
        approval.send(fjord, [document], by=PERSON, to=[ola.pk], today=TODAY)


@pytest.mark.parametrize("before", list(Before))
def test_what_is_approved_as_it_is_now_is_not_posted_as_it_was(fjord, before):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=before)
    yes(fjord, document, ola)
    taken_back(fjord, document)
    recoded(fjord, document)
    assert approval.send(fjord, [document], by=PERSON, today=TODAY) == 1
    with pytest.raises(UnderApproval):
        posted_again(fjord, document)
    yes(fjord, document, ola)
    if not stands(fjord, document):
        with pytest.raises(ApprovedSince):
            posted_again(fjord, document)
        documents.answer(fjord, document, {"do": "let_go"}, by=PERSON, today=TODAY)
    lines = lines_of(fjord, [standing(fjord, document).pk])[standing(fjord, document).pk]
    assert "6300" in {line.account for line in lines} and not item_of(fjord, document).on_hold


@pytest.mark.parametrize("is_yes", [True, False])
def test_what_is_posted_again_while_it_waits_is_on_hold_until_the_yes(fjord, is_yes):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    taken_back(fjord, document)
    posted_again(fjord, document)
    assert item_of(fjord, document).on_hold
    if is_yes:
        yes(fjord, document, ola)
    else:
        seen = now(fjord, document).sha256
        approval.decline(fjord, document, person=ola, sha256=seen, why="Feil", today=TODAY)
        taken_back(fjord, document)
        posted_again(fjord, document)
    assert item_of(fjord, document).on_hold is not is_yes


def test_what_lost_its_yes_is_on_hold_when_it_is_posted_again(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    taken_back(fjord, document)
    approval.retract(fjord, document, by=PERSON, why="Feil mottaker")
    posted_again(fjord, document)
    assert item_of(fjord, document).on_hold


@pytest.mark.parametrize("is_by_hand", [True, False])
def test_what_is_changed_after_its_yes_and_goes_on_is_approved_anew(fjord, is_by_hand):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola))
    yes(fjord, document, ola)
    taken_back(fjord, document)
    if is_by_hand:
        lines = [codings.read(each) for each in Document.objects.get(client=fjord, pk=document).coding]
        other = [replace(line, account="6300") for line in lines]
        assert documents.post_as(fjord, document, other, by=PERSON, today=TODAY) is None
    else:
        recoded(fjord, document)
        documents.answer(fjord, document, {"do": "let_go"}, by=PERSON, today=TODAY)
    assert now(fjord, document).outcome == "waiting" and not stands(fjord, document)
    assert "does not count any more" in mails(ola)[-2].subject
    assert yes(fjord, document, ola) is True and stands(fjord, document)


def test_a_yes_that_came_while_nothing_was_posted_lets_it_be_paid_when_it_is_posted_again(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    taken_back(fjord, document)
    yes(fjord, document, ola)
    if not stands(fjord, document):
        posted_again(fjord, document)
    assert not item_of(fjord, document).on_hold


def test_what_a_person_holds_stays_on_hold_when_it_is_posted_again(fjord):
    ola = somebody(fjord)
    document = a_waiting_bill(fjord, named(ola), before=Before.PAYMENT)
    yes(fjord, document, ola)
    ledger.hold(fjord, [item_of(fjord, document).pk], by=PERSON, why="the goods are broken")
    taken_back(fjord, document)
    posted_again(fjord, document)
    assert item_of(fjord, document).on_hold


@pytest.mark.parametrize(
    "change, is_other",
    [
        ({"text": "x"}, False),
        ({"account": "6300"}, True),
        ({"amount": D("2.00")}, True),
        ({"vat_code": "1"}, True),
        ({"dimensions": {"project": "P7"}}, True),
        ({"reference": "77"}, True),
    ],
)
def test_what_makes_it_another_purchase(change, is_other):
    line = LineDraft("6540", D("1.00"))
    assert corrected.differs([line], [replace(line, **change)]) is is_other
    other = LineDraft("6860", D("5.00"))
    assert corrected.differs([line, other], [other, replace(line, **change)]) is is_other

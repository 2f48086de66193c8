"""What is set for suppliers and by the office, what posted bills teach, whose account a bill is paid to."""

import datetime
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction

from nattbok.base.errors import Refused
from nattbok.clients.models import Person
from nattbok.db.scope import scope
from nattbok.desk import queries as desk
from nattbok.documents import actions, queries
from nattbok.documents.actions import approval, office_rules, payees
from nattbok.documents.actions import suppliers as setting
from nattbok.documents.actions.office_rules import OfficeRuleDraft
from nattbok.documents.models import Lesson, OfficeRule, OfficeRuleVersion
from nattbok.documents.queries import deciding
from nattbok.documents.queries import suppliers as cards
from nattbok.documents.queries.office_rules import in_force
from nattbok.documents.queries.rule_effects import effects
from nattbok.documents.rules.approval import Before
from nattbok.documents.rules.office_rules import OfficeRule as Rule
from nattbok.documents.rules.office_rules import read_coding, read_conditions
from nattbok.documents.rules.shares import Share
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import OpenItem
from nattbok.ledger.queries.proof import prove
from nattbok.trail.models import Act
from tests.documents.approving import flow, named, now, somebody, yes
from tests.documents.invoices import PERSON, a_company, a_seller, an_e_invoice, coded, received, unattended
from tests.formats.invoice.written_invoices import Line as InvoiceLine
from tests.web.visitors import a_person
from tests.world import TODAY, a_client, an_office, booked

OTHER = "person:8"
D = Decimal


def last_question(client):
    return desk.waiting([client])[-1]


def test_a_split_key_is_posted_to_the_ore(fjord):
    seller = a_seller(unattended(fjord))
    actions.set_supplier(
        fjord,
        seller.party,
        account="6300",
        shares=[Share(D(1), dimensions={"department": str(n)}) for n in (1, 2, 3)],
        by=PERSON,
    )
    received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord).posted == 1
    assert [line.split()[2:] for line in booked(fjord, series="K").splitlines()] == [
        ["6300", "333.34"], ["2710", "83.34"], ["6300", "333.33"], ["2710", "83.33"],
        ["6300", "333.33"], ["2710", "83.33"], ["2400", "-1250.00"],
    ]  # fmt: skip
    assert prove(fjord).fault is None


def test_a_cost_of_a_year_is_spread_from_the_balance(fjord):
    seller = a_seller(unattended(fjord))
    actions.set_supplier(fjord, seller.party, account="6300", months=6, by=PERSON)
    received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord).posted == 1
    assert booked(fjord, series="K").splitlines()[0] == "1  2026-03-02  1700  1000.00"
    # It teaches where the cost went, not where it waits.
    assert set(Lesson.objects.filter(client=fjord).values_list("account", flat=True)) == {"6300"}


@pytest.mark.parametrize(
    "values, refusal",
    [
        ({"account": "9999"}, setting.SettingAccount),
        ({"account": "1500"}, setting.SettingAccount),  # the customers' ledger
        ({"vat_code": "3"}, setting.SettingVatCode),
        ({"template": "borte"}, setting.SettingTemplate),
        ({"account": "6300", "template": "borte"}, setting.SeveralCodings),
        ({"limit": D("-1.00")}, setting.BadLimit),
        ({"limit": D("1.001")}, setting.BadLimit),
        ({"approver": 2**40}, setting.NotTheirApprover),
        ({"channel": "due"}, setting.NoSuchChannel),
        ({"months": 999}, Refused),
    ],
)
def test_what_cannot_be_set_is_refused(fjord, values, refusal):
    seller = a_seller(fjord)
    with pytest.raises(refusal):
        actions.set_supplier(fjord, seller.party, **values, by=PERSON)
    with pytest.raises(setting.NotASupplier):
        actions.set_supplier(fjord, 2**40, by=PERSON)


def test_each_setting_is_a_version_and_the_same_again_is_none(fjord, office):
    seller, kari = a_seller(fjord), a_person(office)
    values = {"account": "6300", "limit": D("5000.00"), "approver": kari.pk}
    assert actions.set_supplier(fjord, seller.party, **values, by=PERSON) == 1
    assert actions.set_supplier(fjord, seller.party, **values, by=PERSON) == 1
    assert actions.set_supplier(fjord, seller.party, account="6340", by=OTHER) == 2
    acts = Act.objects.filter(client=fjord, kind="documents.supplier_set").order_by("pk")
    assert [(each.by, each.evidence["version"], each.evidence["setting"]["account"]) for each in acts] == [
        (PERSON, 1, "6300"), (OTHER, 2, "6340"),
    ]  # fmt: skip
    assert cards.approvers(fjord) == {}


# What posted bills teach

LINES = (InvoiceLine("Strøm mars", "1", "700"), InvoiceLine("Bredbånd", "1", "300"))


def by_hand(client, document, *went, by=PERSON):
    (group,) = queries.document(client, document).bill.groups
    lines = [
        {"account": account, "vat_code": "1", "net": net, "vat": str(D(net) / 4), "source": group.source}
        for account, net in went
    ]
    return actions.post_as(client, document, lines, by=by, today=TODAY)


def test_after_three_by_hand_the_fourth_is_coded_line_by_line(fjord):
    seller = a_seller(unattended(fjord), bills=0)
    for month in (1, 2, 3):
        lines = (
            InvoiceLine(f"Strøm 0{month}/26", "1", f"{700 + month}"),
            InvoiceLine("Bredbånd", "1", "300"),
        )
        (document,) = received(fjord, an_e_invoice(fjord, seller, *lines))
        coded(fjord)
        by_hand(fjord, document, ("6340", f"{700 + month}.00"), ("6907", "300.00"))
    received(fjord, an_e_invoice(fjord, seller, *LINES))
    assert coded(fjord).posted == 1
    posted = booked(fjord, series="K").splitlines()[-5:]
    assert [line.split()[2:] for line in posted] == [
        ["6340", "700.00"], ["2710", "175.00"], ["6907", "300.00"], ["2710", "75.00"], ["2400", "-1250.00"],
    ]  # fmt: skip
    first, second = Act.objects.filter(client=fjord, kind="documents.posted").latest("pk").evidence["lines"]
    assert first["told_by"]["before"]["told_by"] == "text"
    assert second["told_by"]["words"]["account"] == "6907"
    assert ["bredbånd", 3, 3] in second["told_by"]["words"]["because"]


def test_what_is_reversed_teaches_nothing(fjord):
    seller = a_seller(unattended(fjord), bills=0)
    (document,) = received(fjord, an_e_invoice(fjord, seller, *LINES))
    posted = by_hand(fjord, document, ("6340", "700.00"), ("6907", "300.00"))
    assert deciding.seen(fjord, ["bredbånd"]).own == {"bredbånd": {"6907": 1}}
    ledger.reverse(fjord, [posted.id], by=PERSON, why="feil")
    assert deciding.seen(fjord, ["bredbånd"]).own == {}


def test_the_office_teaches_counts_and_other_offices_nothing(fjord, office):
    cousin, stranger = a_client(office=office), a_client()
    for client in (cousin, stranger):
        with scope([client.pk]):
            (document,) = received(client, an_e_invoice(client, a_seller(client, bills=0), *LINES))
            by_hand(client, document, ("6340", "700.00"), ("6907", "300.00"))
    seen = deciding.seen(fjord, ["bredbånd", "ukjent"])
    assert seen.own == {} and seen.office == {"bredbånd": {"6907": 1}}
    assert sum(seen.office_all.values()) == 2
    with connection.cursor() as cursor:  # asked for a client that is not in scope, it is silent
        cursor.execute("SELECT * FROM documents_office_words(%s, %s)", [cousin.pk, ["bredbånd"]])
        assert cursor.fetchall() == []


def test_lessons_are_kept(fjord):
    (document,) = received(fjord, an_e_invoice(fjord, a_seller(fjord, bills=0), *LINES))
    by_hand(fjord, document, ("6340", "700.00"), ("6907", "300.00"))
    with pytest.raises(ProgrammingError), transaction.atomic():
        Lesson.objects.filter(client=fjord).delete()


def test_like_last_time(fjord):
    seller = a_seller(fjord, bills=1, account="6540")
    (document,) = received(fjord, an_e_invoice(fjord, seller, *LINES))
    (line,) = actions.like_last_time(fjord, document)
    assert (line.account, line.vat_code, line.net, line.vat) == ("6540", "1", D("1000.00"), D("250.00"))
    (stranger,) = received(fjord, an_e_invoice(fjord, a_company()))
    with pytest.raises(setting.NothingBefore):
        actions.like_last_time(fjord, stranger)


def test_three_hundred_bills_take_few_questions_to_the_database(fjord, django_queries):
    sellers = [a_seller(unattended(fjord)) for _number in range(4)]
    few, many = [sellers[:2], sellers]
    counts = []
    for group in (few, many):
        received(fjord, *[an_e_invoice(fjord, each) for each in group])
        with django_queries() as asked:
            assert coded(fjord).posted == len(group)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 2 and counts[1] < 75, counts


@pytest.fixture
def django_queries():
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


# Whose account it is

NEW_ACCOUNT = "86011117947"


def item_of(client, document):
    return OpenItem.objects.get(client=client, line__entry=queries.document(client, document).row.entry)


def test_a_bill_with_a_changed_account_is_on_hold_until_a_second_person_confirms_it(fjord):
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller, account=NEW_ACCOUNT))
    coded(fjord)
    by_hand(fjord, document, ("6340", "1000.00"))
    assert item_of(fjord, document).on_hold
    question = last_question(fjord)
    assert question.kind == "documents.payee_on_hold" and NEW_ACCOUNT in str(question.reason)
    answer = question.candidates[0][2]
    with pytest.raises(payees.SecondPersonNeeded):
        actions.answer(fjord, document, answer, by=PERSON, today=TODAY)
    with pytest.raises(payees.OtherAccountNamed):
        actions.confirm_payee(fjord, document, accounts=["15031200455"], by=OTHER)
    assert actions.payment_holds(fjord, [document]) == {document}
    actions.answer(fjord, document, answer, by=OTHER, today=TODAY)
    assert not item_of(fjord, document).on_hold
    assert desk.waiting([fjord]) == []
    with pytest.raises(payees.NotOnHold):
        actions.confirm_payee(fjord, document, accounts=[NEW_ACCOUNT], by=OTHER)


def test_one_person_alone_cannot_confirm_and_post(fjord):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller, account=NEW_ACCOUNT))
    actions.confirm_account(fjord, document, accounts=[NEW_ACCOUNT], by=PERSON, today=TODAY)
    by_hand(fjord, document, ("6340", "1000.00"))
    assert item_of(fjord, document).on_hold


def test_two_people_together_can(fjord):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller, account=NEW_ACCOUNT))
    actions.confirm_account(fjord, document, accounts=[NEW_ACCOUNT], by=OTHER, today=TODAY)
    by_hand(fjord, document, ("6340", "1000.00"))
    assert not item_of(fjord, document).on_hold


@pytest.mark.parametrize("how", ["waits", "declined", "retracted", "approved"])
def test_a_confirmed_account_pays_nothing_that_was_not_approved(fjord, how):
    ola, kari, nils = somebody(fjord), a_person(name="Kari"), a_person(name="Nils")
    poster, other = f"person:{kari.pk}", f"person:{nils.pk}"
    flow(fjord, named(ola), before=Before.PAYMENT)
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller, account=NEW_ACCOUNT))
    coded(fjord)
    by_hand(fjord, document, ("6340", "1000.00"), by=poster)
    sha256 = now(fjord, document).sha256
    if how == "declined":
        approval.decline(fjord, document, person=ola, sha256=sha256, why="Feil vare", today=TODAY)
    elif how == "retracted":
        approval.retract(fjord, document, by=poster, why="Feil")
    elif how == "approved":
        yes(fjord, document, ola)
    released = actions.confirm_payee(fjord, document, accounts=[NEW_ACCOUNT], by=other)
    assert released == (how == "approved")
    assert item_of(fjord, document).on_hold == (how != "approved")
    if how in ("declined", "retracted"):  # sent again, the yes is the last word that it waits for
        assert approval.send(fjord, [document], by=poster, today=TODAY) == 1
        yes(fjord, document, ola)
    elif how == "waits":
        yes(fjord, document, ola)
    assert not item_of(fjord, document).on_hold


# Office rules


def draft(**fields) -> OfficeRuleDraft:
    return OfficeRuleDraft(
        **{
            "name": "Strøm", "country": "NO", "conditions": {"texts": "strøm"},
            "coding": {"account": "6340"},
        }
        | fields
    )  # fmt: skip


def author(office) -> Person:
    return a_person(office)


def test_an_office_rule_codes_at_its_clients_and_is_named_as_the_reason(fjord, office):
    kept = office_rules.write(office, draft(), person=author(office))
    seller = a_seller(unattended(fjord), account="6540")
    received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord).posted == 1
    assert "6340  1000.00" in booked(fjord, series="K")
    (line,) = Act.objects.get(client=fjord, kind="documents.posted").evidence["lines"]
    assert line["reason"]["text"].format(**line["reason"]["values"]) == (
        f"office rule {kept.rule.number}, version 1: Strøm"
    )
    assert line["told_by"]["author"] == "Kari Nordmann"


def test_an_office_rule_codes_by_the_class_of_goods_that_the_seller_states(fjord, office):
    office_rules.write(office, draft(conditions={"commodities": "8310"}), person=author(office))
    seller, before = a_seller(unattended(fjord), account="6540"), "<cac:ClassifiedTaxCategory>"
    stated = (
        "<cac:CommodityClassification>"
        '<cbc:ItemClassificationCode listID="TST">83101800</cbc:ItemClassificationCode>'
        "</cac:CommodityClassification>"
    )
    text = an_e_invoice(fjord, seller, InvoiceLine("Nettleie", "1", "1000"))
    received(fjord, text.replace(before, stated + before, 1))
    assert coded(fjord).posted == 1
    assert "6340  1000.00" in booked(fjord, series="K")


def test_a_rule_is_for_those_it_names_and_the_clients_own_setting_wins(fjord, office):
    with scope([fjord.pk, (other := a_client(office=office)).pk]):
        office_rules.write(office, draft(clients=[other.pk]), person=author(office))
        assert in_force(fjord) == [] and len(in_force(other)) == 1
        with pytest.raises(office_rules.NotTheirClient):
            office_rules.write(office, draft(clients=[2**40]), person=author(office))
    kept = office_rules.write(office, draft(), person=author(office))
    seller = a_seller(unattended(fjord))
    actions.set_supplier(fjord, seller.party, account="6540", by=PERSON)
    received(fjord, an_e_invoice(fjord, seller))
    coded(fjord)
    assert "6540  1000.00" in booked(fjord, series="K")
    office_rules.switch(office, kept.rule_id, on=False, person=author(office))
    assert in_force(fjord) == []


def test_versions_are_kept_and_two_people_do_not_overwrite_each_other(fjord, office):
    kari = author(office)
    first = office_rules.write(office, draft(), person=kari)
    office_rules.write(office, draft(name="Kraft"), person=kari, rule=first.rule_id, version=1)
    with pytest.raises(office_rules.RuleChanged):
        office_rules.write(office, draft(name="Nett"), person=kari, rule=first.rule_id, version=1)
    assert [(rule.version, rule.name) for rule in in_force(fjord)] == [(2, "Kraft")]
    with pytest.raises(ProgrammingError), transaction.atomic():
        OfficeRuleVersion.objects.filter(pk=first.pk).update(name="Annet")


def test_another_offices_rules_are_not_to_be_seen_or_written(fjord, office):
    office_rules.write(office, draft(), person=author(office))
    stranger = a_client(office=an_office())
    with scope([stranger.pk]):
        assert not OfficeRule.objects.filter(office=office).exists()
        assert not OfficeRuleVersion.objects.filter(office=office).exists()
        with pytest.raises(office_rules.NotForYou):
            office_rules.write(office, draft(), person=author(stranger.office))
        with pytest.raises(ProgrammingError), transaction.atomic():
            OfficeRule.objects.create(office=office, number=99, place=1)


def test_before_it_is_kept_a_rule_shows_what_it_would_code(fjord, office):
    strom, leie = a_seller(fjord), a_seller(fjord)
    actions.set_supplier(fjord, leie.party, account="6300", by=PERSON)
    received(
        fjord, an_e_invoice(fjord, strom), an_e_invoice(fjord, leie),
        an_e_invoice(fjord, strom, InvoiceLine("Leie", "1", "500")),
    )  # fmt: skip
    coded(fjord)
    rule = Rule(0, 0, "x", "NO", read_conditions({"texts": "strøm"}), read_coding({"account": "6340"}))
    found = effects(office, [fjord], rule, None)
    assert [(each.net, each.is_set, each.texts) for each in found.found] == [
        (D("1000.00"), True, ("Strøm",)), (D("1000.00"), False, ("Strøm",)),
    ]  # fmt: skip
    assert found.looked_at == 3
    assert effects(office, [fjord], rule, [2**40]).found == ()


# The card


def test_the_card_tells_what_is_set_learnt_owed_and_known(fjord):
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller, account=NEW_ACCOUNT))
    actions.confirm_account(fjord, document, accounts=[NEW_ACCOUNT], by=OTHER, today=TODAY)
    actions.set_supplier(fjord, seller.party, account="6340", by=PERSON)
    card = cards.supplier_card(fjord, seller.party)
    assert (card.row.owed, card.row.bills, card.row.touchless) == (D("5000.00"), 1, 0)
    assert card.row.last_bill == datetime.date(2026, 3, 2)
    assert card.learnt[0].accounts == (("6340", 4),)
    assert {known.account: known.by for known in card.accounts} == {NEW_ACCOUNT: (OTHER,), "15031200455": ()}
    assert [each.id for each in card.documents] == [document]
    assert len(card.items) == 4 and card.versions[0].number == 1
    rows, is_more = cards.suppliers_of(fjord, search=seller.company.number)
    assert [row.id for row in rows] == [seller.party] and not is_more
    assert cards.suppliers_of(fjord, search="finnes ikke") == ([], False)
    assert cards.suppliers_of(fjord, only="unset")[0] == []
    assert [row.could_send for row in cards.suppliers_of(fjord, only="could_send")[0]] == [True]

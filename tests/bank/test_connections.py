"""From order to activation, against a bank over real sockets; and what is kept secret on the way."""

import io
import logging

import pytest
from django.db import IntegrityError, connection, transaction

from nattbok.bank import actions
from nattbok.bank.actions import connections as ordering
from nattbok.bank.actions.connection_keys import NextKeyNotTested, NoSuchForm
from nattbok.bank.models import AccountConnection, Connection, ConnectionKey
from nattbok.bank.queries import connections as queries
from nattbok.bank.queries.ways import host_key_shown, way_over, way_to
from nattbok.bank.rules.connections import Form, KeyState, NotInThisState, NotTested, State
from nattbok.db import vault
from nattbok.db.scope import scope
from nattbok.sandbox.bank.shape import Fault
from nattbok.trail.models import Act
from tests.bank.bank_connections import BY, DAY, World, a_connection, an_account, next_public_key
from tests.world import a_client


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("NATTBOK_BANK_SETTLE", "0")
    monkeypatch.setenv("NATTBOK_BANK_PATIENCE", "3")


def steps(world: World) -> dict[str, bool | None]:
    return {step["name"]: step["ok"] for step in world.row.test_steps}


@pytest.mark.parametrize("form", [Form.SFTP, Form.REST])
def test_a_connection_is_tested_both_ways_and_activated(fjord, form):
    with a_connection(fjord, form, active=False) as world:
        assert world.row.state is State.REGISTERED
        assert way_to(fjord)(world.connection) is None  # nothing goes before it is activated
        with pytest.raises(NotTested):
            actions.activate(fjord, world.connection, by=BY)
        actions.try_out(fjord, world.connection, by=BY)
        assert set(steps(world).values()) == {True}
        actions.activate(fjord, world.connection, by=BY, on=DAY)
        assert world.row.may_go and world.row.may_make_files
        assert queries.connection_for(fjord, world.account.pk).id == world.connection
        assert world.bank.uploads == []  # a test sends no payment


def test_the_kinds_of_acts_tell_the_story(fjord):
    with a_connection(fjord):
        kinds = list(
            Act.objects.filter(client=fjord, kind__startswith="bank.").values_list("kind", flat=True)
        )
    assert kinds == [
        "bank.connection_ordered",
        "bank.connection_registered",
        "bank.host_key_confirmed",
        "bank.connection_tested",
        "bank.connection_activated",
    ]


def test_file_based_is_in_use_when_registered(fjord):
    """INT-17: when registered, the first file can be made with no further set-up."""
    account = an_account(fjord)
    made = actions.order(fjord, bank="dnb", form=Form.FILE, accounts=[account.pk], by=BY)
    assert queries.connection_for(fjord, account.pk) is None
    actions.registered(fjord, made, by=BY, on=DAY, agreement_id="12345678")
    row = queries.connection_for(fjord, account.pk)
    assert (row.form, row.state, row.may_make_files, row.may_go) == (Form.FILE, State.REGISTERED, True, False)
    assert row.profile.name == "dnb" and row.agreement_id == "12345678"


def test_an_account_without_a_connection_has_none(fjord):
    assert queries.connection_for(fjord, an_account(fjord).pk) is None


def test_what_the_bank_does_not_offer_is_refused(fjord):
    account = an_account(fjord)
    with pytest.raises(ordering.FormNotOffered):
        actions.order(fjord, bank="nordea", form=Form.SFTP, accounts=[account.pk], by=BY)
    with pytest.raises(ordering.CountryNotServed):
        actions.order(fjord, bank="swedbank", form=Form.FILE, accounts=[account.pk], by=BY)
    made = actions.order(fjord, bank="dnb", form=Form.FILE, accounts=[account.pk], by=BY)
    with pytest.raises(ordering.AgreementMissing):
        actions.registered(fjord, made, by=BY)


@pytest.mark.parametrize(
    "fault, failed",
    [
        (Fault.NO_ANSWER, "reach"),
        (Fault.KEY_REVOKED, "log_in"),
        (Fault.HOST_KEY_CHANGED, "host_key"),
        (Fault.DISK_FULL, "write"),
        (Fault.MAINTENANCE, None),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_activated(fjord, fault, failed):
    with a_connection(fjord, active=False) as world:
        world.bank.faults.switch("*", fault, True)
        actions.try_out(fjord, world.connection, by=BY)
        wrong = [step for step in world.row.test_steps if step["ok"] is False]
        assert wrong and wrong[0]["words"]
        if failed:
            assert wrong[0]["name"] == failed
        with pytest.raises(NotTested):
            actions.activate(fjord, world.connection, by=BY)


def test_the_database_has_the_last_word_on_what_is_active(fjord):
    with a_connection(fjord, active=False) as world, pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(client=fjord, pk=world.connection).update(state="active")


def test_changed_settings_must_be_tested_again(fjord):
    with a_connection(fjord) as world:
        actions.change(fjord, world.connection, by=BY, settings={"folder_out": "elsewhere"})
        assert world.row.state is State.REGISTERED and not world.row.is_tested
        actions.try_out(fjord, world.connection, by=BY)
        assert steps(world)["write"] is False and steps(world)["list"] is True
        with pytest.raises(NotTested):
            actions.activate(fjord, world.connection, by=BY)
        actions.change(fjord, world.connection, by=BY, settings={})
        actions.try_out(fjord, world.connection, by=BY)
        actions.activate(fjord, world.connection, by=BY)


def test_suspended_and_taken_up_again(fjord):
    with a_connection(fjord) as world:
        actions.suspend(fjord, world.connection, by=BY, why="banken ringte")
        assert way_to(fjord)(world.connection) is None
        with pytest.raises(NotInThisState):
            actions.activate(fjord, world.connection, by=BY)
        actions.resume(fjord, world.connection, by=BY)
        with pytest.raises(NotTested):
            actions.activate(fjord, world.connection, by=BY)


def test_a_new_host_key_is_confirmed_by_a_person(fjord):
    with a_connection(fjord) as world:
        world.bank.faults.switch("*", Fault.HOST_KEY_CHANGED, True)
        line, fingerprint = host_key_shown(world.row)
        assert line != world.row.host_key and fingerprint.startswith("SHA256:")
        actions.confirm_host_key(fjord, world.connection, line, by=BY)
        assert world.row.state is State.REGISTERED
        actions.try_out(fjord, world.connection, by=BY)
        actions.activate(fjord, world.connection, by=BY)


def test_a_key_is_changed_with_overlap(fjord):
    with a_connection(fjord) as world:
        old = queries.keys(fjord, world.connection)[0]
        actions.make_next_key(fjord, world.connection, by=BY)
        actions.make_next_key(fjord, world.connection, by=BY)
        new = next_public_key(fjord, world.connection)
        assert new != old.public_key
        with pytest.raises(NextKeyNotTested):
            actions.use_next_key(fjord, world.connection, by=BY)
        actions.try_out(fjord, world.connection, by=BY, key=KeyState.NEXT)  # the bank does not have it yet
        with pytest.raises(NextKeyNotTested):
            actions.use_next_key(fjord, world.connection, by=BY)
        assert world.row.may_go  # the old one still works
        world.bank.known[world.customer.id] = world.bank.join(world.customer.id, new)
        actions.try_out(fjord, world.connection, by=BY, key=KeyState.NEXT)
        actions.use_next_key(fjord, world.connection, by=BY)
        assert [key.public_key for key in queries.keys(fjord, world.connection)] == [new]
        retired = ConnectionKey.objects.get(client=fjord, state=KeyState.RETIRED)
        assert bytes(retired.secret) == b""
        way_over(fjord, world.row).find("nothing.xml")


def test_an_account_changes_form_and_keeps_its_history(fjord):
    """INT-15: either form per account, changed over time, and no day without files."""
    with a_connection(fjord) as world:
        by_hand = actions.switch(fjord, world.connection, Form.FILE, by=BY)
        assert queries.connection_for(fjord, world.account.pk).form is Form.SFTP  # until the other is in use
        later = DAY.replace(day=20)
        actions.registered(fjord, by_hand, by=BY, on=later)
        assert queries.connection_for(fjord, world.account.pk).form is Form.FILE
        assert queries.connection_for(fjord, world.account.pk, DAY).form is Form.SFTP
        assert queries.connection_for(fjord, world.account.pk, DAY.replace(day=1)) is None
        assert actions.switch(fjord, by_hand, Form.FILE, by=BY) == by_hand
        actions.use(fjord, world.account.pk, world.connection, by=BY, on=DAY.replace(day=25))
        assert queries.connection_for(fjord, world.account.pk).id == world.connection
        actions.use(fjord, world.account.pk, None, by=BY, on=DAY.replace(day=28))
        assert queries.connection_for(fjord, world.account.pk) is None
        assert queries.connection_for(fjord, world.account.pk, DAY.replace(day=26)).id == world.connection
    assert AccountConnection.objects.filter(client=fjord, through_on__isnull=True).count() == 0


def test_tokens_are_for_rest_and_keys_for_sftp(fjord):
    with a_connection(fjord, Form.REST) as world:
        with pytest.raises(NoSuchForm):
            actions.make_next_key(fjord, world.connection, by=BY)
        actions.set_token(fjord, world.connection, "another", by=BY)
        assert not world.row.may_go
        actions.try_out(fjord, world.connection, by=BY)
        assert steps(world)["log_in"] is False


def everything_in_the_database() -> str:
    """All rows that the client's scope shows, as the database would print them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name = 'client_id'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"SELECT {table}::text FROM {table}")
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.parametrize("form", [Form.SFTP, Form.REST])
def test_no_secret_is_in_the_database_or_a_log(fjord, form):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with a_connection(fjord, form, token="hemmelig-token-123") as world:
            if form is Form.SFTP:
                secret = way_over(fjord, world.row).settings.private_key.decode().splitlines()[1:-1]
            else:
                secret = ["hemmelig-token-123"]
            way = way_over(fjord, world.row)
            told = everything_in_the_database() + repr(way.settings) + repr(world.row) + heard.getvalue()
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    assert secret
    for line in secret:
        assert line not in told
        assert line.encode().hex() not in told


def test_a_sealed_key_opens_for_its_own_connection_alone(fjord):
    with a_connection(fjord) as world:
        other = actions.order(fjord, bank="test", form=Form.SFTP, accounts=[], by=BY)
        mine = ConnectionKey.objects.get(client=fjord, connection=world.connection)
        ConnectionKey.objects.filter(client=fjord, connection=other).update(secret=mine.secret)
        with pytest.raises(vault.CannotBeOpened):
            way_over(fjord, queries.connection(fjord, other))


def test_another_clients_connection_is_not_reached(fjord):
    with a_connection(fjord) as world:
        stranger = a_client("NO")
        with scope([stranger.pk]):
            with pytest.raises(Connection.DoesNotExist):
                queries.connection(stranger, world.connection)
            for deed in (actions.activate, actions.suspend, actions.try_out, actions.make_next_key):
                with pytest.raises(Connection.DoesNotExist):
                    deed(stranger, world.connection, by=BY)
            assert way_to(stranger)(world.connection) is None
            assert queries.connections(fjord) == []
        with scope([stranger.pk, fjord.pk]), pytest.raises(Connection.DoesNotExist):
            queries.connection(stranger, world.connection)

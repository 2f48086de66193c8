"""Taking on a client from the command line, as an operator does on the first day."""

import pytest

from nattbok.bank.models import BankAccount
from nattbok.clients.access import enter_office
from nattbok.clients.queries import done_by
from nattbok.clients.rules import AlreadyAClient, Doer, NoSuchOffice, NotAnOrgNumber, Service
from nattbok.files.queries import sources
from nattbok.ledger.models import Account
from nattbok.site import cli, client
from tests.world import an_office, org_number


def take_on(office, number, folder, *more):
    words = [
        "client", number, "--office", office.org_number, "--number", "7", "--name", "Havna Fisk AS",
        "--country", "NO", "--bank-account", "99990000006", "--folder", str(folder), "--post-documents",
        *more,
    ]  # fmt: skip
    return client.run(cli.parser("client").parse_args(words))


def test_a_client_is_ready_for_its_first_night(tmp_path):
    office = an_office()
    assert take_on(office, org_number("NO"), tmp_path) == 0
    with enter_office(office) as (found,):
        assert found.may_post_documents
        assert Account.objects.filter(client=found, number="1500", control="customer").exists()
        assert BankAccount.objects.get(client=found).number == "99990000006"
        assert [source.address for source in sources(found)] == [str(tmp_path)]
        assert done_by(found)[Service.BANK] is Doer.ROBOT


def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path):
    office = an_office()
    number = org_number("NO")
    with pytest.raises(client.NoSuchFolder):
        take_on(office, number, tmp_path / "nowhere")
    with pytest.raises(NotAnOrgNumber):
        take_on(office, "310000001", tmp_path)
    with pytest.raises(NoSuchOffice):
        take_on(an_office().__class__(org_number="999999999"), number, tmp_path)
    with enter_office(office) as found:
        assert found == []
    take_on(office, number, tmp_path)
    with pytest.raises(AlreadyAClient):
        take_on(office, org_number("NO"), tmp_path)  # the same number of the office's own
    with enter_office(office) as found:
        assert len(found) == 1

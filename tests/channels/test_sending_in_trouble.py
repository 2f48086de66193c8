"""Whatever the bank's doors do, in any order: whoever looks after a doubt sends each file once."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreachable
from nattbok.channels.channel import Outgoing, Uncertain
from nattbok.sandbox.bank.doors.folders import CUT_AFTER_RENAME, CUT_BEFORE_RENAME, RENAME_REFUSED
from nattbok.sandbox.bank.shape import Fault
from tests.channels.bank_doors import open_doors

TROUBLES = st.sampled_from(
    [
        (Fault.DISCONNECT_IN_UPLOAD, 1),
        (Fault.DISCONNECT_IN_UPLOAD, 40_000),
        (Fault.DISK_FULL, 0),
        (Fault.KEY_REVOKED, 0),
        (Fault.MAINTENANCE, 0),
        (Fault.HOST_KEY_CHANGED, 0),
        (Fault.RENAME_FAILS, RENAME_REFUSED),
        (Fault.RENAME_FAILS, CUT_BEFORE_RENAME),
        (Fault.RENAME_FAILS, CUT_AFTER_RENAME),
    ]
)


def send(channel, outgoing) -> None:
    """As the outbox does: try, and after a doubt look before trying again."""
    is_doubtful = False
    for _try in range(40):
        try:
            if is_doubtful:
                found = channel.find(outgoing.name)
                if found is not None:
                    assert found.is_same(outgoing.data, hashlib.sha256(outgoing.data).hexdigest())
                    return
                is_doubtful = False
            channel.send(outgoing)
            return
        except Uncertain:
            is_doubtful = True
        except Unreachable:
            continue
    raise AssertionError("never sent")


@pytest.mark.parametrize("way", ["sftp", "rest"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nights=st.lists(st.lists(TROUBLES, max_size=3), min_size=1, max_size=4))
def test_each_file_comes_once_whatever_goes_wrong(way, nights):
    with open_doors() as doors:
        sent = []
        for number, troubles in enumerate(nights):
            for fault, amount in troubles:
                doors.bank.faults.switch("c1", fault, times=1, amount=amount)
            outgoing = Outgoing(f"P{number}.xml", b"%d" % number * 50_000)
            send(getattr(doors, way)(), outgoing)
            sent.append(("c1", outgoing.name, outgoing.data))
        assert doors.bank.uploads == sent

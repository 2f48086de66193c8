"""Nights, as the people who start them see them."""

import json

from tests.world import booked


def test_a_night_posts_and_the_same_night_again_does_nothing_new(clients, night):
    code, out, err = night("--json", "--date", "2026-03-12")
    assert code == 0, err
    told = json.loads(out)
    assert (told["clients"], told["clients_done"], told["posted"], told["failed"]) == (3, 3, 12, 0)
    before = [booked(client) for client in clients]
    code, out, err = night("--json", "--date", "2026-03-12")
    assert code == 0, err
    assert [booked(client) for client in clients] == before
    assert json.loads(out)["posted"] == 12

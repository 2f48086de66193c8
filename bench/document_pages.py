"""The document inbox: a thousand bills that wait, the next one's pane, and an office of two hundred clients.

Asked through the whole server, logged in, but without a network between: the time and the queries of each,
the median of some rounds. The bills are e-invoices of known suppliers that nobody has let the robot post.
What posting takes is measured with another bill each time.

    python -m bench.document_pages [--waiting 1000] [--clients 200] [--rounds 9] [--queries] [--json]
"""

import argparse
import datetime
import sys
from collections.abc import Iterator

from bench import scratch
from bench.bank_pages import asking, told

TODAY = datetime.date(2026, 3, 20)
SUPPLIERS = 20
# Milliseconds of the server: what a person works through bill by bill is to feel as if it were there.
WANTED = {"inbox": 300, "next_document": 50, "posted_and_next": 300, "clients": 300}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, default=1_000, help="bills that wait for one client")
    parser.add_argument("--clients", type=int, default=200, help="clients of the office")
    parser.add_argument("--rounds", type=int, default=9, help="of which the median is told")
    parser.add_argument("--queries", action="store_true", help="print what each page asks")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with scratch.home():
        found = measure(given.waiting, given.clients, given.rounds, shows=given.queries)
    return told(found, WANTED, as_json=given.json)


def measure(waiting: int, clients: int, rounds: int, *, shows: bool) -> dict:
    """Name of the page → its median milliseconds and its queries."""
    from django.test import Client as Browser
    from django.test.utils import setup_test_environment

    from nattbok.clients import actions
    from nattbok.clients.models import Person
    from nattbok.db.scope import scope

    setup_test_environment(debug=False)
    office = scratch.office()
    client, *_others = [scratch.client(office, place) for place in range(1, clients + 1)]
    person = Person.objects.create_user("kari@fjord.example", "a long enough one", name="Kari")
    actions.employ(office, person)
    browser = Browser()
    browser.force_login(person)
    with scope([client.pk]):
        documents = bills(client, waiting)
    at = f"/clients/{client.pk}/documents/"
    pane = f"{at}{documents[len(documents) // 2]}/pane/"
    post = posting(browser, at, iter(documents))
    return {
        "inbox": asking(lambda: browser.get(at), rounds, shows),
        "next_document": asking(lambda: browser.get(pane), rounds, shows),
        "posted_and_next": asking(lambda: next(post), rounds, shows),
        "clients": asking(lambda: browser.get("/clients/"), rounds, shows),
    }


def bills(client, count: int) -> list[int]:
    """Bills of known suppliers that are coded and wait for a person; their ids."""
    from tests.documents.invoices import a_seller, an_e_invoice, coded, received

    sellers = [a_seller(client) for _place in range(SUPPLIERS)]
    made = received(client, *[an_e_invoice(client, sellers[place % SUPPLIERS]) for place in range(count)])
    coded(client)
    return made


def posting(browser, at: str, documents: Iterator[int]) -> Iterator:
    """Each answer to posting one more bill as it is proposed; it brings the next one's pane."""
    for document in documents:
        form = {"do": "post", "account-1": "6340", "vat_code-1": "1", "net-1": "1000.00", "vat-1": "250.00"}
        yield browser.post(f"{at}{document}/", form, headers={"HX-Request": "true"})


if __name__ == "__main__":
    sys.exit(main())

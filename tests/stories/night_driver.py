"""Run in a process and a home of its own: `prepare` an office with a night's files, or print its `books`."""

import json
import os
import sys
from pathlib import Path

CLIENTS, SEED = 16, 7


def prepare(inbox: Path) -> None:
    """An office with a year of books, whose files will lie in `inbox`."""
    from django.core.management import call_command

    from nattbok.sandbox.making import make_office
    from nattbok.site import demo_books

    call_command("migrate", database="owner", verbosity=0)
    world = make_office(seed=SEED, clients=CLIENTS)
    demo_books.load(world, inbox, workers=1, told=lambda done: None)


def books() -> None:
    """Every client's entries with all that does not depend on which number a row happened to get."""
    from nattbok.clients.access import enter_office
    from nattbok.clients.models import Office
    from nattbok.desk.models import Question
    from nattbok.ledger.models import Entry, Line, OpenItem, Settlement
    from nattbok.ledger.queries.proof import prove

    office = Office.objects.get()
    told = {}
    with enter_office(office) as clients:
        for client in clients:
            lines = {}
            for entry, *rest in (
                Line.objects.filter(client=client)
                .order_by("entry", "number")
                .values_list("entry", "account__number", "amount", "party__number", "reference", "vat_code")
            ):
                lines.setdefault(entry, []).append([str(one) for one in rest])
            fault = prove(client).fault
            told[client.number] = {
                "entries": [
                    [series, number, str(date), text, lines[pk]]
                    for pk, series, number, date, text in Entry.objects.filter(client=client)
                    .order_by("position")
                    .values_list("id", "series__code", "number", "date", "text")
                ],
                "left": sorted(
                    [party, number, str(left)]
                    for party, number, left in OpenItem.objects.filter(client=client)
                    .exclude(left=0)
                    .values_list("party__number", "number", "left")
                ),
                "settled": Settlement.objects.filter(client=client).count(),
                "questions": sorted(
                    [kind, reason, str(amount)]
                    for kind, reason, amount in Question.objects.filter(
                        client=client, closed_at__isnull=True
                    ).values_list("kind", "reason", "amount")
                ),
                "fault": str(fault.words) if fault else None,
            }
    print(json.dumps(told))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "nattbok.site.settings"
    import django

    django.setup()
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        books()

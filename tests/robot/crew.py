"""The commands as their own processes, with a few routines that only tests have.

`python -m tests.robot.crew night …` and `… worker …`. The routines say in the folder that
NATTBOK_TEST_LOG names what they did and when.
"""

import argparse
import os
import sys
import time
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")

STEPS = 4
HOLD = Path(os.environ.get("NATTBOK_TEST_LOG", ".")) / "hold"


def log(client, what: str) -> None:
    """One line: when, which process, which client, what. Appended whole."""
    path = Path(os.environ["NATTBOK_TEST_LOG"]) / "log"
    line = f"{time.monotonic():.6f} {os.getpid()} {client.pk} {what}\n"
    with open(os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(line)


def _made() -> tuple:
    """The real collect_files, and routines that post slowly, that fail, and that come after a failing one."""
    from django.db import transaction

    from nattbok.base.errors import Refused
    from nattbok.clients.rules import Service
    from nattbok.ledger import actions as ledger
    from nattbok.ledger.models import Entry
    from nattbok.ledger.rules import EntryDraft, LineDraft
    from nattbok.robot.routine import routine
    from nattbok.robot.routines.collect_files import collect_files
    from nattbok.robot.rules import Outcome
    from nattbok.trail.actions import act

    class NoLuck(Refused):
        message = "The cards say no for {name}."

    @routine(title="Post slowly", service=Service.BANK, after=("collect_files",))
    def post_slowly(client, tonight):
        log(client, "begins")
        done = 0
        for step in range(STEPS):
            origin = f"slow:{tonight.date}:{step}"
            if Entry.objects.filter(client=client, origin=origin).exists():
                continue
            with transaction.atomic():
                why = act(client, "test.posted", tonight.by, night=tonight.id, reason=f"step {step}")
                lines = (LineDraft("1920", Decimal("10.00")), LineDraft("3000", Decimal("-10.00")))
                draft = EntryDraft(tonight.date, "A", origin, "slow", lines)
                ledger.post(client, [draft], acts=[why])
            done += 1
            while step and HOLD.exists():  # a test looks at the night in its middle
                time.sleep(0.01)
        log(client, "ends")
        return Outcome(done=done)

    @routine(title="Fail", service=Service.BANK, after=("post_slowly",))
    def fail(client, tonight):
        if "unlucky" in client.name:
            raise NoLuck(name=client.name)
        if "broken" in client.name:
            with transaction.atomic():
                act(client, "test.rolled_back", tonight.by, night=tonight.id)
                raise ZeroDivisionError
        return Outcome()

    @routine(title="Follow", service=Service.BANK, after=("fail",))
    def follow(client, tonight):
        return Outcome(done=1)

    @routine(title="Follow the follower", service=Service.BANK, after=("follow",))
    def follow_on(client, tonight):
        return Outcome(done=1)

    @routine(title="Go on", service=Service.DOCUMENTS, after=("collect_files",))
    def go_on(client, tonight):
        return Outcome(done=1)

    return (collect_files, post_slowly, fail, follow, follow_on, go_on)


def main() -> int:
    """The two commands, as `nattbok` has them."""
    import django

    django.setup()
    from nattbok.robot import routine
    from nattbok.site import night, worker

    routine.routines = routines
    night.worker_command = lambda *queues: [
        *(sys.executable, "-m", "tests.robot.crew", "worker"),
        *(argument for queue in queues for argument in ("--queue", queue)),
        *("--crew-of", str(os.getpid())),
    ]
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    night.add_parser(subparsers)
    worker.add_parser(subparsers)
    arguments = parser.parse_args()
    return arguments.run(arguments)


_found: list = []


def routines() -> tuple:
    if not _found:
        _found.append(_made())
    return _found[0]


if __name__ == "__main__":
    sys.exit(main())

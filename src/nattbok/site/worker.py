"""`nattbok worker`: takes jobs one at a time; starts each office's night when its time comes."""

import argparse
import os
import sys


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "worker",
        help="take jobs from the queue, and start the nights when their time comes",
        description="Take jobs one at a time until stopped. Each minute, start the nights whose time has "
        "come, put back what dead workers left, and send what waits in the outbox. Run as many as wanted.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "--queue",
        action="append",
        default=[],
        help="only jobs of this queue: schedule, or night- or reading- and the id of an office (all queues)",
    )
    parser.add_argument("--until-idle", action="store_true", help="end when there is nothing to do")
    # For the workers that `nattbok night` starts: leave the schedule alone, and die with that process.
    parser.add_argument("--crew-of", type=int, default=0, metavar="PID", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Work until stopped; returns what the command ends with."""
    from nattbok.robot.worker import work

    if not arguments.crew_of:
        from nattbok.site.catalogs import compile_all

        compile_all()
    work(
        arguments.queue,
        until_idle=arguments.until_idle,
        is_crew=bool(arguments.crew_of),
        parent=arguments.crew_of,
    )
    return 0


def main() -> int:
    """`python -m nattbok.site.worker`: the command by itself, as `nattbok night` starts it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
    parser = argparse.ArgumentParser(prog="nattbok worker")
    add_arguments(parser)
    arguments = parser.parse_args()
    import django

    django.setup()
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""What a demo tells: how much was right, what went on with no hand, what waits and why."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TextIO

from nattbok.base.words import Words, _
from nattbok.clients.access import enter_client
from nattbok.desk.queries import waiting
from nattbok.desk.rules import HEADINGS
from nattbok.sandbox.judging import Touchless, Verdict
from nattbok.site.demo_bank import Paid, Sealed
from nattbok.site.demo_books import Loaded
from nattbok.site.demo_people import Asked
from nattbok.site.demo_ways import DemoWays
from nattbok.site.language import translate

DOCUMENT_SUBJECTS = ("document:", "mail:", "file:", "source:", "message:")


@dataclass(frozen=True, slots=True)
class Papers:
    """What came by which way, and what waits for a person, by the heading it waits under."""

    came: dict[str, int]
    waits: dict[str, int]
    answered: int  # answers that sellers have had over the network


def say(words: Words, language: str, where: TextIO) -> None:
    """One sentence on a line."""
    print(translate(words, language), file=where, flush=True)


def papers(ways: DemoWays, loaded: Sequence[Loaded]) -> Papers:
    """What has become of the documents."""
    waits: Counter[str] = Counter()
    for one in loaded:
        with enter_client(one.client) as client:
            waits.update(
                HEADINGS.get(question.kind, question.kind)
                for question in waiting([client])
                if question.subject.startswith(DOCUMENT_SUBJECTS)
            )
    return Papers(dict(ways.came().most_common()), dict(waits.most_common()), ways.answered())


def verdict_data(verdict: "Verdict") -> dict:
    return {
        name: {
            "count": len(judged := getattr(verdict, name)),
            "payments": sum(one.kind == "payment" for one in judged),
            "bills": sum(one.kind == "bill" for one in judged),
            **({"which": [[one.client, one.name, one.why] for one in judged]} if name != "right" else {}),
        }
        for name in ("right", "wrong", "left", "missed")
    }


def tell_verdict(verdict: "Verdict", faults: list[str], seconds: dict[str, float], language: str) -> None:
    """How much of the night's work was right, with every wrong or missed one named."""
    say(
        Words(
            _(
                "Held against the truth: {right} right, {wrong} wrong, {left} rightly left, "
                "{missed} left needlessly"
            ),
            {
                "right": len(verdict.right),
                "wrong": len(verdict.wrong),
                "left": len(verdict.left),
                "missed": len(verdict.missed),
            },
        ),
        language,
        sys.stdout,
    )
    for one in (*verdict.wrong, *verdict.missed):
        print(f"  {one.client} {one.kind} {one.name}: {one.why}")
    if faults:
        for fault in faults:
            print(f"  {fault}")
    else:
        say(Words(_("The books prove themselves: every promise holds")), language, sys.stdout)
    say(
        Words(
            _("Set up in {set_up} s, the night took {night} s"),
            {name: round(value) for name, value in seconds.items()},
        ),
        language,
        sys.stdout,
    )


def tell_bank(paid: "Paid", sealed: "Sealed", language: str) -> None:
    """What became of the payments out, and how the bank accounts stand."""
    if paid.sent:
        text = _(
            "Payments out: {sent} handed to the bank, {executed} executed, {settled} of them in the books, "
            "{rejected} sent back"
        )
        say(Words(text, asdict(paid)), language, sys.stdout)
    text = _(
        "Bank accounts: {sealed} days sealed, {explained} with a difference explained line by line, "
        "{unexplained} without"
    )
    say(Words(text, asdict(sealed)), language, sys.stdout)


def tell_papers(papers: Papers, touchless: Touchless, language: str) -> None:
    """How the documents came, how much went on by itself, and what waits for which reason."""
    came = ", ".join(f"{way} {count}" for way, count in papers.came.items())
    say(Words(_("Documents came by: {ways}"), {"ways": came or "-"}), language, sys.stdout)
    values = {
        "posted": touchless.posted, "known": touchless.known, "percent": f"{100 * touchless.share:.0f}",
    }  # fmt: skip
    text = _("E-invoices from known suppliers: {posted} of {known} posted with no hand ({percent} %)")
    say(Words(text, values), language, sys.stdout)
    for heading, count in papers.waits.items():
        print(f"  {count:4}  {translate(Words(heading), language)}", flush=True)
    if papers.answered:
        text = _("Answers to sellers in the e-invoice network: {count}")
        say(Words(text, {"count": papers.answered}), language, sys.stdout)


def tell_people(asked: Asked, language: str) -> None:
    """What the clients' own people are asked."""
    if asked.link:
        text = _("{person} has a mail with a link to approve bills by, with no log-in: {link}")
        say(Words(text, {"person": asked.person, "link": asked.link}), language, sys.stdout)
    if asked.claims:
        say(Words(_("An employee's expenses wait for approval")), language, sys.stdout)

"""A night's report as text, as a mail, and as data: failures first, then what waits, then what was done."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby

from django.utils import timezone

from nattbok.base.words import Words, _
from nattbok.robot.language import amount, translate
from nattbok.robot.rules import Report, RunLine, Skipped

SKIPPED = {
    "office": _("left to the office"),
    "client": _("left to the client"),
    "nobody": _("not agreed on"),
    Skipped.EARLIER.value: _("left, since an earlier routine failed"),
    Skipped.NOT_ENROLLED.value: _("the client is not enrolled"),
}
NOT_ENDED = _("It was begun and never ended.")
NOT_DONE = _("Not gone through")
OTHERS = _("{count} other routines")
ALL = _("All {count} routines")
NOTHING_TO_DO = _("nothing to do")
COLUMNS = (
    _("Client"),
    _("Routine"),
    _("Started"),
    _("Ended"),
    _("Counted"),
    _("Posted"),
    _("Waiting"),
    _("Remark"),
)
SOURCE_COLUMNS = (_("Client"), _("Source"), _("Files"), _("Known before"), _("Records"), _("Remark"))
HEAD_COLUMNS = (_("Client"), _("Entries"), _("Turnover"), _("Hash chain"))
NUMBER = re.compile(r"[-−\d\s.,:]*")
FEW = 20  # names in a row before only their number is told

Rows = Sequence[Sequence[str]]
# Where a page is shown: its name and the id in its address; "" when nobody knows the pages' address.
Link = Callable[[str, int], str]


def nowhere(page: str, number: int) -> str:
    """No links."""
    return ""


def say(words: Words, language: str) -> str:
    """A sentence in the reader's language, with the place in the file where it names one, on one line."""
    where = words.values.get("where")
    place = f" ({where})" if where and "{where}" not in words.text else ""
    return " ".join(f"{translate(words, language)}{place}".split())


def _said(language: str, text: str, **values: str | int | None) -> str:
    return say(Words(text, values), language)


def subject(report: Report, language: str) -> str:
    """The mail's subject: failures first."""
    values = _figures(report)
    if report.failed or report.not_done:
        return _said(
            language,
            _(
                "Nattbok {date}: {failed} failed, {done} of {clients} clients, {posted} posted, "
                "{waiting} wait"
            ),
            **values,
        )
    return _said(
        language, _("Nattbok {date}: {done} of {clients} clients, {posted} posted, {waiting} wait"), **values
    )


def headline(report: Report, language: str) -> str:
    """The night in one sentence."""
    values = _figures(report)
    if report.ended_at is None:
        return _said(
            language,
            _(
                "The night is running: {done} of {clients} clients, {posted} posted, {waiting} wait, "
                "{failed} failed"
            ),
            **values,
        )
    return _said(
        language,
        _(
            "The night ended {ended}: {done} of {clients} clients, {posted} posted, {waiting} wait, "
            "{failed} failed; it took {duration}"
        ),
        ended=_clock(report.ended_at),
        duration=str(report.duration).partition(".")[0],
        **values,
    )


def _figures(report: Report) -> dict[str, str | int]:
    return {
        "date": report.date.isoformat(),
        "done": report.clients_done,
        "clients": report.clients,
        "posted": report.posted,
        "waiting": report.waiting,
        "failed": report.failed,
    }


def text(report: Report, language: str, link: Link = nowhere) -> str:
    """The report for a terminal or a mail's text, columns aligned with spaces."""
    return "\n".join(_lines(report, language, link)) + "\n"


def _lines(report: Report, language: str, link: Link) -> Iterator[str]:
    yield f"{report.office}, {_said(language, '{date}', date=report.date.isoformat())}"
    yield headline(report, language)
    if report.starts > 1:
        yield _said(language, _("It was started {starts} times."), starts=report.starts)
    if link("night", report.night):
        yield link("night", report.night)
    for title, columns, rows in _tables(report, language, link):
        yield ""
        yield title
        yield from _aligned([columns, *rows] if columns else rows)


def html(report: Report, language: str, link: Link = nowhere) -> str:
    """The report as a simple page for a mail: no style sheets, no images, nothing fetched."""
    parts = [
        f"<h1>{escape(report.office)}</h1>",
        f"<p>{escape(headline(report, language))} {_cell(link('night', report.night))}</p>",
    ]
    for title, columns, rows in _tables(report, language, link):
        parts.append(f"<h2>{escape(title)}</h2><table cellpadding='4'>")
        if columns:
            parts.append(_row("th", columns))
        parts += [_row("td", row) for row in rows]
        parts.append("</table>")
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><body>{"".join(parts)}</body></html>'
    )


def _row(cell: str, values: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{cell} align='left'>{_cell(value)}</{cell}>" for value in values) + "</tr>"


def _cell(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return f'<a href="{escape(value)}">{escape(value)}</a>'
    return escape(value)


def _tables(report: Report, language: str, link: Link) -> Iterator[tuple[str, Sequence[str], Rows]]:
    """The report's tables in order: title, column titles, rows. Empty ones are left out."""
    tables = (
        (_("Failed"), (), _failures(report, language, link)),
        (_("Waiting for a person"), (), _waiting(report, language)),
        (_("Clients and routines"), COLUMNS, _runs(report, language)),
        (_("Sources"), SOURCE_COLUMNS, _sources(report, language)),
        (_("The books' chains, to be kept outside the system"), HEAD_COLUMNS, _heads(report, language)),
    )
    for title, columns, rows in tables:
        if rows:
            yield _said(language, title), [_said(language, column) for column in columns], rows


def _failures(report: Report, language: str, link: Link) -> Rows:
    rows = [
        (
            f"{run.client_number} {run.client_name}",
            _said(language, run.title),
            _remark(run, language),
            link("client", run.client),
        )
        for run in report.runs
        if run.has_failed
    ]
    if report.ended_at is not None and report.not_done:
        names = report.not_done
        told = (
            ", ".join(names) if len(names) <= FEW else _said(language, _("{count} clients"), count=len(names))
        )
        rows.append((_said(language, NOT_DONE), told))
    return rows


def _waiting(report: Report, language: str) -> Rows:
    return [(str(kind.count), _said(language, kind.heading)) for kind in report.questions]


def _runs(report: Report, language: str) -> Rows:
    rows = []
    for (number, name), runs in groupby(report.runs, key=lambda run: (run.client_number, run.client_name)):
        client = f"{number} {name}"
        together = list(runs)
        if all(run.skipped == Skipped.NOT_ENROLLED for run in together):
            rows.append((client, "", "", "", "", "", "", _remark(together[0], language)))
            continue
        # Named once: sixty clients with twenty routines each are read by their names, and by what was done.
        told = [run for run in together if not _is_idle(run)]
        lines = [
            (
                _said(language, run.title),
                _clock(run.started_at),
                _clock(run.ended_at),
                *map(str, (run.counted, run.posted, run.waiting)),
                _remark(run, language),
            )
            for run in told
        ]
        idle = Counter(_remark(run, language) for run in together if _is_idle(run))
        for remark, count in idle.items():
            others = _said(language, OTHERS if told else ALL, count=count)
            lines.append((others, "", "", "", "", "", remark or _said(language, NOTHING_TO_DO)))
        rows += [(client if place == 0 else "", *line) for place, line in enumerate(lines)]
    return rows


def _is_idle(run: RunLine) -> bool:
    """Whether there was nothing for it to do, or it is somebody else's, which is no news."""
    return not (
        run.counted or run.posted or run.waiting or run.has_failed or run.is_running
        or run.skipped == Skipped.EARLIER
    )  # fmt: skip


def _remark(run: RunLine, language: str) -> str:
    if run.skipped:
        return _said(language, SKIPPED.get(run.skipped, run.skipped))
    if run.trouble:
        return say(run.trouble, language)
    return _said(language, NOT_ENDED) if run.has_failed else ""


def _sources(report: Report, language: str) -> Rows:
    return [
        (
            source.client_name,
            source.title,
            str(source.files),
            str(source.repeats),
            str(source.records),
            say(source.trouble, language) if source.trouble else "",
        )
        for source in report.sources
    ]


def _heads(report: Report, language: str) -> Rows:
    return [
        (
            f"{head.client_number} {head.client_name}",
            str(head.entries),
            amount(f"{head.turnover:.2f}", language),
            head.head,
        )
        for head in report.heads
    ]


def _clock(moment: datetime.datetime | None) -> str:
    """The time of day where the server's settings say that people are."""
    return f"{timezone.localtime(moment):%H:%M:%S}" if moment else ""


def _aligned(rows: Rows) -> Iterator[str]:
    """The rows with their columns aligned, numbers to the right."""
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    count = max(len(row) for row in rows)
    for row in rows:
        row += [""] * (count - len(row))
    widths = [max(len(row[place]) for row in rows) for place in range(count)]
    is_number = [all(NUMBER.fullmatch(row[place]) for row in rows[1:]) for place in range(count)]
    for row in rows:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        yield ("  " + "  ".join(cells)).rstrip()


def as_data(report: Report, language: str) -> dict:
    """The report as JSON can hold it. The keys are stable; docs/operating.md lists them.

    Amounts are text with two decimals, times ISO 8601 with their offset, durations whole seconds.
    """
    return {
        "night": report.night,
        "office": report.office,
        "date": report.date.isoformat(),
        "started_at": report.started_at.isoformat(),
        "ended_at": report.ended_at.isoformat() if report.ended_at else None,
        "seconds": int(report.duration.total_seconds()) if report.duration is not None else None,
        "starts": report.starts,
        "clients": report.clients,
        "clients_done": report.clients_done,
        "not_done": list(report.not_done),
        "posted": report.posted,
        "waiting": report.waiting,
        "failed": report.failed,
        "questions": [
            {"heading": _said(language, kind.heading), "count": kind.count} for kind in report.questions
        ],
        "runs": [_run_as_data(run, language) for run in report.runs],
        "sources": [
            {
                "client": source.client,
                "client_name": source.client_name,
                "title": source.title,
                "files": source.files,
                "repeats": source.repeats,
                "records": source.records,
                "trouble": say(source.trouble, language) if source.trouble else None,
            }
            for source in report.sources
        ],
        "heads": [
            {
                "client": head.client,
                "client_number": head.client_number,
                "client_name": head.client_name,
                "entries": head.entries,
                "turnover": f"{head.turnover:.2f}",
                "head": head.head,
            }
            for head in report.heads
        ],
    }


def _run_as_data(run: RunLine, language: str) -> dict:
    return {
        "client": run.client,
        "client_number": run.client_number,
        "client_name": run.client_name,
        "routine": run.routine,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "counted": run.counted,
        "posted": run.posted,
        "waiting": run.waiting,
        "skipped": run.skipped or None,
        "failed": run.has_failed,
        "trouble": _remark(run, language) if run.has_failed else None,
    }

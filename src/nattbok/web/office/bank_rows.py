"""The list of bank lines as HTML, written directly: by template tags a thousand rows take half a second.

Everything that comes from outside is escaped here, as a template would.
"""

import datetime
from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from nattbok.bank.queries.lines import LineRow
from nattbok.clients.models import Client
from nattbok.web import shown
from nattbok.web.listings import Asked


def listed(
    client: Client, rows: Sequence[LineRow], views: Asked, *, line: int | None, marks: bool
) -> SafeString:
    """The rows, each a link to its pane; `line` is the one in focus, `marks` gives tick boxes.

    They stand under their days, where the order is by day.
    """
    is_by_day = views["order"] in ("", "newest")
    words = _Words(client, views, marks, is_by_day=is_by_day)
    found: list[str] = [] if is_by_day else ["<ul>"]
    day: datetime.date | None = None
    for row in rows:
        if is_by_day and row.day != day:
            found.append("</ul>" if day else "")
            found.append(f'<h2 class="bank-day" id="day-{row.day}">{escape(shown.day(row.day))}</h2><ul>')
            day = row.day
        found.append(words.row(row, row.id == line))
    found.append("" if is_by_day and not day else "</ul>")
    return SafeString("\n".join(found))


class _Words:
    """What every row repeats, found once: sentences and the beginning of addresses."""

    def __init__(self, client: Client, views: Asked, marks: bool, *, is_by_day: bool) -> None:
        self.address, self.marks, self.is_by_day = escape(views.address), marks, is_by_day
        self.columns = set(views.columns)
        self.language = shown.language()
        self.pane = reverse("bank_pane", args=[client.pk, 0]).replace("/0/pane/", "/{}/pane/")
        self.mark = escape(gettext("Mark"))
        self.not_stated = escape(gettext("not yet on a statement"))
        self.asked = escape(gettext("asked"))

    def row(self, row: LineRow, is_current: bool) -> str:
        """One bank line."""
        box = (
            f'<input type="checkbox" name="also" value="{row.id}" tabindex="-1" aria-label="{self.mark}">'
            if self.marks
            else ""
        )
        current = (' class="current"', ' aria-current="true"') if is_current else ("", "")
        return (
            f'<li id="line-{row.id}" data-row data-line="{row.id}" data-amount="{row.amount}"{current[0]}>'
            f"{box}"
            f'<a class="row-link" href="?{self.address}&amp;line={row.id}"'
            f' data-pane="{self.pane.format(row.id)}"{current[1]}>{escape(row.told) or "–"}</a>'
            f"{self._rest(row)}</li>"
        )

    def _rest(self, row: LineRow) -> str:
        """The columns that the person wants, and the day where no heading has it."""
        amount = (
            f' <span class="amount">{shown.amount_in(self.language, row.amount)}</span>'
            if "amount" in self.columns
            else ""
        )
        balance = ""
        if "balance" in self.columns:
            balance = (
                f' <span class="amount quiet balance">{shown.amount_in(self.language, row.balance)}</span>'
                if row.is_stated
                else f' <span class="tag">{self.not_stated}</span>'
            )
        day = "" if self.is_by_day else f'<span class="quiet note">{escape(shown.day(row.day))}</span>'
        return f"{amount}{balance}{day}{self._note(row) if 'note' in self.columns else ''}"

    def _note(self, row: LineRow) -> str:
        if row.note:
            asked = f"{self.asked}: " if row.is_asked else ""
            until = f" → {shown.day(row.until)}" if row.until else ""
            return f'<span class="quiet note">{asked}{escape(row.note)}{until}</span>'
        return f'<span class="quiet note">{escape(row.number)}</span>' if row.number else ""

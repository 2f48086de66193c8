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


def listed(client: Client, rows: Sequence[LineRow], *, tab: str, line: int | None, marks: bool) -> SafeString:
    """The rows by day, each a link to its pane; `line` is the one in focus, `marks` gives tick boxes."""
    words = _Words(client, tab, marks)
    found: list[str] = []
    day: datetime.date | None = None
    for row in rows:
        if row.day != day:
            found.append("</ul>" if day else "")
            found.append(f'<h2 class="bank-day" id="day-{row.day}">{escape(shown.day(row.day))}</h2><ul>')
            day = row.day
        found.append(words.row(row, row.id == line))
    found.append("</ul>" if day else "")
    return SafeString("\n".join(found))


class _Words:
    """What every row repeats, found once: sentences and the beginning of addresses."""

    def __init__(self, client: Client, tab: str, marks: bool) -> None:
        self.tab, self.marks = escape(tab), marks
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
        balance = (
            f'<span class="amount quiet balance">{shown.amount(row.balance)}</span>'
            if row.is_stated
            else f'<span class="tag">{self.not_stated}</span>'
        )
        current = (' class="current"', ' aria-current="true"') if is_current else ("", "")
        return (
            f'<li id="line-{row.id}" data-row data-line="{row.id}" data-amount="{row.amount}"{current[0]}>'
            f"{box}"
            f'<a class="row-link" href="?tab={self.tab}&amp;line={row.id}"'
            f' data-pane="{self.pane.format(row.id)}"{current[1]}>{escape(row.told) or "–"}</a>'
            f' <span class="amount">{shown.amount(row.amount)}</span> {balance}{self._note(row)}</li>'
        )

    def _note(self, row: LineRow) -> str:
        if row.note:
            asked = f"{self.asked}: " if row.is_asked else ""
            until = f" → {shown.day(row.until)}" if row.until else ""
            return f'<span class="quiet note">{asked}{escape(row.note)}{until}</span>'
        return f'<span class="quiet note">{escape(row.number)}</span>' if row.number else ""

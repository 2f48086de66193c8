"""How a routine went for a client, as a lamp: a symbol and a word, never a colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from nattbok.base.words import _
from nattbok.robot.report import SKIPPED
from nattbok.robot.rules import RunLine
from nattbok.web import shown

# State → symbol, and the word for it.
STATES = {
    "failed": ("✕", _("failed")),
    "waiting": ("?", _("waits for you")),
    "done": ("✓", _("done")),
    "idle": ("·", _("nothing to do")),
    "skipped": ("–", _("did not run")),
}


def _word(state: str) -> str:
    """The word for a state, in the reader's language."""
    return gettext(STATES[state][1])


@dataclass(frozen=True, slots=True)
class Lamp:
    """One routine for one client in a night."""

    run: RunLine
    state: str

    @property
    def symbol(self) -> str:
        """One sign that differs from those of the other states."""
        return STATES[self.state][0]

    @property
    def text(self) -> str:
        """What the sign means, with figures, in the reader's language."""
        if self.run.trouble:
            return f"{_word('failed')}: {shown.words(self.run.trouble)}"
        if self.run.has_failed:
            return gettext("was begun and never ended")
        if self.run.skipped:
            why = SKIPPED.get(self.run.skipped)
            return gettext(why) if why else _word("skipped")
        if self.state == "idle":
            return _word("idle")
        if not self.run.posted and not self.run.waiting:
            return shown.filled(gettext("{count} done"), {"count": shown.count(self.run.counted)})
        return shown.filled(
            gettext("{posted} posted, {waiting} wait"),
            {"posted": shown.count(self.run.posted), "waiting": shown.count(self.run.waiting)},
        )

    @property
    def figure(self) -> str:
        """The one figure that stands beside the sign where there is little room: what waits, or was done."""
        match self.state:
            case "waiting":
                return shown.count(self.run.waiting)
            case "done":
                return shown.count(self.run.counted)
            case "failed":
                return _word("failed")
            case _:
                return ""


def lamp(run: RunLine) -> Lamp:
    """The lamp of a run: trouble first, then what waits, then what was done."""
    if run.has_failed:
        return Lamp(run, "failed")
    if run.skipped:
        return Lamp(run, "skipped")
    if run.waiting:
        return Lamp(run, "waiting")
    return Lamp(run, "done" if run.counted or run.posted else "idle")


def lamps(runs: Iterable[RunLine]) -> dict[int, list[Lamp]]:
    """Client → its lamps, in the order the routines ran."""
    found: dict[int, list[Lamp]] = {}
    for run in runs:
        found.setdefault(run.client, []).append(lamp(run))
    return found

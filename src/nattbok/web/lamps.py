"""How a routine went for a client, as a lamp: a symbol and a word, never a colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from nattbok.base.words import _
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
# Why a routine did not run, as the night notes it.
SKIPPED = {
    "client": _("the client does this"),
    "office": _("the office does this"),
    "nobody": _("nobody has been asked to do this"),
    "earlier": _("a routine before it failed"),
}


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
            return f"{gettext(STATES['failed'][1])}: {shown.words(self.run.trouble)}"
        if self.run.has_failed:
            return gettext("was begun and never ended")
        if self.run.skipped:
            return gettext(SKIPPED.get(self.run.skipped, STATES["skipped"][1]))
        if self.state == "idle":
            return gettext(STATES["idle"][1])
        return shown.filled(
            gettext("{posted} posted, {waiting} wait"),
            {"posted": shown.count(self.run.posted), "waiting": shown.count(self.run.waiting)},
        )


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

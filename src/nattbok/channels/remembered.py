"""A channel whose files stay where they are: each is taken once, since we remember which."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from nattbok.channels.channel import Channel, Incoming
from nattbok.formats.finding import Finding

MOST = 50_000  # files that are remembered; of those still there, the latest


class Asking(Channel, Protocol):
    """A way in that asks about a file, by what it is known by, before its bytes are fetched."""

    is_known: Callable[[Any], bool]


class Remembered:
    """`channel`, without the files that `position` says are kept. Satisfies Channel.

    After fetching, `position` is what to remember: {"kept": [[name, size, changed], …]} of what still lies
    there. A file that has changed is another file. What is kept is not fetched again.
    """

    def __init__(self, channel: Asking, position: dict | None = None) -> None:
        self.channel = channel
        self._kept = {_key(one) for one in (position or {}).get("kept", ())}
        self._before = frozenset(self._kept)  # what was kept when fetching began
        self._seen: list[tuple] = []
        channel.is_known = self._is_known

    @property
    def position(self) -> dict:
        """What to remember until the next time."""
        return {"kept": [list(one) for one in self._seen if one in self._kept][-MOST:]}

    def _is_known(self, handle: Any) -> bool:
        """Whether the file is kept already; it still lies there, so it is remembered on."""
        self._seen.append(_key(handle))
        return self._seen[-1] in self._before

    def fetch(self) -> Iterator[Incoming | Finding]:
        """What is not kept yet. Raises Unreachable."""
        self._before, self._seen = frozenset(self._kept), []
        try:
            yield from self.channel.fetch()
        except BaseException:
            # Cut short, we know not what lies there: nothing is forgotten.
            self._seen = list(dict.fromkeys([*self._before, *self._seen]))
            raise

    def done(self, handle: Any) -> None:
        """The file is kept."""
        self._kept.add(_key(handle))


def _key(handle: Any) -> tuple:
    return tuple(handle)

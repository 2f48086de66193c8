"""A channel whose files stay where they are: each is taken once, since we remember which."""

from collections.abc import Iterator
from typing import Any

from nattbok.channels.channel import Channel, Incoming
from nattbok.formats.finding import Finding

MOST = 20_000  # files that are remembered; of those still there, the latest


class Remembered:
    """`channel`, without the files that `position` says are kept. Satisfies Channel.

    After fetching, `position` is what to remember: {"kept": [[name, size, changed], …]} of what still lies
    there. A file that has changed is another file.
    """

    def __init__(self, channel: Channel, position: dict | None = None) -> None:
        self.channel = channel
        self._kept = {_key(one) for one in (position or {}).get("kept", ())}
        self._seen: list[tuple] = []

    @property
    def position(self) -> dict:
        """What to remember until the next time."""
        return {"kept": [list(one) for one in self._seen if one in self._kept][-MOST:]}

    def fetch(self) -> Iterator[Incoming | Finding]:
        """What is not kept yet. Raises Unreachable."""
        seen_before, self._seen = self._kept, []
        try:
            for found in self.channel.fetch():
                if isinstance(found, Incoming):
                    self._seen.append(_key(found.handle))
                    if self._seen[-1] in seen_before:
                        continue
                yield found
        except BaseException:
            # Cut short, we know not what lies there: nothing is forgotten.
            self._seen = list(dict.fromkeys([*seen_before, *self._seen]))
            raise

    def done(self, handle: Any) -> None:
        """The file is kept."""
        self._kept.add(_key(handle))


def _key(handle: Any) -> tuple:
    return tuple(handle)

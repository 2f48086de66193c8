"""Ctrl-C that is never lost.

Python raises KeyboardInterrupt wherever the main thread happens to be. In a finaliser, or in what is called
when an object goes, nothing can be raised: there it is printed and forgotten, and the command goes on as if
nobody had pressed anything. Such an interrupt is sent again a moment later, until it is heard.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN_AFTER = 0.02  # seconds; by then the finaliser has most often ended, and if not, it is sent once more


@contextmanager
def heard() -> Iterator[None]:
    """Until the block ends, an interrupt that was lost where it came is sent to the main thread again."""
    before = sys.unraisablehook

    def lost(unraisable: "sys.UnraisableHookArgs") -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            before(unraisable)
            return
        again = threading.Timer(AGAIN_AFTER, _interrupt)
        again.daemon = True
        again.start()

    sys.unraisablehook = lost
    try:
        yield
    finally:
        sys.unraisablehook = before


def _interrupt() -> None:
    """To the thread itself, so that one that waits for a file or a database wakes up."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

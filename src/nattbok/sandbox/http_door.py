"""A door that speaks HTTP, unencrypted, on a real port of this machine and for it alone."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from nattbok.sandbox.machine import THIS_MACHINE


class HttpDoor:
    """Open inside `with`: each request is answered by a `handler` that has what is `given` as attributes."""

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], *, name: str, port: int = 0, **given: object
    ) -> None:
        self._server = ThreadingHTTPServer((THIS_MACHINE, port), type("Handler", (handler,), given))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=name, daemon=True
        )

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://{THIS_MACHINE}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

"""The REST door's street side: sockets, TLS with certificates on both sides, and faults of the connection.

It passes each request to the bank behind it, one to a connection, and reads of it no more than whose token
it carries and how long it is.
"""

import asyncio
import socket
import ssl
from contextlib import suppress

from nattbok.sandbox.bank.doors.certificates import Authority
from nattbok.sandbox.bank.doors.folders import (
    CUT_AFTER_RENAME,
    CUT_BEFORE_RENAME,
    SILENT_AFTER_RENAME,
    Folders,
    amount,
    is_on,
    strikes,
)
from nattbok.sandbox.bank.shape import Customer, Fault

LARGEST_HEAD = 65536  # bytes
LARGEST_BODY = 250_000_000  # bytes
PIECE = 65536
SENDING = (b"POST", b"/v1/payment-files")


class Front:
    """Listens once `serve` runs on an event loop; `behind` is where the bank's own server is."""

    def __init__(
        self,
        folders: Folders,
        listener: socket.socket,
        behind: tuple[str, int],
        authority: Authority | None = None,
    ) -> None:
        self.folders, self.faults = folders, folders.bank.faults
        self._listener, self._behind = listener, behind
        self._context = self._tls(authority) if authority else None

    async def serve(self) -> None:
        """Take connections until cancelled."""
        server = await asyncio.start_server(
            self._meet, sock=self._listener, ssl=self._context, limit=LARGEST_HEAD
        )
        async with server:
            await server.serve_forever()

    def _tls(self, authority: Authority) -> ssl.SSLContext:
        """The door's certificate, or another's while HOST_KEY_CHANGED is on for anybody."""
        true, false = authority.server_context(), Authority.made(authority.host).server_context()

        def choose(socket_: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
            for who in ("*", *(customer.id for customer in self.folders.bank.customers())):
                if self.faults.is_on(who, Fault.HOST_KEY_CHANGED):
                    self.faults.strikes(who, Fault.HOST_KEY_CHANGED)
                    socket_.context = false
                    return

        true.sni_callback = choose
        return true

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(
                OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ssl.SSLError
            ):
                await self._pass_on(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()  # the door closes
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head[:-4].split(b"\r\n")
        customer = self._customer(lines)
        if strikes(self.faults, customer, Fault.NO_ANSWER):
            await _silence(reader)
            return
        body = await self._body(reader, writer, lines, customer)
        if body is None:
            return
        how = self._how_it_breaks(lines, customer)
        if how == CUT_BEFORE_RENAME:
            writer.transport.abort()
            return
        kept = [line for line in lines if not line.lower().startswith((b"connection:", b"expect:"))]
        answer_reader, answer_writer = await asyncio.open_connection(*self._behind)
        try:
            answer_writer.write(b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body)
            if how == -1:
                while piece := await answer_reader.read(PIECE):
                    writer.write(piece)
                    await writer.drain()
                return
            await answer_reader.read()  # the bank has taken it; we are not told
            if how == SILENT_AFTER_RENAME:
                await _silence(reader)
            writer.transport.abort()
        finally:
            answer_writer.close()

    async def _body(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        lines: list[bytes],
        customer: Customer | None,
    ) -> bytes | None:
        """The request's body, or None when the connection was cut on the way."""
        length = int(_header(lines, b"content-length") or 0)
        if length > LARGEST_BODY:
            writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return None
        if b"100-continue" in _header(lines, b"expect").lower():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        fault = Fault.DISCONNECT_IN_UPLOAD
        cut_at = max(1, amount(self.faults, customer, fault))
        if (
            _is_sending(lines)
            and length >= cut_at
            and is_on(self.faults, customer, fault)
            and strikes(self.faults, customer, fault)
        ):
            await reader.readexactly(cut_at)
            writer.transport.abort()
            return None
        return await reader.readexactly(length) if length else b""

    def _how_it_breaks(self, lines: list[bytes], customer: Customer | None) -> int:
        """How an upload's connection fails, as RENAME_FAILS says; -1 when it does not."""
        if not _is_sending(lines) or not is_on(self.faults, customer, Fault.RENAME_FAILS):
            return -1
        how = amount(self.faults, customer, Fault.RENAME_FAILS)
        if how not in {CUT_BEFORE_RENAME, CUT_AFTER_RENAME, SILENT_AFTER_RENAME}:
            return -1  # refused in words, by the bank behind
        return how if strikes(self.faults, customer, Fault.RENAME_FAILS) else -1

    def _customer(self, lines: list[bytes]) -> Customer | None:
        token = _header(lines, b"authorization").decode("latin-1").removeprefix("Bearer ").strip()
        return self.folders.bank.customer_by_token(token) if token else None


def _header(lines: list[bytes], name: bytes) -> bytes:
    for line in lines[1:]:
        key, _colon, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def _is_sending(lines: list[bytes]) -> bool:
    method, path, *_rest = [*lines[0].split(b" "), b"", b""]
    return method == SENDING[0] and path.split(b"?")[0] == SENDING[1]


async def _silence(reader: asyncio.StreamReader) -> None:
    """Until the other side gives up or the door closes."""
    while await reader.read(PIECE):
        pass

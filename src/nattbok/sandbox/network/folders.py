"""A folder behind a real SFTP door: the access point's other way, and anybody's scanner or supplier."""

import asyncio
import socket
import threading
from pathlib import Path

import asyncssh

# What the machine calls itself to itself alone.
THIS_MACHINE = str(socket.getaddrinfo(None, 0, socket.AF_INET)[0][4][0])


class FolderDoor:
    """`folder` behind SFTP, for one user and key, inside `with FolderDoor(folder, key) as door:`."""

    def __init__(self, folder: Path, public_key: str, *, username: str = "nattbok", port: int = 0) -> None:
        self.folder, self.username, self.port = folder, username, port
        self.host = THIS_MACHINE
        self._public_key = public_key
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="folder-door", daemon=True)

    @property
    def host_key(self) -> str:
        """The door's key, as an OpenSSH line, to be agreed."""
        return self._key.export_public_key().decode().strip()

    def __enter__(self) -> "FolderDoor":
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        self.port = self._acceptor.get_port()
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            self.host,
            self.port,
            server_host_keys=[self._key],
            server_factory=lambda: _Keeper(self.username),
            authorized_client_keys=asyncssh.import_authorized_keys(self._public_key),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(self.folder).encode()),
        )

    async def _close(self) -> None:
        self._acceptor.close()
        await self._acceptor.wait_closed()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)


class _Keeper(asyncssh.SSHServer):
    def __init__(self, username: str) -> None:
        self.username = username

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

"""A folder behind a real SFTP door: the access point's other way, and anybody's scanner or supplier."""

import asyncio
import threading
from pathlib import Path

import asyncssh

from nattbok.sandbox.machine import THIS_MACHINE


class FolderDoor:
    """`folder` behind SFTP, for one user and key, inside `with FolderDoor(folder, key) as door:`.

    Others may be let in while it is open, each to a folder of its own.
    """

    def __init__(
        self, folder: Path, public_key: str = "", *, username: str = "nattbok", port: int = 0
    ) -> None:
        self.folder, self.port = folder, port
        self.host = THIS_MACHINE
        self.users: dict[str, tuple[Path, str]] = {}
        if public_key:
            self.let_in(username, public_key, folder)
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="folder-door", daemon=True)

    @property
    def host_key(self) -> str:
        """The door's key, as an OpenSSH line, to be agreed."""
        return self._key.export_public_key().decode().strip()

    def let_in(self, username: str, public_key: str, folder: Path) -> None:
        """Let this user see `folder`, with the key whose public half is given."""
        self.users[username] = (folder, public_key)

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
            server_factory=lambda: _Keeper(self.users),
            sftp_factory=self._files,
        )

    def _files(self, channel: asyncssh.SSHServerChannel) -> asyncssh.SFTPServer:
        folder, _key = self.users[channel.get_extra_info("username")]
        return asyncssh.SFTPServer(channel, chroot=str(folder).encode())

    async def _close(self) -> None:
        self._acceptor.close()
        await self._acceptor.wait_closed()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)


class _Keeper(asyncssh.SSHServer):
    def __init__(self, users: dict[str, tuple[Path, str]]) -> None:
        self.users = users

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.line = conn

    def begin_auth(self, username: str) -> bool:
        _folder, key = self.users.get(username, (None, ""))
        if key:
            self.line.set_authorized_keys(asyncssh.import_authorized_keys(key))
        return True

    def public_key_auth_supported(self) -> bool:
        return True

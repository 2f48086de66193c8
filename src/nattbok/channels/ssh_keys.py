"""Keys for SFTP: a pair of our own, and the host's to hold it to.

asyncssh takes a second to load: it is loaded by the first key that is made or read, not by whoever might.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from nattbok.channels.trouble import UnusableHostKey, UnusableKey, plain

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")


class KeyPair(NamedTuple):
    """Our own key: the private part to keep, the public line to give to the bank."""

    private: bytes  # OpenSSH's form, without a password
    public: str  # "ssh-ed25519 AAAA… comment"


def make_key_pair(comment: str = "nattbok") -> KeyPair:
    """A new Ed25519 key pair. `comment` goes into the public line, in plain letters."""
    import asyncssh

    # The public line is read by all sorts of systems, and asyncssh itself reads it as ASCII.
    comment = "".join(letter if letter.isascii() else "-" for letter in plain(comment))[:60]
    key = asyncssh.generate_private_key("ssh-ed25519", comment=comment or "nattbok")
    return KeyPair(key.export_private_key(), key.export_public_key().decode().strip())


def private_key(data: bytes) -> "asyncssh.SSHKey":
    """The key in `data`. Raises UnusableKey."""
    import asyncssh

    try:
        return asyncssh.import_private_key(data)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError) as error:
        raise UnusableKey(reason=plain(str(error))) from error


def public_line(data: bytes) -> str:
    """The public line of the private key in `data`, to give to a bank once more. Raises UnusableKey."""
    return private_key(data).export_public_key().decode().strip()


def host_line(line: str) -> "asyncssh.SSHKey":
    """The host's key in an OpenSSH line "ssh-ed25519 AAAA…". Raises UnusableHostKey."""
    import asyncssh

    try:
        return asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise UnusableHostKey(reason=plain(str(error))) from error


def fingerprint(line: str) -> str:
    """What people compare of a public line: "SHA256:…". Raises UnusableHostKey."""
    return host_line(line).get_fingerprint()


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end on an event loop in a thread of its own, whatever the caller's thread runs."""
    outcome: list[T] = []
    troubles: list[BaseException] = []

    def within() -> None:
        try:
            outcome.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
            troubles.append(error)

    thread = threading.Thread(target=within, name="sftp-once", daemon=True)
    thread.start()
    thread.join()
    if troubles:
        raise troubles[0]
    return outcome[0]

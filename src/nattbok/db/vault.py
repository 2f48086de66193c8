"""Secrets that the database may hold but not tell: sealed with a key that is kept outside it.

A copy of the database alone opens nothing. The key is NATTBOK_VAULT_KEY, or a file of this installation's
own, made at first use beside the data. Several keys may be given, newest first, apart by spaces: what was
sealed with an older one still opens, and is sealed anew with the newest.
Sealing is Fernet (AES-128-CBC with HMAC-SHA256), from the `cryptography` package.
"""

import os
from contextlib import suppress
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.db.server import home


class CannotBeOpened(Refused):
    """The key is another one, or what was sealed has been altered or was sealed for something else."""

    message = _("A kept secret cannot be opened. Was the key of this installation changed?")


def sealed(secret: bytes, *, purpose: str) -> bytes:
    """`secret` as it may be kept. It opens only for the same `purpose`."""
    return _keys().encrypt(purpose.encode() + b"\0" + secret)


def opened(kept: bytes, *, purpose: str) -> bytes:
    """The secret again; raises CannotBeOpened when it is not for this purpose or this installation."""
    try:
        found, _zero, secret = _keys().decrypt(bytes(kept)).partition(b"\0")
    except InvalidToken:
        raise CannotBeOpened from None
    if found != purpose.encode():
        raise CannotBeOpened
    return secret


@cache
def _keys() -> MultiFernet:
    named = os.environ.get("NATTBOK_VAULT_KEY", "").split() or [_own_key()]
    return MultiFernet([Fernet(key) for key in named])


def _own_key() -> str:
    path = home() / "secrets" / "vault"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        beside = path.with_name(f"vault.{os.getpid()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):
            os.link(beside, path)  # whole or not at all, and whoever was first has made it
        beside.unlink()
    return path.read_text()

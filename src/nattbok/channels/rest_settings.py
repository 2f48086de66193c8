"""A REST door, and how we use it; what loads no HTTP client is here, the line itself in rest_line."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nattbok.channels import trouble
from nattbok.channels.trouble import plain


@dataclass(frozen=True, slots=True)
class RestSettings:
    """A bank's REST door, and how we use it."""

    address: str  # "https://files.bank.example"
    token: str = field(default="", repr=False)
    authority: bytes = field(default=b"", repr=False)  # PEM; only what it has signed is believed
    certificate: bytes = field(default=b"", repr=False)  # PEM; ours, when the bank asks for one
    certificate_key: bytes = field(default=b"", repr=False)  # PEM, without a password
    patterns: tuple[str, ...] = ("*",)  # names to fetch, as in a shell
    connect_seconds: float = 20.0
    answer_seconds: float = 60.0  # between two pieces of an answer
    settle_seconds: float = 2.0  # between the two looks at a file's size
    largest: int = 100_000_000  # bytes of a file that is fetched

    @property
    def host(self) -> str:
        """The bank's name, for sentences."""
        return urlsplit(self.address).hostname or "?"


def check_address(address: str) -> None:
    """Raises NotEncrypted for what is neither encrypted nor this machine itself, told by its number."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_near = parts.scheme == "http" and is_loopback(host)
        is_fit = bool(host) and not parts.username and parts.port != 0
    except ValueError:
        is_fit = is_near = False
        parts = urlsplit("")
    if not is_fit or not (parts.scheme == "https" or is_near):
        raise trouble.NotEncrypted(address=plain(address) or "?")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself, told by its number."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""The mailboxes behind the doors: folders with mails under UIDs, as IMAP has them."""

import secrets
import threading
from dataclasses import dataclass, field

EVERYBODY = "*"


@dataclass
class Stored:
    """A mail in a folder."""

    uid: int
    data: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Folder:
    """A folder of a mailbox. UIDs go up and are never used again while `validity` stands."""

    validity: int = 1
    next_uid: int = 1
    mails: list[Stored] = field(default_factory=list)

    def add(self, data: bytes) -> Stored:
        """Put a mail at the end."""
        stored = Stored(self.next_uid, data)
        self.next_uid += 1
        self.mails.append(stored)
        return stored


@dataclass
class Mailbox:
    """One user's mails."""

    password: str
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder()})


class Mailboxes:
    """All users' mails. Used from several threads; `lock` is held by whoever looks or changes.

    `catch_all` names the user that gets mail for addresses that are nobody's. What the doors do wrong is
    switched on by name in `faults`: "refuse_login", "cut_in_fetch", "silent", "no_move", "cut_after_move",
    "no_oauth", "no_bearer"; and at the token server "expired", "revoked", "unknown_program", "dead", "busy",
    "babbling".
    """

    def __init__(self, *, catch_all: str = "") -> None:
        self.lock = threading.RLock()
        self.users: dict[str, Mailbox] = {}
        self.catch_all = catch_all
        self.faults: set[str] = set()
        self.grants: dict[str, str] = {}  # refresh token → the user who gave it
        self.tokens: dict[str, str] = {}  # access token → whose mailbox it opens

    def add_user(self, name: str, password: str, *folders: str) -> Mailbox:
        """A user with these folders beside the inbox."""
        with self.lock:
            box = self.users[name] = Mailbox(password)
            for folder in folders:
                box.folders[folder] = Folder()
            return box

    def grant(self, name: str) -> str:
        """A refresh token, as when the user has logged in and said yes."""
        with self.lock:
            token = f"refresh-{secrets.token_hex(8)}"
            self.grants[token] = name
            return token

    def token(self, refresh_token: str) -> tuple[str, str] | None:
        """An access token and a new refresh token, after which the old one has ended; None: no such grant."""
        with self.lock:
            name = self.grants.pop(refresh_token, None)
            if name is None:
                return None
            access = f"access-{secrets.token_hex(8)}"
            self.tokens[access] = name
            return access, self.grant(name)

    def token_of_program(self) -> str:
        """An access token for the program itself, which opens every mailbox."""
        with self.lock:
            access = f"access-{secrets.token_hex(8)}"
            self.tokens[access] = EVERYBODY
            return access

    def box_by_token(self, name: str, token: str) -> Mailbox | None:
        """The mailbox that an access token opens; None for others', and when tokens were revoked."""
        with self.lock:
            is_good = self.tokens.get(token) in (name, EVERYBODY) and "revoked" not in self.faults
            return self.users.get(name) if is_good else None

    def deliver(self, address: str, data: bytes) -> bool:
        """Put a mail into its user's inbox with a Delivered-To above it; False when it is nobody's."""
        with self.lock:
            name = address if address in self.users else self.catch_all
            if name not in self.users:
                return False
            self.users[name].folders["INBOX"].add(b"Delivered-To: " + address.encode() + b"\r\n" + data)
            return True

    def renumber(self, name: str, folder: str = "INBOX") -> None:
        """Give a folder's mails new UIDs under a new UIDVALIDITY, as when a server is moved."""
        with self.lock:
            old = self.users[name].folders[folder]
            new = Folder(validity=old.validity + 1)
            for stored in old.mails:
                new.add(stored.data)
            self.users[name].folders[folder] = new

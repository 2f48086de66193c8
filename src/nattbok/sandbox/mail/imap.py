"""The IMAP door: as much of IMAP4rev1 as a program that fetches mail needs.

Source: RFC 3501, RFC 6851 (MOVE), RFC 4315 (UIDPLUS).
"""

import asyncio
import base64
import re
import shlex
from collections.abc import Callable
from contextlib import suppress

from nattbok.sandbox.mail.mailboxes import Folder, Mailbox, Mailboxes, Stored

LONGEST_LINE = 65_536


class ImapDoor:
    """Talks with one program after the other, each on a line of its own."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self.mailboxes = mailboxes

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line from greeting to logout."""
        talk = _Talk(self.mailboxes, writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                talk.say("* OK sandbox ready")
                await writer.drain()
                while not talk.is_over:
                    line = await reader.readline()
                    if not line:
                        break
                    if "silent" in self.mailboxes.faults:
                        await reader.read()
                        break
                    talk.hear(line.decode("utf-8", "replace").strip())
                    await writer.drain()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()


class _Talk:
    """What has been said on one line."""

    def __init__(self, mailboxes: Mailboxes, writer: asyncio.StreamWriter) -> None:
        self.mailboxes, self.writer = mailboxes, writer
        self.box: Mailbox | None = None
        self.folder: Folder | None = None
        self.is_over = False
        self._asked = ""  # the tag of a log-in whose secret is the next line
        self._mechanism = ""

    def say(self, line: str) -> None:
        """One line of ours."""
        self.writer.write(line.encode() + b"\r\n")

    def hear(self, line: str) -> None:
        """Answer one command."""
        if self._asked:
            self._authenticated(base64.b64decode(line).decode())
            return
        mechanism = line.upper().partition(" AUTHENTICATE ")[2]
        if mechanism in ("PLAIN", *self._by_token()):
            self._asked, self._mechanism = line.partition(" ")[0], mechanism
            self.say("+ ")
            return
        tag, _space, rest = line.partition(" ")
        word, _space, given = rest.partition(" ")
        word = word.upper()
        is_by_uid = word == "UID"
        if is_by_uid:
            word, _space, given = given.partition(" ")
            word = f"UID_{word.upper()}"
        answer: Callable[[str], str] | None = getattr(self, f"_{word.lower()}", None)
        if answer is None or not tag:
            self.say(f"{tag or '*'} BAD what is {word[:20]}?")
            return
        with self.mailboxes.lock:
            said = answer(given)
        if said:
            self.say(f"{tag} {said}")

    def _by_token(self) -> tuple[str, ...]:
        if "no_oauth" in self.mailboxes.faults:
            return ()
        return ("XOAUTH2",) if "no_bearer" in self.mailboxes.faults else ("XOAUTH2", "OAUTHBEARER")

    def _authenticated(self, given: str) -> None:
        """What was said after the log-in's first line."""
        if self._mechanism == "PLAIN":
            name, password = [*given.split("\0"), "", ""][1:3]
            answer = self._enter(name, password)
        elif self._mechanism == "REFUSED":
            answer = "NO [AUTHENTICATIONFAILED] not with this token"
        else:
            fields = dict(one.partition("=")[::2] for one in given.split("\1"))
            bearer = fields.get("auth", "").removeprefix("Bearer ")
            name = fields.get("user") or fields.get("n,a", "").rstrip(",")
            self.box = self.mailboxes.box_by_token(name, bearer)
            if self.box is None:  # why, which the program answers with nothing
                self._mechanism = "REFUSED"
                self.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
                return
            answer = "OK welcome"
        self.say(f"{self._asked} {answer}")
        self._asked = ""

    def _capability(self, given: str) -> str:
        more = "" if "no_move" in self.mailboxes.faults else " MOVE UIDPLUS"
        ways = "".join(f" AUTH={one}" for one in ("PLAIN", *self._by_token()))
        self.say(f"* CAPABILITY IMAP4rev1{ways}{more}")
        return "OK done"

    def _noop(self, given: str) -> str:
        return "OK done"

    def _login(self, given: str) -> str:
        return self._enter(*[*shlex.split(given), "", ""][:2])

    def _enter(self, name: str, password: str) -> str:
        box = self.mailboxes.users.get(name)
        if box is None or box.password != password or "refuse_login" in self.mailboxes.faults:
            return "NO [AUTHENTICATIONFAILED] not you"
        self.box = box
        return "OK welcome"

    def _select(self, given: str) -> str:
        name = (shlex.split(given) or [""])[0]
        self.folder = self.box.folders.get(name) if self.box else None
        if self.folder is None:
            return "NO [NONEXISTENT] no such folder"
        self.say(f"* {len(self.folder.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.folder.validity}] as it is")
        self.say(f"* OK [UIDNEXT {self.folder.next_uid}] next")
        return "OK [READ-WRITE] selected"

    def _uid_search(self, given: str) -> str:
        wanted = re.search(r"UID ([0-9:*,]+)", given)
        found = [m.uid for m in self._mails() if wanted is None or _is_in(m.uid, wanted[1])]
        self.say(" ".join(["* SEARCH", *map(str, found)]))
        return "OK found"

    def _uid_fetch(self, given: str) -> str:
        numbers, _space, what = given.partition(" ")
        for place, stored in enumerate(self._mails(), 1):
            if not _is_in(stored.uid, numbers):
                continue
            if "BODY" not in what:
                self.say(f"* {place} FETCH (UID {stored.uid} RFC822.SIZE {len(stored.data)})")
                continue
            self.writer.write(f"* {place} FETCH (UID {stored.uid} BODY[] {{{len(stored.data)}}}\r\n".encode())
            if "cut_in_fetch" in self.mailboxes.faults:
                self.writer.write(stored.data[: len(stored.data) // 2])
                self._cut()
                return ""
            self.writer.write(stored.data + b")\r\n")
        return "OK fetched"

    def _uid_move(self, given: str) -> str:
        if "no_move" in self.mailboxes.faults:
            return "BAD no MOVE here"
        said = self._uid_copy(given)
        if said.startswith("OK"):
            numbers = given.partition(" ")[0]
            self._take_away(lambda stored: _is_in(stored.uid, numbers))
        if "cut_after_move" in self.mailboxes.faults:
            self._cut()
            return ""
        return said

    def _uid_copy(self, given: str) -> str:
        numbers, _space, name = given.partition(" ")
        target = self.box.folders.get((shlex.split(name) or [""])[0]) if self.box else None
        if target is None:
            return "NO [TRYCREATE] no such folder"
        for stored in self._mails():
            if _is_in(stored.uid, numbers):
                target.add(stored.data)
        return "OK copied"

    def _uid_store(self, given: str) -> str:
        numbers, _space, what = given.partition(" ")
        for stored in self._mails():
            if _is_in(stored.uid, numbers):
                stored.flags |= set(re.findall(r"\\\w+", what))
        return "OK stored"

    def _uid_expunge(self, given: str) -> str:
        self._take_away(lambda stored: "\\Deleted" in stored.flags and _is_in(stored.uid, given))
        return "OK expunged"

    def _expunge(self, given: str) -> str:
        self._take_away(lambda stored: "\\Deleted" in stored.flags)
        return "OK expunged"

    def _logout(self, given: str) -> str:
        self.say("* BYE")
        self.is_over = True
        return "OK bye"

    def _mails(self) -> list[Stored]:
        return list(self.folder.mails) if self.folder else []

    def _take_away(self, is_gone: Callable[[Stored], bool]) -> None:
        for place, stored in reversed(list(enumerate(self._mails(), 1))):
            if is_gone(stored):
                self.folder.mails.remove(stored)
                self.say(f"* {place} EXPUNGE")

    def _cut(self) -> None:
        self.is_over = True


def _is_in(uid: int, numbers: str) -> bool:
    """Whether the UID is in a set as IMAP writes it: 3, 1:*, 2,5:7."""
    for piece in numbers.split(","):
        low, colon, high = piece.partition(":")
        first = 2**32 if low == "*" else int(low or 0)
        last = first if not colon else (2**32 if high == "*" else int(high))
        if min(first, last) <= uid <= max(first, last):
            return True
    return False

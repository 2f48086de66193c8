"""Files to and from a bank over REST.

A file is sent in one request with an Idempotency-Key, by which the bank knows the same sending when it comes
twice. A file is fetched only when two looks at the list find the same size, and as many bytes came. When it
is kept, the bank is told to put it away.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import quote

from nattbok.base.errors import Refused, Unreachable
from nattbok.base.words import Words, _
from nattbok.channels import trouble
from nattbok.channels.channel import Found, Incoming, Outgoing, Sent, Step
from nattbok.channels.rest_line import RestLine
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.trouble import plain
from nattbok.formats.finding import Finding, Severity

SENDING, FILES, STATUS = "/v1/payment-files", "/v1/files", "/v1/status"
MOST = 10_000  # files in one fetch
HEAD = 1024  # bytes of a waiting file that a test of the connection reads
TITLES = {
    "reach": _("Reach the bank"),
    "host_key": _("See that it is the bank"),
    "log_in": _("Log in"),
    "list": _("Ask which files wait for us"),
    "read": _("Read a file there"),
    "write": _("Ask for the payment files we have sent"),
}


class FileAtBank(NamedTuple):
    """A file as the bank's list has it; also what it is known by when it is done."""

    name: str
    size: int
    made_at: str


class BankRest:
    """The REST door that `settings` lead to. Satisfies Channel, SendingChannel and ProbedChannel.

    May be used from several threads; `with channel:` keeps the connection for all that is done inside.
    """

    repeats_safely = True  # by the Idempotency-Key the bank knows a file sent twice for one

    def __init__(self, settings: RestSettings) -> None:
        self.settings = settings
        self._held = threading.local()

    def __enter__(self) -> "BankRest":
        self._stacks.append(self._line())
        self._stacks[-1].__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stacks.pop().__exit__(None, None, None)

    @property
    def _stacks(self) -> list:
        if not hasattr(self._held, "stacks"):
            self._held.stacks = []
        return self._held.stacks

    @contextmanager
    def _line(self) -> Iterator[RestLine]:
        """This thread's line, or a new one until the block ends."""
        held = getattr(self._held, "line", None)
        if held is not None:
            yield held
            return
        line = RestLine(self.settings)
        self._held.line = line
        try:
            yield line
        finally:
            self._held.line = None
            line.close()

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The complete files whose names are asked for, in the order of their names; findings on the rest.

        Raises Unreachable, also between two files.
        """
        with self._line() as line:
            first = self._listed(line)
            if not first:
                return
            time.sleep(self.settings.settle_seconds)
            second = self._listed(line)
            for name in sorted(second.keys() & first.keys()):
                if first[name] == second[name]:
                    yield from self._take(line, second[name])

    def done(self, handle: FileAtBank) -> None:
        """Have the bank put the file away. Raises Unreachable."""
        with self._line() as line:
            try:
                line.post(f"{FILES}/{quote(handle.name, safe='')}/archive")
            except trouble.RemoteFolderMissing:
                return  # the bank has it no more
            except (trouble.RemoteRefusal, trouble.NameTaken) as refusal:
                raise trouble.NotArchivedThere(
                    host=self.settings.host, name=handle.name, reason=str(refusal.values.get("reason", ""))
                ) from refusal

    def send(self, outgoing: Outgoing) -> Sent:
        """Send the file, unless the bank has it. See SendingChannel."""
        sha256 = hashlib.sha256(outgoing.data).hexdigest()
        if not outgoing.name or not outgoing.name.isprintable() or set(outgoing.name) & {"/", "\\"}:
            raise trouble.UnusableName(name=plain(outgoing.name) or "?")
        with self._line() as line:
            there = self._found(line, outgoing.name)
            if there is not None:
                if not there.is_same(outgoing.data, sha256):
                    raise trouble.NameTaken(host=self.settings.host, name=outgoing.name)
                return Sent(outgoing.name, there.size, there.reference, was_there=True)
            key = outgoing.key or hashlib.sha256(f"{outgoing.name}\n{sha256}".encode()).hexdigest()
            given = line.send(SENDING, outgoing.name, outgoing.data, key).data()
            number = given.get("number") if isinstance(given, dict) else None
            return Sent(outgoing.name, len(outgoing.data), str(number) if isinstance(number, int) else "")

    def find(self, name: str) -> Found | None:
        """The payment file that the bank has under this name."""
        with self._line() as line:
            return self._found(line, name)

    def status(self, reference: str) -> str:
        """The bank's word for how far a payment file has come (ISO 20022: ACTC, ACCP, RJCT …)."""
        with self._line() as line:
            given = line.get(f"{SENDING}/{quote(reference, safe='')}").data()
            state = given.get("state") if isinstance(given, dict) else None
            if not isinstance(state, str):
                raise self._not_understood()
            return plain(state, 40)

    def probe(self) -> list[Step]:
        """Try reaching, logging in, listing, reading, asking for what was sent; see Step."""
        steps: list[Step] = []
        work: tuple[tuple[str, Callable[[RestLine], Words]], ...] = (
            ("log_in", self._try_log_in),
            ("list", self._try_list),
            ("read", self._try_read),
            ("write", self._try_sent),
        )
        try:
            with self._line() as line:
                steps += self._tried(line, *work[0])
                for one in work[1:] if steps[-1].ok else ():
                    steps += self._tried(line, *one)
        except Refused as refusal:
            steps.append(Step("host_key", TITLES["host_key"], False, refusal.words, trouble.advice(refusal)))
        done = {step.name for step in steps}
        return steps + [Step(name, TITLES[name], None) for name in TITLES if name not in done]

    def _tried(self, line: RestLine, name: str, work: Callable[[RestLine], Words]) -> list[Step]:
        before = [
            Step("reach", TITLES["reach"], True, Words(_("{host} answers."), {"host": self.settings.host})),
            Step("host_key", TITLES["host_key"], True, self._trusted()),
        ]
        try:
            return [*(before if name == "log_in" else []), Step(name, TITLES[name], True, work(line))]
        except Unreachable as refusal:
            failed = name
            if isinstance(
                refusal,
                trouble.AddressUnknown
                | trouble.NobodyAnswers
                | trouble.NoAnswerInTime
                | trouble.ConnectionCut,
            ):
                failed = "reach" if name == "log_in" else name
            elif isinstance(refusal, trouble.CertificateNotTrusted):
                failed = "host_key"
            kept = before[: {"reach": 0, "host_key": 1}.get(failed, 2)] if name == "log_in" else []
            return [*kept, Step(failed, TITLES[failed], False, refusal.words, trouble.advice(refusal))]

    def _trusted(self) -> Words:
        if not self.settings.address.startswith("https"):
            return Words(_("It is on this machine, so nothing goes over a network."))
        return Words(_("Its certificate is signed by the authority that was agreed."))

    def _try_log_in(self, line: RestLine) -> Words:
        line.get(STATUS)
        return Words(_("It lets us in."))

    def _try_list(self, line: RestLine) -> Words:
        return Words(_("{count} files wait for us."), {"count": len(self._listed(line))})

    def _try_read(self, line: RestLine) -> Words:
        for name in self._listed(line):
            line.get(f"{FILES}/{quote(name, safe='')}", most=HEAD)
            return Words(_("{name} can be read. It was left there."), {"name": name})
        return Words(_("No file waits, so there was nothing to read."))

    def _try_sent(self, line: RestLine) -> Words:
        given = line.get(SENDING).data()
        if not isinstance(given, list):
            raise self._not_understood()
        return Words(_("{count} payment files have come there. None was sent now."), {"count": len(given)})

    def _listed(self, line: RestLine) -> dict[str, FileAtBank]:
        """The files whose names are asked for, in the order of the bank's list."""
        given = line.get(FILES).data()
        if not isinstance(given, list):
            raise self._not_understood()
        found = {}
        for one in given[:MOST]:
            file = _file(one)
            if file is not None and any(
                fnmatchcase(file.name, pattern) for pattern in self.settings.patterns
            ):
                found[file.name] = file
        return found

    def _take(self, line: RestLine, file: FileAtBank) -> Iterator[Incoming | Finding]:
        if file.size > self.settings.largest:
            yield _finding(
                "rest.too_large",
                file.name,
                _("The file has {size} bytes; at most {largest} are read."),
                size=file.size,
                largest=self.settings.largest,
            )
            return
        if not file.size:
            yield _finding("rest.empty", file.name, _("The file is empty."))
            return
        try:
            data = line.get(f"{FILES}/{quote(file.name, safe='')}", most=file.size).body
        except trouble.RemoteFolderMissing:
            return  # gone since the list
        except trouble.RemoteRefusal as refusal:
            reason = str(refusal.values.get("reason", ""))
            yield _finding(
                "rest.unreadable", file.name, _("The file cannot be read: {reason}."), reason=reason
            )
            return
        if len(data) == file.size:  # else it is still growing
            yield Incoming(file.name, data, file)

    def _found(self, line: RestLine, name: str) -> Found | None:
        given = line.get(SENDING, name=name).data()
        if not isinstance(given, list):
            raise self._not_understood()
        for one in given:
            if isinstance(one, dict) and one.get("name") == name:
                size, sha256, number = one.get("size"), one.get("sha256"), one.get("number")
                if not isinstance(size, int) or not isinstance(sha256, str):
                    raise self._not_understood()
                return Found(name, size, sha256.lower(), str(number) if isinstance(number, int) else "")
        return None

    def _not_understood(self) -> Unreachable:
        return trouble.RemoteRefusal(host=self.settings.host, reason="its answer cannot be understood")


def _file(one: object) -> FileAtBank | None:
    """An entry of the list, or None for what is no file's."""
    if not isinstance(one, dict):
        return None
    name, size, made_at = one.get("name"), one.get("size"), one.get("made_at", "")
    if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return None
    if not name or name in {".", ".."} or not name.isprintable() or "/" in name or len(name) > 400:
        return None
    return FileAtBank(name, size, str(made_at)[:40])


def _finding(code: str, name: str, text: str, **values: str | int) -> Finding:
    # `text` is marked for translation by whoever calls.
    return Finding(Severity.HOLD, code, name, text, values | {"name": name})

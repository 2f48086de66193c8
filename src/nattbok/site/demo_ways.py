"""The demo's ways in: an access point, an SFTP server, our own mail door, and people who put files in.

The night's e-invoices go into the network, and a day's post of papers comes by all six ways, over real
sockets and folders. Who sends what is the sandbox's to know; what becomes of it is ours.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nattbok.clients.access import enter_client
from nattbok.clients.models import Client, Person
from nattbok.documents import actions as documents
from nattbok.documents.actions import intake
from nattbok.documents.rules.intake import Kind, sftp_draft
from nattbok.files.models import File, Source
from nattbok.sandbox import office as sandbox
from nattbok.sandbox.documents.post import Form, Parcel, Post, Way
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.network.door import Door
from nattbok.sandbox.network.folders import FolderDoor
from nattbok.sandbox.network.point import AccessPoint
from nattbok.site.demo_books import BY, Loaded
from nattbok.site.mail_receiver import Receiver

DOMAIN = "post.demo.example"
BY_SFTP = 5  # every so many clients has its e-invoices by the access point's SFTP door
ELSEWHERE = 20  # every so many e-invoices is put in the folder or sent by mail instead
NO_GOOD = (Form.BROKEN, Form.HOSTILE, Form.BAD_PHOTO)
ANSWERS = ("AP", "PD")
# What the clients' own sources are called, where the night looks.
E_INVOICE = re.compile(rb"oasis:names:specification:ubl:schema:xsd:(?:Invoice|CreditNote)-2")
WAYS = ("peppol", "mail", "upload", "folder", "sftp")


@dataclass
class DemoWays:
    """The doors outside, and which client has which ways in."""

    world: sandbox.World
    loaded: Sequence[Loaded]
    folder: Path
    point: AccessPoint
    door: Door
    sftp: FolderDoor
    mail: Receiver
    addresses: dict[str, str] = field(default_factory=dict)
    participants: dict[str, str] = field(default_factory=dict)
    by_sftp: set[str] = field(default_factory=set)  # clients whose e-invoices lie in an SFTP folder

    @property
    def _with_documents(self) -> list[Loaded]:
        numbers = {number for number, source in self.world.sources if source in ("documents", "post")}
        return [one for one in self.loaded if one.number in numbers]

    def connect(self) -> None:
        """Open every way in of the clients that send documents, and say what their sellers are told."""
        os.environ |= {
            "NATTBOK_AP_ADDRESS": self.door.address,
            "NATTBOK_AP_TOKEN": self.point.token,
            "NATTBOK_AP_NAME": self.point.name,
            "NATTBOK_MAIL_DOMAIN": DOMAIN,
        }
        for place, one in enumerate(self._with_documents):
            with enter_client(one.client) as client:
                self.addresses[one.number] = intake.open_address(client, by=BY, chosen=f"bilag-{one.number}")
                self._add_sftp(client, "skanner", Kind.SFTP)
                participant = self.participants[one.number] = intake.participant_of(client)
                if place % BY_SFTP == BY_SFTP - 1:
                    self.by_sftp.add(one.number)
                    self.point.directory[participant] = self.point.name
                    self._add_sftp(client, "nett", Kind.PEPPOL_SFTP, participant)
                else:
                    intake.activate_reception(client, by=BY)
                documents.set_answers(client, ANSWERS, by=BY)

    def _add_sftp(self, client: Client, name: str, kind: Kind, participant: str = "") -> None:
        folder = self.folder / client.number / name
        for inside in ("in", "done", "out", "receipts"):
            (folder / inside).mkdir(parents=True, exist_ok=True)
        given = {
            "host": self.sftp.host, "port": str(self.sftp.port), "username": f"{name}-{client.number}",
            "folder": "in", "archive": "done", "host_key": self.sftp.host_key, "title": name.capitalize(),
            "outbox": "out", "receipts": "receipts",
        }  # fmt: skip
        draft = sftp_draft(given, kind=kind, participants=(participant,) if participant else ())
        source = Source.objects.get(client=client, pk=intake.add(client, draft, by=BY))
        self.sftp.let_in(given["username"], source.settings["public_key"], folder)

    def lay_out(self, files: Sequence[sandbox.NightFile]) -> list[sandbox.NightFile]:
        """Send the night's e-invoices into the network; what else comes in folders is given back."""
        left, count = [], 0
        senders = {(one.client, one.path): one.supplier_org_number for one in self.world.bills}
        for file in files:
            sender = senders.get((file.client, file.path))
            if sender is None or file.client not in self.participants:
                left.append(file)
                continue
            count += 1
            is_whole = file.data.rstrip().endswith(b">") and E_INVOICE.search(file.data[:3000])
            if not is_whole or count % ELSEWHERE == 0:
                left.append(file)
            elif count % ELSEWHERE == ELSEWHERE // 2:
                self._mail(file.client, [(file.name, file.data)], "Faktura")
            else:
                self._deliver(file, sender)
        return left

    def _deliver(self, file: sandbox.NightFile, sender: str) -> None:
        receiver = self.participants[file.client]
        seller = f"{receiver.partition(':')[0]}:{sender}"
        self.point.take_answers(seller)
        number = self.point.send(file.data, sender=seller, receiver=receiver)
        if file.client in self.by_sftp:
            message = self.point.participant(receiver).inbox.pop()
            place = self.folder / file.client / "nett" / "in"
            (place / f"{number}.xml").write_bytes(message.data)

    def send(self, post: Post, people: dict[str, Person], folders: Path) -> None:
        """A day's post, each parcel by its way."""
        sources = {number: source for number, source in self.world.sources if source in ("documents", "post")}
        for parcel in post.parcels:
            match parcel.way:
                case Way.MAIL:
                    self._mail(parcel.client, parcel.files, "Faktura", parcel.sender)
                case Way.SFTP:
                    self._put(self.folder / parcel.client / "skanner" / "in", parcel)
                case Way.FOLDER:
                    self._put(folders / parcel.client / sources[parcel.client], parcel)
                case _:
                    self._add(parcel, people)

    def _mail(
        self, client: str, files: Sequence[tuple[str, bytes]], subject: str, sender: str = "Leverandør AS"
    ) -> None:
        data = a_mail(
            *files,
            sender=f"{sender} <faktura@leverandor.example>",
            to=self.addresses[client],
            subject=subject,
            number=f"{client}-{files[0][0]}",
        )
        send(self.mail.hostname, self.mail.port, [self.addresses[client]], data)

    def _put(self, folder: Path, parcel: Parcel) -> None:
        for name, data in parcel.files:
            unfinished = folder / f".{name}.part"
            unfinished.write_bytes(data)
            unfinished.replace(folder / name)

    def _add(self, parcel: Parcel, people: dict[str, Person]) -> None:
        one = next(each for each in self.loaded if each.number == parcel.client)
        with enter_client(one.client) as client:
            documents.upload(client, parcel.files, by=f"person:{people[parcel.client].pk}")

    def came(self) -> Counter[str]:
        """How many files came by each way; the mails and envelopes they lay in are not counted."""
        found: Counter[str] = Counter()
        for one in self._with_documents:
            with enter_client(one.client) as client:
                rows = File.objects.filter(client=client, came_by__in=WAYS).exclude(
                    format__in=("mail", "sbdh")
                )
                banks = rows.exclude(format__startswith="camt").exclude(format__in=("ocr_giro", "bgmax"))
                found.update(banks.values_list("came_by", flat=True))
        return found

    def answered(self) -> int:
        """How many answers the sellers have had, as the access point knows it."""
        for number in self.by_sftp:
            self.point.collect(self.participants[number], self.folder / number / "nett")
        return len(self.point.handed)


@contextmanager
def opened(world: sandbox.World, loaded: Sequence[Loaded], folder: Path) -> Iterator[DemoWays]:
    """The ways in with their doors open until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    point = AccessPoint()
    with ExitStack() as doors:
        door = doors.enter_context(Door(point))
        sftp = doors.enter_context(FolderDoor(folder))
        mail = Receiver(sftp.host, 0, domain=DOMAIN)
        mail.start()
        doors.callback(mail.stop)
        yield DemoWays(world, loaded, folder, point, door, sftp, mail)


def forms(post: Post) -> Counter[Form]:
    """How many files of each form the post has."""
    return Counter(form for parcel in post.parcels for form in parcel.forms)

"""`nattbok mail-in`: takes in mail for the clients' addresses.

A mail is taken only for an address that is a client's, and is answered for only when it is kept. Whom it is
for is what its envelope says: no header of it is looked at. It is opened later, by a worker.

With --imap the mails come from one mailbox that catches all instead: whom each is for is then what the last
server wrote into it, in the headers that --recipient-header names.
"""

import argparse
import os
import signal
import ssl
import sys
import threading

HELD = "Nattbok held"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "mail-in",
        help="take in mail for the clients' addresses",
        description="Take in mail for the clients' addresses until stopped. What stands after the @ is "
        "NATTBOK_MAIL_DOMAIN. With NATTBOK_MAIL_CERTIFICATE and NATTBOK_MAIL_KEY the line is encrypted when "
        "the sender can. With --imap the mails are fetched from one mailbox that catches all; its password "
        "is NATTBOK_MAIL_PASSWORD.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8025, help="the port to listen on (8025); 0 takes any")
    parser.add_argument("--imap", metavar="USER@HOST[:PORT]", help="fetch from this mailbox instead")
    parser.add_argument(
        "--security", choices=("tls", "starttls", "none"), default="tls", help="of the mailbox (tls)"
    )
    parser.add_argument(
        "--recipient-header",
        action="append",
        help="where the last server says whom a mail is for (Delivered-To, then X-Original-To)",
    )
    parser.add_argument("--every", type=float, default=60, help="seconds between two looks (60)")
    parser.add_argument("--once", action="store_true", help="look into the mailbox once, and end")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take in mail until told to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return fetch(arguments, stop) if arguments.imap else receive(arguments, stop)


def receive(arguments: argparse.Namespace, stop: threading.Event) -> int:
    """Listen until `stop` is set; 1 when the address cannot be had."""
    from nattbok.documents.actions.ways import mail_domain
    from nattbok.site.mail_receiver import Receiver

    receiver = Receiver(arguments.host, arguments.port, domain=mail_domain(), tls=_tls())
    try:
        receiver.start()
    except OSError as error:
        print(f"{arguments.host}:{arguments.port} cannot be listened on: {error}", file=sys.stderr)
        return 1
    print(f"Mail for *@{mail_domain()} is taken in on {arguments.host}:{receiver.port}", flush=True)
    stop.wait()
    receiver.stop()
    return 0


def fetch(arguments: argparse.Namespace, stop: threading.Event) -> int:
    """Fetch from the mailbox that catches all until `stop` is set."""
    from nattbok.base.errors import Unreachable
    from nattbok.channels.mail import ImapSettings
    from nattbok.documents.actions.ways import mail_domain
    from nattbok.site.mail_receiver import fetch_all

    username, _at, place = arguments.imap.rpartition("@")
    host, _colon, port = place.partition(":")
    settings = ImapSettings(
        host=host,
        username=username,
        password=os.environ.get("NATTBOK_MAIL_PASSWORD", ""),
        port=int(port) if port else (993 if arguments.security == "tls" else 143),
        security=arguments.security,
        done_folder=os.environ.get("NATTBOK_MAIL_DONE", "Nattbok done"),
    )
    headers = arguments.recipient_header or ["Delivered-To", "X-Original-To"]
    while True:
        try:
            told = fetch_all(settings, headers, domain=mail_domain(), held_folder=HELD)
            if told.kept or told.held or arguments.once:
                print(f"{told.kept} mails were kept, {told.held} are held in the folder “{HELD}”", flush=True)
        except Unreachable as trouble:
            print(f"{trouble}", file=sys.stderr, flush=True)
            if arguments.once:
                raise
        if arguments.once or stop.wait(arguments.every):
            return 0


def _tls() -> ssl.SSLContext | None:
    certificate, key = os.environ.get("NATTBOK_MAIL_CERTIFICATE"), os.environ.get("NATTBOK_MAIL_KEY")
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context

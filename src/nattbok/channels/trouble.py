"""What can be wrong with a way to a bank, each in a sentence for whoever is to mend it.

Every one of these means that what was asked has certainly not happened.
"""

from nattbok.base.errors import Refused, Unreachable
from nattbok.base.words import Words, _


def plain(text: str, most: int = 200) -> str:
    """A sentence of the other side's, fit to be kept and shown: one line, printable, not long."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: most * 4])
    return " ".join(kept.split())[:most].rstrip(". ")


class AddressUnknown(Unreachable):
    """The name of the host leads nowhere."""

    message = _("The address {host} is not known.")


class NobodyAnswers(Unreachable):
    """No connection could be made."""

    message = _("Nobody answers at {host}, port {port}.")


class NoAnswerInTime(Unreachable):
    """The connection is taken, and nothing more happens."""

    message = _("{host} did not answer within {seconds} seconds.")


class ConnectionCut(Unreachable):
    """The other side, or something between, ended the connection."""

    message = _("The connection to {host} was cut.")


class NotAnSftpServer(Unreachable):
    """Something else than a bank answers at the port."""

    message = _("What answers at {host} does not speak as an SFTP server does: {reason}.")


class HostKeyChanged(Unreachable):
    """Somebody else, or the same with a new key: only a person can tell."""

    message = _(
        "{host} shows the key {shown}, which is not the one that was agreed ({expected}). It may be someone "
        "else who answers, so nothing was sent or fetched."
    )


class HostKeyMissing(Unreachable):
    """Nothing is agreed to hold the host's key against."""

    message = _(
        "No key is agreed for {host}, so it cannot be known who answers. Nothing was sent or fetched."
    )


class CertificateNotTrusted(Unreachable):
    """The host's certificate is not one of those agreed."""

    message = _(
        "{host} shows a certificate that is not the one agreed: {reason}. It may be someone else who "
        "answers, so nothing was sent or fetched."
    )


class LoginRefused(Unreachable):
    """The host knows us not, or no longer."""

    message = _("{host} refused the log-in of {username}: our key is not known there, or has been revoked.")


class TokenRefused(Unreachable):
    """The host knows our token not, or no longer."""

    message = _("{host} refused our token: it is not known there, or has been revoked.")


class BankClosed(Unreachable):
    """The bank says that it is closed for the time being."""

    message = _("{host} is closed for the time being: {reason}.")


class RemoteFolderMissing(Unreachable):
    """A folder that was agreed is not there."""

    message = _("{host} has no folder {folder}.")


class NoRoomLeft(Unreachable):
    """The other side has no room for the file."""

    message = _("{host} has no room for the file: {reason}.")


class NotPermitted(Unreachable):
    """We are let in, but not permitted this."""

    message = _("{host} does not permit us to use {place}.")


class NotRenamed(Unreachable):
    """The file came under a temporary name and could not be given its own; the bank has not taken it."""

    message = _("{host} did not let {name} have its name, so the bank has not taken it: {reason}.")


class NotArchivedThere(Unreachable):
    """A file that was kept could not be moved away at the other side, and will come again."""

    message = _(
        "The file {name} was kept, but could not be put away at {host}, and will come again: {reason}."
    )


class NameTaken(Unreachable):
    """Another file lies there under this name."""

    message = _("Another file named {name} lies at {host} already. Nothing was sent.")


class RemoteRefusal(Unreachable):
    """The other side refused, in its own words."""

    message = _("{host} refused: {reason}.")


class UnusableKey(Refused):
    """What was given as a key is none, or has a password."""

    message = _("The private key cannot be read: {reason}.")


class UnusableHostKey(Refused):
    """What was given as a host's key is none."""

    message = _("The key of the host cannot be read: {reason}.")


class UnusableCertificate(Refused):
    """What was given as a certificate is none, or does not belong to its key."""

    message = _("The certificate cannot be read: {reason}.")


class NotEncrypted(Refused):
    """Payment files never go unencrypted over a network."""

    message = _("{address} is not encrypted. Use an address that begins with https.")


class UnusableName(Refused):
    """A name that is not a file's."""

    message = _("{name} cannot be the name of a file at the bank.")


ADVICE = {
    AddressUnknown: _("Check how the bank writes its address."),
    NobodyAnswers: _(
        "Check the address and the port, and that the firewall lets us out. "
        "Some banks admit only addresses they have been told of."
    ),
    NoAnswerInTime: _("Try again in a while. If it goes on, ask the bank whether it has a disturbance."),
    ConnectionCut: _("Try again in a while. If it goes on, ask the bank whether it has a disturbance."),
    NotAnSftpServer: _("Check the address and the port."),
    HostKeyChanged: _(
        "Ask the bank, by a telephone number you know already, whether it has changed its key. "
        "Only when it says so and reads out the same key, agree to the new one."
    ),
    HostKeyMissing: _("Fetch the bank's key, hold it against what the bank has told you, and agree to it."),
    CertificateNotTrusted: _("Ask the bank which certificate is right, and put that one in."),
    LoginRefused: _(
        "Check the user name, and that the bank has our public key. "
        "When it was revoked, send the bank a new one."
    ),
    TokenRefused: _("Get a new token, or a new certificate, from the bank and put it in."),
    BankClosed: _("Wait until the bank opens again; what waits is sent and fetched by itself."),
    RemoteFolderMissing: _("Check the folder's name against what the bank has told you."),
    NoRoomLeft: _("Ask the bank to make room."),
    NotPermitted: _("Ask the bank to permit us to use the folder."),
    NotRenamed: _("Ask the bank to let us rename files in the folder."),
}


def advice(trouble: Unreachable | Refused) -> Words | None:
    """What to do about it, when we know."""
    text = ADVICE.get(type(trouble))
    return Words(text) if text else None

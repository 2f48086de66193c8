"""Access tokens for mailboxes whose host takes no passwords: asked for with a grant, over a line of its own.

A refresh token is what a person has given us by logging in; without one the program itself is let in, by its
client id and secret. A host may give a new refresh token with each answer, and the old one may end then: the
new one is kept before the token is used. Source: RFC 6749 (OAuth 2.0), sections 4.4, 5.2 and 6; RFC 7628
(OAUTHBEARER); Google, "XOAUTH2 Mechanism", which Microsoft 365 speaks as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.channels.rest_settings import RestSettings, check_address
from nattbok.channels.trouble import plain

LONGEST_TOKEN = 20_000  # characters


class GrantEnded(Unreachable):
    """What a person has allowed has expired or was taken back."""

    message = _(
        "{host} no longer lets us into {username}: what was allowed has expired or was taken back. Somebody "
        "who may use that mailbox must log in again and give us the new refresh token, under Ways in."
    )


class ProgramUnknown(Unreachable):
    """The host knows our client id, or its secret, not or no longer."""

    message = _(
        "{host} does not know our client id, or its secret has expired ({reason}). Whoever administers the "
        "mailboxes must give us a new secret."
    )


class NoToken(Unreachable):
    """The token server gave something else than a token."""

    message = _("{host} gave no access token: {reason}.")


class NoOAuthThere(Unreachable):
    """The mail server takes no tokens."""

    message = _("{host} does not offer to log in with OAuth (XOAUTH2 or OAUTHBEARER).")


@dataclass(frozen=True, slots=True)
class Grant:
    """What access tokens are asked for with."""

    token_address: str  # "https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token"
    client_id: str
    scope: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)  # "": the program itself is let in
    authority: bytes = field(default=b"", repr=False)  # PEM; only what it has signed is believed
    answer_seconds: float = 30.0


def access_token(grant: Grant, username: str, renewed: Callable[[str], None] = lambda token: None) -> str:
    """A fresh access token. `renewed` is told the new refresh token where one came. Raises Unreachable."""
    from nattbok.channels.rest_line import RestLine  # loads an HTTP client

    check_address(grant.token_address)
    parts = urlsplit(grant.token_address)
    settings = RestSettings(
        f"{parts.scheme}://{parts.netloc}", authority=grant.authority, answer_seconds=grant.answer_seconds
    )
    line = RestLine(settings)
    try:
        given = line.form(parts.path + (f"?{parts.query}" if parts.query else ""), _fields(grant)).data()
    finally:
        line.close()
    match given:
        case {"error": str(code)}:
            raise _refusal(code, given, settings.host, username)
        case {"access_token": str(token)} if 0 < len(token) <= LONGEST_TOKEN and _is_sayable(token):
            again = given.get("refresh_token")
            if isinstance(again, str) and 0 < len(again) <= LONGEST_TOKEN and again != grant.refresh_token:
                renewed(again)
            return token
    raise NoToken(host=settings.host, reason="?")


def _fields(grant: Grant) -> dict[str, str]:
    fields = {
        "grant_type": "refresh_token" if grant.refresh_token else "client_credentials",
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
        "refresh_token": grant.refresh_token,
        "scope": grant.scope,
    }
    return {name: text for name, text in fields.items() if text}


def _refusal(code: str, given: dict, host: str, username: str) -> Unreachable:
    reason = plain(str(given.get("error_description") or code)) or code[:40]
    match code:
        case "invalid_grant" | "interaction_required" | "consent_required":
            return GrantEnded(host=host, username=username)
        case "invalid_client" | "unauthorized_client":
            return ProgramUnknown(host=host, reason=reason)
    return NoToken(host=host, reason=reason)


def _is_sayable(token: str) -> bool:
    """Whether a token can stand in the log-in: it cannot end its own field there."""
    return token.isascii() and token.isprintable()


def said(mechanism: str, username: str, token: str, host: str, port: int) -> bytes:
    """What a mail server is told in the log-in: OAUTHBEARER (RFC 7628) or XOAUTH2."""
    if mechanism == "OAUTHBEARER":
        name = username.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()
    return f"user={username}\1auth=Bearer {token}\1\1".encode()

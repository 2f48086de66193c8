"""An electronic identity for demos and tests: people who sign when asked, as with BankID on a phone.

What is signed is the SHA-256 of exactly the content that the person was shown, and each signing has a
reference that never comes again.
"""

import secrets
from dataclasses import dataclass, field

NAME = "test-eid"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the provider hands back: whose signing, its own reference, and what was signed (hex)."""

    subject: str
    reference: str
    sha256: str


@dataclass
class TestId:
    """A provider whose people always say yes, unless they are named in `refuses`."""

    refuses: set[str] = field(default_factory=set)

    def sign(self, subject: str, sha256: str) -> Signature | None:
        """The person's signature on the content; None when they say no."""
        if subject in self.refuses:
            return None
        return Signature(subject, secrets.token_hex(16), sha256)

"""What a reader found wrong or worth saying in a file."""

from dataclasses import dataclass, field
from enum import StrEnum

from nattbok.base.words import Words


class Severity(StrEnum):
    """How far a file may go."""

    ERROR = "error"  # nothing is stored
    HOLD = "hold"  # kept, nothing posted, a question raised
    NOTE = "note"  # worth saying, stops nothing


_SERIOUS = (Severity.NOTE, Severity.HOLD, Severity.ERROR)


def worse(one: Severity, other: Severity) -> Severity:
    """The more serious of the two."""
    return max(one, other, key=_SERIOUS.index)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a file: how serious, a stable code, the place in the file, and the sentence."""

    severity: Severity
    code: str
    where: str
    text: str  # English, marked for translation, with {names}
    values: dict[str, str | int | None] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The sentence, for whoever shows it in the reader's language."""
        return Words(self.text, self.values)

"""What an act says, and the words it is shown in."""

from dataclasses import dataclass, field

from nattbok.base.words import Words

# Kind of act → its title, English with {names} from the evidence. Each app adds its own with `means`.
TITLES: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ActDraft:
    """A deed about to be kept: what kind, by whom, on what evidence.

    `evidence` holds only what JSON can hold; amounts and dates as text.
    """

    kind: str
    by: str
    evidence: dict = field(default_factory=dict)
    night: int | None = None
    undoes: int | None = None


def means(kind: str, title: str) -> str:
    """Say, once per kind of act, the sentence that it is shown as; returns the kind."""
    TITLES[kind] = title
    return kind


def title(kind: str, evidence: dict) -> Words:
    """The sentence of an act, with its evidence's values; a kind without a sentence shows its name."""
    values = {
        name: value for name, value in evidence.items() if isinstance(value, str | int) or value is None
    }
    return Words(TITLES.get(kind, kind), values)

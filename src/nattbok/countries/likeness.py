"""Which of the references we know a mistyped one was probably meant to be. Only ever a suggestion."""

from collections.abc import Iterable, Sequence

LEAST_DIGITS_IN_COMMON = 4  # fewer digits in common at the end say nothing about the same number


def slips(reference: str, alphabet: str) -> set[str]:
    """All that one slip of the hand makes of `reference`: a wrong, lost, added or swapped character."""
    places = range(len(reference))
    made = {reference[:at] + sign + reference[at + 1 :] for at in places for sign in alphabet}
    made |= {reference[:at] + sign + reference[at:] for at in range(len(reference) + 1) for sign in alphabet}
    made |= {reference[:at] + reference[at + 1 :] for at in places}
    made |= {
        reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]
        for at in range(len(reference) - 1)
    }
    made.discard(reference)
    return made


def has_same_number(one: str, other: str, control: int) -> bool:
    """Whether two references are one number behind different prefixes.

    `control` is how many characters at the end follow from the rest. What is in common before them must
    be half of the shorter, and at least four digits when leading zeros are left out.
    """
    one, other = one[:-control], other[:-control]
    shortest = min(len(one), len(other))
    common = 0
    while common < shortest and one[-1 - common] == other[-1 - common]:
        common += 1
    number = one[len(one) - common :].lstrip("0")
    return len(number) >= LEAST_DIGITS_IN_COMMON and 2 * common >= shortest


def near(
    reference: str, known: Sequence[str], *, alphabet: str, longest: int, controls: Iterable[int]
) -> list[str]:
    """Those of `known` that are one slip from `reference`, then those with its number and another prefix.

    Never `reference` itself, each once, in the order of `known`. One set look-up per known reference.
    """
    if not reference or len(reference) > longest + 1:
        return []
    made = slips(reference, alphabet)
    found = [item for item in known if item in made]
    for control in controls:
        # The end is compared first, which leaves few for the longer look.
        end = reference[-control - LEAST_DIGITS_IN_COMMON : -control]
        if len(end) == LEAST_DIGITS_IN_COMMON:
            found += [
                item
                for item in known
                if item[-control - LEAST_DIGITS_IN_COMMON : -control] == end
                and item != reference
                and has_same_number(reference, item, control)
            ]
    return list(dict.fromkeys(found))

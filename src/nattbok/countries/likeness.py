"""Which of the references we know a mistyped one was probably meant to be. Only ever a suggestion."""

from collections.abc import Collection, Iterable, Sequence

LEAST_DIGITS_IN_COMMON = 4  # fewer digits in common at the end say nothing about the same number
FEW = 100  # references that are sooner compared one by one than looked up among all slips


def slips(reference: str, alphabet: str, lengths: Collection[int] | None = None) -> set[str]:
    """All that one slip of the hand makes of `reference`: a wrong, lost, added or swapped character.

    With `lengths`, only those that are as long as one of them.
    """
    size = len(reference)
    heads = [reference[:at] for at in range(size + 1)]
    tails = [reference[at:] for at in range(size + 1)]
    made: set[str] = set()
    if lengths is None or size in lengths:
        made.update([heads[at] + sign + tails[at + 1] for at in range(size) for sign in alphabet])
        made.update([heads[at] + reference[at + 1] + reference[at] + tails[at + 2] for at in range(size - 1)])
    if lengths is None or size + 1 in lengths:
        made.update([heads[at] + sign + tails[at] for at in range(size + 1) for sign in alphabet])
    if lengths is None or size - 1 in lengths:
        made.update([heads[at] + tails[at + 1] for at in range(size)])
    made.discard(reference)
    return made


def is_slip(reference: str, other: str, alphabet: str) -> bool:
    """Whether `other` is one of the `slips` of `reference`, without making them all."""
    longer = len(other) - len(reference)
    if not -1 <= longer <= 1 or other == reference:
        return False
    at, shortest = 0, min(len(reference), len(other))
    while at < shortest and reference[at] == other[at]:
        at += 1
    if longer == 1:
        return other[at] in alphabet and reference[at:] == other[at + 1 :]
    if longer == -1:
        return reference[at + 1 :] == other[at:]
    if reference[at + 1 :] == other[at + 1 :]:
        return other[at] in alphabet
    swapped = reference[at + 1] + reference[at]
    return other[at : at + 2] == swapped and reference[at + 2 :] == other[at + 2 :]


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

    Never `reference` itself, each once, in the order of `known`. One look per known reference.
    """
    if not reference or len(reference) > longest + 1:
        return []
    if len(known) < FEW:
        found = [item for item in known if is_slip(reference, item, alphabet)]
    else:
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

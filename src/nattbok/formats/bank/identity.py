"""Telling payments apart that their bank gives the same reference."""


def occurrence(reference: str, seen: dict[str, int]) -> str:
    """`reference` the first time, then "reference@2", "reference@3".

    Genuine twins exist and must both be kept; the order of the file makes the numbers stable when it is
    read again. `seen` is the count so far, of one account in one file; nothing is done with "".
    """
    if not reference:
        return ""
    times = seen.get(reference, 0) + 1
    seen[reference] = times
    return reference if times == 1 else f"{reference}@{times}"

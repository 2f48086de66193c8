"""How far an approval has come: which step it is in, who may say yes now, and whether enough have."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nattbok.base.errors import Refused
from nattbok.base.words import _


class HadItAlready(Refused):
    """Nothing goes in a ring: who has had a document in a step does not get it in that step again."""

    message = _("{name} has this document already, or had it and handed it on. Ask a question instead.")


class NotYourTurn(Refused):
    """Steps are taken in order."""

    message = _("This document does not wait for you now.")


@dataclass(frozen=True, slots=True)
class InStep:
    """Somebody who is asked in a step, whose place they fill, and whether they have handed it on."""

    person: int
    place: int  # the person who was asked first: a stand-in fills the place of who is away
    handed_on: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """The step it is in, from 1; those who may say yes now; and whether all is said."""

    step: int
    may: frozenset[int]
    is_complete: bool
    left: int = 0  # how many more in this step


def progress(
    needed: Sequence[int], asked: Mapping[int, Collection[InStep]], said: Collection[int]
) -> Progress:
    """How far it is, when step n needs `needed[n - 1]` places filled by those `asked` who have `said` yes.

    A yes counts in every step in which its person is asked: nobody says yes to the same content twice. A
    place is filled by one yes, whether by who was asked, by a stand-in, or by whom it was handed on to.
    """
    yes = frozenset(said)
    for number, places in enumerate(needed, 1):
        there = asked.get(number, ())
        filled = {each.place for each in there if each.person in yes}
        if len(filled) < places:
            may = frozenset(
                each.person
                for each in there
                if not each.handed_on and each.person not in yes and each.place not in filled
            )
            return Progress(number, may, False, places - len(filled))
    return Progress(len(needed), frozenset(), True)


def check_forward(person: int, name: str, asked: Collection[int]) -> None:
    """HadItAlready when `person` is, or was, asked in this step: handing on never comes round again."""
    if person in asked:
        raise HadItAlready(name=name)

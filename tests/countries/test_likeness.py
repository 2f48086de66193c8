"""What one slip of the hand makes of a reference, and that both ways of asking agree."""

from hypothesis import example, given
from hypothesis import strategies as st

from nattbok.countries import likeness

WRITTEN = st.text("0123-", min_size=1, max_size=6)
SIGNS = "012"


@example("110", "1110")
@example("12", "21")
@given(WRITTEN, st.text("0123-", max_size=7))
def test_a_slip_is_known_without_making_all_of_them(reference, other):
    assert likeness.is_slip(reference, other, SIGNS) == (other in likeness.slips(reference, SIGNS))


@given(WRITTEN)
def test_all_that_are_made_are_known(reference):
    made = likeness.slips(reference, SIGNS)
    assert made and reference not in made
    assert all(likeness.is_slip(reference, other, SIGNS) for other in made)


@given(WRITTEN, st.sets(st.integers(0, 7)))
def test_with_lengths_only_those_are_made(reference, lengths):
    made = likeness.slips(reference, SIGNS)
    assert likeness.slips(reference, SIGNS, lengths) == {one for one in made if len(one) in lengths}


def test_few_and_many_known_are_searched_alike():
    known = [f"{number:04}" for number in range(0, 9999, 7)]
    some = [one for one in known if one in likeness.slips("1239", "0123456789")]
    of_many = likeness.near("1239", known, alphabet="0123456789", longest=25, controls=())
    of_few = likeness.near("1239", some[: likeness.FEW - 1], alphabet="0123456789", longest=25, controls=())
    assert of_many == some == of_few

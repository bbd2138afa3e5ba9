"""Small counts are hidden, and so is what they could be worked out from."""

from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import suppression

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30))


def test_counts_of_one_to_four_are_hidden_and_nought_is_not() -> None:
    assert suppression.suppress({"a": 0, "b": 4, "c": 1, "d": 5}) == {"a": "0", "b": "<5", "c": "<5", "d": "5"}


def test_where_one_alone_is_hidden_the_next_smallest_is_too() -> None:
    assert suppression.suppress({"a": 3, "b": 9, "c": 40}) == {"a": "<5", "b": "–", "c": "40"}
    assert suppression.suppress({"a": 3, "b": 9, "c": 40}, total_shown=False) == {"a": "<5", "b": "9", "c": "40"}


@given(COUNTS)
def test_no_small_count_can_be_worked_out_from_the_others_and_the_total(counts: dict[str, int]) -> None:
    shown = suppression.suppress(counts)
    hidden = [key for key, text in shown.items() if not text.isdigit()]
    assert all(text.isdigit() is False or not 0 < int(text) < suppression.LEAST for text in shown.values())
    nonzero = [key for key, count in counts.items() if count > 0]
    assert len(hidden) != 1 or len(nonzero) == 1
    if len(nonzero) == 1 and hidden:
        assert suppression.shown_total(counts) == suppression.HIDDEN

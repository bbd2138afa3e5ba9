"""Byte ranges: whatever is asked, what is sent lies in the file."""

from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.api import ranges

TAG = '"tag"'


@given(st.integers(1, 10_000), st.integers(0, 20_000) | st.none(), st.integers(0, 20_000) | st.none())
def test_a_span_lies_in_the_file(total: int, first: int | None, last: int | None) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    span = ranges.wanted(header, None, TAG, total)
    if span is None:
        assert (first is not None and first >= total) or (first is None and last == 0)
        return
    assert 0 <= span.start < total
    assert 0 < span.length <= total - span.start
    if first is not None and last is not None and first <= last:
        assert (span.start, span.start + span.length - 1) == (first, min(last, total - 1))


@given(st.text(max_size=40))
def test_what_is_no_range_is_answered_with_the_whole(header: str) -> None:
    span = ranges.wanted("items=" + header, None, TAG, 100)
    assert span is not None
    assert span.is_whole

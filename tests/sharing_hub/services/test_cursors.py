"""Cursors: what comes back is what was given, anything else is refused."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub import errors
from sharing_hub.services import cursors

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, st.uuids())
def test_a_cursor_says_which_row_it_stands_behind(at: datetime, key: UUID) -> None:
    assert cursors.read(cursors.after_row(at, key)) == (at, key)


@given(st.text(max_size=80))
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    try:
        at, key = cursors.read(text)
    except errors.Unprocessable:
        return
    assert at.tzinfo is not None
    assert isinstance(key, UUID)


@pytest.mark.parametrize("text", ["", "AAAA", "_" * 32, "é" * 10])
def test_known_bad_cursors_are_refused(text: str) -> None:
    with pytest.raises(errors.Unprocessable):
        cursors.read(text)

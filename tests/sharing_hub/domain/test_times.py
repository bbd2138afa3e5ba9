"""Times that can be true."""

from datetime import UTC, datetime, timedelta

import pytest

from sharing_hub.domain import times


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("1970-01-01T00:00:00+00:00", True),
        ("1970-01-01T08:59:59+09:00", False),
        ("0001-01-01T00:00:00+14:00", False),
        ("2099-12-31T23:59:59+00:00", True),
        ("2100-01-01T00:00:00+00:00", False),
        ("9999-12-31T23:59:59-12:00", False),
    ],
)
def test_a_time_is_possible_from_1970_to_2100(text: str, possible: bool) -> None:
    assert times.is_possible(datetime.fromisoformat(text)) is possible


def test_one_impossible_time_among_others_is_enough() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert not times.is_possible(now, now + timedelta(days=40_000))
    with pytest.raises(ValueError, match="1970"):
        times.possible(now - timedelta(days=40_000))

"""Trying again: ever later, spread by chance, for a day."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import retrying

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@given(st.integers(1, 10_000), st.integers())
def test_a_wait_is_between_half_a_second_and_five_minutes(attempts: int, seed: int) -> None:
    at = retrying.next_try(attempts, NOON, NOON, random.Random(seed))
    assert at is not None
    assert timedelta(seconds=0.5) <= at - NOON <= timedelta(minutes=5)


def test_after_a_day_it_is_given_up_and_not_before() -> None:
    chance = random.Random(1)
    assert retrying.next_try(300, NOON, NOON + timedelta(hours=23, minutes=54), chance) is not None
    assert retrying.next_try(300, NOON, NOON + timedelta(hours=24), chance) is None


def test_a_message_that_waits_for_ten_seconds_or_was_given_up_is_shown() -> None:
    assert not retrying.is_late("pending", NOON, NOON + timedelta(seconds=9))
    assert retrying.is_late("pending", NOON, NOON + timedelta(seconds=10))
    assert retrying.is_late("dead", NOON, NOON)
    assert not retrying.is_late("delivered", NOON, NOON + timedelta(days=1))

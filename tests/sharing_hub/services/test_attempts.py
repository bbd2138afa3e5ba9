"""Login attempts: limited per name and address, bounded in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from sharing_hub import errors
from sharing_hub.services import attempts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_name_waits_longer_with_each_wrong_password_and_never_more_than_five_minutes() -> None:
    waits = [attempts.wait_s(failures) for failures in range(13)]
    assert waits[:5] == [0] * 5
    assert waits[5:10] == [15, 30, 60, 120, 240]
    assert set(waits[10:]) == {300}


def test_the_right_password_makes_a_name_free_again() -> None:
    tried = attempts.Attempts(per_minute=100)
    for _ in range(6):
        tried.failed("kim", "192.0.2.1", NOON)
    with pytest.raises(errors.TooMany) as refused:
        tried.admit("kim", "192.0.2.1", NOON)
    assert refused.value.retry_after_s == 30
    tried.admit("lee", "192.0.2.1", NOON)
    tried.succeeded("kim", "192.0.2.1")
    tried.admit("kim", "192.0.2.1", NOON)


def test_an_address_may_go_on_after_a_minute() -> None:
    tried = attempts.Attempts(per_minute=2)
    tried.admit("a", "192.0.2.1", NOON)
    tried.admit("b", "192.0.2.1", NOON + timedelta(seconds=20))
    with pytest.raises(errors.TooMany) as refused:
        tried.admit("c", "192.0.2.1", NOON + timedelta(seconds=30))
    assert refused.value.retry_after_s == 30
    tried.admit("c", "192.0.2.2", NOON + timedelta(seconds=30))
    tried.admit("c", "192.0.2.1", NOON + timedelta(seconds=60))


def test_memory_is_bounded_whatever_names_and_addresses_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_KEYS", 50)
    tried = attempts.Attempts(per_minute=2)
    for number in range(500):
        tried.admit(f"name{number}", f"address{number}", NOON)
        tried.failed(f"name{number}", f"address{number}", NOON)
        tried.succeeded(f"other{number}", f"address{number}")
    assert (len(tried._names), len(tried._addresses), len(tried._proved)) == (50, 50, 50)


def test_a_name_written_with_spaces_is_the_same_name() -> None:
    tried = attempts.Attempts(per_minute=100)
    for name in ("kim", " kim", "kim ", "\u00a0kim", "kim\t"):
        tried.failed(name, "192.0.2.1", NOON)
    with pytest.raises(errors.TooMany):
        tried.admit("  kim", "192.0.2.1", NOON)


def test_a_stranger_cannot_lock_somebody_out_of_the_place_where_they_log_in() -> None:
    tried = attempts.Attempts(per_minute=100)
    tried.succeeded("kim", "192.0.2.1")
    for _ in range(20):
        tried.failed("kim", "203.0.113.9", NOON)
    tried.admit("kim", "192.0.2.1", NOON)
    with pytest.raises(errors.TooMany):
        tried.admit("kim", "198.51.100.7", NOON)
    for _ in range(5):
        tried.failed("kim", "192.0.2.1", NOON)
    with pytest.raises(errors.TooMany):
        tried.admit("kim", "192.0.2.1", NOON)

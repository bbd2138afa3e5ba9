from camera_agents.configuration import settings
from camera_agents.recording import recordings, retention

DAY_US = 86_400 * 1_000_000
MINUTE_US = 60 * 1_000_000
NOW_US = 100 * DAY_US


def minutes(camera_id: str, count: int, size: int = 10) -> list[recordings.Segment]:
    """Return `count` one-minute segments that end now, oldest first."""
    return [
        recordings.Segment(i, camera_id, f"{camera_id}/{i}", NOW_US - i * MINUTE_US, NOW_US - (i - 1) * MINUTE_US, size)
        for i in range(count, 0, -1)
    ]


def ids(chosen: list[recordings.Segment]) -> list[int]:
    return [segment.segment_id for segment in chosen]


def test_segments_older_than_the_cameras_days_leave() -> None:
    keep = settings.Keep(seconds=180, max_bytes=1 << 40)
    assert ids(retention.expired(minutes("yard", 6), {"yard": keep}, keep, (), NOW_US)) == [6, 5]


def test_the_oldest_leave_when_a_camera_is_over_its_share() -> None:
    keep = settings.Keep(seconds=1e9, max_bytes=35)
    assert ids(retention.expired(minutes("yard", 6), {"yard": keep}, keep, (), NOW_US)) == [6, 5, 4]


def test_a_held_segment_stays_however_old() -> None:
    keep = settings.Keep(seconds=60, max_bytes=1)
    held = recordings.Span("yard", NOW_US - 5 * MINUTE_US + 1, NOW_US - 4 * MINUTE_US - 1)
    assert 5 not in ids(retention.expired(minutes("yard", 6), {"yard": keep}, keep, (held,), NOW_US))


def test_a_hold_on_one_camera_keeps_nothing_of_another() -> None:
    keep = settings.Keep(seconds=60, max_bytes=1)
    held = recordings.Span("gate", 0, NOW_US)
    assert len(retention.expired(minutes("yard", 6), {}, keep, (held,), NOW_US)) == 6


def test_a_full_disk_takes_the_oldest_of_all_cameras_until_it_has_enough() -> None:
    both = sorted([*minutes("yard", 3), *minutes("gate", 3)], key=lambda s: s.start_us)
    assert len(retention.to_free(both, (), 35)) == 4
    assert {s.start_us for s in retention.to_free(both, (), 20)} == {NOW_US - 3 * MINUTE_US}


def test_a_full_disk_never_takes_what_is_held() -> None:
    held = recordings.Span("yard", 0, NOW_US)
    assert retention.to_free(minutes("yard", 3), (held,), 1000) == []

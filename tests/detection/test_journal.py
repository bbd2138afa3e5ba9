"""What is written down of a camera's looks: bounded, and enough for an event's clip."""

import itertools
from typing import Any

import pytest

from detection import hours, journal, models, pipeline, profile, snapshots, types
from tests.detection.test_pipeline import MODEL, find_block, make_frame
from tests.detection.test_triggers_speeding import GROUND

WANTED = profile.default_profile()


def make() -> tuple[journal.Journal, pipeline.CameraPipeline]:
    camera = pipeline.CameraPipeline(WANTED, MODEL)
    return journal.Journal(camera, WANTED, (MODEL,)), camera


def raised(time_s: float) -> types.Raised:
    settings = profile.settings_sha256(WANTED)
    return types.Raised("k", types.Kind.CROWD, "crowd", time_s, time_s, 1.0, (), settings_sha256=settings)


def walk(camera: journal.Journal, from_s: float, looks: int) -> float:
    """Let a block walk to and fro, five looks a second; return the time of the last."""
    time_s = from_s
    for i in range(looks):
        time_s, x = from_s + i / 5, 50 + 12 * (i % 40)
        look = camera.look(make_frame(time_s, x))
        camera.conclude(look, find_block(x) if look.regions else None)
    return time_s


def test_the_record_of_an_event_begins_at_most_as_far_back_as_its_clip() -> None:
    camera, _ = make()
    last_s = walk(camera, 100.0, 120)
    record = camera.record(raised(last_s))
    assert record is not None
    times = [call.time_s for call in record.calls]
    assert last_s - journal.COVERED_S <= times[0] <= last_s - journal.EVERY_S
    assert times[-1] == last_s
    assert all(call.concluded and call.detected == bool(call.regions) for call in record.calls)


@pytest.mark.parametrize("covered_s", [2.0, 4.0, 9.5])
def test_clips_that_begin_later_get_younger_snapshots(covered_s: float) -> None:
    camera = journal.Journal(pipeline.CameraPipeline(WANTED, MODEL), WANTED, (MODEL,), covered_s=covered_s)
    for until in range(40, 60, 2):
        last_s = walk(camera, 100.0 + until * 10, until)
        record = camera.record(raised(last_s))
        assert record is not None
        assert 0 <= last_s - record.calls[0].time_s <= covered_s


def test_a_record_reads_back_as_it_was_written() -> None:
    camera, _ = make()
    record = camera.record(raised(walk(camera, 100.0, 40)))
    assert record is not None
    assert journal.Record.from_bytes(record.to_bytes()) == record


def test_a_pipeline_that_goes_on_from_a_snapshot_remembers_everything() -> None:
    camera, first = make()
    walk(camera, 100.0, 60)
    second = pipeline.CameraPipeline(WANTED, MODEL)
    second.restore(first.snapshot())
    for i in range(60):
        frame = make_frame(112 + i / 5, 50 + 12 * (i % 40))
        looks = first.look(frame), second.look(frame)
        assert looks[0].regions == looks[1].regions
        steps = [
            one.conclude(look, find_block(50 + 12 * (i % 40))) for one, look in zip((first, second), looks, strict=True)
        ]
        assert steps[0] == steps[1]
    assert first.snapshot() == second.snapshot()


def test_a_snapshot_of_another_profile_is_refused() -> None:
    camera = pipeline.CameraPipeline(profile.CameraProfile(frozenset({types.Kind.OFFLINE})), MODEL)
    with pytest.raises(snapshots.SnapshotError):
        camera.restore(make()[1].snapshot())


def test_looks_that_were_not_concluded_and_shed_detectors_are_told_apart() -> None:
    camera, _ = make()
    walk(camera, 100.0, 10)
    camera.look(make_frame(102.0, 60))
    camera.conclude(camera.look(make_frame(102.2, 70)), None, lambda task, blob: None)
    camera.tick(103.0)
    record = camera.record(raised(102.2))
    assert record is not None
    fates = [(call.picture is not None, call.concluded, call.detected) for call in record.calls[-3:]]
    assert fates == [(True, False, False), (True, True, False), (False, False, False)]


def test_the_local_minute_of_the_week_and_the_cameras_clock_are_kept() -> None:
    def minute(time_s: float) -> int:
        return (int(time_s // 60) + 9 * 60 + 4321) % journal.MINUTES

    inner = pipeline.CameraPipeline(WANTED, MODEL, week_minute=minute)
    camera = journal.Journal(inner, WANTED, (MODEL,), minute)
    walk(camera, 1_795_000_000.0, 3)
    reading = types.ClockReading(1_795_000_000.0, 2.0)
    camera.note_clock(reading)
    last_s = walk(camera, 1_795_000_001.0, 3)
    record = camera.record(raised(last_s))
    assert record is not None
    assert [record.week_minute(last_s + s) for s in (0, 59, 600)] == [minute(last_s + s) for s in (0, 59, 600)]
    assert record.calls[-1].clock == reading


def test_what_is_kept_is_bounded_even_where_time_stands_still() -> None:
    camera, _ = make()
    walk(camera, 100.0, 10)
    for _ in range(journal.MOST_CALLS + 5):
        camera.tick(101.0)
    assert camera.record(raised(101.0)) is None
    last_s = walk(camera, 110.0, 60)
    record = camera.record(raised(last_s))
    assert record is not None and len(record.calls) < 60


def test_going_back_takes_no_snapshot_and_a_clock_set_back_does() -> None:
    camera, _ = make()
    first, back = (100.0, 106.0, 105.2, 105.4, 106.0), (50.0, 50.2, 50.4)
    for time_s in first:
        camera.look(make_frame(time_s))
    record = camera.record(raised(106.0))
    assert record is not None and [call.time_s for call in record.calls] == list(first)
    for time_s in back:
        camera.look(make_frame(time_s))
    camera.look(make_frame(55.0))
    record = camera.record(raised(55.0))
    assert record is not None and [call.time_s for call in record.calls] == [*back, 55.0]


def test_state_that_cannot_be_kept_costs_the_records_and_nothing_else() -> None:
    camera, first = make()
    first._size_px = (iter(()), 1)  # type: ignore[assignment]
    last_s = walk(camera, 100.0, 20)
    assert camera.record(raised(last_s)) is None
    assert (camera.failures, "_size_px" in camera.problem) == (1, True)


@pytest.mark.parametrize("active", [None, hours.parse(["mon-sun 00:00-24:00"], "active")])
def test_every_kind_of_trigger_and_examiner_can_be_kept(active: hours.Week | None) -> None:
    square = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    more: dict[types.Kind, dict[str, Any]] = {types.Kind.SPEEDING: {"limit_kmh": 50.0}}
    rules = [
        profile.ZoneRule(
            str(kind), kind, square[:2] if kind in profile.LINE_KINDS else square, active=active, **more.get(kind, {})
        )
        for kind in sorted(profile.ZONE_KINDS)
    ]
    wanted = profile.CameraProfile(profile.RAISED_KINDS, tuple(rules), calibration=GROUND)
    tasks = {entry.task: entry.used for entry in models.load_experts(models.default_folder())}
    camera = pipeline.CameraPipeline(wanted, MODEL, further=tasks)
    for i, time_s in enumerate(itertools.islice(itertools.count(0, 0.2), 30)):
        look = camera.look(make_frame(time_s, 50 + 12 * i))
        camera.conclude(look, find_block(50 + 12 * i))
    other = pipeline.CameraPipeline(wanted, MODEL, further=tasks)
    other.restore(camera.snapshot())
    assert other.snapshot() == camera.snapshot()
    frame = make_frame(6.0, 410)
    looks = camera.look(frame), other.look(frame)
    steps = [one.conclude(look, find_block(410)) for one, look in zip((camera, other), looks, strict=True)]
    assert steps[0] == steps[1]
    assert other.snapshot() == camera.snapshot()


@pytest.mark.parametrize("value", [{"a": 1}, types.Kind.FIRE, []])
def test_a_file_that_holds_no_record_is_refused(value: object) -> None:
    with pytest.raises(snapshots.SnapshotError, match="no record"):
        journal.Record.from_bytes(snapshots.pack(value))

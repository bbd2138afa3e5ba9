"""Cameras that shake at the same time."""

from camera_agents.analysis import together
from detection import types
from detection.types import Kind


def shake(raised_s: float, kind: Kind = Kind.SHAKE) -> types.Raised:
    jolt = types.Condition("jolt", 0.01, ">=", 0.006, "of the width")
    return types.Raised(f"{kind}/1", kind, str(kind), raised_s - 2, raised_s, 1.0, (jolt,))


def several(raised: types.Raised) -> float | None:
    return next((c.value for c in raised.conditions if c.name == "cameras_shaking"), None)


def test_the_third_camera_that_shakes_within_three_seconds_says_so() -> None:
    all_cameras = together.Together()
    told = [several(all_cameras.note(f"camera-{i}", shake(100.0 + i))) for i in range(4)]
    assert told == [None, None, 3.0, 4.0]


def test_cameras_that_shake_one_after_the_other_are_told_alone() -> None:
    all_cameras = together.Together()
    assert [several(all_cameras.note(f"camera-{i}", shake(100.0 + 2 * i))) for i in range(6)] == [None] * 6


def test_the_same_camera_again_counts_once_and_other_kinds_stay_as_they_are() -> None:
    all_cameras = together.Together()
    assert [several(all_cameras.note("gate", shake(100.0))) for _ in range(4)] == [None] * 4
    moved = shake(100.0, Kind.MOVED)
    assert all_cameras.note("yard", moved) is moved

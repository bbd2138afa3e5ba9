"""How long kinds were really watched for."""

from collections.abc import Collection

import pytest

from camera_agents.analysis import coverage
from detection import examiners, hours, profile
from detection.profile import CameraProfile, KindHours
from detection.types import Kind

CROWD, STOPPED, FROZEN, OFFLINE = Kind.CROWD, Kind.STOPPED_VEHICLE, Kind.FROZEN, Kind.OFFLINE
FIRE, SMOKE = Kind.FIRE, Kind.SMOKE
KINDS = frozenset({CROWD, STOPPED, FROZEN, OFFLINE})


def make(has_detector: bool = True, active: tuple[KindHours, ...] = ()) -> coverage.Coverage:
    made = coverage.Coverage(CameraProfile(KINDS, active=active), has_detector)
    made.begin(100.0)
    return made


def look(
    counted: coverage.Coverage,
    until_s: float,
    from_s: float = 100.0,
    shed: bool = False,
    shed_kinds: Collection[Kind] = (),
    going_on: Collection[Kind] = (),
) -> None:
    for i in range(1, round(until_s - from_s) + 1):
        counted.looked(coverage.Moment(from_s + i, 0), shed, shed_kinds, going_on)


def seconds(counted: coverage.Coverage) -> dict[str, tuple[float, float, float]]:
    return {kind: (one.full_s, one.degraded_s, one.blind_s) for one in counted.told() for kind in one.kinds}


def test_a_camera_that_is_looked_at_is_watched_fully_for_every_kind_in_one_group() -> None:
    counted = make()
    look(counted, 160)
    (told,) = counted.told()
    assert set(told.kinds) == {str(kind) for kind in KINDS}
    assert (told.full_s, told.degraded_s, told.blind_s) == (60.0, 0.0, 0.0)


def test_looks_without_a_detector_are_degraded_for_objects_and_full_for_health() -> None:
    counted = make()
    look(counted, 110)
    look(counted, 130, 110, shed=True)
    assert seconds(counted)["crowd"] == (10.0, 20.0, 0.0)
    assert seconds(counted)["frozen"] == (30.0, 0.0, 0.0)


def test_a_question_without_answer_degrades_its_own_kinds_only() -> None:
    counted = make()
    look(counted, 110, shed_kinds={CROWD})
    assert seconds(counted)["crowd"] == (0.0, 10.0, 0.0)
    assert seconds(counted)["stopped_vehicle"] == (10.0, 0.0, 0.0)


@pytest.mark.parametrize("trouble", [Kind.FROZEN, Kind.LOOPED, Kind.BLINDED, Kind.SPRAYED, Kind.DEFOCUSED, Kind.MOVED])
def test_while_the_picture_cannot_be_trusted_the_other_kinds_are_blind(trouble: Kind) -> None:
    counted = make()
    look(counted, 110, going_on={trouble})
    assert seconds(counted)["crowd"] == (0.0, 0.0, 10.0)
    assert seconds(counted)["frozen"] == (10.0, 0.0, 0.0)


def test_without_any_detector_only_health_is_watched() -> None:
    counted = make(has_detector=False)
    look(counted, 110)
    assert seconds(counted)["crowd"] == (0.0, 0.0, 10.0)
    assert seconds(counted)["offline"] == (10.0, 0.0, 0.0)


def test_a_kind_whose_model_is_missing_is_blind_and_the_reason_is_told() -> None:
    wanted = CameraProfile(frozenset({FIRE, SMOKE, STOPPED, OFFLINE}))
    counted = coverage.Coverage(wanted, has_detector=True, lacking=examiners.lacking(wanted, {"pose"}))
    counted.begin(100.0)
    look(counted, 110)
    assert seconds(counted) == {
        "fire": (0.0, 0.0, 10.0),
        "smoke": (0.0, 0.0, 10.0),
        "stopped_vehicle": (10.0, 0.0, 0.0),
        "offline": (10.0, 0.0, 0.0),
    }
    assert {kind: one.missing for one in counted.told() for kind in one.kinds} == {
        "fire": "no model for fire",
        "smoke": "no model for fire",
        "stopped_vehicle": "",
        "offline": "",
    }


def test_crowds_are_told_in_part_without_their_model() -> None:
    wanted = CameraProfile(KINDS)
    counted = coverage.Coverage(wanted, has_detector=True, lacking=examiners.lacking(wanted, ()))
    counted.begin(100.0)
    look(counted, 110)
    assert seconds(counted)["crowd"] == (0.0, 10.0, 0.0)


def test_kinds_with_equal_seconds_are_told_apart_by_what_is_missing() -> None:
    counted = make(has_detector=False)
    counted.waited(160.0, 0)
    assert {one.missing: set(one.kinds) for one in counted.told() if one.blind_s} == {
        "no object detector": {"crowd", "stopped_vehicle"},
        "": {"frozen"},
    }


def test_time_without_a_look_is_blind_while_it_lasts_and_not_counted_again_after() -> None:
    counted = make()
    look(counted, 110)
    for now_s in range(110, 141):
        counted.waited(float(now_s), 0)
    assert seconds(counted)["crowd"] == pytest.approx((10.0, 0.0, 30.0), abs=4)
    look(counted, 150, 140)
    total = {kind: sum(parts) for kind, parts in seconds(counted).items()}
    assert total == dict.fromkeys(total, 50.0)
    assert seconds(counted)["offline"] == (50.0, 0.0, 0.0)


def test_late_frames_and_a_clock_set_back_count_nothing_twice() -> None:
    counted = make()
    look(counted, 130)
    counted.looked(coverage.Moment(128.0, 0), False, (), ())
    counted.looked(coverage.Moment(20.0, 0), False, (), ())
    look(counted, 30, 20)
    assert seconds(counted)["crowd"] == (40.0, 0.0, 0.0)


def test_hours_at_which_a_kind_is_off_are_not_counted() -> None:
    nights = hours.parse(["mon 01:00-02:00"], "active")
    counted = make(active=(KindHours(CROWD, nights),))
    look(counted, 110)
    counted.looked(coverage.Moment(111.0, 60), False, (), ())
    assert seconds(counted)["crowd"] == (1.0, 0.0, 0.0)
    assert seconds(counted)["stopped_vehicle"] == (11.0, 0.0, 0.0)


def test_nothing_is_told_before_anything_was_counted() -> None:
    assert make().told() == ()
    assert {FROZEN, OFFLINE} <= profile.HEALTH_KINDS

import dataclasses
import datetime
import math
import uuid
from typing import Any

import pydantic
import pytest

from camera_agents.analysis import reports
from detection import types
from sharing_hub.wire import v1

START_S = 1_800_000_000.0
SHA256 = "ab" * 32
EVENT_ID = uuid.UUID(int=7)


def raised(**changed: Any) -> types.Raised:
    whole = types.Raised(
        key="intrusion/yard/17",
        kind=types.Kind.INTRUSION,
        trigger="intrusion",
        started_s=START_S,
        raised_s=START_S + 0.75,
        score=0.8,
        conditions=(types.Condition("time in zone", 0.75, ">=", 0.6, "s"),),
        zone=types.Zone("yard", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))),
        track_id=17,
        object_class=types.ObjectClass.PERSON,
        box_norm=(0.1, 0.2, 0.3, 0.4),
        path=(types.PathPoint(START_S - 1, 0.1, 0.4), types.PathPoint(START_S + 0.5, 0.2, 0.4)),
        models=(types.ModelUsed("nanodet", SHA256),),
        settings_sha256="cd" * 32,
    )
    return dataclasses.replace(whole, **changed)


def test_a_report_holds_everything_that_was_raised() -> None:
    clock = v1.CameraClock(camera_at=reports.at(START_S + 3), offset_s=3.0)
    report = reports.event_report("yard", EVENT_ID, raised(), clock, 1.5, "jikimi-agent/test")
    assert report.model_dump(mode="json") == {
        "schema": "jikimi.event/1",
        "event_id": str(EVENT_ID),
        "camera_id": "yard",
        "kind": "intrusion",
        "started_at": "2027-01-15T08:00:00Z",
        "raised_at": "2027-01-15T08:00:00.750000Z",
        "score": 0.8,
        "explanation": {
            "trigger": "intrusion",
            "conditions": [
                {
                    "name": "time in zone",
                    "value": 0.75,
                    "comparison": ">=",
                    "threshold": 0.6,
                    "unit": "s",
                    "silent_threshold": 0.8,
                },
            ],
            "zone": {"name": "yard", "points": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]},
            "track_id": 17,
            "object_class": "person",
            "box": [0.1, 0.2, 0.3, 0.4],
            "path": [{"after_s": -1.0, "x": 0.1, "y": 0.4}, {"after_s": 0.5, "x": 0.2, "y": 0.4}],
            "models": [{"name": "nanodet", "sha256": SHA256}],
            "settings_sha256": "cd" * 32,
        },
        "camera_clock": {"camera_at": "2027-01-15T08:00:03Z", "offset_s": 3.0},
        "look_interval_s": 1.5,
        "software": "jikimi-agent/test",
    }


def test_an_event_of_the_scene_names_no_object_zone_or_model() -> None:
    scene = raised(
        kind=types.Kind.FROZEN, zone=None, track_id=None, object_class=None, box_norm=None, path=(), models=()
    )
    why = reports.explanation(scene)
    assert (why.zone, why.track_id, why.object_class, why.box) == (None, None, None, None)
    assert (why.path, why.models) == ((), ())


@pytest.mark.parametrize("kind", types.Kind)
def test_every_kind_that_can_be_raised_has_a_name_on_the_wire(kind: types.Kind) -> None:
    assert reports.event_report("yard", EVENT_ID, raised(kind=kind), None, 1.0, "test").kind == kind.value


def test_of_a_path_longer_than_the_wire_takes_the_newest_points_are_told() -> None:
    path = tuple(types.PathPoint(START_S + i, 0.5, 0.5) for i in range(v1.MAX_PATH_POINTS + 5))
    told = reports.explanation(raised(path=path)).path
    assert len(told) == v1.MAX_PATH_POINTS
    assert (told[0].after_s, told[-1].after_s) == (5.0, v1.MAX_PATH_POINTS + 4.0)


def test_what_lies_a_little_outside_the_picture_is_told_at_its_edge() -> None:
    why = reports.explanation(raised(box_norm=(-0.2, 0.5, 1.3, 1.0001), path=(types.PathPoint(START_S, -0.01, 1.01),)))
    assert why.box == (0.0, 0.5, 1.0, 1.0)
    assert (why.path[0].x, why.path[0].y) == (0.0, 1.0)


@pytest.mark.parametrize(("score", "told"), [(-0.1, 0.0), (1.0000001, 1.0), (0.25, 0.25)])
def test_a_score_is_told_within_its_bounds(score: float, told: float) -> None:
    assert reports.event_report("yard", EVENT_ID, raised(score=score), None, 1.0, "test").score == told


@pytest.mark.parametrize(
    "changed",
    [
        {"score": math.nan},
        {"box_norm": (0.1, math.nan, 0.3, 0.4)},
        {"path": (types.PathPoint(START_S, 0.5, math.nan),)},
        {"path": (types.PathPoint(math.nan, 0.5, 0.5),)},
        {"conditions": (types.Condition("time in zone", math.nan, ">=", 0.6, "s"),)},
    ],
)
def test_what_is_not_a_number_is_refused_and_not_told_as_one(changed: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        reports.event_report("yard", EVENT_ID, raised(**changed), None, 1.0, "test")


@pytest.mark.parametrize("time_us", [1_800_000_000_000_001, 1_800_000_000_999_999, 1_799_999_999_123_456])
def test_a_capture_time_survives_the_way_to_utc_and_back_to_the_microsecond(time_us: int) -> None:
    time = reports.at_us(time_us)
    assert time.tzinfo is datetime.UTC
    assert reports.us(time) == time_us

"""Least sizes of zones: who is too far away is no intruder there, and one elsewhere."""

import pytest

from detection import triggers, types
from detection.errors import ProfileError
from detection.profile import CameraProfile, ZoneRule
from detection.triggers import sized
from detection.types import Kind
from tests.detection import scenes

NEAR = ZoneRule("near", Kind.INTRUSION, ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), min_height=0.15)
ALL = ZoneRule("all", Kind.INTRUSION, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))


def raised(*actors: scenes.Actor) -> list[str]:
    made = triggers.make_triggers(CameraProfile(frozenset({Kind.INTRUSION}), (NEAR, ALL)))
    return [
        said.zone.name
        for time_s in scenes.times(4, 5.0)
        for said in say(made, scenes.scene(time_s, actors))
        if said.zone is not None
    ]


def say(made: tuple[triggers.Trigger, ...], scene: types.Scene) -> list[types.Raised]:
    return [said for trigger in made for said in trigger.update(scene) if isinstance(said, types.Raised)]


def stands(x: float, height: float, track_id: int) -> scenes.Actor:
    return scenes.Actor(lambda _: (x, 0.7), track_id, size=(0.04, height))


def test_only_objects_from_the_zones_own_size_on_raise_there() -> None:
    assert raised(stands(0.2, 0.1, 1), stands(0.7, 0.1, 2)) == ["all"]
    assert sorted(raised(stands(0.2, 0.2, 1), stands(0.7, 0.1, 2))) == ["all", "near"]


def test_evidence_of_the_whole_picture_has_no_size() -> None:
    shown: list[types.Scene] = []

    class Listens:
        def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
            shown.append(scene)
            return ()

    small, whole = types.Evidence(Kind.FIRE, 0.9, (0.0, 0.0, 50.0, 50.0)), types.Evidence(Kind.FIRE, 0.9)
    scene = types.Scene(0.0, 1280, 720, (), None, detected=True, evidence=(small, whole))
    sized.Sized(0.1, Listens()).update(scene)
    assert shown[0].evidence == (whole,)


@pytest.mark.parametrize("height", [-0.1, 1.0, float("nan")])
def test_a_least_size_that_cannot_be_meant_is_refused(height: float) -> None:
    with pytest.raises(ProfileError, match="min_height"):
        ZoneRule("yard", Kind.INTRUSION, NEAR.points, min_height=height)

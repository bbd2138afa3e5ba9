"""Which examiners a camera's profile asks for, and which models they need."""

import dataclasses

from detection import examiners, profile
from detection.types import Kind

USUAL = profile.default_profile()


def test_a_profile_needs_the_models_of_its_kinds_and_no_others() -> None:
    watched = dataclasses.replace(USUAL, kinds=frozenset({Kind.SMOKE, Kind.FALL, Kind.STOPPED_VEHICLE}))

    assert examiners.tasks_of(watched) == {"fire", "pose"}


def test_a_kind_without_a_model_needs_none() -> None:
    watched = dataclasses.replace(USUAL, kinds=frozenset({Kind.BLINDED, Kind.STOPPED_VEHICLE}))

    assert not examiners.tasks_of(watched)
    assert not examiners.make_examiners(watched, ())


def test_an_examiner_whose_model_is_missing_is_left_out() -> None:
    watched = dataclasses.replace(USUAL, kinds=frozenset({Kind.SMOKE, Kind.FALL}))

    assert [one.task for one in examiners.make_examiners(watched, {"pose"})] == ["pose"]

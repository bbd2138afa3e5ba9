"""A trigger that is shown objects from a certain size on only: what is too small is too far away to be judged there."""

import dataclasses
from typing import Protocol

from detection import types


class _Trigger(Protocol):
    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]: ...


class Sized:
    """`trigger`, blind for tracks and evidence less tall than `min_height` of the picture's height."""

    def __init__(self, min_height: float, trigger: _Trigger) -> None:
        self._min_height = min_height
        self._trigger = trigger

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look, or the passing of time."""
        least_px = self._min_height * scene.height_px
        tracks = tuple(track for track in scene.tracks if _height(track.box) >= least_px)
        evidence = tuple(one for one in scene.evidence if one.box is None or _height(one.box) >= least_px)
        return self._trigger.update(dataclasses.replace(scene, tracks=tracks, evidence=evidence))


def _height(box: types.Box) -> float:
    return box[3] - box[1]

"""Fire and smoke: evidence that stays in one place and behaves as flames or smoke do.

One picture never raises. A place must be believed at most of the looks at it over some seconds; flames must change their outline without going out, smoke
must stir and cover enough or spread. So a red car and headlights (they leave), a sunset (it does not flicker), a beacon (it goes out), a fire on a screen
(its outline is the screen's) and steam (it is gone soon) stay silent.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from detection import types, zones
from detection.fire_thresholds import FireThresholds
from detection.profile import ZoneRule
from detection.triggers import verdicts
from detection.types import Kind

_MOST_LOOKS = 120
_GLOW_LOOKS = 4


@dataclass(slots=True)
class Look:
    """One look at a place: the evidence, and what changed there since the look before."""

    time_s: float
    score: float
    box: types.Box
    values: dict[str, float]


@dataclass(slots=True)
class Place:
    """A watched place and the looks at it, oldest first.

    Attributes:
        key: of the event it raised; "" before.
        believed_s: when its evidence was last believed.
    """

    looks: deque[Look] = field(default_factory=lambda: deque(maxlen=_MOST_LOOKS))
    key: str = ""
    believed_s: float = float("-inf")


class Burning:
    """Raises fire or smoke, by its rule's kind; one event at a time for each place, ended when it is not believed for `end_s`."""

    def __init__(self, rule: ZoneRule, limits: FireThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._score = limits.fire_score if rule.kind == Kind.FIRE else limits.smoke_score
        self._places: dict[int, Place] = {}

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        said: list[types.Raised | types.Ended] = []
        for one in scene.evidence:
            values = dict(one.values)
            if one.kind != self._rule.kind or one.box is None or "spot" not in values:
                continue
            if not self._is_inside(scene, one.box):
                continue
            place = self._places.setdefault(int(values["spot"]), Place())
            place.looks.append(Look(scene.time_s, one.score, one.box, values))
            if one.score >= self._score:
                place.believed_s = scene.time_s
            if not place.key:
                said += self._judge(scene, place)
        said += self._end(scene.time_s)
        return tuple(said)

    def _is_inside(self, scene: types.Scene, box: types.Box) -> bool:
        middle = ((box[0] + box[2]) / 2 / scene.width_px, (box[1] + box[3]) / 2 / scene.height_px)
        return not self._rule.points or zones.contains(self._rule.points, middle)

    def _judge(self, scene: types.Scene, place: Place) -> tuple[types.Raised, ...]:
        recent = [look for look in place.looks if scene.time_s - look.time_s <= self._limits.window_s]
        began = next((i for i, look in enumerate(recent) if look.score >= self._score), len(recent))
        recent = recent[began:]
        if not recent:
            return ()
        conditions = self._flames(recent) if self._rule.kind == Kind.FIRE else self._smoke(recent)
        if not verdicts.hold(conditions):
            return ()
        place.key = self._numbers.key()
        box = recent[-1].box
        wide, high = scene.width_px, scene.height_px
        return (
            types.Raised(
                key=place.key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=recent[0].time_s,
                raised_s=scene.time_s, score=min(1.0, _median(recent, "", [look.score for look in recent])),
                conditions=conditions, zone=self._rule.zone(),
                box_norm=(box[0] / wide, box[1] / high, box[2] / wide, box[3] / high),
            ),
        )  # fmt: skip

    def _flames(self, recent: Sequence[Look]) -> tuple[types.Condition, ...]:
        limits = self._limits
        glowing = [look.values["glowing"] for look in recent if "glowing" in look.values]
        newest = glowing[-max(_GLOW_LOOKS, len(glowing) // 2) :]  # a fire that grew was small at first
        kept = min(newest) / max(newest) if newest and max(newest) > 0 else 0.0
        return (
            *self._lasting(recent, limits.fire_lasts_s),
            verdicts.at_least("flicker", _median(recent, "flicker"), limits.flicker, "share"),
            verdicts.at_least("outline_moves", _median(recent, "wander"), limits.wander, "share"),
            verdicts.at_least("glow_kept", kept, limits.glow_kept, "share"),
        )

    def _smoke(self, recent: Sequence[Look]) -> tuple[types.Condition, ...]:
        limits = self._limits
        shares = [look.values.get("share", 0.0) for look in recent]
        half = max(1, len(shares) // 2)
        early, late = float(np.mean(shares[:half])), float(np.mean(shares[-half:]))
        return (
            *self._lasting(recent, limits.smoke_lasts_s),
            verdicts.at_least("stirred", _median(recent, "stirred"), limits.stirred, "share"),
            verdicts.at_least("covers", late, limits.smoke_share, "of the picture"),
            verdicts.at_least("stays", late / early if early > 0 else 0.0, limits.smoke_stays, "times"),
        )

    def _lasting(self, recent: Sequence[Look], lasts_s: float) -> tuple[types.Condition, ...]:
        believed = [look for look in recent if look.score >= self._score]
        return (
            verdicts.at_least("looks_believed", len(believed), self._limits.looks, "looks"),
            verdicts.at_least("believed_share", len(believed) / len(recent), self._limits.believed_share, "share"),
            verdicts.at_least("lasted", believed[-1].time_s - believed[0].time_s, lasts_s, "s"),
        )

    def _end(self, now_s: float) -> list[types.Ended]:
        """End what is not believed any more, and forget places that are not looked at any more."""
        ended: list[types.Ended] = []
        for number, place in list(self._places.items()):
            if place.key and now_s - place.believed_s >= self._limits.end_s:
                ended.append(types.Ended(place.key, place.believed_s))
                place.key = ""
                place.looks.clear()
            if not place.key and (not place.looks or now_s - place.looks[-1].time_s > self._limits.end_s):
                del self._places[number]
        return ended


def _median(recent: Sequence[Look], name: str, given: Sequence[float] | None = None) -> float:
    """Return the median of a measurement over the looks that have it; 0 where none has."""
    values = given if given is not None else [look.values[name] for look in recent if name in look.values]
    return float(np.median(values)) if len(values) else 0.0

"""Speeding: a vehicle's speed on calibrated ground, told with its uncertainty and raised only beyond it.

It is an estimate for the traffic centre, no measurement for a fine: boxes are not wheels, and the corners were clicked by hand.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from detection import types, zones
from detection.calibration import Calibration
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds, TrafficThresholds
from detection.triggers import sightings, verdicts, ways
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]

_SPAN_S = 3.0
_LOOKS = 3
_LARGEST_STEP = 0.7
_SIGMAS = 2.0
"""Uncertainties are told as two standard deviations: 95 in 100."""
_KMH = 3.6


@dataclass(frozen=True, slots=True)
class Speed:
    """A speed over the newest part of a way.

    Attributes:
        kmh, uncertainty_kmh: the estimate, and two standard deviations of it.
        lasted_s, looks: what it rests on.
        largest_step: 0..1, share of the way made between two looks: near 1 where a track jumped to another vehicle.
    """

    started_s: float
    kmh: float
    uncertainty_kmh: float
    lasted_s: float
    looks: int
    largest_step: float


class Speeding:
    """Raises once for a vehicle that drives faster than the limit by more than the uncertainty."""

    def __init__(
        self, rule: ZoneRule, behaviour: BehaviourThresholds, traffic: TrafficThresholds, ground: Calibration
    ) -> None:
        self._rule = rule
        self._traffic = traffic
        self._ground = ground
        self._patience_s = behaviour.patience_s
        self._numbers = verdicts.Numbers(rule)
        self._ways = ways.Ways(_SPAN_S, behaviour.patience_s)
        self._keys: dict[int, str] = {}

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        aspect = scene.width_px / scene.height_px
        now = [s for s in sightings.seen(scene, self._rule.seen_classes) if self._is_measured(s)]
        self._ways.update(now, scene.time_s, aspect)
        raised = [self._judge(s, aspect) for s in now]
        known = {way.last.track.track_id: way.last.time_s for way in self._ways}
        over = {id_: key for id_, key in self._keys.items() if id_ not in known}
        self._keys = {id_: key for id_, key in self._keys.items() if id_ in known}
        ended = [types.Ended(key, scene.time_s) for key in over.values()]
        return (*ended, *(event for event in raised if event is not None))

    def _is_measured(self, now: Sighting) -> bool:
        return ways.mark(now).within and zones.contains(self._rule.points, now.foot_norm)

    def _judge(self, now: Sighting, aspect: float) -> types.Raised | None:
        way = self._ways.of(now.track.track_id)
        speed = self._speed(way.marks, aspect) if way is not None else None
        if speed is None or now.track.track_id in self._keys:
            return None
        limit_kmh = self._rule.limit_kmh or math.inf
        conditions = (
            verdicts.at_least("speed_at_least", speed.kmh - speed.uncertainty_kmh, limit_kmh, "km/h"),
            verdicts.at_least("speed", speed.kmh, limit_kmh, "km/h"),
            verdicts.at_most("uncertainty", speed.uncertainty_kmh, self._traffic.most_error_share * speed.kmh, "km/h"),
            verdicts.at_least("measured", speed.lasted_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_measured", speed.looks, _LOOKS, "looks"),
            verdicts.at_most("largest_step", speed.largest_step, _LARGEST_STEP, "share"),
        )
        if not verdicts.hold(conditions):
            return None
        self._keys[now.track.track_id] = key = self._numbers.key(now.track.track_id)
        return verdicts.by_object(self._rule, key, speed.started_s, now, conditions)

    def _speed(self, marks: Sequence[ways.Mark], aspect: float) -> Speed | None:
        """Return the speed from the first to the newest mark; None where the ground does not tell it."""
        places = self._ground.path(_norm(mark.foot, aspect) for mark in marks)
        if places is None or len(places) < 2:
            return None
        first, newest = marks[0], marks[-1]
        corner = (self._traffic.corner_error_share / aspect, self._traffic.corner_error_share)
        foot = self._traffic.foot_error_share
        error = foot * newest.length / aspect, foot * newest.length
        way = self._ground.distance(_norm(first.foot, aspect), _norm(newest.foot, aspect), error, corner)
        lasted_s = newest.time_s - first.time_s
        if way is None or way.metres <= 0 or lasted_s <= 0:
            return None
        steps = [math.dist(a, b) for a, b in itertools.pairwise(places)]
        return Speed(
            first.time_s,
            _KMH * way.metres / lasted_s,
            _KMH * _SIGMAS * way.error_m / lasted_s,
            lasted_s,
            len(marks),
            max(steps) / way.metres,
        )


def _norm(foot: types.Point, aspect: float) -> types.Point:
    return foot[0] / aspect, foot[1]

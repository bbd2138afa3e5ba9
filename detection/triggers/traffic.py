"""Wrong way and stopped vehicle."""

import math
from collections import deque
from collections.abc import Iterator

from detection import types
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds
from detection.triggers import course, presence, sightings, standing, vacancy, verdicts
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]

_LOOKS = 4
_LARGEST_STEP = 0.6
_STANDING_LOOKS = 3
_MOST_SPOTS = 64


class WrongWay:
    """Raises when an object moves steadily against the allowed direction: far enough, long enough, and not in one jump."""

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._courses: dict[int, course.Course] = {}

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        now = sightings.seen(scene, self._rule.seen_classes)
        direction = _unit_direction(self._rule.points, scene.width_px / scene.height_px)
        for s in now:
            if presence.is_inside(self._rule.area, s):
                yield from self._follow(s, direction, now)
        for id_, way in list(self._courses.items()):
            if scene.time_s - way.last.time_s > self._limits.patience_s:
                del self._courses[id_]
                if way.key:
                    yield types.Ended(way.key, way.last.time_s)

    def _follow(
        self, now: Sighting, direction: types.Point, all_now: list[Sighting]
    ) -> Iterator[types.Raised | types.Ended]:
        way = self._courses.get(now.track.track_id) or self._inherited(now, all_now)
        self._courses[now.track.track_id] = way
        way.add(now)
        along = now.foot[0] * direction[0] + now.foot[1] * direction[1]
        if way.key:
            way.low = min(way.low, along)
            if along - way.low >= self._limits.against_lengths * now.length:
                yield types.Ended(way.key, now.time_s)
                way.key = ""
            return
        run = course.retreat(way.points, direction, now.length)
        if run is None:
            return
        conditions = self._conditions(run)
        if verdicts.hold(conditions):
            way.key, way.low = self._numbers.key(now.track.track_id), along
            yield verdicts.by_object(self._rule, way.key, run.started_s, now, conditions)

    def _inherited(self, now: Sighting, all_now: list[Sighting]) -> course.Course:
        """Carry on the course of a track that raised and was lost near here, so that one driver raises once; else begin one."""
        seen_ids = {s.track.track_id for s in all_now}
        lost = [way.last for id_, way in self._courses.items() if id_ not in seen_ids and way.key]
        last = sightings.predecessor(now, lost)
        return self._courses.pop(last.track.track_id) if last is not None else course.Course(now)

    def _conditions(self, run: course.Retreat) -> tuple[types.Condition, ...]:
        limits = self._limits
        return (
            verdicts.at_least("against_distance", run.lengths, limits.against_lengths, "lengths"),
            verdicts.at_least("against_lasted", run.lasted_s, self._rule.needed_s, "s"),
            verdicts.at_least("against_speed", run.speed, limits.against_speed_lengths_per_s, "lengths/s"),
            verdicts.at_least("steadiness", run.steadiness, limits.against_steadiness, "share"),
            verdicts.at_least("alignment", run.alignment, limits.against_alignment, "cosine"),
            verdicts.at_least("looks_against", run.looks, _LOOKS, "looks"),
            verdicts.at_most("largest_step", run.largest_step, _LARGEST_STEP, "share"),
        )


class StoppedVehicle:
    """Raises when a vehicle that was seen to move stands still for the dwell time.

    A vehicle parked since before the camera looked is remembered by its place, so that it stays silent under a new track id too, until
    its place was seen without it.
    """

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._vehicles: dict[int, standing.Standing] = {}
        self._parked: deque[standing.Spot] = deque(maxlen=_MOST_SPOTS)
        """Where vehicles stood that never moved, and whose tracks went elsewhere."""

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        now = sightings.seen(scene, self._rule.seen_classes)
        for s in now:
            if presence.is_inside(self._rule.points, s):
                yield from self._follow(scene, s, now)
        self._forget_the_gone(scene)
        for id_, vehicle in list(self._vehicles.items()):
            unseen_s = scene.time_s - vehicle.last.time_s
            if vehicle.key and unseen_s > self._patience_s():
                yield types.Ended(vehicle.key, vehicle.last.time_s)
                vehicle.key = ""
            if unseen_s > (self._limits.parked_memory_s if self._is_parked(vehicle) else self._patience_s()):
                del self._vehicles[id_]

    def _follow(
        self, scene: types.Scene, now: Sighting, all_now: list[Sighting]
    ) -> Iterator[types.Raised | types.Ended]:
        vehicle = self._vehicles.get(now.track.track_id)
        if vehicle is None:
            vehicle = self._inherited(now, all_now) or standing.Standing.begin(now, scene.width_px / scene.height_px)
            self._vehicles[now.track.track_id] = vehicle
        before, was_parked = standing.spot(vehicle), self._is_parked(vehicle)
        if vehicle.add(now, self._limits.drift_lengths):
            left, vehicle.shown = True, None
            if was_parked:
                self._parked.append(before)
        else:
            left = False
        if vehicle.key:
            if left:
                yield types.Ended(vehicle.key, now.time_s)
                vehicle.key = ""
            return
        conditions = self._conditions(vehicle)
        if verdicts.hold(conditions) and not self._stands_for_a_parked_one(vehicle):
            vehicle.key = self._numbers.key(now.track.track_id)
            yield verdicts.by_object(self._rule, vehicle.key, vehicle.since_s, now, conditions)

    def _inherited(self, now: Sighting, all_now: list[Sighting]) -> standing.Standing | None:
        """Take over the state of a vehicle that was lost near where this one begins (a bus passed before it, say)."""
        seen_ids = {s.track.track_id for s in all_now}
        here = standing.Spot(now.foot, now.length, now.time_s)
        lost = [
            vehicle.last
            for id_, vehicle in self._vehicles.items()
            if id_ not in seen_ids
            and now.time_s - vehicle.last.time_s <= self._patience_s()
            and (not self._stands(vehicle) or standing.same_place(here, standing.spot(vehicle), 0.0))
        ]
        last = sightings.predecessor(now, lost)
        return self._vehicles.pop(last.track.track_id) if last is not None else None

    def _forget_the_gone(self, scene: types.Scene) -> None:
        """Keep in mind what parked vehicles' places show, and forget those whose place shows something else: the next one there is another."""
        all_boxes = {
            track.track_id: sightings.sighting(scene, track).box_norm
            for track in scene.tracks
            if track.label in self._rule.seen_classes
        }
        for id_, vehicle in list(self._vehicles.items()):
            if not self._is_parked(vehicle):
                continue
            others = [box for other, box in all_boxes.items() if other != id_]
            if vehicle.last.time_s == scene.time_s:
                vehicle.shown = vacancy.remember(scene, vehicle.last.box_norm, others, vehicle.shown)
            elif not vehicle.key and id_ not in all_boxes and vehicle.shown and vehicle.shown.is_bare(scene, others):
                del self._vehicles[id_]
        gone = [p for p in self._parked if p.shown is not None and p.shown.is_bare(scene, all_boxes.values())]
        if gone:
            self._parked = deque((p for p in self._parked if p not in gone), maxlen=_MOST_SPOTS)

    def _conditions(self, vehicle: standing.Standing) -> tuple[types.Condition, ...]:
        needed_moved = 0.0 if self._rule.parked_counts else self._limits.moved_lengths
        return (
            verdicts.at_least("standing", vehicle.last.time_s - vehicle.since_s, self._rule.needed_s, "s"),
            verdicts.at_most("wander", vehicle.wander, self._limits.drift_lengths, "lengths"),
            verdicts.at_least("moved_before", vehicle.moved, needed_moved, "lengths"),
            verdicts.at_least("looks_standing", vehicle.looks, _STANDING_LOOKS, "looks"),
        )

    def _patience_s(self) -> float:
        """Vehicles do not vanish where they stand: they are waited for longer than people."""
        return 2 * self._limits.patience_s

    def _stands(self, vehicle: standing.Standing) -> bool:
        return vehicle.last.time_s - vehicle.since_s > self._limits.leave_s

    def _is_parked(self, vehicle: standing.Standing) -> bool:
        return vehicle.moved < self._limits.moved_lengths and self._stands(vehicle)

    def _stands_for_a_parked_one(self, vehicle: standing.Standing) -> bool:
        """Say whether a parked vehicle is known in this place: a passing vehicle's track may have jumped onto it."""
        if self._rule.parked_counts:
            return False
        here = standing.spot(vehicle)
        others = [v for v in self._vehicles.values() if v is not vehicle and self._is_parked(v)]
        known = [standing.spot(other) for other in others]
        known += [p for p in self._parked if here.time_s - p.time_s <= self._limits.parked_memory_s]
        return any(standing.same_place(here, other, self._limits.drift_lengths) for other in known)


def _unit_direction(points: tuple[types.Point, ...], aspect: float) -> types.Point:
    (ax, ay), (bx, by) = points
    dx, dy = (bx - ax) * aspect, by - ay
    length = math.hypot(dx, dy)
    return dx / length, dy / length

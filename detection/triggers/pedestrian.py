"""Pedestrian on the carriageway: somebody on foot where vehicles drive, in the zone drawn or where traffic taught it.

Who rides, sits in or stands behind a vehicle is none: a person whose box lies on a vehicle's stays silent, unless in front of it.
"""

import dataclasses
import math
from collections.abc import Sequence

from detection import boxes, types, zones
from detection.profile import WHEELED, ZoneRule
from detection.thresholds import BehaviourThresholds, TrafficThresholds
from detection.triggers import carriageway, presence, sightings, verdicts, ways
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]

_LOOKS = 2
_SPAN_S = 4.0
_STEP_ASIDE_S = 0.6
_ON_VEHICLE_SHARE = 0.4
_IN_FRONT_HEIGHTS = 0.1
_CUT = 0.995
"""The foot of a person whose box ends at the lower edge of the picture is out of sight."""


class PedestrianOnRoad:
    """Raises when a person on foot is on the carriageway for the dwell time."""

    def __init__(self, rule: ZoneRule, behaviour: BehaviourThresholds, traffic: TrafficThresholds) -> None:
        self._rule = rule
        self._traffic = traffic
        self._patience_s = behaviour.patience_s
        self._numbers = verdicts.Numbers(rule)
        short = dataclasses.replace(behaviour, leave_s=min(behaviour.leave_s, _STEP_ASIDE_S))
        self._presence = presence.Presence(rule, short, self._is_on_road)
        self._ways = ways.Ways(_SPAN_S, behaviour.patience_s)
        self._road = carriageway.Carriageway(traffic.road_memory_s)
        self._vehicles: Sequence[types.Box] = ()

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        self._vehicles = [_norm(scene, track) for track in scene.tracks if track.label in WHEELED]
        self._learn(scene)
        present, gone = self._presence.update(scene)
        ended = [types.Ended(stay.key, ended_s) for stay, ended_s in gone if stay.key]
        raised = [self._raised(scene, stay) for stay in present if not stay.key]
        return (*ended, *(event for event in raised if event is not None))

    def _learn(self, scene: types.Scene) -> None:
        if self._rule.points:
            return
        self._ways.update(sightings.seen(scene, types.VEHICLES), scene.time_s, scene.width_px / scene.height_px)
        for way in self._ways:
            self._road.drive_along(way, scene.time_s)
        for person in sightings.seen(scene, self._rule.seen_classes):
            if not self._is_on_vehicle(person):
                self._road.walk(person.track.track_id, person.foot_norm, scene.time_s)
        self._road.pass_time(scene.time_s, self._patience_s)

    def _is_on_road(self, now: Sighting) -> bool:
        foot = now.foot_norm
        if foot[1] > _CUT or self._is_on_vehicle(now) or _is_in(self._rule.crossing, foot):
            return False
        return _is_in(self._rule.points, foot) if self._rule.points else verdicts.hold(self._learnt(foot))

    def _learnt(self, foot: types.Point) -> tuple[types.Condition, ...]:
        """Compare what traffic taught of a place."""
        if self._rule.points:
            return ()
        passages = self._road.passages(foot)
        most_walks = self._traffic.walked_share * passages
        return (
            verdicts.at_least("vehicles_drove_here", passages, self._road.needed(self._traffic.passages), "vehicles"),
            verdicts.at_most("people_walked_here", self._road.walks(foot), most_walks, "people"),
        )

    def _is_on_vehicle(self, person: Sighting) -> bool:
        box = person.box_norm
        height = box[3] - box[1]
        return any(
            boxes.share_inside(box, vehicle) >= _ON_VEHICLE_SHARE and box[3] <= vehicle[3] + _IN_FRONT_HEIGHTS * height
            for vehicle in self._vehicles
        )

    def _raised(self, scene: types.Scene, stay: presence.Stay) -> types.Raised | None:
        conditions = (
            verdicts.at_least("on_road", scene.time_s - stay.since_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_on_road", stay.looks, _LOOKS, "looks"),
            verdicts.at_most("speed", _speed(scene, stay.last), self._traffic.on_foot_heights_per_s, "heights/s"),
            *self._learnt(stay.last.foot_norm),
        )
        if not verdicts.hold(conditions):
            return None
        stay.key = self._numbers.key(stay.last.track.track_id)
        return verdicts.by_object(self._rule, stay.key, stay.since_s, stay.last, conditions)


def _speed(scene: types.Scene, person: Sighting) -> float:
    """Return own heights per second over the last seconds of the path; 0 where it is too short to tell."""
    aspect = scene.width_px / scene.height_px
    since = next((p for p in person.track.path if person.time_s - p.time_s <= _SPAN_S), None)
    if since is None or person.time_s - since.time_s < 0.5:
        return 0.0
    went = math.dist((since.x_norm * aspect, since.y_norm), person.foot)
    return went / person.length / (person.time_s - since.time_s)


def _is_in(polygon: tuple[types.Point, ...], foot: types.Point) -> bool:
    return bool(polygon) and zones.contains(polygon, foot)


def _norm(scene: types.Scene, track: types.Track) -> types.Box:
    x1, y1, x2, y2 = track.box
    return x1 / scene.width_px, y1 / scene.height_px, x2 / scene.width_px, y2 / scene.height_px

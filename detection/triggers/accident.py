"""Traffic accident, by what tracks show of it: a vehicle comes to a stand far more abruptly than by braking, and something bears it out.

What bears it out: another vehicle in contact whose movement changed at the same moment (it halted as abruptly, was pushed from where it
stood, or was lost from sight as they met), a box that changed shape, or people who gather. Vehicles that brake for a queue, abreast at a
line, where others stood before, or whose track slipped onto a standing vehicle, are none.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from detection import types
from detection.profile import PERSONS, ZoneRule
from detection.thresholds import BehaviourThresholds, TrafficThresholds
from detection.triggers import halts, presence, sightings, verdicts, ways
from detection.triggers.sightings import Sighting

Outcome = tuple[types.Raised | types.Ended, ...]
Conditions = tuple[types.Condition, ...]

_SPAN_S = 14.0
_WATCH_S = 40.0
"""People gather within this time, or not because of it."""
_STOOD_S = 1.5
_LEFT_LENGTHS = 0.6
_CLOSING_S = 1.5
_CLOSING_LENGTHS = 0.6
_SLACK_S = 0.7
_PUSHED_LENGTHS = 0.25
_PARTNER_LENGTHS = 6.0
_NEAR_LENGTHS = 2.0
_STAYS_S = 3.0
_AHEAD_LENGTHS, _AHEAD_COSINE = 2.5, 0.7
_USUAL_STOPS = 2
_USUAL_LENGTHS = 0.6
_MOST_STOPS = 256
_RELIEVED_S = 3.0


@dataclass(slots=True)
class Halted:
    """A vehicle that stands, and how it came to.

    Attributes:
        way: its way.
        halt: how it halted; None where that was not seen.
        place: where; since_s: from when; until_s: last seen there.
        had_near: people who stayed near it as it halted.
        key: of the event it raised; "" before.
    """

    way: ways.Way
    halt: halts.Halt | None
    place: types.Point
    since_s: float
    until_s: float
    near_since_s: dict[int, float] = field(default_factory=dict)
    had_near: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a vehicle stood."""

    place: types.Point
    length: float
    time_s: float


class Accident:
    """Raises when a halt looks like a collision; ends when the vehicle has gone."""

    def __init__(self, rule: ZoneRule, behaviour: BehaviourThresholds, traffic: TrafficThresholds) -> None:
        self._rule = rule
        self._traffic = traffic
        self._patience_s = 2 * behaviour.patience_s
        self._numbers = verdicts.Numbers(rule)
        self._ways = ways.Ways(_SPAN_S, self._patience_s, marks_hidden=True)
        self._halted: dict[int, Halted] = {}
        """By way, not by track: a vehicle that is met again under another id is still the same."""
        self._stops: deque[Stop] = deque(maxlen=_MOST_STOPS)
        self._aspect = 1.0

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        self._aspect = scene.width_px / scene.height_px
        self._ways.update(sightings.seen(scene, self._rule.seen_classes), scene.time_s, self._aspect)
        people = sightings.seen(scene, PERSONS)
        yield from self._note_halts(scene.time_s)
        for one in self._halted.values():
            self._note_people(one, people, scene.time_s)
        for one in list(self._halted.values()):
            yield from self._judge(one, scene.time_s)

    def _note_halts(self, now_s: float) -> Iterator[types.Ended]:
        """Keep the vehicles that stand; end what is over."""
        for way in self._ways:
            self._note_halt(way, now_s)
        known = {id(way) for way in self._ways}
        for name, one in list(self._halted.items()):
            last = one.way.last
            if name in known and math.dist(last.foot, one.place) <= _LEFT_LENGTHS * last.length:
                continue
            del self._halted[name]
            self._stops.append(Stop(one.place, last.length, one.until_s))
            if one.key:
                yield types.Ended(one.key, one.until_s)

    def _note_halt(self, way: ways.Way, now_s: float) -> None:
        known = self._halted.get(id(way))
        if known is not None:
            known.until_s = way.last.time_s
            return
        since = way.marks[halts.stands_since(way.marks)].time_s
        if way.last.time_s == now_s and now_s - since >= _STOOD_S:
            marks = tuple(way.marks)
            self._halted[id(way)] = Halted(way, halts.find(marks), marks[-1].foot, since, now_s)

    def _note_people(self, one: Halted, people: Sequence[Sighting], now_s: float) -> None:
        """Count who stays near a vehicle that halted; who was there as it did is no onlooker."""
        reach = _NEAR_LENGTHS * one.way.last.length
        near = [p.track.track_id for p in people if math.dist(p.foot, one.place) <= reach]
        one.near_since_s = {id_: one.near_since_s.get(id_, now_s) for id_ in near}
        if now_s - one.since_s <= _STOOD_S + _SLACK_S:
            one.had_near = max(one.had_near, len(near))

    def _judge(self, one: Halted, now_s: float) -> Iterator[types.Raised]:
        halt = one.halt
        if halt is None or not self._is_sudden(halt) or now_s - one.since_s > _WATCH_S:
            return
        inside = presence.is_inside(self._rule.points, one.way.last)
        if one.way.last.time_s != now_s or not inside or self._is_told(one):
            return
        own = self._of_halt(one, halt, now_s)
        if not verdicts.hold(own):
            return
        for more in self._signs(one, halt, now_s):
            if verdicts.hold(more):
                one.key = self._numbers.key(one.way.last.track.track_id)
                yield verdicts.by_object(self._rule, one.key, halt.fast_s, one.way.last, (*own, *more))
                return

    def _is_sudden(self, halt: halts.Halt) -> bool:
        return halt.cruise >= self._traffic.cruise_lengths_per_s and halt.lasted_s <= self._traffic.halt_s

    def _is_told(self, one: Halted) -> bool:
        """Say whether it, or another vehicle of the same collision, raised already."""
        reach = _NEAR_LENGTHS * one.way.last.length
        return any(they.key and math.dist(they.place, one.place) <= reach for they in self._halted.values())

    def _of_halt(self, one: Halted, halt: halts.Halt, now_s: float) -> Conditions:
        limits = self._traffic
        return (
            verdicts.at_least("speed_before", halt.cruise, limits.cruise_lengths_per_s, "lengths/s"),
            verdicts.at_most("halted_within", halt.lasted_s, limits.halt_s, "s"),
            verdicts.at_least("standing_after", now_s - halt.stood_s, self._rule.needed_s, "s"),
            verdicts.at_most("stood_in_its_place", self._occupied(one, halt), 0, "vehicles"),
            verdicts.at_most("stood_here_before", self._usual(one), _USUAL_STOPS, "vehicles"),
        )

    def _signs(self, one: Halted, halt: halts.Halt, now_s: float) -> Iterator[Conditions]:
        """Yield what may bear the halt out, each as conditions that must all hold."""
        for other in self._ways:
            if other is not one.way and _apart(other.marks[-1], one.way.marks[-1]) <= _PARTNER_LENGTHS:
                yield self._joint(one, halt, other)
                yield self._pushed(one, halt, other)
                yield self._lost(one, halt, other, now_s)
        yield (verdicts.at_least("turned", halt.turned, self._traffic.turned, "ln"), self._none_ahead(one, halt, None))
        stay = sum(now_s - since_s >= _STAYS_S for since_s in one.near_since_s.values())
        yield (verdicts.at_least("people_gathered", stay - one.had_near, self._traffic.gathered, "people"),)

    def _joint(self, one: Halted, halt: halts.Halt, other: ways.Way) -> Conditions:
        """The other halted at the same time, one of them without time to brake, in contact, and they had come closer."""
        theirs = self._halted.get(id(other))
        found = theirs.halt if theirs is not None and one.way.last.time_s - other.last.time_s <= _SLACK_S else None
        if found is None:
            return _NEVER
        most_s = self._traffic.halt_s if halt.is_abrupt or found.is_abrupt else 0.0
        return (
            verdicts.at_most("halted_together", abs(found.stood_s - halt.stood_s), self._traffic.joint_s, "s"),
            verdicts.at_most("other_halted_within", found.lasted_s, most_s, "s"),
            *self._meeting(one.way, other, halt),
            self._none_ahead(one, halt, other),
        )

    def _pushed(self, one: Halted, halt: halts.Halt, other: ways.Way) -> Conditions:
        """The other stood, and was moved from its place at the moment of the halt, for which there was no time to brake."""
        before = [m for m in other.marks if self._traffic.joint_s < halt.stood_s - m.time_s <= _SPAN_S]
        after = halts.place_at(other.marks, halt.stood_s + self._traffic.joint_s, _SLACK_S)
        if not before or after is None or not halt.is_abrupt:
            return _NEVER
        stood_s = before[-1].time_s - before[halts.stands_since(before)].time_s
        pushed = math.dist(after.foot, before[-1].foot) / after.length
        return (
            verdicts.at_least("other_stood_before", stood_s, _STOOD_S, "s"),
            verdicts.at_least("other_pushed", pushed, _PUSHED_LENGTHS, "lengths"),
            *self._meeting(one.way, other, halt),
        )

    def _lost(self, one: Halted, halt: halts.Halt, other: ways.Way, now_s: float) -> Conditions:
        """The other drove until they met, and was not seen since: hidden by the first, or too damaged to be known."""
        last, speed = other.marks[-1], other.speed(_CLOSING_S)
        if speed is None or not last.within or now_s - last.time_s < _STOOD_S:
            return _NEVER
        away_s = max(0.0, halt.fast_s - last.time_s, last.time_s - halt.stood_s)
        return (
            verdicts.at_most("other_lost_within", away_s, self._traffic.joint_s, "s"),
            verdicts.at_least("other_speed_before", speed, self._traffic.cruise_lengths_per_s, "lengths/s"),
            *self._meeting(one.way, other, halt),
            self._none_ahead(one, halt, other),
        )

    def _meeting(self, one: ways.Way, other: ways.Way, halt: halts.Halt) -> Conditions:
        """Compare how near they were as they met, and a moment before: afterwards one may have been thrown clear."""
        joint_s = self._traffic.joint_s
        met = halts.pairs(one.marks, other.marks, halt.fast_s - joint_s, halt.stood_s + joint_s)
        gap = min((halts.gap_lengths(a, b, self._aspect) for a, b in met), default=math.inf)
        nearest = min((_apart(a, b) for a, b in met), default=math.inf)
        early = halts.pairs(
            one.marks, other.marks, halt.fast_s - _CLOSING_S - _SLACK_S, halt.fast_s - _CLOSING_S + _SLACK_S
        )
        before = max((_apart(a, b) for a, b in early), default=0.0)
        return (
            verdicts.at_least("closing", before - nearest, _CLOSING_LENGTHS, "lengths"),
            verdicts.at_most("gap", gap, self._traffic.contact_lengths, "lengths"),
        )

    def _none_ahead(self, one: Halted, halt: halts.Halt, other: ways.Way | None) -> types.Condition:
        """Nobody stood ahead before: else it is a queue."""
        ahead = 0
        for they in self._halted.values():
            if they is one or they.way is other or they.since_s > halt.fast_s:
                continue
            dx, dy = they.place[0] - halt.place[0], they.place[1] - halt.place[1]
            far = math.hypot(dx, dy)
            along = dx * halt.heading[0] + dy * halt.heading[1]
            ahead += far <= _AHEAD_LENGTHS * one.way.last.length and along >= _AHEAD_COSINE * far
        return verdicts.at_most("standing_ahead", ahead, 0, "vehicles")

    def _occupied(self, one: Halted, halt: halts.Halt) -> int:
        """Count others known to stand in this very place as this one came: its track slipped onto one of them."""
        stood = [
            Stop(they.place, they.way.last.length, they.until_s)
            for they in self._halted.values()
            if they is not one and they.since_s < halt.fast_s
        ]
        stood += [stop for stop in self._stops if stop.time_s >= halt.fast_s - _RELIEVED_S]
        return sum(math.dist(stop.place, one.place) <= _USUAL_LENGTHS / 2 * stop.length for stop in stood)

    def _usual(self, one: Halted) -> int:
        """Count the vehicles that stood here before: a stop line, a bus stop, a parking bay."""
        return sum(math.dist(stop.place, one.place) <= _USUAL_LENGTHS * stop.length for stop in self._stops)


def _apart(a: ways.Mark, b: ways.Mark) -> float:
    return math.dist(a.foot, b.foot) / ((a.length + b.length) / 2)


_NEVER: Conditions = (verdicts.at_least("other_vehicle", 0, 1, "vehicles"),)

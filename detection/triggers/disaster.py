"""Crowd: more people in a zone, or in the picture, than it should hold."""

from detection import crowds, types
from detection.calibration import Calibration
from detection.profile import ZoneRule
from detection.thresholds import BehaviourThresholds
from detection.triggers import flow, presence, sightings, verdicts

_SEEN_WITHIN_S = 2.0
"""People seen this recently count: a look that misses some must not end a crowd."""
_DIP_S = 2.0
_END_SHARE = 0.8
_LOOKS = 2
_DENSITY_S = 10.0
"""What the density model counted is believed for so long."""
_FAST_RISE_PER_MIN = 60.0


def enough(rule: ZoneRule, limits: BehaviourThresholds, ground: Calibration | None) -> tuple[float, float | None]:
    """Return how many people make a crowd in the rule's zone, and the square metres under it; None where nobody measured them.

    The rule's own number holds; else, in a zone of known size, so many to the square metre, but never fewer than the default.
    """
    area_m2 = ground.area_m2(rule.points) if ground is not None and rule.points else None
    if area_m2 is None or rule.min_count is not None:
        return float(rule.needed_count), area_m2
    return max(float(rule.needed_count), limits.crowd_per_m2 * area_m2), area_m2


class Crowd:
    """Raises while enough people are there; ends when fewer than 80 % of that are.

    Few people are counted by their tracks, many by density. How fast they become more, go against each other, or stand and walk in turn is
    told with the event.
    """

    def __init__(self, rule: ZoneRule, limits: BehaviourThresholds, ground: Calibration | None = None) -> None:
        self._rule = rule
        self._limits = limits
        self._needed, self._area_m2 = enough(rule, limits, ground)
        self._numbers = verdicts.Numbers(rule)
        self._since_s: float | None = None
        self._enough_s = 0.0
        self._looks = 0
        self._few_s: float | None = None
        self._key = ""
        self._density: tuple[float, float] | None = None  # when, how many
        self._rise = flow.Rise()

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        self._take_density(scene)
        people = self._people(scene)
        count = crowds.believed(len(people), self._density[1] if self._density else None)
        if scene.thumb is not None:
            self._rise.note(scene.time_s, count)
        if self._key:
            return self._end(scene.time_s, count)
        if scene.thumb is None:
            return ()
        return self._begin(scene, people, count)

    def _take_density(self, scene: types.Scene) -> None:
        if self._density and scene.time_s - self._density[0] > _DENSITY_S:
            self._density = None
        for found in scene.evidence:
            if found.kind == self._rule.kind:
                number = dict(found.values).get(f"people/{self._rule.name}")
                self._density = self._density if number is None else (scene.time_s, number)

    def _people(self, scene: types.Scene) -> list[sightings.Sighting]:
        recent = [
            sightings.sighting(scene, track)
            for track in scene.tracks
            if track.label in self._rule.seen_classes and scene.time_s - track.last_seen_s <= _SEEN_WITHIN_S
        ]
        return [person for person in recent if presence.is_inside(self._rule.points, person)]

    def _begin(self, scene: types.Scene, people: list[sightings.Sighting], count: float) -> tuple[types.Raised, ...]:
        now_s = scene.time_s
        if count >= self._needed:
            self._since_s = now_s if self._since_s is None else self._since_s
            self._enough_s = now_s
            self._looks += 1
        elif now_s - self._enough_s > _DIP_S:
            self._since_s, self._looks = None, 0
        if self._since_s is None:
            return ()
        conditions = (
            verdicts.at_least("people", count, self._needed, "people"),
            verdicts.at_least("lasted", now_s - self._since_s, self._rule.needed_s, "s"),
            verdicts.at_least("looks_crowded", self._looks, _LOOKS, "looks"),
        )
        if not verdicts.hold(conditions):
            return ()
        self._key, self._few_s = self._numbers.key(), None
        return (
            types.Raised(
                key=self._key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=self._since_s,
                raised_s=now_s, score=self._severity(count), conditions=conditions + self._signs(scene, people, count),
                zone=self._rule.zone(),
            ),
        )  # fmt: skip

    def _severity(self, count: float) -> float:
        """Return 0.5 for just enough people, 1 for twice as many; a fast rise adds up to a quarter."""
        rising = min(1.0, max(0.0, self._rise.per_min / _FAST_RISE_PER_MIN))
        return min(1.0, count / (2 * self._needed) + 0.25 * rising)

    def _signs(self, scene: types.Scene, people: list[sightings.Sighting], count: float) -> tuple[types.Condition, ...]:
        """Return what explains a crowd and decides nothing: any value will do."""
        aspect = scene.width_px / scene.height_px
        dense: tuple[types.Condition, ...] = ()
        if self._area_m2:
            dense = (
                verdicts.at_least("people_per_m2", count / self._area_m2, self._needed / self._area_m2, "people/m2"),
            )
        return (
            *dense,
            verdicts.at_least("people_followed", len(people), 0, "people"),
            verdicts.at_least("people_by_density", self._density[1] if self._density else 0.0, 0, "people"),
            verdicts.at_least("rising", max(0.0, self._rise.per_min), 0, "people/min"),
            verdicts.at_least("counter_flow", flow.counter_flow(people, aspect), 0, "share"),
            verdicts.at_least("stop_and_go", flow.stop_and_go(people, aspect), 0, "share"),
        )

    def _end(self, now_s: float, count: float) -> tuple[types.Ended, ...]:
        if count >= _END_SHARE * self._needed:
            self._few_s = None
            return ()
        self._few_s = now_s if self._few_s is None else self._few_s
        if now_s - self._few_s < self._limits.patience_s:
            return ()
        ended = types.Ended(self._key, self._few_s)
        self._key, self._since_s, self._looks = "", None, 0
        return (ended,)

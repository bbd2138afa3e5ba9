"""Conditions that decide and explain, and the events made of them."""

from collections.abc import Sequence

from detection import types
from detection.profile import ZoneRule
from detection.triggers.sightings import Sighting


def at_least(name: str, value: float, threshold: float, unit: str) -> types.Condition:
    """Return the condition `value >= threshold`."""
    return types.Condition(name, float(value), ">=", float(threshold), unit)


def at_most(name: str, value: float, threshold: float, unit: str) -> types.Condition:
    """Return the condition `value <= threshold`."""
    return types.Condition(name, float(value), "<=", float(threshold), unit)


def hold(conditions: Sequence[types.Condition]) -> bool:
    """Say whether every condition holds."""
    return all(c.value >= c.threshold if c.comparison == ">=" else c.value <= c.threshold for c in conditions)


class Numbers:
    """Keys for the behaviours of one trigger: unique within the camera's run."""

    def __init__(self, rule: ZoneRule) -> None:
        self._stem = f"{rule.kind}/{rule.name}"
        self._given = 0

    def key(self, track_id: int | None = None) -> str:
        """Return the next key, such as "intrusion/yard/17/3": the third behaviour of this trigger, by track 17."""
        self._given += 1
        return f"{self._stem}/{self._given}" if track_id is None else f"{self._stem}/{track_id}/{self._given}"


def by_object(
    rule: ZoneRule, key: str, started_s: float, now: Sighting, conditions: Sequence[types.Condition]
) -> types.Raised:
    """Return the event of one object's behaviour, with its track and path."""
    return types.Raised(
        key=key,
        kind=rule.kind,
        trigger=str(rule.kind),
        started_s=min(started_s, now.time_s),
        raised_s=now.time_s,
        score=min(1.0, max(0.0, now.track.score)),
        conditions=tuple(conditions),
        zone=rule.zone(),
        track_id=now.track.track_id,
        object_class=now.track.label,
        box_norm=now.box_norm,
        path=now.track.path,
    )

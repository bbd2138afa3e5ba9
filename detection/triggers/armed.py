"""Weapon (experimental): answers about one person's hands that agree over some seconds. One answer alone raises nothing.

The model learned from film stills and knows cameras of streets hardly at all: it is off unless a profile names it.
"""

from collections import deque
from dataclasses import dataclass, field

from detection import types, zones
from detection.profile import ZoneRule
from detection.triggers import sightings, verdicts
from detection.types import Kind
from detection.weapon_thresholds import WeaponThresholds

_MOST_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about a person at one look; `place_norm` is where the gun would be, 0..1 of the picture."""

    time_s: float
    score: float
    place_norm: types.Box


@dataclass(slots=True)
class Person:
    """Somebody who was asked about.

    Attributes:
        answers: oldest first.
        key: of the event they raised; "" before.
        spoken_s: when an answer last spoke for a weapon.
    """

    answers: deque[Answer] = field(default_factory=lambda: deque(maxlen=_MOST_ANSWERS))
    key: str = ""
    spoken_s: float = float("-inf")


class Armed:
    """Raises when most of the newest answers about one person speak for a weapon, over a while; ends when none does any more."""

    def __init__(self, rule: ZoneRule, limits: WeaponThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._people: dict[int, Person] = {}

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        said: list[types.Raised | types.Ended] = []
        tracks = {track.track_id: track for track in scene.tracks}
        for one in scene.evidence:
            values = dict(one.values)
            track = tracks.get(int(values.get("track", -1)))
            if one.kind is not Kind.WEAPON or track is None:
                continue  # about nobody who is followed: a whole picture, or somebody too small for this rule
            seen = sightings.sighting(scene, track)
            if self._rule.points and not zones.contains(self._rule.points, seen.foot_norm):
                continue
            person = self._people.setdefault(track.track_id, Person())
            person.answers.append(Answer(scene.time_s, one.score, _place_norm(scene, values)))
            if one.score >= self._limits.score:
                person.spoken_s = scene.time_s
            if not person.key:
                said += self._judge(person, seen)
        return (*said, *self._end(scene.time_s))

    def _judge(self, person: Person, seen: sightings.Sighting) -> tuple[types.Raised, ...]:
        limits = self._limits
        recent = [one for one in person.answers if seen.time_s - one.time_s <= limits.within_s]
        began = next((i for i, one in enumerate(recent) if one.score >= limits.score), len(recent))
        recent = recent[began:]
        speaking = [one for one in recent if one.score >= limits.score]
        if not speaking:
            return ()
        conditions = (
            verdicts.at_least("answers_believed", len(speaking), limits.answers, "answers"),
            verdicts.at_least("believed_share", len(speaking) / len(recent), limits.believed_share, "share"),
            verdicts.at_least("lasted", speaking[-1].time_s - speaking[0].time_s, limits.lasts_s, "s"),
            verdicts.at_least("weapon_score", _deciding(recent, limits.answers), limits.score, "score"),
        )
        if not verdicts.hold(conditions):
            return ()
        track = seen.track
        person.key = self._numbers.key(track.track_id)
        return (
            types.Raised(
                key=person.key, kind=self._rule.kind, trigger=str(self._rule.kind), started_s=speaking[0].time_s,
                raised_s=seen.time_s, score=min(1.0, sum(one.score for one in recent) / len(recent)),
                conditions=conditions, zone=self._rule.zone(), track_id=track.track_id, object_class=track.label,
                box_norm=speaking[-1].place_norm, path=track.path,
            ),
        )  # fmt: skip

    def _end(self, now_s: float) -> list[types.Ended]:
        """End what is not believed any more, and forget people who are not asked about any more."""
        ended: list[types.Ended] = []
        for number, person in list(self._people.items()):
            if person.key and now_s - person.spoken_s >= self._limits.end_s:
                ended.append(types.Ended(person.key, person.spoken_s))
                person.key = ""
                person.answers.clear()
            if not person.key and (not person.answers or now_s - person.answers[-1].time_s > self._limits.within_s):
                del self._people[number]
        return ended


def _deciding(recent: list[Answer], answers: int) -> float:
    """Return the score of the weakest of the answers that are needed: with a threshold above it there are too few."""
    strongest = sorted((one.score for one in recent), reverse=True)[:answers]
    return strongest[-1]


def _place_norm(scene: types.Scene, values: dict[str, float]) -> types.Box:
    wide, high = scene.width_px, scene.height_px
    return (
        _unit(values["x1"] / wide), _unit(values["y1"] / high), _unit(values["x2"] / wide), _unit(values["y2"] / high)
    )  # fmt: skip


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))

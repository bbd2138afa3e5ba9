"""Abandoned and removed objects: what changed in a scene where somebody was, and stays changed after they left.

No object class is asked for: detectors miss bags on the ground. A change of the settled picture (`settled`) is an object when somebody was
at its place just before, when it is smaller than they are, and when it does not stir; its outline tells whether it came or went.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence

from detection import motion, thresholds, types, zones
from detection.profile import ZoneRule
from detection.triggers import changes, outlines, settled, sightings, verdicts
from detection.triggers.changes import Changed, Somebody
from detection.types import Kind

Outcome = tuple[types.Raised | types.Ended, ...]
REMEMBERED = 600
"""Sightings of people that are kept to ask who was at a place."""
GONE_S = 3.0
"""A change that is not found for this long is over."""
TOGETHER_S = 6.0
COMPARED_EVERY_S = 0.38
"""What settles takes seconds: with five looks a second every other one is compared, people are noted at all."""


class Objects:
    """Raises for what was left behind and for what was taken away. One for both kinds: they look at one pair of pictures."""

    def __init__(self, rules: Sequence[ZoneRule], limits: thresholds.ObjectThresholds) -> None:
        self._rules = {rule: verdicts.Numbers(rule) for rule in rules}
        self._limits = limits
        self._pictures = settled.Settled(limits)
        self._people: deque[Somebody] = deque(maxlen=REMEMBERED)
        self._changes: list[Changed] = []
        self._compared_s = -math.inf

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look; the passing of time alone tells nothing."""
        if scene.thumb is None:
            return ()
        return tuple(self._outcomes(scene, scene.thumb))

    def _outcomes(self, scene: types.Scene, thumb: types.Thumb) -> Iterator[types.Raised | types.Ended]:
        here = [changes.somebody(scene, track) for track in scene.tracks if track.label == types.ObjectClass.PERSON]
        self._people.extend(one for one in here if scene.time_s - one.seen_s <= sightings.SAME_LOOK_S)
        if scene.time_s - self._compared_s < COMPARED_EVERY_S:
            return
        self._compared_s = scene.time_s
        patches = self._pictures.update(scene, thumb)
        if patches is None:  # the light was switched, or the camera turned: nothing is known of the scene any more
            yield from (types.Ended(one.key, scene.time_s) for one in self._changes if one.key)
            self._changes = []
            return
        for patch in patches:
            self._note(scene, patch)
        for one in self._changes:
            one.note_people(scene.time_s, here, self._limits.attended_lengths)
            one.note_stir(self._pictures.stirred(thumb.luma, one.patch), here)
            raised = None if one.key else self._raised(scene, one)
            if raised is not None:
                yield raised
        yield from self._take_ended(scene.time_s)

    def _note(self, scene: types.Scene, patch: settled.Patch) -> None:
        """Take a patch as a change known already, or as a new one, with who was there before it could be seen."""
        place = changes.in_heights(scene, patch.box)
        for one in self._changes:
            if one.is_same(place):
                one.take(patch, place, scene.time_s)
                return
        since_s = scene.time_s - self._limits.settle_s
        earliest_s = since_s - self._limits.person_before_s
        near = [
            person
            for person in self._people
            if person.seen_s >= earliest_s and changes.apart(place, person) <= self._limits.reach_lengths
        ]
        owners = {person.track_id for person in near[-changes.MOST_OWNERS :]}
        self._changes.append(Changed(patch, place, since_s, scene.time_s, near[-1] if near else None, owners))

    def _raised(self, scene: types.Scene, one: Changed) -> types.Raised | None:
        if one.somebody is None:
            return None
        told = outlines.compare(self._pictures.before, self._pictures.now, one.patch.box, one.patch.mask)
        kind = Kind.ABANDONED_OBJECT if told.contour >= 0.5 else Kind.REMOVED_OBJECT
        box_norm = changes.in_picture(one.patch.box)
        for rule, numbers in self._rules.items():
            foot = ((box_norm[0] + box_norm[2]) / 2, box_norm[3])
            inside = not rule.points or zones.contains(rule.points, foot)
            conditions = self._conditions(scene.time_s, rule, one, one.somebody, told)
            if rule.kind != kind or not inside or not verdicts.hold(conditions):
                continue
            one.key = numbers.key()
            score = told.contour if kind == Kind.ABANDONED_OBJECT else 1 - told.contour
            return types.Raised(
                key=one.key, kind=kind, trigger=str(kind), started_s=one.since_s, raised_s=scene.time_s,
                score=min(1.0, max(0.0, score)), conditions=conditions, zone=rule.zone(), box_norm=box_norm,
            )  # fmt: skip
        return None

    def _conditions(
        self, now_s: float, rule: ZoneRule, one: Changed, person: Somebody, told: outlines.Change
    ) -> tuple[types.Condition, ...]:
        limits = self._limits
        left = rule.kind == Kind.ABANDONED_OBJECT
        since_s = max(one.since_s, one.attended_s) if left else one.since_s
        outline = (
            verdicts.at_least("contour", told.contour, limits.contour, "share")
            if left
            else verdicts.at_most("contour", told.contour, 1 - limits.contour, "share")
        )
        return (
            verdicts.at_least("unattended" if left else "gone", now_s - since_s, rule.needed_s, "s"),
            verdicts.at_most("person_before", max(0.0, one.since_s - person.seen_s), limits.person_before_s, "s"),
            verdicts.at_most("size", one.side / person.length, limits.most_lengths, "lengths"),
            outline,
            verdicts.at_most("texture_kept", told.texture_kept, limits.texture_kept, "correlation"),
            verdicts.at_most("stirred", one.stirred_share, limits.stirred_share, "share"),
            verdicts.at_most("elsewhere", self._elsewhere(one), limits.elsewhere_share, "share"),
        )

    def _elsewhere(self, one: Changed) -> float:
        """Return how much else of the picture changed at about the same time: much is the light or the lens."""
        others = [
            other for other in self._changes if abs(other.since_s - one.since_s) <= TOGETHER_S and other is not one
        ]
        return sum(other.patch.area_px for other in others) / (motion.WIDTH_PX * motion.HEIGHT_PX)

    def _take_ended(self, now_s: float) -> Iterator[types.Ended]:
        over = [one for one in self._changes if now_s - one.found_s > GONE_S]
        self._changes = [one for one in self._changes if now_s - one.found_s <= GONE_S]
        yield from (types.Ended(one.key, one.found_s) for one in over if one.key)

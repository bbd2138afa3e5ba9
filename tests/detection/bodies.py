"""Scripted bodies: postures over time as the fall examiner tells them, without any picture."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from detection import thresholds, types
from detection.profile import ZoneRule
from detection.triggers import falling
from detection.types import Kind
from tests.detection import scenes

LENGTH = 0.3
"""Shoulders to ankles of everybody here, picture heights."""
Shape = tuple[float, float, float]
"""How high shoulders and hips are, and how far it is from shoulders to ankles, all in LENGTH."""
STANDING: Shape = (0.97, 0.55, 1.0)
SITTING: Shape = (0.6, 0.3, 0.95)
SQUATTING: Shape = (0.44, 0.16, 0.7)
BENT: Shape = (0.35, 0.48, 0.95)
LYING: Shape = (0.1, 0.06, 0.9)


@dataclass(frozen=True, slots=True)
class Person:
    """One body.

    Attributes:
        shape: at a time; None while the model does not see it.
        hips: where its hips are, picture heights.
    """

    shape: Callable[[float], Shape | None]
    hips: Callable[[float], types.Point] = lambda _: (0.9, 0.6)
    certainty: float = 0.4

    def evidence(self, time_s: float) -> tuple[types.Evidence, ...]:
        """Return what the examiner says of it at a look."""
        shape = self.shape(time_s)
        if shape is None:
            return ()
        x, y = self.hips(time_s)
        shoulders, hips, body = (part * LENGTH for part in shape)
        values = (
            ("shoulders_up", shoulders), ("hips_up", hips), ("body", body), ("hips_x", x), ("hips_y", y), ("certainty", self.certainty),
        )  # fmt: skip
        box = (
            (x - 0.1) * scenes.HEIGHT_PX,
            (y - 0.2) * scenes.HEIGHT_PX,
            (x + 0.1) * scenes.HEIGHT_PX,
            (y + 0.2) * scenes.HEIGHT_PX,
        )
        return (types.Evidence(Kind.FALL, 0.5, box, values),)


def change(*stages: tuple[float, Shape]) -> Callable[[float], Shape]:
    """Return a body that goes from shape to shape at the given times, evenly in between; it keeps the last one."""

    def shape(time_s: float) -> Shape:
        for (t0, a), (t1, b) in itertools.pairwise(stages):
            if time_s <= t1:
                share = min(1.0, max(0.0, (time_s - t0) / (t1 - t0)))
                made = tuple(p + share * (q - p) for p, q in zip(a, b, strict=True))
                return made[0], made[1], made[2]
        return stages[-1][1]

    return shape


def play(
    people: Sequence[Person], at: Iterable[float], *actors: scenes.Actor, zone: tuple[types.Point, ...] = ()
) -> tuple[list[types.Raised], list[types.Ended]]:
    """Run bodies, and tracks beside them, through the fall trigger."""
    trigger = falling.Fall(ZoneRule("yard", Kind.FALL, zone), thresholds.FallThresholds())
    raised: list[types.Raised] = []
    ended: list[types.Ended] = []
    for time_s in at:
        evidence = tuple(one for person in people for one in person.evidence(time_s))
        tracks = tuple(track for actor in actors for track in actor.tracks(time_s))
        scene = types.Scene(
            time_s, scenes.WIDTH_PX, scenes.HEIGHT_PX, tracks, scenes.thumb(time_s), True, evidence=evidence
        )
        for outcome in trigger.update(scene):
            if isinstance(outcome, types.Raised):
                raised.append(outcome)
            else:
                ended.append(outcome)
    return raised, ended

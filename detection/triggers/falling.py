"""Falls: a body that stood comes down faster than anyone lies down, and stays down.

Postures come as evidence (`examiners.fall`). A body is upright while its shoulders are high above the lowest of hips, knees and ankles, and
down when shoulders and hips are low, both counted in the length it had while upright. Who sits, squats, kneels or bends keeps either the
shoulders or the hips up; who lies down slowly takes longer. Lengths are counted in the body's own, times in seconds.
"""

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from detection import boxes, thresholds, types, zones
from detection.profile import ZoneRule
from detection.triggers import verdicts
from detection.types import Kind

REMEMBERED_S = 4.0
"""A body not seen for this long is another when it is met again; so is what raised, after `patience_s`."""
MOST_BODIES = 32
HALF = 0.5
"""Shoulders below this are lower than those of anyone who sits."""
SEEN_S = 1.2
"""A box not seen for this long says nothing of a body now."""
REACH, REACH_PER_S, MOST_REACH = 0.5, 1.5, 1.5
"""How far a body's hips may be from where they were, in its length: at once, per second, at most."""


@dataclass(frozen=True, slots=True)
class Pose:
    """One posture, picture heights."""

    time_s: float
    hips: types.Point
    shoulders_up: float
    hips_up: float
    body: float
    certainty: float
    box: types.Box


@dataclass(slots=True)
class Body:
    """One person over the last seconds.

    Attributes:
        length: from the shoulders to the ankles when last upright; 0 where never seen so.
        upright_s: when last upright; upright: how high the shoulders were then.
        half_s: when first half down since; None: not yet.
        down_s: since when down; None while not.
        lows: postures seen down since.
        key: of the event it raised; "" before.
    """

    last: Pose
    length: float = 0.0
    upright_s: float = -math.inf
    upright: float = 0.0
    half_s: float | None = None
    down_s: float | None = None
    lows: int = 0
    moved: float = 0.0
    key: str = ""
    upright_seen: deque[float] = field(default_factory=lambda: deque(maxlen=5))


class Fall:
    """Raises when a body that was upright a moment ago is down and stays down."""

    def __init__(self, rule: ZoneRule, limits: thresholds.FallThresholds) -> None:
        self._rule = rule
        self._limits = limits
        self._numbers = verdicts.Numbers(rule)
        self._bodies: list[Body] = []

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        return tuple(self._outcomes(scene))

    def _outcomes(self, scene: types.Scene) -> Iterator[types.Raised | types.Ended]:
        seen = [_pose(scene, one) for one in scene.evidence if one.kind == Kind.FALL and one.box is not None]
        for body in self._match(seen, scene.time_s):
            if body.key and body.down_s is None:
                yield types.Ended(body.key, scene.time_s)
                body.key = ""
            elif not body.key and body.down_s is not None:
                conditions = self._conditions(scene, body, body.down_s)
                if verdicts.hold(conditions) and self._is_inside(scene, body.last):
                    yield self._raised(scene, body, conditions)
        yield from self._forget(scene.time_s)

    def _match(self, seen: list[Pose], now_s: float) -> list[Body]:
        """Give postures to bodies, nearest first; a sure posture that nobody takes is a new body."""
        pairs = sorted(
            (distance, i, j)
            for i, body in enumerate(self._bodies)
            for j, pose in enumerate(seen)
            if (distance := _apart(body, pose)) is not None
        )
        bodies, poses, updated = set[int](), set[int](), list[Body]()
        for _, i, j in pairs:
            if i not in bodies and j not in poses:
                bodies.add(i)
                poses.add(j)
                self._take(self._bodies[i], seen[j])
                updated.append(self._bodies[i])
        for j, pose in enumerate(seen):
            if j not in poses and pose.certainty >= self._limits.sure_score and len(self._bodies) < MOST_BODIES:
                self._bodies.append(Body(pose))
                self._take(self._bodies[-1], pose)
        return updated

    def _take(self, body: Body, pose: Pose) -> None:
        step_s = pose.time_s - body.last.time_s
        still = math.dist(pose.hips, body.last.hips) / max(body.length, pose.body)
        body.last = pose
        length = max(body.length, pose.body) if body.length == 0 else body.length
        if pose.shoulders_up >= self._limits.upright * max(pose.body, 0.7 * length):
            body.upright_seen.append(pose.body)
            body.length = sorted(body.upright_seen)[len(body.upright_seen) // 2]
            body.upright_s, body.upright = pose.time_s, pose.shoulders_up
            body.half_s, body.down_s, body.lows, body.moved = None, None, 0, 0.0
            return
        if body.half_s is None and pose.shoulders_up <= HALF * body.length:
            body.half_s = pose.time_s
        low = (
            body.length > 0
            and pose.shoulders_up <= self._limits.shoulders_down * body.length
            and pose.hips_up <= self._limits.hips_down * body.length
        )
        if low:
            body.down_s = pose.time_s if body.down_s is None else body.down_s
            body.lows += 1
            body.moved = max(body.moved * 0.7, still / step_s if step_s > 0 else 0.0)
        elif not body.key and pose.shoulders_up > 1.3 * self._limits.shoulders_down * body.length:
            body.down_s, body.lows = None, 0

    def _conditions(self, scene: types.Scene, body: Body, down_s: float) -> tuple[types.Condition, ...]:
        limits, last = self._limits, body.last
        return (
            verdicts.at_most("sudden", (body.half_s or down_s) - body.upright_s, limits.sudden_s, "s"),
            verdicts.at_most("collapse", down_s - body.upright_s, limits.collapse_s, "s"),
            verdicts.at_least("drop", (body.upright - last.shoulders_up) / body.length, limits.drop, "lengths"),
            verdicts.at_most("shoulders", last.shoulders_up / body.length, limits.shoulders_down, "lengths"),
            verdicts.at_most("hips", last.hips_up / body.length, limits.hips_down, "lengths"),
            verdicts.at_least("down", last.time_s - down_s, limits.down_s, "s"),
            verdicts.at_least("looks_down", body.lows, limits.down_looks, "looks"),
            verdicts.at_most("box_height", _box_height(scene, body.last) / body.length, limits.box_height, "lengths"),
        )

    def _raised(self, scene: types.Scene, body: Body, conditions: tuple[types.Condition, ...]) -> types.Raised:
        body.key = self._numbers.key()
        x1, y1, x2, y2 = body.last.box
        width, height = scene.width_px, scene.height_px
        stillness = 1 - min(1.0, body.moved / self._limits.moving_lengths_per_s)
        return types.Raised(
            key=body.key, kind=Kind.FALL, trigger="fall", started_s=body.upright_s, raised_s=scene.time_s,
            score=0.6 + 0.4 * stillness, conditions=conditions, zone=self._rule.zone(),
            object_class=types.ObjectClass.PERSON,
            box_norm=(_unit(x1 / width), _unit(y1 / height), _unit(x2 / width), _unit(y2 / height)),
        )  # fmt: skip

    def _is_inside(self, scene: types.Scene, pose: Pose) -> bool:
        x, y = pose.hips
        place = (_unit(x * scene.height_px / scene.width_px), _unit(y))
        return not self._rule.points or zones.contains(self._rule.points, place)

    def _forget(self, now_s: float) -> Iterator[types.Ended]:
        kept: list[Body] = []
        for body in self._bodies:
            wait_s = self._limits.patience_s if body.key else REMEMBERED_S
            if now_s - body.last.time_s <= wait_s:
                kept.append(body)
            elif body.key:
                yield types.Ended(body.key, body.last.time_s)
        self._bodies = kept


def _pose(scene: types.Scene, one: types.Evidence) -> Pose:
    values: Mapping[str, float] = dict(one.values)
    assert one.box is not None  # noqa: S101 (asked for by the caller)
    return Pose(
        scene.time_s,
        (values["hips_x"], values["hips_y"]),
        values["shoulders_up"],
        values["hips_up"],
        values["body"],
        values["certainty"],
        one.box,
    )


def _box_height(scene: types.Scene, pose: Pose) -> float:
    """Return how high the detector sees the person whose hips these are, picture heights; 0 where it sees nobody there."""
    x, y = pose.hips[0] * scene.height_px, pose.hips[1] * scene.height_px
    here = [
        boxes.height(track.box)
        for track in scene.tracks
        if track.label == types.ObjectClass.PERSON
        and track.last_seen_s >= scene.time_s - SEEN_S
        and boxes.contains(track.box, (x, y, x, y))
    ]
    return min(here, default=0.0) / scene.height_px


def _apart(body: Body, pose: Pose) -> float | None:
    """Return how far a posture is from where a body was, in its length; None where it is too far to be the same."""
    gap_s = pose.time_s - body.last.time_s
    distance = math.dist(pose.hips, body.last.hips) / max(body.length, pose.body, body.last.body)
    return distance if distance <= min(MOST_REACH, REACH + REACH_PER_S * gap_s) else None


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))

"""Looks at the postures of people who may be falling: evidence for FALL, one for each body that was seen.

Cues, cheapest first: an upright track's box that shrinks from above (far people, whom the detector follows well); a large moving area (near
people, whom it often misses); a look at the whole picture. The pose model is asked a few times a second for what is near and moves, and at
every look for a while after a body sank.
"""

import math
import statistics
from collections import deque
from collections.abc import Iterable, Sequence

from detection import boxes, experts, thresholds, types
from detection.examiners import poses
from detection.types import Kind

NEAR_EVERY_S = 0.35
"""Near people who move are looked at this often while nothing sinks."""
NEAR_FOLLOWED_EVERY_S = 0.55
"""And this often where the detector follows them well: then their boxes tell too."""
FOLLOWED = 0.5
SPANNED_HIGH, SPANNED_WIDE = 0.8, 0.6
"""Several people are a moving area when together they are so much of its height and width: walkers at several distances often move as one."""
FIRST_ALERT_S = 1.2
ALERT_S = 2.5
"""At every look for this long after a box sank, and after a body did."""
LONGEST_ALERT_S = 6.0
"""Whoever is low keeps it at every look, for at most so long after they sank."""
LOW = 0.4
TURNED = 0.55
"""A box whose height to its width is at most this share of what it was a moment ago has turned wide."""
CALM_LOOKS = 2
"""After as many looks in a row in which everybody stands, nobody is falling."""
SUNK = 0.2
"""A body whose shoulders came down by this share of its length since the look before has sunk."""
REMEMBERED_S = 0.7
BEHIND = 0.5
"""A moving area is a vehicle's when this share of it lies on one."""
LONGEST_TRACKS = 256


class Falls:
    """The examiner of one camera."""

    task = poses.TASK
    kinds = frozenset({Kind.FALL})

    def __init__(self, limits: thresholds.FallThresholds) -> None:
        self._limits = limits
        self._heights: dict[int, deque[tuple[float, float, float, float]]] = {}
        """By track: when, upper edge and height of its box, pixels, and its height to its width."""
        self._asked_s = -math.inf
        self._calm = 0
        self._sunk_s = -math.inf
        self._alert_s = -math.inf
        self._alert: types.Box | None = None
        self._before: tuple[poses.Posture, ...] = ()
        self.urgent = False

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; ask where a cue holds."""
        now_s = look.frame.time_s
        region = self._region(look, tracks)
        if region is None:
            return ()
        self.urgent = now_s - self._alert_s <= ALERT_S
        found = poses.ask(look.frame, region, ask)
        if found is not None or not self.urgent:
            self._asked_s = (
                now_s  # where nothing sinks, one that was shed is put again no sooner than one that was answered
            )
        if found is None:
            return ()
        self._note(now_s, region, found)
        self._before = found
        return tuple(_evidence(one) for one in found)

    def _note(self, now_s: float, region: types.Box, found: tuple[poses.Posture, ...]) -> None:
        """Go on looking closely where a body sank, or lies since; not where all that are seen stand."""
        if any(self._has_sunk(one) for one in found):
            self._sunk_s = self._alert_s = now_s
            self._alert, self._calm = region, 0
            return
        if now_s - self._alert_s > ALERT_S:
            return
        low = any(one.shoulders_up <= LOW * one.body for one in found)
        if low and now_s - self._sunk_s <= LONGEST_ALERT_S:
            self._alert_s = now_s
        stand = [one.shoulders_up >= self._limits.upright * one.body for one in found]
        self._calm = self._calm + 1 if stand and all(stand) else 0
        if self._calm >= CALM_LOOKS:
            self._alert_s = -math.inf

    def _region(self, look: types.Look, tracks: tuple[types.Track, ...]) -> types.Box | None:
        """Return where to ask at this look; None where nothing calls for it."""
        now_s = look.frame.time_s
        width, height = float(look.frame.width_px), float(look.frame.height_px)
        whole = (0.0, 0.0, width, height)
        sinking = self._sinking(now_s, tracks)
        if sinking is not None:
            self._alert_s, self._alert = now_s - ALERT_S + FIRST_ALERT_S, boxes.clip(sinking, width, height)
        moving = self._near(look, tracks)
        near = None if moving is None else _with_room(moving, width, height)
        if now_s - self._alert_s <= ALERT_S and self._alert is not None:
            if near is None or moving is None or _followed_height(moving, tracks) is not None:
                return self._alert
            return boxes.enclose(near, self._alert)
        if whole in look.regions:
            return whole
        pause_s = None if moving is None else self._pause_s(moving, tracks, height)
        return near if pause_s is not None and now_s - self._asked_s >= pause_s else None

    def _pause_s(self, near: types.Box, tracks: tuple[types.Track, ...], height_px: float) -> float | None:
        """Return how long to wait between looks at what moves: longer where a track tells who it is; None where that one is far."""
        tall = _followed_height(near, tracks)
        if tall is None:
            return NEAR_EVERY_S
        return NEAR_FOLLOWED_EVERY_S if tall >= self._limits.near_share * height_px else None

    def _near(self, look: types.Look, tracks: tuple[types.Track, ...]) -> types.Box | None:
        """Return where somebody near moves: all larger moving areas that are no vehicles, and not several people far off whom the detector follows."""
        height = float(look.frame.height_px)
        vehicles = [track.box for track in tracks if track.label in types.VEHICLES]
        people = [track.box for track in tracks if track.label == types.ObjectClass.PERSON]
        far = [box for box in people if boxes.height(box) < self._limits.near_share * height]
        large = [
            box
            for box in look.motion
            if boxes.height(box) >= self._limits.near_share / 2 * height
            and not any(boxes.share_inside(box, vehicle) >= BEHIND for vehicle in vehicles)
            and not _span(far, box)
        ]
        if not any(boxes.height(box) >= self._limits.near_share * height for box in large):
            return None
        region = large[0]
        for box in large[1:]:
            region = boxes.enclose(region, box)
        return region

    def _sinking(self, now_s: float, tracks: tuple[types.Track, ...]) -> types.Box | None:
        """Return where an upright track's box shrank from above or turned wide; and remember all of them for the next look."""
        sunk: types.Box | None = None
        known: dict[int, deque[tuple[float, float, float, float]]] = {}
        for track in tracks[:LONGEST_TRACKS]:
            if track.label != types.ObjectClass.PERSON:
                continue
            top, tall = track.box[1], boxes.height(track.box)
            before = known[track.track_id] = self._heights.get(track.track_id, deque(maxlen=16))
            while before and now_s - before[0][0] > REMEMBERED_S + 0.4:
                before.popleft()
            usual = statistics.median(was_tall for _, _, was_tall, _ in before) if len(before) > 1 else 0.0
            shape = tall / max(1.0, boxes.width(track.box))
            turned = len(before) > 1 and shape <= TURNED * statistics.median(was for _, _, _, was in before)
            # Who walks towards the camera comes down whole; who falls comes down at the upper end first.
            shrank = usual - tall >= self._limits.cue_drop * usual > 0 and top > before[-1][1]
            if shrank or turned:
                self._calm = 0
                room = 0.8 * usual
                around = boxes.grow(track.box, room, room)
                sunk = around if sunk is None else boxes.enclose(sunk, around)
            before.append((now_s, top, tall, shape))
        self._heights = known
        return sunk

    def _has_sunk(self, one: poses.Posture) -> bool:
        """Say whether a body's shoulders are clearly lower than those of one in the same place at the look before."""
        return any(
            math.dist(one.hips, was.hips) <= 0.6 * was.body and was.shoulders_up - one.shoulders_up >= SUNK * was.body
            for was in self._before
        )


def _with_room(box: types.Box, width_px: float, height_px: float) -> types.Box:
    room = 0.15 * max(boxes.width(box), boxes.height(box))
    return boxes.clip(boxes.grow(box, room, room), width_px, height_px)


def _followed_height(near: types.Box, tracks: tuple[types.Track, ...]) -> float | None:
    """Return the height of the tallest track there that is at least half as high as the moving area; None: nobody follows what moves."""
    tall = [
        boxes.height(track.box)
        for track in tracks
        if track.label == types.ObjectClass.PERSON
        and boxes.height(track.box) >= FOLLOWED * boxes.height(near)
        and boxes.share_inside(track.box, near) >= FOLLOWED
    ]
    return max(tall, default=None)


def _span(people: Sequence[types.Box], area: types.Box) -> bool:
    """Say whether at least two people together take up most of a moving area's height and width."""
    inside = [box for box in people if boxes.share_inside(box, area) >= FOLLOWED]
    if len(inside) < 2:
        return False
    high = _covered([(box[1], box[3]) for box in inside], area[1], area[3])
    wide = _covered([(box[0], box[2]) for box in inside], area[0], area[2])
    return high >= SPANNED_HIGH * boxes.height(area) and wide >= SPANNED_WIDE * boxes.width(area)


def _covered(spans: Iterable[tuple[float, float]], low: float, high: float) -> float:
    """Return how much of the length from `low` to `high` spans cover together."""
    covered, reached = 0.0, low
    for begin, end in sorted(spans):
        covered += max(0.0, min(end, high) - max(begin, reached))
        reached = max(reached, min(end, high))
    return covered


def _evidence(one: poses.Posture) -> types.Evidence:
    low = 1 - one.shoulders_up / (0.7 * one.body)
    values = (
        ("shoulders_up", one.shoulders_up),
        ("hips_up", one.hips_up),
        ("body", one.body),
        ("hips_x", one.hips[0]),
        ("hips_y", one.hips[1]),
        ("certainty", one.score),
    )
    return types.Evidence(Kind.FALL, min(1.0, max(0.0, low)), one.box, values)

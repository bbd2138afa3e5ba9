"""Fire and smoke: tiles of the picture for a small classifier, and what changes from look to look where it saw something.

Cues: a look at the whole picture asks about its pyramid of tiles; about once a second, what moves and is no person or vehicle of its own, or is coloured as
flames, is asked about with what is around it. A place that answered with suspicion is looked at again and again in one unchanging
tile, so that times can be compared: flames change their outline and stay where they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detection import boxes, experts, types
from detection.examiners import flames, tiles
from detection.fire_thresholds import FireThresholds
from detection.types import Kind

TASK = "fire"
KINDS = (Kind.FIRE, Kind.SMOKE)
"""In the order of the model's scores."""
_LEAST_SIDE = 0.2
"""A tile is at least this share of the picture's width and height: the model needs to see where things are."""
_CONTEXT = 0.5
"""A moving area is shown with this share of its size on each side."""
_EXPLAINED = 0.8
"""A moving area is objects' own when this share of it lies on their boxes, grown a little; where boxes overlap it counts for each."""
_SAME = 0.3
"""Two boxes of one kind are one place when this share of the smaller lies on the larger."""
_MOST_SPOTS = 3
_MOST_STILL = 8
_PATIENCE_S, _SLOW_S = 15.0, 2.0
"""A place that has been watched for so long without being left is asked about less often: what burns was told by then, or grows over minutes."""
_DOUBTED = 2
"""A watched place whose last answer would not be believed is asked about after so many times the pause."""
_CALM = ((15, 4.0), (5, 2.0))
"""After so many questions in a row about movement without suspicion, it is asked about only so often."""
_STILL = 0.01
"""A place of which less than this share changes from look to look keeps still, unless it flickers as much as the trigger wants of flames: a
camera's noise makes the edge of sunlit ground flicker, too."""


PYRAMID: tuple[types.Box, ...] = ((0.0, 0.0, 1.0, 1.0), *tiles.level(2, 0.6), *tiles.level(3, 0.4))
"""The tiles of a whole picture, 0..1 of it: itself, 2x2 and 3x3, overlapping."""


@dataclass(slots=True)
class Spot:
    """A place that is watched because fire or smoke was suspected there.

    Attributes:
        tile: what is shown to the model, pixels; never changes.
        number: tells places apart, from 1.
        suspected_s: when it last answered with suspicion.
        asked_s: when it was last asked about.
        begun_s: since when it is watched.
        changed_s: when it last changed: a pale wall may look like smoke for ever, and keeps still.
        believed: whether its last answer was sure enough for a trigger; a new place is asked about as if it had been.
        sight: what its pixels were then, to measure change against.
    """

    tile: types.Box
    number: int
    suspected_s: float
    asked_s: float
    begun_s: float
    changed_s: float
    believed: bool = True
    sight: flames.Sight | None = None


class FireExaminer:
    """Looks at one camera for fire and smoke."""

    task = TASK
    kinds = frozenset(KINDS)

    def __init__(self, limits: FireThresholds, wanted: frozenset[Kind]) -> None:
        self._limits = limits
        self._wanted = wanted
        self._spots: list[Spot] = []
        self._still: tuple[types.Box, ...] = ()  # places that were watched and never changed
        self._given = 0
        self._asked_s = float("-inf")  # about movement
        self._calm = 0  # answers about movement in a row without suspicion
        self._turn = 0  # moving areas take turns
        self._size_px = (0, 0)
        self.urgent = False

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; answer with the best place of each kind (for fire in a whole picture: between its best tile and the whole), and with each watched place that was due."""
        now_s, size_px = look.frame.time_s, (look.frame.width_px, look.frame.height_px)
        if size_px != self._size_px:
            self._spots, self._still, self._size_px = [], (), size_px
        self._leave(now_s)
        due = [s for s in self._spots if now_s - s.asked_s >= self._pause_s(s, now_s)]
        new = self._choose(look, tracks, now_s)
        asked = [spot.tile for spot in due] + new
        if not asked:
            return ()
        self.urgent = bool(due)
        answer = ask(TASK, np.stack([tiles.as_tile(look.frame.bgr(tile)) for tile in asked]))
        if answer is None:
            return ()
        scores, cells = answer
        found: list[types.Evidence] = []
        for i, spot in enumerate(due):
            found += self._follow(spot, look.frame, scores[i], cells[i])
        if new:
            self._calm = self._calm + 1 if float(scores[len(due) :].max()) < self._limits.suspicion else 0
        found += self._begin(now_s, new, scores[len(due) :], cells[len(due) :])
        return tuple(one for one in found if one.kind in self._wanted)

    def _pause_s(self, spot: Spot, now_s: float) -> float:
        pause_s = self._limits.follow_s if spot.believed else _DOUBTED * self._limits.follow_s
        return pause_s if now_s - spot.begun_s <= _PATIENCE_S else max(_SLOW_S, pause_s)

    def _leave(self, now_s: float) -> None:
        """Stop watching places without suspicion, and those that keep still; only movement leads back to the latter."""
        watched = [s for s in self._spots if now_s - s.suspected_s <= self._limits.watch_s]
        self._spots = [s for s in watched if now_s - s.changed_s <= self._limits.watch_s]
        left = [s.tile for s in watched if now_s - s.changed_s > self._limits.watch_s]
        self._still = (*self._still, *left)[-_MOST_STILL:]

    def _choose(self, look: types.Look, tracks: Sequence[types.Track], now_s: float) -> list[types.Box]:
        """Return the tiles to ask about at this look beside the watched places."""
        width, height = float(self._size_px[0]), float(self._size_px[1])
        if (0.0, 0.0, width, height) in look.regions:
            self._asked_s = now_s
            return [(x1 * width, y1 * height, x2 * width, y2 * height) for x1, y1, x2, y2 in PYRAMID]
        if now_s - self._asked_s < self._every_s() or not look.motion:
            return []
        self._asked_s = now_s
        areas = [area for area in look.motion if self._is_of_interest(area, look.frame, tracks)]
        most = min(len(areas), self._limits.most_areas)
        chosen = [areas[(self._turn + i) % len(areas)] for i in range(most)]
        self._turn = (self._turn + most) % max(1, len(areas))
        new: list[types.Box] = []
        for tile in (with_context(area, self._size_px) for area in chosen):
            watched = any(boxes.share_inside(tile, spot.tile) > 0.7 for spot in self._spots)
            if not watched and all(boxes.share_inside(tile, other) < 0.7 for other in new):
                new.append(tile)
        return new

    def _every_s(self) -> float:
        rest_s = next((every_s for answers, every_s in _CALM if self._calm >= answers), 0.0)
        return max(self._limits.motion_every_s, rest_s)

    def _is_of_interest(self, area: types.Box, frame: types.Frame, tracks: Sequence[types.Track]) -> bool:
        """Say whether a moving area is no object's own, nor that of several who move as one, or coloured as flames."""
        grown = (boxes.grow(t.box, 0.15 * boxes.width(t.box), 0.1 * boxes.height(t.box)) for t in tracks)
        explained = sum(boxes.share_inside(area, box) for box in grown)
        return explained < _EXPLAINED or flames.fiery_share(frame, area) >= self._limits.fiery_share

    def _follow(self, spot: Spot, frame: types.Frame, scores: types.Float, cells: types.Float) -> list[types.Evidence]:
        """Return what a watched place shows now, and how it changed since it was asked last."""
        spot.asked_s = frame.time_s
        if float(scores.max()) >= self._limits.suspicion:
            spot.suspected_s = frame.time_s
        spot.believed = bool(scores[0] >= self._limits.fire_score or scores[1] >= self._limits.smoke_score)
        sight = flames.Sight.of(frame, spot.tile)
        change = None if spot.sight is None else sight.compare(spot.sight)
        spot.sight = sight
        values: tuple[tuple[str, float], ...] = (("spot", float(spot.number)),)
        if change is not None:
            values += tuple(change.as_values())
            if change.stirred >= _STILL or change.flicker >= self._limits.flicker:
                spot.changed_s = frame.time_s
        made = []
        for i, kind in enumerate(KINDS):
            found_box = _locate(spot.tile, cells[i])
            filled = float((cells[i] >= 0.5).mean()) * boxes.size(spot.tile)
            more = ("share", filled / (self._size_px[0] * self._size_px[1]))
            made.append(types.Evidence(kind, float(scores[i]), found_box, (*values, more)))
        return made

    def _begin(
        self, now_s: float, asked: Sequence[types.Box], scores: types.Float, cells: types.Float
    ) -> list[types.Evidence]:
        """Return the best of the newly asked tiles for each kind, and watch those that answered with suspicion, smallest tile first."""
        if not len(asked):
            return []
        best: list[types.Evidence] = []
        for i, kind in enumerate(KINDS):
            j = int(scores[:, i].argmax())
            score = float(scores[j, i])
            if kind == Kind.FIRE and len(asked) == len(PYRAMID):
                score = _mean_odds(score, float(scores[0, i]))
            best.append(types.Evidence(kind, score, _locate(asked[j], cells[j, i])))
        ranked = sorted(range(len(asked)), key=lambda j: -float(scores[j].max()))
        for j in ranked:
            i = int(scores[j].argmax())
            if scores[j, i] < self._limits.suspicion or len(self._spots) >= _MOST_SPOTS:
                break
            where = _locate(asked[j], cells[j, i])
            known = [spot.tile for spot in self._spots] + (list(self._still) if len(asked) == len(PYRAMID) else [])
            if any(boxes.share_inside(where, tile) > _SAME for tile in known):
                continue
            self._given += 1
            tile = with_context(where, self._size_px)
            self._spots.append(Spot(tile, self._given, now_s, float("-inf"), now_s, now_s))
        return best


def with_context(area: types.Box, size_px: tuple[int, int]) -> types.Box:
    """Return the tile that shows an area and what is around it, inside the picture."""
    spans = []
    for low, high, length in ((area[0], area[2], size_px[0]), (area[1], area[3], size_px[1])):
        side = min(float(length), max(_LEAST_SIDE * length, (high - low) * (1 + 2 * _CONTEXT)))
        start = min(max(0.0, (low + high - side) / 2), length - side)
        spans.append((start, start + side))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]


def _mean_odds(a: float, b: float) -> float:
    """Return the probability between two, in the middle of their odds' logarithms: a lamp close up looks like fire, its room does not."""
    logits = [math.log(max(p, 1e-6) / max(1 - p, 1e-6)) for p in (a, b)]
    return 1 / (1 + math.exp(-(logits[0] + logits[1]) / 2))


def _locate(tile: types.Box, cells: types.Float) -> types.Box:
    """Return the box around a tile's cells that are nearly as sure as its surest."""
    return tiles.around(tile, np.asarray(cells >= min(0.5, 0.7 * float(cells.max())), np.bool_))

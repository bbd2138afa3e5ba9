"""Where the detector looks: few regions around what moves and what is followed, under a budget per look.

Regions are grown to show context, joined where one look costs less than two, and paid for in canvas pixels (the cost of an
inference is nearly proportional to them). What a look cannot pay for waits for the next one, longest waiting first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from detection import boxes, following, letterbox, settings, types

MOST_MOTION = 32
"""More moving areas than this are not looked at one by one; the largest count."""
APART = 0.2
"""An object keeps apart from others when its box, grown by this share, touches none of theirs."""
EXPLAINED = 0.9
"""A moving area is an object's own when this share of it lies on the object's grown box."""
MOST_PATIENCE = 4
"""The whole picture of a scene in which nothing moves is looked at again after this many times `recheck_s` at most."""
PARKED_S, PARKED_PATIENCE = 20.0, 4.0
"""A vehicle seen in one place for this long is looked for less often, by this factor."""
OVERHEAD_PX = 1500
"""What a region costs beyond its own pixels: gaps, and room lost on the canvas."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A region that something asks for, and since when."""

    box: types.Box
    since_s: float


class Chooser:
    """Chooses the regions of one camera. `waiting` counts the regions that looks could not pay for."""

    def __init__(self, wanted: settings.RegionSettings) -> None:
        self.waiting = 0
        self._wanted = wanted
        self._whole_s = math.nan
        self._patience = 1  # how many times recheck_s may pass, because nothing moved for long
        self._moved = False  # since the whole picture was looked at
        self._put_off: tuple[Wish, ...] = ()

    def choose(
        self,
        time_s: float,
        size_px: tuple[int, int],
        motion: Sequence[types.Box],
        expected: Sequence[following.Expected],
    ) -> tuple[types.Box, ...]:
        """Return the regions for one look, in pixels of the picture, none when there is nothing to look at."""
        whole = (0.0, 0.0, float(size_px[0]), float(size_px[1]))
        if motion or expected:
            self._moved, self._patience = True, 1
        if self._is_recheck_due(time_s):
            return (whole,)
        wishes = self._wishes(time_s, motion, expected)
        joined = _join([Wish(self._grow(wish.box, whole), wish.since_s) for wish in wishes], size_px)
        return self._afford(joined, whole)

    def note_look(self, time_s: float, size_px: tuple[int, int], regions: Sequence[types.Box]) -> None:
        """Learn that a detector has looked at these regions."""
        if (0.0, 0.0, float(size_px[0]), float(size_px[1])) in regions:
            self._whole_s = time_s
            self._patience = 1 if self._moved else min(2 * self._patience, MOST_PATIENCE)
            self._moved = False

    def _is_recheck_due(self, time_s: float) -> bool:
        """The whole picture is looked at now and then, for what came unnoticed or was there before; less often where nothing moves."""
        wait_s = self._patience * self._wanted.recheck_s
        return self._wanted.recheck_s > 0 and not 0 <= time_s - self._whole_s < wait_s

    def _wishes(self, time_s: float, motion: Sequence[types.Box], expected: Sequence[following.Expected]) -> list[Wish]:
        """Ask for what moves, for what is followed and moves, and now and then for what is followed and stands still or is settled."""
        resting = [one.box for one in expected if self._may_rest(one, time_s, expected)]
        moving = [box for box in motion if not _is_explained(box, resting)]
        wishes = [Wish(box, self._asked_since(box, time_s)) for box in moving[:MOST_MOTION]]
        for one in expected:
            moves = any(boxes.touch(one.box, box) for box in motion) and one.box not in resting
            if moves or not 0 <= time_s - one.looked_s < 0.9 * self._still_s(one):
                wishes.append(Wish(one.box, one.looked_s))
        return wishes

    def _still_s(self, one: following.Expected) -> float:
        """Return how often an object is looked for while nothing moves there; a vehicle that drove off would have been seen moving."""
        return self._wanted.still_s * (PARKED_PATIENCE if one.parked_s >= PARKED_S else 1.0)

    def _may_rest(self, one: following.Expected, time_s: float, expected: Sequence[following.Expected]) -> bool:
        """Say whether an object need not be looked for now: it was a moment ago, and no other can be taken for it."""
        if not one.settled or not 0 <= time_s - one.looked_s < self._wanted.settled_s:
            return False
        around = _widened(one.box)
        return not any(boxes.touch(around, other.box) for other in expected if other is not one)

    def _asked_since(self, box: types.Box, time_s: float) -> float:
        return min((wish.since_s for wish in self._put_off if boxes.touch(wish.box, box)), default=time_s)

    def _grow(self, box: types.Box, whole: types.Box) -> types.Box:
        least, share = self._wanted.context_px, self._wanted.context_share
        grown = boxes.grow(box, max(least, share * boxes.width(box)), max(least, share * boxes.height(box)))
        return boxes.clip(grown, whole[2], whole[3])

    def _afford(self, wishes: Sequence[Wish], whole: types.Box) -> tuple[types.Box, ...]:
        """Take the regions that one look pays for, longest waiting first; the whole picture where that costs less."""
        size_px = (int(whole[2]), int(whole[3]))
        if wishes and sum(cost(wish.box, size_px) for wish in wishes) >= cost(whole, size_px):
            return (whole,)
        ordered = sorted(wishes, key=lambda wish: (wish.since_s, wish.box))
        chosen = ordered[: self._wanted.max_regions]
        self._put_off = tuple(ordered[len(chosen) :])
        self.waiting += len(self._put_off)
        return tuple(wish.box for wish in chosen)


def _is_explained(motion: types.Box, resting: Sequence[types.Box]) -> bool:
    """Say whether what moves is an object that need not be looked for, and nothing beside it."""
    return any(boxes.share_inside(motion, _widened(box)) >= EXPLAINED for box in resting)


def _widened(box: types.Box) -> types.Box:
    return boxes.grow(box, APART * boxes.width(box), APART * boxes.height(box))


def cost(region: types.Box, size_px: tuple[int, int]) -> float:
    """Return the canvas pixels that looking at a region of a picture of this width and height takes."""
    scale = letterbox.choose_scale(region, size_px)
    return boxes.size(region) * scale * scale + OVERHEAD_PX


def _join(wishes: Sequence[Wish], size_px: tuple[int, int]) -> list[Wish]:
    """Join regions as long as looking at two together costs less than looking at each."""
    left = [wish for wish in wishes if boxes.size(wish.box) > 0]
    joined: list[Wish] = []
    while left:
        wish = left.pop()
        for i, other in enumerate(left):
            both = boxes.enclose(wish.box, other.box)
            if cost(both, size_px) <= cost(wish.box, size_px) + cost(other.box, size_px):
                left[i] = Wish(both, min(wish.since_s, other.since_s))
                break
        else:
            joined.append(wish)
    return joined

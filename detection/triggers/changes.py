"""One change of the settled scene over time: since when, who was there before, whether they are near still, and whether it stirs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from detection import boxes, motion, types
from detection.triggers import settled

NEAR_GAP_S = 1.0
"""Somebody not seen for this long may be elsewhere."""
HANDOVER_S = 6.0
"""A track that begins beside it later than this after an owner was there is not the owner's."""
MOST_OWNERS = 16
SAME = 0.3
INSIDE = 0.7
"""A patch belongs to a change when their boxes overlap this much (IoU), or when one holds this share of the other."""
STIRS = 0.3
"""A look in which this share of the pixels is off is one in which it moved."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Where a person was seen; `box` in picture heights, `length` their height in the same, `first` where their path begins."""

    track_id: int
    seen_s: float
    box: types.Box
    length: float
    first_s: float
    first: types.Point


@dataclass(slots=True)
class Changed:
    """One change.

    Attributes:
        place: its box in picture heights.
        since_s: when its first pixels began to show what they show.
        found_s: when it was found last.
        somebody: the last to be at the place before; None: nobody was.
        owners: tracks of those who were there before, and of who was first seen beside it (a track that was lost and begins anew).
        attended_s: when one of them was near last.
        looks, stirs: looks at it with nobody before it, and those in which it moved.
        key: of the event it raised; "" before.
    """

    patch: settled.Patch
    place: types.Box
    since_s: float
    found_s: float
    somebody: Somebody | None
    owners: set[int] = field(default_factory=set)
    attended_s: float = -math.inf
    looks: int = 0
    stirs: int = 0
    key: str = ""

    @property
    def side(self) -> float:
        """Its longer side, picture heights."""
        return max(boxes.width(self.place), boxes.height(self.place))

    @property
    def stirred_share(self) -> float:
        """In which share of the looks at it it moved."""
        return self.stirs / self.looks if self.looks else 0.0

    def is_same(self, place: types.Box) -> bool:
        """Say whether a patch at `place` belongs to it."""
        if not boxes.touch(self.place, place):
            return False
        overlap = float(boxes.iou(boxes.as_array([self.place]), boxes.as_array([place]))[0, 0])
        inside = max(boxes.share_inside(self.place, place), boxes.share_inside(place, self.place))
        return overlap >= SAME or inside >= INSIDE

    def take(self, patch: settled.Patch, place: types.Box, now_s: float) -> None:
        """Take in that it was found again; of two patches at one look, the larger is it."""
        if self.found_s < now_s or patch.area_px > self.patch.area_px:
            self.patch, self.place = patch, place
        self.found_s = now_s

    def note_people(self, now_s: float, people: Sequence[Somebody], reach: float) -> None:
        """Learn whether an owner is near: others pass by or stand about as they like."""
        for one in people:
            is_near = now_s - one.seen_s <= NEAR_GAP_S and apart(self.place, one) <= reach
            if is_near and (one.track_id in self.owners or self._begins_here(one, reach)):
                self.owners.add(one.track_id)
                self.attended_s = now_s

    def _begins_here(self, one: Somebody, reach: float) -> bool:
        x, y = one.first
        at = Somebody(one.track_id, one.seen_s, (x, y - one.length, x, y), one.length, one.first_s, one.first)
        last_s = max(self.attended_s, self.since_s)
        soon = self.since_s <= one.first_s <= last_s + HANDOVER_S
        return soon and len(self.owners) < MOST_OWNERS and apart(self.place, at) <= reach

    def note_stir(self, share: float, people: Sequence[Somebody]) -> None:
        """Learn whether it moved at a look, unless somebody was before it."""
        if any(boxes.touch(self.place, one.box) for one in people):
            return
        self.looks += 1
        self.stirs += share >= STIRS


def somebody(scene: types.Scene, track: types.Track) -> Somebody:
    """Return where a person is, seen now or still waited for."""
    x1, y1, x2, y2 = (side / scene.height_px for side in track.box)
    aspect = scene.width_px / scene.height_px
    first = (track.path[0].x_norm * aspect, track.path[0].y_norm) if track.path else ((x1 + x2) / 2, y2)
    length = max(boxes.height(track.box), 1.0) / scene.height_px
    return Somebody(track.track_id, track.last_seen_s, (x1, y1, x2, y2), length, track.first_seen_s, first)


def apart(place: types.Box, person: Somebody) -> float:
    """Return how far a person's box is from a place, in the person's height; 0 where they touch."""
    box = person.box
    x = max(place[0] - box[2], box[0] - place[2], 0.0)
    y = max(place[1] - box[3], box[1] - place[3], 0.0)
    return math.hypot(x, y) / person.length


def in_heights(scene: types.Scene, box: types.Box) -> types.Box:
    """Return a box of the thumb in picture heights."""
    x, y = scene.width_px / scene.height_px / motion.WIDTH_PX, 1 / motion.HEIGHT_PX
    return box[0] * x, box[1] * y, box[2] * x, box[3] * y


def in_picture(box: types.Box) -> types.Box:
    """Return a box of the thumb in 0..1 of the picture."""
    x1, y1, x2, y2 = (float(side) for side in np.clip(np.array(box) / ([motion.WIDTH_PX, motion.HEIGHT_PX] * 2), 0, 1))
    return x1, y1, x2, y2

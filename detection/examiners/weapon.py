"""Weapons (guns): tiles around people who are followed, for a small classifier that says where in a tile a gun is.

Cue: a person tall enough to show what is in their hands. Each is asked about every two seconds, sooner after an answer with suspicion, at most two
at a look. The first look of all is asked about as a whole, in a pyramid of tiles, as a single picture is judged; it is about nobody, and no trigger uses it.
"""

from collections.abc import Sequence

import numpy as np

from detection import boxes, experts, types
from detection.examiners import tiles
from detection.types import Kind, ObjectClass
from detection.weapon_thresholds import WeaponThresholds

TASK = "weapon"
PYRAMID: tuple[types.Box, ...] = ((0.0, 0.0, 1.0, 1.0), *tiles.level(2, 0.6), *tiles.level(3, 0.4))
"""The tiles of a whole picture, 0..1 of it: itself, 2x2 and 3x3, overlapping."""
_REACH_OF_HEIGHT, _REACH_OF_WIDTH, _ABOVE = 0.75, 1.3, 0.08


class WeaponExaminer:
    """Looks at one camera's people for guns."""

    task = TASK
    kinds = frozenset({Kind.WEAPON})
    urgent = False

    def __init__(self, limits: WeaponThresholds) -> None:
        self._limits = limits
        self._begun = False
        self._due_s: dict[int, float] = {}  # by track: when it is to be asked about again

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; answer for each person asked about, and at the first look with the best tile of the picture."""
        size_px = (look.frame.width_px, look.frame.height_px)
        if not self._begun and (0.0, 0.0, float(size_px[0]), float(size_px[1])) in look.regions:
            self._begun = True
            return self._examine_picture(look.frame, size_px, ask)
        people = self._choose(tracks, look.frame.time_s)
        if not people:
            return ()
        wanted = [reach(person.box, size_px) for person in people]
        answer = ask(TASK, np.stack([tiles.as_tile(look.frame.bgr(tile)) for tile in wanted]))
        if answer is None:
            return ()  # shed: they stay due
        scores, cells = answer
        found = []
        for i, person in enumerate(people):
            suspicious = float(scores[i]) >= self._limits.suspicion
            self._due_s[person.track_id] = look.frame.time_s + (
                self._limits.again_s if suspicious else self._limits.every_s
            )
            x1, y1, x2, y2 = tiles.surest(wanted[i], cells[i])
            place = (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))
            values = (("track", float(person.track_id)), *place)
            found.append(types.Evidence(Kind.WEAPON, float(scores[i]), person.box, values))
        return tuple(found)

    def _examine_picture(
        self, frame: types.Frame, size_px: tuple[int, int], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        wanted = [scaled(part, size_px) for part in PYRAMID]
        answer = ask(TASK, np.stack([tiles.as_tile(frame.bgr(tile)) for tile in wanted]))
        if answer is None:
            return ()
        scores, cells = answer
        best = int(scores.argmax())
        return (types.Evidence(Kind.WEAPON, float(scores[best]), tiles.surest(wanted[best], cells[best])),)

    def _choose(self, tracks: Sequence[types.Track], now_s: float) -> list[types.Track]:
        """Return the people who are due, those who have waited longest first."""
        shown = [t for t in tracks if t.label is ObjectClass.PERSON and t.last_seen_s >= now_s - 1e-3]
        known = {t.track_id for t in tracks}
        self._due_s = {i: due_s for i, due_s in self._due_s.items() if i in known}
        due = [
            person
            for person in shown
            if boxes.height(person.box) >= self._limits.least_px
            and self._due_s.get(person.track_id, float("-inf")) <= now_s
        ]
        due.sort(key=lambda person: (self._due_s.get(person.track_id, float("-inf")), person.track_id))
        return due[: self._limits.most_people]


def reach(person: types.Box, size_px: tuple[int, int]) -> types.Box:
    """Return the tile that shows what a person may hold: head to thighs, and as far to both sides; inside the picture, square where it is large enough."""
    high, wide = boxes.height(person), boxes.width(person)
    side = max(_REACH_OF_HEIGHT * high, _REACH_OF_WIDTH * wide)
    spans = []
    for start, length in (
        ((person[0] + person[2] - side) / 2, size_px[0]),
        (person[1] - _ABOVE * high, size_px[1]),
    ):
        fits = min(side, float(length))
        begin = min(max(0.0, start), length - fits)
        spans.append((begin, begin + fits))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]


def scaled(part: types.Box, size_px: tuple[int, int]) -> types.Box:
    """Return a part of the picture, given 0..1 of it, in pixels."""
    x1, y1, x2, y2 = part
    return x1 * size_px[0], y1 * size_px[1], x2 * size_px[0], y2 * size_px[1]

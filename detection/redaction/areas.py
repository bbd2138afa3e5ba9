"""What is hidden at one moment of a clip, by level, from the tracks of everything found in it; and the picture with that hidden."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from detection import boxes, types
from detection.redaction import keeping, pixels, stills, tracks, values

MARGIN = {
    values.Sort.PERSON: 0.12,
    values.Sort.RIDDEN: 0.12,
    values.Sort.VEHICLE: 0.08,
    values.Sort.FACE: 0.3,
    values.Sort.TEXT: 0.15,
}
_HEAD_SHARE = 0.3
"""The head of somebody upright is in this upper part of their box."""
_UPRIGHT = 1.3
"""A box less than this many times as high as wide holds somebody who sits, lies or is cut off: all of it may be the head."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden at one moment.

    Attributes:
        areas: boxes with their margins, cut to the picture.
        whole: the whole picture is hidden, but for `clear`.
        clear: boxes that stay clear, except where an area lies over them.
    """

    areas: tuple[types.Box, ...]
    whole: bool = False
    clear: tuple[types.Box, ...] = ()


class Plan:
    """What is hidden when, over one clip."""

    def __init__(
        self,
        every: Sequence[tracks.Track],
        level: values.Level,
        clear: Sequence[keeping.Clear],
        size_px: tuple[int, int],
    ) -> None:
        self._level, self._clear, self._size_px = level, tuple(clear), size_px
        self._by_second: dict[int, list[tracks.Track]] = defaultdict(list)
        for track in every:
            for second in range(
                int(track.times_s[0] - tracks.HOLD_S) - 1, int(track.times_s[-1] + tracks.HOLD_S) + 1 + 1
            ):
                self._by_second[second].append(track)

    def at(self, time_s: float) -> Hidden:
        """Return what is hidden at a time."""
        if self._level == values.Level.NONE:
            return Hidden(())
        kept = [(one.track, box) for one in self._clear if (box := one.box_at(time_s)) is not None]
        found = [
            (track, box) for track in self._by_second.get(int(time_s), ()) if (box := track.at(time_s)) is not None
        ]
        areas = [
            stills.grown(part, *self._size_px, MARGIN[track.sort])
            for track, box in found
            if not _is_kept(track, box, kept)
            for part in _parts(track.sort, box, self._level, self._size_px[1])
        ]
        shown = tuple(area for area in areas if area[2] > area[0] and area[3] > area[1])
        return Hidden(shown, self._level == values.Level.WHOLE, tuple(box for _, box in kept))


def hide(bgr: types.Pixels, hidden: Hidden) -> types.Pixels:
    """Return the picture with everything hidden that is to be.

    Args:
        bgr: uint8 (h, w, 3).
    """
    if not hidden.whole:
        return pixels.pixelate(bgr, hidden.areas)
    masked = pixels.pixelate_whole(bgr)
    if not hidden.clear:
        return masked
    clear = pixels.pixelate(bgr, hidden.areas)
    for box in hidden.clear:
        x1, y1, x2, y2 = (int(side) for side in boxes.clip(box, bgr.shape[1], bgr.shape[0]))
        masked[y1:y2, x1:x2] = clear[y1:y2, x1:x2]
    return np.ascontiguousarray(masked)


def _is_kept(track: tracks.Track, box: types.Box, kept: Iterable[tuple[tracks.Track, types.Box]]) -> bool:
    """Say whether this is somebody who stays clear, or their face."""
    return any(
        track is person or (track.sort == values.Sort.FACE and keeping.is_within(box, clear)) for person, clear in kept
    )


def _parts(sort: values.Sort, box: types.Box, level: values.Level, height_px: int) -> tuple[types.Box, ...]:
    """Return what is hidden of a thing at a level."""
    if sort == values.Sort.VEHICLE:
        return (stills.plate_part(box, height_px),)
    if sort == values.Sort.PERSON and level == values.Level.FACES_AND_PLATES:
        return (_head(box),)
    return (box,)


def _head(box: types.Box) -> types.Box:
    x1, y1, x2, y2 = box
    upright = y2 - y1 >= _UPRIGHT * (x2 - x1)
    return (x1, y1, x2, y1 + _HEAD_SHARE * (y2 - y1)) if upright else box

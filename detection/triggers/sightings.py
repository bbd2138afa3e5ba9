"""Objects as triggers measure them: in picture heights and in body lengths, so that neither shape nor size of the picture matters."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from detection import types

SAME_LOOK_S = 1e-3
"""A track whose newest detection is this close to the scene's time was seen at this look."""
_REACH_LENGTHS = 1.0
_REACH_LENGTHS_PER_S = 1.0
_MOST_REACH_LENGTHS = 4.0
_FIRST_SEEN_SLACK_S = 1.0
"""A successor may have begun this long before the one it follows was last seen: two boxes on one object, one of which wins."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A track that was seen at this look.

    Attributes:
        foot: middle of the box's lower edge, picture heights from the top left corner.
        length: the object's own size, picture heights: a person's height, the square root of a vehicle's box area.
        foot_norm: the foot point, 0..1 of the picture.
        box_norm: the box cut to the picture, 0..1 of it.
    """

    time_s: float
    track: types.Track
    foot: types.Point
    length: float
    foot_norm: types.Point
    box_norm: types.Box


def seen(scene: types.Scene, classes: Collection[types.ObjectClass]) -> list[Sighting]:
    """Return the tracks of these classes that the detector found at this look; none where no look was taken."""
    if scene.thumb is None and not scene.detected:
        return []
    return [
        sighting(scene, track)
        for track in scene.tracks
        if track.label in classes and track.last_seen_s >= scene.time_s - SAME_LOOK_S
    ]


def sighting(scene: types.Scene, track: types.Track) -> Sighting:
    """Return `track` as it stands in `scene`."""
    width, height = scene.width_px, scene.height_px
    x1, y1, x2, y2 = track.box
    box_norm = (_unit(x1 / width), _unit(y1 / height), _unit(x2 / width), _unit(y2 / height))
    foot_norm = ((box_norm[0] + box_norm[2]) / 2, box_norm[3])
    tall, wide = max(y2 - y1, 1.0) / height, max(x2 - x1, 1.0) / height
    length = tall if track.label == types.ObjectClass.PERSON else math.sqrt(tall * wide)
    foot = (foot_norm[0] * width / height, foot_norm[1])
    return Sighting(scene.time_s, track, foot, length, foot_norm, box_norm)


def moved_lengths(scene: types.Scene, now: Sighting) -> float:
    """Return how far the track ever was from where its path begins, in lengths."""
    path = now.track.path
    if not path:
        return 0.0
    aspect = scene.width_px / scene.height_px
    x0, y0 = path[0].x_norm * aspect, path[0].y_norm
    return max(math.dist((x0, y0), (p.x_norm * aspect, p.y_norm)) for p in path) / now.length


def predecessor(now: Sighting, lost: Iterable[Sighting]) -> Sighting | None:
    """Return which of the `lost` objects the newly found one most likely is; None if none is near enough.

    An object can be met again within one length of where it was last seen, and one more for each second since, up to four.
    """
    best: tuple[float, Sighting] | None = None
    for last in lost:
        gap_s = now.time_s - last.time_s
        if gap_s <= 0 or now.track.first_seen_s < last.time_s - _FIRST_SEEN_SLACK_S:
            continue
        if (now.track.label == types.ObjectClass.PERSON) != (last.track.label == types.ObjectClass.PERSON):
            continue
        reach = min(_MOST_REACH_LENGTHS, _REACH_LENGTHS + _REACH_LENGTHS_PER_S * gap_s) * max(now.length, last.length)
        distance = math.dist(now.foot, last.foot)
        if distance <= reach and (best is None or distance < best[0]):
            best = (distance, last)
    return best[1] if best else None


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))

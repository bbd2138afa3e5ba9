"""The clips in the yard: which act is seen in each, when, in which light; and their frames."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sample_streams import encoding
from sample_streams.render import cutouts, dust, looks, rubble, walks


@dataclass(frozen=True, slots=True)
class Shown:
    """A stretch of an act in a clip.

    Attributes:
        act: its name.
        at_s: when the act begins, in the clip.
        until_s: when in the act another one takes over; None: to the end of the clip.
        from_s: when in the act it is first seen.
    """

    act: str
    at_s: float
    from_s: float = 0.0
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip.

    Attributes:
        name: its id.
        shown: what is seen, the farthest first.
        length_s: how long it is.
        look: its light.
        collapse_s: when a part of the wall gives way; None: it stands.
        gust_s: when a gust carries dust into the yard; None: never.
    """

    name: str
    shown: tuple[Shown, ...]
    length_s: float
    look: looks.Look = looks.Look.DAY
    collapse_s: float | None = None
    gust_s: float | None = None


_PUT_S = walks.find("leaving").begins_s(3)
_LEFT_S = walks.find("leaving").begins_s(4)
CLIPS = (
    Clip("person_falls", (Shown("falling", 8.0),), 24.0),
    Clip("person_bends", (Shown("bending", 3.0),), 24.0),
    Clip("person_falls_ir", (Shown("falling", 8.0),), 22.0, looks.Look.INFRARED),
    Clip("bag_left", (Shown("carrying", 7.0, until_s=_PUT_S), Shown("leaving", 7.0, from_s=_PUT_S)), 30.0),
    Clip("bag_carried", (Shown("carrying", 7.0),), 24.0),
    Clip("person_bends_ir", (Shown("bending", 3.0),), 22.0, looks.Look.INFRARED),
    Clip("collapse", (), 36.0, collapse_s=9.0),
    Clip("dust_passes", (), 36.0, gust_s=9.0),
)
PART_M = tuple((x, rubble.FRONT_Y_M, z) for x in (rubble.LEFT_M, rubble.RIGHT_M) for z in (rubble.FOOT_M, 3.6))
"""Corners of what is seen of the part of the wall that falls."""


def falls_s(clip: Clip) -> float:
    """Return when the fall begins.

    Raises:
        StopIteration: Nobody falls in this clip.
    """
    shown = next(s for s in clip.shown if s.act == "falling")
    return shown.at_s + walks.find("falling").begins_s(1)


def leaves_s(clip: Clip) -> float:
    """Return when the bag's owner walks away from it.

    Raises:
        StopIteration: No bag is left in this clip.
    """
    shown = next(s for s in clip.shown if s.act == "leaving")
    return shown.at_s + _LEFT_S


def hidden_share(clip: Clip, at_s: float) -> float:
    """Return how much of where the fallen part was the dust hides at a time of the clip, 0..1.

    Raises:
        ValueError: Nothing falls in this clip.
    """
    if clip.collapse_s is None:
        raise ValueError(f"{clip.name}: nothing falls")
    return dust.cover(dust.collapse(), at_s - clip.collapse_s, PART_M)


def compose(clip: Clip, place: cutouts.Place, seed: int) -> Iterator[encoding.Picture]:
    """Yield the frames of a clip."""
    chance = np.random.default_rng(seed)
    for frame in range(round(clip.length_s * walks.FPS)):
        picture = place.empty.copy()
        at_s = frame / walks.FPS
        if clip.collapse_s is not None and at_s >= clip.collapse_s:
            fallen = place.find_latest(rubble.NAME, round((at_s - clip.collapse_s) * walks.FPS))
            if fallen is not None:
                cutouts.paste(picture, fallen)
        for shown in clip.shown:
            since_s = at_s - shown.at_s
            if since_s < shown.from_s or (shown.until_s is not None and since_s >= shown.until_s):
                continue
            cutout = place.find_latest(shown.act, round(since_s * walks.FPS))
            if cutout is not None:
                cutouts.paste(picture, cutout)
        if clip.collapse_s is not None:
            dust.lay(picture, dust.collapse(), at_s - clip.collapse_s)
        if clip.gust_s is not None:
            dust.lay(picture, dust.gust(), at_s - clip.gust_s)
        yield looks.photograph(picture, clip.look, chance)

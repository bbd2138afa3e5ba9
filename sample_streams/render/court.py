"""The clips in the yard: which act is seen in each, when, in which light; and their frames."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sample_streams import encoding
from sample_streams.render import cutouts, looks, walks


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
    """

    name: str
    shown: tuple[Shown, ...]
    length_s: float
    look: looks.Look = looks.Look.DAY


_PUT_S = walks.find("leaving").begins_s(3)
_LEFT_S = walks.find("leaving").begins_s(4)
CLIPS = (
    Clip("person_falls", (Shown("falling", 8.0),), 24.0),
    Clip("person_bends", (Shown("bending", 3.0),), 24.0),
    Clip("person_falls_ir", (Shown("falling", 8.0),), 22.0, looks.Look.INFRARED),
    Clip("bag_left", (Shown("carrying", 7.0, until_s=_PUT_S), Shown("leaving", 7.0, from_s=_PUT_S)), 30.0),
    Clip("bag_carried", (Shown("carrying", 7.0),), 24.0),
    Clip("person_bends_ir", (Shown("bending", 3.0),), 22.0, looks.Look.INFRARED),
)


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


def compose(clip: Clip, place: cutouts.Place, seed: int) -> Iterator[encoding.Picture]:
    """Yield the frames of a clip."""
    chance = np.random.default_rng(seed)
    for frame in range(round(clip.length_s * walks.FPS)):
        picture = place.empty.copy()
        for shown in clip.shown:
            since_s = frame / walks.FPS - shown.at_s
            if since_s < shown.from_s or (shown.until_s is not None and since_s >= shown.until_s):
                continue
            cutout = place.find_latest(shown.act, round(since_s * walks.FPS))
            if cutout is not None:
                cutouts.paste(picture, cutout)
        yield looks.photograph(picture, clip.look, chance)

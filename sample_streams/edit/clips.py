"""Which edited clip is made how: the table that `python -m sample_streams.edit` goes through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sample_streams import encoding
from sample_streams.edit import people, source, tampering

EVENT_S = 12.0  # when a tampering begins: late enough for a whole pre-roll before it
SPAN_S = (0.0, 30.0)  # what every tampered clip and its normal twin show
SMALL_PX = (640, 480)

Maker = Callable[[Path], Iterator[encoding.Picture]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one clip is made.

    Attributes:
        name: file name without ".mp4".
        size_px: width and height.
        fps: frames per second, and per GOP.
        quality: x264's constant rate factor.
        make: takes the path of vtest.avi, gives the pictures.
    """

    name: str
    size_px: tuple[int, int]
    fps: int
    quality: int
    make: Maker


def _play(start_s: float, end_s: float) -> Maker:
    return lambda vtest: source.repeat_to_clip_rate(source.read_span(vtest, start_s, end_s))


def _tamper(how: Callable[..., Iterator[encoding.Picture]]) -> Maker:
    return lambda vtest: how(_play(*SPAN_S)(vtest), EVENT_S)


RECIPES = (
    Recipe("vtest", (960, 720), source.CLIP_FPS, 30, _play(0.0, source.LENGTH_S)),
    Recipe(
        "vtest_sub", (480, 360), source.SUB_FPS, 33, lambda vtest: source.halve_to_sub_rate(source.read_span(vtest))
    ),
    Recipe("lawn", (768, 576), source.CLIP_FPS, 30, _play(38.0, source.LENGTH_S)),
    Recipe("wrong_way", SMALL_PX, source.CLIP_FPS, 30, people.walk_back),
    Recipe("one_way", SMALL_PX, source.CLIP_FPS, 30, people.walk_one_way),
    Recipe("abandoned", (768, 576), source.CLIP_FPS, 30, people.leave_bag),
    Recipe("removed", SMALL_PX, source.CLIP_FPS, 32, people.take_bag),
    Recipe("normal", SMALL_PX, source.CLIP_FPS, 30, _play(*SPAN_S)),
    Recipe("blinded", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.cover)),
    Recipe("sprayed", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.spray)),
    Recipe("defocused", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.defocus)),
    Recipe("moved", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.knock)),
    Recipe("frozen", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.freeze)),
    Recipe("shaken", SMALL_PX, source.CLIP_FPS, 30, _tamper(tampering.quake)),
)

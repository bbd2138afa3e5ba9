"""What pixels say of flames: colours, outlines that move, and what stays as it is."""

import numpy as np
import pytest

from detection import types
from detection.examiners import flames

WHOLE = (0.0, 0.0, 128.0, 128.0)
ORANGE, RED, WHITE, GREY = (30, 140, 250), (40, 30, 170), (250, 250, 250), (90, 90, 90)


def picture(*patches: tuple[types.Box, tuple[int, int, int]]) -> types.Pixels:
    made = np.full((128, 128, 3), GREY, np.uint8)
    made[:, :10] = (160, 60, 60)  # something blue, so that it is a colour picture
    made[-10:] = (60, 120, 60)
    for (x1, y1, x2, y2), colour in patches:
        made[int(y1) : int(y2), int(x1) : int(x2)] = colour
    return made


def frame(bgr: types.Pixels) -> types.Frame:
    b, g, r = (bgr[..., i].astype(np.float32) for i in range(3))
    y = 16 + 0.257 * r + 0.504 * g + 0.098 * b
    u = 128 - 0.148 * r - 0.291 * g + 0.439 * b
    v = 128 + 0.439 * r - 0.368 * g - 0.071 * b
    planes = [np.asarray(p.clip(0, 255), np.uint8) for p in (y, u[::2, ::2], v[::2, ::2])]
    return types.Frame(0.0, planes[0], planes[1], planes[2])


@pytest.mark.parametrize(("colour", "glows"), [(ORANGE, True), (GREY, False), (RED, True), (WHITE, False)])
def test_flames_glow_and_what_is_grey_or_white_does_not(colour: tuple[int, int, int], glows: bool) -> None:
    share = float(flames.glow(picture(((40, 40, 90, 90), colour))).mean())
    assert (share > 0.1) is glows


def test_without_colour_only_what_is_nearly_white_glows() -> None:
    infrared = np.full((64, 64, 3), 60, np.uint8)
    infrared[10:30, 10:30] = 240
    assert float(flames.glow(infrared).mean()) == pytest.approx(400 / 4096)


def test_flames_that_move_their_outline_flicker_and_a_lamp_does_not() -> None:
    lamp = flames.Sight.of(frame(picture(((40, 40, 90, 90), ORANGE))), WHOLE)
    higher = flames.Sight.of(frame(picture(((40, 20, 80, 90), ORANGE))), WHOLE)
    still, moving = lamp.compare(lamp), higher.compare(lamp)
    assert (still.flicker, still.wander, still.stirred) == (0.0, 0.0, 0.0)
    assert moving.flicker > 0.2
    assert moving.wander > 0.2
    assert moving.stirred > 0.05


def test_a_change_of_light_over_the_whole_place_is_not_smoke() -> None:
    bright, dark = (np.full((128, 128, 3), level, np.uint8) for level in (150, 110))
    change = flames.Sight.of(frame(bright), WHOLE).compare(flames.Sight.of(frame(dark), WHOLE))
    assert change.stirred == 0.0


def test_nothing_that_glows_has_neither_flicker_nor_wander() -> None:
    nothing = flames.Sight.of(frame(picture()), WHOLE)
    change = nothing.compare(nothing)
    assert (change.glowing, change.flicker, change.wander) == (0.0, 0.0, 0.0)


def test_the_share_coloured_as_flames_is_found_from_the_chroma_planes() -> None:
    shown = frame(picture(((40, 40, 90, 90), ORANGE)))
    assert flames.fiery_share(shown, (40.0, 40.0, 90.0, 90.0)) > 0.8
    assert flames.fiery_share(shown, (90.0, 90.0, 128.0, 110.0)) == 0.0
    assert flames.fiery_share(shown, (60.0, 60.0, 61.0, 61.0)) in (0.0, 1.0)

"""Each tampering leaves the time before it alone and does what it says afterwards."""

import itertools
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from sample_streams import encoding
from sample_streams.edit import source, tampering

AT_S = 2.0
FIRST = round(AT_S * source.CLIP_FPS)
Tampering = Callable[..., Iterator[encoding.Picture]]


def make_texture(width: int, height: int) -> encoding.Picture:
    ground = np.random.default_rng(2).integers(40, 215, (height, width, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(ground, (0, 0), 1.0), dtype=np.uint8)


@pytest.fixture
def scene() -> list[encoding.Picture]:
    """Return 7 s of a textured still scene in which a square moves a pixel a frame."""
    pictures = [make_texture(192, 144) for _ in range(7 * source.CLIP_FPS)]
    for index, picture in enumerate(pictures):
        picture[40:60, 30 + index : 50 + index] = 255
    return pictures


def sharpness(picture: encoding.Picture) -> float:
    return float(cv2.Laplacian(picture, cv2.CV_64F).var())


@pytest.mark.parametrize("tamper", [tampering.cover, tampering.spray, tampering.defocus, tampering.freeze])
def test_nothing_is_touched_before_the_event(tamper: Tampering, scene: list[encoding.Picture]) -> None:
    changed = list(tamper(scene, AT_S))
    assert len(changed) == len(scene)
    assert all(np.array_equal(a, b) for a, b in zip(changed[:FIRST], scene[:FIRST], strict=True))


def test_a_covered_lens_gives_a_dark_flat_picture(scene: list[encoding.Picture]) -> None:
    last = list(tampering.cover(scene, AT_S))[-1]
    assert last.mean() < 20
    assert last.std() < 4


def test_paint_hides_most_of_the_picture_and_leaves_some_of_it(scene: list[encoding.Picture]) -> None:
    last = list(tampering.spray(scene, AT_S))[-1]
    same = float((np.abs(last.astype(int) - scene[-1]).max(axis=2) < 8).mean())
    assert 0.05 < same < 0.5


def test_focus_is_lost_more_and_more(scene: list[encoding.Picture]) -> None:
    blurred = list(tampering.defocus(scene, AT_S))
    found = [sharpness(blurred[FIRST + i]) for i in (-1, 8, 20, 40)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.02 * found[0]


def test_a_frozen_picture_repeats_the_one_of_the_event(scene: list[encoding.Picture]) -> None:
    frozen = list(tampering.freeze(scene, AT_S))
    assert all(np.array_equal(picture, scene[FIRST]) for picture in frozen[FIRST:])


def test_a_knocked_camera_shows_another_window_and_comes_to_rest() -> None:
    views = list(tampering.knock([make_texture(768, 576)] * (7 * source.CLIP_FPS), AT_S))
    before, after, last = views[FIRST - 1], views[FIRST + 45], views[-1]
    assert np.array_equal(views[0], before)
    assert np.abs(after.astype(int) - before).mean() > 10 * max(1.0, np.abs(after.astype(int) - last).mean())
    assert last.min(axis=2).mean() > 30  # no black corner: the window stays inside the source


def test_a_shaken_camera_sways_to_and_fro_and_comes_to_rest_where_it_was() -> None:
    views = list(tampering.quake([make_texture(768, 576)] * (12 * source.CLIP_FPS), AT_S, lasts_s=6.0))
    grey = [cv2.cvtColor(view, cv2.COLOR_BGR2GRAY).astype(np.float32) for view in views]
    shifts = [cv2.phaseCorrelate(grey[0], one)[0] for one in grey[FIRST : FIRST + 6 * source.CLIP_FPS]]
    across = [x for x, _ in shifts if abs(x) > 4.0]
    turns = sum(a * b < 0 for a, b in itertools.pairwise(across))

    assert all(np.array_equal(view, views[0]) for view in (*views[:FIRST], views[-1]))
    assert turns >= 6
    assert max(map(abs, across)) < 30.0
    assert min(view.min(axis=2).mean() for view in views) > 30  # the window stays inside the source

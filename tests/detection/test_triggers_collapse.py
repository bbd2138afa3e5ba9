"""A part of the view that falls down in a cloud of dust, and what else hides or changes a view. Made pictures only."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from detection import profile, thresholds, types
from detection.triggers import collapse
from detection.types import Kind
from tests.detection import scenes
from tests.detection.test_triggers_health import street

LIMITS = thresholds.CollapseThresholds()
STREET, OTHER = street(5), street(77)
NOISE = np.random.default_rng(1).normal(0, 1, (7, 180, 320)).astype(np.float32)
HOUSE = np.s_[20:140, 120:240]
Change = Callable[[np.ndarray, float], np.ndarray]


def play(
    change: Change, until_s: float, start_s: float = 15.0, limits: thresholds.CollapseThresholds = LIMITS
) -> list[types.Raised | types.Ended]:
    """Look once a second; `change` gets the picture and the seconds since `start_s`."""
    trigger = collapse.Collapse(limits)
    outcomes: list[types.Raised | types.Ended] = []
    for number, time_s in enumerate(scenes.times(until_s, 1.0)):
        picture = STREET + NOISE[number % len(NOISE)]
        picture[150:175, int(time_s * 12) % 290 :][:, :14] = 30
        if time_s >= start_s:
            picture = change(picture, time_s - start_s)
        luma = np.clip(picture, 0, 255).astype(np.uint8)
        outcomes += trigger.update(types.Scene(time_s, 1280, 720, (), scenes.thumb(time_s, luma), False))
    return outcomes


def veiled(picture: np.ndarray, thickness: float) -> np.ndarray:
    """Lay dust over three quarters of the picture, thicker in its middle."""
    y, x = np.mgrid[0:180, 0:320]
    cloud = np.clip(thickness * np.exp(-(((x - 180) / 130) ** 4) - ((y - 90) / 90) ** 4), 0, 1)
    return np.asarray(picture * (1 - cloud) + 170 * cloud, np.float32)


def falling(picture: np.ndarray, since_s: float) -> np.ndarray:
    """The house comes down within two seconds; dust hides it and its surroundings and clears over twenty."""
    out = picture.copy()
    if since_s > 1:
        out[HOUSE] = 200  # sky where it stood
        out[100:140, 110:250] = OTHER[100:140, 110:250]
    return veiled(out, min(since_s, 1.0) * float(np.clip(1.4 - since_s / 15, 0, 1)))


def test_a_house_that_falls_in_a_cloud_of_dust_is_raised_once_the_dust_has_settled() -> None:
    (raised,) = play(falling, 70)
    assert isinstance(raised, types.Raised)
    assert raised.kind == Kind.COLLAPSE
    assert raised.started_s == pytest.approx(15, abs=2)
    assert 25 <= raised.raised_s <= 60
    assert raised.box_norm is not None
    x1, y1, x2, y2 = raised.box_norm
    assert x1 < 0.45 and x2 > 0.7 and y1 < 0.2 and y2 > 0.7


def test_a_house_that_falls_as_soon_as_the_view_is_known_is_raised() -> None:
    (raised,) = play(falling, 70, start_s=9.5)
    assert isinstance(raised, types.Raised)
    assert raised.started_s == pytest.approx(9.5, abs=2)


def parked(picture: np.ndarray, since_s: float) -> np.ndarray:
    """A lorry parks at the left edge and stays."""
    out = picture.copy()
    out[60:160, :60] = OTHER[60:160, :60]
    return out


def test_a_collapse_is_told_though_a_lorry_parked_in_the_view_just_before() -> None:
    def change(picture: np.ndarray, since_s: float) -> np.ndarray:
        out = parked(picture, since_s)
        return falling(out, since_s - 20) if since_s >= 20 else out

    (raised,) = play(change, 100)
    assert isinstance(raised, types.Raised)
    assert raised.started_s == pytest.approx(35, abs=4)
    assert raised.box_norm is not None and raised.box_norm[0] > 0.2


def test_dust_that_clears_from_a_view_in_which_a_lorry_parked_before_is_no_collapse() -> None:
    def change(picture: np.ndarray, since_s: float) -> np.ndarray:
        out = parked(picture, since_s)
        return smoke(out, since_s - 20) if since_s >= 20 else out

    assert play(change, 110) == []


def test_the_new_view_is_taken_for_usual_after_a_while() -> None:
    raised, ended = play(falling, 100, limits=thresholds.CollapseThresholds(accepted_s=30.0))
    assert isinstance(ended, types.Ended)
    assert ended.key == raised.key


def smoke(picture: np.ndarray, since_s: float) -> np.ndarray:
    return veiled(picture, min(since_s, 1.0) * float(np.clip(2 - since_s / 15, 0, 1)))


def fog(picture: np.ndarray, since_s: float) -> np.ndarray:
    thickness = min(since_s / 60, 0.97)
    return np.asarray(picture * (1 - thickness) + 150 * thickness, np.float32)


def lorry(picture: np.ndarray, since_s: float) -> np.ndarray:
    """Drives in at walking pace and parks before the house."""
    x = int(min(since_s * 60, 120))
    picture[40:150, x : x + 120] = OTHER[40:150, :120]
    return picture


def plain_lorry(picture: np.ndarray, since_s: float) -> np.ndarray:
    """One without any structure, faster."""
    x = int(min(since_s * 120, 120))
    picture[40:150, x : x + 120] = 180
    return picture


def covered(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.full_like(picture, 20) if since_s > 1 else picture


def turned(picture: np.ndarray, since_s: float) -> np.ndarray:
    return np.asarray(np.roll(picture, (12, 40), (0, 1)), np.float32)


def blurred_and_turned(picture: np.ndarray, since_s: float) -> np.ndarray:
    if since_s < 8:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), 6.0), np.float32)
    return turned(picture, since_s)


def dark(picture: np.ndarray, since_s: float) -> np.ndarray:
    return picture * 0.15


@pytest.mark.parametrize(
    "change", [smoke, fog, lorry, plain_lorry, covered, turned, blurred_and_turned, dark, lambda picture, _: picture]
)
def test_what_is_no_collapse_raises_nothing(change: Change) -> None:
    assert play(change, 150) == []


def test_it_is_off_unless_named() -> None:
    assert Kind.COLLAPSE not in profile.default_kinds()
    assert Kind.COLLAPSE in profile.CameraProfile(frozenset({Kind.COLLAPSE})).kinds

"""A camera that is shaken, and what moves in a picture without that."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from detection import motion, settings, thresholds, types
from detection.triggers import jolts, shake
from detection.types import Kind
from tests.detection import scenes

LIMITS = thresholds.ShakeThresholds()
HALF = np.full((180, 320), 128, np.uint8)
Place = Callable[[float], tuple[float, float]]


def street() -> np.ndarray:
    """Return a scene larger than the picture, with structure at all scales."""
    rng = np.random.default_rng(5)
    layers = [cv2.resize(rng.normal(0, 1, (440 // n, 720 // n)).astype(np.float32), (720, 440)) for n in (6, 20, 80)]
    return np.asarray(np.clip(110 + 25 * layers[0] + 25 * layers[1] + 20 * layers[2], 0, 255), np.float32)


STREET = street()
NOISE = np.random.default_rng(1).normal(0, 1, (7, 360, 640)).astype(np.float32)


def view(x: float, y: float, number: int) -> np.ndarray:
    """Return what a camera displaced by (x, y) of its 640x360 pixels shows, with noise."""
    turn = np.array([[1, 0, -40 - x], [0, 1, -40 - y]], np.float32)
    return np.asarray(cv2.warpAffine(STREET, turn, (640, 360)) + NOISE[number % len(NOISE)])


def play(
    place: Place, until_s: float, add: Callable[[np.ndarray, float], np.ndarray] = lambda picture, _: picture
) -> list[types.Raised | types.Ended]:
    """Look five times a second through the real gate."""
    gate, trigger = motion.Gate(settings.MotionSettings()), shake.Shake(LIMITS)
    outcomes: list[types.Raised | types.Ended] = []
    for number, time_s in enumerate(scenes.times(until_s, 5.0)):
        luma = np.clip(add(view(*place(time_s), number), time_s), 0, 255).astype(np.uint8)
        seen = gate.look(types.Frame(time_s, luma, HALF, HALF, is_key=True))
        outcomes += trigger.update(types.Scene(time_s, 640, 360, (), seen.thumb, False, seen.boxes))
    return outcomes


def quake(from_s: float, until_s: float, size_px: float = 8.0, hertz: float = 1.9) -> Place:
    def place(t: float) -> tuple[float, float]:
        if not from_s <= t < until_s:
            return 0.0, 0.0
        return size_px * float(np.sin(2 * np.pi * hertz * t)), 0.5 * size_px * float(np.sin(2 * np.pi * 2.3 * t + 1))

    return place


@pytest.mark.parametrize("size_px", [6.0, 12.0, 30.0])
def test_a_shaken_camera_is_raised_once_and_ends_when_it_stands_still(size_px: float) -> None:
    raised, ended = play(quake(10, 16, size_px), 22)
    assert isinstance(raised, types.Raised)
    assert raised.kind == Kind.SHAKE
    assert 11 <= raised.raised_s <= 14
    assert raised.started_s == pytest.approx(10, abs=0.5)
    assert isinstance(ended, types.Ended)
    assert ended.ended_s == pytest.approx(16, abs=0.5)


def walker(picture: np.ndarray, t: float) -> np.ndarray:
    picture[100:300, int(t * 60) % 560 :][:, :80] = 30
    return picture


def lorry(picture: np.ndarray, t: float) -> np.ndarray:
    """Goes to and fro over more than a third of the picture."""
    x = int(60 + 60 * np.sin(4 * t))
    picture[130:330, x : x + 420] = np.random.default_rng(3).uniform(0, 255, (200, 420))
    return picture


def leaves(picture: np.ndarray, t: float) -> np.ndarray:
    """Trees all over the picture, each swaying for itself."""
    for i, (x, y) in enumerate((x, y) for y in range(0, 360, 60) for x in range(0, 640, 80)):
        way = round(6 * np.sin(2 * np.pi * (0.7 + 0.05 * i) * t + i))
        picture[y : y + 60, x : x + 80] = np.roll(picture[y : y + 60, x : x + 80], way, 1)
    return picture


def flicker(picture: np.ndarray, t: float) -> np.ndarray:
    return picture * (0.5 if int(t * 5) % 2 else 1.0)


@pytest.mark.parametrize(
    ("place", "add"),
    [
        (lambda t: (0, 0), walker),
        (lambda t: (0, 0), lorry),
        (lambda t: (0, 0), leaves),
        (lambda t: (0, 0), flicker),
        (lambda t: (30.0 if t > 10 else 0.0, 5.0 if t > 10 else 0.0), walker),
        (quake(10, 10.9, 30), walker),
        (lambda t: (min(max(t - 10, 0) * 15, 60), 0), walker),
        (quake(0, 60, 1.2), walker),
    ],
    ids=["walker", "lorry", "leaves", "flicker", "a camera turned aside", "a knock", "a slow pan", "wind on the pole"],
)
def test_what_is_no_shaking_raises_nothing(place: Place, add: Callable[[np.ndarray, float], np.ndarray]) -> None:
    assert play(place, 24, add) == []


def test_a_shift_is_measured_to_a_fraction_of_a_pixel() -> None:
    before, now = (
        cv2.resize(view(x, y, number), (320, 180)).clip(0, 255).astype(np.uint8)
        for number, (x, y) in enumerate(((0, 0), (7, -4)))
    )
    found = jolts.shift(before, now)
    assert found is not None
    assert found == pytest.approx((-3.5, 2.0), abs=0.4)


def test_pictures_of_different_things_have_no_shift() -> None:
    rng = np.random.default_rng(2)
    a, b = (rng.uniform(0, 255, (180, 320)).astype(np.uint8) for _ in range(2))
    assert jolts.shift(a, b) is None
    assert jolts.shift(np.full((180, 320), 60, np.uint8), a) is None

"""The fight model that ships gives the answers it gave when it was made, on drawn pictures."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from detection import experts, models, types
from detection.examiners import fight

KEPT = Path(__file__).parent / "fightnet_parity.json"


def drawn(name: str) -> types.Pixels:
    """Return pictures for the model: uint8 (FRAMES, SIDE_PX, SIDE_PX, 3) BGR."""
    random = np.random.default_rng(11)
    pictures = np.full((fight.FRAMES, fight.SIDE_PX, fight.SIDE_PX, 3), 110, np.uint8)
    if name == "noise":
        return random.integers(0, 256, pictures.shape, np.uint8)
    for i, picture in enumerate(pictures):
        shift = {"still": 0, "walking": 8 * i, "shaking": int(random.integers(-40, 40))}[name]
        cv2.rectangle(picture, (60 + shift, 60), (90 + shift, 180), (40, 60, 160), -1)
        cv2.rectangle(picture, (110 - shift, 70), (140 - shift, 185), (150, 90, 30), -1)
        cv2.circle(picture, (75 + shift, 45), 14, (140, 170, 210), -1)
        cv2.circle(picture, (125 - shift, 55), 14, (140, 170, 210), -1)
    return pictures


@pytest.fixture(scope="module")
def model() -> experts.Expert:
    (entry,) = (one for one in models.load_experts(models.default_folder()) if one.task == fight.TASK)
    return experts.Expert.load(entry)


@pytest.mark.parametrize("name", ["noise", "still", "walking", "shaking"])
def test_it_answers_as_when_it_was_made(model: experts.Expert, name: str) -> None:
    (score,) = model.answer(drawn(name))
    assert score.shape == (1,)
    kept = json.loads(KEPT.read_text("utf-8"))[name]
    assert _log_odds(float(score[0])) == pytest.approx(
        _log_odds(kept), abs=0.25
    )  # eight bits round otherwise elsewhere


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))


def test_it_takes_what_the_examiner_cuts(model: experts.Expert) -> None:
    assert model.entry.input_shape == (fight.FRAMES, fight.SIDE_PX, fight.SIDE_PX, 3)
    assert model.entry.input_type == "uint8"

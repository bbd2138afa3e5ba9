"""The pose model that ships answers as it did when its card was written."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detection import experts, models, types
from detection.examiners import poses

MODELS = Path(__file__).resolve().parents[2] / "models"
KEPT = Path(__file__).parent / "movenet_parity.json"


def figure() -> types.Pixels:
    """Return a drawn figure on noise, uint8 (1, 192, 256, 3)."""
    picture = np.random.default_rng(11).integers(90, 140, (192, 256, 3), dtype=np.uint8)
    skin, cloth, trousers = (200, 160, 130), (180, 40, 40), (40, 50, 110)
    cv2.ellipse(picture, (128, 38), (11, 14), 0, 0, 360, skin, -1)
    cv2.rectangle(picture, (108, 54), (148, 106), cloth, -1)
    cv2.line(picture, (108, 58), (94, 104), skin, 9)
    cv2.line(picture, (148, 58), (162, 104), skin, 9)
    cv2.line(picture, (118, 106), (114, 176), trousers, 15)
    cv2.line(picture, (138, 106), (142, 176), trousers, 15)
    return picture[None]


@pytest.fixture(scope="module")
def model() -> experts.Expert:
    (entry,) = (entry for entry in models.load_experts(MODELS) if entry.task == poses.TASK)
    return experts.Expert.load(entry)


def test_the_answer_is_the_kept_one(model: experts.Expert) -> None:
    answer = model.answer(figure())[0]
    kept = np.array(json.loads(KEPT.read_text("utf-8"))["surest"], np.float32)
    assert answer[0, int(answer[0, :, 55].argmax())] == pytest.approx(kept, abs=0.01)


def test_a_drawn_figure_stands(model: experts.Expert) -> None:
    def ask(picture: types.Pixels) -> poses.Posture:
        answer = model.answer(picture)
        return poses.read(answer[0], picture.shape[1:3], 1.0, (0.0, 0.0), 192)[0]

    standing = ask(figure())
    assert standing.shoulders_up > 0.75 * standing.body
    assert standing.hips_up > 0.4 * standing.body

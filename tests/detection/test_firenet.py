"""The fire model answers what it answered when its card was written, on drawn pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detection import experts, models, types
from detection.examiners import fire

KEPT = json.loads((Path(__file__).parent / "firenet_answers.json").read_text("utf-8"))


def drawn() -> types.Pixels:
    """Return four tiles: noise, an orange blaze, a grey cloud, a flat wall."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    blaze = np.full((224, 224, 3), 25, np.uint8)
    cloud = np.full((224, 224, 3), (140, 120, 90), np.uint8)
    for _ in range(60):
        x, y, r = (int(v) for v in rng.integers((60, 80, 4), (160, 220, 26)))
        cv2.circle(blaze, (x, y), r, (int(rng.integers(10, 90)), int(rng.integers(110, 230)), 255), -1)
        level = int(rng.integers(150, 215))
        cv2.circle(cloud, (x, y - 50), r + 10, (level, level, level), -1)
    soft = [np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8) for picture in (blaze, cloud)]
    return np.stack([noise, *soft, np.full((224, 224, 3), 120, np.uint8)])


@pytest.fixture(scope="module")
def firenet() -> experts.Expert:
    (entry,) = (entry for entry in models.load_experts(models.default_folder()) if entry.task == fire.TASK)
    return experts.Expert.load(entry)


def test_drawn_tiles_get_the_answers_that_were_kept(firenet: experts.Expert) -> None:
    scores, cells = firenet.answer(drawn())
    assert scores == pytest.approx(np.array(KEPT["scores"]), abs=0.02)
    assert cells.mean((2, 3)) == pytest.approx(np.array(KEPT["cells_mean"]), abs=0.02)


def test_tiles_asked_together_and_alone_get_the_same_answer(firenet: experts.Expert) -> None:
    together = firenet.answer(drawn())[0]
    alone = np.concatenate([firenet.answer(drawn()[i : i + 1])[0] for i in range(4)])
    assert together == pytest.approx(alone, abs=1e-4)

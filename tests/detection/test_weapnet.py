"""The weapon model answers what it answered when its card was written, on drawn pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detection import experts, models, types
from detection.examiners import weapon

KEPT = json.loads((Path(__file__).parent / "weapnet_answers.json").read_text("utf-8"))


def drawn() -> types.Pixels:
    """Return four tiles: noise, the outline of a pistol on white, a figure that holds a small one, the same figure without."""
    rng = np.random.default_rng(9)
    noise = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    outline = np.array(
        [(20, 60), (200, 60), (200, 100), (90, 100), (84, 130), (76, 190), (34, 190), (44, 110)], np.int32
    )
    pistol = np.full((224, 224, 3), 245, np.uint8)
    cv2.fillPoly(pistol, [outline], (40, 38, 36))
    cv2.ellipse(pistol, (102, 112), (14, 14), 0, 0, 360, (40, 38, 36), 4)
    figure = np.full((224, 224, 3), (120, 130, 125), np.uint8)
    cv2.circle(figure, (110, 40), 22, (140, 165, 200), -1)
    cv2.rectangle(figure, (80, 64), (140, 224), (90, 60, 50), -1)
    cv2.line(figure, (135, 80), (185, 100), (90, 60, 50), 16)
    armed = figure.copy()
    cv2.fillPoly(armed, [np.asarray(outline * 0.18 + (176, 84), np.int32)], (30, 30, 30))
    soft = [np.asarray(cv2.GaussianBlur(picture, (0, 0), 1), np.uint8) for picture in (pistol, armed, figure)]
    return np.stack([noise, *soft])


@pytest.fixture(scope="module")
def weapnet() -> experts.Expert:
    (entry,) = (entry for entry in models.load_experts(models.default_folder()) if entry.task == weapon.TASK)
    return experts.Expert.load(entry)


def test_drawn_tiles_get_the_answers_that_were_kept(weapnet: experts.Expert) -> None:
    scores, cells = weapnet.answer(drawn())
    assert scores == pytest.approx(np.array(KEPT["scores"]), abs=0.02)
    assert cells.mean((1, 2)) == pytest.approx(np.array(KEPT["cells_mean"]), abs=0.02)


def test_a_figure_that_holds_a_pistol_scores_above_the_same_without_and_cells_say_where_it_is(
    weapnet: experts.Expert,
) -> None:
    scores, cells = weapnet.answer(drawn())
    assert scores[2] > 5 * scores[3]
    row, column = np.unravel_index(int(cells[2].argmax()), cells[2].shape)
    assert 2 <= row <= 3 and 5 <= column <= 6


def test_tiles_asked_together_and_alone_get_the_same_answer(weapnet: experts.Expert) -> None:
    together = weapnet.answer(drawn())[0]
    alone = np.concatenate([weapnet.answer(drawn()[i : i + 1])[0] for i in range(4)])
    assert together == pytest.approx(alone, abs=1e-4)

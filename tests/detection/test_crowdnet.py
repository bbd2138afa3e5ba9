"""The density model that ships: the same numbers on every machine, for any picture shape, and nobody where nobody is."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from detection import crowds, experts, models, types

KEPT = json.loads(Path(__file__).with_name("crowdnet_parity.json").read_text())


@pytest.fixture(scope="module")
def network() -> experts.Experts:
    return experts.Experts.load(e for e in models.load_experts(models.default_folder()) if e.task == crowds.TASK)


def drawn(width: int = 640, height: int = 360, people: int = 60) -> types.Frame:
    """A paved place with figures: a round head on a body, smaller towards the top."""
    dice = np.random.default_rng(7)
    y = np.clip(120 + 8 * dice.standard_normal((height, width)), 0, 255).astype(np.uint8)
    for i in range(people):
        foot = height * (0.3 + 0.7 * (i + 0.5) / people)
        tall = 0.06 * height + 0.2 * (foot - 0.3 * height)
        x = float(dice.uniform(0.03, 0.97)) * width
        shade = int(dice.integers(20, 220))
        cv2.ellipse(y, (int(x), int(foot - 0.4 * tall)), (int(tall / 6), int(tall * 0.4)), 0, 0, 360, shade, -1)
        cv2.circle(y, (int(x), int(foot - 0.9 * tall)), max(2, int(tall / 9)), 45, -1)
    y = np.asarray(cv2.GaussianBlur(y, (3, 3), 0), np.uint8)
    half = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return types.Frame(0.0, y, half, half)


def density(network: experts.Experts, frame: types.Frame) -> types.Float:
    answer = network.ask(crowds.TASK, crowds.prepare(frame))
    assert answer is not None
    return np.asarray(answer[0][0, 0], np.float32)


def test_it_gives_the_numbers_that_were_kept(network: experts.Experts) -> None:
    found = density(network, drawn())
    rows = [float(row) for row in found.sum(1)]
    assert rows == pytest.approx(KEPT["people_by_row"], rel=0.02, abs=0.02)


@pytest.mark.parametrize(("size", "cells"), [((640, 480), (48, 64)), ((360, 640), (64, 36)), ((1280, 720), (36, 64))])
def test_it_takes_pictures_of_any_shape(
    network: experts.Experts, size: tuple[int, int], cells: tuple[int, int]
) -> None:
    found = density(network, drawn(*size))
    assert found.shape == cells
    assert float(found.min()) >= 0


def test_an_empty_place_holds_nobody(network: experts.Experts) -> None:
    assert float(density(network, drawn(people=0)).sum()) < crowds.FEW / 2

"""Further models: what they are asked and how, with the models that ship."""

import numpy as np
import pytest

from detection import experts, models


@pytest.fixture(scope="module")
def tiles() -> experts.Expert:
    """The model that looks for fire in any number of tiles."""
    (entry,) = (one for one in models.load_experts(models.default_folder()) if one.task == "fire")
    return experts.Expert.load(entry)


def test_many_rows_are_answered_as_each_would_be_alone(tiles: experts.Expert) -> None:
    blob = np.random.default_rng(7).integers(0, 255, (5, 224, 224, 3)).astype(np.uint8)

    scores, cells = tiles.answer(blob)

    assert (scores.shape, cells.shape) == ((5, 2), (5, 2, 7, 7))
    for i in range(5):
        alone = tiles.answer(blob[i : i + 1])
        np.testing.assert_allclose(scores[i], alone[0][0], atol=1e-4)
        np.testing.assert_allclose(cells[i], alone[1][0], atol=1e-4)


def test_a_task_without_a_model_is_not_answered() -> None:
    assert experts.Experts().ask("fire", np.zeros((1, 224, 224, 3), np.uint8)) is None

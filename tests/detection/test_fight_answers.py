"""What training takes for the asking and the rule of the product is what the examiner and the trigger do."""

import numpy as np
import pytest

from detection import experts, types
from detection.examiners import fight
from detection.profile import ZoneRule
from detection.triggers import fighting
from detection.types import Kind
from models.recipes import fight_answers
from tests.detection import scenes, test_examiners_fight


def watched(scores: np.ndarray) -> tuple[list[tuple[float, float]], bool]:
    """Return what a real examiner is answered, given the answer due at each look, and whether a real trigger raises."""
    examiner, trigger = fight.Fight(), fighting.Fight(ZoneRule("yard", Kind.FIGHT), fight_answers.LIMITS)
    answers: list[tuple[float, float]] = []
    raised = False
    for i, due in enumerate(scores):

        def ask(task: str, blob: experts.Blob, score: float = float(due)) -> experts.Answer:
            return (np.array([score]),)

        evidence = examiner.examine(test_examiners_fight.look(i), (), ask)
        answers += [(i / 5, said.score) for said in evidence]
        scene = types.Scene(i / 5, 1280, 720, (), scenes.thumb(i / 5), True, (), evidence)
        raised |= any(isinstance(said, types.Raised) for said in trigger.update(scene))
    return answers, raised


@pytest.mark.parametrize("middle", [0.2, 0.35, 0.45, 0.6])
@pytest.mark.parametrize("looks", [10, 60])
def test_training_asks_and_raises_as_the_product_does(middle: float, looks: int) -> None:
    random = np.random.default_rng([round(100 * middle), looks])
    for _ in range(4):
        scores = np.clip(middle + random.normal(0, 0.25, looks), 0, 1)
        answers, raised = watched(scores)
        times_s = [i / 5 for i in range(fight.FRAMES - 1, looks)]
        known = scores[fight.FRAMES - 1 :].tolist()
        assert fight_answers.asked(times_s, known) == answers
        assert (fight_answers.reached(times_s, known) >= fight_answers.LIMITS.score) is raised


def test_a_clip_that_is_answered_once_reaches_nothing() -> None:
    assert fight_answers.reached([1.0], [0.99]) == 0.0
    assert fight_answers.reached([1.0, 1.4], [0.99, 0.5]) == pytest.approx(0.745)

import cv2
import numpy as np
import pytest

from camera_agents import errors
from camera_agents.analysis import still
from detection import types

WIDTH_PX, HEIGHT_PX = 640, 480
PERSON: types.Box = (100.0, 100.0, 200.0, 300.0)
CAR: types.Box = (400.0, 200.0, 560.0, 360.0)
FOLLOWED: types.Box = (250.0, 60.0, 330.0, 220.0)


def checkered() -> types.Frame:
    """Return a picture whose every part is rich in detail, so that what is hidden shows."""
    rows, columns = np.indices((HEIGHT_PX, WIDTH_PX))
    luma = np.where((rows // 2 + columns // 2) % 2, 230, 20).astype(np.uint8)
    grey = np.full((HEIGHT_PX // 2, WIDTH_PX // 2), 128, np.uint8)
    return types.Frame(1_800_000_000.0, luma, grey, grey)


def found(*objects: tuple[types.ObjectClass, types.Box]) -> types.Detections:
    return types.Detections(
        np.array([box for _, box in objects], np.float32).reshape(-1, 4),
        np.full(len(objects), 0.9, np.float32),
        np.array([label for label, _ in objects], np.int64),
    )


def track(label: types.ObjectClass, box: types.Box) -> types.Track:
    return types.Track(1, label, box, 0.9, 0.0, 1.0, ())


def detail(jpeg: bytes, box: types.Box) -> float:
    """Return how much neighbouring pixels differ within a box of the decoded picture."""
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    x1, y1, x2, y2 = (int(edge) for edge in box)
    return float(np.abs(np.diff(grey[y1:y2, x1:x2].astype(np.float32), axis=1)).mean())


def test_the_clear_still_shows_everything() -> None:
    made = still.make(checkered(), found((types.ObjectClass.PERSON, PERSON)), ())
    assert detail(made.clear, PERSON) > 50
    assert (made.width_px, made.height_px) == (WIDTH_PX, HEIGHT_PX)


def test_the_masked_still_hides_everybody_found_and_everybody_followed_and_nothing_else() -> None:
    everybody = found((types.ObjectClass.PERSON, PERSON), (types.ObjectClass.CAR, CAR))
    made = still.make(checkered(), everybody, (track(types.ObjectClass.PERSON, FOLLOWED),))
    assert made.masking == "regions"
    plate = (CAR[0], CAR[1] + 0.5 * (CAR[3] - CAR[1]), CAR[2], CAR[3])
    for hidden in (PERSON, FOLLOWED, plate):
        assert detail(made.masked, hidden) < 5
    assert detail(made.masked, (0, 400, 640, 480)) > 50


def test_where_a_detector_found_nobody_the_followed_are_hidden_all_the_same() -> None:
    made = still.make(checkered(), types.Detections.none(), (track(types.ObjectClass.PERSON, FOLLOWED),))
    assert made.masking == "regions"
    assert detail(made.masked, FOLLOWED) < 5


def test_where_no_detector_looked_the_whole_picture_is_hidden() -> None:
    made = still.make(checkered(), None, (track(types.ObjectClass.PERSON, FOLLOWED),))
    assert made.masking == "whole"
    for corner in ((0, 0, 200, 150), (440, 330, 640, 480), (220, 165, 420, 315)):
        assert detail(made.masked, corner) < 5
    assert detail(made.clear, (0, 0, 640, 480)) > 50


def test_a_person_cut_by_the_edge_of_the_picture_is_hidden_up_to_the_edge() -> None:
    made = still.make(checkered(), found((types.ObjectClass.PERSON, (560.0, 300.0, 700.0, 520.0))), ())
    assert detail(made.masked, (562, 302, 640, 480)) < 5


@pytest.mark.parametrize("looked", [None, types.Detections.none()])
def test_a_picture_too_small_to_be_one_is_refused_in_words(looked: types.Detections | None) -> None:
    sliver = types.Frame(0.0, np.zeros((1, 64), np.uint8), np.zeros((1, 32), np.uint8), np.zeros((1, 32), np.uint8))
    with pytest.raises(errors.StillError, match="64x1"):
        still.make(sliver, looked, ())

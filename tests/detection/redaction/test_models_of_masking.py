"""The two models of masking answer what they did when their cards were written, on pictures that are drawn; no picture of a person is kept."""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detection import decoding, experts, models, types
from detection.redaction import faces, finding, texts

KEPT = json.loads((Path(__file__).parent / "masking_parity.json").read_text("utf-8"))


def drawn() -> types.Pixels:
    """Return a face of ellipses on grey, and a plate: uint8 (256, 320, 3) BGR."""
    picture = np.full((256, 320, 3), 118, np.uint8)
    cv2.ellipse(picture, (90, 100), (34, 46), 0, 0, 360, (150, 180, 215), -1)
    cv2.ellipse(picture, (90, 66), (37, 26), 0, 180, 360, (35, 40, 50), -1)
    for x in (77, 103):
        cv2.ellipse(picture, (x, 94), (8, 4), 0, 0, 360, (245, 245, 245), -1)
        cv2.circle(picture, (x, 94), 3, (40, 30, 30), -1)
        cv2.ellipse(picture, (x, 84), (10, 3), 0, 180, 360, (45, 50, 60), 2)
    cv2.line(picture, (90, 96), (87, 114), (120, 150, 185), 2)
    cv2.ellipse(picture, (90, 126), (13, 4), 0, 0, 180, (90, 90, 190), 2)
    cv2.rectangle(picture, (170, 160), (290, 196), (240, 240, 240), -1)
    cv2.putText(picture, "12 3456", (178, 188), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)


def loaded(task: str) -> experts.Expert:
    (entry,) = (one for one in models.load_masking(models.default_folder()) if one.task == task)
    return experts.Expert.load(entry)


def blob() -> types.Float:
    return np.ascontiguousarray(drawn()[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)


def test_the_heat_of_the_drawn_face_is_greatest_on_it_and_what_was_kept() -> None:
    """The network knows a drawing for no face (0.014), and yet where one would be."""
    heat, size, offset = loaded(faces.TASK).answer(blob())
    row, column = np.unravel_index(int(heat[0, 0].argmax()), heat.shape[2:])
    assert abs(row * faces.CELL_PX - 100) <= 8 and abs(column * faces.CELL_PX - 90) <= 8
    assert float(heat.max()) == pytest.approx(KEPT["heat_max"], abs=0.002)
    assert size[0, :, row, column].tolist() == pytest.approx(KEPT["size"], abs=0.05)
    assert offset[0, :, row, column].tolist() == pytest.approx(KEPT["offset"], abs=0.05)


def test_heat_is_read_as_boxes_of_its_height_and_width_each_face_once() -> None:
    heat, size, offset = (np.zeros((1, n, 30, 40), np.float32) for n in (1, 2, 2))
    heat[0, 0, 10, 20], heat[0, 0, 10, 21], heat[0, 0, 25, 5] = 0.9, 0.6, 0.3
    size[0, 0], size[0, 1] = np.log(12.0), np.log(8.0)
    offset[0, 0], offset[0, 1] = 0.25, -0.5
    xyxy, score = faces.decode(heat, size, offset)
    assert score.tolist() == pytest.approx([0.9, 0.3])
    assert xyxy[0].tolist() == pytest.approx([80 - 16, 43 - 24, 80 + 16, 43 + 24])


def test_faces_of_a_larger_picture_come_back_in_its_own_pixels() -> None:
    def answer(shown: experts.Blob) -> experts.Answer:
        assert shown.shape == (1, 3, 736, 1280)
        heat, size, offset = (np.zeros((1, n, 184, 320), np.float32) for n in (1, 2, 2))
        heat[0, 0, 92, 160] = 0.8
        size[:] = np.log(10.0)
        return heat, size, offset

    (face,) = faces.find(np.zeros((1472, 2560, 3), np.uint8), answer)
    assert face.box == pytest.approx((1284 - 40, 740 - 40, 1284 + 40, 740 + 40))


@pytest.mark.parametrize(
    ("size", "shown_as"), [((240, 320), (480, 640)), ((480, 640), (704, 960)), ((720, 1280), (704, 1280))]
)
def test_small_pictures_are_enlarged_at_most_twice(size: tuple[int, int], shown_as: tuple[int, int]) -> None:
    shapes = []

    def answer(shown: experts.Blob) -> experts.Answer:
        shapes.append(shown.shape)
        cells = (shown.shape[2] // 4, shown.shape[3] // 4)
        return tuple(np.zeros((1, n, *cells), np.float32) for n in (1, 2, 2))

    assert faces.find(np.zeros((*size, 3), np.uint8), answer) == ()
    assert shapes == [(1, 3, *shown_as)]


def test_the_drawn_plate_is_found_where_it_is() -> None:
    plate = max(texts.find(drawn(), loaded(texts.TASK).answer), key=lambda one: one.score)
    assert plate.score == pytest.approx(KEPT["plate"]["score"], abs=0.02)
    assert plate.box == pytest.approx(KEPT["plate"]["box"], abs=3)


def test_every_pixel_is_enlarged_once_in_three_looks() -> None:
    seen = np.zeros((720, 1280), bool)
    for look in range(3):
        for x1, y1, x2, y2 in finding.tiles(1280, 720, look):
            seen[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = True
    assert seen.all()
    assert finding.tiles(480, 320, 0) == ()


def test_every_model_of_masking_has_its_file_its_card_and_its_recipe() -> None:
    folder = models.default_folder()
    entries = models.load_masking(folder)
    assert {entry.task for entry in entries} == models.MASKING
    for entry in entries:
        assert models.read_verified(entry)
        assert (folder / f"{entry.name}.md").is_file()
    assert not {entry.task for entry in models.load_experts(folder)} & models.MASKING


def test_looks_that_are_begun_ahead_find_what_each_finds_alone() -> None:
    mirrored = np.ascontiguousarray(drawn()[:, ::-1])
    shown = [drawn(), mirrored, drawn()]
    frames = [
        decoding.to_frame(av.VideoFrame.from_ndarray(one, format="bgr24"), number) for number, one in enumerate(shown)
    ]
    with finding.ModelFinder(models.default_folder()) as finder:
        alone = [finder.find(frame, 5 * number) for number, frame in enumerate(frames)]
        begun = [finder.begin(frame, 5 * number) for number, frame in enumerate(frames)]
        assert [found() for found in reversed(begun)] == list(reversed(alone))
    assert alone[0] != alone[1] and all(alone)

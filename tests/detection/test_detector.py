"""The detector that ships, on a frame of a clip that ships, and what it refuses."""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from detection import boxes, detector, errors, models, settings, types
from detection.decoders import nanodet

CLIP = Path(__file__).parents[2] / "sample_streams" / "clips" / "vtest.mp4"
ENTRY = models.find(models.load_manifest(models.default_folder()), "nanodet")
PEOPLE: tuple[types.Box, ...] = ((579, 210, 628, 308), (396, 258, 445, 366), (685, 298, 728, 405))
"""Three people in full view 1 s into the clip, labelled by hand, in its pixels."""


@pytest.fixture(scope="module")
def finder() -> detector.OnnxDetector:
    return detector.OnnxDetector.load(ENTRY)


@pytest.fixture(scope="module")
def frame() -> Iterator[types.Frame]:
    with av.open(str(CLIP)) as container:
        for picture in container.decode(video=0):
            if picture.time is not None and picture.time >= 1.0:
                planes = [
                    np.frombuffer(bytes(p), np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy()
                    for p in picture.planes
                ]
                yield types.Frame(1.0, planes[0], planes[1], planes[2])
                return


def count_found(found: types.Detections, people: tuple[types.Box, ...]) -> int:
    overlap = boxes.iou(boxes.as_array(people), found.xyxy[found.label == 0])
    return int((overlap.max(axis=1, initial=0) > 0.5).sum())


def test_people_are_found_in_the_whole_picture(finder: detector.OnnxDetector, frame: types.Frame) -> None:
    found = finder.detect(frame, ((0.0, 0.0, 960.0, 720.0),))
    assert count_found(found, PEOPLE) == 3


def test_people_are_found_in_regions_of_their_own_on_one_smaller_canvas(
    finder: detector.OnnxDetector, frame: types.Frame
) -> None:
    before = finder.inferences, finder.canvas_px
    found = finder.detect(frame, tuple(boxes.grow(person, 30, 30) for person in PEOPLE))
    assert count_found(found, PEOPLE) == 3
    assert finder.inferences - before[0] == 1
    assert finder.canvas_px - before[1] < 0.6 * 416 * 320, "less than the whole picture would have taken"


def test_somebody_in_two_regions_is_found_once(finder: detector.OnnxDetector, frame: types.Frame) -> None:
    around = boxes.grow(PEOPLE[0], 40, 40)
    found = finder.detect(frame, (around, boxes.grow(PEOPLE[0], 60, 25)))
    near = found.xyxy[(found.label == 0) & (found.score > 0.45)]
    assert int((boxes.iou(near, boxes.as_array([PEOPLE[0]])) > 0.3).sum()) == 1


def test_no_region_or_one_outside_the_picture_finds_nothing(finder: detector.OnnxDetector, frame: types.Frame) -> None:
    assert len(finder.detect(frame, ())) == 0
    assert len(finder.detect(frame, ((2000.0, 0.0, 2100.0, 100.0),))) == 0


@pytest.mark.parametrize("size_px", [(64, 48), (161, 121), (360, 640), (2, 2)])
def test_tiny_odd_and_portrait_pictures_are_taken(finder: detector.OnnxDetector, size_px: tuple[int, int]) -> None:
    w, h = size_px
    half = np.full(((h + 1) // 2, (w + 1) // 2), 128, np.uint8)
    picture = types.Frame(0.0, np.full((h, w), 90, np.uint8), half, half)
    found = finder.detect(picture, ((0.0, 0.0, float(w), float(h)),))
    assert np.isfinite(found.xyxy).all()


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    entry = write_entry(tmp_path, b"no graph")
    with pytest.raises(errors.ModelError, match="no usable ONNX graph"):
        detector.OnnxDetector.load(entry)


def test_a_graph_with_free_sides_is_refused_where_the_manifest_says_fixed_and_other_sizes_are_too() -> None:
    fixed = dataclasses.replace(ENTRY, flexible=False)
    detector.OnnxDetector.load(fixed)  # free sides take the fixed size too
    with pytest.raises(errors.ModelError, match=r"fails on input \(1, 3, 400, 400\), needs to answer with"):
        detector.OnnxDetector.load(dataclasses.replace(fixed, height_px=400, width_px=400))


def test_an_unknown_decoder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(errors.ModelError, match="use one of: detr, detr_boxes, nanodet, yolov8, yolox"):
        detector.OnnxDetector.load(dataclasses.replace(ENTRY, decoder="yolo"))


def write_entry(folder: Path, weights: bytes) -> models.ModelEntry:
    path = folder / "tiny.onnx"
    path.write_bytes(weights)
    return dataclasses.replace(ENTRY, path=path, sha256=hashlib.sha256(weights).hexdigest())


def test_the_decoder_reads_a_cell_as_the_paper_says() -> None:
    """One cell of the middle level speaks for class 3, with all weight on bins 1, 2, 3 and 4 of its sides."""
    decoder = nanodet.NanoDet()
    outputs = [np.zeros(shape, np.float32) for shape in decoder.output_shapes(64, 96)]
    row, column, columns = 2, 4, 96 // 16
    cell = row * columns + column
    outputs[1][0, cell, 3] = 0.75
    for side, chosen in enumerate((1, 2, 3, 4)):
        outputs[4][0, cell, side * nanodet.BINS + chosen] = 50.0
    found = decoder.decode(outputs, (64, 96), 0.5)
    x, y = (column + 0.5) * 16, (row + 0.5) * 16
    assert np.allclose(found.xyxy, [[x - 16, y - 32, x + 48, y + 64]], atol=1e-3)
    assert found.score.tolist() == [0.75]
    assert found.label.tolist() == [3]


def test_the_input_is_blue_green_red_less_its_mean_over_its_deviation() -> None:
    decoder = nanodet.NanoDet()
    blob = decoder.feed(np.full((32, 64, 3), (10, 20, 30), np.uint8))[decoder.input_name]
    assert blob.shape == (1, 3, 32, 64)
    wanted = [(v - m) / s for v, m, s in zip((10, 20, 30), nanodet.MEAN_BGR, nanodet.STD_BGR, strict=True)]
    assert np.allclose(blob[0, :, 5, 5], wanted, atol=1e-5)


def test_thresholds_may_be_given_for_one_look(finder: detector.OnnxDetector, frame: types.Frame) -> None:
    whole = ((0.0, 0.0, 960.0, 720.0),)
    strict = finder.detect(frame, whole, settings.DetectorSettings(min_score=0.6))
    assert 0 < len(strict) < len(finder.detect(frame, whole))
    assert strict.score.min() >= 0.6

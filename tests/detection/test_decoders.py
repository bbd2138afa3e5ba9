"""A model that a user brings: one manifest entry with its decoder's name, for every form, through the detector that ships."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detection import detector, errors, models, settings, types
from detection.decoders import detr, yolov8, yolox
from tests.detection import forms

ENTRY = """
[[model]]
name = "mine"
file = "mine.onnx"
task = "objects"
decoder = "{decoder}"
input = [64, 64]
class_count = 3
classes = {{ person = {blue}, car = {red} }}
sha256 = "{sha256}"
licence = "Apache-2.0"
source = "made here"
{more}
"""
WHOLE = ((0.0, 0.0, 64.0, 64.0),)
BLUE_FIRST, RED_FIRST = (0, 1), (1, 0)
FORMS: list[tuple[str, Callable[[], bytes], tuple[int, int], str]] = [
    ("yolox", forms.yolox, BLUE_FIRST, ""),
    ("yolov8", forms.yolov8, RED_FIRST, ""),
    ("detr", forms.detr, RED_FIRST, "query_count = 4"),
    ("detr_boxes", forms.detr_boxes, RED_FIRST, "query_count = 4"),
]


def entry_of(
    folder: Path, decoder: str, graph: bytes, blue: int = 0, red: int = 1, more: str = ""
) -> models.ModelEntry:
    (folder / "mine.onnx").write_bytes(graph)
    sha256 = hashlib.sha256(graph).hexdigest()
    manifest = ENTRY.format(decoder=decoder, blue=blue, red=red, sha256=sha256, more=more)
    (folder / "manifest.toml").write_text(manifest, "utf-8")
    return models.find(models.load_manifest(folder), "mine")


def coloured_squares() -> types.Frame:
    """Return a dark picture of 64x64: upper right quarter blue, lower left quarter red."""
    y, u, v = np.full((64, 64), 16, np.uint8), np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8)
    y[:32, 32:], u[:16, 16:], v[:16, 16:] = 41, 240, 110
    y[32:, :32], u[16:, :16], v[16:, :16] = 81, 90, 240
    return types.Frame(0.0, y, u, v)


@pytest.mark.parametrize(("decoder", "graph", "classes", "more"), FORMS)
def test_a_model_of_each_form_finds_the_squares_by_its_manifest_entry_alone(
    tmp_path: Path, decoder: str, graph: Callable[[], bytes], classes: tuple[int, int], more: str
) -> None:
    entry = entry_of(tmp_path, decoder, graph(), *classes, more)
    found = detector.OnnxDetector.load(entry).detect(coloured_squares(), WHOLE, settings.DetectorSettings(0.5))
    by_label = {types.ObjectClass(int(label)): box for label, box in zip(found.label, found.xyxy, strict=True)}
    assert len(found) == 2
    assert np.allclose(by_label[types.ObjectClass.PERSON], [32, 0, 64, 32], atol=0.5)
    assert np.allclose(by_label[types.ObjectClass.CAR], [0, 32, 32, 64], atol=0.5)
    assert found.score.min() > 0.9


@pytest.mark.parametrize(("decoder", "graph", "classes", "more"), FORMS)
def test_nothing_is_found_in_a_dark_picture(
    tmp_path: Path, decoder: str, graph: Callable[[], bytes], classes: tuple[int, int], more: str
) -> None:
    entry = entry_of(tmp_path, decoder, graph(), *classes, more)
    grey = np.full((32, 32), 128, np.uint8)
    dark = types.Frame(0.0, np.full((64, 64), 16, np.uint8), grey, grey)
    assert len(detector.OnnxDetector.load(entry).detect(dark, WHOLE)) == 0


@pytest.mark.parametrize(
    ("decoder", "graph", "more", "shapes"),
    [
        ("yolox", lambda: forms.yolox(128), "", ("(1, 3, 128, 128)", "(1, 3, 64, 64)")),
        ("yolov8", forms.yolox, 'output_names = ["output"]', ("(1, 84, 8)", "(1, 7, 84)")),
        ("yolox", forms.yolov8, 'output_names = ["output0"]', ("(1, 7, 84)", "(1, 84, 8)")),
        ("detr", forms.detr, "", ("(1, 4, 3)", "(1, 300, 3)")),
        ("detr_boxes", forms.detr_boxes, "query_count = 5", ("(1, 4)", "(1, 5)")),
    ],
)
def test_a_graph_of_another_shape_is_refused_with_both_shapes(
    tmp_path: Path, decoder: str, graph: Callable[[], bytes], more: str, shapes: tuple[str, str]
) -> None:
    entry = entry_of(tmp_path, decoder, graph(), more=more)
    with pytest.raises(errors.ModelError) as refused:
        detector.OnnxDetector.load(entry)
    found, needed = shapes
    assert f"has shape {found}, needs {needed}" in str(refused.value)


def test_a_graph_with_other_names_is_refused_with_its_own_and_taken_once_they_are_told(tmp_path: Path) -> None:
    graph = forms.yolox().replace(b"images", b"pixels").replace(b"output", b"answer")
    with pytest.raises(errors.ModelError, match=r"has no input 'images', only \['pixels'\]"):
        detector.OnnxDetector.load(entry_of(tmp_path, "yolox", graph))
    told = 'input_names = ["pixels"]\noutput_names = ["answer"]'
    assert detector.OnnxDetector.load(entry_of(tmp_path, "yolox", graph, more=told)).model.name == "mine"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('input_names = ["a", "b"]', "name 1 and 1"),
        ("input_names = 3", "no list of names"),
        ("query_count = 0", "query_count 0 is out of"),
    ],
)
def test_fields_that_do_not_fit_the_decoder_are_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(errors.ModelError, match=said):
        detector.OnnxDetector.load(entry_of(tmp_path, "yolox", forms.yolox(), more=more))


def test_a_class_beyond_the_models_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError, match=r"do not lie in 0\.\.2"):
        entry_of(tmp_path, "yolox", forms.yolox(), blue=3)


def test_yolox_reads_a_cell_as_its_export_writes_it() -> None:
    """The cell in row 1, column 2 of stride 16 of a 64x96 canvas: centre a quarter to the right, e strides wide, half objectness."""
    decoder = yolox.YoloX(yolox.NAMES, 2)
    rows = np.zeros(decoder.output_shapes(64, 96)[0], np.float32)
    rows[0, 8 * 12 + 1 * 6 + 2] = [0.25, 0.5, 1.0, 0.0, 0.5, 0.2, 0.9]
    found = decoder.decode([rows], (64, 96), 0.1)
    x, y, wide = 2.25 * 16, 1.5 * 16, np.e * 16
    assert np.allclose(found.xyxy, [[x - wide / 2, y - 8, x + wide / 2, y + 8]], atol=1e-3)
    assert found.score.tolist() == pytest.approx([0.45])
    assert found.label.tolist() == [1]


def test_a_size_that_would_overflow_stays_a_number() -> None:
    decoder = yolox.YoloX(yolox.NAMES, 1)
    rows = np.full(decoder.output_shapes(32, 32)[0], 1000.0, np.float32)
    assert np.isfinite(decoder.decode([rows], (32, 32), 0.5).xyxy).all()


def test_the_yolov8_form_is_read_by_column() -> None:
    decoder = yolov8.YoloV8(yolov8.NAMES, 2)
    columns = np.zeros(decoder.output_shapes(32, 32)[0], np.float32)
    columns[0, :, 7] = [10, 20, 4, 8, 0.1, 0.7]
    found = decoder.decode([columns], (32, 32), 0.5)
    assert (found.xyxy.tolist(), found.label.tolist()) == ([[8, 16, 12, 24]], [1])


def test_a_transformers_boxes_are_shares_of_the_canvas_and_its_scores_a_sigmoid() -> None:
    decoder = detr.Raw(detr.RAW, 2, 2)
    logits = np.array([[[-900.0, 0.0], [-900.0, -900.0]]], np.float32)
    boxes = np.array([[[0.5, 0.25, 0.5, 0.5], [0, 0, 0, 0]]], np.float32)
    found = decoder.decode([logits, boxes], (100, 200), 0.4)
    assert (found.xyxy.tolist(), found.score.tolist(), found.label.tolist()) == ([[50, 0, 150, 50]], [0.5], [1])


def test_a_transformer_with_its_post_processing_is_told_width_and_height_in_this_order() -> None:
    decoder = detr.Finished(detr.FINISHED, 1)
    feed = decoder.feed(np.zeros((32, 64, 3), np.uint8))
    assert feed["orig_target_sizes"].tolist() == [[64, 32]]
    assert decoder.output_shapes(32, 64) == ((1, 1), (1, 1, 4), (1, 1))

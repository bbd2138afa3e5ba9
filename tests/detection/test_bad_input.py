"""What no camera should send and some do, through the pipeline and evaluation that ship: grey, tiny, upright and slow pictures, holes in time."""

import hashlib
import math
import random
from pathlib import Path

import numpy as np
import pytest

from detection import __main__ as command
from detection import detector, errors, experts, models, pipeline, profile, settings, types
from detection.evaluation import files
from tests.detection import forms, media
from tests.detection.evaluation.test_files import Squares

RIGHT_HALF = profile.ZoneRule("right", types.Kind.INTRUSION, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
EVERYTHING = profile.evaluation_profile((RIGHT_HALF,))
SHIPPED = models.find(models.load_manifest(models.default_folder()), "nanodet")


@pytest.fixture(scope="module")
def finder() -> detector.OnnxDetector:
    return detector.OnnxDetector.load(SHIPPED)


@pytest.mark.parametrize("fps", [1, 2, 5, 10, 15, 25, 30, 60])
def test_at_any_frame_rate_the_same_is_raised_at_the_same_time(tmp_path: Path, fps: int) -> None:
    """The square's foot point passes the middle at 7.2 s."""
    path = media.write_video(tmp_path / "a.mp4", frames=12 * fps, fps=fps, gop=max(1, fps), speed_px_s=20)
    (event,) = files.watch(path, EVERYTHING, Squares()).raised
    assert event.kind == types.Kind.INTRUSION
    assert 7.2 < event.raised_s < 7.2 + 0.6 + 2.5


@pytest.mark.parametrize("seed", range(3))
def test_frames_that_are_missing_delay_and_change_nothing(tmp_path: Path, seed: int) -> None:
    """A third of all frames, and a whole second of them before the middle, never came."""
    chance = random.Random(seed)
    missing = {i for i in range(1, 180) if chance.random() < 0.33} | set(range(75, 90))
    path = media.write_video(tmp_path / "a.mp4", frames=180, speed_px_s=20, missing=missing)
    (event,) = files.watch(path, EVERYTHING, Squares()).raised
    assert event.kind == types.Kind.INTRUSION
    assert 7.2 < event.raised_s < 9.5


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (768, 576), (352, 288), (180, 640), (640, 180)])
def test_pictures_of_any_shape_are_watched(tmp_path: Path, size: tuple[int, int]) -> None:
    frames = round(15 * (size[0] * 0.75) / 40)
    path = media.write_video(tmp_path / "a.mp4", frames=frames, size=size, speed_px_s=40)
    kinds = [event.kind for event in files.watch(path, EVERYTHING, Squares()).raised]
    assert kinds == [types.Kind.INTRUSION]


def frame(time_s: float, luma: np.ndarray) -> types.Frame:
    h, w = luma.shape
    half = np.full(((h + 1) // 2, (w + 1) // 2), 128, np.uint8)
    return types.Frame(time_s, luma.astype(np.uint8), half, half, is_key=True)


@pytest.mark.parametrize("size", [(2, 2), (16, 12), (33, 17), (64, 48), (48, 64)])
@pytest.mark.parametrize("noise", [0.0, 2.0, 60.0])
def test_tiny_pictures_of_nothing_raise_no_behaviour(
    finder: detector.OnnxDetector, size: tuple[int, int], noise: float
) -> None:
    rng = np.random.default_rng(1)
    camera = pipeline.CameraPipeline(EVERYTHING, finder.model)
    kinds: set[types.Kind] = set()
    for i in range(40):
        picture = frame(i / 2, np.clip(rng.normal(90, noise, size[::-1]), 0, 255))
        look = camera.look(picture)
        step = camera.conclude(look, finder.detect(picture, look.regions) if look.regions else None)
        kinds |= {event.kind for event in step.raised}
        assert all(np.isfinite(track.box).all() for track in step.tracks)
    assert kinds <= profile.HEALTH_KINDS


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_grey_is_a_matter_of_the_cameras_health_alone(
    finder: detector.OnnxDetector, level: int
) -> None:
    camera = pipeline.CameraPipeline(EVERYTHING, finder.model)
    kinds: list[types.Kind] = []
    for i in range(100):
        picture = frame(float(i), np.full((360, 640), level))
        look = camera.look(picture)
        found = finder.detect(picture, look.regions) if look.regions else None
        kinds += [event.kind for event in camera.conclude(look, found).raised]
    assert kinds == [types.Kind.BLINDED]


def test_an_infrared_picture_without_colour_is_watched_as_any_other(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mkv", codec="ffv1", pixel_format="gray", frames=180, speed_px_s=20)
    (event,) = files.watch(path, EVERYTHING, Squares()).raised
    assert event.kind == types.Kind.INTRUSION


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("0.1,0.1;0.9,0.9;0.9,0.1;0.1,0.9", "from point 1 (0.1,0.1) to point 2 (0.9,0.9) crosses or touches"),
        ("0.1,0.1;1.4,0.1;0.9,0.9", "zone point '1.4,0.1'"),
        ("0.1,0.1;0.9,-0.2;0.9,0.9", "zone point '0.9,-0.2'"),
        ("0.1,0.1;0.9,nan;0.9,0.9", "zone point '0.9,nan'"),
        ("0.1,0.1;0.9,0.9", "has 2 points"),
    ],
)
def test_evaluation_refuses_a_wild_zone_with_its_line_and_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], zone: str, said: str
) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "labels.tsv").write_text(
        f"path\ttask\tkind\tstart_s\tend_s\tvalue\tzone\na.mp4\tclip\tintrusion\t1\t\t\t{zone}\n"
    )
    assert command.main(["evaluate", str(tmp_path / "labels.tsv"), "--quiet", "--jobs", "1"]) == 1
    told = capsys.readouterr().err
    assert "labels.tsv:2: " in told and said in told


@pytest.mark.parametrize("point", [(1.0001, 0.5), (-0.1, 0.5), (0.5, 7.0), (math.nan, 0.5), (0.5, math.inf)])
def test_a_profile_refuses_a_point_outside_the_picture_by_its_number(point: tuple[float, float]) -> None:
    with pytest.raises(errors.ProfileError, match=r"zone 'yard', points: point 2 \("):
        profile.ZoneRule("yard", types.Kind.INTRUSION, ((0.1, 0.1), point, (0.9, 0.9)))


EXPERT = """
[[model]]
name = "wrong"
file = "wrong.onnx"
task = "fire"
input_name = "images"
input_shape = {given}
outputs = {{ output = {answered} }}
sha256 = "{sha256}"
licence = "Apache-2.0"
source = "made here"
"""


@pytest.mark.parametrize(
    ("given", "answered", "said"),
    [
        ("[1, 3, 64, 64]", "[1, 84, 9]", ("(1, 84, 8)", "(1, 84, 9)")),
        ("[1, 3, 96, 96]", "[1, 84, 8]", ("(1, 3, 96, 96)", "Expected: 64")),
        ("[1, 64, 64]", "[1, 84, 8]", ("(1, 64, 64)", "Expected: 4")),
    ],
)
def test_an_expert_of_another_shape_is_refused_with_both_shapes(
    tmp_path: Path, given: str, answered: str, said: tuple[str, str]
) -> None:
    graph = forms.yolox()
    (tmp_path / "wrong.onnx").write_bytes(graph)
    sha256 = hashlib.sha256(graph).hexdigest()
    (tmp_path / "manifest.toml").write_text(EXPERT.format(given=given, answered=answered, sha256=sha256), "utf-8")
    with pytest.raises(errors.ModelError) as refused:
        experts.Experts.load(models.load_experts(tmp_path))
    assert said[0] in str(refused.value) and said[1] in str(refused.value)


def test_wrong_settings_of_a_look_are_refused_by_name() -> None:
    with pytest.raises(errors.ProfileError, match=r"detector\.min_score: is nan"):
        settings.DetectorSettings(min_score=math.nan)


def test_a_clip_without_its_end_is_refused_by_name(tmp_path: Path) -> None:
    clip = media.write_video(tmp_path / "a.mp4", frames=60)
    whole = clip.read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(errors.MediaError, match=r"b\.mp4"):
        files.watch(tmp_path / "b.mp4", EVERYTHING, Squares())

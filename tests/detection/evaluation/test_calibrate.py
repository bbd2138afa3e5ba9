"""The calibrate command on histograms as agents keep them, and on a clip that ships."""

import argparse
import io
import json
from pathlib import Path

import pytest

from detection import errors, histograms
from detection.evaluation import calibrate
from detection.types import Kind

CLIP = Path(__file__).resolve().parents[3] / "sample_streams" / "clips" / "one_way.mp4"


def run(*arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    calibrate.add_arguments(parser)
    out = io.StringIO()
    return calibrate.main(parser.parse_args(arguments), out), out.getvalue()


def kept(path: Path, **hours: float) -> Path:
    """Write what an agent keeps: for each camera these hours, with one episode of fire at 0.30."""
    reached = tuple(int(i <= 30) for i in range(histograms.BINS))
    cameras = {
        camera: histograms.as_json(
            histograms.Histogram(h * 3600, ("firenet a",), {Kind.FIRE: histograms.Episodes(reached)})
        )
        for camera, h in hours.items()
    }
    path.write_text(json.dumps({"cameras": cameras}))
    return path


def test_cameras_and_files_are_added_up(tmp_path: Path) -> None:
    first, second = kept(tmp_path / "a.json", yard=300, gate=100), kept(tmp_path / "b.json", road=200)
    status, text = run(str(first), str(second), "--budget", "0.15/camera/day")
    assert status == 0
    assert "600.0 camera-hours seen" in text
    assert "fire: operating point 0.31: 0 episodes (0 at 0.50; 0 events were raised)" in text


def test_one_camera_may_be_chosen_and_too_few_hours_end_with_status_1(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.json", yard=300, gate=100)
    status, text = run(str(path), "--camera", "gate", "--budget", "0.15/camera/day")
    assert status == 1
    assert "100.0 camera-hours seen" in text and "NOT SUPPORTED" in text
    with pytest.raises(errors.MediaError, match=r"has no camera 'road', only \['gate', 'yard'\]"):
        run(str(path), "--camera", "road", "--budget", "0.15/camera/day")


@pytest.mark.parametrize("text", ["", "[]", '{"cameras": {"a": {}}}', '{"cameras": []}', "\x00"])
def test_a_file_that_holds_no_histograms_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(errors.MediaError, match=r"a\.json: holds no histograms"):
        run(str(path), "--budget", "1/camera/day")


@pytest.mark.process
def test_a_clip_is_watched_by_the_pipeline_that_ships(tmp_path: Path) -> None:
    status, text = run(str(CLIP), "--budget", "1/camera/hour", "--report", str(tmp_path / "seen.json"))
    seen = calibrate.read(tmp_path / "seen.json")
    assert status == 1, "a few seconds support no budget"
    assert seen.watched_s == pytest.approx(9.7, abs=1.5)
    assert any(name.startswith("nanodet ") for name in seen.models)
    assert "0.0 camera-hours seen" in text

"""The bench on a clip that ships, with a clock that ticks once per reading."""

import itertools
import json
from pathlib import Path

import pytest

from detection import __main__ as command
from detection import bench, detector, models, profile

CLIPS = Path(__file__).parents[2] / "sample_streams" / "clips"


def test_each_stage_is_timed_as_often_as_it_ran() -> None:
    ticks = itertools.count()
    finder = detector.OnnxDetector.load(models.load_manifest(models.default_folder())[0])
    result = bench.run(CLIPS / "vtest.mp4", profile.default_profile(), finder, lambda: float(next(ticks)), 3.0)
    stages = {stage.name: stage for stage in result.stages}
    assert tuple(stages) == bench.STAGES
    assert stages["decode"].runs == result.decoded_packets
    assert stages["gate"].runs == round(result.looks_per_s * result.stream_s)
    assert stages["detect"].runs > 0 and stages["detect"].ms_median == 1000.0
    assert result.inferences_per_s > 0 and result.regions_per_s > 0 and result.tracks_begun > 0


def test_bench_prints_a_table_and_writes_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bench.json"
    assert command.main(["bench", str(CLIPS / "vtest_sub.mp4"), "--seconds", "2", "--json", str(target)]) == 0
    written = json.loads(target.read_text("utf-8"))
    assert written["width_px"] == 480
    printed = capsys.readouterr().out
    assert all(stage["name"] in printed for stage in written["stages"])


def test_a_file_that_is_no_video_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "not.mp4"
    path.write_bytes(b"nothing")
    assert command.main(["bench", str(path)]) == 1
    assert "not.mp4" in capsys.readouterr().err


def test_models_says_ok_for_what_ships_and_fails_for_an_altered_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["models"]) == 0
    assert "\tok" in capsys.readouterr().out
    manifest = (models.default_folder() / "manifest.toml").read_text("utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, "utf-8")
    (tmp_path / "nanodet.onnx").write_bytes(b"altered")
    assert command.main(["models", "--models", str(tmp_path)]) == 1
    assert "has sha256" in capsys.readouterr().out

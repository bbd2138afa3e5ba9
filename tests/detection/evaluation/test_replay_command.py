"""The replay command with the model that ships, on a clip that ships."""

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from detection import errors, journal, models, pipeline, profile, schedule, types
from detection.evaluation import files, replay_command, work
from detection.types import Kind
from tests.support import shipped

WATCHED_S = 18.0
"""How much of the clip is gone through: the wrong-way driver is told at its fifteenth second."""
WANTED = profile.CameraProfile(
    frozenset({Kind.WRONG_WAY}), (profile.ZoneRule("lane", Kind.WRONG_WAY, ((0.61, 0.34), (0.39, 0.93))),)
)
UTC_S = 1_795_000_000.0


def run(*arguments: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    replay_command.add_arguments(parser)
    out = io.StringIO()
    return replay_command.main(parser.parse_args(arguments), out), out.getvalue()


@pytest.fixture(scope="module")
def clip() -> Path:
    return shipped.beginning("road_wrong_way.mp4", WATCHED_S)


@pytest.fixture(scope="module")
def record(clip: Path) -> journal.Record:
    """What an agent keeps of the wrong-way driver."""
    eyes = work.ModelChoice(models.default_folder(), "nanodet").load()
    further = eyes.further.used
    inner = pipeline.CameraPipeline(WANTED, eyes.finder.model, further=further)
    camera = journal.Journal(inner, WANTED, (eyes.finder.model, *further.values()))
    with files.Source(clip) as source:
        walker = schedule.Walker(WANTED.schedule, source.decoder.decode, source.decoder.reset)
        for packet in source.packets():
            for frame in walker.feed(packet):
                shown = types.Frame(UTC_S + frame.time_s, frame.y, frame.u, frame.v, frame.full_range, frame.is_key)
                look = camera.look(shown)
                if not walker.saw(types.Look(frame, look.thumb, look.moving, look.motion, look.regions), True):
                    continue
                found = eyes.finder.detect(shown, look.regions, WANTED.detector) if look.regions else None
                for event in camera.conclude(look, found, eyes.further.ask).raised:
                    kept = camera.record(event)
                    assert kept is not None
                    return kept
    raise AssertionError("nothing was raised")


@pytest.mark.process
def test_the_shipped_clip_gives_the_same_event_with_the_shipped_model(
    clip: Path, record: journal.Record, tmp_path: Path
) -> None:
    event_clip = tmp_path / "event.mp4"
    event_clip.symlink_to(clip)
    (tmp_path / "event.replay").write_bytes(record.to_bytes())
    status, text = run(str(event_clip))
    assert status == 0, text
    assert text.startswith("same event: wrong_way of 2026-")
    assert "came now: wrong_way, +0.000 s" in text
    assert "0 are not in the clip; regions differ in 0" in text
    assert "differs" not in text


@pytest.mark.process
def test_an_explanation_of_another_event_is_told(clip: Path, record: journal.Record, tmp_path: Path) -> None:
    (tmp_path / "kept.replay").write_bytes(record.to_bytes())
    explanation = {"settings_sha256": "ab" * 32, "models": []}
    (tmp_path / "event.json").write_text(json.dumps({"kind": "wrong_way", "explanation": explanation}))
    status, text = run(str(clip), "--state", str(tmp_path / "kept.replay"), "--event", str(tmp_path / "event.json"))
    assert status == 0
    assert "the explanation is of an event with other settings" in text


@pytest.mark.process
def test_without_what_was_kept_it_runs_fresh_and_says_not_comparable(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"settings_sha256": "ab" * 32, "models": [{"name": "nanodet", "sha256": "cd" * 32}]}))
    status, text = run(str(clip), "--event", str(path))
    assert status == 3
    assert text.startswith("not comparable: nothing was kept with this clip, so it ran fresh")
    assert "came now" in text
    assert "differs: settings: abababababab then" in text
    assert "differs: model nanodet: cdcdcdcdcdcd then" in text


@pytest.mark.parametrize(
    "told", [[], {}, {"models": [], "settings_sha256": 3}, {"models": [1], "settings_sha256": "a"}]
)
def test_what_is_no_explanation_is_refused_by_name(clip: Path, tmp_path: Path, told: Any) -> None:
    (tmp_path / "event.json").write_text(json.dumps(told))
    with pytest.raises(errors.MediaError, match=r"event\.json: is no explanation"):
        run(str(clip), "--event", str(tmp_path / "event.json"))


def test_a_record_that_was_named_must_be_there(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.MediaError, match=r"gone\.replay: cannot be used"):
        run(str(clip), "--state", str(tmp_path / "gone.replay"))

"""An event is gone through again from what was kept with it: the same comes out, or what differs is told."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from detection import errors, experts, journal, pipeline, profile, schedule, types
from detection import settings as tuning
from detection.evaluation import files, replay
from tests.detection import media
from tests.detection.evaluation.test_files import Squares

YARD = profile.ZoneRule("yard", types.Kind.LOITERING, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), dwell_s=12.0)
WANTED = profile.CameraProfile(frozenset({types.Kind.LOITERING}), (YARD,))
UTC_S = 1_795_000_000.25
"""The file's first frame, on the agent's clock."""


class ShedOnce(Squares):
    """Does not come to every fifth look, as a busy agent's detector."""

    def sees(self, look: int) -> bool:
        return look % 5 != 3


def watched(path: Path, wanted: profile.CameraProfile = WANTED) -> Iterator[journal.Record]:
    """Run a video as an agent would, on its clock and shedding looks, and yield what it keeps of each event."""
    finder = ShedOnce()
    camera = journal.Journal(pipeline.CameraPipeline(wanted, finder.model), wanted, (finder.model,))
    looks = 0
    with files.Source(path) as source:
        walker = schedule.Walker(wanted.schedule, source.decoder.decode, source.decoder.reset)
        for packet in source.packets():
            for frame in walker.feed(packet):
                shown = dataclasses.replace(frame, time_s=UTC_S + frame.time_s)
                look = camera.look(shown)
                if not walker.saw(dataclasses.replace(look, frame=frame), camera.has_tracks):
                    continue
                looks += 1
                found = finder.detect(shown, look.regions) if look.regions and finder.sees(looks) else None
                for event in camera.conclude(look, found).raised:
                    record = camera.record(event)
                    assert record is not None
                    yield journal.Record.from_bytes(record.to_bytes())


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds of a square that walks to and fro."""
    return media.write_video(tmp_path_factory.mktemp("video") / "a.mp4", frames=450, speed_px_s=20)


@pytest.fixture(scope="module")
def record(video: Path) -> journal.Record:
    return next(watched(video))


def clip_of(video: Path, folder: Path, from_s: float, until_s: float) -> Path:
    """Cut a clip as an agent does: the same packets, from a key frame on, with times of its own."""
    path = folder / "clip.mp4"
    with files.Source(video) as source, media.remuxer(path, source) as write:
        for packet in source.packets():
            if from_s <= packet.time_s < until_s:
                write(packet)
    return path


def test_the_same_comes_out_of_the_clip_though_its_dwell_began_before_it(
    video: Path, record: journal.Record, tmp_path: Path
) -> None:
    raised_s = record.raised.raised_s - UTC_S
    assert raised_s > 11, "the dwell is longer than what the clip holds before the event"
    clip = clip_of(video, tmp_path, int(raised_s) - 10, raised_s + 3)
    outcome = replay.run(clip, record, Squares())
    assert (outcome.verdict, outcome.differences) == (replay.Verdict.SAME, ())
    assert outcome.raised[0] == record.raised, "to the last digit"
    assert (outcome.missing, outcome.other_regions) == (0, 0)
    assert outcome.looks == len(record.calls) > 20


def test_other_settings_would_have_shown(video: Path, record: journal.Record) -> None:
    """The same pictures with a longer dwell raise nothing: the settings that were kept decide."""
    longer = dataclasses.replace(WANTED, zones=(dataclasses.replace(YARD, dwell_s=28.0),))
    outcome = replay.run(video, dataclasses.replace(record, wanted=longer, state=_state(longer, record)), Squares())
    assert outcome.verdict is replay.Verdict.DRIFT
    assert outcome.differences == ("loitering did not come; nothing did",)


def _state(wanted: profile.CameraProfile, record: journal.Record) -> bytes:
    return pipeline.CameraPipeline(wanted, Squares.model).snapshot()


def test_what_differs_is_told(video: Path, record: journal.Record) -> None:
    old = dataclasses.replace(
        record,
        program="ab" * 32,
        machine=(("cpu", "another"), *record.machine[1:]),
        models=(types.ModelUsed("squares", "cd" * 32), types.ModelUsed("firenet", "ef" * 32)),
    )
    outcome = replay.run(video, old, Squares())
    assert outcome.verdict is replay.Verdict.SAME
    told = "; ".join(outcome.differences)
    assert "program: abababababab then" in told and "cpu: another then" in told
    assert "model squares: cdcdcdcdcdcd then, 000000000000 now" in told
    assert "model firenet: efefefefefef then, not here now" in told


class Blind(Squares):
    """Finds nothing any more."""

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: tuning.DetectorSettings | None = None
    ) -> types.Detections:
        return types.Detections.none()


def test_a_detector_that_sees_otherwise_drifts(video: Path, record: journal.Record) -> None:
    outcome = replay.run(video, record, Blind())
    assert outcome.verdict is replay.Verdict.DRIFT
    assert outcome.other_regions > 0


def test_another_clip_is_not_comparable(record: journal.Record, tmp_path: Path) -> None:
    other = media.write_video(tmp_path / "b.mp4", frames=60, size=(160, 120))
    outcome = replay.run(other, record, Squares())
    assert outcome.verdict is replay.Verdict.NOT_COMPARABLE
    assert outcome.missing == outcome.looks > 0


def test_a_state_that_this_program_cannot_go_on_with_is_not_comparable(video: Path, record: journal.Record) -> None:
    outcome = replay.run(video, dataclasses.replace(record, state=b"other"), Squares())
    assert outcome.verdict is replay.Verdict.NOT_COMPARABLE
    assert "cannot be gone on with" in outcome.differences[-1]


def test_questions_that_were_shed_stay_without_answer() -> None:
    answers = replay._Answers((True, False), _Yes())
    assert [answers.ask("fire", experts.Blob) is not None for _ in range(3)] == [True, False, True]  # type: ignore[arg-type]


class _Yes(experts.Experts):
    def ask(self, task: str, blob: experts.Blob) -> experts.Answer | None:
        return ()


@pytest.mark.parametrize("content", [b"", b"JKS1", b"x" * 100])
def test_a_file_that_was_not_kept_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.replay").write_bytes(content)
    with pytest.raises(errors.MediaError, match=r"a\.replay: cannot be used"):
        replay.load(tmp_path / "a.replay")


def test_settings_that_were_altered_are_refused(tmp_path: Path, record: journal.Record) -> None:
    altered = dataclasses.replace(record, wanted=profile.default_profile())
    (tmp_path / "a.replay").write_bytes(altered.to_bytes())
    with pytest.raises(errors.MediaError, match="holds other settings"):
        replay.load(tmp_path / "a.replay")

"""A derivative made in a process of its own: its progress and report come through, its refusals too, and cancelling leaves nothing."""

import datetime
from pathlib import Path

import pytest

from detection import models
from sharing_hub import errors
from sharing_hub.media import plan, worker
from tests.sharing_hub.media import clips

pytestmark = pytest.mark.process
MARK = plan.Watermark("서울종로경찰서", "홍길동", datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC), "JK-1")


def test_progress_and_report_come_from_the_other_process(tmp_path: Path) -> None:
    source, told = clips.write(tmp_path / "source.mp4"), list[float]()
    report = worker.make_derivative(
        source, tmp_path / "out.mp4", plan.MaskPlan(plan.WHOLE), MARK, models.default_folder(), told.append
    )
    assert report.frames == report.frames_masked == 30
    assert told == sorted(told) and told[-1] > 0.9
    assert (tmp_path / "out.mp4").stat().st_size == report.length_bytes


def test_a_refusal_comes_through_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "source.mp4").write_text("no video")
    with pytest.raises(errors.Unprocessable, match=r"source\.mp4"):
        worker.make_derivative(
            tmp_path / "source.mp4", tmp_path / "out.mp4", plan.MaskPlan(plan.WHOLE), MARK, tmp_path, lambda share: None
        )


def test_cancelling_ends_the_process_and_leaves_nothing(tmp_path: Path) -> None:
    source, told = clips.write(tmp_path / "source.mp4", frames=600), list[float]()
    with pytest.raises(worker.Cancelled):
        worker.make_derivative(
            source,
            tmp_path / "out.mp4",
            plan.MaskPlan(plan.WHOLE),
            MARK,
            models.default_folder(),
            told.append,
            lambda: len(told) > 2,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]
    assert told[-1] < 1


def test_a_process_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(errors.StoreError, match="without an answer"):
        worker.make_derivative(
            tmp_path / "source.mp4", tmp_path / "out.mp4", plan.MaskPlan(plan.WHOLE), MARK, tmp_path, lambda share: None
        )

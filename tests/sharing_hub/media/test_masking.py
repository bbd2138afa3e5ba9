"""A derivative hides what it must in every frame, is marked, whole or not there, and says how it was made."""

import datetime
import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from detection import models, redaction
from sharing_hub import errors
from sharing_hub.media import masking, plan
from tests.sharing_hub.media import clips

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
MARK = plan.Watermark("서울종로경찰서", "홍길동 경위", NOON, "JK-8F3A21", NOON)
VTEST = Path(__file__).resolve().parents[3] / "sample_streams" / "clips" / "vtest.mp4"


def made(source: Path, wanted: plan.MaskPlan, target: Path | None = None) -> tuple[plan.DerivativeReport, Path]:
    target = target or source.with_name("derivative.mp4")
    return masking.make_derivative(source, target, wanted, MARK, models.default_folder(), lambda share: None), target


def detail(picture: np.ndarray, box: tuple[float, ...]) -> float:
    """Return how much neighbouring pixels differ inside a box."""
    x1, y1, x2, y2 = (int(side) for side in box)
    part = picture[y1:y2, x1:x2].astype(np.float32)
    return float(np.abs(np.diff(part, axis=1)).mean())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> type[clips.Told]:
    """The models' place is taken by a finder that knows where the figures are."""

    class Finder(clips.Told):
        pass

    monkeypatch.setattr(redaction, "ModelFinder", Finder)
    return Finder


def test_people_are_hidden_in_every_frame_and_the_rest_stays(tmp_path: Path, told: type[clips.Told]) -> None:
    source = clips.write(tmp_path / "source.mp4")
    report, target = made(source, plan.MaskPlan(plan.PEOPLE_AND_PLATES))
    frames = clips.read(target)
    assert len(frames) == report.frames == report.frames_masked == 30
    for _, picture in frames:
        for box in (clips.BOX, clips.SECOND_BOX):
            assert detail(picture, box) < 0.4 * detail(picture, (110, 60, 190, 160))
    assert report.looks == 10 and report.longest_look_gap_s == pytest.approx(0.2)
    assert report.found == {"person": 2}


def test_who_is_found_late_is_hidden_in_the_frames_before(tmp_path: Path, told: type[clips.Told]) -> None:
    told.since = 3
    source = clips.write(tmp_path / "source.mp4")
    report, target = made(source, plan.MaskPlan(plan.PEOPLE_AND_PLATES))
    assert report.frames_masked == 30
    first = clips.read(target)[0][1]
    assert detail(first, clips.BOX) < 0.4 * detail(first, (110, 60, 190, 160))


def test_who_was_picked_stays_clear_and_the_report_says_how_long(tmp_path: Path, told: type[clips.Told]) -> None:
    source = clips.write(tmp_path / "source.mp4")
    pick = plan.Pick(1.0, 60 / clips.WIDTH, 100 / clips.HEIGHT)
    report, target = made(source, plan.MaskPlan(plan.PEOPLE_AND_PLATES, (pick,)))
    shown = clips.read(target)[15][1]
    assert detail(shown, clips.BOX) > 0.7 * detail(shown, (110, 60, 190, 160))
    assert detail(shown, clips.SECOND_BOX) < 0.4 * detail(shown, (110, 60, 190, 160))
    (kept,) = report.kept_clear
    assert (kept.from_s, kept.until_s) == pytest.approx((0, 1.8))


def test_a_pick_of_nobody_makes_no_derivative(tmp_path: Path, told: type[clips.Told]) -> None:
    source = clips.write(tmp_path / "source.mp4")
    with pytest.raises(errors.Unprocessable, match="nobody"):
        made(source, plan.MaskPlan(plan.PEOPLE_AND_PLATES, (plan.Pick(1.0, 0.5, 0.1),)))
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


def test_the_whole_picture_can_be_hidden_and_needs_no_model(tmp_path: Path) -> None:
    source = clips.write(tmp_path / "source.mp4", frames=6)
    report, target = made(source, plan.MaskPlan(plan.WHOLE))
    assert report.frames_masked == 6 and report.looks == 0 and report.models == ()
    for _, picture in clips.read(target):
        assert detail(picture, (0, 0, 320, 200)) < 0.25 * detail(clips.read(source)[0][1], (0, 0, 320, 200))


def test_the_derivative_has_no_sound_begins_with_its_index_and_keeps_the_frames_times(tmp_path: Path) -> None:
    times_s = [0.0, 0.07, 0.13, 0.5, 0.53, 2.0]
    source = clips.write(tmp_path / "source.mp4", times_s=times_s, sound=True)
    report, target = made(source, plan.MaskPlan(plan.NONE))
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert [time_s for time_s, _ in clips.read(target)] == pytest.approx(times_s, abs=0.002)
    raw = target.read_bytes()
    assert raw.find(b"moov") < raw.find(b"mdat")
    assert report.sha256 == hashlib.sha256(raw).hexdigest() and report.length_bytes == len(raw)
    assert report.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    source = clips.write(tmp_path / "source.mp4", frames=3)
    before = source.read_bytes()
    with pytest.raises(errors.StoreError, match="exists already"):
        made(source, plan.MaskPlan(plan.WHOLE), source)
    assert source.read_bytes() == before


def test_a_cancelled_derivative_leaves_nothing(tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def progress(share: float) -> None:
        if share > 0.3:
            raise Cancelled

    source = clips.write(tmp_path / "source.mp4")
    with pytest.raises(Cancelled):
        masking.make_derivative(
            source, tmp_path / "out.mp4", plan.MaskPlan(plan.NONE), MARK, models.default_folder(), progress
        )
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\0\0\0\x18ftypmp42" + bytes(200)])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    with pytest.raises(errors.Unprocessable):
        made(source, plan.MaskPlan(plan.WHOLE))
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


def test_a_playlist_that_names_other_files_is_not_followed(tmp_path: Path) -> None:
    clips.write(tmp_path / "secret.mp4", frames=3)
    source = tmp_path / "source.mp4"
    source.write_text(f"ffconcat version 1.0\nfile {tmp_path / 'secret.mp4'}\n")
    with pytest.raises(errors.Unprocessable):
        made(source, plan.MaskPlan(plan.WHOLE))


def test_without_its_models_nothing_is_masked_and_nothing_is_made(tmp_path: Path) -> None:
    source = clips.write(tmp_path / "source.mp4", frames=3)
    with pytest.raises(errors.StoreError, match="nothing was masked"):
        masking.make_derivative(
            source, tmp_path / "out.mp4", plan.MaskPlan(plan.FACES_AND_PLATES), MARK, tmp_path, lambda share: None
        )
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


def test_a_damaged_second_costs_its_frames_only(tmp_path: Path) -> None:
    source = clips.write(tmp_path / "source.mp4")
    raw = bytearray(source.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 400] = bytes(400)
    source.write_bytes(raw)
    report, target = made(source, plan.MaskPlan(plan.WHOLE))
    assert 10 <= report.frames <= 30
    assert len(clips.read(target)) == report.frames


def test_the_models_that_ship_find_people_in_the_sample_clip(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    with av.open(str(VTEST)) as container, av.open(str(source), "w") as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        for number, packet in enumerate(container.demux(video=0)):
            if number < 9:
                packet.stream = stream
                out.mux(packet)
    report, target = made(source, plan.MaskPlan(plan.PEOPLE_AND_PLATES))
    assert [one.name for one in report.models] == ["nanodet", "centerface", "textdet"]
    assert report.found["person"] >= 3 and report.frames == report.frames_masked == 9
    clear, hidden = clips.read(source)[3][1], clips.read(target)[3][1]
    walker = (640, 210, 660, 280)
    assert detail(hidden, walker) < 0.6 * detail(clear, walker)

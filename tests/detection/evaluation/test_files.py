"""Files as a camera would give them."""

from pathlib import Path

import numpy as np
import pytest

from detection import errors, profile, settings, types
from detection.evaluation import files
from tests.detection import media


class Squares:
    """A detector that finds the bright square of made videos, wherever it is asked to look."""

    model = types.ModelUsed("squares", "0" * 64)

    def __init__(self, label: types.ObjectClass = types.ObjectClass.PERSON) -> None:
        self._label = label
        self.asked: list[tuple[types.Box, ...]] = []

    def detect(
        self, frame: types.Frame, regions: tuple[types.Box, ...], wanted: settings.DetectorSettings | None = None
    ) -> types.Detections:
        self.asked.append(regions)
        rows, columns = np.nonzero(frame.y > 225)
        if not len(rows):
            return types.Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return types.Detections(np.array([box], np.float32), np.array([0.9], np.float32), np.array([int(self._label)]))


def test_a_video_raises_what_happens_in_it_with_file_times(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", frames=75)
    zone = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    wanted = profile.evaluation_profile((profile.ZoneRule("right", types.Kind.INTRUSION, zone),))
    watched = files.watch(path, wanted, Squares())
    (event,) = watched.raised
    assert event.kind == types.Kind.INTRUSION
    assert 2.4 <= event.raised_s <= 4.0  # the square's foot point passes the middle at 2.4 s
    assert event.settings_sha256 == profile.settings_sha256(wanted)
    assert event.models == (Squares.model,)
    assert watched.duration_s == pytest.approx(5.0, abs=0.1)
    assert 0 < watched.detections <= watched.looks


def test_watching_twice_gives_the_same(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.mp4", frames=60)
    first, second = (files.watch(path, profile.evaluation_profile(), Squares()) for _ in range(2))
    assert first == second


def test_time_stamps_need_not_begin_at_zero(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.ts", codec="mpeg2video", frames=30)
    with files.Source(path) as source:
        times = [packet.time_s for packet in source.packets()]
    assert min(times) == pytest.approx(0.0, abs=0.07)
    assert max(times) == pytest.approx(29 / 15, abs=0.07)


def test_a_file_cut_in_the_middle_is_watched_as_far_as_it_goes(tmp_path: Path) -> None:
    path = media.write_video(tmp_path / "a.ts", codec="mpeg2video", frames=60)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    watched = files.watch(path, profile.evaluation_profile(), Squares())
    assert 0.5 < watched.duration_s < 3.5


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00" * 5000])
def test_what_is_no_video_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(errors.MediaError, match=r"a\.mp4"):
        files.watch(path, profile.evaluation_profile(), Squares())


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.MediaError, match="cannot be opened"):
        files.frame_at(tmp_path / "none.mp4", 0.0)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_the_frame_of_a_moment_is_found(tmp_path: Path, b_frames: int) -> None:
    path = media.write_video(tmp_path / "a.mp4", frames=60, b_frames=b_frames)
    for moment in (0.0, 0.4, 1.7, 3.9, 99.0):
        assert files.frame_at(path, moment).time_s == pytest.approx(min(moment, 59 / 15), abs=0.04)


@pytest.mark.parametrize(("name", "codec"), [("a.jpg", "mjpeg"), ("a.png", "png")])
def test_a_picture_file_has_one_frame(tmp_path: Path, name: str, codec: str) -> None:
    frame = files.frame_at(media.write_image(tmp_path / name, codec), 0.0)
    difference = frame.bgr().astype(int) - media.ground(320, 240)
    assert abs(difference).mean() < 6


@pytest.mark.parametrize("size", [(320, 240), (640, 360), (1920, 1080), (4000, 3000), (300, 2000)])
def test_tiles_cover_the_picture_and_overlap(size: tuple[int, int]) -> None:
    made = files.tiles(*size)
    assert made[0] == (0, 0, *size)
    covered = np.zeros((size[1] // 4, size[0] // 4), np.uint8)
    for x1, y1, x2, y2 in made[1:] or made:
        assert x1 >= 0 <= y1 and x2 <= size[0] and y2 <= size[1]
        covered[int(y1) // 4 : -(-int(y2) // 4), int(x1) // 4 : -(-int(x2) // 4)] += 1
    assert covered.min() >= 1
    assert len(made) <= 25


def test_people_are_counted_over_tiles(tmp_path: Path) -> None:
    frame = files.frame_at(media.write_video(tmp_path / "a.mp4", frames=2, size=(960, 540)), 0.0)
    finder = Squares()
    assert files.count_people(frame, finder) == 1
    assert len(finder.asked[0]) > 1
    assert files.count_people(frame, Squares(types.ObjectClass.CAR)) == 0

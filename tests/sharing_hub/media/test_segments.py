"""A video's bytes in segments: no byte without one, cut where pictures begin."""

from pathlib import Path

import av
import pytest

from sharing_hub.media import segments
from tests.sharing_hub.media import clips


def test_segments_cover_the_file_and_begin_at_key_frames(tmp_path: Path) -> None:
    video = clips.write(tmp_path / "video.mp4", frames=40)
    found = segments.cut(video)
    assert segments.of_json(segments.as_json(found), video.stat().st_size) == found
    with av.open(str(video)) as container:
        keys = [packet.pos for packet in container.demux(video=0) if packet.is_keyframe]
    assert [one.offset for one in found if one.from_ms is not None] == keys
    assert [(one.from_ms, one.until_ms) for one in found[1:4]] == [(0, 1000), (1000, 2000), (2000, 2666)]
    assert found[0].name(0) == "segment 0 (the file's index)"


def test_what_is_no_video_is_cut_into_equal_parts(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"x" * (2 * segments.MOST_BYTES + 5))
    assert [one.length_bytes for one in segments.cut(path)] == [segments.MOST_BYTES, segments.MOST_BYTES, 5]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.pop(),
        lambda rows: rows.pop(0),
        lambda rows: rows[1].update(offset=rows[1]["offset"] + 1),
        lambda rows: rows[1].update(length_bytes=0),
        lambda rows: rows[1].update(more=1),
    ],
)
def test_a_list_that_leaves_bytes_out_is_refused(tmp_path: Path, change: object) -> None:
    video = clips.write(tmp_path / "video.mp4")
    values = segments.as_json(segments.cut(video))
    change(values["segments"])  # type: ignore[operator]
    with pytest.raises((ValueError, TypeError)):
        segments.of_json(values, video.stat().st_size)

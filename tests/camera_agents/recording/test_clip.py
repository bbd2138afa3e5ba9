import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import pytest

from camera_agents import errors
from camera_agents.recording import clip, recorder, recordings, segments
from camera_agents.streams import packets
from tests.support import agent_state, coded

S = 1_000_000
START = coded.START_US


@pytest.fixture
def index(tmp_path: Path) -> Iterator[recordings.Recordings]:
    opened = recordings.Recordings(tmp_path / "recordings.db")
    yield opened
    opened.close()


def record(tmp_path: Path, index: recordings.Recordings, *runs: Sequence[packets.VideoPacket]) -> None:
    for run in runs:
        subject = recorder.Recorder(tmp_path / "recordings", index, agent_state.chain(index), segment_s=2.0)
        subject.start()
        for packet in run:
            subject.write("yard", packet)
        subject.stop()


def make(tmp_path: Path, index: recordings.Recordings, start_us: int, end_us: int) -> clip.Clip:
    return clip.make(index, tmp_path / "recordings", recordings.Span("yard", start_us, end_us), tmp_path / "clip.mp4")


def shown(path: Path) -> list[float]:
    with av.open(str(path)) as file:
        assert [stream.type for stream in file.streams] == ["video"]
        return [float(frame.time or 0.0) for frame in file.decode(video=0)]


def test_a_clip_begins_at_the_key_frame_before_its_start_and_plays(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    record(tmp_path, index, coded.recorded(8))
    made = make(tmp_path, index, START + 2_500_000, START + 6 * S)
    times = shown(tmp_path / "clip.mp4")
    assert made.start_us == START + 2 * S
    assert made.frames == len(times) == 61
    assert made.cut is None
    assert made.gaps == ()
    assert all(abs(b - a - 1 / 15) < 0.001 for a, b in itertools.pairwise(times))


def test_its_index_stands_before_its_pictures(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(3))
    make(tmp_path, index, START, START + 3 * S)
    data = (tmp_path / "clip.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_pictures_sent_out_of_order_are_shown_in_order(
    tmp_path: Path, index: recordings.Recordings, codec: str
) -> None:
    record(tmp_path, index, coded.recorded(4, b_frames=2, codec=codec))
    made = make(tmp_path, index, START, START + 4 * S)
    times = shown(tmp_path / "clip.mp4")
    assert len(times) == made.frames == 60
    assert times == sorted(times)
    assert abs(times[-1] - times[0] - 59 / 15) < 0.01


def test_an_h265_clip_is_named_as_apple_players_want_it(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(3, codec="hevc"))
    make(tmp_path, index, START, START + 3 * S)
    with av.open(str(tmp_path / "clip.mp4")) as file:
        assert file.streams.video[0].codec_context.codec_tag == "hvc1"
        assert len(list(file.decode(video=0))) == 45


def test_a_gap_in_the_middle_keeps_its_length_and_its_reason(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(3), coded.recorded(3, start_us=START + 8 * S))
    made = make(tmp_path, index, START, START + 11 * S)
    times = shown(tmp_path / "clip.mp4")
    (gap,) = made.gaps
    assert gap.reason == "agent stopped"
    assert abs(times[45] - 8.0) < 0.01
    assert made.cut is None


def test_a_clip_whose_end_is_missing_says_so(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(3))
    made = make(tmp_path, index, START, START + 20 * S)
    assert made.cut == "agent stopped"
    assert made.gaps[-1].end_us == START + 20 * S


def test_a_change_of_resolution_ends_the_clip_and_is_told(tmp_path: Path, index: recordings.Recordings) -> None:
    small, large = coded.recorded(4), coded.recorded(2, width=128, height=96, start_us=START + 4 * S)
    record(tmp_path, index, [*small, *large])
    made = make(tmp_path, index, START, START + 6 * S)
    assert made.format.width_px == 96
    assert made.cut == "the camera changed its format"
    assert len(shown(tmp_path / "clip.mp4")) == 60


def test_a_reconnect_with_new_time_stamps_keeps_real_time(tmp_path: Path, index: recordings.Recordings) -> None:
    first = coded.recorded(2)
    again = [
        packets.VideoPacket(first[0].format, p.pts + 5_000_000_000, p.captured_us + 5 * S, p.is_key, p.data)
        for p in first
    ]
    record(tmp_path, index, first, again)
    make(tmp_path, index, START, START + 7 * S)
    times = shown(tmp_path / "clip.mp4")
    assert abs(times[30] - 5.0) < 0.01


def test_nothing_on_disk_is_an_error_that_says_why(tmp_path: Path, index: recordings.Recordings) -> None:
    record(tmp_path, index, coded.recorded(2))
    with pytest.raises(errors.ClipError, match="agent stopped"):
        make(tmp_path, index, START + 60 * S, START + 90 * S)
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_what_the_camera_signed_is_kept_byte_for_byte_and_said_to_be_signed(
    tmp_path: Path, index: recordings.Recordings, codec: str
) -> None:
    sent = coded.recorded(3, codec=codec)
    record(tmp_path, index, coded.signed(sent))
    made = make(tmp_path, index, START, START + 3 * S)
    message = coded.signature(codec)[4:]
    with av.open(str(tmp_path / "clip.mp4")) as file:
        carried = [message in bytes(packet) for packet in file.demux(video=0) if packet.size]
    assert carried.count(True) == 3
    assert made.stream.camera_signature == "signed by the camera, not verified"


def test_a_clip_says_how_it_is_coded_and_from_where_on_its_segment_was_still_open(
    tmp_path: Path, index: recordings.Recordings
) -> None:
    sent = coded.recorded(3)
    record(tmp_path, index, sent)
    assert make(tmp_path, index, START, START + 3 * S).open_from_us is None
    more = coded.recorded(1, start_us=START + 3 * S)
    index.open_segment("yard", "yard/open.jks", more[0].captured_us)
    writer = segments.SegmentWriter(
        tmp_path / "recordings" / "yard" / "open.jks", segments.SegmentHeader("yard", more[0].format)
    )
    for packet in more:
        writer.append(packet)
    made = make(tmp_path, index, START, START + 4 * S)
    writer.close()
    assert made.open_from_us == START + 3 * S
    assert (made.stream.codec, made.stream.fps, made.stream.camera_signature) == ("h264", 15.0, None)

"""The manifest, labels.tsv and the clips agree, and the clips are what a sample camera can serve."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from sample_streams import manifest

KINDS = frozenset(
    """fire smoke fight fall weapon intrusion line_crossing loitering abandoned_object removed_object accident wrong_way
    stopped_vehicle illegal_parking congestion pedestrian_on_road speeding crowd flood collapse shake offline frozen
    looped blinded sprayed defocused moved clock_drift people none""".split()  # noqa: SIM905  (a list of 31 reads worse)
)
ZONE_POINTS = {"line_crossing": 2, "wrong_way": 2}
NEEDS_ZONE = {"intrusion", "loitering", "illegal_parking", "flood", "line_crossing", "wrong_way"}
BUDGET_BYTES = 40 * 2**20
SAMPLE = manifest.load()
STREAMS = [stream for clip in SAMPLE.clip for stream in clip.streams]


def test_hashes_labels_and_files_agree_with_the_manifest() -> None:
    assert manifest.find_faults(SAMPLE) == []


def test_the_clips_stay_within_their_budget() -> None:
    assert sum(path.stat().st_size for path in manifest.CLIPS.iterdir()) <= BUDGET_BYTES


def test_names_are_unique_and_twins_exist() -> None:
    names = [clip.name for clip in SAMPLE.clip]
    assert len(set(names)) == len(names)
    assert {clip.twin for clip in SAMPLE.clip} - {""} <= set(names)


def test_every_twin_is_labelled_as_normal() -> None:
    for twin in {clip.twin for clip in SAMPLE.clip} - {""}:
        assert {truth.kind for truth in SAMPLE.find(twin).truth if truth.task == "clip"} == {"none"}


@pytest.mark.parametrize("clip", SAMPLE.clip, ids=lambda clip: clip.name)
def test_every_label_is_a_known_kind_within_its_clip(clip: manifest.Clip) -> None:
    for truth in clip.truth:
        assert truth.kind in KINDS
        assert (truth.kind == "none") == (truth.start_s is None)
        assert 0.0 <= (truth.start_s or 0.0) < (truth.end_s or clip.main.duration_s) <= clip.main.duration_s
        assert bool(truth.zone) or truth.kind not in NEEDS_ZONE
        assert len(truth.zone) == ZONE_POINTS.get(truth.kind, len(truth.zone))


@pytest.mark.parametrize("clip", SAMPLE.clip, ids=lambda clip: clip.name)
def test_every_event_leaves_room_for_its_pre_roll(clip: manifest.Clip) -> None:
    assert all(truth.start_s >= 10.0 for truth in clip.truth if truth.start_s is not None and truth.task == "clip")


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.file)
def test_every_file_is_one_silent_h264_track_with_a_closed_gop_a_second(stream: manifest.Stream) -> None:
    with av.open(str(stream.path)) as box:
        assert [media.type for media in box.streams] == ["video"]
        media = box.streams.video[0]
        assert media.codec_context.name == "h264"
        assert (media.width, media.height) == (stream.width_px, stream.height_px)
        assert media.codec_context.pix_fmt == "yuv420p"
        assert media.average_rate == Fraction(stream.fps)
        packets = [packet for packet in box.demux(media) if packet.size]
    assert len(packets) == pytest.approx(stream.duration_s * stream.fps, abs=0.5)
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]  # so no B-frames
    assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == list(range(0, len(packets), stream.fps))


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.file)
def test_pixels_are_square_and_the_index_comes_first(stream: manifest.Stream) -> None:
    with av.open(str(stream.path)) as box:
        assert box.streams.video[0].sample_aspect_ratio in (None, Fraction(1))
    start = stream.path.read_bytes()[: 2**20]
    assert 0 < start.find(b"moov") < start.find(b"mdat")


@pytest.mark.parametrize("clip", [c for c in SAMPLE.clip if c.provenance != "rendered"], ids=lambda clip: clip.name)
def test_a_clip_of_vtest_keeps_its_four_to_three(clip: manifest.Clip) -> None:
    assert {Fraction(s.width_px, s.height_px) for s in clip.streams} == {Fraction(4, 3)}


def test_a_sub_stream_covers_the_time_line_of_its_main_stream() -> None:
    for clip in SAMPLE.clip:
        if clip.sub is not None:
            assert abs(clip.sub.duration_s - clip.main.duration_s) < 1.0 / clip.sub.fps


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    wrong = tmp_path / "manifest.toml"
    wrong.write_text(manifest.MANIFEST.read_text("utf-8").replace("provenance =", "provenence =", 1), "utf-8")
    with pytest.raises(manifest.ManifestError, match="provenence"):
        manifest.load(wrong)


def test_a_zone_outside_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        manifest.Truth(kind="intrusion", start_s=10.0, zone=((0.1, 0.1), (1.2, 0.1), (0.5, 0.5)))

"""Files as a camera would give them: packets to the schedule, frames to the pipeline, one thread, times from the file's own stamps."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from detection import crowds, decoding, detector, errors, experts, pipeline, profile, schedule, types

MAX_VIDEO_S = 48 * 3600.0
_TILE_PX = 416
_TILE_OVERLAP = 0.2
_MAX_TILES = 24
_SURE_SCORE = 0.45
_WEAK_SCORE = 0.25
_CROWDED = 10
_REORDERED = 16
"""Packets that may come before a picture that is shown earlier (H.264 and H.265 allow 16)."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one video gave.

    Attributes:
        raised: every event, in order; times are seconds from the file's first frame.
        duration_s: length of the video.
        looks: how many frames were looked at; detections: in how many of them the detector ran.
        unusable: packets that could not be decoded.
    """

    raised: tuple[types.Raised, ...]
    duration_s: float
    looks: int
    detections: int
    unusable: int


def watch(
    path: Path,
    wanted: profile.CameraProfile,
    finder: detector.Detector,
    progress: Callable[[float], None] | None = None,
    further: experts.Experts | None = None,
    noticed: Callable[[float, types.Step], None] | None = None,
) -> Watched:
    """Run a video through the pipeline that ships.

    Args:
        further: the models for other questions than objects.
        noticed: told the time of every look and what it concluded.
        progress: called now and then with the file time reached.

    Raises:
        MediaError: the file is no video that can be read.
    """
    asked = further or experts.Experts()
    camera = pipeline.CameraPipeline(wanted, finder.model, further=asked.used)
    raised: list[types.Raised] = []
    detections, last_s = 0, 0.0
    with Source(path) as source:
        walker: schedule.Walker[decoding.VideoPacket] = schedule.Walker(
            wanted.schedule, source.decoder.decode, source.decoder.reset
        )
        for packet in source.packets():
            if packet.time_s - last_s > wanted.health.offline_after_s:
                raised += camera.tick(last_s + wanted.health.offline_after_s).raised
            last_s = max(last_s, packet.time_s)
            for frame in walker.feed(packet):
                look = camera.look(frame)
                if not walker.saw(look, camera.has_tracks):
                    continue
                found = finder.detect(frame, look.regions, wanted.detector) if look.regions else None
                detections += found is not None
                step = camera.conclude(look, found, asked.ask)
                raised += step.raised
                if noticed is not None:
                    noticed(frame.time_s, step)
            if progress is not None and packet.is_key:
                progress(last_s)
        if walker.counters.looked == 0:
            raise errors.MediaError(path, "holds no frame that can be decoded", "give a video with a key frame")
        duration_s = max(source.duration_s, last_s)
    return Watched(tuple(raised), duration_s, walker.counters.looked, detections, source.decoder.unusable)


class Source:
    """A video file as a stream of packets with file times, and the decoder for them. Close it, or use it with `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            MediaError: it is no video.
        """
        self._path = path
        try:
            self._container: Any = av.open(str(path), metadata_errors="ignore")
        except (av.error.FFmpegError, OSError) as e:
            raise errors.MediaError(path, f"cannot be opened: {e}", "give a video or picture that FFmpeg reads") from e
        try:
            streams = [s for s in self._container.streams.video if not _is_cover(s)]
            if not streams:
                raise errors.MediaError(path, "has no video", "give a file with a video track")
            self._stream = streams[0]
            self.decoder = decoding.VideoDecoder.of_stream(self._stream)
        except BaseException:
            self._container.close()
            raise
        rate = self._stream.average_rate
        self._frame_s = float(1 / rate) if rate else 1 / 25
        self.duration_s = 0.0

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self._stream.codec_context.width, self._stream.codec_context.height

    def packets(self) -> Iterator[decoding.VideoPacket]:
        """Yield the video's packets in decoding order; a damaged end ends the file.

        Raises:
            MediaError: the times in the file cannot be meant.
        """
        base = self._stream.time_base or Fraction(1, 1000)
        begins = self._stream.start_time
        first: float | None = None if begins is None else float(begins * base)
        guess_s = 0.0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            if packet.size == 0:
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            at_s = float(stamp * (packet.time_base or base)) if stamp is not None else None
            first = at_s if first is None else first
            time_s = at_s - (first or 0.0) if at_s is not None else guess_s
            if not 0 <= abs(time_s) <= MAX_VIDEO_S:
                raise errors.MediaError(self._path, f"has a frame at {time_s:.0f} s", "write its time stamps anew")
            guess_s = time_s + self._frame_s
            self.duration_s = max(self.duration_s, guess_s)
            yield decoding.VideoPacket(time_s, bool(packet.is_keyframe), int(packet.size), packet)


def frame_at(path: Path, time_s: float) -> types.Frame:
    """Return the picture of that time, or the last one before the end; a picture file has one picture.

    Only the group of pictures around the time is decoded.

    Raises:
        MediaError: there is none.
    """
    group: list[decoding.VideoPacket] = []
    with Source(path) as source:
        for packet in source.packets():
            if packet.is_key and packet.time_s <= time_s:
                group.clear()
            group.append(packet)
            if packet.time_s >= time_s and len(group) > _REORDERED:
                break
        frames = [frame for packet in group for frame in source.decoder.decode(packet)]
        frames += source.decoder.drain()
    if not frames:
        raise errors.MediaError(
            path, "holds no picture that can be decoded", "give a picture or video that FFmpeg reads"
        )
    return min(frames, key=lambda frame: abs(frame.time_s - time_s))


def judge_picture(
    frame: types.Frame, wanted: profile.CameraProfile, finder: detector.Detector, further: experts.Experts
) -> dict[types.Kind, float]:
    """Return the highest score of each kind's evidence in one picture, as the first look at a camera would find it."""
    camera = pipeline.CameraPipeline(wanted, finder.model, further=further.used)
    look = camera.look(frame)
    found = finder.detect(frame, look.regions, wanted.detector) if look.regions else None
    scores: dict[types.Kind, float] = {}
    for one in camera.conclude(look, found, further.ask).evidence:
        scores[one.kind] = max(one.score, scores.get(one.kind, 0.0))
    return scores


def count_people(frame: types.Frame, finder: detector.Detector, ask: experts.Ask = experts.nobody) -> int:
    """Return how many people are in one picture: few by the detector, over the whole of it and over overlapping tiles; many by density.

    Where many are found, people hide each other and most are found weakly. A weak one counts only where ten or more were found and no
    density model is there to ask: an object detector loses count of a dense crowd all the same.
    """
    found = finder.detect(frame, tiles(frame.width_px, frame.height_px))
    people = found.score[found.label == types.ObjectClass.PERSON]
    sure, weak = int((people >= _SURE_SCORE).sum()), int((people >= _WEAK_SCORE).sum())
    answer = ask(crowds.TASK, crowds.prepare(frame))
    if answer is None:
        return sure if sure < _CROWDED else weak
    return round(crowds.believed(sure, float(answer[0].sum()), weak))


def tiles(width_px: int, height_px: int) -> tuple[types.Box, ...]:
    """Return the whole picture and, where it is larger than the detector's input, overlapping tiles that cover it."""
    whole = (0.0, 0.0, float(width_px), float(height_px))
    side = float(_TILE_PX)
    while True:
        columns, rows = _steps(width_px, side), _steps(height_px, side)
        if len(columns) * len(rows) <= _MAX_TILES:
            break
        side *= 1.25
    if len(columns) * len(rows) <= 1:
        return (whole,)
    return (whole, *((x, y, min(x + side, whole[2]), min(y + side, whole[3])) for y in rows for x in columns))


def _steps(length_px: int, side: float) -> list[float]:
    """Return where tiles of this side begin so that they cover the length and overlap."""
    if length_px <= side:
        return [0.0]
    n = math.ceil((length_px - side) / (side * (1 - _TILE_OVERLAP))) + 1
    return [i * (length_px - side) / (n - 1) for i in range(n)]


def _is_cover(stream: Any) -> bool:
    """Say whether the stream is a picture attached to an audio file, not a video."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)

"""Media files into recordings: demuxed as they are, or encoded anew where a knob asks for it.

Only here is PyAV used. Everything is bounded: a file longer or larger than the limits is refused, not cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.bitstream import BitStreamFilterContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from sample_streams.camera import errors, nal, recording, rtp

MAX_BYTES = 256 * 1024 * 1024
MAX_PICTURES = 60 * 60 * 15

_ENCODERS = {nal.Codec.H264: "libx264", nal.Codec.H265: "libx265"}
_TIME_BASE = Fraction(1, rtp.TICKS_PER_S)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to encode a file anew.

    Attributes:
        codec: None keeps the file's (H.264 where that is neither H.264 nor H.265).
        gop_frames: pictures from key frame to key frame.
        bframes: B-frames between the others, 0 to 4.
        height_px: None keeps the file's; the width follows the shape of the picture.
        is_still: all pictures are the same and must stay so: none refines its predecessor.
    """

    codec: nal.Codec | None = None
    gop_frames: int = 15
    bframes: int = 0
    height_px: int | None = None
    is_still: bool = False


def load(path: Path, encoding: Encoding | None = None) -> recording.Recording:
    """Read a file into memory, encoding it anew if asked or if it is neither H.264 nor H.265.

    Raises:
        MediaError: unreadable, without video, without key frame or time stamps, or beyond the limits.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise errors.MediaError(path, "has no video")
            if encoding is None and _codec_of(container) is not None:
                return _demuxed(path, container)
            return _encoded(path, container, encoding or Encoding())
    except (av.FFmpegError, OSError) as e:
        raise errors.MediaError(path, f"cannot be read as video ({e})") from e


def still(source: recording.Recording, index: int, seconds: int = 2) -> recording.Recording:
    """Return a recording of one unmoving picture: the unit `index` of `source` encoded over and over."""
    first = source.key_at_or_before(index)
    frames = list(decode(source, first, index))
    if not frames:
        raise errors.MediaError(source.label, "has no picture to freeze")
    step = source.picture_ticks()
    count = max(2, round(seconds * rtp.TICKS_PER_S / step))
    encoding = Encoding(source.codec, gop_frames=max(1, round(rtp.TICKS_PER_S / step)), is_still=True)
    times = ((frames[-1], number * step) for number in range(count))
    units = _encode(times, source.codec, encoding, (source.width_px, source.height_px))
    return recording.assemble(source.codec, units, (source.width_px, source.height_px), f"still of {source.label}")


def decode(source: recording.Recording, first: int, last: int) -> Iterator[VideoFrame]:
    """Decode the units `first` (a key frame) to `last` and yield their pictures."""
    decoder = av.CodecContext.create(source.codec.value, "r")
    for unit in source.units[first : last + 1]:
        packet = av.Packet(nal.join(unit.nals))
        packet.pts, packet.dts, packet.time_base = unit.show_ticks, unit.decode_ticks, _TIME_BASE
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _codec_of(container: av.container.InputContainer) -> nal.Codec | None:
    name = container.streams.video[0].codec_context.name
    return next((codec for codec in nal.Codec if codec.value == name), None)


def _demuxed(path: Path, container: av.container.InputContainer) -> recording.Recording:
    stream = container.streams.video[0]
    codec = _codec_of(container)
    if codec is None or stream.time_base is None:
        raise errors.MediaError(path, "is neither H.264 nor H.265")
    to_annex_b = BitStreamFilterContext(f"{codec.value}_mp4toannexb", stream)
    tick = stream.time_base * rtp.TICKS_PER_S
    units: list[recording.Unit] = []
    sets: tuple[bytes, ...] = ()
    total = 0
    for packet in container.demux(stream):
        for filtered in to_annex_b.filter(packet if packet.size else None):
            if filtered.pts is None or filtered.dts is None:
                raise errors.MediaError(path, "has no time stamps; put the video into a container such as MP4")
            units_of = _clean(codec, bytes(filtered))
            own = tuple(unit for unit in units_of if nal.is_parameter_set(codec, unit))
            sets = own or sets
            unit = _unit(codec, units_of, sets, (round(filtered.dts * tick), round(filtered.pts * tick)))
            total += len(bytes(filtered))
            if total > MAX_BYTES:
                raise errors.MediaError(path, f"is larger than {MAX_BYTES} bytes")
            if units or unit.is_key:
                units.append(unit)
    if not units:
        raise errors.MediaError(path, "has no key frame")
    return recording.assemble(codec, units, (stream.width, stream.height), path.name)


def _encoded(path: Path, container: av.container.InputContainer, encoding: Encoding) -> recording.Recording:
    stream = container.streams.video[0]
    codec = encoding.codec or _codec_of(container) or nal.Codec.H264
    size_px = _scaled(stream.width, stream.height, encoding.height_px)
    units = _encode(_timed(path, container), codec, encoding, size_px)
    if not units:
        raise errors.MediaError(path, "has no picture")
    return recording.assemble(codec, units, size_px, f"{path.name} encoded anew")


def _timed(path: Path, container: av.container.InputContainer) -> Iterator[tuple[VideoFrame, int]]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for number, frame in enumerate(container.decode(stream)):
        if number >= MAX_PICTURES:
            raise errors.MediaError(path, f"has more than {MAX_PICTURES} pictures")
        if frame.pts is None or frame.time_base is None:
            raise errors.MediaError(path, "has no time stamps; put the video into a container such as MP4")
        yield frame, round(frame.pts * frame.time_base * rtp.TICKS_PER_S)


def _scaled(width_px: int, height_px: int, wanted_px: int | None) -> tuple[int, int]:
    if wanted_px is None:
        return width_px // 2 * 2, height_px // 2 * 2
    return round(width_px * wanted_px / height_px / 2) * 2, wanted_px // 2 * 2


def _encode(
    frames: Iterator[tuple[VideoFrame, int]], codec: nal.Codec, encoding: Encoding, size_px: tuple[int, int]
) -> list[recording.Unit]:
    encoder = cast(VideoCodecContext, av.CodecContext.create(_ENCODERS[codec], "w"))
    encoder.width, encoder.height, encoder.pix_fmt = *size_px, "yuv420p"
    encoder.time_base = _TIME_BASE
    encoder.framerate = Fraction(25)
    encoder.thread_count = 1
    encoder.options = _options(codec, encoding)
    units: list[recording.Unit] = []
    sets: tuple[bytes, ...] = ()
    pictures: Iterator[VideoFrame | None] = (_prepared(frame, ticks, size_px) for frame, ticks in frames)
    for picture in _then_none(pictures):
        for packet in encoder.encode(picture):
            units_of = _clean(codec, bytes(packet))
            sets = tuple(unit for unit in units_of if nal.is_parameter_set(codec, unit)) or sets
            units.append(_unit(codec, units_of, sets, (packet.dts or 0, packet.pts or 0)))
    return units


def _then_none(pictures: Iterator[VideoFrame | None]) -> Iterator[VideoFrame | None]:
    yield from pictures
    yield None


def _prepared(frame: VideoFrame, ticks: int, size_px: tuple[int, int]) -> VideoFrame:
    picture = frame.reformat(width=size_px[0], height=size_px[1], format="yuv420p")
    picture.pts, picture.time_base = ticks, _TIME_BASE
    picture.pict_type = PictureType.NONE  # else the encoder copies the source's picture types
    return picture


def _options(codec: nal.Codec, encoding: Encoding) -> dict[str, str]:
    gop, bframes = encoding.gop_frames, encoding.bframes
    shared = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={bframes}:repeat-headers=1"
    if encoding.is_still:  # key frames fine, the others so coarse that nothing is left to say
        shared += ":qp=40:ipratio=8"
    if codec is nal.Codec.H264:
        return {"preset": "veryfast", "x264-params": shared + ":sliced-threads=0"}
    return {"preset": "ultrafast", "x265-params": shared + ":open-gop=0:log-level=none:pools=none:frame-threads=1"}


def _clean(codec: nal.Codec, annex_b: bytes) -> tuple[bytes, ...]:
    return tuple(unit for unit in nal.split(annex_b) if not nal.is_padding(codec, unit))


def _unit(codec: nal.Codec, nals: tuple[bytes, ...], sets: tuple[bytes, ...], ticks: tuple[int, int]) -> recording.Unit:
    is_key = any(nal.is_key_picture(codec, unit) for unit in nals)
    if is_key and not any(nal.is_parameter_set(codec, unit) for unit in nals):
        nals = (*sets, *nals)
    return recording.Unit(nals, *ticks, is_key)

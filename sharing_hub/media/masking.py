"""A masked, watermarked derivative of an MP4: decoded, looked at, masked, written anew frame by frame, without sound.

Steps: (1) a first pass looks for what must be hidden (not for the levels that need no looking); (2) a second decodes again, hides, marks and encodes into
TARGET.part; (3) the file is synced and renamed. Whatever goes wrong or is cancelled, no TARGET appears, and nothing is shown that a finder that failed
should have hidden. Memory is bounded by a few frames and the tracks found, not by the length of the clip.

This module needs the vision libraries; call it through `worker`.
"""

import contextlib
import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from detection import redaction
from sharing_hub import errors
from sharing_hub.media import plan as plans
from sharing_hub.media import watermark as watermarks

Progress = Callable[[float], None]
PART = ".part"
ENCODERS = ("libx264", "libopenh264")
"""H.264, which every agency's player shows; the first that the installed FFmpeg has."""
MOST_PIXELS = 4096 * 2304
_TICKS_PER_S = 90_000
_FIRST_PASS_SHARE = 0.65
_HASH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    duration_s: float
    fps: Fraction


def make_derivative(
    source: Path,
    target: Path,
    plan: plans.MaskPlan,
    watermark: plans.Watermark,
    models_folder: Path,
    progress: Progress,
) -> plans.DerivativeReport:
    """Write the derivative of `source` to `target`.

    Args:
        target: a new file; it appears whole, or not at all.
        progress: told the share that is done, 0 to 1. What it raises ends the work, and is raised here.

    Raises:
        Unprocessable: the source cannot be decoded, or a pick is of nobody or of more than one.
        StoreError: a model is missing or altered, or the target cannot be written.
    """
    if target.exists():
        raise errors.StoreError(f"{target.name}: exists already; name a new file")
    part = target.with_name(target.name + PART)
    try:
        told = _probe(source)
        every, finder_models, looks_s = _survey(told, plan, models_folder, progress)
        made = _Writer(told, plan, watermark, every, part, progress).write()
        digest, length_bytes = _hashed(part)
        _settle(part, target)
    except redaction.ModelError as e:
        raise errors.StoreError(f"nothing was masked: {e}") from e
    except redaction.DetectionError as e:
        raise errors.Unprocessable(str(e)) from e
    except av.error.FFmpegError as e:
        raise errors.Unprocessable(f"{source.name}: cannot be made into a derivative: {e}") from e
    except OSError as e:
        raise errors.StoreError(f"{target.name}: cannot be written: {e.strerror}") from e
    finally:
        part.unlink(missing_ok=True)
    source_digest, source_bytes = _hashed(source)
    gaps = [b - a for a, b in itertools.pairwise(looks_s)]
    return plans.DerivativeReport(
        level=plan.level,
        watermark_id=watermark.watermark_id,
        source_sha256=source_digest,
        source_bytes=source_bytes,
        sha256=digest,
        length_bytes=length_bytes,
        looks=len(looks_s),
        longest_look_gap_s=max(gaps, default=0.0),
        found=dict(Counter(str(track.sort) for track in every)),
        models=tuple(plans.ModelUsed(one.name, one.sha256) for one in finder_models),
        **made,
    )


def _probe(source: Path) -> _Source:
    with _opened(source) as (container, stream):
        seconds = stream.duration * stream.time_base if stream.duration and stream.time_base else None
        if seconds is None and container.duration:
            seconds = Fraction(container.duration, av.time_base)
        fps = stream.average_rate or stream.guessed_rate or Fraction(15)
        if not 0 < stream.codec_context.width * stream.codec_context.height <= MOST_PIXELS:
            raise errors.Unprocessable(f"{source.name}: its picture is larger than any camera's here")
        return _Source(source, float(seconds or 0), max(Fraction(1), min(Fraction(120), Fraction(fps))))


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[tuple[Any, Any]]:
    """Open a local file; FFmpeg may follow no reference out of it."""
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2"}
    with av.open(str(source), options=options) as container:
        if not container.streams.video:
            raise errors.Unprocessable(f"{source.name}: holds no video")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        yield container, stream


class _Frames:
    """The decoded frames of a source with their times from the first, in the first one's size.

    Attributes:
        lost: packets that brought an error instead of a frame.
    """

    def __init__(self, source: _Source) -> None:
        self.lost = 0
        self._source = source

    def __iter__(self) -> Iterator[tuple[float, Any]]:
        first_s, time_s, size = None, -1.0, None
        step_s = float(1 / self._source.fps)
        with _opened(self._source.path) as (container, stream):
            for packet in container.demux(stream):
                for picture in self._decoded(packet):
                    shown_s = None if picture.pts is None else float(picture.pts * picture.time_base)
                    first_s = shown_s if first_s is None else first_s
                    at_s = time_s + step_s if shown_s is None or first_s is None else shown_s - first_s
                    time_s = max(at_s, time_s + 1 / _TICKS_PER_S, 0.0)
                    size = size or (picture.width & ~1, picture.height & ~1)
                    yield time_s, picture.reformat(*size) if (picture.width, picture.height) != size else picture
        if size is None:
            raise errors.Unprocessable(f"{self._source.path.name}: no frame of it can be decoded")

    def _decoded(self, packet: Any) -> Any:
        try:
            return packet.decode()
        except av.error.FFmpegError:
            self.lost += 1
            return ()


def _survey(
    source: _Source, plan: plans.MaskPlan, models_folder: Path, progress: Progress
) -> tuple[tuple[redaction.Track, ...], tuple[redaction.ModelUsed, ...], list[float]]:
    """Look at the clip; return the tracks of what was found, the models that looked, and when they did."""
    if plan.level == plans.NONE or (plan.level == plans.WHOLE and not plan.keep_clear):
        return (), (), []
    with redaction.ModelFinder(models_folder) as finder:
        survey = redaction.Survey(finder)
        for time_s, picture in _Frames(source):
            if survey.wants(time_s):
                survey.take(redaction.frame_of(picture, time_s))
                progress(_FIRST_PASS_SHARE * _share(time_s, source))
        return survey.finish(), finder.models_used, survey.times_s


class _Writer:
    """The second pass."""

    def __init__(
        self,
        source: _Source,
        plan: plans.MaskPlan,
        watermark: plans.Watermark,
        every: tuple[redaction.Track, ...],
        part: Path,
        progress: Progress,
    ) -> None:
        self._source, self._plan, self._watermark = source, plan, watermark
        self._every, self._part, self._progress = every, part, progress
        self._masked = 0
        self._kept: list[plans.KeptClear] = []

    def write(self) -> dict[str, Any]:
        """Write the file; return what the report says of it."""
        last_s, before = 0.0, _FIRST_PASS_SHARE if self._every else 0.0
        count = 0
        frames = _Frames(self._source)
        with av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream: Any = None
            for time_s, picture in frames:
                count += 1
                if stream is None:
                    hidden = self._planned(picture.width, picture.height)
                    mark = watermarks.Mark(self._watermark, picture.width, picture.height)
                    stream = _encoder(container, self._source, picture, self._plan)
                shown = self._shown(redaction.frame_of(picture, time_s).bgr(), hidden.at(time_s))
                out = av.VideoFrame.from_ndarray(mark.draw(shown, time_s), format="bgr24")
                out.pts, out.time_base = round(time_s * _TICKS_PER_S), Fraction(1, _TICKS_PER_S)
                container.mux(stream.encode(out))
                last_s = time_s
                self._progress(before + (1 - before) * _share(time_s, self._source))
            container.mux(stream.encode(None))
            encoder = stream.codec_context.codec.name
            size = (stream.codec_context.width, stream.codec_context.height)
        return {
            "frames": count,
            "frames_masked": self._masked,
            "frames_lost": frames.lost,
            "width_px": size[0],
            "height_px": size[1],
            "duration_s": last_s + float(1 / self._source.fps),
            "kept_clear": tuple(self._kept),
            "encoder": encoder,
        }

    def _planned(self, width_px: int, height_px: int) -> redaction.Plan:
        """Return what is hidden when; who was picked is found now, as the picture's size is known."""
        clear = []
        for pick in self._plan.keep_clear:
            one = redaction.choose(
                self._every, redaction.Pick(pick.time_s, pick.x_norm, pick.y_norm), (width_px, height_px)
            )
            clear.append(one)
            self._kept.append(plans.KeptClear(pick, one.from_s, one.until_s, *one.ended))
        return redaction.Plan(self._every, redaction.Level(self._plan.level), clear, (width_px, height_px))

    def _shown(self, bgr: redaction.Pixels, hidden: redaction.Hidden) -> redaction.Pixels:
        if not hidden.areas and not hidden.whole:
            return bgr
        self._masked += 1
        return redaction.hide(bgr, hidden)


def _encoder(container: Any, source: _Source, picture: Any, plan: plans.MaskPlan) -> Any:
    """Return the stream that is written: key frames each second, so that a damaged second is named and the rest still plays."""
    name = encoder_name()
    every = max(1, round(source.fps))
    options = {"crf": str(plan.quality), "preset": "veryfast", "g": str(every)}
    if name == "libx264":
        options["x264-params"] = f"keyint={every}:open-gop=0"
    stream = container.add_stream(name, rate=source.fps, options=options)
    stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
    context = stream.codec_context
    context.time_base, context.thread_count = Fraction(1, _TICKS_PER_S), plan.threads
    return stream


def encoder_name() -> str:
    """Return the H.264 encoder that there is.

    Raises:
        StoreError: the installed FFmpeg has none.
    """
    for name in ENCODERS:
        with contextlib.suppress(av.codec.codec.UnknownCodecError):
            return str(av.codec.Codec(name, "w").name)
    raise errors.StoreError("the installed PyAV has no H.264 encoder; install its wheel")


def _share(time_s: float, source: _Source) -> float:
    return min(1.0, time_s / source.duration_s) if source.duration_s > 0 else 0.0


def _settle(part: Path, target: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hashed(path: Path) -> tuple[str, int]:
    digest, length_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            digest.update(block)
            length_bytes += len(block)
    return digest.hexdigest(), length_bytes

"""Opens a camera's stream over RTSP and gives its coded pictures; everything that can go wrong comes out as a CaptureError with a state.

Invariant: no address, user or password of a camera leaves this module: FFmpeg's own messages hold the URL, so only their kind is passed on.
Sound is never asked for. Every wait is bounded, by FFmpeg's interrupt and by the socket's own timeout.
"""

import ssl
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import av
import av.container
import av.error

from camera_agents import errors
from camera_agents.configuration import settings
from sharing_hub.wire import v1

_PRODUCED = struct.Struct("<q")
_UNSUPPORTED: v1.CameraState = "unsupported"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a camera may keep the agent waiting.

    Attributes:
        open_s: for the connection and the stream's description.
        read_s: for the next whole picture.
    """

    open_s: float = 10.0
    read_s: float = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class CodedPicture:
    """One access unit as the demuxer gives it.

    Attributes:
        pts: 1/90000 s; None where the stream gave none.
        produced_us: the camera's own UTC of this picture by its last RTCP sender report, microseconds; None where it sent none.
    """

    pts: int | None
    is_key: bool
    data: bytes
    produced_us: int | None


class Connection(Protocol):
    """An open stream."""

    codec: str
    """"h264" or "hevc"."""
    parameter_sets: bytes
    """Annex B from the stream's description; may be empty."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def pictures(self) -> Iterator[CodedPicture]:
        """Yield pictures as they come, until the connection ends.

        Raises:
            CaptureError: the connection was lost, stalled or ended.
        """


class RtspConnection:
    """A Connection by FFmpeg."""

    def __init__(self, source: settings.Source, patience: Patience | None = None) -> None:
        """Connect.

        Raises:
            CaptureError: with the state to show.
        """
        allowed = patience or Patience()
        timeouts = (allowed.open_s, allowed.read_s)
        try:
            self._container = av.open(
                source.url,
                "r",
                format="rtsp",
                options=_options(source, allowed),
                timeout=timeouts,
                metadata_errors="ignore",  # cameras name their sessions in EUC-KR and worse
            )
        except av.error.FFmpegError as e:
            raise _translated(e, "cannot be opened") from None
        try:
            self._stream = self._container.streams.video[0]
            self.codec = self._stream.codec_context.name
            self.parameter_sets = self._stream.codec_context.extradata or b""
        except (IndexError, AttributeError):
            self._container.close()
            raise errors.CaptureError(_UNSUPPORTED, "the stream has no video this agent can read") from None
        if self.codec not in ("h264", "hevc"):
            self._container.close()
            raise errors.CaptureError(_UNSUPPORTED, f"codec {self.codec}: set the camera's stream to H.264 or H.265")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def pictures(self) -> Iterator[CodedPicture]:
        """Yield pictures as they come."""
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    produced = _produced_us(packet) if packet.is_keyframe else None
                    yield CodedPicture(packet.pts, packet.is_keyframe, bytes(packet), produced)
        except av.error.FFmpegError as e:
            raise _translated(e, "was lost") from None
        raise errors.CaptureError("offline", "the camera ended the stream")


def _options(source: settings.Source, patience: Patience) -> dict[str, str]:
    options = {
        "rtsp_transport": source.transport,
        "allowed_media_types": "video",
        # Everything that is needed stands in the description or the first key frame: FFmpeg's own probing takes 2 to 4 s.
        "analyzeduration": "0",
        "probesize": "32",
        "timeout": str(int(patience.read_s * 1e6)),
    }
    if source.url.startswith("rtsps:") and source.verify:
        options["tls_verify"] = "1"
        options["ca_file"] = source.ca_file or ssl.get_default_verify_paths().cafile or ""
    return options


def _produced_us(packet: "av.Packet[av.VideoStream]") -> int | None:
    if not packet.has_sidedata("prft"):
        return None
    (wallclock_us,) = _PRODUCED.unpack_from(bytes(packet.get_sidedata("prft")))
    return int(wallclock_us)


_STATES: tuple[tuple[type[Exception], v1.CameraState, str], ...] = (
    (av.error.HTTPUnauthorizedError, "unauthorised", "the camera refuses the user or password"),
    (av.error.HTTPForbiddenError, "unauthorised", "the camera forbids this user the stream"),
    (av.error.HTTPNotFoundError, "offline", "the camera has no stream at this path"),
    (av.error.HTTPError, "offline", "the camera answered with an error"),
    (av.error.ConnectionRefusedError, "offline", "nothing listens at the camera's address"),
    (av.error.ExitError, "offline", "no answer in time"),
    (av.error.TimeoutError, "offline", "no answer in time"),
    (av.error.PatchWelcomeError, "unsupported", "the stream uses something this agent cannot read"),
    (av.error.InvalidDataError, "offline", "the camera's answer is not understood, or it cannot be reached"),
)


def _translated(error: av.error.FFmpegError, what: str) -> errors.CaptureError:
    for kind, state, words in _STATES:
        if isinstance(error, kind):
            return errors.CaptureError(state, words)
    return errors.CaptureError("offline", f"the stream {what} ({error.strerror or type(error).__name__})")

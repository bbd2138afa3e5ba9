"""The knobs that make a camera misbehave: their names, ranges and how a change is read.

Pure. A request names only the knobs it changes; an unknown name or a value out of range changes nothing at all.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from sample_streams.camera import errors, nal

STREAMS = ("main", "sub")
_CODECS = {"h264": nal.Codec.H264, "h265": nal.Codec.H265, "hevc": nal.Codec.H265}


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that can be wrong with a camera; the defaults are a camera in order.

    Attributes:
        stall: send no media and no reports, but keep connections and answer requests.
        hang: accept connections and requests, answer nothing.
        drop_s: when set, close all connections and refuse new ones for so long (0: close only).
        garbage: share of access units whose picture data are overwritten, 0 to 1.
        loss: share of RTP packets never sent, 0 to 1.
        refuse_credentials: refuse every password, the right one too.
        clock_jump_s: how far the wall clock (reports, ONVIF) and the RTP time are off.
        no_key_frames: leave every key frame out.
        endless_sdp: answer DESCRIBE with a description that never ends.
        redirect_loop: answer DESCRIBE with a redirect to itself.
        odd_sdp: describe the stream as many a camera does: named in EUC-KR, with sound and metadata offered beside the picture.
        frozen: go on sending the picture of the moment it was set.
        replay_s: go on repeating the last so many seconds before it was set, 0 for no.
        stream: which stream `file` and the four below are for, "main" or "sub".
        file: play this file instead (another size, another codec), None for the stream's own.
        codec: encode anew as "h264" or "h265".
        gop_frames: encode anew with a key frame every so many frames.
        bframes: encode anew with so many B-frames in a row.
        height_px: encode anew at this height.
    """

    stall: bool = False
    hang: bool = False
    drop_s: float | None = None
    garbage: float = 0.0
    loss: float = 0.0
    refuse_credentials: bool = False
    clock_jump_s: float = 0.0
    no_key_frames: bool = False
    endless_sdp: bool = False
    redirect_loop: bool = False
    odd_sdp: bool = False
    frozen: bool = False
    replay_s: float = 0.0
    stream: str = "main"
    file: str | None = None
    codec: str | None = None
    gop_frames: int | None = None
    bframes: int | None = None
    height_px: int | None = None

    @property
    def video_codec(self) -> nal.Codec | None:
        """The codec asked for."""
        return _CODECS[self.codec] if self.codec else None

    @property
    def encodes(self) -> bool:
        """Say whether the stream is to be encoded anew."""
        return (self.codec, self.gop_frames, self.bframes, self.height_px) != (None, None, None, None)


_RANGES = {
    "drop_s": (0.0, 3600.0),
    "garbage": (0.0, 1.0),
    "loss": (0.0, 1.0),
    "clock_jump_s": (-1e9, 1e9),
    "replay_s": (0.0, 600.0),
    "gop_frames": (1, 3000),
    "bframes": (0, 4),
    "height_px": (32, 2160),
}
_CHOICES = {"stream": STREAMS, "codec": tuple(_CODECS)}
_KINDS = {
    field.name: field.type.__name__ if isinstance(field.type, type) else str(field.type).removesuffix(" | None")
    for field in dataclasses.fields(Faults)
}


def changed(current: Faults, changes: Mapping[str, object]) -> Faults:
    """Return `current` with `changes` applied; null puts a knob back to its default.

    Raises:
        KnobError: an unknown knob or a value it cannot take; the message says which and what it takes.
    """
    values: dict[str, object] = {}
    for name, value in changes.items():
        if name not in _KINDS:
            raise errors.KnobError(f"unknown knob {name!r}; there are {', '.join(sorted(_KINDS))}")
        values[name] = getattr(Faults(), name) if value is None else _checked(name, value)
    return dataclasses.replace(current, **values)  # type: ignore[arg-type]


def from_text(pairs: Mapping[str, str]) -> dict[str, object]:
    """Turn knobs written on a command line into the values `changed` takes."""
    return {name: _from_text(text) for name, text in pairs.items()}


def _from_text(text: str) -> object:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _checked(name: str, value: object) -> object:
    expected = _KINDS[name]
    if expected == "bool":
        if not isinstance(value, bool):
            raise errors.KnobError(f"{name} takes true or false, not {value!r}")
        return value
    if expected == "str":
        if not isinstance(value, str) or value not in _CHOICES.get(name, (value,)):
            raise errors.KnobError(f"{name} takes {_CHOICES.get(name, 'a text')}, not {value!r}")
        return value
    return _number(name, value, expected)


def _number(name: str, value: object, expected: str) -> float | int:
    low, high = _RANGES[name]
    kind = "a whole number" if expected == "int" else "a number"
    accepted = (int,) if expected == "int" else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted) or not low <= value <= high:
        raise errors.KnobError(f"{name} takes {kind} from {low:g} to {high:g}, not {value!r}")
    return int(value) if expected == "int" else float(value)

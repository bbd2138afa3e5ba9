"""The chain of a camera's recording: one signed link for each finished segment and each file cut from them, in the order they were made.

Invariant: every link names the hash of the one before it, so that none can be altered, left out or put in afterwards; and every second from the
first link to the last is in a segment or in a gap with its reason. Both sides judge that by the functions here.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import pydantic
import rfc8785
from pydantic import AwareDatetime, ConfigDict, Field

from sharing_hub.wire.values import CameraId, Message, Name, Reason, Sha256, Signature

FIRST = "0" * 64
"""What the first link of a chain has for the hash of the one before it."""
MAX_LINKS = 400
MAX_GAPS = 200
MAX_REMOVALS = 100
_LEAST_HOLE = timedelta(seconds=1)
Unit8 = Annotated[int, Field(ge=0, le=255)]
Sequence0 = Annotated[int, Field(ge=0, lt=2**53)]
Span = tuple[datetime, datetime]


def _is_none(value: object) -> bool:
    return value is None


def _is_empty(value: object) -> bool:
    return not value


class Gap(Message):
    """A span that is not in the recording, and why ("agent stopped", "camera offline", "disk full", ...)."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Reason


class StreamParameters(Message):
    """How the pictures of a file are coded.

    Attributes:
        codec: "h264" or "hevc".
        profile_idc, level_idc: as the sequence parameter set has them; 0 where it has none.
        parameter_sets_sha256: of the Annex B parameter sets as the camera sent them.
        fps: pictures in a second on average; 0 for a single picture.
        ticks_per_s: the time base.
        camera_signature: pictures carry ONVIF Media Signing messages. They are kept, and nobody here has verified them.
    """

    codec: Annotated[str, Field(max_length=20)]
    profile_idc: Unit8
    level_idc: Unit8
    parameter_sets_sha256: Sha256
    width_px: Annotated[int, Field(gt=0, le=16384)]
    height_px: Annotated[int, Field(gt=0, le=16384)]
    fps: Annotated[float, Field(ge=0, le=100_000)]
    ticks_per_s: Annotated[int, Field(gt=0, le=10**9)]
    camera_signature: Annotated[Literal["signed by the camera, not verified"] | None, Field(exclude_if=_is_none)] = None


class Removal(Message):
    """Segments that left the disk: all whose links stand from `first` to `last`."""

    first: Sequence0
    last: Sequence0
    removed_at: AwareDatetime
    reason: Reason


class Pruned(Message):
    """The links up to and including `sequence`, whose hash was `sha256`, are kept no longer."""

    sequence: Sequence0
    sha256: Sha256


class ChainFile(Message):
    """The file that a link is of.

    Attributes:
        name: a segment's path below the recordings folder; None for a clip or range, which is known by its hash.
        starts_at, ends_at: capture time of its first and of its last picture, the agent's UTC.
        clock_offset_s: how far the camera's clock was ahead of the agent's UTC, by its last RTCP sender report.
        interrupted: what cut its writing short, so that it was closed at the next start.
    """

    name: Annotated[Name | None, Field(exclude_if=_is_none)] = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    sha256: Sha256
    length_bytes: Annotated[int, Field(gt=0)]
    frames: Annotated[int, Field(gt=0)]
    stream: StreamParameters
    clock_offset_s: Annotated[float | None, Field(exclude_if=_is_none)] = None
    interrupted: Annotated[Reason | None, Field(exclude_if=_is_none)] = None


class ChainLink(Message):
    """One link. The agent signs its canonical JSON (RFC 8785); the SHA-256 of the same bytes stands in the next link.

    Attributes:
        previous: hash of the link before it, FIRST for the first of all.
        what: what it is of: a finished segment, a file cut from segments, or nothing but removals or links pruned.
        gaps: of a segment: what is not recorded between the segments before and this one, and within it.
        removed: segments that left the disk since the link before.
    """

    schema_: Literal["jikimi.link/1"] = Field("jikimi.link/1", alias="schema")
    camera_id: CameraId
    sequence: Sequence0
    previous: Sha256
    what: Literal["segment", "clip", "range", "removal", "pruned"]
    made_at: AwareDatetime
    file: Annotated[ChainFile | None, Field(exclude_if=_is_none)] = None
    gaps: Annotated[tuple[Gap, ...], Field(max_length=MAX_GAPS, exclude_if=_is_empty)] = ()
    removed: Annotated[tuple[Removal, ...], Field(max_length=MAX_REMOVALS, exclude_if=_is_empty)] = ()
    pruned: Annotated[Pruned | None, Field(exclude_if=_is_none)] = None
    software: Name

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )

    @pydantic.model_validator(mode="after")
    def _is_of_something(self) -> "ChainLink":
        if (self.file is not None) != (self.what in ("segment", "clip", "range")):
            raise ValueError("a link of a segment, clip or range has its file, and no other has one")
        if (self.pruned is not None) != (self.what == "pruned"):
            raise ValueError("a link that prunes says up to where, and no other does")
        return self

    def signed_bytes(self) -> bytes:
        """Return the bytes that are signed and hashed: the link as canonical JSON (RFC 8785)."""
        body: Any = self.model_dump(mode="json")
        return rfc8785.dumps(body)

    def sha256(self) -> str:
        """Return the hash that the next link names."""
        return hashlib.sha256(self.signed_bytes()).hexdigest()


class SignedLink(Message):
    """A link with the agent's signature."""

    link: ChainLink
    signature: Signature


class ChainPlace(Message):
    """Where a clip or range stands in its camera's chain.

    Attributes:
        own: the link of this very file.
        links: every link, none left out, from the first finished segment it was cut from to the last.
        open_from: from here on it was cut from a segment that was not finished then and has no link yet.
    """

    own: SignedLink
    links: Annotated[tuple[SignedLink, ...], Field(max_length=MAX_LINKS)] = ()
    open_from: Annotated[AwareDatetime | None, Field(exclude_if=_is_none)] = None


def follows(link: ChainLink, before: ChainLink) -> bool:
    """Say whether `link` is the very next one after `before`."""
    return link.sequence == before.sequence + 1 and link.previous == before.sha256()


def recorded(links: Iterable[ChainLink]) -> list[Span]:
    """Return the spans that the links' segments hold."""
    return [(link.file.starts_at, link.file.ends_at) for link in links if link.file and link.what == "segment"]


def explained(links: Iterable[ChainLink]) -> list[Span]:
    """Return the spans that the links give a reason for."""
    return [(gap.starts_at, gap.ends_at) for link in links for gap in link.gaps]


def longest_step(fps: float) -> timedelta:
    """Return how far apart two pictures may be without a second missing: a second, or three pictures' time where that is longer."""
    return max(_LEAST_HOLE, timedelta(seconds=3 / fps)) if fps > 0 else _LEAST_HOLE


def uncovered(span: Span, covered: Sequence[Span], step: timedelta = _LEAST_HOLE) -> list[Span]:
    """Return what of `span` is in none of `covered`, leaving out holes no longer than `step`."""
    holes = []
    at = span[0]
    for begin, end in sorted(covered):
        if begin >= span[1]:
            break
        if begin - at > step:
            holes.append((at, begin))
        at = max(at, end)
    if span[1] - at > step:
        holes.append((at, span[1]))
    return holes

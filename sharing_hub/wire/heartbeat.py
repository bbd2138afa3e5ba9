"""The agent's sign of life: its cameras, its disk, what it could not deliver yet and what it dropped."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from sharing_hub.wire.events import Zone
from sharing_hub.wire.values import KINDS, CameraId, CameraState, DecodeMode, Kind, Message, Name, Reason


class CameraInfo(Message):
    """A camera as its agent knows it; never its address or credentials."""

    camera_id: CameraId
    name: Name
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    kinds: Annotated[tuple[Kind, ...], Field(max_length=len(KINDS))] = ()
    recording: bool
    zones: Annotated[tuple[Zone, ...], Field(max_length=64)] = ()


class Coverage(Message):
    """For how many seconds since the agent began kinds were watched for fully, degraded (work was shed), and not at all (no picture, or none
    that shows anything); hours at which they are off are not counted."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=len(KINDS))]
    full_s: Annotated[float, Field(ge=0)] = 0.0
    degraded_s: Annotated[float, Field(ge=0)] = 0.0
    blind_s: Annotated[float, Field(ge=0)] = 0.0
    missing: Annotated[Reason, Field(exclude_if=lambda value: not value)] = ""
    """What the agent lacks to watch for these kinds fully ("no model for fire"); empty where it lacks nothing."""


class CameraHealth(Message):
    """One camera since the last heartbeat. Counters rise for the life of the agent process."""

    camera_id: CameraId
    state: CameraState
    detail: Reason = ""
    decode_mode: DecodeMode = "none"
    codec: Annotated[str, Field(max_length=20)] = ""
    width_px: Annotated[int, Field(ge=0, le=65_535)] = 0
    height_px: Annotated[int, Field(ge=0, le=65_535)] = 0
    fps_in: Annotated[float, Field(ge=0)] = 0.0
    fps_analysed: Annotated[float, Field(ge=0)] = 0.0
    look_interval_s: Annotated[float, Field(ge=0)] = 0.0
    last_frame_age_s: Annotated[float, Field(ge=0)] | None = None
    bytes_in: Annotated[int, Field(ge=0, lt=2**63)] = 0
    clock_offset_s: float | None = None
    dropped: dict[Annotated[str, Field(max_length=60)], Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """What was dropped, by reason: frames_shed, garbage_packets, seconds_not_recorded, reconnects, clock_jumps, ..."""
    coverage: Annotated[tuple[Coverage, ...], Field(max_length=len(KINDS), exclude_if=lambda value: not value)] = ()
    """How long each kind was watched for; kinds with equal times together."""


class Disk(Message):
    """The disk that holds recordings and outbox."""

    total_bytes: Annotated[int, Field(ge=0)]
    free_bytes: Annotated[int, Field(ge=0)]
    recordings_bytes: Annotated[int, Field(ge=0)]
    warning: Reason = ""


class Backlog(Message):
    """What is decided at the agent and not yet at the hub."""

    events: Annotated[int, Field(ge=0)]
    media: Annotated[int, Field(ge=0)]
    media_bytes: Annotated[int, Field(ge=0)]
    parked: Annotated[int, Field(ge=0)]
    oldest_s: Annotated[float, Field(ge=0)] = 0.0


class Heartbeat(Message):
    """POST /v1/agent/heartbeat, every 10 s and at once when a camera's state changes."""

    sent_at: AwareDatetime
    started_at: AwareDatetime
    software: Name
    cameras: Annotated[tuple[CameraInfo, ...], Field(max_length=1000)]
    health: Annotated[tuple[CameraHealth, ...], Field(max_length=1000)]
    disk: Disk
    backlog: Backlog


class HeartbeatReply(Message):
    """`refused` names cameras that belong to another agent; `hub_at` lets the agent see its clock's offset."""

    hub_at: AwareDatetime
    refused: tuple[CameraId, ...] = ()

"""Wire v1: the messages between an agent and the hub, and nothing else.

Invariant: a message that parses is whole and bounded; unknown fields are refused, times carry an offset, ids are made by the sender,
so that a repeat is harmless. A change that an older peer could not read is a new module (v2), never an edit here.
Golden messages are kept under tests/contract.
"""

import base64
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pydantic
import rfc8785
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

AGENT_AUDIENCE = "jikimi-hub"
"""The `aud` claim of an agent's token: a JWT (alg "Ed25519", RFC 9864) with iss = agent id, iat, exp <= iat + 300 s and a random jti."""
AGENT_TOKEN_LIFETIME_S = 300
MAX_BATCH_EVENTS = 500
MAX_PATH_POINTS = 600
MAX_CHUNK_BYTES = 4 * 1024 * 1024
MAX_MEDIA_BYTES = 2 * 1024**3
ENROLMENT_PREFIX = "jk1."

Kind = Literal[
    "fire", "smoke", "fight", "fall", "weapon", "intrusion", "line_crossing", "loitering", "abandoned_object",
    "removed_object", "accident", "wrong_way", "stopped_vehicle", "illegal_parking", "congestion", "pedestrian_on_road",
    "speeding", "crowd", "flood", "collapse", "shake", "offline", "frozen", "looped", "blinded", "sprayed", "defocused",
    "moved", "clock_drift",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)

MediaForm = Literal["clip", "still", "masked_still", "range"]
CameraState = Literal[
    "starting", "online", "offline", "unauthorised", "no_key_frame", "garbage", "unsupported", "stopped"
]  # fmt: skip
DecodeMode = Literal["none", "key_frames", "sub", "main", "active"]

CameraId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Reason = Annotated[str, Field(max_length=500)]
Unit01 = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Unit01, Unit01]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Message(BaseModel):
    """What every wire value has in common: strict fields, no surprises, no change after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, ser_json_bytes="base64")


# --- enrolment ------------------------------------------------------------------------------------------------


class EnrolmentToken(Message):
    """What an administrator hands to a site, once: where the hub is, how to know it, and a secret that works once.

    Attributes:
        hub_url: the hub's base address.
        secret: one-time secret, url-safe.
        authority_sha256: SHA-256 of the DER form of the hub's own certificate authority; None where the public web's authorities vouch.
    """

    hub_url: Annotated[str, Field(max_length=300, pattern=r"^https?://")]
    secret: Annotated[str, Field(min_length=20, max_length=100)]
    authority_sha256: Sha256 | None = None

    def text(self) -> str:
        """Return the token as one line to copy."""
        raw = base64.urlsafe_b64encode(self.model_dump_json().encode())
        return ENROLMENT_PREFIX + raw.decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "EnrolmentToken":
        """Read a token from the line an administrator copied.

        Raises:
            ValueError: it is not a Jikimi enrolment token.
        """
        if not text.startswith(ENROLMENT_PREFIX):
            raise ValueError(f"an enrolment token begins with {ENROLMENT_PREFIX!r}")
        body = text.strip().removeprefix(ENROLMENT_PREFIX)
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except ValueError as e:
            raise ValueError("the enrolment token is damaged: copy the whole line again") from e


class EnrolmentRequest(Message):
    """POST /v1/agent/enrolment: a site shows its one-time secret and its public key (raw Ed25519, base64url)."""

    secret: Annotated[str, Field(min_length=20, max_length=100)]
    public_key: PublicKey
    site: Name
    software: Name


class EnrolmentReply(Message):
    """The hub's answer: the agent's id from now on, and the authority to pin (PEM), where the hub has its own."""

    agent_id: UUID
    authority_pem: Annotated[str, Field(max_length=20_000)] | None = None


# --- events ---------------------------------------------------------------------------------------------------


class Condition(Message):
    """One comparison that had to hold for the event to be raised: `value comparison threshold`, both in `unit`."""

    name: Name
    value: float
    comparison: Literal[">=", ">", "<=", "<", "=="]
    threshold: float
    unit: Annotated[str, Field(max_length=20)]


class PathPoint(Message):
    """Where a track's foot point was: seconds after the event's `started_at` (negative = before), and 0..1 of the picture."""

    after_s: float
    x: Unit01
    y: Unit01


class Zone(Message):
    """A zone (three points or more) or a line (two points) as it was drawn, 0..1 of the picture."""

    name: Name
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=64)]


class ModelUsed(Message):
    """A model that had a part in the event."""

    name: Name
    sha256: Sha256


class Explanation(Message):
    """Why an event was raised, complete enough to argue with.

    Attributes:
        trigger: name of the trigger that raised it.
        conditions: what was compared with what; all held.
        zone: the zone or line it happened in, where the kind needs one.
        track_id: the object, unique within the camera's run; None for scene events.
        object_class: the object's class.
        box: x1, y1, x2, y2 at `raised_at`, 0..1 of the picture.
        path: the track, oldest first.
        models: models used.
        settings_sha256: SHA-256 of the canonical JSON of the camera's profile.
    """

    trigger: Name
    conditions: Annotated[tuple[Condition, ...], Field(max_length=32)]
    zone: Zone | None = None
    track_id: Annotated[int, Field(ge=0)] | None = None
    object_class: Name | None = None
    box: tuple[Unit01, Unit01, Unit01, Unit01] | None = None
    path: Annotated[tuple[PathPoint, ...], Field(max_length=MAX_PATH_POINTS)] = ()
    models: Annotated[tuple[ModelUsed, ...], Field(max_length=16)] = ()
    settings_sha256: Sha256


class CameraClock(Message):
    """The camera's own clock, from its last RTCP sender report: its time, and how far it is ahead of the agent's UTC."""

    camera_at: AwareDatetime
    offset_s: float


class EventReport(Message):
    """Something happened at one camera. Sent once it is durable in the agent's outbox; stored by the hub once per `event_id`.

    Attributes:
        started_at: when the behaviour began (agent's UTC).
        raised_at: the time of the frame at which the conditions held.
        score: 0..1.
        look_interval_s: how often the camera was looked at when it was idle.
    """

    schema_: Literal["jikimi.event/1"] = Field("jikimi.event/1", alias="schema")
    event_id: UUID
    camera_id: CameraId
    kind: Kind
    started_at: AwareDatetime
    raised_at: AwareDatetime
    score: Unit01
    explanation: Explanation
    camera_clock: CameraClock | None = None
    look_interval_s: Annotated[float, Field(gt=0, le=60)] | None = None
    software: Name

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )


class EventEnd(Message):
    """The behaviour of an earlier event stopped. A repeat with the same id changes nothing."""

    event_id: UUID
    ended_at: AwareDatetime


class EventBatch(Message):
    """POST /v1/agent/events: reports first, then endings; each is answered on its own."""

    reports: Annotated[tuple[EventReport, ...], Field(max_length=MAX_BATCH_EVENTS)] = ()
    endings: Annotated[tuple[EventEnd, ...], Field(max_length=MAX_BATCH_EVENTS)] = ()


class Outcome(Message):
    """What became of one report or ending: `refused` is final and says why (the agent parks it and counts)."""

    event_id: UUID
    result: Literal["stored", "duplicate", "refused"]
    reason: Reason = ""


class BatchReply(Message):
    """The answer to an EventBatch, sent after the commit; `reports` and `endings` in the order given."""

    reports: tuple[Outcome, ...] = ()
    endings: tuple[Outcome, ...] = ()


# --- media ----------------------------------------------------------------------------------------------------


class Gap(Message):
    """A span that is not in the recording, and why ("agent stopped", "camera offline", "disk full", ...)."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Reason


class MediaManifest(Message):
    """What a media file is. The agent signs its canonical JSON (RFC 8785) with its Ed25519 key.

    Attributes:
        media_id: made by the agent; the same file for two events has two ids and one `sha256`.
        event_id: the event it belongs to; exactly one of event_id and request_id is given.
        request_id: the hub's request that it answers (form `range`).
        starts_at, ends_at: capture time of the first and after the last frame; equal for a still.
        codec: "h264", "hevc" or "jpeg".
        gaps: spans missing from it, each with its reason.
        cut: why the file is shorter than planned; None when it is whole.
        masking: for a masked still: "regions" or "whole" (no detector ran); None when clear.
    """

    schema_: Literal["jikimi.media/1"] = Field("jikimi.media/1", alias="schema")
    media_id: UUID
    camera_id: CameraId
    form: MediaForm
    event_id: UUID | None = None
    request_id: UUID | None = None
    mime: Literal["video/mp4", "image/jpeg"]
    length_bytes: Annotated[int, Field(gt=0, le=MAX_MEDIA_BYTES)]
    sha256: Sha256
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    codec: Annotated[str, Field(max_length=20)]
    width_px: Annotated[int, Field(gt=0, le=16384)]
    height_px: Annotated[int, Field(gt=0, le=16384)]
    gaps: Annotated[tuple[Gap, ...], Field(max_length=200)] = ()
    cut: Reason | None = None
    masking: Literal["regions", "whole"] | None = None
    software: Name

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )

    @pydantic.model_validator(mode="after")
    def _belongs_to_one(self) -> "MediaManifest":
        if (self.event_id is None) == (self.request_id is None):
            raise ValueError("exactly one of event_id and request_id is needed")
        if self.ends_at < self.starts_at:
            raise ValueError("ends_at is before starts_at")
        return self

    def signed_bytes(self) -> bytes:
        """Return the bytes the signature covers: the manifest as canonical JSON (RFC 8785)."""
        body: Any = self.model_dump(mode="json")
        return rfc8785.dumps(body)


class SignedManifest(Message):
    """POST /v1/agent/media: announces an upload; repeating it asks how far the upload is."""

    manifest: MediaManifest
    signature: Signature


class UploadStatus(Message):
    """How many bytes the hub holds durably. Send the next chunk from `offset_bytes`:
    PATCH /v1/agent/media/{media_id} with the header `Upload-Offset` and at most MAX_CHUNK_BYTES of application/octet-stream.
    409 carries the true UploadStatus; 422 says the finished file did not have its sha256: begin again at 0.
    """

    media_id: UUID
    offset_bytes: Annotated[int, Field(ge=0)]
    complete: bool


# --- heartbeat ------------------------------------------------------------------------------------------------


class CameraInfo(Message):
    """A camera as its agent knows it; never its address or credentials."""

    camera_id: CameraId
    name: Name
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    kinds: Annotated[tuple[Kind, ...], Field(max_length=len(KINDS))] = ()
    recording: bool
    zones: Annotated[tuple[Zone, ...], Field(max_length=64)] = ()


class CameraHealth(Message):
    """One camera since the last heartbeat. Counters rise for the life of the agent process."""

    camera_id: CameraId
    state: CameraState
    detail: Reason = ""
    decode_mode: DecodeMode = "none"
    codec: Annotated[str, Field(max_length=20)] = ""
    width_px: Annotated[int, Field(ge=0)] = 0
    height_px: Annotated[int, Field(ge=0)] = 0
    fps_in: Annotated[float, Field(ge=0)] = 0.0
    fps_analysed: Annotated[float, Field(ge=0)] = 0.0
    look_interval_s: Annotated[float, Field(ge=0)] = 0.0
    last_frame_age_s: Annotated[float, Field(ge=0)] | None = None
    bytes_in: Annotated[int, Field(ge=0)] = 0
    clock_offset_s: float | None = None
    dropped: dict[Annotated[str, Field(max_length=60)], Annotated[int, Field(ge=0)]] = {}
    """What was dropped, by reason: frames_shed, garbage_packets, seconds_not_recorded, reconnects, clock_jumps, ..."""


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


# --- channel: WebSocket /v1/agent/channel, opened by the agent --------------------------------------------------


class LiveStart(Message):
    """Hub to agent: push this camera's access units until LiveStop or the channel ends."""

    type: Literal["live_start"] = "live_start"
    camera_id: CameraId


class LiveStop(Message):
    """Hub to agent: the last viewer left."""

    type: Literal["live_stop"] = "live_stop"
    camera_id: CameraId


class RangeRequest(Message):
    """Hub to agent: upload the recording of this span as one media file with this request id. Repeats are harmless."""

    type: Literal["range_request"] = "range_request"
    request_id: UUID
    camera_id: CameraId
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class LiveState(Message):
    """Agent to hub: whether the camera can be played live, and if not why (in words for the operator)."""

    type: Literal["live_state"] = "live_state"
    camera_id: CameraId
    playable: bool
    reason: Reason = ""


class RangeState(Message):
    """Agent to hub: `accepted` is sent after the request is durable; `refused` is final."""

    type: Literal["range_state"] = "range_state"
    request_id: UUID
    state: Literal["accepted", "refused"]
    reason: Reason = ""


HubCommand = Annotated[LiveStart | LiveStop | RangeRequest, Field(discriminator="type")]
AgentNotice = Annotated[LiveState | RangeState, Field(discriminator="type")]
HUB_COMMAND: pydantic.TypeAdapter[LiveStart | LiveStop | RangeRequest] = pydantic.TypeAdapter(HubCommand)
AGENT_NOTICE: pydantic.TypeAdapter[LiveState | RangeState] = pydantic.TypeAdapter(AgentNotice)


# --- errors ---------------------------------------------------------------------------------------------------


class Problem(BaseModel):
    """The body of every error: application/problem+json (RFC 9457)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""

"""Events: what happened at a camera, why it was raised, and what the hub answers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from sharing_hub.wire.values import CameraId, Kind, Message, Name, Point, Reason, Sha256, Unit01

MAX_BATCH_EVENTS = 500
MAX_PATH_POINTS = 600


class Condition(Message):
    """One comparison that had to hold for the event to be raised: `value comparison threshold`, both in `unit`.

    Attributes:
        silent_threshold: the next sensible threshold with which it would not have held, and the event not been raised then.
    """

    name: Name
    value: float
    comparison: Literal[">=", ">", "<=", "<", "=="]
    threshold: float
    unit: Annotated[str, Field(max_length=20)]
    silent_threshold: Annotated[float | None, Field(exclude_if=lambda value: value is None)] = None


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

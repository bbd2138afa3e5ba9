"""Every table of the hub but the ledger's, as typed models: one schema for SQLite now and PostgreSQL later.

Invariants: `events.event_id` is unique (the exactly-once guard); `looks`, `deletions`, `incident_history` and the ledger's tables are
append-only (triggers refuse UPDATE and, except for looks past their two years, DELETE); a media row is written only after its blob is whole under its hash.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sharing_hub.store import columns
from sharing_hub.wire import v1

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LEDGER = ("ledger_entries", "ledger_nodes", "ledger_checkpoints", "ledger_cosignatures")
APPEND_ONLY = ("looks", "deletions", "incident_history", *LEDGER)


class Table(DeclarativeBase):
    """What every table has in common: the naming convention and the types of ids and times."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {UUID: sa.Uuid(), datetime: columns.UtcTime(), str: String(500)}  # noqa: RUF012


def core(table: type[Table]) -> sa.Table:
    """Return the table beneath a model, for inserting many rows at a time: a third of the ORM's cost per row."""
    return Table.metadata.tables[table.__tablename__]


# --- agents and cameras -----------------------------------------------------------------------------------------


class EnrolmentToken(Table):
    """A one-time secret for a site; only its SHA-256 is kept."""

    __tablename__ = "enrolment_tokens"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    site: Mapped[str] = mapped_column(String(120))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    agent_id: Mapped[UUID | None]


class Agent(Table):
    """A site's agent: its key, and what it said of itself last."""

    __tablename__ = "agents"

    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(120))
    public_key: Mapped[str] = mapped_column(String(43), unique=True)
    software: Mapped[str] = mapped_column(String(120))
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    last_heartbeat_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]
    """Set while no heartbeat comes; its cameras then read `offline`, "agent silent"."""
    clock_ahead_s: Mapped[float | None]
    disk: Mapped[v1.Disk | None] = mapped_column(columns.WireValue(v1.Disk))
    backlog: Mapped[v1.Backlog | None] = mapped_column(columns.WireValue(v1.Backlog))


class Camera(Table):
    """A camera and its last known health. It belongs to the agent that named it first."""

    __tablename__ = "cameras"

    camera_id: Mapped[str] = mapped_column(String(63), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    recording: Mapped[bool] = mapped_column(default=False)
    kinds: Mapped[tuple[str, ...]] = mapped_column(columns.WireValue(tuple[str, ...]), default=())
    zones: Mapped[tuple[v1.Zone, ...]] = mapped_column(columns.WireValue(tuple[v1.Zone, ...]), default=())
    first_seen_at: Mapped[datetime]
    last_heartbeat_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(20), default="starting")
    detail: Mapped[str] = mapped_column(default="")
    decode_mode: Mapped[str] = mapped_column(String(20), default="none")
    codec: Mapped[str] = mapped_column(String(20), default="")
    width_px: Mapped[int] = mapped_column(default=0)
    height_px: Mapped[int] = mapped_column(default=0)
    fps_in: Mapped[float] = mapped_column(default=0.0)
    fps_analysed: Mapped[float] = mapped_column(default=0.0)
    look_interval_s: Mapped[float] = mapped_column(default=0.0)
    last_frame_age_s: Mapped[float | None]
    bytes_in: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    clock_offset_s: Mapped[float | None]
    dropped: Mapped[dict[str, int]] = mapped_column(columns.WireValue(dict[str, int]), default=dict)
    coverage: Mapped[tuple[v1.Coverage, ...]] = mapped_column(columns.WireValue(tuple[v1.Coverage, ...]), default=())


# --- events, alarms, incidents ----------------------------------------------------------------------------------


class Event(Table):
    """Something that happened at one camera, stored once."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_camera_id_raised_at", "camera_id", "raised_at"),
        Index("ix_events_raised_at", "raised_at"),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[str] = mapped_column(ForeignKey("cameras.camera_id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id"))
    """None for an event the hub raised itself (agent silent)."""
    kind: Mapped[str] = mapped_column(String(30))
    started_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    score: Mapped[float]
    explanation: Mapped[v1.Explanation] = mapped_column(columns.WireValue(v1.Explanation))
    camera_clock: Mapped[v1.CameraClock | None] = mapped_column(columns.WireValue(v1.CameraClock))
    look_interval_s: Mapped[float | None]
    software: Mapped[str] = mapped_column(String(120))


class Incident(Table):
    """Alarms and calls handled as one occurrence. `version` rises with every change (optimistic locking).

    One that an agency or a bell opened has a place and no camera or event of its own.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_camera_id_kind_last_alarm_at", "camera_id", "kind", "last_alarm_at"),
        Index("ix_incidents_state_last_alarm_at", "state", "last_alarm_at"),
        Index("ix_incidents_opened_at", "opened_at"),
        Index("ix_incidents_known_at", "known_at"),
        Index("ix_incidents_shelved_until", "shelved_until"),
    )

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[str | None] = mapped_column(ForeignKey("cameras.camera_id"))
    """The camera of the first alarm: where the incident is, as to folding."""
    kind: Mapped[str] = mapped_column(String(30))
    severity: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    known_at: Mapped[datetime]
    """Since when the hub knows of it; timers run from here, for an agent may deliver late."""
    last_alarm_at: Mapped[datetime]
    alarm_count: Mapped[int]
    first_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.event_id"))
    latest_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.event_id"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    """Where it is, as whoever opened it said; None: where its camera is."""
    opened_by_agency: Mapped[str | None] = mapped_column(String(40))
    agency_class: Mapped[str | None] = mapped_column(String(40))
    """The opener's own class of it."""
    description: Mapped[str | None]
    digest: Mapped[bool] = mapped_column(default=False)
    """Opened during a flood of alarms with severity 3: it waits in the digest and does not sound."""
    escalation_level: Mapped[int] = mapped_column(default=0)
    """1: the shift leader was told that nobody acknowledged it; 2: the posted police were."""
    lease_holder_id: Mapped[UUID | None]
    lease_holder: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    shelved_until: Mapped[datetime | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.incident_id"))
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None]
    disposition: Mapped[str | None] = mapped_column(String(60))
    closed_at: Mapped[datetime | None]
    version: Mapped[int]


class Alarm(Table):
    """An event that needs a person, folded into its incident."""

    __tablename__ = "alarms"

    alarm_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.event_id"), unique=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    raised_at: Mapped[datetime]
    created_at: Mapped[datetime]


class IncidentHistory(Table):
    """Who changed an incident, how and when. Append-only."""

    __tablename__ = "incident_history"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    at: Mapped[datetime]
    operator_id: Mapped[UUID | None]
    """None for the hub itself."""
    operator_name: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[str | None] = mapped_column(String(40))
    """Whose person or system it was; None: the district's."""
    change: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None]
    version: Mapped[int]


# --- media ------------------------------------------------------------------------------------------------------


class Upload(Table):
    """A media file that an agent announced and has not finished sending; its bytes so far are in a partial file."""

    __tablename__ = "uploads"

    media_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id"))
    signed: Mapped[v1.SignedManifest] = mapped_column(columns.WireValue(v1.SignedManifest))
    announced_at: Mapped[datetime]


class Media(Table):
    """A whole media file of an event or of a recording request. The row outlives the file (`deleted_at`).

    `signed` is the manifest as it was sent, with its links; the `chain_` columns say where the file stands in its camera's chain, and what that proves.
    """

    __tablename__ = "media"
    __table_args__ = (Index("ix_media_camera_id_chain_sequence", "camera_id", "chain_sequence"),)

    media_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id"))
    camera_id: Mapped[str] = mapped_column(ForeignKey("cameras.camera_id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.event_id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("recording_requests.request_id"), index=True)
    form: Mapped[str] = mapped_column(String(20))
    mime: Mapped[str] = mapped_column(String(40))
    length_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cut: Mapped[str | None]
    masking: Mapped[str | None] = mapped_column(String(20))
    gaps: Mapped[tuple[v1.Gap, ...]] = mapped_column(columns.WireValue(tuple[v1.Gap, ...]), default=())
    signed: Mapped[v1.SignedManifest] = mapped_column(columns.WireValue(v1.SignedManifest))
    received_at: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]
    chain_sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    chain_sha256: Mapped[str | None] = mapped_column(String(64))
    chain_state: Mapped[str | None] = mapped_column(String(20))
    chain_detail: Mapped[str | None]


class Hold(Table):
    """Keeps a media file from retention, for somebody, for a reason, until a time."""

    __tablename__ = "holds"

    hold_id: Mapped[UUID] = mapped_column(primary_key=True)
    media_id: Mapped[UUID] = mapped_column(ForeignKey("media.media_id"), index=True)
    owner: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Deletion(Table):
    """What was destroyed, when, by whom and why. Append-only."""

    __tablename__ = "deletions"

    deletion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(64))
    camera_id: Mapped[str | None] = mapped_column(String(63))
    form: Mapped[str | None] = mapped_column(String(20))
    sha256: Mapped[str | None] = mapped_column(String(64))
    length_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    why: Mapped[str]


class RecordingRequest(Table):
    """Recorded video that an operator asked for: requested -> accepted -> ready, or refused."""

    __tablename__ = "recording_requests"
    __table_args__ = (Index("ix_recording_requests_agent_id_state", "agent_id", "state"),)

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[str] = mapped_column(ForeignKey("cameras.camera_id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(200))
    requested_by: Mapped[UUID]
    requested_by_name: Mapped[str] = mapped_column(String(120))
    requested_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(default="")
    media_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]


# --- operators and what they looked at --------------------------------------------------------------------------


class Operator(Table):
    """A person who logs in at the hub."""

    __tablename__ = "operators"

    operator_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(300))
    must_change_password: Mapped[bool]
    agency_id: Mapped[str] = mapped_column(String(40), default="district", server_default="district", index=True)
    unit: Mapped[str] = mapped_column(String(60), default="", server_default="")
    trained_until: Mapped[date | None] = mapped_column(sa.Date())
    """The last day, in Korea, on which the training for looking at personal video is valid."""
    shift_starts_at: Mapped[datetime | None]
    shift_ends_at: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(String(300), index=True, unique=True)
    """Who the person is at the city's own login: issuer and subject."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class OperatorSession(Table):
    """A login; the cookie holds a secret of which only the SHA-256 is kept."""

    __tablename__ = "operator_sessions"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    csrf: Mapped[str] = mapped_column(String(64))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operators.operator_id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    source_address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    second_factor_at: Mapped[datetime | None]
    """When a passkey was confirmed within this session."""


class Look(Table):
    """A decision about looking at a picture: who, what, when, why, from where, permitted or denied. Append-only."""

    __tablename__ = "looks"

    look_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    operator_id: Mapped[UUID]
    operator_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    session_id: Mapped[UUID | None]
    source_address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(20))
    """still, masked_still, clip, range, live or request (recorded video asked for)."""
    camera_id: Mapped[str] = mapped_column(String(63), index=True)
    subject_id: Mapped[str] = mapped_column(String(80))
    incident_id: Mapped[UUID | None]
    why: Mapped[str] = mapped_column(String(200))
    decision: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(Text)
    """Names of the policies that decided, with `, ` between."""
    agency_id: Mapped[str | None] = mapped_column(String(40))
    """This and the following: None in rows older than the policies."""
    purpose: Mapped[str | None] = mapped_column(String(40))
    legal_basis: Mapped[str | None] = mapped_column(String(40))
    policy_version: Mapped[str | None] = mapped_column(String(40))
    grant_id: Mapped[UUID | None]

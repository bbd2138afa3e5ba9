"""Tables of requests for video, the recordings that belong to one, and of broken glass.

Invariant: a request is never deleted; its state changes only by the table in `domain.requests`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.store import columns, tables


class VideoRequest(tables.Table):
    """Video that somebody asked for, and somebody else decided on."""

    __tablename__ = "video_requests"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12), index=True)
    agency_id: Mapped[str] = mapped_column(String(40), index=True)
    camera_ids: Mapped[tuple[str, ...]] = mapped_column(columns.WireValue(tuple[str, ...]))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(String(40))
    legal_basis: Mapped[str] = mapped_column(String(40))
    letter: Mapped[str | None] = mapped_column(String(100))
    incident_id: Mapped[UUID | None]
    why: Mapped[str]
    mask_level: Mapped[str] = mapped_column(String(20))
    export_mode: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[UUID]
    asked_by_name: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    """When it must be answered; a person's own request, by law."""
    reference: Mapped[str | None] = mapped_column(String(80))
    """The applicant's file at the request desk, or the agency's case: never a person's name."""
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    decision_why: Mapped[str | None]
    grant_id: Mapped[UUID | None]
    fault: Mapped[str] = mapped_column(default="")


class RequestedRecording(tables.Table):
    """A recording that was asked of an agent at once, so that retention cannot take it before the decision."""

    __tablename__ = "requested_recordings"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("video_requests.request_id"), primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording_requests.request_id"), primary_key=True)
    held: Mapped[bool] = mapped_column(default=False)
    """The file arrived and is held."""
    keep_clear: Mapped[str | None] = mapped_column(String(200))
    """The track that stays clear, as picked on the picture: `seconds,x,y` in shares of the picture."""


class BrokenGlass(tables.Table):
    """An emergency look without approval: what for, and what its review said."""

    __tablename__ = "broken_glass"

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("grants.grant_id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(120))
    agency_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(30))
    sentence: Mapped[str]
    broken_at: Mapped[datetime]
    review_due_at: Mapped[datetime] = mapped_column(index=True)
    letter_due_at: Mapped[datetime]
    letter: Mapped[str | None] = mapped_column(String(100))
    verdict: Mapped[str | None] = mapped_column(String(10))
    """justified or rejected."""
    reviewed_by: Mapped[UUID | None]
    reviewed_by_name: Mapped[str | None] = mapped_column(String(120))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str | None]

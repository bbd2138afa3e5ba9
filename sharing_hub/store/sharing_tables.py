"""Tables of sharing: versions of the district's book, grants, which incident is shared with which agency, what is to be told, hand-overs.

Invariant: a version of the book never changes once it was decided; a grant is never deleted, only ended; a notice is written with the decision that it
tells of.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sharing_hub.domain import district, messages
from sharing_hub.store import columns, tables


class DistrictVersion(tables.Table):
    """A version of the district's book: proposed by one person, approved or rejected by another."""

    __tablename__ = "district_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(10), index=True)
    """proposed, approved or rejected."""
    book: Mapped[district.District] = mapped_column(columns.WireValue(district.District))
    why: Mapped[str]
    proposed_by: Mapped[UUID | None]
    """None for the first version, which came with the software, and for the command line."""
    proposed_by_name: Mapped[str] = mapped_column(String(120))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]


class Grant(tables.Table):
    """What an agency was let do (`domain.grants`)."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_agency_id_ends_at", "agency_id", "ends_at"),)

    grant_id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID | None]
    actions: Mapped[tuple[str, ...]] = mapped_column(columns.WireValue(tuple[str, ...]))
    purpose: Mapped[str] = mapped_column(String(40))
    legal_basis: Mapped[str] = mapped_column(String(40))
    incident_id: Mapped[UUID | None] = mapped_column(index=True)
    request_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lookback_s: Mapped[int]
    covers_from: Mapped[datetime | None]
    covers_until: Mapped[datetime | None]
    mask_level: Mapped[str] = mapped_column(String(20))
    export_mode: Mapped[str] = mapped_column(String(10))
    letter: Mapped[str | None] = mapped_column(String(100))
    break_glass: Mapped[bool]
    made_by_name: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]
    requested_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]


class GrantCamera(tables.Table):
    """A camera of a grant. It may have been removed since: no foreign key."""

    __tablename__ = "grant_cameras"

    grant_id: Mapped[UUID] = mapped_column(ForeignKey("grants.grant_id"), primary_key=True)
    camera_id: Mapped[str] = mapped_column(String(63), primary_key=True, index=True)


class IncidentShare(tables.Table):
    """An incident that an agency may know of: opened by it, told to it by the matrix, or shared by hand."""

    __tablename__ = "incident_shares"
    __table_args__ = (
        Index("ix_incident_shares_agency_id_shared_at", "agency_id", "shared_at"),
        Index("ix_incident_shares_agency_id_case_number", "agency_id", "case_number", unique=True),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"), primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    how: Mapped[str] = mapped_column(String(10))
    """opened, auto, confirmed, copy, escalated or manual."""
    media: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(40))
    legal_basis: Mapped[str] = mapped_column(String(40))
    case_number: Mapped[str | None] = mapped_column(String(80))
    """The agency's own."""
    shared_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reported_wrong_at: Mapped[datetime | None]
    """When the agency said that it should not have been told."""


class Notice(tables.Table):
    """Something that an agency is to be told about an incident: decided, and its message written soon after."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_state_position", "state", "position"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    notice_id: Mapped[UUID] = mapped_column(unique=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    agency_id: Mapped[str] = mapped_column(String(40))
    occasion: Mapped[messages.Occasion] = mapped_column(String(10))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    """pending, and written once its message is."""


class Handover(tables.Table):
    """A shift's hand-over, signed off by its leader: how things stood, and what the next shift is to know."""

    __tablename__ = "handovers"

    handover_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    leader_id: Mapped[UUID]
    leader_name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(2000))
    counts: Mapped[dict[str, int]] = mapped_column(columns.WireValue(dict[str, int]))

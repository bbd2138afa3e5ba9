"""Grants: who may do what to which cameras, what for, on what basis, and until when. One object for every way of being let in.

Invariant: a grant permits only while it is in force, only its cameras and only its actions; what it does not say, it does not permit.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sharing_hub.domain.actions import Action, ExportMode, MaskLevel


@dataclass(frozen=True, slots=True)
class Grant:
    """What one agency, or one person of it, was let do.

    Attributes:
        person_id: the one person it is for; None: everybody of the agency.
        starts_at, ends_at: it is in force from the first until just before the second.
        lookback_s: how far back recorded video may be looked at, counted from the request.
        covers_from, covers_until: the stretch of recorded video that a request asked for; None: only the look back.
        mask_level: how much is masked at least.
        letter: number of the official letter, where the basis needs one.
        requested_by, approved_by: who asked for it and who approved, where it was a request; two people, or it counts as not approved.
        break_glass: taken in an emergency without approval; it is reviewed.
    """

    grant_id: UUID
    agency_id: str
    person_id: UUID | None
    camera_ids: frozenset[str]
    actions: frozenset[Action]
    purpose: str
    legal_basis: str
    incident_id: UUID | None
    request_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    lookback_s: int = 0
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    mask_level: MaskLevel = "none"
    export_mode: ExportMode = "none"
    letter: str | None = None
    break_glass: bool = False
    revoked_at: datetime | None = None
    requested_by: UUID | None = None
    approved_by: UUID | None = None

    def __post_init__(self) -> None:
        """Check what makes no sense.

        Raises:
            ValueError: it has no camera, no action, no time, or is for neither an incident nor a request.
        """
        if not self.camera_ids or not self.actions:
            raise ValueError("a grant needs a camera and an action at least")
        if self.starts_at >= self.ends_at:
            raise ValueError("a grant ends after it begins")
        if self.incident_id is None and self.request_id is None:
            raise ValueError("a grant belongs to an incident or to a request")


def in_force(grant: Grant, now: datetime) -> bool:
    """Say whether the grant has begun, has not ended and was not revoked."""
    return grant.starts_at <= now < grant.ends_at and grant.revoked_at is None


def permits(grant: Grant, action: Action, camera_id: str, now: datetime) -> bool:
    """Say whether the grant lets its holder do `action` to the camera at `now`."""
    return in_force(grant, now) and camera_id in grant.camera_ids and action in grant.actions


def is_for(grant: Grant, agency_id: str, person_id: UUID | None) -> bool:
    """Say whether somebody of an agency holds the grant."""
    return grant.agency_id == agency_id and grant.person_id in (None, person_id)

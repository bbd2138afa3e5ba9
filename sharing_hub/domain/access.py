"""What is asked of the access rules, and what they answer.

Every attribute is filled: a rule whose condition meets a missing attribute would be skipped, and what it forbids come out permitted.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sharing_hub.domain import actions, district, viewers
from sharing_hub.domain.grants import Grant


@dataclass(frozen=True, slots=True)
class Subject:
    """What it would be done to.

    Attributes:
        camera_id: the camera that it shows; None for what shows none (the ledger, the rules).
        facts: what the district's book says of that camera.
        masked: the level that the bytes about to leave are masked to.
        recorded_at: when the oldest picture of it was taken; None for live and for what is no picture.
        download: taken away rather than viewed.
    """

    camera_id: str | None
    facts: district.CameraFacts
    masked: actions.MaskLevel = "none"
    recorded_at: datetime | None = None
    download: bool = False


@dataclass(frozen=True, slots=True)
class Lent:
    """What another hub lets this one see for an incident of its own; what may be seen here is what both permit.

    Attributes:
        owner: the other hub, as this hub's book calls it.
        purpose, legal_basis: on which it shares the incident.
        grant: what it gave for the camera; None: nothing but what it sent with its notice.
    """

    owner: str
    purpose: str
    legal_basis: str
    grant: Grant | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What it is about.

    Attributes:
        incident_id: the incident it is done for; incident_kind "" and incident_open False without one.
        incident_known: there is that incident, and for another agency than the district it is shared.
        incident_open: it runs, or ended no longer ago than live views may go on.
        incident_confirmed: an operator confirmed it, or an agency opened it.
        incident_began_at: when its first alarm was raised or it was opened; None: not known.
        incident_shared: it was shared with the viewer's agency; share_media: what goes with it.
        distance_m: from the incident's place to the camera; None: not known, which is taken for too far.
        grant: the grant that the viewer leans on, where one covers this.
        requester_id, approver_id: who asked and who approved the request, where there is one.
    """

    now: datetime
    purpose: str | None = None
    legal_basis: str | None = None
    incident_id: UUID | None = None
    incident_known: bool = False
    incident_kind: str = ""
    incident_open: bool = False
    incident_confirmed: bool = False
    incident_began_at: datetime | None = None
    incident_shared: bool = False
    share_media: district.Media = "none"
    request_id: UUID | None = None
    distance_m: float | None = None
    grant: Grant | None = None
    approver_id: UUID | None = None
    requester_id: UUID | None = None
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """May `viewer` do `action` to `subject` under these circumstances?"""

    viewer: viewers.Viewer
    action: actions.Action
    subject: Subject
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer.

    Attributes:
        rule_ids: the policies that decided; for a denial because nothing permitted, `deny-by-default`.
        reasons: their @reason words, for people.
        policy_version: SHA-256 of policies and schema, first 12 hex digits, and the book's version: `a1b2c3d4e5f6/7`.
        mask_level: how much must be masked at least, where permitted.
    """

    permitted: bool
    rule_ids: tuple[str, ...]
    reasons: tuple[str, ...]
    policy_version: str
    mask_level: actions.MaskLevel = "none"

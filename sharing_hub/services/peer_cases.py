"""Incidents that this hub and another one share: which is which, and what the other hub lets this one see.

Invariants: only who may know of the incident here finds it; what the other hub gave for another incident, or ended, permits nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub.client import answers
from sharing_hub.domain import access, actions, district, grants, peering, viewers
from sharing_hub.domain import ledger as entries
from sharing_hub.services import incident_steps, ledger, sharing


@dataclass(frozen=True, slots=True)
class Case:
    """An incident that this hub and another one share.

    Attributes:
        incident_id: of this hub.
        there_id: the same at the other hub; None: it is that hub's case under this hub's number, so that hub is asked.
    """

    agency_id: str
    incident_id: UUID
    there_id: UUID | None


def find(session: Session, viewer: viewers.Viewer, incident_id: UUID, hubs: Iterable[str]) -> list[Case]:
    """Return with which other hubs an incident is shared, by agency.

    Args:
        hubs: the agencies that are other hubs.

    Raises:
        NotFound: no such incident for this viewer.
    """
    incident_steps.found(session, incident_id, viewer)
    if not viewers.is_of_district(viewer):
        return []
    known = frozenset(hubs)
    return [
        Case(row.agency_id, incident_id, peering.incident_of(row.case_number) if row.how == "opened" else None)
        for row in sharing.shares(session, incident_id)
        if row.agency_id in known and (row.how != "opened" or peering.incident_of(row.case_number) is not None)
    ]


def lent(
    case: Case, shared: answers.SharedIncident, given: Iterable[answers.Grant], camera_id: str, action: actions.Action,
    now: datetime,
) -> access.Lent:  # fmt: skip
    """Return what the other hub lets this one see of a camera of its own, as a question here has it.

    Args:
        shared, given: as the other hub answers.
        camera_id: as it stands in this hub's records.
    """
    held = [_grant(one, case) for one in given if one.incident_id == shared.incident.incident_id]
    fits = [one for one in held if one is not None and grants.permits(one, action, camera_id, now)]
    best = max(fits, key=lambda one: one.ends_at, default=None)
    return access.Lent(case.agency_id, shared.share.purpose, shared.share.legal_basis, best)


def record_renewal(session: Session, case: Case, grant_id: UUID, viewer: viewers.Viewer, now: datetime) -> None:
    """Put on record that somebody asks the other hub to let its grant last longer."""
    details: dict[str, entries.Detail] = {"agency_id": case.agency_id}
    entry = entries.Entry(
        at=now, action="peer.renewal_asked", actor=incident_steps.by_of(viewer).actor(),
        subject=entries.Subject("grant", str(grant_id)), incident_id=str(case.incident_id), details=details,
    )  # fmt: skip
    ledger.append(session, entry)


def _grant(said: answers.Grant, case: Case) -> grants.Grant | None:
    """Return another hub's grant as one for this district and this hub's incident; None for one that makes no sense here."""
    cameras = {_named(case.agency_id, camera_id) for camera_id in said.camera_ids} - {None}
    known = frozenset(said.actions) & frozenset(get_args(actions.Action))
    mask_level = cast("actions.MaskLevel", said.mask_level if said.mask_level in actions.MASK_LEVELS else "whole")
    try:
        return grants.Grant(
            said.grant_id, district.OWNER, None, frozenset(cast("set[str]", cameras)),
            cast("frozenset[actions.Action]", known), said.purpose, said.legal_basis, case.incident_id, None,
            said.starts_at, said.ends_at, mask_level=mask_level,
        )  # fmt: skip
    except ValueError:
        return None


def _named(agency_id: str, camera_id: str) -> str | None:
    try:
        return peering.camera_here(agency_id, camera_id)
    except ValueError:
        return None

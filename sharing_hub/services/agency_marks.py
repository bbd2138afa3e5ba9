"""What an agency says of an incident that is shared with it: accepted, arrived, finished, or that it should not have been told.

Invariants: an agency marks its own share only; a mark is set once, and a repeat changes nothing; the incident's state follows where the table allows it,
and is resolved once every agency that accepted it has finished.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import incidents, viewers
from sharing_hub.services import cursors, incident_steps, sharing, sharing_views, views
from sharing_hub.store import queries, sharing_tables, tables

Mark = Literal["accept", "arrive", "finish"]
_CHANGES: dict[Mark, incidents.Change] = {"accept": "accept", "arrive": "respond", "finish": "resolve"}
_STEPS: dict[Mark, incidents.Change | incidents.SideStep] = {
    "accept": "accept",
    "arrive": "respond",
    "finish": "finish",
}
_TABLE = sharing_tables.IncidentShare


def mark(
    session: Session, viewer: viewers.Viewer, incident_id: UUID, said: Mark, now: datetime
) -> sharing_views.SharedIncident:
    """Note what the agency said, and let the state follow.

    Raises:
        NotFound: the incident is not shared with the caller's agency.
    """
    share, row = _own(session, viewer, incident_id)
    if getattr(share, f"{_column(said)}_at") is None:
        share.accepted_at = share.accepted_at or now
        setattr(share, f"{_column(said)}_at", now)
        by, change = incident_steps.by_of(viewer), _CHANGES[said]
        if incidents.after(row.state, change) is None or (said == "finish" and _others_at_work(session, share)):
            incident_steps.record(session, row, by, _STEPS[said], row.state, now, viewer.agency_id)
        else:
            before = incident_steps.move(row, change)
            incident_steps.record(session, row, by, change, before, now, viewer.agency_id)
    return one(session, viewer, incident_id)


def report_wrong(session: Session, viewer: viewers.Viewer, incident_id: UUID, why: str, now: datetime) -> None:
    """Say that the agency should not have been told: it is on record, the share is withdrawn, and its grants end at once.

    Raises:
        NotFound: the incident is not shared with the caller's agency.
        Conflict: the agency opened it itself.
    """
    share, row = _own(session, viewer, incident_id)
    if share.how == "opened":
        raise errors.Conflict("your agency opened it; end the case instead")
    share.reported_wrong_at, by = now, incident_steps.by_of(viewer)
    incident_steps.record(session, row, by, "report_wrong", row.state, now, viewer.agency_id, incident_steps.words(why))
    sharing.withdraw(session, row, share, by.actor(), "the agency reported that it was wrong to share it", now)


def one(session: Session, viewer: viewers.Viewer, incident_id: UUID) -> sharing_views.SharedIncident:
    """Return an incident that is shared with the caller's agency.

    Raises:
        NotFound: it is not.
    """
    share, row = _own(session, viewer, incident_id)
    camera = session.get(tables.Camera, row.camera_id) if row.camera_id else None
    return sharing_views.shared_of(share, row, camera, viewer)


def listed(
    session: Session, viewer: viewers.Viewer, unfinished: bool, before: str | None, limit: int
) -> views.Page[sharing_views.SharedIncident]:
    """Return the incidents that are shared with the caller's agency, the latest shared first."""
    incident, camera = tables.Incident, tables.Camera
    statement = queries.visible_to(viewer).shares().where(_TABLE.withdrawn_at.is_(None))
    statement = statement.join(incident, incident.incident_id == _TABLE.incident_id)
    statement = statement.outerjoin(camera, camera.camera_id == incident.camera_id).add_columns(incident, camera)
    statement = statement.where(_TABLE.agency_id == viewer.agency_id)
    if unfinished:
        statement = statement.where(incident.state.in_(incidents.UNFINISHED_STATES))
    rows = session.execute(cursors.page(statement, _TABLE.shared_at, _TABLE.incident_id, before, limit)).all()
    items = [sharing_views.shared_of(share, row, seen_by, viewer) for share, row, seen_by in rows[:limit]]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = cursors.after_row(last.shared_at, last.incident_id) if last is not None else None
    return views.Page[sharing_views.SharedIncident](items=items, next=following)


def _own(
    session: Session, viewer: viewers.Viewer, incident_id: UUID
) -> tuple[sharing_tables.IncidentShare, tables.Incident]:
    wanted = queries.visible_to(viewer).shares().where(_TABLE.incident_id == incident_id)
    share = session.scalar(wanted.where(_TABLE.agency_id == viewer.agency_id, _TABLE.withdrawn_at.is_(None)))
    if share is None or not viewers.is_partner(viewer):
        raise errors.NotFound(f"no incident {incident_id}")
    return share, session.get_one(tables.Incident, incident_id)


def _others_at_work(session: Session, mine: sharing_tables.IncidentShare) -> bool:
    others = (row for row in sharing.shares(session, mine.incident_id) if row.agency_id != mine.agency_id)
    return any(row.accepted_at is not None and row.finished_at is None for row in others)


def _column(said: Mark) -> str:
    return {"accept": "accepted", "arrive": "arrived", "finish": "finished"}[said]

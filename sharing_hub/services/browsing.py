"""What operators read beside incidents and events: cameras, agents, recordings, files, the record of looks. Scoped to who reads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import actions, district, sight, viewers
from sharing_hub.services import book, cursors, views
from sharing_hub.store import queries, tables

_MASKED: Mapping[str, actions.MaskLevel] = {"regions": "people_and_plates", "whole": "whole"}
MAX_NEAR = 20
"""Cameras named around a place."""


@dataclass(frozen=True, slots=True)
class File:
    """A media file that is here.

    Attributes:
        incident_id: the incident that its event belongs to, where there is one.
        masked: the level that its pictures are masked to.
    """

    media_id: UUID
    event_id: UUID | None
    request_id: UUID | None
    incident_id: UUID | None
    camera_id: str
    form: str
    mime: str
    sha256: str
    length_bytes: int
    starts_at: datetime
    masked: actions.MaskLevel


def cameras(
    session: Session, viewer: viewers.Viewer, now: datetime, camera_id: str | None = None
) -> list[views.CameraView]:
    """Return every camera that the viewer may know of at `now`, or the one named, by site and name."""
    camera, agent = tables.Camera, tables.Agent
    own = book.cameras_of(session, viewer)
    statement = queries.visible_to(viewer, now, own).cameras().join(agent, agent.agent_id == camera.agent_id)
    if camera_id is not None:
        statement = statement.where(camera.camera_id == camera_id)
    rows = session.execute(statement.add_columns(agent.site).order_by(agent.site, camera.name)).all()
    return [views.camera_of(row[0], row[1]) for row in rows]


def cameras_near(
    session: Session, viewer: viewers.Viewer, found: district.District, point: sight.Point, within_m: float, now: datetime
) -> list[views.CameraNear]:  # fmt: skip
    """Return the cameras around a place that the viewer may know of: those that look at it first, then the nearest."""
    box, camera = sight.box(point, within_m), tables.Camera
    statement = queries.visible_to(viewer, now).cameras().where(
        camera.latitude.between(box.south, box.north), camera.longitude.between(box.west, box.east)
    )  # fmt: skip
    rows = {row.camera_id: row for row in session.scalars(statement)}
    lookouts = [_lookout(row, found.camera(row.camera_id)) for row in rows.values()]
    return [
        views.CameraNear(
            camera_id=one.camera_id, name=rows[one.camera_id].name, distance_m=round(one.distance_m, 1), sees=one.sees
        )
        for one in sight.ranked(point, lookouts, within_m, MAX_NEAR)
    ]  # fmt: skip


def _lookout(row: tables.Camera, facts: district.CameraFacts) -> sight.Lookout:
    place = sight.Point(row.latitude or 0.0, row.longitude or 0.0)  # both are known of what the box holds
    return sight.Lookout(row.camera_id, place, facts.heading_deg, facts.view_angle_deg, facts.view_range_m)


def camera(session: Session, viewer: viewers.Viewer, camera_id: str, now: datetime) -> views.CameraView:
    """Return one camera.

    Raises:
        NotFound: no such camera for this viewer.
    """
    found = cameras(session, viewer, now, camera_id)
    if not found:
        raise errors.NotFound(f"no camera {camera_id[:63]}")
    return found[0]


def file(session: Session, viewer: viewers.Viewer, media_id: UUID) -> File:
    """Return one media file.

    Raises:
        NotFound: no such file for this viewer, or it was deleted.
    """
    scope = queries.visible_to(viewer)
    row = session.scalar(scope.media().where(tables.Media.media_id == media_id))
    if row is None:
        raise errors.NotFound(f"no media file {media_id}")
    if row.deleted_at is not None:
        raise errors.NotFound(
            f"the file was deleted at {row.deleted_at.isoformat()}, when its time of keeping was over"
        )
    alarm = session.scalar(scope.alarms().where(tables.Alarm.event_id == row.event_id)) if row.event_id else None
    return File(
        row.media_id,
        row.event_id,
        row.request_id,
        alarm.incident_id if alarm else None,
        row.camera_id,
        row.form,
        row.mime,
        row.sha256,
        row.length_bytes,
        row.starts_at,
        masked_of(row.masking),
    )


def masked_of(masking: str | None) -> actions.MaskLevel:
    """Return how much the agent masked: `regions` hides people and plates; an unknown word counts as nothing."""
    return _MASKED.get(masking or "", "none")


def recordings(
    session: Session, viewer: viewers.Viewer, camera_id: str | None, before: str | None, limit: int
) -> views.Page[views.RecordingView]:
    """Return what recorded video was asked for, newest first."""
    table = tables.RecordingRequest
    statement = queries.visible_to(viewer).recordings()
    if camera_id is not None:
        statement = statement.where(table.camera_id == camera_id)
    rows = session.scalars(cursors.page(statement, table.requested_at, table.request_id, before, limit)).all()
    items = [views.RecordingView.model_validate(row) for row in rows[:limit]]
    following = cursors.after_row(items[-1].requested_at, items[-1].request_id) if len(rows) > limit else None
    return views.Page[views.RecordingView](items=items, next=following)


def recording(session: Session, viewer: viewers.Viewer, request_id: UUID) -> views.RecordingView:
    """Return one request for recorded video.

    Raises:
        NotFound: no such request for this viewer.
    """
    table = tables.RecordingRequest
    row = session.scalar(queries.visible_to(viewer).recordings().where(table.request_id == request_id))
    if row is None:
        raise errors.NotFound(f"no recording request {request_id}")
    return views.RecordingView.model_validate(row)


def looks(session: Session, viewer: viewers.Viewer, before: str | None, limit: int) -> views.Page[views.LookView]:
    """Return who looked at what, newest first.

    Raises:
        Refused: the role does not read the record.
    """
    if not viewers.reads_looks(viewer):
        raise errors.Refused(f"the record of looks is for administrators and auditors, not for the role {viewer.role}")
    table = tables.Look
    statement = queries.visible_to(viewer).looks()
    rows = session.scalars(cursors.page(statement, table.at, table.look_id, before, limit)).all()
    items = [views.look_of(row) for row in rows[:limit]]
    following = cursors.after_row(items[-1].at, items[-1].look_id) if len(rows) > limit else None
    return views.Page[views.LookView](items=items, next=following)


def agents(session: Session, viewer: viewers.Viewer, connected: Collection[UUID]) -> views.Page[views.AgentView]:
    """Return every agent, by site, and whether its channel is open."""
    scope, camera_table = queries.visible_to(viewer), tables.Camera
    rows = session.scalars(scope.agents().order_by(tables.Agent.site, tables.Agent.enrolled_at)).all()
    owned = scope.cameras().with_only_columns(camera_table.agent_id, sa.func.count()).group_by(camera_table.agent_id)
    counts: dict[UUID, int] = {row[0]: row[1] for row in session.execute(owned)}
    items = [views.agent_of(row, row.agent_id in connected, counts.get(row.agent_id, 0)) for row in rows]
    return views.Page[views.AgentView](items=items)

"""Reads, scoped to who reads: every read for a person begins with `visible_to(viewer)`.

Invariants: what the viewer's role does not open is not in the statement's result; an unknown role sees nothing; an agency's people see the incidents
shared with it, with their alarms and events, the cameras of its grants in force, and those that it owns: never another agency's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, false, not_, or_, select

from sharing_hub.domain import viewers
from sharing_hub.store import ledger_tables, sharing_tables, tables

T = TypeVar("T", bound=tables.Table)


@dataclass(frozen=True, slots=True)
class Scope:
    """Statements that hold only what one viewer may read. Rows of media and recordings are not pictures: those go through `services.looks`.

    Attributes:
        now: when it is read; without it an agency's people see nothing that depends on a grant.
        own_cameras: those that the district's book says the viewer's agency owns.
    """

    viewer: viewers.Viewer
    now: datetime | None = None
    own_cameras: frozenset[str] = frozenset()

    def cameras(self) -> Select[tables.Camera]:
        """Return the statement for cameras."""
        statement = select(tables.Camera)
        if self._is_partner():
            camera_id = tables.Camera.camera_id
            return statement.where(or_(camera_id.in_(self._granted_cameras()), camera_id.in_(self.own_cameras)))
        return self._of_district(statement)

    def agents(self) -> Select[tables.Agent]:
        """Return the statement for agents: the district's own matter."""
        return self._of_district(select(tables.Agent))

    def events(self) -> Select[tables.Event]:
        """Return the statement for events."""
        statement = select(tables.Event)
        if self._is_partner():
            told = select(tables.Alarm.event_id).where(tables.Alarm.incident_id.in_(self._shared_incidents()))
            return statement.where(tables.Event.event_id.in_(told))
        return self._of_district(statement)

    def incidents(self) -> Select[tables.Incident]:
        """Return the statement for incidents."""
        statement = select(tables.Incident)
        if self._is_partner():
            return statement.where(tables.Incident.incident_id.in_(self._shared_incidents()))
        return self._of_district(statement)

    def alarms(self) -> Select[tables.Alarm]:
        """Return the statement for alarms."""
        statement = select(tables.Alarm)
        if self._is_partner():
            return statement.where(tables.Alarm.incident_id.in_(self._shared_incidents()))
        return self._of_district(statement)

    def incident_history(self) -> Select[tables.IncidentHistory]:
        """Return the statement for what was done to incidents: operators' names are the district's own matter."""
        return self._of_district(select(tables.IncidentHistory))

    def media(self) -> Select[tables.Media]:
        """Return the statement for media rows."""
        statement, media = select(tables.Media), tables.Media
        if self._is_partner():
            told = select(tables.Alarm.event_id).where(tables.Alarm.incident_id.in_(self._shared_incidents()))
            return statement.where(or_(media.event_id.in_(told), media.request_id.in_(self._own_recordings())))
        return self._of_district(statement)

    def media_with_alarms(self) -> tuple[Select[tables.Media], ...]:
        """Return what `media` returns as statements that share no row, each joined with the alarm of the file's event where there is one.

        For long lists: an agency's begins at the incidents shared with it.
        """
        media, alarm = tables.Media, tables.Alarm
        joined = select(media).outerjoin(alarm, alarm.event_id == media.event_id)
        if not self._is_partner():
            return (self._of_district(joined),)
        shared = alarm.incident_id.in_(self._shared_incidents())
        return (
            select(media).join(alarm, alarm.event_id == media.event_id).where(shared),
            joined.where(media.request_id.in_(self._own_recordings()), or_(alarm.incident_id.is_(None), not_(shared))),
        )

    def recordings(self) -> Select[tables.RecordingRequest]:
        """Return the statement for recording requests; an agency's people see their own."""
        statement = select(tables.RecordingRequest)
        if self._is_partner():
            return statement.where(tables.RecordingRequest.requested_by == self.viewer.operator_id)
        return self._of_district(statement)

    def shares(self) -> Select[sharing_tables.IncidentShare]:
        """Return the statement for which incident is shared with which agency; an agency sees its own."""
        statement = select(sharing_tables.IncidentShare)
        if self._is_partner():
            return statement.where(sharing_tables.IncidentShare.agency_id == self.viewer.agency_id)
        return self._of_district(statement)

    def grants(self) -> Select[sharing_tables.Grant]:
        """Return the statement for grants; an agency sees its own, a person of it not those of another person."""
        statement, grant = select(sharing_tables.Grant), sharing_tables.Grant
        if self._is_partner():
            mine = or_(grant.person_id.is_(None), grant.person_id == self.viewer.operator_id)
            return statement.where(grant.agency_id == self.viewer.agency_id, mine)
        return self._of_district(statement)

    def looks(self) -> Select[tables.Look]:
        """Return the statement for looks; for administrators and auditors."""
        statement = select(tables.Look)
        return statement if viewers.reads_looks(self.viewer) else statement.where(false())

    def deletions(self) -> Select[tables.Deletion]:
        """Return the statement for deletions; for administrators and auditors."""
        statement = select(tables.Deletion)
        return statement if viewers.reads_looks(self.viewer) else statement.where(false())

    def ledger(self) -> Select[ledger_tables.Entry]:
        """Return the statement for ledger entries; for administrators and auditors."""
        statement = select(ledger_tables.Entry)
        return statement if viewers.reads_ledger(self.viewer) else statement.where(false())

    def registers(self) -> Select[ledger_tables.Entry]:
        """Return the statement for the ledger entries that registers are made of; for leaders too."""
        statement = select(ledger_tables.Entry)
        return statement if viewers.reads_registers(self.viewer) else statement.where(false())

    def _is_partner(self) -> bool:
        return viewers.is_partner(self.viewer)

    def _of_district(self, statement: Select[T]) -> Select[T]:
        return statement if viewers.sees_rows(self.viewer) else statement.where(false())

    def _shared_incidents(self) -> Select[UUID]:
        share = sharing_tables.IncidentShare
        return select(share.incident_id).where(share.agency_id == self.viewer.agency_id, share.withdrawn_at.is_(None))

    def _own_recordings(self) -> Select[UUID]:
        table = tables.RecordingRequest
        return select(table.request_id).where(table.requested_by == self.viewer.operator_id)

    def _granted_cameras(self) -> Select[str]:
        grant, camera = sharing_tables.Grant, sharing_tables.GrantCamera
        statement = select(camera.camera_id).join(grant, grant.grant_id == camera.grant_id)
        if self.now is None:
            return statement.where(false())
        return statement.where(
            grant.agency_id == self.viewer.agency_id,
            or_(grant.person_id.is_(None), grant.person_id == self.viewer.operator_id),
            grant.starts_at <= self.now,
            grant.ends_at > self.now,
            grant.revoked_at.is_(None),
        )


def visible_to(viewer: viewers.Viewer, now: datetime | None = None, own_cameras: frozenset[str] = frozenset()) -> Scope:
    """Return the statements that hold only what `viewer` may read at `now`; `own_cameras` are those of the viewer's agency."""
    return Scope(viewer, now, own_cameras)

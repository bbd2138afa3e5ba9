"""Reads, scoped to who reads: every read for a person begins with `visible_to(viewer)`.

Invariant: what the viewer's role does not open is not in the statement's result; an unknown role sees nothing.
"""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, false, select

from sharing_hub.domain import viewers
from sharing_hub.store import ledger_tables, tables

T = TypeVar("T", bound=tables.Table)


@dataclass(frozen=True, slots=True)
class Scope:
    """Statements that hold only what one viewer may read. Rows of media and recordings are not pictures: those go through `services.looks`."""

    viewer: viewers.Viewer

    def cameras(self) -> Select[tables.Camera]:
        """Return the statement for cameras."""
        return self._rows(select(tables.Camera))

    def agents(self) -> Select[tables.Agent]:
        """Return the statement for agents."""
        return self._rows(select(tables.Agent))

    def events(self) -> Select[tables.Event]:
        """Return the statement for events."""
        return self._rows(select(tables.Event))

    def incidents(self) -> Select[tables.Incident]:
        """Return the statement for incidents."""
        return self._rows(select(tables.Incident))

    def alarms(self) -> Select[tables.Alarm]:
        """Return the statement for alarms."""
        return self._rows(select(tables.Alarm))

    def incident_history(self) -> Select[tables.IncidentHistory]:
        """Return the statement for what was done to incidents."""
        return self._rows(select(tables.IncidentHistory))

    def media(self) -> Select[tables.Media]:
        """Return the statement for media rows."""
        return self._rows(select(tables.Media))

    def recordings(self) -> Select[tables.RecordingRequest]:
        """Return the statement for recording requests."""
        return self._rows(select(tables.RecordingRequest))

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

    def _rows(self, statement: Select[T]) -> Select[T]:
        return statement if viewers.sees_rows(self.viewer) else statement.where(false())


def visible_to(viewer: viewers.Viewer) -> Scope:
    """Return the statements that hold only what `viewer` may read."""
    return Scope(viewer)

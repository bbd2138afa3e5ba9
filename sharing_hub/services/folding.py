"""Folding: alarms of the same camera and kind within 60 s become one incident with a count.

The ids of an alarm and of an incident follow from the event's id, so that nothing here depends on chance.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sharing_hub.domain import incidents, rules
from sharing_hub.store import database, tables

_ALARM_IDS = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a01")
_INCIDENT_IDS = uuid.UUID("9f0c4c3c-6f0b-4c2e-9d43-6f1f7d0a1a02")
_ALARMS, _INCIDENTS = tables.core(tables.Alarm), tables.core(tables.Incident)
_FIELDS = ("opened_at", "last_alarm_at", "latest_event_id", "alarm_count", "version")
_COLUMNS = _INCIDENTS.c
# Made once: building a statement costs more than running it.
_CANDIDATES = (
    select(*(_COLUMNS[name] for name in ("camera_id", "kind", "incident_id", "state", *_FIELDS)))
    .where(_COLUMNS.camera_id.in_(bindparam("cameras", expanding=True)))
    .where(_COLUMNS.kind.in_(bindparam("kinds", expanding=True)))
    .where(_COLUMNS.last_alarm_at.between(bindparam("first"), bindparam("last")))
    .where(_COLUMNS.state.in_(incidents.OPEN_STATES))
    .order_by(_COLUMNS.last_alarm_at)
)
_INSERT_INCIDENTS, _INSERT_ALARMS = _INCIDENTS.insert(), _ALARMS.insert()
_FOLD = (
    _INCIDENTS.update()
    .where(_COLUMNS.incident_id == bindparam("b_incident_id"))
    .values({name: bindparam(f"b_{name}") for name in _FIELDS})
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that is stored in this transaction and may make an alarm."""

    event_id: UUID
    camera_id: str
    kind: str
    raised_at: datetime


@dataclass(slots=True)
class _Open:
    incident_id: UUID
    state: str
    opened_at: datetime
    last_alarm_at: datetime
    latest_event_id: UUID
    alarm_count: int
    version: int


def raise_alarms(session: Session, occurrences: Sequence[Occurrence], rule_of: rules.Rules, now: datetime) -> None:
    """Make an alarm of each occurrence whose rule says so, and fold it into its incident. Once per event."""
    raised = [o for o in occurrences if rule_of[o.kind].raises_alarm]
    if not raised:
        return
    known = _undecided(session, raised)
    fresh: dict[UUID, dict[str, object]] = {}
    changed: dict[UUID, _Open] = {}
    alarms: list[dict[str, object]] = []
    for occurrence in raised:
        candidates = known[occurrence.camera_id, occurrence.kind]
        incident = _place(candidates, occurrence)
        if incident is None:
            incident = _opened(occurrence)
            candidates.append(incident)
            fresh[incident.incident_id] = _first(occurrence, rule_of[occurrence.kind].severity)
        else:
            _fold(incident, occurrence)
        changed[incident.incident_id] = incident
        alarms.append(_alarm(incident, occurrence, now))
    if fresh:
        rows = [first | _state(changed[key]) for key, first in fresh.items()]
        session.connection().execute(_INSERT_INCIDENTS, rows)
    if folded := [_state(incident) for key, incident in changed.items() if key not in fresh]:
        session.connection().execute(_FOLD, [{f"b_{name}": value for name, value in row.items()} for row in folded])
    session.connection().execute(_INSERT_ALARMS, alarms)
    for incident_id in changed:
        database.note(session, "incident", incident_id)


def _undecided(session: Session, raised: Sequence[Occurrence]) -> Mapping[tuple[str, str], list[_Open]]:
    times = [o.raised_at for o in raised]
    bounds = {
        "cameras": list({o.camera_id for o in raised}),
        "kinds": list({o.kind for o in raised}),
        "first": min(times) - incidents.FOLD_WINDOW,
        "last": max(times) + incidents.FOLD_WINDOW,
    }
    rows = session.connection().execute(_CANDIDATES, bounds)
    found: dict[tuple[str, str], list[_Open]] = defaultdict(list)
    for row in rows:
        camera_id, kind, incident_id, state, opened_at, last_alarm_at, latest_event_id, alarm_count, version = row
        incident = _Open(incident_id, state, opened_at, last_alarm_at, latest_event_id, alarm_count, version)
        found[camera_id, kind].append(incident)
    return found


def _place(candidates: Sequence[_Open], occurrence: Occurrence) -> _Open | None:
    fits = (i for i in reversed(candidates) if incidents.folds(i.state, i.last_alarm_at, occurrence.raised_at))
    return next(fits, None)


def _opened(occurrence: Occurrence) -> _Open:
    incident_id = uuid.uuid5(_INCIDENT_IDS, str(occurrence.event_id))
    return _Open(incident_id, "new", occurrence.raised_at, occurrence.raised_at, occurrence.event_id, 1, 1)


def _fold(incident: _Open, occurrence: Occurrence) -> None:
    incident.alarm_count += 1
    incident.version += 1
    incident.opened_at = min(incident.opened_at, occurrence.raised_at)
    if occurrence.raised_at >= incident.last_alarm_at:
        incident.last_alarm_at = occurrence.raised_at
        incident.latest_event_id = occurrence.event_id


def _first(occurrence: Occurrence, severity: int) -> dict[str, object]:
    return {
        "camera_id": occurrence.camera_id,
        "kind": occurrence.kind,
        "severity": severity,
        "state": "new",
        "first_event_id": occurrence.event_id,
    }


def _state(incident: _Open) -> dict[str, object]:
    return {
        "incident_id": incident.incident_id,
        "opened_at": incident.opened_at,
        "last_alarm_at": incident.last_alarm_at,
        "latest_event_id": incident.latest_event_id,
        "alarm_count": incident.alarm_count,
        "version": incident.version,
    }


def _alarm(incident: _Open, occurrence: Occurrence, now: datetime) -> dict[str, object]:
    return {
        "alarm_id": uuid.uuid5(_ALARM_IDS, str(occurrence.event_id)),
        "event_id": occurrence.event_id,
        "incident_id": incident.incident_id,
        "raised_at": occurrence.raised_at,
        "created_at": now,
    }
